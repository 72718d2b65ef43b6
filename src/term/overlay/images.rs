//! Which pictures the terminal holds under which number (kitty's protocol): each is sent once, and the least recently shown ones
//! are given up before they are too many.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, Hasher as _, RandomState},
};

use lru::LruCache;

use super::{Key, placeholder::MAX_ID, wire::Wire};

/// Most pictures that the terminal is asked to hold. Numbers are a random base and one of these.
const MOST: u32 = 1023;
/// Bytes of decoded pictures after which it is asked to hold fewer; kitty itself stops at 320 MB.
const MOST_BYTES: usize = 48 << 20;

/// The pictures that were sent.
#[derive(Debug)]
pub(super) struct Images {
    base: u32,
    sent: LruCache<Key, (u32, usize)>,
    bytes: usize,
    free: Vec<u32>,
    /// The highest number that was used, less the base.
    high: u32,
}

impl Images {
    /// None yet. The numbers start where another program's hardly do.
    pub fn new(wire: Wire) -> Self {
        let random = RandomState::new().build_hasher().finish() as u32;
        // A placeholder's colour has 24 bits.
        let most = if wire == Wire::Tmux { MAX_ID >> 10 } else { u32::MAX >> 10 };
        Self {
            base: (random % most + 1).min(most) << 10,
            sent: LruCache::unbounded(),
            bytes: 0,
            free: (1..=MOST).rev().collect(),
            high: 0,
        }
    }

    /// The number of a picture that was sent; it counts as shown now.
    pub fn get(&mut self, key: &Key) -> Option<u32> {
        self.sent.get(key).map(|(slot, _)| self.base | slot)
    }

    /// A number for a picture that is to be sent, and the numbers of those that are given up for it, which are none of `keep`;
    /// `None`: more are wanted at a time than there are numbers.
    pub fn add(&mut self, key: Key, keep: &HashSet<Key>) -> Option<(u32, Vec<u32>)> {
        let bytes = key.1.0 as usize * key.1.1 as usize * 4;
        let mut gone = Vec::new();
        while self.free.is_empty() || self.bytes + bytes > MOST_BYTES {
            // Those that are kept were asked for a moment ago, so that the first of the others is soon found.
            let oldest = self.sent.iter().rev().map(|(key, _)| *key).find(|key| !keep.contains(key));
            let Some((slot, bytes)) = oldest.and_then(|key| self.sent.pop(&key)) else { break };
            self.bytes -= bytes;
            self.free.push(slot);
            gone.push(self.base | slot);
        }
        let slot = self.free.pop()?;
        self.high = self.high.max(slot);
        self.bytes += bytes;
        self.sent.push(key, (slot, bytes));
        Some((self.base | slot, gone))
    }

    /// The base of the numbers, and how many of those after it may be in use.
    pub fn range(&self) -> (u32, u32) {
        (self.base, self.high)
    }

    /// The terminal holds none any more.
    pub fn forget(&mut self) {
        self.sent.clear();
        self.bytes = 0;
        self.free = (1..=MOST).rev().collect();
        self.high = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64, side: u32) -> Key {
        (n, (side, side))
    }

    #[test]
    fn the_oldest_pictures_are_given_up_and_those_on_the_screen_never() {
        let mut images = Images::new(Wire::Plain);
        let keep: HashSet<Key> = (0..10).map(|n| key(n, 1000)).collect();
        let mut numbers = HashSet::new();
        let mut held = HashSet::new();
        for n in 0..200 {
            let (id, gone) = images.add(key(n, 1000), &keep).expect("there are numbers");
            gone.iter().for_each(|id| assert!(held.remove(id), "given up once"));
            assert!(held.insert(id), "no number twice at a time");
            numbers.insert(id);
        }
        assert_eq!(held.len(), MOST_BYTES / 4_000_000);
        assert!((0..10).all(|n| images.get(&key(n, 1000)).is_some()) && images.get(&key(10, 1000)).is_none());
        let (base, high) = images.range();
        assert!(numbers.iter().all(|id| (base + 1..=base + high).contains(id)));
    }

    #[test]
    fn there_are_as_many_numbers_as_thumbnails_on_a_large_screen_and_no_more() {
        let mut images = Images::new(Wire::Tmux);
        let all: HashSet<Key> = (0..2000).map(|n| key(n, 8)).collect();
        let ids: Vec<_> = (0..2000).filter_map(|n| images.add(key(n, 8), &all)).map(|(id, _)| id).collect();
        assert_eq!(ids.len(), MOST as usize);
        assert!(ids.iter().all(|&id| id <= MAX_ID && id > MOST));
        images.forget();
        assert!(images.get(&key(0, 8)).is_none() && images.add(key(0, 8), &all).is_some());
    }
}
