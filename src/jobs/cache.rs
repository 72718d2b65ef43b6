//! Pictures that are ready, the least recently shown ones dropped first.

use std::{num::NonZeroUsize, sync::Arc};

use image::RgbImage;
use lru::LruCache;

use crate::ui::{Picture, PictureRequest};

/// What a failed picture counts as; its message is short.
const FAILURE_BYTES: usize = 256;

/// A cache bounded by bytes.
#[derive(Debug)]
pub(super) struct PictureCache {
    entries: LruCache<PictureRequest, Entry>,
    bytes: usize,
    limit: usize,
}

#[derive(Debug)]
enum Entry {
    Ready(Arc<RgbImage>),
    Failed(String),
}

impl Entry {
    fn bytes(&self) -> usize {
        match self {
            Self::Ready(image) => image.as_raw().len(),
            Self::Failed(_) => FAILURE_BYTES,
        }
    }
}

impl PictureCache {
    /// One of so many bytes.
    pub fn new(limit: usize) -> Self {
        // The number of entries is bounded by their bytes.
        Self { entries: LruCache::unbounded(), bytes: 0, limit }
    }

    pub fn put(&mut self, request: PictureRequest, result: Result<Arc<RgbImage>, String>) {
        let entry = result.map_or_else(Entry::Failed, Entry::Ready);
        self.bytes += entry.bytes();
        if let Some((_, old)) = self.entries.push(request, entry) {
            self.bytes -= old.bytes();
        }
        while self.bytes > self.limit && self.entries.len() > 1 {
            if let Some((_, old)) = self.entries.pop_lru() {
                self.bytes -= old.bytes();
            }
        }
    }

    pub fn get(&mut self, request: &PictureRequest) -> Picture {
        match self.entries.get(request) {
            Some(Entry::Ready(image)) => Picture::Ready(image.clone()),
            Some(Entry::Failed(why)) => Picture::Failed(why.clone()),
            None => Picture::Waiting,
        }
    }

    pub fn contains(&self, request: &PictureRequest) -> bool {
        self.entries.contains(request)
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.entries.resize(NonZeroUsize::MAX);
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CellId;

    #[test]
    fn the_least_recently_shown_pictures_go_first_and_bytes_stay_bounded() {
        let mut cache = PictureCache::new(10 * 300);
        let request =
            |i: i64| PictureRequest { cell: CellId(i), size: (10, 10), percent: 100, explain: None, thrift: None };
        for i in 0..10 {
            cache.put(request(i), Ok(Arc::new(RgbImage::new(10, 10))));
        }
        assert!(matches!(cache.get(&request(0)), Picture::Ready(_)));
        cache.put(request(10), Ok(Arc::new(RgbImage::new(10, 10))));
        assert!(cache.contains(&request(0)) && !cache.contains(&request(1)));
        cache.put(request(10), Err("gone".to_owned()));
        assert!(matches!(cache.get(&request(10)), Picture::Failed(_)));
        assert_eq!(cache.bytes, 9 * 300 + FAILURE_BYTES);
        // One that is larger than all the room is kept alone: it is on the screen.
        cache.put(request(11), Ok(Arc::new(RgbImage::new(100, 100))));
        assert_eq!((cache.entries.len(), cache.bytes), (1, 30_000));
        cache.clear();
        assert_eq!((cache.entries.len(), cache.bytes), (0, 0));
    }
}
