//! Names of files that are made from names of cases and images: each its own, on any system, the same in every run.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::domain::CaseRecord;

/// Most bytes of a file's name, on the file systems in use.
const LONGEST: usize = 255;

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// A file's name for each of `cases`, without `ending` and its dot. All cases of the database have to be among them, so that names do
/// not depend on which of them are asked for.
///
/// The file has as much of the case's name as can stand in one. Of several cases whose files would then have one name, or names that
/// differ by capitals or by how accents are written alone, the one that was here first has it, and each later one has a piece of its
/// identity behind it: what was written once keeps its name, whatever is imported later.
pub fn of_cases(cases: &[&CaseRecord], ending: &str) -> Vec<String> {
    let longest = LONGEST - ending.len() - 1;
    let mut by_age: Vec<usize> = (0..cases.len()).collect();
    by_age.sort_by_key(|&i| cases[i].id);
    let mut taken = HashSet::new();
    let mut names = vec![String::new(); cases.len()];
    for i in by_age {
        let case = cases[i];
        let plain = plain(&case.name);
        let own = Some(plain.clone()).filter(|p| p.len() <= longest);
        let digits = |n: usize| {
            let mut hash = format!("{:x}", Sha256::digest(case.uid.as_bytes()));
            hash.truncate(n);
            format!("{}-{hash}", cut(&plain, longest - n - 1))
        };
        let candidates = own.into_iter().chain([8, 16, 32, 64].map(digits));
        let name = candidates.into_iter().find(|name| taken.insert(folded(name)));
        names[i] = name.unwrap_or_else(|| case.uid.clone());
    }
    names
}

/// A name that is not longer than a file's may be with `ending` behind it; a longer one ends in a hash of all of it.
pub fn fitting(name: &str, ending: &str) -> String {
    let longest = LONGEST - ending.len();
    if name.len() <= longest {
        return name.to_owned();
    }
    let hash = format!("{:x}", Sha256::digest(name.as_bytes()));
    format!("{}-{}", cut(name, longest - 17), &hash[..16])
}

/// The same for names that some file systems take for one: capitals, accents, ligatures.
pub fn folded(name: &str) -> String {
    name.nfkc().collect::<String>().to_uppercase().to_lowercase().nfkc().collect()
}

/// A name with nothing in it that a system has another use for.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || is_combining_mark(c) || "-_. ".contains(c);
    let kept = |c: char| if is_plain(c) { c } else { '_' };
    let name: String = name.nfc().map(kept).collect();
    let name = name.trim_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let is_device = DEVICES.contains(&stem.as_str())
        || port.is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| c.is_numeric() && c != '0'));
    match (name, is_device) {
        ("", _) => "case".to_owned(),
        (name, true) => format!("_{name}"),
        (name, false) => name.to_owned(),
    }
}

/// As much of a text as is at most `bytes` long.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    text[..end].trim_end_matches([' ', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BlastSet, CaseId, CaseState, ClassTable, Layout, Scale};

    fn case(id: i64, name: &str) -> CaseRecord {
        CaseRecord {
            id: CaseId(id),
            uid: format!("{id:032x}"),
            name: name.to_owned(),
            root: "/smears".into(),
            layout: Layout::Flat,
            scale: Scale::given(0.1),
            target: 100,
            blasts: BlastSet::of_table(&ClassTable::default()),
            state: CaseState::Signed,
            version: Some(1),
            imported_at: "2026-11-23T10:00:00.000Z".to_owned(),
        }
    }

    fn names(of: &[&str]) -> Vec<String> {
        let cases: Vec<CaseRecord> = (1..).zip(of).map(|(i, name)| case(i, name)).collect();
        of_cases(&cases.iter().collect::<Vec<_>>(), "fhir.json")
    }

    #[test]
    fn each_case_has_a_name_of_its_own_and_the_first_one_the_plain_one() {
        assert_eq!(names(&["Patient_24", "Zoë 7", "患者", "क्षि"]), ["Patient_24", "Zoë 7", "患者", "क्षि"]);
        assert_eq!(
            names(&["..", "CON", "com1.x", "lpt²", "COMET", "../x"]),
            ["case", "_CON", "_com1.x", "_lpt²", "COMET", "_x"]
        );
        let found = names(&["a/b", "a_b", "A_B", "a:b", "M\u{fc}ller", "Mu\u{308}ller", "=bert"]);
        assert_eq!((&*found[0], &*found[4], &*found[6]), ("a_b", "M\u{fc}ller", "_bert"));
        for (i, begins) in [(1, "a_b-"), (2, "A_B-"), (3, "a_b-"), (5, "M\u{fc}ller-")] {
            assert!(found[i].starts_with(begins) && found[i].len() == begins.len() + 8, "{found:?}");
        }
        let folded: HashSet<String> = found.iter().map(|n| super::folded(n)).collect();
        assert_eq!(folded.len(), found.len());
    }

    #[test]
    fn long_names_fit_and_stay_apart() {
        let (one, other) = ("é".repeat(125) + "1", "é".repeat(125) + "2");
        let found = names(&[&one, &other, &"x".repeat(245), &"x".repeat(246)]);
        assert!(found.iter().all(|n| n.len() + ".fhir.json".len() <= 255), "{found:?}");
        assert_eq!(found[2].len(), 245, "as long as may be is not cut");
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), 4);
        assert_eq!((fitting("short", ".png"), fitting(&"é".repeat(200), ".png").len()), ("short".into(), 251));
    }

    #[test]
    fn a_name_does_not_depend_on_what_came_later() {
        let few = names(&["Fall 1", "fall 1"]);
        assert_eq!(names(&["Fall 1", "fall 1", "FALL 1", &few[1]])[..2], few[..]);
    }
}
