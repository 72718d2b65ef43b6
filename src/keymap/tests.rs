//! The keymap as a whole. Files with one problem each are in `tests/keymap_problems.rs`.

use std::path::Path;

use super::*;

fn keymap(user: &str) -> Keymap {
    let user = (!user.is_empty()).then_some((Path::new("mine.toml"), user));
    Keymap::load(user, &ClassTable::default())
        .unwrap_or_else(|p| panic!("{}", p.iter().map(|p| format!("{p}\n")).collect::<String>()))
}

fn keys(text: &str) -> Vec<Key> {
    text.split_whitespace().map(|k| k.parse().expect("a key")).collect()
}

#[test]
fn the_default_has_no_problem_and_a_key_for_every_class() {
    let map = keymap("");
    let table = ClassTable::default();
    assert_eq!(table.len(), 24);
    for (id, class) in table.iter() {
        assert_eq!(map.keys_for(Mode::Review, Command::Class(id)).len(), 1, "{}", class.code);
    }
}

#[test]
fn no_default_key_both_moves_and_decides_in_any_mode() {
    let map = keymap("");
    let decides: Vec<_> =
        map.bindings(Mode::Review).iter().filter(|b| b.command.doc().decides).map(|b| b.keys[0]).collect();
    let moves = [Command::Next, Command::Previous, Command::NextUnreviewed, Command::PreviousUnreviewed];
    for binding in map.bindings(Mode::Review).iter().filter(|b| moves.contains(&b.command)) {
        assert!(!decides.contains(&binding.keys[0]), "{:?}", binding.keys);
    }
}

#[test]
fn keys_resolve_one_after_the_other() {
    let map = keymap("");
    assert_eq!(map.resolve(Mode::Review, &keys("space")), Resolution::Command(Command::Accept));
    assert_eq!(map.resolve(Mode::Cases, &keys("g")), Resolution::Prefix);
    assert_eq!(map.resolve(Mode::Cases, &keys("g g")), Resolution::Command(Command::First));
    assert_eq!(map.resolve(Mode::Cases, &keys("g x")), Resolution::None);
    assert_eq!(
        map.resolve(Mode::Sign, &keys("space")),
        Resolution::None,
        "nothing accepts by habit before a signature"
    );
    assert_eq!(map.resolve(Mode::Review, &[]), Resolution::None);
}

#[test]
fn a_users_key_comes_on_top_and_none_takes_one_away() {
    let map = keymap("[review]\n\"d\" = \"exclude\"\n\"delete\" = \"none\"\n\"z\" = \"note\"\n\"Z\" = \"zoom\"\n");
    assert_eq!(map.keys_for(Mode::Review, Command::Exclude), ["d", "x"]);
    assert_eq!(map.keys_for(Mode::Review, Command::Note), ["z", "N"]);
    assert_eq!(map.keys_for(Mode::Review, Command::Zoom), ["Z"]);
    assert_eq!(map.keys_for(Mode::Cases, Command::Quit), ["q", "ctrl-c"], "other modes stay");
}

#[test]
fn what_is_printed_resolves_to_the_same_keys() {
    let user = "[review]\n'\"' = \"exclude\"\n'\\' = \"note\"\n\"ctrl-w z\" = \"zoom\"\n\"f5\" = \"class NGS\"\n";
    for map in [keymap(""), keymap(user)] {
        let again = keymap(&map.to_toml());
        for mode in Mode::ALL {
            let pairs = |m: &Keymap| {
                let mut v: Vec<_> = m.bindings(mode).iter().map(|b| (b.keys.clone(), b.command)).collect();
                v.sort();
                v
            };
            assert_eq!(pairs(&again), pairs(&map), "{mode:?}");
        }
    }
}

#[test]
fn help_has_every_bound_command_once_and_says_what_classes_are() {
    let map = keymap("");
    for mode in Mode::ALL {
        let rows = map.help(mode);
        let mut commands: Vec<_> = rows.iter().map(|r| r.command).collect();
        commands.sort();
        commands.dedup();
        assert_eq!(commands.len(), rows.len());
        assert!(map.bindings(mode).iter().all(|b| commands.contains(&b.command)));
    }
    let review = map.help(Mode::Review);
    assert_eq!((review[0].keys.as_str(), review[0].command), ("space, enter", Command::Accept));
    assert!(review.iter().any(|r| r.keys == "v" && r.what == "LYA: lymphocyte, atypical"));
}

#[test]
fn the_footer_shows_only_what_works_now() {
    let map = keymap("");
    let all = map.footer(Mode::Review, &|_| true);
    assert_eq!(all[0], ("space".to_owned(), "accept"));
    assert!(all.contains(&("→".to_owned(), "next")));
    let words =
        |n: usize| all.iter().take(n).map(|(key, word)| key.chars().count() + 1 + word.len() + 3).sum::<usize>();
    let last = all.iter().position(|(_, word)| *word == "sign").expect("it is in the footer");
    assert!(words(last + 1) <= 80 + 3, "accept to sign fit into 80 columns: {}", words(last + 1));
    let signed = map.footer(Mode::Review, &|c| !c.doc().decides);
    assert!(signed.iter().all(|(_, word)| !["accept", "exclude", "undo"].contains(word)));
    assert_eq!(map.footer(Mode::Sign, &|_| true)[0], ("y".to_owned(), "sign"));
}

#[test]
fn the_readmes_table_escapes_what_markdown_would_eat() {
    let table = keymap("[review]\n\"|\" = \"zoom\"\n\"`\" = \"note\"\n").markdown_table();
    assert!(table.contains("| `\\|`, `z` |"), "{table}");
    assert!(table.contains("`` ` ``"), "{table}");
    assert_eq!(table.matches("|---|---|").count(), Mode::ALL.len());
}

#[test]
fn a_class_of_another_table_needs_a_key_and_default_keys_of_missing_classes_go() {
    let table = ClassTable::parse(
        "schema = 1\n[[class]]\ncode = \"NGS\"\nname = \"neutrophil\"\nrole = \"wbc-normal\"\n[[class]]\ncode = \"MAST\"\nname = \"mast cell\"\nrole = \"wbc-abnormal\"\n",
    )
    .expect("a table");
    let problems = Keymap::load(None, &table).expect_err("MAST has no key");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains("class MAST (mast cell) has no key"), "{}", problems[0]);
    assert!(problems[0].to_string().starts_with("keymap.toml:"), "{}", problems[0]);
    let map =
        Keymap::load(Some((Path::new("m.toml"), "[review]\n\"d\" = \"class MAST\"\n")), &table).expect("complete");
    assert_eq!(map.resolve(Mode::Review, &keys("b")), Resolution::None, "band cells are not in this table");
}
