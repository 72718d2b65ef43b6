//! The memory of a forward pass, kept from one to the next.

use std::sync::{Mutex, PoisonError};

use crate::model::kernels::{Buffer, Scratch};

/// The pictures between the layers of a bottleneck.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// What the bottleneck reads.
    pub input: Buffer,
    /// What its first two convolutions write.
    pub narrow: [Buffer; 2],
    /// What its projection writes.
    pub shortcut: Buffer,
    /// What it writes.
    pub output: Buffer,
}

/// Memory for as many pictures at a time as there are threads.
#[derive(Debug)]
pub(super) struct Workspace {
    pub pictures: Vec<Pictures>,
    pub scratch: Vec<Scratch>,
}

/// Workspaces that wait for a forward pass; there are as many as ran at a time.
#[derive(Debug, Default)]
pub(super) struct Workspaces(Mutex<Vec<Workspace>>);

impl Workspaces {
    /// Runs `with` on a workspace for `threads` threads.
    pub fn lend<T>(&self, threads: usize, with: impl FnOnce(&mut Workspace) -> T) -> T {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut workspace = kept.unwrap_or(Workspace { pictures: Vec::new(), scratch: Vec::new() });
        workspace.pictures.resize_with(threads, Pictures::default);
        workspace.scratch.resize_with(threads, Scratch::default);
        let result = with(&mut workspace);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        result
    }
}
