//! The page through a template: one file that needs nothing else.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Serde};

use super::Page;

/// The template that ships with the program, `data/report.html`.
pub const SHIPPED_TEMPLATE: &str = include_str!("../../../data/report.html");

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
/// template says `|safe`; a name that the page does not have is a problem, not an empty text.
///
/// # Errors
/// The first problem of the template, with its line.
pub fn to_html(page: &Page, template: &str) -> Result<String, TemplateProblem> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    let problem = |e: minijinja::Error| {
        let what = e.detail().map_or_else(|| e.kind().to_string(), |detail| format!("{}: {detail}", e.kind()));
        TemplateProblem { line: e.line(), what: crate::domain::printable(&what).into_owned() }
    };
    env.set_syntax(syntax.build().map_err(problem)?);
    env.add_template("report", template).map_err(problem)?;
    let template = env.get_template("report").map_err(problem)?;
    template.render(context! { page => Serde(page) }).map_err(problem)
}
