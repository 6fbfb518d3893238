//! What the page computes before it draws: pure, and tested without a browser.

pub(crate) mod address;
pub(crate) mod axis;
pub(crate) mod breakpoint;
pub(crate) mod fault;
pub(crate) mod format;
pub(crate) mod key;
pub(crate) mod line;
pub(crate) mod marker;
pub(crate) mod playback;
pub(crate) mod query;
pub(crate) mod regions;
pub(crate) mod scenario;
pub(crate) mod seek;
pub(crate) mod share;
pub(crate) mod term;
pub(crate) mod track;
pub(crate) mod tree;
pub(crate) mod window;
