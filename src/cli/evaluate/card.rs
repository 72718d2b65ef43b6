//! A section of a network's card.

use std::path::Path;

use super::{
    super::{
        Context, Failure,
        context::{read_text, show},
    },
    report::command,
};
use crate::{
    evaluate::Evaluation,
    report::{Subject, card_section, with_section},
};

/// `FILE#NAME` as the card and its section.
pub(super) fn parse(text: &str) -> Result<(&Path, &str), Failure> {
    match text.rsplit_once('#') {
        Some((file, name)) if !file.is_empty() && !name.is_empty() => Ok((Path::new(file), name)),
        _ => Err(Failure::usage(format!("--card {text}: name the file and its section, such as CARD.md#patients"))),
    }
}

/// Writes the figures into the section, which the card has to have.
pub(super) fn write(
    context: &Context,
    file: &Path,
    name: &str,
    e: &Evaluation,
    subject: &Subject,
) -> Result<(), Failure> {
    let card = read_text(file)?;
    let section = card_section(e, subject, &command());
    let new = with_section(&card, name, &section).ok_or_else(|| {
        Failure::usage(format!(
            "{}: has no section `{name}`; write the lines <!-- {name} --> and <!-- /{name} --> where it is to stand",
            show(file)
        ))
    })?;
    context.write(file, new.as_bytes(), None)
}
