//! `reopen`: lets decisions be made on a signed case again.

use super::{Context, Failure, Outcome, args::ReopenArgs, context};

/// Reopens the case.
pub fn run(context: &Context, args: &ReopenArgs) -> Result<Outcome, Failure> {
    let reviewer = context::reviewer(&args.reviewer)?;
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    store.reopen(case.id, &reviewer, &args.reason).map_err(Failure::usage)?;
    context.say(&format!("{}: reopened; version {} stays as it is", case.name, case.version.unwrap_or(1)));
    Ok(Outcome::Done)
}
