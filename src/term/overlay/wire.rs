//! Commands of kitty's protocol, and the wrapping that carries bytes through tmux to the terminal.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ratatui::layout::Rect;

/// The longest piece of data that kitty's protocol takes.
pub(in crate::term) const KITTY_CHUNK: usize = 4096;

/// What stands between the program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::term) enum Wire {
    /// Nothing.
    #[default]
    Plain,
    /// tmux, which hands on what is wrapped, where its `allow-passthrough` is on.
    Tmux,
}

impl Wire {
    /// Bytes for the terminal as this wire takes them.
    pub fn wrap(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Tmux => {
                let mut out = b"\x1bPtmux;".to_vec();
                for &byte in bytes {
                    if byte == 0x1b {
                        out.push(0x1b);
                    }
                    out.push(byte);
                }
                out.extend_from_slice(b"\x1b\\");
                out
            }
        }
    }

    fn command(self, keys: &str) -> Vec<u8> {
        self.wrap(format!("\x1b_G{keys},q=2\x1b\\").as_bytes())
    }

    /// Sends a PNG under a number, in pieces; nothing is shown yet, and no answer comes.
    pub fn transmit(self, id: u32, png: &[u8]) -> Vec<u8> {
        let data = STANDARD.encode(png);
        let mut out = Vec::with_capacity(data.len() + data.len() / 100 + 100);
        let chunks: Vec<_> = data.as_bytes().chunks(KITTY_CHUNK).collect();
        for (i, chunk) in chunks.iter().enumerate() {
            let more = u8::from(i + 1 < chunks.len());
            let mut piece = b"\x1b_G".to_vec();
            // Cannot fail, here and below: a Vec takes everything.
            let _ = if i == 0 {
                write!(piece, "a=t,f=100,t=d,i={id},q=2,m={more};")
            } else {
                write!(piece, "q=2,m={more};")
            };
            piece.extend_from_slice(chunk);
            piece.extend_from_slice(b"\x1b\\");
            out.extend(self.wrap(&piece));
        }
        out
    }

    /// Shows a picture that was sent, at the cursor, which stays. The same placement of the same picture moves there.
    ///
    /// `cells`: stretch it over that many, for a terminal that did not tell the size of its cells.
    pub fn place(self, id: u32, placement: u32, cells: Option<Rect>) -> Vec<u8> {
        let stretch = cells.map(|c| format!(",c={},r={}", c.width, c.height)).unwrap_or_default();
        self.command(&format!("a=p,i={id},p={placement},C=1{stretch}"))
    }

    /// Has a picture shown over so many cells wherever placeholders name it.
    pub fn place_virtually(self, id: u32, cells: Rect) -> Vec<u8> {
        self.command(&format!("a=p,U=1,i={id},c={},r={}", cells.width, cells.height))
    }

    /// Takes a placement away and keeps the picture's data.
    pub fn remove(self, id: u32, placement: u32) -> Vec<u8> {
        self.command(&format!("a=d,d=i,i={id},p={placement}"))
    }

    /// Takes a picture away everywhere, with its data.
    pub fn delete(self, id: u32) -> Vec<u8> {
        self.command(&format!("a=d,d=I,i={id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("ASCII")
    }

    #[test]
    fn pictures_go_in_pieces_and_are_the_same_bytes_again() {
        let png: Vec<u8> = (0..20_000_u32).map(|n| ((n * 7919) >> 3) as u8).collect();
        let sent = text(Wire::Plain.transmit(77, &png));
        let pieces: Vec<_> = sent.split("\x1b_G").skip(1).map(|p| p.strip_suffix("\x1b\\").expect("ends")).collect();
        assert!(pieces.len() > 3);
        let mut data = String::new();
        for (i, piece) in pieces.iter().enumerate() {
            let (keys, chunk) = piece.split_once(';').expect("has data");
            assert_eq!((keys.contains("m=1"), keys.contains("i=77")), (i + 1 < pieces.len(), i == 0));
            assert!(keys.contains("q=2") && chunk.len() <= KITTY_CHUNK);
            data += chunk;
        }
        assert_eq!(STANDARD.decode(data).expect("base64"), png);
    }

    #[test]
    fn tmux_gets_each_command_wrapped_with_its_escapes_doubled() {
        assert_eq!(text(Wire::Tmux.delete(5)), "\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=5,q=2\x1b\x1b\\\x1b\\");
        assert_eq!(text(Wire::Plain.remove(5, 2)), "\x1b_Ga=d,d=i,i=5,p=2,q=2\x1b\\");
        assert_eq!(text(Wire::Plain.place(5, 2, None)), "\x1b_Ga=p,i=5,p=2,C=1,q=2\x1b\\");
        assert!(text(Wire::Plain.place(5, 2, Some(Rect::new(0, 0, 20, 10)))).contains(",c=20,r=10,"));
        let pieces = text(Wire::Tmux.transmit(5, &[0; 9000]));
        assert_eq!(pieces.matches("\x1bPtmux;").count(), 3);
    }
}
