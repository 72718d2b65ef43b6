//! From the gradient of the features to those of the parameters, in the reverse order of the layers.
//!
//! A layer's gradient goes through its norm while it is read; what a layer writes is the gradient behind the norm before
//! it, let through that one's ReLU, together with the sums that the norm's own gradient needs. Pictures are spread over
//! threads a few at a time. Each such group adds up its gradients of the weights on its own, and the groups are added in
//! their order, so that the result does not depend on the number of threads.

use std::mem::{swap, take};

use rayon::prelude::*;

use super::{
    forward::{From, picture},
    unit::{Gradient, Unit},
    workspace::{Back, Workspace},
};
use crate::model::kernels::{Buffer, Gate, GradientSums, Into, Next, Scratch, Shortcut, Source, join, pass};

/// Pictures that are computed together: enough that sums over small planes pay, few enough for many threads.
const TOGETHER: usize = 4;

/// Values of a sum that one thread adds at a time.
const CHUNK: usize = 4096;

/// Where the gradient of a layer's input goes, and what it is let through.
struct Target<'a> {
    to: &'a mut Buffer,
    add: bool,
    gate: Option<Place>,
}

/// The ReLU behind a unit within a block, or behind an output.
#[derive(Clone, Copy)]
enum Place {
    Unit(usize),
    Output(usize),
}

/// Some pictures' part of a layer.
struct Task<'a> {
    first: usize,
    weights: &'a mut [f32],
    input: &'a mut [f32],
    sums: &'a mut [GradientSums],
}

impl Workspace {
    /// Gradients of all parameters, and of `pictures` where they are wanted, from that of the features [n, features].
    pub fn backward(
        &mut self,
        pictures: &[f32],
        parameters: &[f32],
        features: &[f32],
        wanted: bool,
    ) -> (Vec<f32>, Option<Vec<f32>>) {
        let mut gradients = vec![0.0; parameters.len()];
        let mut back = take(&mut self.back);
        self.units.par_iter_mut().for_each(|unit| unit.fill_gradient(parameters));
        self.spread(features, &mut back);
        for (b, block) in self.blocks.clone().into_iter().enumerate().rev() {
            let Back { outer: [outer, other], inner: [grouped, reduced], sums, weights } = &mut back;
            self.turn(block.expand, |s| s.deviation, sums, parameters, &mut gradients);
            if let Some(unit) = block.projection {
                self.turn(unit, |s| s.shortcut, sums, parameters, &mut gradients);
            }
            let to = Target { to: grouped, add: false, gate: Some(Place::Unit(block.grouped)) };
            self.unit(block.expand, outer, From::Unit(block.grouped), Some(to), sums, weights, &mut gradients);
            self.turn(block.grouped, |s| s.deviation, sums, parameters, &mut gradients);
            let to = Target { to: reduced, add: false, gate: Some(Place::Unit(block.reduce)) };
            self.unit(block.grouped, grouped, From::Unit(block.reduce), Some(to), sums, weights, &mut gradients);
            self.turn(block.reduce, |s| s.deviation, sums, parameters, &mut gradients);
            let from = From::Output(b);
            if let Some(unit) = block.projection {
                let to = Target { to: other, add: false, gate: None };
                self.unit(unit, outer, from, Some(to), sums, weights, &mut gradients);
                swap(outer, other);
            }
            // Behind a pool there is no ReLU: it is before it.
            let gate = (b > 0 || self.pool.is_none()).then_some(Place::Output(b));
            let to = Target { to: outer, add: true, gate };
            self.unit(block.reduce, reduced, from, Some(to), sums, weights, &mut gradients);
        }
        let Back { outer: [outer, other], sums, weights, .. } = &mut back;
        self.unpool(outer, other, sums);
        self.turn(0, |s| s.deviation, sums, parameters, &mut gradients);
        let to = wanted.then_some(Target { to: other, add: false, gate: None });
        self.unit(0, outer, From::Pictures(pictures), to, sums, weights, &mut gradients);
        let input = wanted.then(|| back.outer[1].read(pictures.len()).to_vec());
        self.back = back;
        (gradients, input)
    }

    /// The gradient of the last output, of which the features are the mean.
    fn spread(&self, features: &[f32], back: &mut Back) {
        let last = self.blocks.len();
        let unit = self.last_of(last);
        let (values, plane) = (unit.values(), unit.output.len());
        let gradient = back.outer[0].get(self.count * values).par_chunks_exact_mut(values);
        reset(&mut back.sums, self.count * unit.channels);
        let sums = back.sums.par_chunks_exact_mut(unit.channels);
        let features = features.par_chunks_exact(unit.channels);
        gradient.zip(sums).zip(features).enumerate().for_each(|(n, ((gradient, sums), features))| {
            for (plane, &feature) in gradient.chunks_exact_mut(plane).zip(features) {
                plane.fill(feature / plane.len() as f32);
            }
            pass(self.path, self.gate(Place::Output(last), n), gradient, sums);
        });
    }

    /// Takes the gradient `outer` through the pool, if there is one, and the ReLU before it; `sums` become that one's.
    fn unpool(&self, outer: &mut Buffer, other: &mut Buffer, sums: &mut Vec<GradientSums>) {
        let Some((_, pool)) = &self.pool else { return };
        let stem = &self.units[0];
        reset(sums, self.count * stem.channels);
        let pooled = outer.read(self.count * self.values_of(0)).par_chunks_exact(self.values_of(0));
        let gradient = other.get(self.count * stem.values()).par_chunks_exact_mut(stem.values());
        let sums = sums.par_chunks_exact_mut(stem.channels);
        pooled.zip(gradient).zip(sums).enumerate().for_each(|(n, ((pooled, gradient), sums))| {
            self.hands.lend(|hand| {
                let input = hand.picture.get(stem.values());
                join(self.path, stem.picture(n), Shortcut::Absent, input);
                pool.run(input, pooled, gradient);
            });
            pass(self.path, self.gate(Place::Unit(0), n), gradient, sums);
        });
        swap(outer, other);
    }

    /// The ReLU behind a place of picture `n`.
    fn gate(&self, place: Place, n: usize) -> Gate<'_> {
        match place {
            Place::Unit(unit) => Gate::Inner(self.units[unit].picture(n)),
            Place::Output(o) => {
                let projection = o.checked_sub(1).and_then(|b| self.blocks[b].projection);
                let shortcut = projection.map(|unit| self.units[unit].picture(n));
                Gate::Block(self.output(o, n), self.last_of(o).picture(n), shortcut)
            }
        }
    }

    fn turn(
        &mut self,
        unit: usize,
        pick: fn(&GradientSums) -> f32,
        sums: &[GradientSums],
        parameters: &[f32],
        gradients: &mut [f32],
    ) {
        self.units[unit].turn(parameters, (self.eps, self.batch), sums, pick, gradients);
    }

    /// The gradients of a unit's weights, and of its input, from `gradient` behind its norm. `sums` become those of the gate.
    #[expect(clippy::too_many_arguments, reason = "buffers that are lent")]
    fn unit(
        &self,
        index: usize,
        gradient: &Buffer,
        from: From<'_>,
        target: Option<Target<'_>>,
        sums: &mut Vec<GradientSums>,
        weights: &mut Buffer,
        gradients: &mut [f32],
    ) {
        let unit = &self.units[index];
        let pieces = self.count.div_ceil(TOGETHER);
        let length = unit.parameters.weights.len();
        let weights = weights.get(pieces * length);
        let mut tasks: Vec<_> = weights
            .chunks_exact_mut(length)
            .enumerate()
            .map(|(i, weights)| Task { first: i * TOGETHER, weights, input: &mut [], sums: &mut [] })
            .collect();
        let mut how = (false, None);
        if let Some(Target { to, add, gate }) = target {
            how = (add, gate);
            let values = unit.inputs * unit.input.len();
            for (task, input) in tasks.iter_mut().zip(to.get(self.count * values).chunks_mut(TOGETHER * values)) {
                task.input = input;
            }
            if gate.is_some() {
                reset(sums, self.count * unit.inputs);
                for (task, sums) in tasks.iter_mut().zip(sums.chunks_mut(TOGETHER * unit.inputs)) {
                    task.sums = sums;
                }
            }
        }
        let gradient = gradient.read(self.count * unit.values());
        self.order(&mut tasks);
        tasks.into_par_iter().with_max_len(1).for_each(|task| {
            task.weights.fill(0.0);
            self.hands.lend(|hand| self.piece(unit, gradient, from, how, task, &mut hand.scratch));
        });
        let (first, others) = weights.split_at_mut(length);
        first.par_chunks_mut(CHUNK).enumerate().for_each(|(i, sums)| {
            for other in others.chunks_exact(length) {
                sums.iter_mut().zip(&other[i * CHUNK..]).for_each(|(sum, value)| *sum += value);
            }
        });
        let to = &mut gradients[unit.parameters.weights.clone()];
        match &unit.gradient {
            Gradient::Pointwise(gradient) => gradient.weights(first, to),
            Gradient::Direct(_) => to.copy_from_slice(first),
        }
    }

    /// One task of [`Workspace::unit`].
    fn piece(
        &self,
        unit: &Unit,
        gradient: &[f32],
        from: From<'_>,
        (add, gate): (bool, Option<Place>),
        task: Task<'_>,
        scratch: &mut Scratch,
    ) {
        let values = unit.values();
        let source = |n: usize| match from {
            From::Pictures(pictures) => picture(pictures, self.count, n),
            From::Unit(unit) => self.units[unit].activated(n),
            From::Output(o) => Source::Plain(self.output(o, n)),
        };
        let behind = |n: usize| Source::Gradient(&gradient[n * values..][..values], unit.picture(n).sums, &unit.terms);
        let pictures = task.first..self.count.min(task.first + TOGETHER);
        let size = unit.inputs * unit.input.len();
        match &unit.gradient {
            Gradient::Pointwise(kernel) => {
                let (mut inputs, mut sums) =
                    (task.input.chunks_exact_mut(size), task.sums.chunks_exact_mut(unit.inputs));
                for n in pictures {
                    let into = inputs.next().map(|gradient| {
                        let gate = gate.zip(sums.next()).map(|(place, sums)| (self.gate(place, n), sums));
                        Into { gradient, add, gate }
                    });
                    let next = (n + 1 < self.count).then(|| Next {
                        gradient: behind(n + 1),
                        input: source(n + 1),
                        gate: gate.map(|place| self.gate(place, n + 1)),
                    });
                    kernel.run(self.path, behind(n), source(n), task.weights, into, next, scratch);
                }
            }
            Gradient::Direct(kernel) => {
                let sources: Vec<_> = pictures.clone().map(|n| (behind(n), source(n))).collect();
                let input = (!task.input.is_empty()).then_some(&mut *task.input);
                kernel.run(self.path, &sources, task.weights, input, scratch);
                let parts = task.input.chunks_exact_mut(size).zip(task.sums.chunks_exact_mut(unit.inputs));
                if let Some(place) = gate {
                    for (n, (gradient, sums)) in pictures.zip(parts) {
                        pass(self.path, self.gate(place, n), gradient, sums);
                    }
                }
            }
        }
    }
}

/// As many sums as are needed, all zero.
fn reset(sums: &mut Vec<GradientSums>, length: usize) {
    sums.clear();
    sums.resize(length, GradientSums::default());
}
