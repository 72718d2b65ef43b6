//! A batch in pieces that a device's memory can hold.

use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Error, Result};

/// Runs `compute` over `items`, at most `most` at once, and halves `most` for good when the device has no memory left.
///
/// # Errors
/// What `compute` says, unless it is want of memory for more than one item.
pub(super) fn in_pieces<T, R>(
    items: &[T],
    most: &AtomicUsize,
    mut compute: impl FnMut(&[T]) -> Result<R>,
) -> Result<Vec<R>> {
    let (mut parts, mut left) = (Vec::new(), items);
    while !left.is_empty() {
        let count = most.load(Ordering::Relaxed).clamp(1, left.len());
        match compute(&left[..count]) {
            Ok(part) => {
                parts.push(part);
                left = &left[count..];
            }
            Err(e) if count > 1 && is_out_of_memory(&e) => most.store(count / 2, Ordering::Relaxed),
            Err(e) => return Err(e),
        }
    }
    Ok(parts)
}

/// Whether a computation failed for want of memory on the device.
fn is_out_of_memory(error: &Error) -> bool {
    // candle passes the driver's words on: CUDA_ERROR_OUT_OF_MEMORY, and `out of memory` of cuBLAS and Metal.
    let said = format!("{error:?}").to_lowercase();
    ["out_of_memory", "out of memory", "outofmemory", "alloc_failed"].iter().any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Error {
        Error::Cuda(text.to_owned().into())
    }

    #[test]
    fn a_batch_that_memory_cannot_hold_is_halved_and_the_next_one_starts_there() {
        let most = AtomicUsize::new(32);
        let items: Vec<u32> = (0..50).collect();
        let mut tried = Vec::new();
        let mut compute = |piece: &[u32]| {
            tried.push(piece.len());
            if piece.len() > 9 { Err(error("DriverError(CUDA_ERROR_OUT_OF_MEMORY)")) } else { Ok(piece.to_vec()) }
        };
        let parts = in_pieces(&items, &most, &mut compute).expect("computed");
        assert_eq!(parts.concat(), items, "nothing is lost, nothing twice, in order");
        in_pieces(&items[..20], &most, &mut compute).expect("computed");
        assert_eq!(tried, [32, 16, 8, 8, 8, 8, 8, 8, 2, 8, 8, 4]);
    }

    #[test]
    fn what_one_image_needs_too_much_memory_for_and_every_other_failure_are_passed_on() {
        let most = AtomicUsize::new(4);
        let failed = in_pieces(&[1, 2, 3], &most, |_| Err::<(), _>(error("out of memory"))).expect_err("no memory");
        assert!(failed.to_string().contains("out of memory") && most.load(Ordering::Relaxed) == 1);
        let most = AtomicUsize::new(4);
        let failed = in_pieces(&[1, 2, 3], &most, |_| Err::<(), _>(error("misaligned address"))).expect_err("broken");
        assert!(failed.to_string().contains("misaligned") && most.load(Ordering::Relaxed) == 4);
    }
}
