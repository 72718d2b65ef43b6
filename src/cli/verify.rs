//! `verify`: checks of the database.

use super::{Context, Failure, Outcome, args::JsonFlag, context::show, output};
use crate::{domain::printable, store::CasesSharing};

/// So many shared images are named one by one.
const NAMED_IMAGES: usize = 3;

/// Checks it; problems are named on stderr and end with exit status 1.
pub fn run(context: &Context, args: &JsonFlag) -> Result<Outcome, Failure> {
    if !context.db.exists() {
        return Err(Failure::usage(format!("{}: there is no database to check; check --db", show(&context.db))));
    }
    let store = context.store_as_it_is()?;
    let problems = store.verify().map_err(Failure::midway)?;
    // Images that two cases have are no damage of the database; that two patients have them is for people to look into.
    let shared = store.shared_images().map_err(Failure::midway)?;
    let notes: Vec<_> = shared.iter().map(note).collect();
    if args.json {
        let report = serde_json::json!({ "ok": problems.is_empty(), "problems": problems, "notes": notes });
        output::print(&output::json_line(&report))?;
    } else {
        let sound = problems.is_empty().then(|| format!("{}: no problems\n", show(&context.db)));
        let notes: String = notes.iter().map(|n| format!("note: {n}\n")).collect();
        output::print(&(sound.unwrap_or_default() + &notes))?;
    }
    problems.iter().for_each(|p| output::complain(p));
    Ok(Outcome::refused(!problems.is_empty()))
}

/// One sentence on the images that two cases share.
fn note(shared: &CasesSharing) -> String {
    let names: Vec<_> = shared.images.iter().take(NAMED_IMAGES).map(|p| show(p)).collect();
    let more = shared.count - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "the cases `{}` and `{}` have {} image{} in common, byte for byte: {}{more}",
        printable(&shared.cases.0),
        printable(&shared.cases.1),
        shared.count,
        if shared.count == 1 { "" } else { "s" },
        names.join(", ")
    )
}
