//! Colours and signs: dark and light, 256 colours or none. Classes differ by more than colour in all of them: by their
//! code, blasts by `!` and bold, and bars without colour by their pattern.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::Class;

use super::ColourDepth;

/// The signs in front of classes that must not be overlooked.
pub(super) const BLAST_SIGN: char = '!';

/// Colours of the shipped classes: on a dark and on a light ground, as indices of xterm's palette.
const CLASSES: [(&str, u8, u8); 24] = [
    ("NGS", 114, 28),
    ("NGB", 150, 64),
    ("LYT", 75, 25),
    ("LYA", 45, 31),
    ("MON", 180, 94),
    ("EOS", 208, 166),
    ("BAS", 141, 55),
    ("MYO", 203, 160),
    ("MOB", 205, 162),
    ("PMO", 220, 136),
    ("PMB", 178, 130),
    ("MYB", 186, 100),
    ("MMZ", 151, 65),
    ("EBO", 217, 132),
    ("KSC", 248, 241),
    ("PLC", 80, 30),
    ("PRM", 173, 95),
    ("PRL", 111, 61),
    ("GPL", 146, 60),
    ("PLT", 109, 66),
    ("ART", 246, 243),
    ("UNI", 255, 234),
    ("LBL", 207, 164),
    ("BLU", 198, 125),
];
/// Colours of classes of a laboratory's own.
const OTHERS: [(u8, u8); 8] =
    [(79, 29), (183, 91), (215, 172), (117, 32), (210, 124), (192, 106), (152, 67), (224, 131)];
/// Patterns of bars without colour.
const PATTERNS: [char; 10] = ['#', '=', '▒', ':', '%', '≡', '░', '+', '▓', '-'];

/// Colours and signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// For a dark ground.
    pub dark: bool,
    /// Colours to be had.
    pub depth: ColourDepth,
}

impl Theme {
    /// The theme that the environment asks for: `LEUKOSCOPE_THEME`, else the ground in `COLORFGBG`, else dark.
    pub fn from_env(depth: ColourDepth, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let by_name = env("LEUKOSCOPE_THEME").and_then(|name| match name.to_ascii_lowercase().as_str() {
            "light" => Some(false),
            "dark" => Some(true),
            _ => None,
        });
        // `15;0` or `15;default;0`: the last is the ground; 7 and 9 to 15 are light.
        let by_ground = || {
            let ground: u8 = env("COLORFGBG")?.rsplit(';').next()?.parse().ok()?;
            Some(!matches!(ground, 7 | 9..=15))
        };
        Self { dark: by_name.or_else(by_ground).unwrap_or(true), depth }
    }

    fn colour(&self, dark: u8, light: u8) -> Style {
        match self.depth {
            ColourDepth::Mono => Style::new(),
            _ => Style::new().fg(Color::Indexed(if self.dark { dark } else { light })),
        }
    }

    /// Of a class: by its code; blasts are bold as well.
    pub fn class(&self, class: &Class) -> Style {
        let known = CLASSES.iter().find(|(code, ..)| *code == class.code);
        let (dark, light) =
            known.map_or_else(|| OTHERS[place(&class.code) % OTHERS.len()], |&(_, dark, light)| (dark, light));
        let style = self.colour(dark, light);
        if class.blast { style.add_modifier(Modifier::BOLD) } else { style }
    }

    /// What a class's bar is filled with.
    pub fn fill(&self, class: &Class) -> char {
        match self.depth {
            ColourDepth::Mono if class.blast => '█',
            ColourDepth::Mono => {
                let place =
                    CLASSES.iter().position(|(code, ..)| *code == class.code).unwrap_or_else(|| place(&class.code));
                PATTERNS[place % PATTERNS.len()]
            }
            _ => '█',
        }
    }

    /// Of a bar that stands for no class.
    pub fn plain_fill(&self) -> char {
        if self.depth == ColourDepth::Mono { '=' } else { '█' }
    }

    /// Ordinary text.
    pub fn text(&self) -> Style {
        Style::new()
    }

    /// What matters less.
    pub fn dim(&self) -> Style {
        match self.depth {
            ColourDepth::Mono => Style::new().add_modifier(Modifier::DIM),
            _ => self.colour(245, 242),
        }
    }

    /// Names of panels, cases and keys.
    pub fn title(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is under the cursor.
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// What is going well, or done.
    pub fn good(&self) -> Style {
        self.colour(114, 28)
    }

    /// What wants attention.
    pub fn warning(&self) -> Style {
        self.colour(221, 130).add_modifier(Modifier::BOLD)
    }

    /// What failed.
    pub fn trouble(&self) -> Style {
        self.colour(203, 160).add_modifier(Modifier::BOLD)
    }

    /// The mark of drawn cells.
    pub fn phantom(&self) -> Style {
        self.colour(221, 130).add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }
}

/// Some place that depends on the code alone.
fn place(code: &str) -> usize {
    code.bytes().fold(7, |sum, b| (sum * 31 + usize::from(b)) % 9973)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ClassTable;

    #[test]
    fn the_environment_chooses_the_ground() {
        let theme = |vars: &[(&str, &str)]| {
            let vars: Vec<_> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            Theme::from_env(ColourDepth::Palette256, &move |k| {
                vars.iter().find(|(n, _)| n == k).map(|(_, v)| v.clone())
            })
            .dark
        };
        assert!(theme(&[]));
        assert!(!theme(&[("COLORFGBG", "0;15")]));
        assert!(theme(&[("COLORFGBG", "15;default;0")]));
        assert!(theme(&[("COLORFGBG", "7;8")]) && theme(&[("COLORFGBG", "default;default")]));
        assert!(theme(&[("COLORFGBG", "0;15"), ("LEUKOSCOPE_THEME", "dark")]));
    }

    #[test]
    fn classes_have_colours_of_their_own_and_blasts_more_than_that() {
        let table = ClassTable::default();
        for dark in [true, false] {
            let theme = Theme { dark, depth: ColourDepth::Palette256 };
            let mut colours: Vec<_> = table.iter().map(|(_, c)| theme.class(c).fg).collect();
            let n = colours.len();
            assert!(table.iter().all(|(_, c)| CLASSES.iter().any(|(code, ..)| *code == c.code)));
            colours.sort_by_key(|c| format!("{c:?}"));
            colours.dedup();
            assert_eq!(colours.len(), n);
        }
        for depth in [ColourDepth::Truecolor, ColourDepth::Palette256, ColourDepth::Mono] {
            let theme = Theme { dark: true, depth };
            for (_, class) in table.iter() {
                assert_eq!(theme.class(class).add_modifier.contains(Modifier::BOLD), class.blast, "{}", class.code);
                if depth == ColourDepth::Mono {
                    assert_eq!((theme.class(class).fg, theme.fill(class) == '█'), (None, class.blast));
                }
            }
        }
    }
}
