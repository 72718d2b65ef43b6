//! Suggestions for the cells of a case, outside the interface: those kept in the database, the missing ones computed
//! in small batches when they are first asked for.

use std::collections::HashMap;

use super::{Context, Failure, args::NetworkArgs, context};
use crate::{
    domain::{CaseRecord, CellId, CellRecord, Ranking, Sha256Hash},
    jobs::{CaseFolder, read_frame},
    model::{Input, Network, NetworkFile, Precision, preprocess},
    store::Store,
};

/// Cells predicted together: the one asked for and those that follow it.
const AHEAD: usize = 8;

/// The suggestions of one case.
pub struct Suggestions<'a> {
    context: &'a Context,
    args: &'a NetworkArgs,
    file: NetworkFile,
    network: Option<Network>,
    case: CaseRecord,
    cells: Vec<CellRecord>,
    known: HashMap<CellId, Ranking>,
    refused: HashMap<CellId, String>,
}

impl<'a> Suggestions<'a> {
    /// Those of `case`, by the network that `args` name. Builds no network yet.
    pub fn new(
        context: &'a Context,
        store: &Store,
        args: &'a NetworkArgs,
        case: CaseRecord,
        cells: Vec<CellRecord>,
    ) -> Result<Self, Failure> {
        context::device(args)?;
        let file = context.network_file(args.model.as_deref())?;
        let known = store.predictions(case.id, &file.info.sha256).map_err(Failure::midway)?;
        Ok(Self { context, args, file, network: None, case, cells, known, refused: HashMap::new() })
    }

    /// The network's hash.
    pub fn network(&self) -> Sha256Hash {
        self.file.info.sha256
    }

    /// What the network says of the cell; an `Err` inside says why that is nothing.
    pub fn of(&mut self, store: &mut Store, cell: CellId) -> Result<Result<&Ranking, String>, Failure> {
        if !self.known.contains_key(&cell) && !self.refused.contains_key(&cell) {
            self.predict_from(store, cell)?;
        }
        Ok(match self.known.get(&cell) {
            Some(ranking) => Ok(ranking),
            None => Err(self.refused.get(&cell).cloned().unwrap_or_else(|| "there is no prediction".into())),
        })
    }

    fn predict_from(&mut self, store: &mut Store, cell: CellId) -> Result<(), Failure> {
        let start = self.cells.iter().position(|c| c.id == cell).unwrap_or(0);
        let missing = |c: &&CellRecord| !self.known.contains_key(&c.id) && !self.refused.contains_key(&c.id);
        let wanted: Vec<_> = self.cells[start..].iter().filter(missing).take(AHEAD).cloned().collect();
        let (scale, folder) = (self.case.scale.um_per_px, CaseFolder::of(&self.case));
        let mut inputs: Vec<(CellRecord, Input)> = Vec::new();
        for cell in wanted {
            let frame = read_frame(&folder, &cell, || store.embedded_image(&cell.sha256));
            match frame {
                Ok(image) => inputs.push((cell, preprocess(&image, scale, &self.file.info.input))),
                Err(reason) => {
                    let path = context::show(&self.case.root.join(&cell.path));
                    self.refused.insert(cell.id, format!("{path}: {reason}"));
                }
            }
        }
        if inputs.is_empty() {
            return Ok(());
        }
        if self.network.is_none() {
            self.network = Some(self.context.network(self.args, Precision::F32)?);
        }
        let Some(network) = &self.network else { return Ok(()) };
        let (cells, inputs): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        let rankings = network.predict(&inputs).map_err(Failure::midway)?;
        let rows: Vec<_> = cells.iter().zip(&rankings).map(|(c, r)| (c.sha256, scale, r.clone())).collect();
        store.put_predictions(&self.file.info.sha256, &rows).map_err(Failure::midway)?;
        self.known.extend(cells.iter().map(|c| c.id).zip(rankings));
        Ok(())
    }
}
