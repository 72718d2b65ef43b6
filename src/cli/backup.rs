//! `backup`: a consistent copy of the database.

use super::{Context, Failure, Outcome, args::BackupArgs, context::show};

/// Writes the copy.
pub fn run(context: &Context, args: &BackupArgs) -> Result<Outcome, Failure> {
    if !context.db.exists() {
        return Err(Failure::usage(format!("{}: there is no database to copy; check --db", show(&context.db))));
    }
    if args.file.exists() {
        return Err(Failure::usage(format!("{}: the file exists; name one that does not", show(&args.file))));
    }
    context.may_write(&args.file, None)?;
    context.store_as_it_is()?.backup(&args.file).map_err(Failure::midway)?;
    context.say(&format!("wrote {}", show(&args.file)));
    Ok(Outcome::Done)
}
