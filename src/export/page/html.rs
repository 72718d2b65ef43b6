//! The page through a template: one file that needs nothing else.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Serde};

use super::Page;

/// The template that ships with the program, `data/report.html`.
pub const SHIPPED_TEMPLATE: &str = include_str!("../../../data/report.html");

/// What a template may cost: a fuel pays for an instruction, or for 64 bytes that are written or held. The shipped one needs a few
/// ten thousand, pictures among them; this many are a second and 256 MB.
const FUEL: u64 = 4_000_000;

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", line.map_or_else(String::new, |l| format!("{l}: ")))]
pub struct TemplateProblem {
    /// The line of the template, counted from 1; `None`: it is not about one line.
    pub line: Option<usize>,
    /// What is wrong there.
    pub what: String,
}

/// The page as HTML, by a template in the language of Jinja; `page` is the [`Page`] there. Texts are escaped, unless a
/// template says `|safe`; a name that the page does not have is a problem, not an empty text. What it may cost is limited.
///
/// # Errors
/// The first problem of the template, with its line.
pub fn to_html(page: &Page, template: &str) -> Result<String, TemplateProblem> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    env.set_fuel(Some(FUEL));
    let problem = |e: minijinja::Error| {
        if e.kind() == minijinja::ErrorKind::OutOfFuel {
            let what =
                "the template wants more steps or more text than a report can need; see to its loops and repetitions";
            return TemplateProblem { line: e.line(), what: what.to_owned() };
        }
        let what = e.detail().map_or_else(|| e.kind().to_string(), |detail| format!("{}: {detail}", e.kind()));
        TemplateProblem { line: e.line(), what: crate::domain::printable(&what).into_owned() }
    };
    env.set_syntax(syntax.build().map_err(problem)?);
    env.add_template("report", template).map_err(problem)?;
    let template = env.get_template("report").map_err(problem)?;
    template.render(context! { page => Serde(page) }).map_err(problem)
}
