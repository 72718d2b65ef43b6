//! Bytes in, tokens out: whole, in pieces, late, and garbage.

use super::*;

/// Decodes pieces that come one right after the other; then nothing comes for so long that nothing is waited for.
fn decoded(chunks: &[&[u8]]) -> Vec<Token> {
    let mut line = Line::default();
    chunks.iter().for_each(|chunk| line.send(chunk));
    line.silence();
    line.out
}

/// Decodes pieces with pauses of so many ms before them.
fn decoded_after(pieces: &[(u64, &[u8])]) -> Vec<Token> {
    let mut line = Line::default();
    for (pause, bytes) in pieces {
        line.pause(*pause);
        line.send(bytes);
    }
    line.pause(50);
    line.out
}

/// A line whose time is told.
struct Line {
    decoder: Decoder,
    now: Instant,
    out: Vec<Token>,
}

impl Default for Line {
    fn default() -> Self {
        Self { decoder: Decoder::default(), now: Instant::now(), out: Vec::new() }
    }
}

impl Line {
    fn send(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes, self.now, &mut self.out);
    }

    fn pause(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        while let Some(deadline) = self.decoder.deadline().filter(|d| *d <= until) {
            self.decoder.expire(deadline, &mut self.out);
        }
        self.now = until;
    }

    fn silence(&mut self) {
        self.pause(20_000);
        self.pause(20_000);
        assert_eq!(self.decoder.deadline(), None, "nothing is waited for for ever");
    }
}

fn stroke(text: &str, kind: KeyKind) -> Token {
    let key = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    Token::Key(Stroke { key, kind, detail: Detail::default() })
}

fn key(text: &str) -> Token {
    stroke(text, KeyKind::Press)
}

/// Keys, less what came with them.
fn keys(tokens: &[Token]) -> Vec<String> {
    let key = |t: &Token| match t {
        Token::Key(stroke) => Some(stroke.key.to_string()),
        _ => None,
    };
    tokens.iter().filter_map(key).collect()
}

#[test]
fn keys_of_common_terminals() {
    for (bytes, name) in [
        ("a", "a"),
        ("G", "G"),
        ("é", "é"),
        (" ", "space"),
        ("\r", "enter"),
        ("\n", "enter"),
        ("\t", "tab"),
        ("\x7f", "backspace"),
        ("\x08", "backspace"),
        ("\x12", "ctrl-r"),
        ("\0", "ctrl-space"),
        ("\x1b", "esc"),
        ("\x1bx", "alt-x"),
        ("\x1b\r", "alt-enter"),
        ("\x1b[A", "up"),
        ("\x1bOB", "down"),
        ("\x1b[Z", "shift-tab"),
        ("\x1b[1;2D", "shift-left"),
        ("\x1b[1;5C", "ctrl-right"),
        ("\x1b[H", "home"),
        ("\x1b[4~", "end"),
        ("\x1b[5~", "pageup"),
        ("\x1b[3~", "delete"),
        ("\x1bOP", "f1"),
        ("\x1b[[B", "f2"),
        ("\x1b[15~", "f5"),
        ("\x1b[24~", "f12"),
        // kitty
        ("\x1b[27u", "esc"),
        ("\x1b[114;5u", "ctrl-r"),
        ("\x1b[105;5u", "tab"),
        ("\x1b[13;5u", "enter"),
        ("\x1b[9;2u", "shift-tab"),
        ("\x1b[120;3u", "alt-x"),
        ("\x1b[57414u", "enter"),
        ("\x1bOs", "3"),
        ("\x1bOl", ","),
    ] {
        assert_eq!(decoded(&[bytes.as_bytes()]), [key(name)], "{bytes:?}");
    }
}

#[test]
fn repeats_and_releases_are_told_apart_and_other_modifiers_are_no_key() {
    let kind = |bytes: &[u8]| decoded(&[bytes]);
    assert_eq!(kind(b"\x1b[115;1:2u"), [stroke("s", KeyKind::Repeat)]);
    assert_eq!(kind(b"\x1b[115;1:3u"), [stroke("s", KeyKind::Release)]);
    assert_eq!(kind(b"\x1b[1;1:3A"), [stroke("up", KeyKind::Release)]);
    assert_eq!(kind(b"\x1b[115;9u"), [], "super-s is the window manager's");
    assert_eq!(kind(b"\x1b[57441u"), [], "shift by itself");
}

#[test]
fn caps_lock_makes_no_other_key_and_is_told() {
    // Key, Shift, Caps Lock; what it types; the key that it is.
    for (bytes, name, text, caps_lock) in [
        (&b"\x1b[108;;108u"[..], "l", None, false),
        (b"\x1b[108:76;2;76u", "L", None, false),
        (b"\x1b[108;65;76u", "l", Some('L'), true),
        (b"\x1b[108:76;66;108u", "L", Some('l'), true),
        (b"\x1b[108;65u", "l", Some('L'), true),
        (b"\x1b[49;65;49u", "1", None, true),
        (b"\x1b[32;193u", "space", None, true),
    ] {
        let tokens = decoded(&[bytes]);
        let [Token::Key(stroke)] = tokens.as_slice() else { panic!("{tokens:?}") };
        let Detail { text: typed, caps_lock: told, .. } = stroke.detail;
        assert_eq!((stroke.key.to_string().as_str(), typed, told), (name, text, caps_lock), "{bytes:?}");
    }
}

#[test]
fn other_layouts_have_the_same_key_on_a_latin_keyboard_beside_them() {
    let base = |bytes: &[u8]| match decoded(&[bytes]).as_slice() {
        [Token::Key(stroke)] => (stroke.key.to_string(), stroke.detail.base.map(|k| k.to_string())),
        other => panic!("{other:?}"),
    };
    assert_eq!(base("\x1b[1099::115;;1099u".as_bytes()), ("ы".into(), Some("s".into())));
    assert_eq!(base("\x1b[1099:1067:115;2;1067u".as_bytes()), ("Ы".into(), Some("S".into())));
    assert_eq!(base("\x1b[966::102u".as_bytes()), ("φ".into(), Some("f".into())));
    // AltGr and a dead key type what they type.
    assert_eq!(base(b"\x1b[113;;64u"), ("@".into(), None));
    assert_eq!(base("\x1b[0;;233u".as_bytes()), ("é".into(), None));
    assert_eq!(decoded(&["\x1b[0;;97:98u".as_bytes()]), [Token::Paste("ab".into())], "of an input method");
}

#[test]
fn every_split_gives_the_same_tokens() {
    let stream = "a\x1b[Aé\x1b_Gi=31;OK\x1b\\\x1b[?62;4c\x1b[200~pasted s\x1b[31m\x1b[201~\x1bP>|foot(1.16)\x1b\\z\x1b[6;20;10t\x1b[115;1:3u".as_bytes();
    let whole = decoded(&[stream]);
    assert_eq!(whole.len(), 10, "{whole:?}");
    assert!(whole.contains(&Token::Paste("pasted s\x1b[31m".into())));
    // But for what is said of keys that came at once with the end of something else.
    let plain = |tokens: Vec<Token>| -> Vec<Token> {
        let plain = |t| match t {
            Token::Key(stroke) => Token::Key(Stroke { detail: Detail { crowded: false, ..stroke.detail }, ..stroke }),
            other => other,
        };
        tokens.into_iter().map(plain).collect()
    };
    for cut in 1..stream.len() {
        assert_eq!(plain(decoded(&[&stream[..cut], &stream[cut..]])), whole, "cut at {cut}");
    }
    let single: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decoded(&single), whole);
}

#[test]
fn replies_never_become_keys() {
    for reply in [
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b_Gi=31;ENODATA:s n b\x1b\\",
        "\x1b[?62;4c",
        "\x1b[?1u",
        "\x1b[6;20;10t",
        "\x1bP>|XTerm(390)\x1b\\",
        "\x1b]11;rgb:ffff/ffff/ffff\x07",
        "\x1bP1$r0;48:2::1:2:3m\x1b\\",
        "\x1b[12;40R",
        "\x1b[?2026;2$y",
        "\x1b[0n",
    ] {
        let tokens = decoded(&[reply.as_bytes(), b"q"]);
        assert!(matches!(tokens.as_slice(), [Token::Reply(_), Token::Key(..)]), "{reply:?}: {tokens:?}");
    }
}

#[test]
fn a_reply_broken_off_by_a_key_is_dropped_and_the_key_is_kept() {
    assert_eq!(decoded(&[b"\x1b_Gi=31;O", b"\x1b[A"]), [key("up")]);
    assert_eq!(decoded(&[b"\x1b[?62;", b"\x1b[B"]), [key("down")]);
    assert_eq!(decoded(&[b"\x1b[?62;4"]), [], "given up after a while");
    assert_eq!(keys(&decoded_after(&[(0, b"\x1b_Gi=31;OK"), (700, b"\x1b\\")])), [""; 0], "a string's end is nothing");
}

/// Everything that terminals answer or send unasked, as far as it has letters in it.
const SENT: [&[u8]; 18] = [
    b"\x1b[?62;22c",
    b"\x1b[6;20;10t",
    b"\x1b[?1u",
    b"\x1b[12;40R",
    b"\x1b[?2026;2$y",
    b"\x1b[0n",
    b"\x1bP1$r0;48:2::1:2:3m\x1b\\",
    b"\x1bP>|kitty(0.36.4)\x1b\\",
    b"\x1b_Gi=31;ENODATA:s n b\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x07",
    b"\x1b]52;c;c3Ns\x1b\\",
    b"\x1b^s l\x1b\\",
    b"\x1b[<0;10;20M",
    b"\x1b[<0;10;20m",
    b"\x1b[Mslc",
    b"\x1b[1;5C",
    b"\x9b?62;22c",
    b"\xc2\x9b?62;22c",
];

#[test]
fn the_rest_of_a_broken_off_sequence_is_no_key_wherever_and_for_however_long_it_was_broken_off() {
    for sent in SENT {
        for cut in 1..sent.len() {
            for pause in [50, 300, 750, 2_000, 4_500] {
                let (head, tail) = sent.split_at(cut);
                let found = decoded_after(&[(0, head), (pause, tail), (1_000, b"q")]);
                let mut found = keys(&found);
                assert_eq!(found.pop().as_deref(), Some("q"), "{sent:?} at {cut} after {pause} ms");
                // An ESC by itself is Esc, and an arrow that came in time is the arrow.
                found.retain(|k| k != "esc" && !(sent == b"\x1b[1;5C" && k == "ctrl-right"));
                // A lone ESC may be followed by the key O, P or X.
                assert_eq!(found, [""; 0], "{sent:?} cut at {cut}, {pause} ms");
            }
        }
    }
}

#[test]
fn pieces_of_one_byte_are_no_keys_either() {
    for sent in SENT {
        for pause in [1, 20, 300, 700] {
            let pieces: Vec<(u64, &[u8])> = sent.chunks(1).map(|byte| (pause, byte)).collect();
            let found = decoded_after(&pieces);
            let found: Vec<String> = keys(&found).into_iter().filter(|k| k != "esc").collect();
            let is_arrow = sent == b"\x1b[1;5C";
            let allowed = |k: &String| is_arrow && k == "ctrl-right";
            assert!(found.iter().all(allowed), "{sent:?}, a byte each {pause} ms: {found:?}");
        }
    }
}

#[test]
fn a_sequence_in_the_middle_of_another_leaves_no_rest() {
    for (head, tail) in
        [(&b"\x1bP1$r0;48:2::1:2:"[..], &b"3m\x1b\\"[..]), (b"\x1b[?62", b";22c"), (b"\x1b_Gi=31", b";s\x1b\\")]
    {
        let found = decoded_after(&[(0, head), (0, b"\x1b[A"), (5, tail), (10, b"q")]);
        assert_eq!(keys(&found), ["up", "q"], "{head:?}");
    }
}

#[test]
fn a_broken_off_sequence_is_ended_by_esc_or_time() {
    assert_eq!(keys(&decoded_after(&[(0, b"\x1bP1$r"), (700, b"\x1b"), (50, b"s")])), ["esc", "s"]);
    assert_eq!(keys(&decoded_after(&[(0, b"\x1b[?62"), (700, b"\x1b"), (50, b"s")])), ["esc", "s"]);
    assert_eq!(keys(&decoded_after(&[(0, b"\x1bP1$r"), (6_000, b"s")])), ["s"]);
    assert_eq!(keys(&decoded_after(&[(0, b"\x1bP1$r"), (4_000, b"s"), (5_500, b"l")])), ["l"]);
    let swallowed = decoded_after(&[(0, b"\x1bP1$r"), (700, b"s")]);
    assert_eq!(keys(&swallowed), [""; 0]);
}

#[test]
fn what_breaks_a_sequence_is_no_key_and_lets_none_out() {
    for bytes in [
        &b"\x1b[?62\r;22c"[..],
        b"\x1b[?62\xff;22c",
        "\x1b[?6é;22c".as_bytes(),
        b"\x1b[?62\x18",
        b"\x1bP1$r\x18",
        b"\x1bOs\x1bO5s",
    ] {
        let found: Vec<String> = keys(&decoded(&[bytes])).into_iter().filter(|k| k != "3").collect();
        assert_eq!(found, [""; 0], "{bytes:?}");
    }
    let long = [b"\x1b[".as_slice(), &[b';'; 10_000], b"c"].concat();
    assert_eq!(keys(&decoded(&long.chunks(1000).collect::<Vec<_>>())), [""; 0]);
}

#[test]
fn letters_that_come_at_once_with_the_end_of_a_sequence_are_of_no_finger() {
    let crowd = |pieces| -> Vec<(String, bool)> {
        let key = |t: &Token| match t {
            Token::Key(stroke) => Some((stroke.key.to_string(), stroke.detail.crowded)),
            _ => None,
        };
        decoded_after(pieces).iter().filter_map(key).collect()
    };
    assert_eq!(crowd(&[(0, b"\x1b["), (300, b"ucc")]), [("c".into(), true), ("c".into(), true)]);
    assert_eq!(crowd(&[(0, b"\x1b["), (10, b"As")]), [("up".into(), false), ("s".into(), true)]);
    assert_eq!(crowd(&[(0, b"\x1b["), (10, b"A"), (10, b"s")]), [("up".into(), false), ("s".into(), false)]);
}

#[test]
fn after_esc_a_letter_that_could_go_on_is_the_key_when_it_comes_alone() {
    assert_eq!(keys(&decoded_after(&[(0, b"\x1b"), (300, b"O"), (200, b"s")])), ["esc", "O", "s"]);
    assert_eq!(keys(&decoded_after(&[(0, b"\x1b"), (300, b"OA"), (200, b"s")])), ["esc", "s"]);
}

#[test]
fn a_paste_without_its_end_stays_a_paste() {
    let found = decoded_after(&[(0, b"\x1b[200~ss"), (700, b"s s"), (700, b"ll\x1b[201~"), (100, b"q")]);
    assert_eq!(keys(&found), ["q"]);
    let pasted: String =
        found.iter().filter_map(|t| if let Token::Paste(text) = t { Some(text.as_str()) } else { None }).collect();
    assert_eq!(pasted, "sss sll");
    let found = decoded_after(&[(0, b"\x1b[200"), (700, b"~s s\x1b[201~"), (100, b"q")]);
    assert_eq!(keys(&found), ["q"], "its start may come in pieces");
    let found = decoded_after(&[(0, b"\x1b[200~ss"), (8_000, b"q")]);
    assert_eq!(keys(&found), ["q"], "not for ever");
}

#[test]
fn an_overlong_string_is_thrown_away_to_its_end() {
    let long = [b"\x1b]52;c;".as_slice(), &[b's'; 20_000], b"\x07q"].concat();
    let tokens = decoded(&long.chunks(1000).collect::<Vec<_>>());
    assert_eq!(keys(&tokens), ["q"]);
}

#[test]
fn a_paste_is_one_token_however_long() {
    let mut stream = b"\x1b[200~".to_vec();
    stream.extend(std::iter::repeat_n(b's', 200_000));
    stream.extend_from_slice(b"\x1b[201~x");
    let tokens = decoded(&stream.chunks(1000).collect::<Vec<_>>());
    assert_eq!(tokens.len(), 2);
    assert!(matches!(&tokens[0], Token::Paste(text) if text.len() == MAX_PASTE));
    assert!(matches!(decoded(&[b"\x1b[200~never ends"]).as_slice(), [Token::Paste(_)]));
}

proptest::proptest! {
    #[test]
    fn garbage_neither_panics_nor_grows(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let mut line = Line::default();
        for chunk in bytes.chunks(7) {
            line.send(chunk);
        }
        proptest::prop_assert!(line.decoder.kept() <= 2 * bytes.len());
        line.silence();
        proptest::prop_assert!(line.out.len() <= bytes.len() + 1);
        // After the garbage, keys are keys.
        line.out.clear();
        line.send(b"q");
        proptest::prop_assert_eq!(line.out, vec![key("q")]);
    }
}
