//! Arguments of what a network does, and of its figures. Those of `train` are in [`train`](super::super::train).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{NetworkArgs, parsed};
use crate::{
    explain::Method,
    model::{DEFAULT_BATCH, MAX_BATCH, Precision},
    train::Shift,
};

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
    /// Only this cell of the case, by its number in it; may be given several times
    #[arg(long, value_name = "ID", requires = "case", conflicts_with = "paths")]
    pub cell: Vec<crate::domain::CellNumber>,
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
