//! `verify`: checks of the database.

use super::{Context, Failure, Outcome, args::JsonFlag, context::show, output};

/// Checks it; problems are named on stderr and end with exit status 1.
pub fn run(context: &Context, args: &JsonFlag) -> Result<Outcome, Failure> {
    if !context.db.exists() {
        return Err(Failure::usage(format!("{}: there is no database to check; check --db", show(&context.db))));
    }
    let problems = context.store_as_it_is()?.verify().map_err(Failure::midway)?;
    if args.json {
        output::print(&output::json_line(&serde_json::json!({ "ok": problems.is_empty(), "problems": problems })))?;
    } else if problems.is_empty() {
        output::print(&format!("{}: no problems\n", show(&context.db)))?;
    }
    problems.iter().for_each(|p| output::complain(p));
    Ok(Outcome::refused(!problems.is_empty()))
}
