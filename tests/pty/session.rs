//! The session on terminals of every kind, with the small interface of [`super::child`].

use std::{ffi::OsStr, time::Duration};

use super::{
    child,
    emulator::Emulator,
    harness::{Launch, Pty},
};

pub(crate) fn start_with(emulator: Emulator, graphics: &str, env: &[(&str, &OsStr)]) -> Pty {
    let program = std::env::current_exe().expect("this test binary");
    let env: Vec<_> = [(child::VARIABLE, OsStr::new(graphics))].into_iter().chain(env.iter().copied()).collect();
    let args = [child::TEST, "--exact", "--nocapture", "--test-threads=1"];
    let pty = Pty::start(&Launch { program: &program, args: &args, env: &env, emulator, size: (24, 80) });
    pty.wait_for("cell 0;");
    pty.wait_frame();
    pty
}

fn start(emulator: Emulator) -> Pty {
    start_with(emulator, "auto", &[])
}

/// A device control string that is no query.
fn is_sixel(raw: &str) -> bool {
    raw.matches("\x1bP").count() > raw.matches("\x1bP$q").count()
}

const ALL: [Emulator; 5] =
    [Emulator::Silent, Emulator::AttributesOnly, Emulator::Kitty, Emulator::Tmux, Emulator::Sixel];

#[test]
fn the_terminal_is_given_back_after_quit_on_every_terminal() {
    for emulator in ALL {
        let pty = start(emulator);
        pty.send("q");
        pty.assert_restored(0);
        let raw = pty.raw();
        assert_eq!(raw.contains("\x1b[<1u"), emulator == Emulator::Kitty, "{emulator:?}");
        assert_eq!(raw.contains("a=d,d=A"), emulator == Emulator::Kitty, "{emulator:?}");
    }
}

#[test]
fn the_terminal_is_given_back_after_an_error_and_a_panic() {
    let pty = start(Emulator::Kitty);
    pty.send("f");
    pty.assert_restored(2);
    for (key, message) in [("p", "on purpose,\\u{1b}[31m in two lines"), ("t", "in a worker")] {
        let pty = start(Emulator::Kitty);
        pty.send(key);
        pty.assert_restored(3);
        let text = pty.contents().replace('\n', "");
        assert!(text.contains("leukoscope: internal error at") && text.contains(message), "{text}");
        assert!(text.contains("leukoscope doctor"), "a remedy: {text}");
    }
}

#[test]
fn the_terminal_is_given_back_after_a_signal() {
    for signal in ["TERM", "HUP", "INT"] {
        let pty = start(Emulator::AttributesOnly);
        pty.signal(signal);
        pty.assert_restored(1);
    }
}

#[test]
fn a_hung_up_line_ends_the_program() {
    let mut pty = start(Emulator::AttributesOnly);
    pty.hang_up("n");
    // Whether the signal or the dead line is seen first is chance; that it ends is not.
    let status = pty.wait_exit();
    assert!(matches!(status.exit_code(), 1 | 3), "{status}");
}

#[test]
fn each_terminal_gets_the_pictures_that_it_can_show() {
    for (emulator, facts) in [
        (Emulator::Silent, "half-blocks Palette256 events false answered false"),
        (Emulator::AttributesOnly, "half-blocks Palette256 events false answered true"),
        (Emulator::Kitty, "kitty Truecolor events true answered true"),
        (Emulator::Tmux, "half-blocks Palette256 events false answered true"),
        (Emulator::Sixel, "sixel Palette256 events false answered true"),
    ] {
        let pty = start(emulator);
        pty.wait_for(facts);
        let raw = pty.raw();
        assert_eq!(raw.contains("a=t,f=100"), emulator == Emulator::Kitty, "{emulator:?}");
        assert_eq!(is_sixel(&raw), emulator == Emulator::Sixel, "{emulator:?}");
        assert_eq!(raw.contains('▀'), facts.starts_with("half"), "{emulator:?}");
        // Ours, and viuer's own, which it makes once before it paints a sixel.
        assert_eq!(raw.matches("\x1b[c").count(), if emulator == Emulator::Sixel { 2 } else { 1 }, "{emulator:?}");
        if emulator == Emulator::Tmux {
            assert!(!raw.contains("\x1b_G"), "tmux takes that for a title");
        }
        pty.send("q");
        pty.assert_restored(0);
    }
}

#[test]
fn graphics_are_forced_whatever_the_terminal_says() {
    type Mark = fn(&str) -> bool;
    let marks: [(&str, Mark); 4] = [
        ("kitty", |raw| raw.contains("a=t,f=100")),
        ("iterm2", |raw| raw.contains("\x1b]1337;File=inline=1")),
        ("sixel", is_sixel),
        ("half", |raw| raw.contains('▀')),
    ];
    for (choice, is_there) in marks {
        for emulator in [Emulator::Silent, Emulator::Tmux] {
            let pty = start_with(emulator, choice, &[]);
            assert!(is_there(&pty.raw()), "{choice} on {emulator:?}");
            pty.send("nq");
            pty.assert_restored(0);
        }
    }
    let pty = start_with(Emulator::Kitty, "off", &[]);
    pty.wait_frame();
    assert!(!pty.raw().contains('▀') && !pty.raw().contains("a=t,"));
}

#[test]
fn viuer_paints_iterm2_pictures_where_it_knows_the_terminal() {
    let pty = start_with(Emulator::AttributesOnly, "auto", &[("TERM_PROGRAM", OsStr::new("iTerm.app"))]);
    pty.wait_for("iTerm2 Palette256");
    let raw = pty.raw();
    assert!(raw.contains("\x1b]1337;File=inline=1;preserveAspectRatio=1;size="), "viuer's own header");
    pty.send("n");
    pty.wait_for("cell 1;");
    assert!(pty.contents().starts_with("cell 1;"), "the screen did not scroll:\n{}", pty.contents());
    pty.send("q");
    pty.assert_restored(0);
}

#[test]
fn without_colour_pictures_are_shaded() {
    let pty = start_with(Emulator::AttributesOnly, "auto", &[("NO_COLOR", OsStr::new("1"))]);
    pty.wait_for("half-blocks Mono");
    let raw = pty.raw();
    assert!(raw.contains(['░', '▒', '▓', '█']) && !raw.contains("38;5;") && !raw.contains("38;2;"));
}

#[test]
fn late_and_split_replies_are_no_keys() {
    let pty = start(Emulator::Silent);
    let replies =
        "\x1b_Gi=31;OK\x1b\\\x1b[?0u\x1b[6;20;10t\x1bP>|kitty(0.36.4)\x1b\\\x1bP1$r0;48:2:1:2:3m\x1b\\\x1b[?62;4c";
    for byte in replies.as_bytes() {
        pty.send([*byte]);
    }
    pty.send("n");
    pty.wait_for("cell 1; 0 decided; 0 ahead; 1 keys;");
}

#[test]
fn two_hundred_keys_typed_ahead_decide_nothing_that_was_not_painted() {
    for emulator in [Emulator::AttributesOnly, Emulator::Kitty] {
        let pty = start(emulator);
        pty.send(" ".repeat(200));
        pty.wait_for("200 keys;");
        let contents = pty.contents();
        let number = |after: &str| -> u64 {
            let text = contents.split("; ").find_map(|part| part.strip_suffix(after)).expect("it is there");
            text.parse().expect("a number")
        };
        let (decided, ahead) = (number(" decided"), number(" ahead"));
        assert_eq!(decided + ahead, 200);
        // One for each burst that the line may have been cut into; none when all of it was there before the mark.
        assert!(decided < 10, "{contents}");
    }
}

#[test]
fn a_paste_decides_nothing() {
    let pty = start(Emulator::AttributesOnly);
    pty.send("\x1b[200~  q  \x1b[201~");
    pty.wait_for("cell 0; 0 decided; 0 ahead; 0 keys; 0 held; 5 pasted;");
}

#[test]
fn kittys_repeats_and_releases_decide_nothing() {
    let pty = start(Emulator::Kitty);
    pty.send("\x1b[32;1:2u\x1b[32;1:3u\x1b[32;1:2u");
    pty.wait_for("cell 0; 0 decided; 0 ahead; 3 keys; 2 held;");
    pty.send("\x1b[32;1:1u");
    pty.wait_for("cell 1; 1 decided;");
}

#[test]
fn an_idle_screen_writes_nothing_and_a_step_little() {
    for emulator in ALL {
        let pty = start(emulator);
        assert!(pty.is_quiet_for(Duration::from_millis(500)), "{emulator:?}");
        pty.send("x");
        pty.wait_for("1 keys;");
        let before = pty.bytes();
        pty.send("x");
        pty.wait_for("2 keys;");
        assert!(pty.bytes() - before < 200, "{emulator:?}: a changed digit, no picture");
    }
    let pty = start_with(Emulator::AttributesOnly, "auto", &[("COLORTERM", OsStr::new("truecolor"))]);
    let before = pty.bytes();
    pty.send("n");
    pty.wait_for("cell 1;");
    pty.wait_frame();
    let step = pty.bytes() - before;
    assert!((500..=10_000).contains(&step), "{step} bytes for a picture of 20x10 cells");
}

#[test]
fn a_resize_is_followed_and_a_picture_painted_anew() {
    let pty = start(Emulator::Kitty);
    pty.wait_for("80x24;");
    let placed = |pty: &Pty| pty.raw().matches("a=p,").count();
    let before = placed(&pty);
    pty.resize(40, 120);
    pty.wait_for("120x40;");
    pty.send("n");
    pty.wait_for("cell 1;");
    pty.wait_frame();
    assert!(placed(&pty) >= before + 2, "after the resize and after the step");
    pty.resize(6, 30);
    pty.wait_for("30x6;");
    pty.send("q");
    pty.assert_restored(0);
}

#[test]
fn keys_typed_before_the_first_picture_do_nothing_and_that_is_said() {
    let program = std::env::current_exe().expect("this test binary");
    let env = [(child::VARIABLE, OsStr::new("auto"))];
    let args = [child::TEST, "--exact", "--nocapture", "--test-threads=1"];
    let pty = Pty::start(&Launch {
        program: &program,
        args: &args,
        env: &env,
        emulator: Emulator::AttributesOnly,
        size: (24, 80),
    });
    // In the line before the program has even started.
    pty.send("   \n");
    pty.wait_for("4 keys typed before the first picture did nothing");
    pty.wait_for("cell 0; 0 decided;");
}

#[test]
fn ctrl_z_without_a_shell_to_return_to_leaves_the_session_working() {
    let pty = start(Emulator::Kitty);
    pty.send("\x1a");
    pty.send("n");
    pty.wait_for("cell 1;");
    pty.send("q");
    pty.assert_restored(0);
}
