//! Cuts what a program writes into characters and control sequences, across the pieces in which it comes.

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub enum Sequence {
    /// Text.
    Char(char),
    /// A control character, or an escape sequence of few bytes.
    Control(Vec<u8>),
    /// A control sequence, whole.
    Csi(Vec<u8>),
    /// Contents of an application program command.
    Apc(String),
    /// Contents of an operating system command.
    Osc(String),
    /// Contents of a device control string.
    Dcs(Vec<u8>),
}

/// Keeps what is incomplete.
#[derive(Default)]
pub struct Sequences {
    pending: Vec<u8>,
}

impl Sequences {
    /// The sequences that these bytes complete.
    pub fn cut(&mut self, bytes: &[u8]) -> Vec<Sequence> {
        self.pending.extend_from_slice(bytes);
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some((n, sequence)) = first(&self.pending[at..]) {
            at += n;
            out.push(sequence);
        }
        self.pending.drain(..at);
        out
    }
}

/// The sequence at the front and its length; `None`: it is not complete.
fn first(bytes: &[u8]) -> Option<(usize, Sequence)> {
    match bytes {
        [] | [0x1b] => None,
        [0x1b, b'[', rest @ ..] => {
            let end = rest.iter().position(|b| (0x40..0x7f).contains(b))? + 3;
            Some((end, Sequence::Csi(bytes[..end].to_vec())))
        }
        [0x1b, kind @ (b'_' | b'P' | b']'), rest @ ..] => {
            let (end, after) = string_end(rest, *kind == b']')?;
            let data = &rest[..end];
            let text = || String::from_utf8_lossy(data).into_owned();
            let sequence = match kind {
                b'_' => Sequence::Apc(text()),
                b']' => Sequence::Osc(text()),
                _ => Sequence::Dcs(data.to_vec()),
            };
            Some((2 + after, sequence))
        }
        [0x1b, b'(' | b')', _, ..] => Some((3, Sequence::Control(bytes[..3].to_vec()))),
        [0x1b, b'(' | b')'] => None,
        [0x1b, _, ..] => Some((2, Sequence::Control(bytes[..2].to_vec()))),
        [0..0x20 | 0x7f, ..] => Some((1, Sequence::Control(bytes[..1].to_vec()))),
        _ => {
            let n = match bytes[0] {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            let text = String::from_utf8_lossy(bytes.get(..n)?).into_owned();
            Some((n, Sequence::Char(text.chars().next()?)))
        }
    }
}

/// Where the contents of a string end, and how many bytes it takes with its end. A doubled ESC is tmux's for one.
fn string_end(bytes: &[u8], bell: bool) -> Option<(usize, usize)> {
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            0x07 if bell => return Some((i, i + 1)),
            0x1b if bytes.get(i + 1) == Some(&b'\\') => return Some((i, i + 2)),
            0x1b => {
                bytes.get(i + 1)?;
                i += 2;
            }
            _ => i += 1,
        }
    }
    None
}

/// The bytes that tmux hands on.
pub fn unwrap_tmux(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        out.push(byte);
        if byte == 0x1b && bytes.peek() == Some(&0x1b) {
            bytes.next();
        }
    }
    out
}

#[test]
fn sequences_are_cut_whole_and_in_pieces() {
    let stream =
        "aß\u{10eeee}\u{305}\x1b[2;3H\x1b7\x1b_Gi=1;AA\x1b\\\x1b]0;t\x07\x1bPtmux;\x1b\x1b_Gx\x1b\x1b\\\x1b\\\n";
    let whole = Sequences::default().cut(stream.as_bytes());
    let mut sequences = Sequences::default();
    let pieces: Vec<_> = stream.as_bytes().chunks(1).flat_map(|b| sequences.cut(b)).collect();
    assert_eq!(whole, pieces);
    assert_eq!(whole.len(), 10);
    assert!(whole.contains(&Sequence::Apc("Gi=1;AA".to_owned())));
    let Some(Sequence::Dcs(wrapped)) = whole.iter().find(|s| matches!(s, Sequence::Dcs(_))) else {
        panic!("{whole:?}")
    };
    assert_eq!(unwrap_tmux(wrapped.strip_prefix(b"tmux;").expect("tmux's")), b"\x1b_Gx\x1b\\");
}
