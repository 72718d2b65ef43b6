//! Flags by tables of counts, the test between decisions and suggestions, and files with problems.

use super::*;
use crate::domain::Verdict;

fn tally(table: &ClassTable, counts: &[(&str, usize)]) -> Tally {
    let id = |code: &str| Some(Verdict::Class(table.by_code(code).expect("a code")));
    Tally::of(table, &BlastSet::of_table(table), counts.iter().flat_map(|&(code, n)| vec![id(code); n]))
}

fn shorts(decided: &[(&str, usize)], suggested: &[(&str, usize)]) -> Vec<String> {
    let table = ClassTable::default();
    let rules = FlagRules::shipped(&table);
    let blasts = BlastSet::of_table(&table);
    let flags = rules.of_tallies(&table, &blasts, &tally(&table, decided), &tally(&table, suggested), []);
    flags.iter().map(|f| format!("{} {}", f.origin.name(), f.short)).collect()
}

#[test]
fn thresholds_are_kept_to_the_cell() {
    for (counts, expected) in [
        (&[("NGS", 100)][..], &[][..]),
        (&[("NGS", 399), ("MYO", 1)], &["decided blasts 0.2%"]),
        (&[("NGS", 97), ("MYO", 1), ("MOB", 2)], &["decided blasts 3.0%"]),
        (&[("NGS", 90), ("NGB", 10)], &[]),
        (&[("NGS", 89), ("NGB", 11)], &["decided left shift"]),
        (&[("NGS", 98), ("MMZ", 2)], &[]),
        (&[("NGS", 97), ("MMZ", 3)], &["decided left shift"]),
        (&[("NGS", 199), ("PMO", 1)], &[]),
        (&[("NGS", 198), ("PMO", 1), ("MYB", 1)], &["decided left shift"]),
        (&[("LYT", 95), ("LYA", 5)], &[]),
        (&[("LYT", 94), ("LYA", 6)], &["decided atypical lymphocytes 6.0%"]),
        (&[("NGS", 100), ("EBO", 1)], &["decided NRBC 1.0/100"]),
        (&[("NGS", 101), ("EBO", 1)], &[]),
        (&[("EBO", 9), ("KSC", 2)], &[]),
    ] {
        assert_eq!(shorts(counts, &[]), expected, "{counts:?}");
    }
    let both = shorts(&[("NGS", 9)], &[("NGS", 4), ("MYO", 4)]);
    assert_eq!(both, ["suggested blasts 4 of 8 WBC"], "suggestions are counted apart from decisions");
}

#[test]
fn a_few_cells_raise_no_flag_of_a_share_and_tell_none() {
    for (counts, expected) in [
        (&[("MYO", 1)][..], &["decided blasts 1 of 1 WBC"][..]),
        (&[("NGS", 48), ("MYO", 1)], &["decided blasts 1 of 49 WBC"]),
        (&[("NGS", 49), ("MYO", 1)], &["decided blasts 2.0%"]),
        (&[("NGB", 49)], &[]),
        (&[("NGB", 50)], &["decided left shift"]),
        (&[("LYA", 1), ("EBO", 1)], &[]),
        (&[("LYT", 50), ("EBO", 1)], &["decided NRBC 2.0/100"]),
    ] {
        assert_eq!(shorts(counts, &[]), expected, "{counts:?}");
    }
    let table = ClassTable::default();
    let (three, none) = (tally(&table, &[("NGS", 2), ("MYO", 1)]), tally(&table, &[]));
    let said = |rules: &FlagRules| {
        rules
            .of_tallies(&table, &BlastSet::of_table(&table), &three, &none, [])
            .iter()
            .map(Flag::sentence)
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&FlagRules::shipped(&table)), ["blasts: (MYO MOB LBL BLU) 1 of 3 WBC (from 1 cell on)"]);
    // A laboratory may tell shares from the first cell on; a file from before the key holds as the shipped one does.
    let file = |key: &str| {
        format!(
            "schema = 1\n{key}[[flag]]\nname = \"blasts\"\nwhen = [{{ of = \"blasts\", at_least = 20 }}]\n[apart]\nalpha = 0.05\n"
        )
    };
    let read = |key| FlagRules::parse(&file(key), &table);
    assert_eq!(
        said(&read("from_wbc = 1\n").expect("valid")),
        ["blasts: (MYO MOB LBL BLU) 1 of 3 WBC, 33.3% (from 20% on)"]
    );
    assert_eq!(said(&read("").expect("valid")), Vec::<String>::new());
    let problems = read("from_wbc = 0\n").expect_err("a problem");
    assert!(problems.len() == 1 && problems[0].line == 2 && problems[0].message.contains("from_wbc"), "{problems:?}");
}

#[test]
fn a_sentence_holds_figures_and_threshold() {
    let table = ClassTable::default();
    let decided = tally(&table, &[("NGS", 86), ("NGB", 11), ("MYB", 1), ("MYO", 2), ("EBO", 3)]);
    let flags =
        FlagRules::shipped(&table).of_tallies(&table, &BlastSet::of_table(&table), &decided, &tally(&table, &[]), []);
    let said: Vec<_> = flags.iter().map(Flag::sentence).collect();
    assert_eq!(
        said,
        [
            "blasts: (MYO MOB LBL BLU) 2 of 100 WBC, 2.0% (from 1 cell on)",
            "left shift: NGB 11 of 100 WBC, 11.0% (above 10%); MYB+PMO+PMB 1 of 100 WBC, 1.0% (from 1% on)",
            "NRBC: 3 to 100 WBC, 3.0 per 100 WBC (from 1 per 100 WBC on)",
        ]
    );
}

#[test]
fn mcnemar_agrees_with_counting_coins() {
    // 2 (1 + 9) / 2^9; 2 / 2^6; 2 (1 + 12 + 66) / 2^12: by hand.
    for (b, c, p) in [(1, 8, 0.0390625), (0, 6, 0.03125), (2, 10, 0.03857421875), (5, 5, 1.0), (0, 0, 1.0), (0, 1, 1.0)]
    {
        assert!((mcnemar(b, c) - p).abs() < 1e-12 && mcnemar(b, c) == mcnemar(c, b), "{b}, {c}: {}", mcnemar(b, c));
    }
}

#[test]
fn blasts_are_flagged_by_what_counts_as_one_in_the_case_and_the_flag_says_so() {
    let table = ClassTable::default();
    let rules = FlagRules::shipped(&table);
    let decided = tally(&table, &[("NGS", 97), ("PRM", 3)]);
    let suggested = tally(&table, &[("NGS", 96), ("MON", 4)]);
    let id = |code: &str| table.by_code(code).expect("a code");
    let flags = |blasts: &BlastSet, pairs: &[(ClassId, ClassId)]| {
        rules.of_tallies(&table, blasts, &decided, &suggested, pairs.iter().copied())
    };
    assert_eq!(flags(&BlastSet::of_table(&table), &[]), []);
    let chosen = BlastSet::choose(&table, ["MYO", "MOB", "LBL", "BLU", "PRM"]).expect("a choice");
    let with = flags(&chosen, &[(id("PRM"), id("MON")); 8]);
    let said: Vec<_> = with.iter().map(|f| (f.short.as_str(), f.sentence())).collect();
    assert_eq!(said[0].0, "blasts+PRM 3.0%");
    assert_eq!(said[0].1, "blasts: blasts and equivalents (MYO MOB LBL BLU PRM) 3 of 100 WBC, 3.0% (from 1 cell on)");
    assert_eq!(said[1].0, "apart on blasts+PRM", "suggestions that call them monocytes miss them");
    let mono = flags(&BlastSet::of_table(&table), &[(id("PRM"), id("MON")); 8]);
    assert!(
        mono.iter().all(|f| !f.name.contains("blasts")),
        "and are no missed blasts where they count as none: {mono:?}"
    );
}

/// The flags between decisions and suggestions on so many pairs of codes.
fn apart(pairs: &[(&str, &str, usize)]) -> Vec<Apart> {
    let table = ClassTable::default();
    let id = |code: &str| table.by_code(code).expect("a code");
    let pairs = pairs.iter().flat_map(|&(d, s, n)| vec![(id(d), id(s)); n]);
    let none = tally(&table, &[]);
    let flags = FlagRules::shipped(&table).of_tallies(&table, &BlastSet::of_table(&table), &none, &none, pairs);
    assert!(flags.iter().all(|f| f.origin == Origin::Both));
    flags.into_iter().filter_map(|f| f.apart).collect()
}

#[test]
fn decisions_and_suggestions_are_apart_only_by_more_than_chance() {
    assert_eq!(apart(&[("NGS", "NGS", 90), ("MYO", "MON", 5), ("LYT", "LYT", 5)]), [], "5 and 0 could be chance");
    // Monocytes: 2 / 2^6 as well, times two classes asked about (NGS and MON), is past 5%.
    let six = apart(&[("NGS", "NGS", 90), ("MYO", "MON", 6)]);
    let [blasts] = &six[..] else { panic!("{six:?}") };
    assert_eq!((blasts.what.as_str(), blasts.decided_only, blasts.suggested_only, blasts.cells), ("blasts", 6, 0, 96));
    assert!((blasts.p - 0.03125).abs() < 1e-12, "{blasts:?}");
    assert_eq!(
        apart(&[("MYO", "MOB", 60), ("MOB", "MYO", 9)]),
        [],
        "one kind of blast for the other is no blast missed"
    );
    assert_eq!(apart(&[("NGS", "NGB", 12), ("NGB", "NGS", 12)]), [], "mistaken both ways alike");
    let bands = apart(&[("NGS", "NGB", 12), ("NGS", "NGS", 40)]);
    assert_eq!(bands.iter().map(|a| a.what.as_str()).collect::<Vec<_>>(), ["NGB", "NGS"]);
    assert!(
        bands.iter().all(|a| (a.p - 2.0 * 2.0 / 4096.0).abs() < 1e-12),
        "two classes, each with 2 / 2^12: {bands:?}"
    );
    assert_eq!(apart(&[("UNI", "MYO", 50)]), [], "what nobody could identify says nothing");
    assert_eq!(apart(&[("ART", "NGS", 4)]), []);
}

#[test]
fn the_shipped_thresholds_fit_the_shipped_table_and_any_other() {
    let table = ClassTable::default();
    let shipped = include_str!("../../../data/flags.toml");
    assert_eq!(FlagRules::parse(shipped, &table), Ok(FlagRules::shipped(&table)));
    let own = "schema = 1\n[[class]]\ncode = \"SEG\"\nname = \"segmented\"\nrole = \"wbc-normal\"\n";
    let own = ClassTable::parse(own).expect("a table");
    assert!(FlagRules::parse(shipped, &own).is_err(), "a file given by name has to fit the table");
    let names: Vec<_> = FlagRules::shipped(&own).rules.into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["blasts", "NRBC"]);
}

#[test]
fn every_problem_is_named_with_its_place() {
    let table = ClassTable::default();
    let text = "schema = 2\n[[flag]]\nname = \"\"\nwhen = [\n  { of = \"blast\", cells = 1 },\n  { classes = [\"NGB\", \"XYZ\"], above = 1 },\n  \
                { classes = [\"NGB\", \"EBO\"], above = 1 },\n  { of = \"nrbc\", cells = 1, above = 2 },\n]\n[[flag]]\nname = \"b\"\nwhen = []\n\
                [apart]\nalpha = 7.0\n";
    let problems = FlagRules::parse(text, &table).expect_err("problems");
    let places: Vec<_> =
        problems.iter().map(|p| (p.line, p.message.split(' ').take(3).collect::<Vec<_>>().join(" "))).collect();
    let places: Vec<_> = places.iter().map(|(line, said)| (*line, said.as_str())).collect();
    assert_eq!(
        places,
        [
            (1, "this program reads"),
            (3, "a flag's name"),
            (5, "of is \"blasts\","),
            (6, "the class table"),
            (7, "classes in the"),
            (8, "give one of"),
            (12, "a flag without"),
            (14, "alpha is a"),
        ]
    );
    assert_eq!(problems[3].column, 23);
    for (text, line, word) in [
        ("schema = 1\nflag = []\n[apart]\nalfa = 0.05\n", 4, "alfa"),
        ("schema = 1\n[[flag]]\nname = 3\n", 3, "string"),
        ("schema = \n", 1, ""),
    ] {
        let problems = FlagRules::parse(text, &table).expect_err("a problem");
        assert!(problems.len() == 1 && problems[0].line == line && problems[0].message.contains(word), "{problems:?}");
    }
}
