//! The examples of the README, so that they are compiled and run.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]
