//! `sign`: accepts the differential of a case.

use super::{Context, Failure, Outcome, args::SignArgs, blasts, context};
use crate::{
    domain::{CaseState, printable},
    store::{SignRequest, StoreError},
};

/// Signs the case; with `--reason`, a signed case is reopened first.
pub fn run(context: &Context, args: &SignArgs) -> Result<Outcome, Failure> {
    let reviewer = context::reviewer(&args.reviewer)?;
    let blasts = blasts::option(&context.table, &args.blasts)?;
    let store = context.store_of(&args.case)?;
    let case = context.case(&store, &args.case)?;
    let network = context.network_file(args.model.as_deref())?.info.sha256;
    match (&args.reason, case.state) {
        (Some(reason), CaseState::Signed) => store.reopen(case.id, &reviewer, reason).map_err(Failure::usage)?,
        (Some(_), _) => {
            return Err(Failure::usage(format!(
                "{}: the case is not signed, so there is nothing to give a reason for; leave --reason out",
                printable(&case.name)
            )));
        }
        (None, _) => {}
    }
    let request = SignRequest {
        case: case.id,
        reviewer,
        allow_unreviewed: args.allow_unreviewed,
        expect_last_seq: None,
        expect_blasts: None,
        blasts,
        network: Some(network),
        no_wbc_reason: args.no_wbc_reason.clone(),
    };
    let signed = store.sign(&request).map_err(|e| match e {
        StoreError::NotReady { .. } | StoreError::InDispute { .. } => {
            Failure::usage(format!("{e} (--allow-unreviewed)"))
        }
        e => context::refused(e),
    })?;
    let readers = signed.readers.as_ref().map_or_else(String::new, |r| {
        let names: Vec<_> = r.firsts.iter().chain([&r.second]).map(|n| printable(n)).collect();
        format!(", read by {}", names.join(" and "))
    });
    let blasts = signed.blast_names().counted(signed.blasts);
    context
        .say(&format!("{}: signed as version {} on {} WBC, {blasts}{readers}", case.name, signed.version, signed.wbc));
    Ok(Outcome::Done)
}
