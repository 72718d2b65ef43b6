//! `library check`: how often a cell's look-alikes are of its own class. Each cell is compared with those of all other
//! patients, as a cell of a new patient would be; one whose patient is unknown with all but itself.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use serde::Serialize;

use super::super::{
    Context, Failure, Outcome, output,
    progress::{Progress, interruption},
};
use crate::{
    domain::{ClassId, LibrarySource, votes},
    jobs::Library,
};

/// Most cells that are asked about; of a larger library every n-th.
const MOST: usize = 20_000;

#[derive(Default)]
struct Counts {
    cells: usize,
    nearest: usize,
    majority: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    class: &'a str,
    cells: usize,
    nearest: f64,
    majority: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    library: usize,
    asked: usize,
    without_patient: usize,
    k: usize,
    nearest: f64,
    majority: f64,
    classes: Vec<Row<'a>>,
}

pub(super) fn run(context: &Context, k: usize, model: Option<&Path>, json: bool) -> Result<Outcome, Failure> {
    let hash = context.network_file(model)?.info.sha256;
    let store = context.new_store_as_it_is()?;
    let library = Library::load(&store, &hash).map_err(Failure::usage)?;
    let (cells, Some(nearest)) = (&library.cells, &library.nearest) else { return Err(empty()) };
    if cells.first().is_none_or(|c| c.source == LibrarySource::Drawn) {
        return Err(empty());
    }
    let cancel = interruption();
    let progress = Progress::new("cells compared", context.quiet);
    let asked: Vec<usize> = (0..cells.len()).step_by(cells.len().div_ceil(MOST)).collect();
    progress.more(asked.len() as u64);
    let mut counts: BTreeMap<ClassId, Counts> = BTreeMap::new();
    for &i in &asked {
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::midway("interrupted; nothing is changed"));
        }
        let own = &cells[i];
        let same = |a: &Arc<str>, b: &Arc<str>| Arc::ptr_eq(a, b);
        let other = |j: usize| {
            let cell = &cells[j];
            let patient = own.patient.as_ref().zip(cell.patient.as_ref());
            j != i && !patient.is_some_and(|(a, b)| same(a, b) && same(&own.set, &cell.set))
        };
        let found: Vec<ClassId> =
            nearest.search(&nearest.imprint(i), k, other).into_iter().map(|n| cells[n.index].class).collect();
        let row = counts.entry(own.class).or_default();
        row.cells += 1;
        row.nearest += usize::from(found.first() == Some(&own.class));
        row.majority += usize::from(votes(found).first().is_some_and(|v| v.0 == own.class));
        progress.add(1);
    }
    progress.finish();
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    let sum = |f: fn(&Counts) -> usize| counts.values().map(f).sum::<usize>();
    let report = Report {
        library: cells.len(),
        asked: asked.len(),
        without_patient: asked.iter().filter(|&&i| cells[i].patient.is_none()).count(),
        k,
        nearest: share(sum(|c| c.nearest), asked.len()),
        majority: share(sum(|c| c.majority), asked.len()),
        classes: counts
            .iter()
            .map(|(&id, c)| Row {
                class: context.table.code(id),
                cells: c.cells,
                nearest: share(c.nearest, c.cells),
                majority: share(c.majority, c.cells),
            })
            .collect(),
    };
    if json {
        output::print(&output::json_line(&report))?;
        return Ok(Outcome::Done);
    }
    let percent = |p: f64| format!("{:.1}%", 100.0 * p);
    let mut lines = vec![
        format!("{} of {} cells, each against those of other patients", report.asked, report.library),
        format!("the nearest one is of the same class      {:>7}", percent(report.nearest)),
        format!("most of the {k:>3} nearest are of the same class {:>6}", percent(report.majority)),
    ];
    if report.without_patient > 0 {
        let n = report.without_patient;
        lines.push(format!("{n} of them are of an unknown patient, whose other cells are not left out"));
    }
    lines.push(String::new());
    lines.push("class     cells  nearest  most of them".to_owned());
    lines.extend(
        report
            .classes
            .iter()
            .map(|r| format!("{:<8} {:>6}  {:>7}  {:>12}", r.class, r.cells, percent(r.nearest), percent(r.majority))),
    );
    output::print(&(lines.join("\n") + "\n"))?;
    Ok(Outcome::Done)
}

fn empty() -> Failure {
    Failure::usage("the library holds no cells yet; fill it with leukoscope library build, or library add DATA")
}
