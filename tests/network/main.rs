//! The network against PyTorch's figures, damaged and foreign files, and the stream of images.
//!
//! One binary for all of it: linking costs more than running.

#[path = "../common/mod.rs"]
mod common;
mod files;
mod gradients;
mod originals;
mod reference;
mod stream;
mod support;
mod torchvision;
