//! The program on a real pseudo-terminal: what it paints, what keys do, and that the terminal is given back.
//!
//! Tests wait for text and never sleep; a terminal is played by [`harness`], as silent or as talkative as a test needs.
#![cfg(unix)]

mod account;
mod alike;
mod child;
#[path = "../common/mod.rs"]
mod common;
mod emulator;
mod gallery;
mod harness;
mod keys;
mod pictures;
mod readme;
mod review;
mod second;
mod session;
