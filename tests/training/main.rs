//! Training against PyTorch's figures; `tests/fixtures/gradients.py` wrote them.

mod operators;
mod reference;
mod support;
mod written;
