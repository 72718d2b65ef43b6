//! What the terminal can do: decided from its answers, with the environment as a hint. Pure but for
//! [`Environment::of_process`].

use std::{fmt, str::FromStr};

use super::{ColourDepth, probe::Answers};

/// How the user wants pictures: `--graphics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GraphicsChoice {
    /// The best that the terminal is known to have.
    #[default]
    Auto,
    /// Half-blocks.
    Half,
    /// Kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm2,
    /// Sixel.
    Sixel,
    /// No pictures.
    Off,
}

impl GraphicsChoice {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Auto, Self::Half, Self::Kitty, Self::Iterm2, Self::Sixel, Self::Off];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Half => "half",
            Self::Kitty => "kitty",
            Self::Iterm2 => "iterm2",
            Self::Sixel => "sixel",
            Self::Off => "off",
        }
    }
}

impl FromStr for GraphicsChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|c| c.name() == text).ok_or_else(|| format!("`{text}` is none of {}", names()))
    }
}

impl fmt::Display for GraphicsChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Graphics {
    /// Half-blocks.
    HalfBlock,
    /// Kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm2,
    /// Sixel.
    Sixel,
    /// Not at all.
    Off,
}

impl fmt::Display for Graphics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfBlock => "half-blocks",
            Self::Kitty => "kitty",
            Self::Iterm2 => "iTerm2",
            Self::Sixel => "sixel",
            Self::Off => "off",
        })
    }
}

/// The variables that say something of the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `TERM`.
    pub term: String,
    /// `TERM_PROGRAM`.
    pub term_program: String,
    /// `COLORTERM`.
    pub colorterm: String,
    /// `NO_COLOR`, set and not empty.
    pub no_color: bool,
    /// `TMUX`, set and not empty.
    pub tmux: bool,
    /// `STY`, set and not empty: GNU screen.
    pub screen: bool,
}

impl Environment {
    /// This process's.
    pub fn of_process() -> Self {
        let text = |name| std::env::var(name).unwrap_or_default();
        let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        Self {
            term: text("TERM"),
            term_program: text("TERM_PROGRAM"),
            colorterm: text("COLORTERM"),
            no_color: set("NO_COLOR"),
            tmux: set("TMUX"),
            screen: set("STY"),
        }
    }

    /// The multiplexer between us and the terminal.
    ///
    /// `TMUX` does not cross an SSH connection, but `TERM` does.
    pub fn multiplexer(&self) -> Option<&'static str> {
        if self.tmux || self.term.starts_with("tmux") || self.term_program == "tmux" {
            Some("tmux")
        } else if self.screen || self.term.starts_with("screen") {
            Some("screen")
        } else {
            None
        }
    }

    /// Whether the terminal is too simple to be asked for more than it is.
    pub(super) fn is_simple(&self) -> bool {
        matches!(self.term.as_str(), "" | "dumb" | "linux" | "vt52" | "vt100" | "vt102" | "vt220" | "ansi" | "cons25")
    }
}

/// What the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Colours on screen.
    pub colours: ColourDepth,
    /// How pictures are shown.
    pub graphics: Graphics,
    /// Why they are shown so, for `doctor`.
    pub graphics_because: String,
    /// A character cell in px; a guess unless `cell_px_known`.
    pub cell_px: (u16, u16),
    /// Whether the terminal said how large its cells are.
    pub cell_px_known: bool,
    /// Whether it reports key repeats and releases (kitty's keyboard protocol).
    pub key_events: bool,
    /// tmux or screen in between.
    pub multiplexer: Option<&'static str>,
    /// Name and version, if it told.
    pub terminal: Option<String>,
    /// Whether it answered at all within the deadline.
    pub answered: bool,
}

/// The cell that is taken when the terminal does not say.
const USUAL_CELL: (u16, u16) = (10, 20);

impl Capabilities {
    /// What the environment alone says, where there is no terminal to ask.
    pub fn of_environment() -> Self {
        Self::decide(GraphicsChoice::Auto, &Environment::of_process(), &Answers::default())
    }

    /// Decides from what the terminal answered, what the environment says and what the user wants.
    pub(super) fn decide(choice: GraphicsChoice, environment: &Environment, answers: &Answers) -> Self {
        let (graphics, because) = graphics(choice, environment, answers);
        Self {
            colours: colours(environment, answers),
            graphics,
            graphics_because: because,
            cell_px: answers.cell_px.unwrap_or(USUAL_CELL),
            cell_px_known: answers.cell_px.is_some(),
            key_events: answers.keyboard,
            multiplexer: environment.multiplexer(),
            terminal: answers.version.clone(),
            answered: answers.fence,
        }
    }
}

fn graphics(choice: GraphicsChoice, environment: &Environment, answers: &Answers) -> (Graphics, String) {
    let forced = |graphics| (graphics, format!("--graphics {choice}"));
    match choice {
        GraphicsChoice::Half => return forced(Graphics::HalfBlock),
        GraphicsChoice::Kitty => return forced(Graphics::Kitty),
        GraphicsChoice::Iterm2 => return forced(Graphics::Iterm2),
        GraphicsChoice::Sixel => return forced(Graphics::Sixel),
        GraphicsChoice::Off => return forced(Graphics::Off),
        GraphicsChoice::Auto => {}
    }
    let found = |graphics, because: &str| (graphics, because.to_owned());
    let half = |because: &str| (Graphics::HalfBlock, because.to_owned());
    if let Some(name) = environment.multiplexer() {
        return half(&format!("inside {name}"));
    }
    if environment.no_color {
        return half("NO_COLOR is set");
    }
    let version = answers.version.as_deref().unwrap_or_default();
    let knows_iterm2 = ["iTerm2", "WezTerm", "mintty"].iter().any(|name| version.starts_with(name));
    // Terminals older than the version query: the environment counts only for one that is really there.
    let hinted = answers.fence && version.is_empty() && environment.term_program == "iTerm.app";
    match () {
        () if answers.kitty => found(Graphics::Kitty, "the terminal answered the graphics query"),
        () if knows_iterm2 => found(Graphics::Iterm2, "the terminal's name and version"),
        () if answers.sixel => found(Graphics::Sixel, "the terminal's device attributes"),
        () if hinted => found(Graphics::Iterm2, "TERM_PROGRAM"),
        () if answers.fence => half("the terminal knows no graphics"),
        () => half("the terminal did not answer in time"),
    }
}

fn colours(environment: &Environment, answers: &Answers) -> ColourDepth {
    let term = environment.term.as_str();
    if environment.no_color || matches!(term, "" | "dumb") || term.starts_with("vt") {
        return ColourDepth::Mono;
    }
    let told = matches!(environment.colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct");
    // SSH does not carry COLORTERM along, hence the question to the terminal itself.
    if told || answers.truecolor || answers.kitty { ColourDepth::Truecolor } else { ColourDepth::Palette256 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(term: &str) -> Environment {
        Environment { term: term.into(), ..Environment::default() }
    }

    fn decided(choice: GraphicsChoice, environment: &Environment, answers: &Answers) -> (Graphics, ColourDepth) {
        let c = Capabilities::decide(choice, environment, answers);
        (c.graphics, c.colours)
    }

    #[test]
    fn the_best_protocol_that_was_answered_is_taken() {
        let xterm = environment("xterm-256color");
        let auto = |answers: &Answers| decided(GraphicsChoice::Auto, &xterm, answers).0;
        let fence = Answers { fence: true, ..Answers::default() };
        assert_eq!(auto(&Answers::default()), Graphics::HalfBlock, "silent");
        assert_eq!(auto(&fence), Graphics::HalfBlock, "nothing but attributes");
        assert_eq!(auto(&Answers { sixel: true, ..fence.clone() }), Graphics::Sixel);
        assert_eq!(
            auto(&Answers { sixel: true, version: Some("WezTerm 2024".into()), ..fence.clone() }),
            Graphics::Iterm2
        );
        assert_eq!(auto(&Answers { sixel: true, kitty: true, ..fence.clone() }), Graphics::Kitty);
        let iterm = Environment { term_program: "iTerm.app".into(), ..xterm.clone() };
        assert_eq!(decided(GraphicsChoice::Auto, &iterm, &fence).0, Graphics::Iterm2);
        assert_eq!(
            decided(GraphicsChoice::Auto, &iterm, &Answers::default()).0,
            Graphics::HalfBlock,
            "a hint, not a proof"
        );
    }

    #[test]
    fn inside_a_multiplexer_half_blocks_unless_forced() {
        let kitty = Answers { fence: true, kitty: true, ..Answers::default() };
        for environment in [
            Environment { tmux: true, ..environment("xterm-kitty") },
            environment("tmux-256color"),
            environment("screen-256color"),
            Environment { screen: true, ..environment("xterm") },
        ] {
            assert_eq!(decided(GraphicsChoice::Auto, &environment, &kitty).0, Graphics::HalfBlock);
            assert_eq!(decided(GraphicsChoice::Sixel, &environment, &kitty).0, Graphics::Sixel);
        }
    }

    #[test]
    fn what_the_user_wants_always_wins() {
        let xterm = environment("xterm");
        for (choice, graphics) in [
            (GraphicsChoice::Half, Graphics::HalfBlock),
            (GraphicsChoice::Kitty, Graphics::Kitty),
            (GraphicsChoice::Iterm2, Graphics::Iterm2),
            (GraphicsChoice::Sixel, Graphics::Sixel),
            (GraphicsChoice::Off, Graphics::Off),
        ] {
            assert_eq!(decided(choice, &xterm, &Answers::default()).0, graphics);
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("Kitty2".parse::<GraphicsChoice>().is_err());
    }

    #[test]
    fn colours_come_from_the_environment_and_the_terminals_own_word() {
        let none = Answers::default();
        let depth =
            |environment: &Environment, answers: &Answers| decided(GraphicsChoice::Auto, environment, answers).1;
        assert_eq!(depth(&environment("xterm-256color"), &none), ColourDepth::Palette256);
        let colorterm = Environment { colorterm: "truecolor".into(), ..environment("xterm-256color") };
        assert_eq!(depth(&colorterm, &none), ColourDepth::Truecolor);
        assert_eq!(
            depth(&environment("xterm-256color"), &Answers { truecolor: true, ..none.clone() }),
            ColourDepth::Truecolor
        );
        assert_eq!(depth(&Environment { no_color: true, ..colorterm }, &none), ColourDepth::Mono);
        for term in ["dumb", "", "vt100"] {
            assert_eq!(depth(&environment(term), &none), ColourDepth::Mono);
        }
    }
}
