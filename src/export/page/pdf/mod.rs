//! The page as PDF/A-2a: sheets of A4 with embedded fonts, tags in the order of reading, and texts for what is a picture.
//!
//! `parts` says what stands where, `sheet` keeps it as a list of things to draw, `write` turns that list into a file.

mod font;
mod parts;
mod sheet;
mod write;

use std::collections::BTreeSet;

use super::Page;

/// A report as PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many sheets it has.
    pub sheets: usize,
    /// Characters that its fonts lack: U+FFFD stands in their place.
    pub lacking: BTreeSet<char>,
}

/// Why a report cannot be written as PDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the PDF cannot be made: {0}; write --format html and print it")]
pub struct PdfError(String);

/// The page as PDF/A-2a. The same page gives the same bytes.
///
/// # Errors
/// When the file would not fulfil PDF/A-2a.
pub fn to_pdf(page: &Page) -> Result<Pdf, PdfError> {
    let fonts = font::Fonts::new()?;
    let sheets = parts::lay_out(page, &fonts);
    let bytes = write::file(page, &sheets, &fonts)?;
    Ok(Pdf { bytes, sheets: sheets.sheets.len(), lacking: sheets.lacking })
}

/// What the sheets hold, as text: a line for each thing drawn, with its place in mm and its role. For tests and for those
/// who change the layout.
///
/// # Errors
/// When the fonts cannot be read.
pub fn outline(page: &Page) -> Result<String, PdfError> {
    Ok(parts::lay_out(page, &font::Fonts::new()?).describe())
}
