//! Huffman codes and the bits that they are read from.

use super::{Damage, EARLY};

/// Codes up to this length are looked up at once.
const FAST: u32 = 9;

/// A table of codes.
pub(super) struct Huffman {
    /// Length and symbol by the next nine bits; length 0: a longer code, or none.
    fast: Vec<(u8, u8)>,
    /// For each length: one more than its last code, and where its first symbol is less its first code.
    ends: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Huffman {
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self { fast: vec![(0, 0); 1 << FAST], ends: [(0, 0); 17], symbols: symbols.to_vec() };
        let (mut code, mut at) = (0_u32, 0_usize);
        for length in 1..=16_u32 {
            let n = usize::from(counts[length as usize - 1]);
            table.ends[length as usize] = (code + n as u32, at as i32 - code as i32);
            for _ in 0..n {
                if code >= 1 << length {
                    return None;
                }
                if length <= FAST {
                    let from = (code << (FAST - length)) as usize;
                    table.fast[from..from + (1 << (FAST - length))].fill((length as u8, symbols[at]));
                }
                (code, at) = (code + 1, at + 1);
            }
            code <<= 1;
        }
        Some(table)
    }
}

/// The bits of entropy-coded data up to the next marker.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to be taken in; a marker, once there is nothing more.
    at: usize,
    kept: u64,
    have: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, kept: 0, have: 0 }
    }

    fn fill(&mut self) {
        while self.have <= 48 {
            match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(0)) => self.take(0xff, 2),
                (Some(0xff), _) | (None, _) => return,
                (Some(&byte), _) => self.take(byte, 1),
            }
        }
    }

    fn take(&mut self, byte: u8, step: usize) {
        self.kept = self.kept << 8 | u64::from(byte);
        self.have += 8;
        self.at += step;
    }

    /// The next `n` bits without taking them; zeros after the end.
    fn peek(&self, n: u32) -> u32 {
        let mask = (1_u64 << n) - 1;
        let bits = if self.have >= n { self.kept >> (self.have - n) } else { self.kept << (n - self.have) };
        (bits & mask) as u32
    }

    fn skip(&mut self, n: u32) -> Result<(), Damage> {
        self.have = self.have.checked_sub(n).ok_or(EARLY)?;
        Ok(())
    }

    /// Takes `n` bits, at most 16.
    pub fn number(&mut self, n: u32) -> Result<u32, Damage> {
        if self.have < n {
            self.fill();
        }
        let bits = self.peek(n);
        self.skip(n)?;
        Ok(bits)
    }

    /// Takes a symbol. `Ok(None)`: the bits are no code.
    pub fn symbol(&mut self, table: &Huffman) -> Result<Option<u8>, Damage> {
        if self.have < 16 {
            self.fill();
        }
        let (length, symbol) = table.fast[self.peek(FAST) as usize];
        if length > 0 {
            self.skip(u32::from(length))?;
            return Ok(Some(symbol));
        }
        for length in FAST + 1..=16 {
            let code = self.peek(length);
            let (end, offset) = table.ends[length as usize];
            if code < end {
                self.skip(length)?;
                return Ok(usize::try_from(code as i32 + offset).ok().and_then(|i| table.symbols.get(i)).copied());
            }
        }
        if self.have < 16 { Err(EARLY) } else { Ok(None) }
    }

    /// Ends an interval: whole bytes that are left before the next marker, and where that is. Leaves the bits of the last
    /// byte, which only fill it.
    pub fn finish(self) -> (usize, usize) {
        let mut left = self.have as usize / 8;
        let mut at = self.at;
        loop {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (None, _) => return (left, at),
                (Some(0xff), Some(0)) => (left, at) = (left + 1, at + 2),
                // Fill bytes may stand before a marker.
                (Some(0xff), Some(0xff)) => at += 1,
                (Some(0xff), _) => return (left, at),
                _ => (left, at) = (left + 1, at + 1),
            }
        }
    }
}
