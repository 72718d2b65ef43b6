//! `model info`: what a network says about itself.

use super::{
    Context, Failure, Outcome,
    args::{ModelAction, ModelArgs},
    output,
};
use crate::{
    domain::printable,
    model::{describe, describe_training},
};

/// Describes the network.
pub fn run(context: &Context, args: &ModelArgs) -> Result<Outcome, Failure> {
    let ModelAction::Info { model, json } = &args.action;
    let file = context.network_file(model.as_deref())?;
    if *json {
        output::print(&output::json_line(&file.info))?;
    } else {
        let mut lines: Vec<String> =
            describe(&file.info).iter().map(|(what, value)| format!("{what:<13}  {value}")).collect();
        let table = &context.table;
        let name = |code: &str| table.by_code(code).map(|id| printable(&table.get(id).name).into_owned());
        lines.extend([String::new(), "TRAINING".to_owned()]);
        lines.extend(describe_training(&file.info, &name));
        output::print(&(lines.join("\n") + "\n"))?;
    }
    Ok(Outcome::Done)
}
