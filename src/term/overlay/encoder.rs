//! Makes pictures ready on the threads that decode them, so that the thread that writes to the terminal need not.

use std::sync::{Arc, Mutex, PoisonError};

use image::RgbImage;
use lru::LruCache;

use super::{Key, Protocol, encode};

/// Bytes of encoded pictures that are kept.
const KEPT: usize = 24 << 20;

/// Encodes pictures for a terminal; clones share what is ready.
#[derive(Debug, Clone)]
pub struct Encoder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    protocol: Protocol,
    ready: Mutex<Ready>,
}

#[derive(Debug)]
struct Ready {
    entries: LruCache<Key, Arc<[u8]>>,
    bytes: usize,
}

impl Encoder {
    pub(super) fn new(protocol: Protocol) -> Self {
        let ready = Ready { entries: LruCache::unbounded(), bytes: 0 };
        Self(Arc::new(Shared { protocol, ready: Mutex::new(ready) }))
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.0.protocol
    }

    /// Encodes the picture called `id` for about so many bytes (see [`crate::ui::WantedPicture`]), so that it can be painted at once.
    pub fn prepare(&self, id: u64, image: &RgbImage, bytes: Option<u32>) {
        if !self.0.protocol.is_viuers(image, bytes) {
            // What cannot be encoded is not painted either, and nothing else is lost.
            let _ = self.encoded((id, image.dimensions()), image, bytes);
        }
    }

    /// The picture as its protocol carries it; encoded now if nobody did before. `None`: it cannot be.
    pub(super) fn encoded(&self, key: Key, image: &RgbImage, bytes: Option<u32>) -> Option<Arc<[u8]>> {
        if let Some(known) = self.lock().entries.get(&key) {
            return Some(known.clone());
        }
        let made = match self.0.protocol {
            Protocol::None => return None,
            Protocol::Kitty(_) => encode::kitty(image, bytes),
            Protocol::Iterm2 { .. } => encode::iterm2(image, bytes),
            Protocol::Sixel { .. } => encode::sixel(image, bytes),
        };
        let made: Arc<[u8]> = made.ok()?.into();
        let mut ready = self.lock();
        ready.bytes += made.len();
        if let Some((_, old)) = ready.entries.push(key, made.clone()) {
            ready.bytes -= old.len();
        }
        while ready.bytes > KEPT && ready.entries.len() > 1 {
            if let Some((_, old)) = ready.entries.pop_lru() {
                ready.bytes -= old.len();
            }
        }
        Some(made)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ready> {
        // Nothing under the lock can be left half done.
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::overlay::wire::Wire;

    #[test]
    fn what_was_prepared_is_not_encoded_again_and_little_is_kept() {
        let encoder = Encoder::new(Protocol::Kitty(Wire::Plain));
        let image = RgbImage::from_pixel(40, 40, image::Rgb([200, 100, 150]));
        encoder.clone().prepare(1, &image, None);
        let first = encoder.encoded((1, (40, 40)), &image, None).expect("encodes");
        let again = encoder.encoded((1, (40, 40)), &image, None).expect("encodes");
        assert!(Arc::ptr_eq(&first, &again));
        let mut n = 1_u32;
        let noise = RgbImage::from_fn(400, 400, |_, _| {
            n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb([(n >> 24) as u8, (n >> 16) as u8, (n >> 8) as u8])
        });
        for id in 2..80 {
            encoder.prepare(id, &noise, Some(4_000_000));
        }
        assert!(encoder.lock().bytes <= KEPT && encoder.lock().entries.len() > 10);
        assert!(encoder.lock().entries.peek(&(1, (40, 40))).is_none(), "the oldest went");
    }
}
