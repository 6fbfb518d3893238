//! The engine behind the page, in a worker of its own.
//!
//! A [`session::Session`] is what is open; it is told what the page asks and says what the page
//! shall know, and needs no browser for it. [`opening::Opening`] is a file on its way in. The
//! [`shell`] moves messages and bytes, and never works for long without looking for messages: so
//! Cancel and Stop are heard.

mod budget;
mod cluster;
mod density;
mod diff;
mod export;
mod find;
mod futures;
mod kept;
mod key;
mod list;
mod moments;
mod opening;
mod proposal;
mod row;
mod rows;
mod session;
mod shell;
mod study;
#[cfg(test)]
mod tests;
mod unpack;

pub(crate) use shell::start;
