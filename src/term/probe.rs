//! One question to the terminal at the start, and what it answered.
//!
//! All queries go out in one write with the device attributes last: every terminal answers those, in order, so their
//! answer is the fence behind which nothing more comes. A silent terminal costs the deadline, once.

use std::time::{Duration, Instant};

use super::{
    capabilities::{Environment, GraphicsChoice},
    decode::Token,
    input::{Filled, Input},
    reply::Reply,
    restore,
    session::TermError,
};

/// The image number in the graphics query.
pub(super) const KITTY_QUERY_ID: u32 = 31;
/// How long a terminal may take to answer.
const DEADLINE: Duration = Duration::from_millis(400);

/// What the terminal answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// Kitty's graphics protocol.
    pub kitty: bool,
    /// Kitty's keyboard protocol.
    pub keyboard: bool,
    /// Sixel.
    pub sixel: bool,
    /// It kept a 24 bit colour.
    pub truecolor: bool,
    /// A character cell in px.
    pub cell_px: Option<(u16, u16)>,
    /// Name and version.
    pub version: Option<String>,
    /// The last answer came.
    pub fence: bool,
    /// Keys typed and pastes made meanwhile: they decide nothing.
    pub dropped: usize,
}

impl Answers {
    /// Takes note of something that the terminal sent.
    fn take(&mut self, token: Token) {
        match token {
            Token::Key(..) | Token::Paste(_) => self.dropped += 1,
            Token::Reply(Reply::Kitty { ok }) => self.kitty = ok,
            Token::Reply(Reply::KeyboardFlags) => self.keyboard = true,
            Token::Reply(Reply::CellSize { width, height }) => self.cell_px = Some((width, height)),
            Token::Reply(Reply::Version(version)) => self.version = Some(version),
            Token::Reply(Reply::Truecolor(kept)) => self.truecolor = kept,
            Token::Reply(Reply::Attributes { sixel }) => {
                self.sixel = sixel;
                self.fence = true;
            }
            Token::Reply(Reply::Other) | Token::Broken => {}
        }
    }
}

/// The queries that make sense to this terminal.
fn queries(choice: GraphicsChoice, environment: &Environment) -> String {
    let mut out = String::new();
    if !environment.is_simple() {
        // tmux and screen take kitty's sequence for a title or a message.
        if choice == GraphicsChoice::Auto && environment.multiplexer().is_none() {
            out += &format!("\x1b_Gi={KITTY_QUERY_ID},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\");
        }
        // Keyboard flags, cell size, name and version; then a colour, whether it was kept, and back.
        out += "\x1b[?u\x1b[16t\x1b[>q\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m";
    }
    out + "\x1b[c"
}

/// Asks, and waits for the fence or the deadline. Must run before anything else reads the terminal.
pub(super) fn ask(input: &mut Input, choice: GraphicsChoice, environment: &Environment) -> Result<Answers, TermError> {
    let mut answers = Answers::default();
    if environment.term == "dumb" || !Input::ANSWERS {
        return Ok(answers);
    }
    restore::write(queries(choice, environment).as_bytes())?;
    let start = Instant::now();
    while !answers.fence {
        let left = DEADLINE.saturating_sub(start.elapsed());
        if left.is_zero() {
            break;
        }
        let mut tokens = Vec::new();
        if input.fill(left, &mut tokens)? == Filled::Gone {
            return Err(TermError::Gone);
        }
        tokens.into_iter().for_each(|token| answers.take(token));
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::{super::decode::Decoder, *};

    fn answers(bytes: &str) -> Answers {
        let mut tokens = Vec::new();
        let mut decoder = Decoder::default();
        for chunk in bytes.as_bytes().chunks(5) {
            decoder.push(chunk, Instant::now(), &mut tokens);
        }
        let mut answers = Answers::default();
        tokens.into_iter().for_each(|t| answers.take(t));
        answers
    }

    #[test]
    fn the_answers_of_terminals() {
        let kitty =
            "\x1b_Gi=31;OK\x1b\\\x1b[?0u\x1b[6;20;10t\x1bP>|kitty(0.36.4)\x1b\\\x1bP1$r48:2:1:2:3m\x1b\\\x1b[?62;c";
        let expected = Answers {
            kitty: true,
            keyboard: true,
            truecolor: true,
            cell_px: Some((10, 20)),
            version: Some("kitty(0.36.4)".into()),
            fence: true,
            ..Answers::default()
        };
        assert_eq!(answers(kitty), expected);
        assert_eq!(answers("\x1b[?1;2c"), Answers { fence: true, ..Answers::default() });
        assert_eq!(answers("\x1b[?65;1;4;9c"), Answers { fence: true, sixel: true, ..Answers::default() });
    }

    #[test]
    fn keys_typed_meanwhile_are_counted_and_go() {
        let found = answers("s \x1b[A\x1b[?62c");
        assert_eq!((found.dropped, found.fence), (3, true));
    }

    #[test]
    fn a_multiplexer_and_a_simple_terminal_are_not_asked_for_graphics() {
        let of =
            |term: &str| queries(GraphicsChoice::Auto, &Environment { term: term.into(), ..Environment::default() });
        assert!(of("xterm-256color").contains("a=q"));
        assert!(!of("tmux-256color").contains("a=q") && of("tmux-256color").contains("[?u"));
        assert_eq!(of("linux"), "\x1b[c");
        for term in ["xterm", "tmux", "linux", "vt100"] {
            assert!(of(term).ends_with("\x1b[c"), "the fence comes last");
        }
    }
}
