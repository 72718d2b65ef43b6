//! `library`: the reference library that look-alikes are searched in. Building it is in [`build`], judging it in [`check`].

mod build;
mod check;

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Context, Failure, Outcome, args::NetworkArgs, output};
use crate::{
    domain::{LibrarySource, Sha256Hash, counted, printable},
    store::LibraryCell,
};

/// Arguments of `library`.
#[derive(Debug, Args)]
pub struct LibraryArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Take the cells of all signed cases, under the classes that were signed, and let the network see what it has not seen
    Build {
        #[command(flatten)]
        network: NetworkArgs,
    },
    /// Add labelled images
    Add {
        /// Labelled images, as `evaluate` takes them; PATH#PART is a part of a set, PATH@UM_PER_PX says the scale
        #[arg(required = true, value_name = "DATA")]
        data: Vec<String>,
        #[command(flatten)]
        network: NetworkArgs,
    },
    /// What is in it, and whether the network in use has seen it
    Info {
        /// A network other than the one that comes with the program (safetensors)
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// How often a cell's look-alikes are of its own class: each cell against those of all other patients
    Check {
        /// Look-alikes of each cell
        #[arg(long, value_name = "K", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=100))]
        top: u16,
        /// A network other than the one that comes with the program (safetensors)
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Empty it; cases, decisions and signatures are not touched
    Clear,
}

/// Does what was asked with the library.
pub fn run(context: &Context, args: &LibraryArgs) -> Result<Outcome, Failure> {
    match &args.action {
        Action::Build { network } => build::from_signed(context, network),
        Action::Add { data, network } => build::from_data(context, data, network),
        Action::Info { model, json } => info(context, model.as_deref(), *json),
        Action::Check { top, model, json } => check::run(context, usize::from(*top), model.as_deref(), *json),
        Action::Clear => {
            let cells = context.new_store_as_it_is()?.clear_library().map_err(Failure::midway)?;
            output::print(&format!("{} taken out; the library is empty\n", counted(cells, "cell", "cells")))?;
            Ok(Outcome::Done)
        }
    }
}

#[derive(Serialize)]
struct Info<'a> {
    model: Sha256Hash,
    cells: usize,
    seen: usize,
    sets: Vec<Set>,
    classes: Vec<Count<'a>>,
}

#[derive(Serialize)]
struct Set {
    source: &'static str,
    set: String,
    cells: usize,
}

#[derive(Serialize)]
struct Count<'a> {
    class: &'a str,
    cells: usize,
}

fn info(context: &Context, model: Option<&std::path::Path>, json: bool) -> Result<Outcome, Failure> {
    let hash = context.network_file(model)?.info.sha256;
    let store = context.new_store_as_it_is()?;
    let all = store.library_cells(&hash).map_err(Failure::usage)?;
    let given = |cell: &LibraryCell| cell.source != LibrarySource::Drawn;
    let cells: Vec<&LibraryCell> = all.values().map(|(cell, _)| cell).filter(|c| given(c)).collect();
    let seen = all.values().filter(|(cell, seen)| *seen && given(cell)).count();
    let mut sets: BTreeMap<(LibrarySource, &str), usize> = BTreeMap::new();
    let mut classes: BTreeMap<_, usize> = BTreeMap::new();
    for cell in &cells {
        *sets.entry((cell.source, &cell.set)).or_default() += 1;
        *classes.entry(cell.class).or_default() += 1;
    }
    let sets = sets.into_iter().map(|((source, set), cells)| Set { source: source.name(), set: set.to_owned(), cells });
    let classes = classes.into_iter().map(|(id, cells)| Count { class: context.table.code(id), cells });
    let info = Info { model: hash, cells: cells.len(), seen, sets: sets.collect(), classes: classes.collect() };
    if json {
        output::print(&output::json_line(&info))?;
        return Ok(Outcome::Done);
    }
    let mut lines = Vec::new();
    if info.cells == 0 {
        let remedy = "fill it with leukoscope library build, or library add DATA";
        lines.push(format!("no cells yet, and the program's drawings are compared with; {remedy}"));
    } else {
        lines.push(format!(
            "{}, {seen} of them seen by network {}",
            counted(info.cells as u64, "cell", "cells"),
            hash.short()
        ));
    }
    if seen < info.cells {
        lines.push("the others are left out until it has: leukoscope library build".to_owned());
    }
    lines.extend(info.sets.iter().map(|s| format!("{:>8}  {} {}", s.cells, s.source, printable(&s.set))));
    lines.extend(info.classes.iter().map(|c| format!("{:>8}  {}", c.cells, c.class)));
    output::print(&(lines.join("\n") + "\n"))?;
    Ok(Outcome::Done)
}
