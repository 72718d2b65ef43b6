//! Bytes in, tokens out: whole, in pieces, late, and garbage.

use super::*;

fn decoded(chunks: &[&[u8]]) -> Vec<Token> {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    for chunk in chunks {
        decoder.push(chunk, &mut out);
    }
    decoder.expire(&mut out);
    out
}

fn key(text: &str) -> Token {
    Token::Key(text.parse().unwrap_or_else(|e| panic!("{text}: {e}")), KeyKind::Press)
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
        ("\x1b[97;65u", "a"),
    ] {
        assert_eq!(decoded(&[bytes.as_bytes()]), [key(name)], "{bytes:?}");
    }
}

#[test]
fn repeats_and_releases_are_told_apart_and_other_modifiers_are_no_key() {
    let kind = |bytes: &[u8]| decoded(&[bytes]);
    assert_eq!(kind(b"\x1b[115;1:2u"), [Token::Key(Key::char('s'), KeyKind::Repeat)]);
    assert_eq!(kind(b"\x1b[115;1:3u"), [Token::Key(Key::char('s'), KeyKind::Release)]);
    assert_eq!(kind(b"\x1b[1;1:3A"), [Token::Key(Key::plain(KeyCode::Up), KeyKind::Release)]);
    assert_eq!(kind(b"\x1b[115;9u"), [], "super-s is the window manager's");
    assert_eq!(kind(b"\x1b[57441u"), [], "shift by itself");
}

#[test]
fn every_split_gives_the_same_tokens() {
    let stream = "a\x1b[Aé\x1b_Gi=31;OK\x1b\\\x1b[?62;4c\x1b[200~pasted s\x1b[31m\x1b[201~\x1bP>|foot(1.16)\x1b\\z\x1b[6;20;10t\x1b[115;1:3u".as_bytes();
    let whole = decoded(&[stream]);
    assert_eq!(whole.len(), 10, "{whole:?}");
    assert!(whole.contains(&Token::Paste("pasted s\x1b[31m".into())));
    for cut in 1..stream.len() {
        assert_eq!(decoded(&[&stream[..cut], &stream[cut..]]), whole, "cut at {cut}");
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
fn a_reply_broken_off_is_dropped_and_the_keys_after_it_are_kept() {
    assert_eq!(decoded(&[b"\x1b_Gi=31;O", b"\x1b[A"]), [key("up")]);
    assert_eq!(decoded(&[b"\x1b[?62;", b"\x1b[B"]), [key("down")]);
    assert_eq!(decoded(&[b"\x1b[?62;4"]), [], "given up after a while");
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    decoder.push(b"\x1b_Gi=31;OK", &mut out);
    decoder.expire(&mut out);
    decoder.push(b"\x1b\\", &mut out);
    assert_eq!(out, [], "a string's end alone is nothing");
}

#[test]
fn an_overlong_string_is_thrown_away_to_its_end() {
    let long = [b"\x1b]52;c;".as_slice(), &[b's'; 20_000], b"\x07q"].concat();
    let tokens = decoded(&long.chunks(1000).collect::<Vec<_>>());
    assert_eq!(tokens, [key("q")]);
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
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for chunk in bytes.chunks(7) {
            decoder.push(chunk, &mut out);
        }
        proptest::prop_assert!(decoder.pending.len() <= bytes.len());
        decoder.expire(&mut out);
        proptest::prop_assert!(decoder.patience().is_none());
        proptest::prop_assert!(out.len() <= bytes.len());
        // After the garbage, keys are keys.
        out.clear();
        decoder.push(b"q", &mut out);
        proptest::prop_assert_eq!(out, vec![key("q")]);
    }
}
