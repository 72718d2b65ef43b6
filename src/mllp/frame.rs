//! Frames: a vertical tab, the message, a file separator and a carriage return.

const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];
/// The longest message that is taken, in bytes: an acknowledgement is a few hundred.
const LONGEST: usize = 16 << 20;

/// A message in its frame.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 3);
    bytes.push(START);
    bytes.extend_from_slice(message);
    bytes.extend_from_slice(&END);
    bytes
}

/// Finds the messages in what comes in, piece by piece.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    /// Takes the next piece.
    ///
    /// # Errors
    /// When the other side sends more than a message can be.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), &'static str> {
        self.bytes.extend_from_slice(piece);
        if self.bytes.len() > LONGEST { Err("it sends more than a message can be") } else { Ok(()) }
    }

    /// The next whole message; what stands outside frames is dropped.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        let Some(start) = self.bytes.iter().position(|b| *b == START) else {
            self.bytes.clear();
            return None;
        };
        self.bytes.drain(..start);
        let end = self.bytes.windows(2).position(|w| w == END)?;
        let message = self.bytes[1..end].to_vec();
        self.bytes.drain(..end + END.len());
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = [b"noise".as_slice(), &framed(b"one"), b"\r\n", &framed("zw\u{f6}lf".as_bytes())].concat();
        for size in 1..stream.len() {
            let (mut frames, mut found) = (Frames::default(), Vec::new());
            for piece in stream.chunks(size) {
                frames.push(piece).expect("short");
                found.extend(std::iter::from_fn(|| frames.next_message()));
            }
            assert_eq!(found, [b"one".to_vec(), "zw\u{f6}lf".as_bytes().to_vec()], "pieces of {size}");
        }
        let mut frames = Frames::default();
        assert!(frames.push(&vec![START; LONGEST + 1]).is_err());
    }
}
