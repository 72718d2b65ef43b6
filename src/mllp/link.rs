//! A connection to a receiver: one message at a time, and the answer to it.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{Acknowledgement, Frames, framed};

/// How often a wait looks whether it is to end.
const SLICE: Duration = Duration::from_millis(50);

/// Why there is no answer. The text is a clause for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: nothing was sent.
    NoConnection(String),
    /// The connection was lost, or no answer came in time: the receiver may have the message.
    NoAnswer(String),
    /// The user wants to leave; the receiver may have the message.
    Interrupted,
}

/// A connection that is made when it is needed and kept between messages.
#[derive(Debug)]
pub struct Link<'a> {
    address: &'a str,
    connect: Duration,
    answer: Duration,
    cancel: &'a AtomicBool,
    stream: Option<(TcpStream, Frames)>,
}

impl<'a> Link<'a> {
    /// A link to `HOST:PORT` that is not connected yet. `connect` and `answer` are the longest waits; raising `cancel` ends them.
    pub fn new(address: &'a str, connect: Duration, answer: Duration, cancel: &'a AtomicBool) -> Self {
        Self { address, connect, answer, cancel, stream: None }
    }

    /// Sees that there is a connection, also where the receiver closes its end after each answer.
    ///
    /// # Errors
    /// [`Trouble::NoConnection`] with the reason.
    pub fn open(&mut self) -> Result<(), Trouble> {
        if self.stream.as_ref().is_some_and(|(stream, _)| is_open(stream)) {
            return Ok(());
        }
        self.stream = None;
        let trouble = |e: io::Error| Trouble::NoConnection(format!("{}: {e}", self.address));
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
        for address in self.address.to_socket_addrs().map_err(trouble)? {
            match TcpStream::connect_timeout(&address, self.connect) {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(trouble)?;
                    stream.set_read_timeout(Some(SLICE)).map_err(trouble)?;
                    stream.set_write_timeout(Some(self.answer)).map_err(trouble)?;
                    self.stream = Some((stream, Frames::default()));
                    return Ok(());
                }
                Err(e) => last = e,
            }
        }
        Err(trouble(last))
    }

    /// Sends a message and waits for the acknowledgement that names `control_id`, or the refusal that names nothing: there is one message
    /// at a time. Others are passed over. After trouble the connection
    /// is closed, so that a late answer is never taken for that to another message.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn exchange(&mut self, message: &[u8], control_id: &str) -> Result<Acknowledgement, Trouble> {
        self.open()?;
        let (stream, frames) = self.stream.as_mut().expect("it was opened");
        let answer = Self::talk(stream, frames, message, control_id, self.answer, self.cancel);
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    fn talk(
        stream: &mut TcpStream,
        frames: &mut Frames,
        message: &[u8],
        control_id: &str,
        patience: Duration,
        cancel: &AtomicBool,
    ) -> Result<Acknowledgement, Trouble> {
        let lost = |e: io::Error| Trouble::NoAnswer(format!("the connection was lost ({e})"));
        stream.write_all(&framed(message)).and_then(|()| stream.flush()).map_err(lost)?;
        let until = Instant::now() + patience;
        let mut piece = [0; 4096];
        // What was answered to something else, for the reason that is told in the end.
        let mut other = None;
        loop {
            while let Some(answer) = frames.next_message() {
                match read(&answer, control_id)? {
                    About::Ours(answer) => return Ok(answer),
                    About::Other(text) => other = Some(text),
                }
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            let late = Instant::now() >= until;
            let read = if late { Ok(0) } else { stream.read(&mut piece) };
            match read {
                Ok(0) => {
                    // An answer without its end is one all the same, if its segments are whole.
                    if let Some(About::Ours(answer)) = frames.rest().and_then(|rest| self::read(&rest, control_id).ok())
                    {
                        return Ok(answer);
                    }
                    let why = match late {
                        true => format!("no acknowledgement within {} s", patience.as_secs_f64()),
                        false => "the receiver closed the connection".to_owned(),
                    };
                    let other = other.map_or_else(String::new, |text| format!("; it answered another message: {text}"));
                    return Err(Trouble::NoAnswer(why + &other));
                }
                Ok(n) => frames.push(&piece[..n]).map_err(|e| Trouble::NoAnswer(e.to_owned()))?,
                Err(e)
                    if matches!(
                        e.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
                    ) => {}
                Err(e) => return Err(lost(e)),
            }
        }
    }
}

/// What an answer is about.
enum About {
    /// The message that was sent.
    Ours(Acknowledgement),
    /// Another one; what was said of it.
    Other(String),
}

/// Reads an answer to the message `control_id`.
///
/// # Errors
/// When it is no acknowledgement, or one that accepts without saying what: nobody may believe that.
fn read(answer: &[u8], control_id: &str) -> Result<About, Trouble> {
    let Some(ack) = Acknowledgement::parse(answer) else {
        let begins: String = String::from_utf8_lossy(answer).chars().take(80).collect();
        let begins = crate::domain::printable(begins.trim());
        return Err(Trouble::NoAnswer(format!("the answer is no acknowledgement of HL7: {begins}")));
    };
    match ack.control_id.as_str() {
        id if id == control_id => Ok(About::Ours(ack)),
        "" if ack.answer != super::Answer::Accepted => Ok(About::Ours(ack)),
        "" => Err(Trouble::NoAnswer(format!(
            "the receiver accepts without naming a message (MSA-2 is empty): {}",
            ack.text
        ))),
        other => Ok(About::Other(format!("{}: {}", crate::domain::printable(other), ack.text))),
    }
}

/// Whether the other side has not closed its end, as far as can be told without waiting.
fn is_open(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    let waits = matches!(&peeked, Err(e) if e.kind() == io::ErrorKind::WouldBlock);
    stream.set_nonblocking(false).is_ok() && (waits || matches!(peeked, Ok(1..)))
}
