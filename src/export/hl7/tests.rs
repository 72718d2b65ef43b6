//! Messages as their segments: statuses, escapes, what is empty, and the same bytes for the same record.

use super::*;
use crate::{
    domain::{Laboratory, Role},
    export::{
        Amendment, ChangedCount,
        summary::tests::{counting, example, particulars},
    },
};

/// The fields of every segment, by HL7's numbers: 0 is the name.
fn segments(message: &str) -> Vec<Vec<String>> {
    assert!(message.ends_with('\r') && !message.contains('\n'));
    let fields = |line: &str| -> Vec<String> {
        let mut fields: Vec<String> = line.split('|').map(str::to_owned).collect();
        if fields[0] == "MSH" {
            fields.insert(1, "|".to_owned());
        }
        fields.resize(40, String::new());
        fields
    };
    message.trim_end().split('\r').map(fields).collect()
}

/// The OBX whose code begins with `code^`.
fn obx(message: &str, code: &str) -> Vec<String> {
    let wanted = |s: &Vec<String>| s[0] == "OBX" && s[3].starts_with(&format!("{code}^"));
    segments(message).into_iter().find(wanted).unwrap_or_else(|| panic!("no OBX {code} in {message}"))
}

fn signed(version: u32) -> Summary {
    Summary {
        status: Status::Signed,
        version: Some(version),
        reviewer: Some("Ana|Núñez".into()),
        signed_at: Some("2026-11-25T12:46:15.123Z".into()),
        ..example()
    }
}

#[test]
fn a_final_message_holds_every_class_with_its_unit_range_and_flag() {
    let message = to_hl7(&signed(1), &particulars());
    let all = segments(&message);
    assert_eq!(
        (all[0][9].as_str(), all[0][12].as_str(), all[0][18].as_str()),
        ("ORU^R01^ORU_R01", "2.5.1", "UNICODE UTF-8")
    );
    assert_eq!((all[0][7].as_str(), all[0][11].as_str(), all[0][10].len()), ("20261125124615.123+0000", "P", 20));
    assert!(all.iter().all(|s| s[0] != "PID"), "no patient was passed in");
    let obr = &all[1];
    assert_eq!((obr[4].as_str(), obr[25].as_str()), ("24318-8^Manual Differential panel - Blood^LN", "F"));
    let filler = format!("Patient\\E\\u{{1b}}[2J 7^LEUKOSCOPE^{}^UUID", Ids::of(&signed(1)).case);
    assert_eq!((obr[3].as_str(), obr[32].as_str()), (filler.as_str(), "&Ana\\F\\Núñez"));
    assert_eq!((obr[2].as_str(), obr[7].as_str()), ("", "20261125124615.123+0000"), "the time of the signature");
    assert!(!names_whom(message.as_bytes()) && all.iter().all(|s| s[0] != "ORC"));
    let myo = obx(&message, "30445-1");
    assert_eq!(myo[3], "30445-1^Myeloblasts/Leukocytes in Blood^LN^MYO^myeloblast^99LEU");
    assert_eq!([2, 5, 6, 7, 8, 11].map(|i| myo[i].as_str()), ["NM", "33.33", "%^percent^UCUM", "0-0", "H", "F"]);
    let blasts = obx(&message, "26446-5");
    assert_eq!([5, 8].map(|i| blasts[i].as_str()), ["33.33", "H"]);
    let nrbc = obx(&message, "18309-5");
    assert_eq!([5, 6].map(|i| nrbc[i].as_str()), ["33.33", "/100{WBC}^per 100 WBC^UCUM"]);
    assert!(!message.contains("19048-8"));
    let wbc: Vec<_> = example()
        .counts
        .iter()
        .filter(|c| c.role.is_wbc() || c.role == Role::Nrbc || c.role == Role::Smudge)
        .map(|c| c.class.clone())
        .collect();
    let reported: Vec<_> = all.iter().filter(|s| s[0] == "OBX").collect();
    // A sum of the two promyelocytes, one of the blasts, and the WBC themselves.
    assert_eq!(reported.len(), wbc.len() + 3);
    let numbered: Vec<_> = reported.iter().map(|s| s[1].parse::<usize>().expect("a number")).collect();
    assert_eq!(numbered, (1..=reported.len()).collect::<Vec<_>>());
}

#[test]
fn two_classes_of_one_code_are_summed_under_it_and_stand_alone_under_their_own() {
    let mut s = signed(1);
    for c in s.counts.iter_mut().filter(|c| c.class == "PMO" || c.class == "PMB") {
        c.count = 1;
    }
    let message = to_hl7(&s, &particulars());
    assert_eq!(message.matches("26524-9^").count(), 1);
    assert_eq!((obx(&message, "26524-9")[5].as_str(), obx(&message, "PMB")[5].as_str()), ("40", "20"));
}

#[test]
fn an_open_case_is_preliminary_and_one_without_wbc_has_no_value() {
    let mut s = example();
    let message = to_hl7(&s, &particulars());
    assert_eq!((segments(&message)[1][25].as_str(), obx(&message, "26505-8")[11].as_str()), ("P", "P"));
    assert!(message.contains("PRELIMINARY") && control_id(&s).is_none());
    let before = segments(&message)[0][10].clone();
    s.counts.iter_mut().for_each(|c| c.count = 0);
    s.cells.iter_mut().for_each(|c| c.decided = None);
    let message = to_hl7(&s, &particulars());
    let ngs = obx(&message, "26505-8");
    assert_eq!([5, 8, 11].map(|i| ngs[i].as_str()), ["", "", "I"]);
    assert_ne!(segments(&message)[0][10], before, "another content is another message");
    assert_eq!(segments(&message)[0][7], "19700101000000.000+0000", "nothing was decided: the time of the import");
}

#[test]
fn a_correction_marks_what_it_changed_and_nothing_else() {
    let changed = |class: &str, before, now| ChangedCount { class: class.into(), before, now };
    let amends = Amendment {
        version: 1,
        reviewer: Some("bea".into()),
        signed_at: Some("2026-11-24T08:00:00.000Z".into()),
        wbc: [3, 3],
        blasts: [0, 1],
        blast_classes: None,
        counts: vec![changed("MYO", 0, 1), changed("NGS", 3, 2)],
        cells: Vec::new(),
    };
    let s = Summary { reason: Some("cell 1\nwas misread".into()), amends: Some(amends), ..signed(2) };
    let message = to_hl7(&s, &particulars());
    let status = |code| obx(&message, code)[11].clone();
    assert_eq!(segments(&message)[1][25], "C");
    assert_eq!(["30445-1", "26505-8", "26446-5", "26478-8", "18309-5"].map(status), ["C", "C", "C", "F", "F"]);
    assert!(message.contains("NTE|2|L|Correction: cell 1\\.br\\was misread\r"), "{message}");
    assert_ne!(control_id(&s), control_id(&signed(1)), "each version is a message of its own");
    assert_eq!(control_id(&s), control_id(&Summary { reason: None, ..s.clone() }));
}

#[test]
fn a_correction_that_is_the_first_to_go_out_is_final() {
    let mut p = particulars();
    let amends = Amendment {
        version: 1,
        reviewer: None,
        signed_at: None,
        wbc: [3, 3],
        blasts: [0, 1],
        blast_classes: None,
        counts: vec![ChangedCount { class: "MYO".into(), before: 0, now: 1 }],
        cells: Vec::new(),
    };
    let s = Summary { amends: Some(amends), ..signed(2) };
    let told = |p: &_| {
        let message = to_hl7(&s, p);
        (segments(&message)[1][25].clone(), obx(&message, "30445-1")[11].clone(), segments(&message)[0][10].clone())
    };
    let control = control_id(&s).expect("signed");
    assert_eq!(told(&p), ("C".into(), "C".into(), control.clone()));
    p.outgoing = Some(crate::export::Outgoing { control_id: None, is_first: true });
    assert_eq!(told(&p), ("F".into(), "F".into(), control));
    p.outgoing = Some(crate::export::Outgoing { control_id: Some("AS-QUEUED".into()), is_first: false });
    assert_eq!(told(&p), ("C".into(), "C".into(), "AS-QUEUED".into()));
}

#[test]
fn an_order_and_the_time_of_collection_are_in_their_places() {
    let mut p = particulars();
    (p.order, p.collected) = (Some("A^17".into()), Some("2026-11-25T07:30:00Z".into()));
    p.fields = p.laboratory.fill(&["specimen=S-17".into()]).expect("fields");
    let message = to_hl7(&signed(1), &p);
    let all = segments(&message);
    let named = |name: &str| all.iter().find(|s| s[0] == name).unwrap_or_else(|| panic!("no {name}"));
    let (orc, obr) = (named("ORC"), named("OBR"));
    assert_eq!((orc[1].as_str(), orc[2].as_str(), obr[2].as_str()), ("RE", "A\\S\\17", "A\\S\\17"));
    assert_eq!(orc[3], obr[3]);
    let taken = "20261125073000+0000";
    assert_eq!((obr[7].as_str(), named("SPM")[17].as_str()), (taken, taken));
    let ngs = obx(&message, "26505-8");
    assert_eq!((ngs[14].as_str(), ngs[19].as_str()), (taken, "20261125124615.123+0000"));
    assert!(names_whom(message.as_bytes()));
}

#[test]
fn what_is_passed_in_is_in_its_place() {
    let mut p = particulars();
    p.laboratory = Laboratory::parse(
        "schema = 1\nname = \"Labor & Co\"\naddress = [\"Weg 1\", \"München\"]\n[patient]\nsystem = \"urn:oid:1.2.3\"\nauthority = \"HOSP\"\n\
         [[field]]\nid = \"specimen\"\nlabel = \"Probe\"\n[[field]]\nid = \"slide\"\nlabel = \"Objektträger\"\n\
         [mllp]\nreceiving_application = \"LIS\"\n",
    )
    .expect("a laboratory");
    p.patient = Some("4711^x".into());
    p.fields = p.laboratory.fill(&["slide=2".into(), "specimen=S-17".into()]).expect("fields");
    let message = to_hl7(&Summary { phantom: true, ..signed(1) }, &p);
    let all = segments(&message);
    assert_eq!((all[0][4].as_str(), all[0][5].as_str(), all[0][11].as_str()), ("Labor \\T\\ Co", "LIS", "T"));
    assert_eq!((all[1][0].as_str(), all[1][3].as_str()), ("PID", "4711\\S\\x^^^HOSP&1.2.3&ISO^PI"));
    assert!(names_whom(message.as_bytes()));
    assert_eq!(obx(&message, "slide")[5], "2");
    let last = all.last().expect("segments");
    assert_eq!((last[0].as_str(), last[2].as_str()), ("SPM", "S-17"));
    let ngs = obx(&message, "26505-8");
    assert_eq!(
        (ngs[23].as_str(), ngs[24].as_str(), ngs[16].as_str()),
        ("Labor \\T\\ Co", "Weg 1^München", "^Ana\\F\\Núñez")
    );
    assert_eq!(message, to_hl7(&Summary { phantom: true, ..signed(1) }, &p));
}

#[test]
fn a_share_with_equivalents_names_its_classes_and_is_not_sent_under_the_code_for_blasts() {
    let plain = to_hl7(&signed(1), &particulars());
    assert!(plain.contains("|26446-5^Blasts/Leukocytes in Blood^LN^BLASTS^blasts (MYO MOB LBL BLU)^99LEU|"), "{plain}");
    assert!(
        plain.contains("NTE|2|L|Counted as blasts in this case: MYO (myeloblast), MOB (monoblast), LBL"),
        "{plain}"
    );
    let s = Summary { counts: counting(&["MYO", "MOB", "PMO"]).counts, ..signed(1) };
    let message = to_hl7(&s, &particulars());
    assert!(!message.contains("26446-5"), "{message}");
    let blasts = obx(&message, "BLASTS");
    assert_eq!(
        (blasts[3].as_str(), blasts[5].as_str()),
        ("BLASTS^blasts and equivalents (MYO MOB PMO)^99LEU", "33.33")
    );
    let said = "Counted as blasts and equivalents in this case: MYO (myeloblast), MOB (monoblast), PMO (promyelocyte).";
    assert!(message.contains(said), "{message}");
}

#[test]
fn a_correction_that_reports_blasts_under_another_code_withdraws_the_one_before() {
    let plain = signed(1);
    let with = Summary { counts: counting(&["MYO", "MOB", "LBL", "BLU", "PMO"]).counts, ..signed(2) };
    let message = |now: &Summary, before: &Summary| to_hl7(&now.clone().amending(Some(before)), &particulars());
    let sent = message(&with, &plain);
    let gone = obx(&sent, "26446-5");
    assert_eq!([3, 5, 11].map(|i| gone[i].as_str()), ["26446-5^Blasts/Leukocytes in Blood^LN", "", "D"]);
    assert_eq!(obx(&sent, "BLASTS")[11], "C");
    let said = "Withdrawn: this version reports blasts and equivalents (MYO MOB LBL BLU PMO).";
    assert!(sent.contains(said), "{sent}");
    // And back again.
    let back = message(&Summary { version: Some(3), ..plain.clone() }, &with);
    assert_eq!((obx(&back, "BLASTS")[11].as_str(), obx(&back, "26446-5")[11].as_str()), ("D", "C"));
    for (now, before) in [(&signed(2), &plain), (&with, &Summary { version: Some(1), ..with.clone() })] {
        assert!(!message(now, before).contains("Withdrawn"));
    }
}
