//! What can be typed on the command line.

mod export;
mod network;

use std::{path::PathBuf, str::FromStr};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{alike::AlikeArgs, case::CaseArgs, library::LibraryArgs, train::TrainArgs};
use crate::{intake::LayoutChoice, term::GraphicsChoice};

pub use export::{ExportArgs, ReportArgs, SendArgs};
pub use network::{
    BenchArgs, ClassifyArgs, EvaluateArgs, ExplainArgs, ModelAction, ModelArgs, RatersArgs, TableFormat,
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
    Cases(CasesArgs),
    /// Rename, archive or delete a case, or list its folders
    Case(CaseArgs),
    /// Predict the class of image files
    Classify(ClassifyArgs),
    /// Measure how many images a second this machine decodes and classifies
    Bench(BenchArgs),
    /// Record decisions from stdin, one JSON object a line
    Decide(DecideArgs),
    /// Begin, finish or give up a reading of a case beside its record: blinded second, repeat, or training
    Read(ReadArgs),
    /// Compare a finished reading with the record (or a training with the reference labels): agreement, kappa, disputes
    Compare(CompareArgs),
    /// What counts as a blast in a case: show it, or choose among the classes that the class table offers
    Blasts(BlastsArgs),
    /// Accept the differential of a case
    Sign(SignArgs),
    /// Reopen a signed case for a correction
    Reopen(ReopenArgs),
    /// Write one case, or all of them, as a record, a report, a message or a table
    Export(ExportArgs),
    /// Send signed cases to the laboratory's system, as HL7 messages over MLLP
    Send(SendArgs),
    /// Write everything that happened to a case: decisions, notes, signatures, reopenings
    History(HistoryArgs),
    /// Train a network on labelled images, or fit one to this database's signed cells
    Train(TrainArgs),
    /// Figures of a network on labelled images: precision, sensitivity, ROC, calibration, differentials
    Evaluate(EvaluateArgs),
    /// Where in a picture the network's answer comes from, as a coloured overlay
    Explain(ExplainArgs),
    /// The cells of the library that look most like a cell
    Alike(AlikeArgs),
    /// The reference library of look-alikes: build it of signed cases, add labelled images
    Library(LibraryArgs),
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
    /// Put a backup in the place of the database, which is kept beside it
    Restore(RestoreArgs),
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
    /// Show nothing of the record in the list of cases; opening a case begins a blinded reading
    #[arg(long, conflicts_with = "case")]
    pub blinded: bool,
    /// How pictures are drawn: as the terminal answers (auto), as half-block characters, by a graphics protocol, or not
    #[arg(long, value_name = "HOW", default_value = "auto", value_parser = parsed::<GraphicsChoice, _>(GraphicsChoice::ALL.map(GraphicsChoice::name)))]
    pub graphics: GraphicsChoice,
    /// What counts as a blast in the case, from now on: codes with commas between (MYO,MOB,PMO)
    #[arg(long, value_name = "CODES", value_delimiter = ',', requires = "case")]
    pub blasts: Vec<String>,
    /// A keymap of your own (TOML)
    #[arg(long, value_name = "FILE")]
    pub keymap: Option<PathBuf>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Who reviews.
#[derive(Debug, Args, Default)]
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
    #[command(flatten)]
    pub reviewer: Reviewer,
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
    /// What counts as a blast in these cases: codes with commas between [default: the blasts of the class table]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub blasts: Vec<String>,
    /// The folder is a further one (a second slide) of the case that is there already: the one of --case, or of the folder's name
    #[arg(long)]
    pub add: bool,
    /// Look and report what would become of the folders with the database as it is, but store nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// Report as JSON on stdout
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The case's name
    pub case: String,
    /// Into the reading of the case that this reviewer has open (see `read`), not into its record
    #[arg(long, conflicts_with = "adjudicate")]
    pub reading: bool,
    /// Settle cells in dispute with the latest second reading that was compared; the actions `first` and `second` take one
    /// reader's class
    #[arg(long)]
    pub adjudicate: bool,
    #[command(flatten)]
    pub reviewer: Reviewer,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Arguments of `read`.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The case's name
    pub case: String,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// Without the network's suggestions
    #[arg(long)]
    pub no_suggestions: bool,
    /// Read again what this reviewer read first, in another order
    #[arg(long, conflicts_with = "training")]
    pub repeat: bool,
    /// Read to be scored against reference labels; enters no record
    #[arg(long)]
    pub training: bool,
    /// End the reading that this reviewer has open
    #[arg(long, conflicts_with_all = ["no_suggestions", "repeat", "training", "give_up"])]
    pub finish: bool,
    /// End it without its being compared with anything
    #[arg(long, conflicts_with_all = ["no_suggestions", "repeat", "training"])]
    pub give_up: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The case's name
    pub case: String,
    #[command(flatten)]
    pub reviewer: Reviewer,
    /// The reading's number [default: the latest finished one]
    #[arg(long, value_name = "N")]
    pub reading: Option<i64>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `blasts`.
#[derive(Debug, Args)]
pub struct BlastsArgs {
    /// The case's name
    pub case: String,
    /// Let these classes count as blasts, and no others: codes with commas between (MYO,MOB,PMO)
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub set: Option<Vec<String>>,
    /// Let the blasts of the class table count again
    #[arg(long, conflicts_with = "set")]
    pub default: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub reviewer: Reviewer,
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
    /// What counts as a blast in the case, from now on: codes with commas between (MYO,MOB,PMO)
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub blasts: Vec<String>,
    /// Why a case without a single WBC is signed; stands on every report
    #[arg(long, value_name = "TEXT")]
    pub no_wbc_reason: Option<String>,
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

/// Arguments of `cases`.
#[derive(Debug, Args)]
pub struct CasesArgs {
    /// With the cases in the archive
    #[arg(long)]
    pub archived: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// For whom: what this reviewer reads blinded tells nothing of its blasts
    #[command(flatten)]
    pub reviewer: Reviewer,
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

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup
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
