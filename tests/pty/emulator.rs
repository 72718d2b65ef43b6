//! What a terminal answers to queries.

/// Which terminal is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emulator {
    /// Answers nothing at all.
    Silent,
    /// Answers its device attributes only.
    AttributesOnly,
    /// Kitty: graphics, keyboard, cell size, version.
    Kitty,
    /// tmux 3.3a, with `TMUX` set: attributes and version, no graphics.
    Tmux,
    /// A terminal with sixel.
    Sixel,
    /// iTerm2: its name, attributes and cell size.
    Iterm2,
}

impl Emulator {
    /// `TERM`.
    pub fn term(self) -> &'static str {
        match self {
            Self::Kitty => "xterm-kitty",
            Self::Tmux => "tmux-256color",
            _ => "xterm-256color",
        }
    }

    /// Whether it shows pictures of some protocol, so that an account of them is kept.
    pub fn shows_pictures(self) -> bool {
        matches!(self, Self::Kitty | Self::Sixel | Self::Iterm2 | Self::Tmux)
    }

    /// The answer to one query.
    fn answer(self, query: Query) -> &'static str {
        match (self, query) {
            (Self::Silent, _) => "",
            (Self::Kitty, Query::Graphics) => "\x1b_Gi=31;OK\x1b\\",
            (Self::Kitty, Query::Keyboard) => "\x1b[?0u",
            (Self::Kitty | Self::Sixel | Self::Iterm2, Query::CellSize) => "\x1b[6;20;10t",
            (Self::Kitty, Query::Version) => "\x1bP>|kitty(0.36.4)\x1b\\",
            (Self::Iterm2, Query::Version) => "\x1bP>|iTerm2 3.5.11\x1b\\",
            (Self::Iterm2, Query::Attributes) => "\x1b[?62;22;52c",
            (Self::Tmux, Query::Version) => "\x1bP>|tmux 3.3a\x1b\\",
            (Self::Kitty, Query::Colour) => "\x1bP1$r0;48:2:1:2:3m\x1b\\",
            (Self::Kitty, Query::Attributes) => "\x1b[?62;c",
            (Self::Tmux, Query::Attributes) => "\x1b[?1;2c",
            (Self::Sixel, Query::Attributes) => "\x1b[?62;4;22c",
            (Self::AttributesOnly, Query::Attributes) => "\x1b[?6c",
            _ => "",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    Graphics,
    Keyboard,
    CellSize,
    Version,
    Colour,
    Attributes,
}

const QUERIES: [(&str, Query); 6] = [
    ("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", Query::Graphics),
    ("\x1b[?u", Query::Keyboard),
    ("\x1b[16t", Query::CellSize),
    ("\x1b[>q", Query::Version),
    ("\x1bP$qm\x1b\\", Query::Colour),
    ("\x1b[c", Query::Attributes),
];

/// Finds queries in what the program writes, across the pieces in which it comes.
#[derive(Debug, Default)]
pub struct Listener {
    tail: String,
}

impl Listener {
    /// The answers to the queries that these bytes complete.
    pub fn hear(&mut self, emulator: Emulator, bytes: &[u8]) -> String {
        self.tail += &String::from_utf8_lossy(bytes);
        let mut answers = String::new();
        while let Some((at, text, query)) =
            QUERIES.iter().filter_map(|(t, q)| self.tail.find(t).map(|at| (at, t, *q))).min_by_key(|f| f.0)
        {
            answers += emulator.answer(query);
            self.tail.drain(..at + text.len());
        }
        // Only the start of a query can still matter.
        let longest = QUERIES.iter().map(|(t, _)| t.len()).max().unwrap_or(0);
        let mut keep = self.tail.len().saturating_sub(longest);
        while !self.tail.is_char_boundary(keep) {
            keep += 1;
        }
        self.tail.drain(..keep);
        answers
    }
}

#[test]
fn queries_are_heard_whole_and_in_pieces() {
    let stream = "text\x1b[?u\x1b[16t\x1b[>q\x1b[c more";
    let whole = Listener::default().hear(Emulator::Kitty, stream.as_bytes());
    let mut listener = Listener::default();
    let pieces: String = stream.as_bytes().chunks(1).map(|b| listener.hear(Emulator::Kitty, b)).collect();
    assert_eq!(whole, pieces);
    assert_eq!(whole, "\x1b[?0u\x1b[6;20;10t\x1bP>|kitty(0.36.4)\x1b\\\x1b[?62;c");
    assert_eq!(Listener::default().hear(Emulator::Silent, stream.as_bytes()), "");
}
