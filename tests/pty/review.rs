//! The review of the demo case on a real pseudo-terminal.
