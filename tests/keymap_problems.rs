//! One bad keymap file for each kind of problem, with the line that names it.

use std::path::Path;

use leukoscope::{domain::ClassTable, keymap::Keymap};

fn problems(text: &str) -> Vec<String> {
    match Keymap::load(Some((Path::new("keymap.toml"), text)), &ClassTable::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// What a file is called, its text, and its one problem.
const CASES: &[(&str, &str, &str)] = &[
    (
        "unknown key",
        "[review]\n\"spcae\" = \"accept\"\n",
        "keymap.toml:2:1: unknown key `spcae`; did you mean `space`?",
    ),
    (
        "unknown key, foreign spelling",
        "[review]\n  \"C-x\" = \"exclude\"\n",
        "keymap.toml:2:3: unknown key `C-x`; did you mean `ctrl-x`?",
    ),
    (
        "unknown key in a sequence",
        "[review]\n\"f2 uup\" = \"undo\"\n",
        "keymap.toml:2:1: unknown key `uup`; did you mean `up`?",
    ),
    (
        "unknown action",
        "[review]\n\"d\" = \"acept\"\n",
        "keymap.toml:2:7: unknown action `acept`; did you mean `accept`?",
    ),
    (
        "a class without the word class",
        "[review]\n\"d\" = \"NGS\"\n",
        "keymap.toml:2:7: unknown action `NGS`; did you mean `class NGS`?",
    ),
    (
        "unknown class",
        "[review]\n\"d\" = \"class MYX\"\n",
        "keymap.toml:2:7: the class table has no class `MYX`; did you mean `class MYO`?",
    ),
    (
        "a class by a scanner's label",
        "[review]\n\"d\" = \"class SNE\"\n",
        "keymap.toml:2:7: the class table has no class `SNE`; did you mean `class NGS`?",
    ),
    (
        "class without a code",
        "[review]\n\"d\" = \"class\"\n",
        "keymap.toml:2:7: `class` is no class; write `class CODE` with a code of the class table",
    ),
    (
        "unknown table",
        "[reveiw]\n\"d\" = \"exclude\"\n",
        "keymap.toml:1:2: unknown table `[reveiw]`; did you mean `[review]`?",
    ),
    (
        "unknown table, nothing like it",
        "[keys]\n\"d\" = \"exclude\"\n",
        "keymap.toml:1:2: unknown table `[keys]`; the tables are [cases], [review], [gallery], [alike], [dispute], [sign], [help]",
    ),
    (
        "outside of a table",
        "\"d\" = \"exclude\"\n",
        "keymap.toml:1:1: `d` stands outside of the tables; put it under one of [cases], [review], [gallery], [alike], [dispute], [sign], [help]",
    ),
    (
        "the same key written twice",
        "[review]\n\"d\" = \"exclude\"\n\"d\" = \"note\"\n",
        "keymap.toml:3:1: duplicate key `\"d\"`: it stands in this table before; remove one of the two",
    ),
    (
        "the same key in two spellings",
        "[review]\n\"space\" = \"accept\"\n\"f2\" = \"zoom\"\n\" \" = \"exclude\"\n",
        "keymap.toml:4:1: `space` is bound twice in [review], in line 2 already; remove one of the two",
    ),
    (
        "the same table twice",
        "[review]\n\"d\" = \"exclude\"\n[review]\n\"f2\" = \"note\"\n",
        "keymap.toml:3:2: duplicate key `review`: it stands in this table before; remove one of the two",
    ),
    (
        "hidden by a prefix in the same file",
        "[review]\n\"d\" = \"zoom\"\n\"d d\" = \"exclude\"\n",
        "keymap.toml:3:1: `d d` in [review] is never reached, for `d` is bound by itself (keymap.toml:2); unbind one of the two with \"none\"",
    ),
    (
        "hidden by a prefix of the default",
        "[review]\n\"x x\" = \"exclude\"\n",
        "keymap.toml:2:1: `x x` in [review] is never reached, for `x` is bound by itself",
    ),
    (
        "hides a sequence of the default",
        "[cases]\n\"g\" = \"first\"\n",
        "keymap.toml:2:1: `g g` in [cases] is never reached, for `g` is bound by itself",
    ),
    (
        "a required action without a key",
        "[review]\n\"d\" = \"exclude\"\n\"u\" = \"none\"\n",
        "keymap.toml:3:1: `undo` has no key in [review], and cannot do without one; add for example \"u\" = \"undo\"",
    ),
    (
        "a class without a key",
        "[review]\n\"s\" = \"none\"\n",
        "keymap.toml:2:1: class NGS (neutrophil, segmented) has no key in [review]; add for example \"s\" = \"class NGS\"",
    ),
    (
        "an action of another mode",
        "[cases]\n\"d\" = \"exclude\"\n",
        "keymap.toml:2:7: `exclude` does not work in [cases]; it works in [review]",
    ),
    (
        "a class elsewhere",
        "[help]\n\"d\" = \"class NGS\"\n",
        "keymap.toml:2:7: `class` does not work in [help]; it works in [review]",
    ),
    (
        "ctrl-i",
        "[review]\n\"ctrl-i\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `ctrl-i` from `tab`; write `tab`",
    ),
    (
        "ctrl-m",
        "[review]\n\"ctrl-m\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `ctrl-m` from `enter`; write `enter`",
    ),
    (
        "ctrl-j",
        "[review]\n\"ctrl-j\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `ctrl-j` from `enter`; write `enter`",
    ),
    (
        "ctrl-h",
        "[review]\n\"ctrl-h\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `ctrl-h` from `backspace`; write `backspace`",
    ),
    (
        "ctrl-[",
        "[review]\n\"ctrl-[\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `ctrl-[` from `esc`; write `esc`",
    ),
    (
        "shift",
        "[review]\n\"shift-d\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals cannot tell `shift-d` from `D`; write `D`",
    ),
    (
        "alt-[",
        "[review]\n\"alt-[\" = \"zoom\"\n",
        "keymap.toml:2:1: terminals send the start of an escape sequence for `alt-[`; choose another key",
    ),
    (
        "no key",
        "[review]\n\"\" = \"zoom\"\n",
        "keymap.toml:2:1: an empty text is no key; the space bar is written `space`",
    ),
    ("no text", "[review]\n\"d\" = 3\n", "keymap.toml:2:7: an action is a text in quotes"),
    ("keys without quotes", "[review]\nd.d = \"zoom\"\n", "keymap.toml:2:1: an action is a text in quotes"),
    ("not TOML", "[review]\n\"d\" = \n\"f2\" = \"note\"\n", "keymap.toml:2:"),
    (
        "columns count characters",
        "[review]\n\"ö\" = \"zoomé\" # é\n\"é\" = \"acept\"\n",
        "keymap.toml:2:7: unknown action `zoomé`",
    ),
];

#[test]
fn each_kind_of_problem_is_named_with_its_place() {
    for (what, text, expected) in CASES {
        let found = problems(text);
        assert!(
            found.iter().any(|p| p.starts_with(expected)),
            "{what}: expected\n  {expected}\nfound\n  {}",
            found.join("\n  ")
        );
        if *what != "columns count characters" {
            assert_eq!(found.len(), 1, "{what}: one problem, not\n  {}", found.join("\n  "));
        }
    }
}

#[test]
fn all_problems_come_at_once_in_the_order_of_the_file() {
    let text = "[review]\n\"spcae\" = \"accept\"\n\"d\" = \"acept\"\n\"u\" = \"none\"\n\"ctrl-i\" = \"zoom\"\n[caess]\n\"x x\" = \"quit\"\n";
    let found = problems(text);
    let lines: Vec<_> = found.iter().map(|p| p.split(':').nth(1).unwrap_or_default().to_owned()).collect();
    assert_eq!(lines, ["2", "3", "4", "5", "6"], "{}", found.join("\n"));
}

#[test]
fn an_empty_file_changes_nothing() {
    for text in ["", "# nothing\n", "[review]\n", "\u{feff}[review]\r\n\"d\" = \"exclude\"\r\n"] {
        assert_eq!(problems(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn a_hostile_file_is_quoted_harmlessly() {
    for line in problems("[review]\n\"d\" = \"\\u001b[2J\"\n") {
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}
