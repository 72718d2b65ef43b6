//! From bytes to events, without a terminal: what a session does with what it reads, and what a test can drive as well.

use std::time::Instant;

use super::{
    Arrival, KeyKind, TermEvent,
    decode::{Decoder, Token},
};

/// As many keys at once are faster than fingers: a paste without a mark, or the rest of something.
const CROWD: usize = 3;

/// Bytes of a terminal as they come, and the events that they are.
#[derive(Debug, Default)]
pub struct Incoming {
    decoder: Decoder,
}

impl Incoming {
    /// What bytes that were read together mean.
    pub fn read(&mut self, bytes: &[u8], at: Arrival) -> Vec<TermEvent> {
        let mut tokens = Vec::new();
        self.decoder.push(bytes, at.to, &mut tokens);
        events(tokens, at)
    }

    /// When [`Incoming::expire`] has something to do if no byte comes before.
    pub fn deadline(&self) -> Option<Instant> {
        self.decoder.deadline()
    }

    /// Gives up on what is incomplete, if it is time.
    pub fn expire(&mut self, now: Instant) -> Vec<TermEvent> {
        let mut tokens = Vec::new();
        self.decoder.expire(now, &mut tokens);
        events(tokens, Arrival::at(now))
    }

    /// How many bytes are kept of what is incomplete.
    pub fn kept(&self) -> usize {
        self.decoder.kept()
    }
}

/// The events of what came together. Answers to queries are none: they are late, or asked for by nobody.
pub(super) fn events(tokens: Vec<Token>, at: Arrival) -> Vec<TermEvent> {
    let pressed = |t: &&Token| matches!(t, Token::Key(stroke) if stroke.kind == KeyKind::Press);
    let crowded = tokens.iter().filter(pressed).count() >= CROWD;
    let event = |token| match token {
        Token::Key(stroke) => {
            let mut detail = stroke.detail;
            detail.crowded |= crowded;
            Some(TermEvent::Key { key: stroke.key, kind: stroke.kind, ahead: false, detail, at })
        }
        Token::Paste(text) => Some(TermEvent::Paste(text)),
        Token::Broken => Some(TermEvent::Broken),
        Token::Reply(_) => None,
    };
    let mut events: Vec<TermEvent> = tokens.into_iter().filter_map(event).collect();
    events.dedup_by(|a, b| *a == TermEvent::Broken && *b == TermEvent::Broken);
    events
}
