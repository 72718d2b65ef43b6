//! `case`: what is done to a case as a whole: its name, the archive, deletion, its folders.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Context, Failure, Outcome,
    args::Reviewer,
    context::{reviewer, show},
    output,
};
use crate::{
    domain::{CaseRecord, printable},
    store::{Store, StoreError},
};

/// Arguments of `case`.
#[derive(Debug, Args)]
pub struct CaseArgs {
    #[command(subcommand)]
    action: CaseAction,
}

#[derive(Debug, Subcommand)]
enum CaseAction {
    /// Give a case another name
    Rename {
        /// The case's name
        case: String,
        /// Its name from now on
        name: String,
        #[command(flatten)]
        who: Reviewer,
    },
    /// Leave cases out of the lists; nothing of them is lost, and their names still open them
    Archive {
        /// The cases' names
        #[arg(required = true, value_name = "CASE")]
        cases: Vec<String>,
        #[command(flatten)]
        who: Reviewer,
    },
    /// Put cases back into the lists
    Unarchive {
        /// The cases' names
        #[arg(required = true, value_name = "CASE")]
        cases: Vec<String>,
        #[command(flatten)]
        who: Reviewer,
    },
    /// Delete a case in which nobody has decided, written, read or signed anything; its images stay where they are
    Delete {
        /// The case's name
        case: String,
        #[command(flatten)]
        who: Reviewer,
    },
    /// List the folders of a case, and how many of its images lie in each
    Folders {
        /// The case's name
        case: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does it, and says what was done.
pub fn run(context: &Context, args: &CaseArgs) -> Result<Outcome, Failure> {
    match &args.action {
        CaseAction::Rename { case, name, who } => {
            let store = context.store_of(case)?;
            let (case, who) = (context.case(&store, case)?, reviewer(who)?);
            let renamed = store.rename_case(case.id, name, Some(&who)).map_err(failed)?;
            output::print(&format!("{}: renamed to {}\n", printable(&case.name), printable(&renamed.name)))?;
        }
        CaseAction::Archive { cases, who } => archive(context, cases, &reviewer(who)?, true)?,
        CaseAction::Unarchive { cases, who } => archive(context, cases, &reviewer(who)?, false)?,
        CaseAction::Delete { case, who } => {
            let store = context.store_of(case)?;
            let (case, who) = (context.case(&store, case)?, reviewer(who)?);
            store.delete_case(case.id, Some(&who)).map_err(failed)?;
            let images = if case.has_folder() { "; its images stay where they are" } else { "" };
            output::print(&format!("{}: deleted{images}\n", printable(&case.name)))?;
        }
        CaseAction::Folders { case, json } => {
            let store = context.store_of(case)?;
            folders(&store, &context.case(&store, case)?, *json)?;
        }
    }
    Ok(Outcome::Done)
}

fn failed(error: StoreError) -> Failure {
    if error.is_refusal() { Failure::usage(error) } else { Failure::midway(error) }
}

/// All names are looked up before anything is changed.
fn archive(context: &Context, names: &[String], who: &str, away: bool) -> Result<(), Failure> {
    let store = context.store()?;
    let cases = names.iter().map(|n| context.case(&store, n)).collect::<Result<Vec<_>, _>>()?;
    for case in cases {
        let changed = store.archive_case(case.id, away, Some(who)).map_err(failed)?;
        let said = match (away, changed) {
            (true, true) => "archived",
            (true, false) => "archived already",
            (false, true) => "taken out of the archive",
            (false, false) => "not in the archive",
        };
        output::print(&format!("{}: {said}\n", printable(&case.name)))?;
    }
    Ok(())
}

fn folders(store: &Store, case: &CaseRecord, as_json: bool) -> Result<(), Failure> {
    let folders = store.case_folders(case).map_err(failed)?;
    if as_json {
        let list: Vec<_> = folders
            .iter()
            .map(|(root, n)| json!({ "folder": root.to_string_lossy(), "images": n, "there": root.is_dir() }))
            .collect();
        return output::print(&output::json_line(&json!({ "case": case.name, "folders": list })));
    }
    let mut text = String::new();
    for (root, n) in folders {
        let place = match () {
            () if !case.has_folder() => "drawn, in the database".to_owned(),
            () if root.is_dir() => show(&root),
            () => format!("{} (not there)", show(&root)),
        };
        text.push_str(&format!("{n:>6} images  {place}\n"));
    }
    output::print(&text)
}
