//! `train`: a network from labelled images, in one run or in folds, and its adaptation to signed cases.

mod args;
mod finish;
mod folds;
mod parts;
mod pictures;
mod signed;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::Duration,
};

pub use args::TrainArgs;
pub(super) use pictures::{Source, short};

use super::{
    Context, Failure, Outcome,
    context::{read_text, show},
    output,
    progress::interruption,
};
use crate::{
    domain::ClassId,
    export::write_file,
    model::{DeviceChoice, NetworkFile},
    train::{Checkpoint, Ending, Finished, Frames, Judge, Preset, Recipe, Session},
};
use parts::Parts;
use pictures::{Picture, Pictures};
use watch::Watch;

/// Everything that a run, or each of its folds, starts from.
struct Plan<'a> {
    context: &'a Context,
    args: &'a TrainArgs,
    recipe: Recipe,
    device: DeviceChoice,
    /// Codes of the network's outputs, and what they mean.
    classes: Vec<(String, ClassId)>,
    start: Option<NetworkFile>,
    pictures: Vec<Picture>,
    /// Names of the sets.
    sets: Vec<String>,
}

/// Trains.
pub fn run(context: &Context, args: &TrainArgs) -> Result<Outcome, Failure> {
    let device: DeviceChoice = args.device.parse().map_err(Failure::usage)?;
    if !(args.checkpoint_every >= 0.0 && args.checkpoint_every <= 1440.0) {
        return Err(Failure::usage(format!("--checkpoint-every {}; give 0 to 1440 minutes", args.checkpoint_every)));
    }
    let start = start(context, args)?;
    let recipe = recipe(context, args, start.as_ref())?;
    if args.print_recipe {
        output::print(&recipe.to_toml().map_err(Failure::usage)?)?;
        return Ok(Outcome::Done);
    }
    if let (Some(fold), Some(folds)) = (args.fold, args.folds)
        && !(1..=folds).contains(&fold)
    {
        return Err(Failure::usage(format!("--fold {fold}: there are folds 1 to {folds}")));
    }
    let classes = classes(context, start.as_ref())?;
    let cancel = interruption();
    let mut pictures = Pictures::read(context, &args.data, &args.add)?;
    if args.from_db {
        signed::take(context, &mut pictures)?;
    }
    if let Some(output) = &args.output {
        see_to(context, output, args)?;
    }
    let Some(pictures) = pictures.check(context, &cancel) else {
        return Err(Failure::Midway("interrupted; nothing was written".into()));
    };
    let refused = pictures.refused;
    let plan = Plan { context, args, recipe, device, classes, start, pictures: pictures.list, sets: pictures.sets };
    plan.say_what_is_left_out();
    match (args.folds, &args.output) {
        (Some(folds), _) if args.dry_run => folds::describe(&plan, usize::from(folds))?,
        (Some(folds), Some(dir)) => folds::run(&plan, usize::from(folds), dir, &cancel)?,
        (None, Some(output)) if !args.dry_run => {
            if args.resume && output.exists() {
                context.say(&format!("{}: is trained already", show(output)));
                return Ok(Outcome::Done);
            }
            let parts = plan.divide(None)?;
            let finished = plan.train(&parts, output, "", &cancel)?;
            finish::say(&plan, &parts, output, &finished)?;
        }
        _ => finish::describe(&plan, &plan.divide(None)?, None)?,
    }
    Ok(Outcome::refused(refused > 0))
}

/// The network to start from.
fn start(context: &Context, args: &TrainArgs) -> Result<Option<NetworkFile>, Failure> {
    match (&args.start, args.from_db) {
        (None, false) => Ok(None),
        (path, _) => context.network_file(path.as_deref()).map(Some),
    }
}

/// The recipe: of the preset, the file, the settings; a network that is started from gives its layers and its input.
fn recipe(context: &Context, args: &TrainArgs, start: Option<&NetworkFile>) -> Result<Recipe, Failure> {
    args.recipe.iter().for_each(|path| context.inputs.add(path, "the recipe in use"));
    let text = args.recipe.as_deref().map(read_text).transpose()?;
    let preset = args.preset.as_deref().and_then(Preset::by_name);
    let preset = preset.or((text.is_none() && start.is_some()).then_some(Preset::Adapt));
    let mut settings = args.settings.clone();
    settings.extend(args.seed.map(|seed| format!("seed={seed}")));
    let place = args.recipe.as_deref().map_or_else(|| "--set".to_owned(), show);
    let mut recipe = Recipe::read(text.as_deref(), preset, &settings)
        .map_err(|e| Failure::usage(format!("{place}: {e}; leukoscope train --print-recipe shows a whole recipe")))?;
    if let Some(start) = start {
        recipe.architecture = start.info.architecture.clone();
        recipe.input = start.info.input.clone();
        recipe.bn_eps = start.info.bn_eps;
    }
    Ok(recipe)
}

/// The outputs: those of the network that is started from, else every class that networks predict, by code.
fn classes(context: &Context, start: Option<&NetworkFile>) -> Result<Vec<(String, ClassId)>, Failure> {
    let table = &context.table;
    let Some(start) = start else {
        let mut classes: Vec<_> =
            table.iter().filter(|(_, c)| c.predicted).map(|(id, _)| (table.code(id).to_owned(), id)).collect();
        classes.sort();
        return Ok(classes);
    };
    let known = |code: &String| {
        let id = table.by_code(code).ok_or_else(|| {
            Failure::usage(format!(
                "the network's class `{code}` is not in the class table; name its table with --classes"
            ))
        })?;
        Ok((code.clone(), id))
    };
    start.info.classes.iter().map(known).collect()
}

/// Sees that the output can be written, and that no run is overwritten.
fn see_to(context: &Context, output: &Path, args: &TrainArgs) -> Result<(), Failure> {
    if let Some(doubts) = &args.doubts {
        let same = |other: &Path| std::path::absolute(other).ok() == std::path::absolute(doubts).ok();
        if same(output) || same(&checkpoint_path(output)) {
            return Err(Failure::usage(format!(
                "--doubts {}: is the file of the network; name another one",
                show(doubts)
            )));
        }
        context.may_write(doubts, None)?;
    }
    if args.folds.is_some() {
        return output::folder(output);
    }
    // Once, before hours of work, and not at each checkpoint.
    context.may_write(output, None)?;
    context.may_write(&checkpoint_path(output), None)?;
    let folder = output.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    output::folder(folder)?;
    free(output, args.resume)
}

/// Refuses to begin where a network or an interrupted run is.
fn free(output: &Path, resume: bool) -> Result<(), Failure> {
    if resume {
        return Ok(());
    }
    let checkpoint = checkpoint_path(output);
    if checkpoint.exists() {
        return Err(Failure::usage(format!(
            "{}: an interrupted run is kept there; go on with --resume, or remove the file to start anew",
            show(&checkpoint)
        )));
    }
    if output.exists() {
        return Err(Failure::usage(format!("{}: is there already; name another file, or remove it", show(output))));
    }
    Ok(())
}

fn checkpoint_path(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".checkpoint");
    name.into()
}

/// Interrupted when all epochs were done and not everything was written yet: what is there is gone on from.
fn interrupted_at_the_end() -> Failure {
    Failure::Midway("interrupted at the end; go on with the same command and --resume".into())
}

impl Plan<'_> {
    fn say_what_is_left_out(&self) {
        let other = self.pictures.iter().filter(|p| !self.classes.iter().any(|(_, id)| *id == p.class)).count();
        if other > 0 {
            self.context.say(&format!(
                "{other} images are of classes that the network has no output for, and are not learnt from"
            ));
        }
    }

    fn divide(&self, fold: Option<(usize, usize)>) -> Result<Parts, Failure> {
        parts::divide(&self.pictures, &self.classes, &self.recipe.data, self.recipe.seed, fold)
    }

    /// Trains on parts, and writes the network to `output`.
    fn train(&self, parts: &Parts, output: &Path, what: &str, cancel: &AtomicBool) -> Result<Finished, Failure> {
        let (args, context) = (self.args, self.context);
        let checkpoint = checkpoint_path(output);
        let every = Duration::from_secs_f64(60.0 * args.checkpoint_every);
        let mut watch = Watch::new(what, checkpoint.clone(), every, context.quiet);
        let mut session =
            Session::new(self.recipe.clone(), parts.lesson.clone(), self.start.as_ref(), &context.table, self.device)
                .map_err(Failure::usage)?;
        if args.resume && checkpoint.exists() {
            let wrong = |e: &dyn std::fmt::Display| Failure::usage(format!("{}: {e}", show(&checkpoint)));
            if !checkpoint.is_file() {
                return Err(wrong(&"is no regular file; remove it, and start anew"));
            }
            let bytes = std::fs::read(&checkpoint).map_err(|e| wrong(&e))?;
            let kept = Checkpoint::read(bytes).map_err(|e| wrong(&e))?;
            session.resume(&kept).map_err(|e| wrong(&e))?;
            watch.goes_on(session.history());
            let epochs = session.history().len();
            context.say(&format!("{}: goes on after {epochs} epochs", show(&checkpoint)));
        }
        let frames = |place: usize| {
            let picture = &self.pictures[place];
            picture.frame().map_err(|e| format!("{}: {e}", show(&picture.path)))
        };
        let ending = session.run(&frames, cancel, &mut watch);
        watch.finish();
        let kept = |e: &dyn std::fmt::Display| {
            let file = show(&checkpoint);
            let remedy = if checkpoint.exists() { format!("; {file} keeps the run up to then") } else { String::new() };
            Failure::midway(format!("{e}{remedy}"))
        };
        let Ending::Finished(finished) = ending.map_err(|e| kept(&e))? else {
            let file = show(&checkpoint);
            return Err(Failure::Midway(format!(
                "interrupted; {file} keeps the run: go on with the same command and --resume"
            )));
        };
        self.better_than_the_start(parts, &finished, &frames, cancel)?;
        let bytes = finish::network(self, parts, &finished, &frames, cancel)?;
        write_file(output, &bytes).map_err(|e| kept(&format!("{}: {e}", show(output))))?;
        if let Some(file) = &args.doubts {
            finish::doubts(self, &finished, file)?;
        }
        // The network is on the disk: what the checkpoint kept is in it.
        let _ = std::fs::remove_file(&checkpoint);
        Ok(finished)
    }

    /// A network that was adapted has to be better than the one that it started from, on cells that neither learnt from; a
    /// laboratory does not see by itself that it got a worse one.
    fn better_than_the_start(
        &self,
        parts: &Parts,
        finished: &Finished,
        frames: Frames<'_>,
        cancel: &AtomicBool,
    ) -> Result<(), Failure> {
        let best = finished.history.get(finished.best - 1).and_then(|e| e.validation);
        let (Some(start), Some(now)) = (&self.start, best) else { return Ok(()) };
        let judge = Judge { table: &self.context.table, choice: self.device };
        let before = judge
            .validate(&start.bytes, &parts.lesson, frames, cancel, &mut |_, _| ())
            .map_err(Failure::midway)?
            .ok_or_else(interrupted_at_the_end)?;
        let Some(before) = before else { return Ok(()) };
        let figures = format!(
            "on {} cells kept apart its loss goes from {:.3} to {:.3}, its accuracy from {:.3} to {:.3}, its macro F1 from {:.3} to {:.3}",
            parts.lesson.validation.len(),
            before.loss,
            now.loss,
            before.accuracy,
            now.accuracy,
            before.macro_f1,
            now.macro_f1
        );
        if now.loss < before.loss {
            self.context.say(&format!("{}: {figures}", self.recipe.name));
            return Ok(());
        }
        Err(Failure::Midway(format!(
            "the network that was trained is no better than the one it started from: {figures}; nothing was written, learn from more cells"
        )))
    }
}
