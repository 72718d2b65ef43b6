//! Names of cases, compared as people see them.

use unicode_normalization::UnicodeNormalization;

use super::steers;

/// What a case's name is compared by: composed letters (NFC), nothing that cannot be seen, one space where there are several.
/// Two cases whose names have one key would look like the same case.
pub fn name_key(name: &str) -> String {
    let composed: String =
        name.nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !unseen(*c)).collect();
    composed.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A name as it is kept: composed letters (NFC), no space around it.
pub fn composed_name(name: &str) -> String {
    name.trim().nfc().collect()
}

/// A name with every letter that is not ASCII spelt out, for names that look alike.
pub fn spelt_out(name: &str) -> String {
    name.chars()
        .flat_map(|c| if c.is_ascii_graphic() || c == ' ' { vec![c] } else { c.escape_unicode().collect() })
        .collect()
}

/// Characters that leave no mark on a screen: what steers it, joiners, fillers, selectors of variants, tags.
fn unseen(c: char) -> bool {
    steers(c)
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        let key = name_key("Müller 7");
        for same in ["Mu\u{308}ller 7", " Müller\u{a0}7", "M\u{200b}üller  7", "Müller 7\u{fe0f}", "\u{feff}Müller 7"]
        {
            assert_eq!(name_key(same), key, "{same:?}");
        }
        for other in ["Muller 7", "Müller 70", "müller 7", "Müller7"] {
            assert_ne!(name_key(other), key, "{other}");
        }
        assert_eq!(composed_name(" Mu\u{308}ller "), "Müller");
        assert_eq!(spelt_out("Mu\u{308}ller 7"), "Mu\\u{308}ller 7");
    }
}
