//! The report of a case: its pictures and its history, gathered for `export::page`.

use std::collections::HashMap;

use image::RgbImage;

use super::{
    Failure,
    context::{read_text, show},
    export::{Exporter, Written},
};
use crate::{
    domain::{CaseRecord, CellRecord, printable},
    export::{
        Format, Particulars, Summary,
        page::{self, Material, Page, Picture, SHIPPED_TEMPLATE, Sizes},
    },
    jobs::{CaseFolder, read_frame},
    store::Store,
};

/// Writes the report as HTML or PDF.
///
/// # Errors
/// When the template has a problem, the database cannot be read, or the PDF would not be PDF/A.
pub(super) fn write(
    exporter: &Exporter<'_>,
    case: &CaseRecord,
    summary: &Summary,
    particulars: &Particulars,
) -> Result<Written, Failure> {
    let (args, store) = (exporter.args, exporter.store);
    let own = args.template.as_deref().filter(|_| args.format == Format::Html);
    let template = own.map_or_else(|| Ok(SHIPPED_TEMPLATE.to_owned()), read_text)?;
    let (pictures, mut refused) = pictures(store, case, summary);
    let history = store.history(case.id).map_err(Failure::usage)?;
    let network = exporter.network()?;
    let page = Page::of(
        summary,
        &Material {
            history: &history,
            particulars,
            network: Some(network.name.as_str()).filter(|_| summary.model == Some(network.sha256)),
            scale: case.scale,
            frame: frame(&store.cells(case.id).map_err(Failure::usage)?),
            picture: &|i| pictures.get(&i).cloned().unwrap_or_else(|| Err("was not asked for".into())),
        },
    );
    let bytes = match args.format {
        Format::Pdf => {
            let pdf = page::to_pdf(&page).map_err(Failure::midway)?;
            refused.extend(lacking(&pdf.lacking));
            pdf.bytes
        }
        _ => {
            let name = own.map_or_else(|| "data/report.html".to_owned(), show);
            let html = page::to_html(&page, &template).map_err(|e| Failure::usage(format!("{name}:{e}")))?;
            html.into_bytes()
        }
    };
    Ok(Written { bytes, refused })
}

/// What the PDF could not show, in one sentence.
fn lacking(characters: &std::collections::BTreeSet<char>) -> Option<String> {
    let named: Vec<_> = characters.iter().take(20).map(|&c| format!("{c} (U+{:04X})", c as u32)).collect();
    let more = characters.len().saturating_sub(named.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text = format!(
        "the PDF's fonts lack {}{more}: \u{fffd} stands in their place; --format html has them",
        printable(&named.join(", "))
    );
    (!named.is_empty()).then_some(text)
}

/// Width and height of the case's frames, where they are all alike.
fn frame(cells: &[CellRecord]) -> Option<(u32, u32)> {
    let size = |c: &CellRecord| (c.width, c.height);
    let first = cells.first().map(size)?;
    cells.iter().all(|c| size(c) == first).then_some(first)
}

/// The pictures of the cells that stand for their classes, by index, as fine as all of them may be; and a sentence for
/// each one that cannot be shown.
fn pictures(
    store: &Store,
    case: &CaseRecord,
    summary: &Summary,
) -> (HashMap<usize, Result<Picture, String>>, Vec<String>) {
    let folder = CaseFolder::of(case);
    let wanted: Vec<usize> = page::representatives(summary).into_iter().flat_map(|r| r.cells).collect();
    let read = |&i: &usize| {
        let cell = &summary.cells[i];
        // The file that was decided about, which is the signed one of a signed version.
        let (path, sha256) = ((&cell.path).into(), cell.sha256);
        let record = CellRecord { id: cell.id, number: cell.cell, path, sha256, width: 0, height: 0 };
        (i, read_frame(&folder, &record, || store.embedded_image(&record.sha256)))
    };
    let frames: Vec<(usize, Result<RgbImage, String>)> = wanted.iter().map(read).collect();
    let refusal = |(i, frame): &(usize, Result<RgbImage, String>)| {
        let path = show(&case.root.join(&summary.cells[*i].path));
        let why = frame.as_ref().err()?;
        Some(format!("{path}: {why}; the report says so in place of the picture"))
    };
    let refused = frames.iter().filter_map(refusal).collect();
    let mut found = HashMap::new();
    for sizes in Sizes::ALL {
        let picture = |frame: &RgbImage| Picture::of(frame, case.scale.um_per_px, sizes);
        found = frames.iter().map(|(i, frame)| (*i, frame.as_ref().map(picture).map_err(Clone::clone))).collect();
        let bytes: usize = found.values().flatten().map(|p: &Picture| p.jpeg.len()).sum();
        if bytes <= Sizes::MOST_BYTES {
            break;
        }
    }
    (found, refused)
}
