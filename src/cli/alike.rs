//! `alike`: the cells of the library that look most like a cell of a case.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use serde::Serialize;

use super::{
    Context, Failure, Outcome,
    args::NetworkArgs,
    context::{self, show},
    output,
};
use crate::{
    domain::{CellNumber, LookAlike, Sha256Hash, counted, printable},
    jobs::{CaseFolder, LookAlikeFinder, Subject, read_frame},
};

/// Arguments of `alike`.
#[derive(Debug, Args)]
pub struct AlikeArgs {
    /// The case's name
    pub case: String,
    /// The cell's number in the case
    pub cell: CellNumber,
    /// Look-alikes to find
    #[arg(long, value_name = "K", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub top: u16,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    case: &'a str,
    cell: CellNumber,
    model: Sha256Hash,
    library: usize,
    left_out: usize,
    summary: String,
    alike: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    class: &'a str,
    similarity: f32,
    source: &'static str,
    set: &'a str,
    patient: Option<&'a str>,
    sha256: Sha256Hash,
    path: PathBuf,
}

/// Finds and lists them.
pub fn run(context: &Context, args: &AlikeArgs) -> Result<Outcome, Failure> {
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    let cells = store.cells(case.id).map_err(Failure::usage)?;
    let cell = cells.into_iter().find(|c| c.number == args.cell).ok_or_else(|| {
        let name = printable(&case.name);
        Failure::usage(format!(
            "there is no cell {} in the case {name}; `leukoscope export {name}` lists them",
            args.cell
        ))
    })?;
    let file = Arc::new(context.network_file(args.network.model.as_deref())?);
    let model = file.info.sha256;
    let frame = read_frame(&CaseFolder::of(&case), &cell, || store.embedded_image(&cell.sha256))
        .map_err(|why| Failure::usage(format!("{}: {why}", show(&case.root.join(&cell.path)))))?;
    let mut finder = LookAlikeFinder::new(file, &context.table, context::device(&args.network)?);
    let subject = Subject { case: &case.name, image: cell.sha256, um_per_px: case.scale.um_per_px };
    let mut progress = |said: String| {
        context.detail(&said);
        true
    };
    let found = finder.find(&store, &frame, subject, usize::from(args.top), &mut progress).map_err(Failure::usage)?;
    if found.cells.is_empty() {
        return Err(Failure::usage(
            "the library holds no cell of another patient; fill it with leukoscope library build, or library add DATA",
        ));
    }
    let table = &context.table;
    let summary = found.summary(table, found.cells.len());
    if !args.json {
        let line = |c: &LookAlike| {
            let class = table.get(c.class);
            format!("{:.3}  {:<8} {:<28} {}\n", c.similarity, class.code, class.name, printable(&c.origin()))
        };
        let head =
            format!("{summary} (of {}, {} left out)\n", counted(found.library as u64, "cell", "cells"), found.left_out);
        output::print(&(head + &found.cells.iter().map(line).collect::<String>()))?;
        return Ok(Outcome::Done);
    }
    let mut alike = Vec::new();
    for c in &found.cells {
        let there = store.library_cell(c.id).map_err(Failure::usage)?;
        let Some(there) = there else { continue };
        alike.push(Row {
            class: table.code(c.class),
            similarity: c.similarity,
            source: c.source.name(),
            set: &c.set,
            patient: c.patient.as_deref(),
            sha256: there.image,
            path: there.path,
        });
    }
    let (library, left_out) = (found.library, found.left_out);
    output::print(&output::json_line(&Report {
        case: &case.name,
        cell: args.cell,
        model,
        library,
        left_out,
        summary,
        alike,
    }))?;
    Ok(Outcome::Done)
}
