//! What can be typed on the command line.

use std::{path::PathBuf, str::FromStr};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use super::train::TrainArgs;
use crate::{
    explain::Method,
    export::Format,
    intake::LayoutChoice,
    model::{DEFAULT_BATCH, MAX_BATCH, Precision},
    term::GraphicsChoice,
    train::Shift,
};

/// One of `names`, as the type that they stand for.
fn parsed<T, const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::fmt::Display> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| name.parse::<T>().map_err(|e| e.to_string()))
}

/// Review the leukocytes of one patient's blood smear in the terminal. Not a medical device.
#[derive(Debug, Parser)]
#[command(name = "leukoscope", version, about, max_term_width = 100)]
pub struct Cli {
    /// The database; without it the platform's data directory is used
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_DB", global = true)]
    pub db: Option<PathBuf>,
    /// A class table of your own (TOML, as `data/classes.toml` in the sources)
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_CLASSES", global = true)]
    pub classes: Option<PathBuf>,
    /// Thresholds of your own for what is pointed out in a count (TOML, as `data/flags.toml` in the sources)
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_FLAGS", global = true)]
    pub flags: Option<PathBuf>,
    /// Reference ranges of your own for reports (TOML, as `data/ranges.toml` in the sources)
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_RANGES", global = true)]
    pub ranges: Option<PathBuf>,
    /// Your laboratory's name, the fields of its reports, and where HL7 messages go (TOML, as `data/laboratory.toml`)
    #[arg(long, value_name = "FILE", env = "LEUKOSCOPE_LABORATORY", global = true)]
    pub laboratory: Option<PathBuf>,
    /// Say more on stderr
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing on stderr but what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Without a command: the list of cases
    #[command(subcommand)]
    pub command: Option<CommandLine>,
}

/// A subcommand and its arguments.
#[derive(Debug, Subcommand)]
pub enum CommandLine {
    /// Review a case in the terminal; without a name: the list of cases
    Review(ReviewArgs),
    /// Take the images of a folder as cases
    Import(ImportArgs),
    /// List the cases
    Cases(JsonFlag),
    /// Predict the class of image files
    Classify(ClassifyArgs),
    /// Measure how many images a second this machine decodes and classifies
    Bench(BenchArgs),
    /// Record decisions from stdin, one JSON object a line
    Decide(DecideArgs),
    /// Accept the differential of a case
    Sign(SignArgs),
    /// Reopen a signed case for a correction
    Reopen(ReopenArgs),
    /// Write one case as JSON, CSV or text, or as a report
    Export(ExportArgs),
    /// Write everything that happened to a case: decisions, notes, signatures, reopenings
    History(HistoryArgs),
    /// Train a network on labelled images, or fit one to this database's signed cells
    Train(TrainArgs),
    /// Figures of a network on labelled images: precision, sensitivity, ROC, calibration, differentials
    Evaluate(EvaluateArgs),
    /// Where in a picture the network's answer comes from, as a coloured overlay
    Explain(ExplainArgs),
    /// How far the experts of an annotation file agree with each other
    Raters(RatersArgs),
    /// What a network is, was trained on, and can tell apart
    Model(ModelArgs),
    /// Check or print the keymap
    Keys(KeysArgs),
    /// Terminal, device, database, network and version: what a bug report needs
    Doctor(JsonFlag),
    /// Write a consistent copy of the database
    Backup(BackupArgs),
    /// Check the database
    Verify(JsonFlag),
    /// Write drawn cells of every class into a folder, to try the program on
    Phantoms(PhantomsArgs),
}

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// The case's name
    pub case: Option<String>,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// How pictures are drawn: as the terminal answers (auto), as half-block characters, by a graphics protocol, or not
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = parsed::<GraphicsChoice, _>(GraphicsChoice::ALL.map(GraphicsChoice::name)))]
    pub graphics: GraphicsChoice,
    /// A keymap of your own (TOML)
    #[arg(long, value_name = "FILE")]
    pub keymap: Option<PathBuf>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Who reviews.
#[derive(Debug, Args)]
pub struct Reviewer {
    /// Who reviews; without it the user's login name
    #[arg(long, value_name = "NAME", env = "LEUKOSCOPE_REVIEWER")]
    pub reviewer: Option<String>,
}

/// Which network runs where.
#[derive(Debug, Args)]
pub struct NetworkArgs {
    /// A network other than the one that comes with the program (safetensors)
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// auto, cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "auto")]
    pub device: String,
}

/// Arguments of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The case's name
    pub case: String,
    /// As JSON, one object a line
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Folders as a scanner wrote them
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Name of the case, instead of the folder's
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// How the images lie in the folder: auto finds out; flat: in the folder itself; a folder per class or per patient; lmu:
    /// AML-Cytomorphology_LMU, with or without annotations.dat
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = parsed::<LayoutChoice, _>(LayoutChoice::NAMES))]
    pub layout: LayoutChoice,
    /// The LMU layout's annotation file, if it is not in the folder
    #[arg(long, value_name = "FILE")]
    pub annotations: Option<PathBuf>,
    /// Micrometres per pixel, if the frame size does not tell
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub um_per_px: Option<f64>,
    /// WBC to count in these cases [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub target: Option<u64>,
    /// Look and report, but store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Report as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `classify`.
#[derive(Debug, Args)]
pub struct ClassifyArgs {
    /// Image files, or folders (walked in name order)
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Images that the network takes at once; fewer where a device's memory holds fewer
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH as u16, value_parser = batch())]
    pub batch: u16,
    /// Precision of the layers: f32, or f16 or bf16, which a GPU computes faster and which can change a ranking
    #[arg(long, value_name = "P", default_value = "f32", value_parser = parsed::<Precision, _>(Precision::NAMES))]
    pub precision: Precision,
    /// Classes to report of each image, most probable first
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub top: u16,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: TableFormat,
    /// Micrometres per pixel, if the frame size does not tell
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub um_per_px: Option<f64>,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Image files, or folders, to measure with instead of drawn cells
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Images that the network takes at once
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH as u16, value_parser = batch())]
    pub batch: u16,
    /// Precision of the layers: f32, or f16 or bf16, which a GPU computes faster and which can change a ranking
    #[arg(long, value_name = "P", default_value = "f32", value_parser = parsed::<Precision, _>(Precision::NAMES))]
    pub precision: Precision,
    /// Micrometres per pixel, if the frame size does not tell
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub um_per_px: Option<f64>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn batch() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..=MAX_BATCH as i64)
}

/// A form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum TableFormat {
    /// One JSON object a line
    #[default]
    Jsonl,
    /// Comma-separated values with a header
    Csv,
}

/// Arguments of `decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The case's name
    pub case: String,
    #[command(flatten)]
    pub reviewer: Reviewer,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The case's name
    pub case: String,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// Sign although cells are unreviewed or unidentified
    #[arg(long)]
    pub allow_unreviewed: bool,
    /// The network whose predictions stood beside the decisions, if it is not the one that comes with the program
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Why a signed case is signed anew: reopens it and signs the correction
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `reopen`.
#[derive(Debug, Args)]
pub struct ReopenArgs {
    /// The case's name
    pub case: String,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// Why the signed differential needs a correction
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Arguments of `export`.
#[derive(Debug, Args, Default)]
pub struct ExportArgs {
    /// The case's name
    #[arg(required_unless_present = "all")]
    pub case: Option<String>,
    /// Every signed case into the folder that -o names: as csv and parquet a table of cells, one of cases and a dictionary of
    /// their columns; in the other formats a file for each case
    #[arg(long, conflicts_with_all = ["case", "version", "patient", "field"], requires = "output")]
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
}

/// What a report says beside the record.
#[derive(Debug, Args, Default)]
pub struct ReportArgs {
    /// The patient's identifier, as the laboratory's system has it; it is not kept
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
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

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Labelled images: a CSV file with the columns path and class (and patient, split, um_per_px), a folder with
    /// annotations.dat as in AML-Cytomorphology_LMU, or a folder with a folder per class
    #[arg(required = true, value_name = "DATA")]
    pub data: Vec<PathBuf>,
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Predictions that `classify --top 15` wrote, instead of running the network; given several times, each file is a fold
    /// of a cross-validation
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "device", "batch", "precision", "um_per_px"])]
    pub predictions: Vec<PathBuf>,
    /// Only the images of this part of the data
    #[arg(long, value_name = "NAME")]
    pub split: Option<String>,
    /// Micrometres per pixel, if neither the data nor the frame size tell
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub um_per_px: Option<f64>,
    /// Change every picture before the network sees it, to learn how it does on other slides: factors of stain and light,
    /// warm (red up, blue down), blur in um, noise in grey levels, such as stain=1.5,light=0.8,warm=0.1,blur=0.4,noise=8
    #[arg(long, value_name = "SHIFT", conflicts_with = "predictions")]
    pub shift: Option<Shift>,
    /// Images that the network takes at once; fewer where a device's memory holds fewer
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH as u16, value_parser = batch())]
    pub batch: u16,
    /// Precision of the layers: f32, or f16 or bf16, which a GPU computes faster and which can change a ranking
    #[arg(long, value_name = "P", default_value = "f32", value_parser = parsed::<Precision, _>(Precision::NAMES))]
    pub precision: Precision,
    /// Groups of classes to take as one, besides each class on its own: NGS+NGB,PMO+MYB+MMZ
    #[arg(long, value_name = "GROUPS")]
    pub merge: Option<String>,
    /// Resamples of each bootstrap interval
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub resamples: u32,
    /// Seed of the resamples: the same seed gives the same intervals
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Folder for report.html with its figures, and the figures as SVG and PNG; files of these names are replaced
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// A network's card in Markdown, and the section of it that the figures go into, between the lines <!-- NAME --> and
    /// <!-- /NAME -->
    #[arg(long, value_name = "FILE#NAME")]
    pub card: Option<String>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Image files, or folders (walked in name order)
    #[arg(required_unless_present = "case", conflicts_with = "case", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The cells of this case, instead of files
    #[arg(long, value_name = "NAME", conflicts_with = "um_per_px")]
    pub case: Option<String>,
    /// Only this cell of the case, by its number; may be given several times
    #[arg(long, value_name = "ID", requires = "case", conflicts_with = "paths")]
    pub cell: Vec<i64>,
    /// Folder for the pictures, one an image; files of these names are replaced
    #[arg(short, long, value_name = "DIR", default_value = "explained")]
    pub output: PathBuf,
    /// The class whose score is explained [default: the most probable one of each image]
    #[arg(long, value_name = "CODE")]
    pub class: Option<String>,
    /// Only this method; without it both: gradient (Simonyan et al. 2013, px by px) and integrated (integrated gradients from an
    /// empty field, Sundararajan et al. 2017, smooth)
    #[arg(long, value_name = "HOW", value_parser = parsed::<Method, _>(Method::ALL.map(Method::name)))]
    pub method: Option<Method>,
    /// A network other than the one that comes with the program (safetensors)
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Micrometres per pixel, if the frame size does not tell
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub um_per_px: Option<f64>,
    /// One JSON object a line, one line an image
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `raters`.
#[derive(Debug, Args)]
pub struct RatersArgs {
    /// An annotation file in LMU's form (path, original class, two re-annotations; nan: not read again, UNC: could not be
    /// assigned), or the folder that holds annotations.dat
    #[arg(value_name = "FILE|DIR")]
    pub path: PathBuf,
    /// Predictions of the same images that `classify --top 15` wrote: the network as one more rater
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
    /// One JSON object a line, one line a pair of columns
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `model`.
#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    pub action: ModelAction,
}

/// What `model` does.
#[derive(Debug, Subcommand)]
pub enum ModelAction {
    /// What the network is, was trained on, and can tell apart
    Info {
        /// A network other than the one that comes with the program (safetensors)
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    pub action: KeysAction,
}

/// What `keys` does.
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Name every problem of the keymap
    Check {
        /// A keymap of your own (TOML)
        #[arg(long, value_name = "FILE")]
        keymap: Option<PathBuf>,
    },
    /// Print the keymap that holds, yours merged over the default
    Print {
        /// A keymap of your own (TOML)
        #[arg(long, value_name = "FILE")]
        keymap: Option<PathBuf>,
        /// As a Markdown table
        #[arg(long)]
        markdown: bool,
    },
}

/// Arguments of commands that only know `--json`.
#[derive(Debug, Args)]
pub struct JsonFlag {
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// File to write; it must not exist yet
    pub file: PathBuf,
}

/// Arguments of `phantoms`.
#[derive(Debug, Args)]
pub struct PhantomsArgs {
    /// Folder to write into; it must not exist yet, or be empty
    pub dir: PathBuf,
    /// How the images lie in it
    #[arg(long, value_enum, default_value_t)]
    pub layout: PhantomLayout,
    /// Cells of each class
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub per_class: u32,
    /// Seed of the drawings: the same seed draws the same cells
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How phantoms lie in their folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum PhantomLayout {
    /// A folder per class
    #[default]
    Classes,
    /// All images in the folder itself
    Flat,
    /// As AML-Cytomorphology_LMU: RGBA TIFFs and annotations.dat
    Lmu,
}
