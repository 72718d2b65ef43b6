//! From pictures to features, layer by layer over the whole batch: a batch norm needs every picture of its layer before the
//! next layer can begin. Within a layer, pictures are spread over threads.

use std::mem::take;

use rayon::prelude::*;

use super::workspace::{Hand, Workspace};
use crate::model::kernels::{Moments, Shortcut, Source, join};

/// What a layer reads.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// The pictures.
    Pictures(&'a [f32]),
    /// An output, which is computed on the way.
    Output(usize),
    /// What follows a unit within a block.
    Unit(usize),
}

/// One picture's part of a layer.
struct Task<'a> {
    n: usize,
    /// Unit, sums and moments.
    parts: Vec<(usize, &'a mut [f32], &'a mut [Moments])>,
    output: &'a mut [f32],
}

impl Workspace {
    /// Features [n, features] of `pictures` [n, 3, height, width], normalised with the batch's own statistics (`batch`) or
    /// those that the units have.
    pub fn forward(&mut self, pictures: &[f32], parameters: &[f32], batch: bool) -> Vec<f32> {
        self.count = pictures.len() / (3 * self.input.len());
        self.batch = batch;
        self.units.par_iter_mut().for_each(|unit| unit.fill(parameters));
        self.layer(&[0], From::Pictures(pictures), parameters);
        for (b, block) in self.blocks.clone().into_iter().enumerate() {
            let first: Vec<_> = [block.reduce].into_iter().chain(block.projection).collect();
            self.layer(&first, From::Output(b), parameters);
            self.layer(&[block.grouped], From::Unit(block.reduce), parameters);
            self.layer(&[block.expand], From::Unit(block.grouped), parameters);
        }
        let last = self.blocks.len();
        self.layer(&[], From::Output(last), parameters);
        let values = self.outputs[last].read(self.count * self.values_of(last));
        values.chunks_exact(self.shapes[last].1.len()).map(mean).collect()
    }

    /// Computes `units`, which all read the same, for every picture, and their norms.
    fn layer(&mut self, units: &[usize], from: From<'_>, parameters: &[f32]) {
        let (count, batch) = (self.count, self.batch);
        // Out of the workspace while it is read by all threads.
        let mut sums: Vec<_> = units.iter().map(|&u| take(&mut self.units[u].sums)).collect();
        let room = |&u: &usize| vec![Moments::default(); if batch { count * self.units[u].channels } else { 0 }];
        let mut moments: Vec<_> = units.iter().map(room).collect();
        let mut output = match from {
            From::Output(o) => take(&mut self.outputs[o]),
            _ => Default::default(),
        };
        let this = &*self;
        let mut tasks: Vec<_> = (0..count).map(|n| Task { n, parts: Vec::new(), output: &mut [] }).collect();
        for ((&unit, sums), moments) in units.iter().zip(&mut sums).zip(&mut moments) {
            let (values, channels) = (this.units[unit].values(), this.units[unit].channels);
            let mut moments = moments.chunks_exact_mut(channels);
            for (task, sums) in tasks.iter_mut().zip(sums.get(count * values).chunks_exact_mut(values)) {
                task.parts.push((unit, sums, moments.next().unwrap_or_default()));
            }
        }
        if let From::Output(o) = from {
            let values = this.values_of(o);
            for (task, output) in tasks.iter_mut().zip(output.get(count * values).chunks_exact_mut(values)) {
                task.output = output;
            }
        }
        this.order(&mut tasks);
        tasks.into_par_iter().with_max_len(1).for_each(|task| {
            this.hands.lend(|hand| {
                let source = match from {
                    From::Pictures(pictures) => picture(pictures, count, task.n),
                    From::Unit(unit) => this.units[unit].activated(task.n),
                    From::Output(o) => {
                        this.join(o, task.n, task.output, hand);
                        Source::Plain(task.output)
                    }
                };
                for (unit, sums, moments) in task.parts {
                    this.units[unit].run(this.path, source, sums, moments, &mut hand.scratch);
                }
            });
        });
        if let From::Output(o) = from {
            self.outputs[o] = output;
        }
        for ((&u, sums), moments) in units.iter().zip(sums).zip(moments) {
            let unit = &mut self.units[u];
            unit.sums = sums;
            if batch {
                unit.gather(&moments);
            }
            unit.normalise(parameters, self.eps);
        }
    }

    /// Computes an output of picture `n`.
    fn join(&self, output: usize, n: usize, to: &mut [f32], hand: &mut Hand) {
        let last = self.last_of(output);
        let shortcut = match output.checked_sub(1).map(|b| self.blocks[b].projection) {
            None => Shortcut::Absent,
            Some(None) => Shortcut::Identity(self.output(output - 1, n)),
            Some(Some(projection)) => Shortcut::Projected(self.units[projection].picture(n)),
        };
        match &self.pool {
            Some((pool, _)) if output == 0 => {
                let stem = hand.picture.get(last.values());
                join(self.path, last.picture(n), shortcut, stem);
                pool.run(self.path, 0..last.channels, stem, to, &mut hand.scratch);
            }
            _ => join(self.path, last.picture(n), shortcut, to),
        }
    }
}

/// Picture `n` of `count`.
pub(super) fn picture(pictures: &[f32], count: usize, n: usize) -> Source<'_> {
    let values = pictures.len() / count;
    Source::Plain(&pictures[n * values..][..values])
}

/// The mean of a plane.
fn mean(plane: &[f32]) -> f32 {
    (plane.iter().map(|&v| f64::from(v)).sum::<f64>() / plane.len() as f64) as f32
}
