//! The laboratory's file, its problems, and the fields of a report.

use super::*;

#[test]
fn the_shipped_file_names_no_laboratory_and_says_what_the_program_does_without_one() {
    let shipped = Laboratory::shipped();
    assert_eq!((shipped.name.as_str(), shipped.mllp.address.as_str()), ("", ""));
    let ids: Vec<_> = shipped.fields.iter().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["specimen", "slide"]);
    let least = Laboratory::parse("schema = 1\n").expect("a laboratory");
    assert_eq!(least.mllp, shipped.mllp, "what is left out is as in the shipped file");
}

#[test]
fn fields_come_in_the_laboratorys_order_and_unknown_ones_are_refused_with_the_nearest() {
    let laboratory = Laboratory::shipped();
    let fill = |given: &[&str]| laboratory.fill(&given.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    let filled = fill(&["slide=2=b", "specimen= S-17 "]).expect("fields");
    let said: Vec<_> = filled.iter().map(|(f, v)| (f.label.as_str(), v.as_str())).collect();
    assert_eq!(said, [("Specimen", "S-17"), ("Slide", "2=b")]);
    for (given, says) in [
        (&["specimn=1"][..], "did you mean `specimen`?"),
        (&["x=1"], "lists `specimen`, `slide`"),
        (&["specimen"], "ID=VALUE"),
        (&["specimen= "], "plain characters"),
        (&["specimen=\x1b[2J"], "plain characters"),
        (&["slide=1", "slide=2"], "twice"),
    ] {
        let error = fill(given).expect_err("refused");
        assert!(error.contains(says) && !error.contains('\x1b'), "{error}");
    }
}

#[test]
fn waits_double_up_to_the_longest() {
    let mllp =
        Mllp { wait: Duration::from_millis(500), longest_wait: Duration::from_secs(3), ..Laboratory::shipped().mllp };
    let waits: Vec<_> = [1, 2, 3, 4, 40, u32::MAX].iter().map(|&n| mllp.wait_before(n).as_millis()).collect();
    assert_eq!(waits, [500, 1000, 2000, 3000, 3000, 3000]);
}

#[test]
fn all_problems_are_named_at_once_with_their_place() {
    let text = "schema = 1\nname = \"a\\u001bb\"\n[patient]\nsystem = \"no uri\"\n[[field]]\nid = \"a b\"\nlabel = \"\"\n\
                [[field]]\nid = \"c\"\nlabel = \"C\"\n[[field]]\nid = \"c\"\nlabel = \"D\"\n[mllp]\naddress = \"lis\"\nanswer_s = 0\nsending_facility = \"a name that is too long\"\n";
    let problems = Laboratory::parse(text).expect_err("problems");
    let found: Vec<_> =
        problems.iter().map(|p| (p.line, p.message.split([',', ';']).next().unwrap_or_default())).collect();
    assert_eq!(
        found,
        [
            (2, "use plain characters on one line"),
            (3, "`system` is a URI without spaces"),
            (6, "a field's id has ASCII letters"),
            (7, "a field needs a label"),
            (12, "two fields have this id"),
            (14, "`address` is HOST:PORT"),
            (14, "applications and facilities have at most 20 plain characters"),
            (14, "connect_s and answer_s are from 0.01 to 3600 seconds"),
        ]
    );
    let kind = Laboratory::parse("schema = 1\n[patient]\ntype = \"mr n\"\n").expect_err("a problem");
    assert!(kind[0].message.contains("table 0203"), "{kind:?}");
    let typo = Laboratory::parse("schema = 1\nnome = \"x\"\n").expect_err("a problem");
    assert!(typo[0].message.ends_with("see data/laboratory.toml"), "{typo:?}");
}
