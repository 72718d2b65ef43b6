//! Frames: a vertical tab, the message, a file separator and a carriage return. Receivers that leave out the first or the last of them,
//! or end lines otherwise, are understood.

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

    /// The next whole message: from a start, or from its header where the start is missing, to an end, whatever follows that or does
    /// not. What stands outside is dropped.
    pub fn next_message(&mut self) -> Option<Vec<u8>> {
        loop {
            let end = self.bytes.iter().position(|b| *b == END[0])?;
            let frame: Vec<u8> = self.bytes.drain(..=end).collect();
            if let Some(start) = start(&frame) {
                return Some(frame[start..end].to_vec());
            }
        }
    }

    /// What came in without an end, once nothing more will come: a message whose every segment is whole, or nothing.
    pub fn rest(&mut self) -> Option<Vec<u8>> {
        let bytes = std::mem::take(&mut self.bytes);
        let start = start(&bytes)?;
        let is_whole = matches!(bytes.last(), Some(b'\r' | b'\n'));
        is_whole.then(|| bytes[start..].to_vec())
    }
}

/// Where a message begins: behind the last start, else at its header.
fn start(bytes: &[u8]) -> Option<usize> {
    let marked = bytes.iter().rposition(|b| *b == START).map(|at| at + 1);
    marked.or_else(|| bytes.windows(3).position(|w| w == b"MSH"))
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

    #[test]
    fn sloppy_frames_are_understood() {
        for (stream, messages) in [
            ("\u{b}MSH|a\r\u{1c}", &["MSH|a\r"][..]),
            ("\u{b}MSH|a\r\u{1c}\n\u{b}MSH|b\r\u{1c}\n", &["MSH|a\r", "MSH|b\r"]),
            ("MSH|a\n\u{1c}\rMSH|b\r\u{1c}", &["MSH|a\n", "MSH|b\r"]),
            ("\u{b}MSH|half\u{b}MSH|a\r\u{1c}\r", &["MSH|a\r"]),
            ("\r\n\u{1c}\r\u{b}MSH|a\r\u{1c}\r", &["MSH|a\r"]),
        ] {
            for size in 1..=stream.len() {
                let (mut frames, mut found) = (Frames::default(), Vec::new());
                for piece in stream.as_bytes().chunks(size) {
                    frames.push(piece).expect("short");
                    found.extend(std::iter::from_fn(|| frames.next_message()));
                }
                let found: Vec<_> = found.iter().map(|m| String::from_utf8_lossy(m).into_owned()).collect();
                assert_eq!(found, messages, "{stream:?} in pieces of {size}");
            }
        }
        let rest = |bytes: &[u8]| {
            let mut frames = Frames::default();
            frames.push(bytes).expect("short");
            (frames.next_message(), frames.rest())
        };
        assert_eq!(rest(b"\x0bMSH|a\rMSA|AA|1\r"), (None, Some(b"MSH|a\rMSA|AA|1\r".to_vec())));
        assert_eq!(rest(b"\x0bMSH|a\rMSA|AA|1"), (None, None), "a segment without an end may be half of one");
    }
}
