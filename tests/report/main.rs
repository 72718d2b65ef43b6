//! The report of a case: golden pages of drawn cells, the same record twice, files that changed, disks that are full.

#[path = "../common/mod.rs"]
mod common;
mod drawn;
mod golden;
#[cfg(unix)]
mod outputs;
mod program;
