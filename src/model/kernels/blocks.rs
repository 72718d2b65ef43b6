//! Output channels in blocks that fit a register tile, and their weights in the order in which a tile reads them.

use std::ops::Range;

/// Heights of a register tile that there is code for.
pub(super) const HEIGHTS: [usize; 4] = [2, 4, 6, 8];

/// Weights and biases of a convolution, block by block.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    /// Rows of weights in a block; the last block of a group may use fewer.
    pub height: usize,
    /// Blocks of one group.
    pub per_group: usize,
    /// Output channels of one group.
    pub outputs: usize,
    /// Weights of one output channel.
    depth: usize,
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Blocks {
    /// Packs `weights` [groups * outputs, depth] and one bias an output channel; no tile is higher than `most`.
    pub fn new(weights: &[f32], biases: &[f32], groups: usize, most: usize) -> Self {
        let (outputs, depth) = (biases.len() / groups, weights.len() / biases.len());
        let height = best_height(outputs, most);
        let per_group = outputs.div_ceil(height);
        let mut blocks = Self { height, per_group, outputs, depth, weights: Vec::new(), biases: Vec::new() };
        blocks.weights.resize(groups * per_group * height * depth, 0.0);
        blocks.biases.resize(groups * per_group * height, 0.0);
        blocks.fill(weights, biases);
        blocks
    }

    /// Puts other values of the same shape in.
    pub fn fill(&mut self, weights: &[f32], biases: &[f32]) {
        for (channel, (row, &bias)) in weights.chunks_exact(self.depth).zip(biases).enumerate() {
            let (group, in_group) = (channel / self.outputs, channel % self.outputs);
            let (block, lane) = (group * self.per_group + in_group / self.height, in_group % self.height);
            self.biases[block * self.height + lane] = bias;
            let to = &mut self.weights[block * self.height * self.depth..];
            for (k, &w) in row.iter().enumerate() {
                to[k * self.height + lane] = w;
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.biases.len() / self.height
    }

    /// Weights [depth, height] of a block.
    pub fn weights(&self, block: usize) -> &[f32] {
        let length = self.height * self.depth;
        &self.weights[block * length..][..length]
    }

    /// Biases [height] of a block.
    pub fn biases(&self, block: usize) -> &[f32] {
        &self.biases[block * self.height..][..self.height]
    }

    /// The output channels of a range of blocks.
    pub fn channels_of(&self, blocks: Range<usize>) -> Range<usize> {
        match blocks.is_empty() {
            true => 0..0,
            false => self.channels(blocks.start).start..self.channels(blocks.end - 1).end,
        }
    }

    /// The output channels of a block.
    pub fn channels(&self, block: usize) -> Range<usize> {
        let (group, in_group) = (block / self.per_group, block % self.per_group * self.height);
        let end = (in_group + self.height).min(self.outputs);
        group * self.outputs + in_group..group * self.outputs + end
    }
}

/// The height that computes `outputs` channels soonest. A lower tile loads more for each product: the factors are how much
/// longer the same products took than in a tile of 8, measured with AVX-512 and AVX2.
pub(super) fn best_height(outputs: usize, most: usize) -> usize {
    let cost = |h: usize| outputs.next_multiple_of(h) * [0, 200, 130, 104, 100][h / 2];
    HEIGHTS.into_iter().filter(|&h| h <= most).min_by_key(|&h| cost(h)).unwrap_or(HEIGHTS[0])
}
