//! A receiver of HL7 messages that misbehaves: it drops, delays, refuses and closes at random, from a seed. It keeps what it accepts by
//! control id, as a laboratory's system does.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use leukoscope::mllp::{Frames, framed};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// How it treats messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes every message.
    Kind,
    /// Anything may happen to a message.
    Random,
    /// AE to every message.
    Error,
    /// AR to every message.
    Reject,
    /// Takes messages and never says so.
    Silent,
    /// AR to every message, with its reason, without naming the message.
    Nameless,
    /// Takes every message, and leaves out the last byte of its answer's frame.
    Bare,
}

/// What it has.
pub struct Book {
    /// Accepted messages by control id.
    pub taken: HashMap<String, Vec<u8>>,
    /// How often each control id came in, whatever became of it.
    pub arrivals: HashMap<String, usize>,
    /// Control ids that came a second time with other bytes after they were accepted.
    pub changed: Vec<String>,
    mood: Mood,
    dice: Pcg64Mcg,
}

impl Book {
    /// Messages that came in, repetitions among them.
    pub fn all_arrivals(&self) -> usize {
        self.arrivals.values().sum()
    }
}

/// What it does with one message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Deed {
    Drop,
    Answer { take: bool, code: &'static str, after: Duration, whole: bool, close: bool },
    TakeAndClose,
    TakeAndBeSilent,
    Nameless,
    Bare,
}

/// A listening receiver; it stops when it is dropped.
pub struct Receiver {
    pub address: String,
    book: Arc<Mutex<Book>>,
    stop: Arc<AtomicBool>,
}

impl Receiver {
    /// Listens on a port of this machine. `late`: longer than the sender waits.
    pub fn start(mood: Mood, seed: u64, late: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let book = Book {
            taken: HashMap::new(),
            arrivals: HashMap::new(),
            changed: Vec::new(),
            mood,
            dice: Pcg64Mcg::seed_from_u64(seed),
        };
        let (book, stop) = (Arc::new(Mutex::new(book)), Arc::new(AtomicBool::new(false)));
        let (for_threads, stopped) = (Arc::clone(&book), Arc::clone(&stop));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let book = Arc::clone(&for_threads);
                thread::spawn(move || serve(stream, &book, late));
            }
        });
        Self { address, book, stop }
    }

    /// Changes its mood.
    pub fn set(&self, mood: Mood) {
        self.book.lock().expect("a book").mood = mood;
    }

    /// Looks into its book.
    pub fn look<T>(&self, f: impl FnOnce(&Book) -> T) -> T {
        f(&self.book.lock().expect("a book"))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listening thread.
        let _ = TcpStream::connect(&self.address);
    }
}

fn serve(mut stream: TcpStream, book: &Mutex<Book>, late: Duration) {
    let (mut frames, mut piece) = (Frames::default(), [0; 4096]);
    loop {
        while let Some(message) = frames.next_message() {
            let id = field(&message, 9);
            let deed = enter(&mut book.lock().expect("a book"), &id, message, late);
            match deed {
                Deed::Drop | Deed::TakeAndClose => return,
                Deed::TakeAndBeSilent => {}
                Deed::Nameless | Deed::Bare => {
                    let said = if deed == Deed::Bare { format!("AA|{id}") } else { "AR||no such patient".to_owned() };
                    let error = if deed == Deed::Bare { "" } else { "ERR||PID^1^3|204^Unknown key|E\r" };
                    let ack = format!("MSH|^~\\&|LIS|||| 20261125||ACK^R01^ACK|1|P|2.5.1\rMSA|{said}\r{error}");
                    let mut bytes = framed(ack.as_bytes());
                    bytes.truncate(bytes.len() - usize::from(deed == Deed::Bare));
                    if stream.write_all(&bytes).is_err() {
                        return;
                    }
                }
                Deed::Answer { code, after, whole, close, .. } => {
                    thread::sleep(after);
                    let ack = format!(
                        "MSH|^~\\&|LIS|||| 20261125||ACK^R01^ACK|1|P|2.5.1\rMSA|{code}|{id}|said the receiver\r"
                    );
                    let bytes = framed(ack.as_bytes());
                    let bytes = if whole { &bytes[..] } else { &bytes[..bytes.len() / 2] };
                    if stream.write_all(bytes).is_err() || close || !whole {
                        return;
                    }
                }
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(n) => frames.push(&piece[..n]).expect("messages are short"),
        }
    }
}

/// Decides what becomes of a message, and enters it where it is taken.
fn enter(book: &mut Book, id: &str, message: Vec<u8>, late: Duration) -> Deed {
    *book.arrivals.entry(id.to_owned()).or_default() += 1;
    let say = |code, take| Deed::Answer { take, code, after: Duration::ZERO, whole: true, close: false };
    let known = book.taken.contains_key(id);
    let deed = match book.mood {
        Mood::Kind => say("AA", true),
        Mood::Error => say("AE", false),
        Mood::Reject => say("AR", false),
        Mood::Silent => Deed::TakeAndBeSilent,
        Mood::Nameless => Deed::Nameless,
        Mood::Bare => Deed::Bare,
        Mood::Random => match book.dice.random_range(0..100) {
            0..50 => say("AA", true),
            50..58 => Deed::TakeAndClose,
            58..66 => Deed::Drop,
            66..72 => Deed::Answer { take: true, code: "AA", after: late, whole: true, close: false },
            72..80 => Deed::Answer { take: true, code: "AA", after: Duration::ZERO, whole: false, close: true },
            80..88 => Deed::Answer { take: true, code: "AA", after: Duration::ZERO, whole: true, close: true },
            // What it has, it does not refuse.
            _ if known => say("AA", true),
            88..94 => say("AE", false),
            _ => say("AR", false),
        },
    };
    let takes =
        matches!(deed, Deed::Answer { take: true, .. } | Deed::TakeAndClose | Deed::TakeAndBeSilent | Deed::Bare);
    match book.taken.get(id) {
        Some(first) if *first != message => book.changed.push(id.to_owned()),
        None if takes => _ = book.taken.insert(id.to_owned(), message),
        _ => {}
    }
    deed
}

/// Field `n` of the header, counted from 0 at `MSH`.
fn field(message: &[u8], n: usize) -> String {
    let text = String::from_utf8_lossy(message);
    text.split('\r').next().and_then(|msh| msh.split('|').nth(n)).unwrap_or_default().to_owned()
}
