//! ui

mod palette;
pub mod picture;
