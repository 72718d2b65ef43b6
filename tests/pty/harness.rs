//! A pseudo-terminal with a program on it.

use std::{
    ffi::OsStr,
    io::{Read as _, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, mpsc},
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};

use super::{
    account::Account,
    emulator::{Emulator, Listener},
};

/// No step of a test takes longer than this, even on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// As long as a finger takes to press a key once more; a key that is held repeats sooner.
pub const GAP: Duration = Duration::from_millis(200);
/// After so long a key that opened or closed something decides again.
pub const REST: Duration = Duration::from_millis(1700);

/// The end of a synchronised update.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// What came from the program so far.
struct Seen {
    screen: vt100::Parser,
    account: Option<Account>,
    raw: Vec<u8>,
    stop: bool,
}

#[derive(Clone)]
struct Shared(Arc<(Mutex<Seen>, Condvar)>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.0.lock().expect("no test panics while it holds the lock")
    }
}

type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

/// A program on a pseudo-terminal.
pub struct Pty {
    shared: Shared,
    writer: Option<Writer>,
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    before: String,
    exit: mpsc::Receiver<ExitStatus>,
    pid: u32,
}

/// How to start a program.
pub struct Launch<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub args: &'a [&'a str],
    /// Variables, beside `TERM` and what the system needs.
    pub env: &'a [(&'a str, &'a OsStr)],
    /// The terminal.
    pub emulator: Emulator,
    /// Rows and columns.
    pub size: (u16, u16),
}

impl Pty {
    /// Starts the program.
    pub fn start(launch: &Launch<'_>) -> Self {
        let (rows, cols) = launch.size;
        let pair = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a pty");
        let before = termios(&*pair.master);
        let mut command = CommandBuilder::new(launch.program);
        command.args(launch.args);
        command.env_clear();
        for name in ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("TERM", launch.emulator.term());
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC0");
        if launch.emulator == Emulator::Tmux {
            command.env("TMUX", "/tmp/tmux-0/default,1,0");
        }
        for (name, value) in launch.env {
            command.env(name, value);
        }
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer: Writer = Arc::new(Mutex::new(pair.master.take_writer().expect("a writer")));
        let mut child = pair.slave.spawn_command(command).expect("the program starts");
        let pid = child.process_id().expect("it has a number");
        let (sender, exit) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait().expect("it can be waited for")));

        let shared = Shared(Arc::new((
            Mutex::new(Seen {
                screen: vt100::Parser::new(rows, cols, 0),
                account: launch
                    .emulator
                    .shows_pictures()
                    .then(|| Account::new(rows, cols, launch.emulator == Emulator::Tmux)),
                raw: Vec::new(),
                stop: false,
            }),
            Condvar::new(),
        )));
        let (seen, answers, emulator) = (shared.clone(), Arc::downgrade(&writer), launch.emulator);
        std::thread::spawn(move || {
            let mut listener = Listener::default();
            let mut bytes = [0; 65536];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                let answer = listener.hear(emulator, &bytes[..n]);
                if let (false, Some(writer)) = (answer.is_empty(), answers.upgrade()) {
                    let _ = writer.lock().expect("no panic while locked").write_all(answer.as_bytes());
                }
                let mut seen_now = seen.lock();
                seen_now.raw.extend_from_slice(&bytes[..n]);
                seen_now.screen.process(&bytes[..n]);
                if let Some(account) = &mut seen_now.account {
                    account.feed(&bytes[..n]);
                }
                let stop = seen_now.stop;
                drop(seen_now);
                seen.0.1.notify_all();
                if stop {
                    break;
                }
            }
        });
        Self { shared, writer: Some(writer), master: Some(pair.master), slave: Some(pair.slave), before, exit, pid }
    }

    /// Sends bytes as if typed.
    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        let writer = self.writer.as_ref().expect("not hung up");
        let mut writer = writer.lock().expect("no panic while locked");
        writer.write_all(bytes.as_ref()).and_then(|()| writer.flush()).expect("the terminal takes it");
    }

    /// Waits until the screen is as wanted.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let start = Instant::now();
        let mut seen = self.shared.lock();
        while !wanted(seen.screen.screen()) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "never saw {what}; the screen is\n{}", seen.screen.screen().contents());
            seen = self.shared.0.1.wait_timeout(seen, left).expect("no panic while locked").0;
        }
    }

    /// Waits until a text is on screen.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until the frame in the making is complete, its picture included.
    pub fn wait_frame(&self) {
        let start = Instant::now();
        let mut seen = self.shared.lock();
        while !seen.raw.ends_with(FRAME_END) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "the frame never ends; the screen is\n{}", seen.screen.screen().contents());
            seen = self.shared.0.1.wait_timeout(seen, left).expect("no panic while locked").0;
        }
    }

    /// Waits until something was written after the first `before` bytes.
    pub fn wait_until_written(&self, before: usize) {
        let start = Instant::now();
        let mut seen = self.shared.lock();
        while seen.raw.len() <= before {
            let left = PATIENCE.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "nothing is written; the screen is\n{}", seen.screen.screen().contents());
            seen = self.shared.0.1.wait_timeout(seen, left).expect("no panic while locked").0;
        }
    }

    /// Waits until nothing was written for that long.
    pub fn wait_quiet(&self, time: Duration) {
        let start = Instant::now();
        while !self.is_quiet_for(time) {
            assert!(start.elapsed() < PATIENCE, "it keeps writing; the screen is\n{}", self.contents());
        }
    }

    /// Whether nothing at all is written for that long.
    pub fn is_quiet_for(&self, time: Duration) -> bool {
        let start = Instant::now();
        let mut seen = self.shared.lock();
        let before = seen.raw.len();
        while start.elapsed() < time {
            let left = time.saturating_sub(start.elapsed());
            seen = self.shared.0.1.wait_timeout(seen, left).expect("no panic while locked").0;
            if seen.raw.len() != before {
                return false;
            }
        }
        true
    }

    /// What is on screen.
    pub fn contents(&self) -> String {
        self.shared.lock().screen.screen().contents()
    }

    /// Something of the screen.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.lock().screen.screen())
    }

    /// Something of the account of pictures, on a terminal that shows any.
    pub fn account<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        look(self.shared.lock().account.as_ref().expect("this terminal shows pictures"))
    }

    /// How many bytes were written.
    pub fn bytes(&self) -> usize {
        self.shared.lock().raw.len()
    }

    /// Everything that was written.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shared.lock().raw).into_owned()
    }

    /// Makes the terminal another size.
    pub fn resize(&self, rows: u16, cols: u16) {
        let mut seen = self.shared.lock();
        seen.screen.screen_mut().set_size(rows, cols);
        if let Some(account) = &mut seen.account {
            account.resize(rows, cols);
        }
        drop(seen);
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("not hung up").resize(size).expect("it can be resized");
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let status = std::process::Command::new("kill").args(["-s", name, &self.pid.to_string()]).status();
        assert!(status.expect("kill is there").success());
    }

    /// Hangs up: `provoke` are keys that make the program write, so that the reader lets go of the terminal.
    pub fn hang_up(&mut self, provoke: &str) {
        self.shared.lock().stop = true;
        self.send(provoke);
        self.writer = None;
        self.slave = None;
        self.master = None;
    }

    /// Waits for the program to end; its exit status.
    pub fn wait_exit(&self) -> ExitStatus {
        let status = self.exit.recv_timeout(PATIENCE);
        status.unwrap_or_else(|_| panic!("it does not end; the screen is\n{}", self.contents()))
    }

    /// Waits for the end and asserts that the terminal is as it was.
    pub fn assert_restored(&self, exit_code: u32) {
        let status = self.wait_exit();
        self.wait_until("the main screen with its cursor", |s| {
            !s.alternate_screen() && !s.hide_cursor() && !s.bracketed_paste()
        });
        assert_eq!(status.exit_code(), exit_code, "{status}; the screen is\n{}", self.contents());
        let after = termios(&**self.master.as_ref().expect("not hung up"));
        assert_eq!(after, self.before, "raw mode is off");
    }
}

impl Drop for Pty {
    /// A failed test leaves no program behind.
    fn drop(&mut self) {
        if self.exit.try_recv().is_err() {
            let _ = std::process::Command::new("kill")
                .args(["-s", "KILL", &self.pid.to_string()])
                .stderr(std::process::Stdio::null())
                .status();
        }
    }
}

/// The settings of the line, as text to compare.
fn termios(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("it has settings"))
}
