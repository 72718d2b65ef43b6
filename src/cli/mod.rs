//! The command line: arguments, one file per subcommand, and what they share.
//!
//! Paths, flags and exit codes live here; what is counted, stored, predicted or drawn does not.

mod alike;
mod args;
mod backup;
mod bench;
mod blasts;
mod case;
mod cases;
mod classify;
mod compare;
mod context;
mod decide;
mod demo;
mod doctor;
mod evaluate;
mod explain;
mod export;
mod frame;
mod history;
mod import;
mod inputs;
mod keys;
mod library;
mod model;
mod names;
mod outcome;
mod output;
mod particulars;
mod predict;
mod predictions;
mod progress;
mod raters;
mod read;
mod reopen;
mod report;
mod restore;
mod review;
mod send;
mod sign;
mod signed;
mod train;
mod verify;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory, Parser, builder::Resettable};

pub use args::Cli;
use args::CommandLine;
use context::Context;
pub use outcome::{Failure, Outcome};

/// Reads the command line, runs it, and says on stderr what went wrong.
pub fn main() -> ExitCode {
    let mut cli = parse(std::env::args_os().collect());
    if cli.command.is_none() {
        // Read as `review`, so that its options' defaults and environment variables hold as well.
        cli = parse(std::env::args_os().chain(["review".into()]).collect());
    }
    let result = Context::new(&cli).and_then(|context| run(&context, cli.command));
    match result {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.into()
        }
    }
}

/// Reads arguments, or says what is wrong with them and ends. What comes from the environment was not typed, so that a usage line
/// does not ask for it.
fn parse(args: Vec<OsString>) -> Cli {
    let error = match Cli::try_parse_from(&args) {
        Ok(cli) => return cli,
        Err(error) => error,
    };
    let typed = without_environment(Cli::command()).try_get_matches_from(&args);
    match typed {
        Err(plain) if plain.kind() == error.kind() && error.use_stderr() => plain.exit(),
        _ => error.exit(),
    }
}

/// A command whose arguments, and those of its subcommands, are read from no environment variable.
fn without_environment(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| arg.env(Resettable::Reset)).mut_subcommands(without_environment)
}

fn run(context: &Context, command: Option<CommandLine>) -> Result<Outcome, Failure> {
    let Some(command) = command else { return Err(Failure::usage("name a command; `leukoscope help` lists them")) };
    match command {
        CommandLine::Review(args) => review::run(context, &args),
        CommandLine::Import(args) => import::run(context, &args),
        CommandLine::Cases(args) => cases::run(context, &args),
        CommandLine::Case(args) => case::run(context, &args),
        CommandLine::Classify(args) => classify::run(context, &args),
        CommandLine::Bench(args) => bench::run(context, &args),
        CommandLine::Decide(args) => decide::run(context, &args),
        CommandLine::Read(args) => read::run(context, &args),
        CommandLine::Compare(args) => compare::run(context, &args),
        CommandLine::Blasts(args) => blasts::run(context, &args),
        CommandLine::Sign(args) => sign::run(context, &args),
        CommandLine::Reopen(args) => reopen::run(context, &args),
        CommandLine::Export(args) => export::run(context, &args),
        CommandLine::Send(args) => send::run(context, &args),
        CommandLine::History(args) => history::run(context, &args),
        CommandLine::Train(args) => train::run(context, &args),
        CommandLine::Evaluate(args) => evaluate::run(context, &args),
        CommandLine::Explain(args) => explain::run(context, &args),
        CommandLine::Alike(args) => alike::run(context, &args),
        CommandLine::Library(args) => library::run(context, &args),
        CommandLine::Raters(args) => raters::run(context, &args),
        CommandLine::Model(args) => model::run(context, &args),
        CommandLine::Keys(args) => keys::run(context, &args),
        CommandLine::Doctor(args) => doctor::run(context, &args),
        CommandLine::Backup(args) => backup::run(context, &args),
        CommandLine::Restore(args) => restore::run(context, &args),
        CommandLine::Verify(args) => verify::run(context, &args),
        CommandLine::Phantoms(args) => demo::write_phantoms(&args),
    }
}
