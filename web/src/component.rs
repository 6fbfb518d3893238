//! What pages are made of: signals in, callbacks out.

pub(crate) mod badge;
pub(crate) mod crash;
pub(crate) mod dialog;
pub(crate) mod drawer;
pub(crate) mod grid;
pub(crate) mod header;
pub(crate) mod help;
pub(crate) mod history;
pub(crate) mod icon;
pub(crate) mod json_tree;
pub(crate) mod lane;
pub(crate) mod mapping;
pub(crate) mod minimap;
pub(crate) mod notice;
pub(crate) mod opener;
pub(crate) mod progress;
pub(crate) mod rail;
pub(crate) mod time_bar;
pub(crate) mod track;
pub(crate) mod what_if;
pub(crate) mod why;
