//! `restore`: a backup in the place of the database.

use super::{Context, Failure, Outcome, args::RestoreArgs, context::show};
use crate::{
    domain::printable,
    store::{Lost, Store},
};

/// Puts the backup in the place of the database, and says what was kept and what is lost.
pub fn run(context: &Context, args: &RestoreArgs) -> Result<Outcome, Failure> {
    let restored = Store::restore(&args.file, &context.db, &context.table).map_err(Failure::usage)?;
    context.say(&format!("{}: restored from {}, {} cases", show(&context.db), show(&args.file), restored.cases));
    if let Some(kept) = &restored.kept {
        context.say(&format!("the database that was there is kept as {}", show(kept)));
    }
    for lost in &restored.lost {
        context.say(&sentence(lost));
    }
    if let Some(why) = &restored.unknown {
        context.say(&format!("what it held beyond the backup is not known: {why}"));
    }
    Ok(Outcome::Done)
}

fn sentence(lost: &Lost) -> String {
    let name = printable(&lost.case);
    let what = format!("{} decisions and {} signed versions", lost.decisions, lost.signed);
    match lost.whole {
        true => format!("the backup does not have the case {name} ({what})"),
        false => format!("the backup lacks of the case {name}: {what}"),
    }
}
