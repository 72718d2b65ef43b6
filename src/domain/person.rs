//! Names of reviewers: which are names, and which are one person's.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::steers;

/// Whether both are the same person's name: as they are read, whatever case, spaces and form of their letters they are typed in.
pub fn same_person(a: &str, b: &str) -> bool {
    a == b || key(a) == key(b)
}

/// Whether a text can be a name: something of it is seen, and nothing steers how it is shown.
pub fn is_name(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let plain = |(i, c): (usize, &char)| {
        !steers(*c) || joins(i.checked_sub(1).map(|i| chars[i]), *c, chars.get(i + 1).copied())
    };
    !text.trim().is_empty() && chars.iter().enumerate().all(plain)
}

/// Whether `c` joins letters or keeps them apart within a word, as the scripts from Arabic on need it. Among other letters it is seen
/// by nobody.
pub(super) fn joins(before: Option<char>, c: char, behind: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c >= '\u{600}' && (c.is_alphabetic() || is_combining_mark(c)));
    is_joiner(c) && letter(before) && letter(behind)
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn key(name: &str) -> String {
    let plain: String = name.nfkc().filter(|c| !is_joiner(*c)).collect();
    // Through upper case, so that letters with two lower forms are one.
    let folded: String = plain.to_uppercase().to_lowercase().nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_one_person_however_the_name_is_typed() {
        for (a, b) in [
            ("ana", "Ana"),
            ("ana", " ANA "),
            ("Zoë", "Zoe\u{308}"),
            ("Ana  Maria", "ana maria"),
            ("Ａｎａ", "ana"),
            ("ΝΙΚΟΣ", "νικος"),
            ("Straße", "STRASSE"),
            ("علی\u{200c}رضا", "علیرضا"),
        ] {
            assert!(same_person(a, b), "{a} {b}");
        }
        for (a, b) in [("ana", "anna"), ("ana", "aná"), ("ana maria", "anamaria")] {
            assert!(!same_person(a, b), "{a} {b}");
        }
    }

    #[test]
    fn letters_of_every_script_are_names_and_what_steers_is_none() {
        for name in ["ana", "علی\u{200c}رضا", "क\u{94d}\u{200d}ष", "O'Neill-Müller", "陈 医生"] {
            assert!(is_name(name), "{name}");
        }
        for text in
            ["", "  ", "a\u{200c}na", "ana\u{200d}", "\u{200d}علی", "a\x1bna", "a\u{202e}na", "علی\u{200b}رضا", "a\nb"]
        {
            assert!(!is_name(text), "{text:?}");
        }
    }
}
