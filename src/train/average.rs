//! A running average of a network's parameters and statistics (Polyak and Juditsky 1992; exponential, as in Szegedy et al.
//! 2016): it is steadier than the last step's, and it is what is validated and kept.

use candle_core::{Result, Tensor};

use super::network::Trainable;

/// The average; without a decay it is the network itself.
#[derive(Debug)]
pub(super) struct Average {
    decay: f64,
    steps: usize,
    /// In the order of [`Trainable::named`]; empty without a decay.
    values: Vec<Tensor>,
}

impl Average {
    /// Begins at the network as it is.
    pub fn new(network: &Trainable, decay: f64) -> Result<Self> {
        let mut values = Vec::new();
        if decay > 0.0 {
            for (_, var) in network.named() {
                values.push(var.as_detached_tensor().copy()?);
            }
        }
        Ok(Self { decay, steps: 0, values })
    }

    /// Takes the network in after a step. At the beginning less is kept, so that the average is not that of the first draw.
    pub fn step(&mut self, network: &Trainable) -> Result<()> {
        self.steps += 1;
        let kept = self.decay.min((1 + self.steps) as f64 / (10 + self.steps) as f64);
        for ((_, var), value) in network.named().zip(&mut self.values) {
            *value = ((&*value * kept)? + (var.as_detached_tensor() * (1.0 - kept))?)?;
        }
        Ok(())
    }

    /// Steps taken in.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Goes on from an average that was kept.
    pub fn restore(&mut self, steps: usize, values: Vec<Tensor>) {
        self.steps = steps;
        if self.decay > 0.0 {
            self.values = values;
        }
    }

    /// Each tensor with its name: of the average, or of the network where there is none.
    pub fn named<'a>(&'a self, network: &'a Trainable) -> impl Iterator<Item = (&'a str, &'a Tensor)> {
        let values = self.values.as_slice();
        network.named().enumerate().map(move |(i, (name, var))| (name, values.get(i).unwrap_or(var.as_tensor())))
    }
}
