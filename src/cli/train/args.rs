//! What `train` can be told.

use std::path::PathBuf;

use clap::Args;

use crate::train::Preset;

/// Arguments of `train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Labelled images: PATH[#PART][@UM_PER_PX]. PATH is a CSV file with the columns path and class (and patient, split,
    /// um_per_px), a folder with annotations.dat as in AML-Cytomorphology_LMU, or a folder with a folder per class; #train
    /// takes the part of that name alone; @0.071 says how large a px is
    #[arg(value_name = "DATA", required_unless_present_any = ["from_db", "print_recipe"])]
    pub data: Vec<String>,
    /// More labelled images that are only learnt from, never validated or tested on; may be given several times
    #[arg(long, value_name = "DATA")]
    pub add: Vec<String>,
    /// File to write the network to; with --folds the folder
    #[arg(short, long, value_name = "FILE", required_unless_present_any = ["dry_run", "print_recipe"])]
    pub output: Option<PathBuf>,
    /// Learn from this database's signed cases, starting from the network that comes with the program
    #[arg(long, conflicts_with = "folds")]
    pub from_db: bool,
    /// Start from this network and keep close to it, instead of starting anew
    #[arg(long, value_name = "FILE")]
    pub start: Option<PathBuf>,
    /// A recipe (TOML); what it does not say is as in the preset
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// light: the built-in network's; paper: 400 x 400 px as in Matek et al. 2019, for a GPU
    #[arg(long, value_name = "NAME", value_parser = Preset::NAMES)]
    pub preset: Option<String>,
    /// A setting of the recipe, such as learning.epochs=3; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// Seed: the same seed trains the same network on the CPU
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Train this many networks, each tested on its own part of DATA, and write each with its predictions
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..=20))]
    pub folds: Option<u8>,
    /// Only this one of the folds
    #[arg(long, value_name = "N", requires = "folds")]
    pub fold: Option<u8>,
    /// auto, cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Go on where a run of the same command was interrupted
    #[arg(long)]
    pub resume: bool,
    /// Minutes between checkpoints within an epoch
    #[arg(long, value_name = "MINUTES", default_value_t = 2.0, allow_negative_numbers = true)]
    pub checkpoint_every: f64,
    /// Write the images whose labels the network doubts to this CSV file
    #[arg(long, value_name = "FILE")]
    pub doubts: Option<PathBuf>,
    /// Say what would be learnt from what, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Print the recipe that holds (TOML), and stop
    #[arg(long)]
    pub print_recipe: bool,
    /// The result as JSON
    #[arg(long)]
    pub json: bool,
}
