//! `model info`: what a network says about itself.

use super::{
    Context, Failure, Outcome,
    args::{ModelAction, ModelArgs},
    output,
};
use crate::model::describe;

/// Describes the network.
pub fn run(context: &Context, args: &ModelArgs) -> Result<Outcome, Failure> {
    let ModelAction::Info { model, json } = &args.action;
    let file = context.network_file(model.as_deref())?;
    if *json {
        output::print(&output::json_line(&file.info))?;
    } else {
        let lines: String = describe(&file.info).iter().map(|(what, value)| format!("{what:<13}  {value}\n")).collect();
        output::print(&lines)?;
    }
    Ok(Outcome::Done)
}
