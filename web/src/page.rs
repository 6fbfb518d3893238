//! The pages: each reads the store, chooses what to show, and places components.

pub(crate) mod chaos;
pub(crate) mod cluster;
pub(crate) mod commands;
pub(crate) mod definitions;
pub(crate) mod overview;
pub(crate) mod settings;
pub(crate) mod streams;
pub(crate) mod view;
pub(crate) mod views;
