//! Arguments of what goes out: exports, reports, messages.

use std::path::PathBuf;

use clap::{Args, ValueEnum, builder::PossibleValue};

use super::Reviewer;
use crate::export::Format;

/// Arguments of `export`.
#[derive(Debug, Args, Default)]
pub struct ExportArgs {
    /// The case's name
    #[arg(required_unless_present = "all")]
    pub case: Option<String>,
    /// Every signed case into the folder that -o names: as csv and parquet a table of cells, one of cases and a dictionary of
    /// their columns; in the other formats a file for each case
    #[arg(long, conflicts_with_all = ["case", "version", "patient", "order", "collected", "field"], requires = "output")]
    pub all: bool,
    /// Of all cases those signed on this day or later, in UTC: 2026-11-01, or a moment such as 2026-11-01T12:00:00Z
    #[arg(long, value_name = "DATE", requires = "all")]
    pub since: Option<String>,
    /// Also cases that are not signed, as they stand: their status is open, they are preliminary
    #[arg(long, requires = "all")]
    pub with_open: bool,
    /// Form of the export
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// File to write, instead of stdout; with --all the folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Begin csv files with the mark (BOM) by which spreadsheets know UTF-8
    #[arg(long)]
    pub bom: bool,
    /// An earlier signed version [default: what holds now]
    #[arg(long, value_name = "N")]
    pub version: Option<u32>,
    /// The network whose predictions are shown for cells without a decision
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// A template of your own for --format html (Jinja, as `data/report.html` in the sources)
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_TEMPLATE")]
    pub template: Option<PathBuf>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub reviewer: Reviewer,
}

/// Arguments of `send`.
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The case's name: its signed version is sent
    #[arg(required_unless_present_any = ["all", "list"])]
    pub case: Option<String>,
    /// Everything that waits; and with --without-patient every signed case that was not sent yet (drawn ones left out)
    #[arg(long, conflicts_with_all = ["case", "patient", "order", "collected", "field"])]
    pub all: bool,
    /// Only tell where every message stands
    #[arg(long, conflicts_with_all = ["case", "all", "patient", "order", "collected", "field", "to", "again", "without_patient"])]
    pub list: bool,
    /// Send what says neither whose it is (--patient) nor what it was ordered by (--order): once accepted, neither can be told later
    #[arg(long, conflicts_with_all = ["patient", "order"])]
    pub without_patient: bool,
    /// The list as JSON, one object a line
    #[arg(long, requires = "list")]
    pub json: bool,
    /// Send what was refused again, made anew from the record and these arguments
    #[arg(long)]
    pub again: bool,
    /// The receiver, instead of the one in the laboratory's file
    #[arg(long, value_name = "HOST:PORT")]
    pub to: Option<String>,
    #[command(flatten)]
    pub report: ReportArgs,
    #[command(flatten)]
    pub reviewer: Reviewer,
}

/// What a report says beside the record.
#[derive(Debug, Args, Default)]
pub struct ReportArgs {
    /// The patient's identifier, as the laboratory's system has it; the record keeps none, and a sent message is kept as it is
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// The number of the order that is answered, as the ordering system gave it (placer order number)
    #[arg(long, value_name = "NUMBER")]
    pub order: Option<String>,
    /// When the blood was taken: 2026-11-25, or a moment with its zone such as 2026-11-25T08:30+01:00
    #[arg(long, value_name = "TIME")]
    pub collected: Option<String>,
    /// A field of the report that the laboratory's file lists; may be given several times
    #[arg(long, value_name = "ID=VALUE")]
    pub field: Vec<String>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}
