//! Which layers a ResNeXt has, under which names and of which shapes: plain arithmetic, no tensors.
//!
//! Names and order are torchvision's: a bottleneck is a 1x1, a grouped 3x3 that carries the stride, and a 1x1, with a
//! projection on the shortcut where stride or channels change.

use serde::{Deserialize, Serialize};

/// Bounds that keep a mistyped architecture from asking for absurd amounts of memory.
const MAX_CHANNELS: usize = 8192;
const MAX_BLOCKS: usize = 64;
const MAX_STAGES: usize = 8;

/// A ResNeXt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// Always `resnext`.
    pub family: String,
    /// The first layers.
    pub stem: Stem,
    /// `layer1`, `layer2`, ...
    pub stages: Vec<Stage>,
}

/// The first layers: a convolution with padding kernel / 2, batch norm, ReLU, and perhaps a max pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stem {
    /// Output channels.
    pub out: usize,
    /// Side of its kernel; odd.
    pub kernel: usize,
    /// Its stride.
    pub stride: usize,
    /// The max pool behind it; torchvision's ResNets have one of kernel 3 and stride 2.
    #[serde(default)]
    pub pool: Option<Pool>,
}

/// A max pool with padding kernel / 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Side of its window; odd.
    pub kernel: usize,
    /// Its stride.
    pub stride: usize,
}

/// A row of bottlenecks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// How many.
    pub blocks: usize,
    /// Output channels.
    pub out: usize,
    /// Channels of the grouped convolution.
    pub width: usize,
    /// Its groups.
    pub groups: usize,
    /// Stride of the first bottleneck.
    pub stride: usize,
}

/// A convolution and the batch norm behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConvSpec {
    pub conv: String,
    pub norm: String,
    pub input: usize,
    pub out: usize,
    pub kernel: usize,
    pub stride: usize,
    pub groups: usize,
}

impl ConvSpec {
    /// Shape of the weights: out, in per group, kernel, kernel.
    pub fn shape(&self) -> [usize; 4] {
        [self.out, self.input / self.groups, self.kernel, self.kernel]
    }

    /// Weights of one output channel.
    pub fn weights_of_one(&self) -> usize {
        self.shape()[1..].iter().product()
    }
}

/// A bottleneck.
#[derive(Debug, Clone)]
pub(crate) struct BlockSpec {
    pub convs: [ConvSpec; 3],
    pub downsample: Option<ConvSpec>,
}

impl Architecture {
    /// What is wrong with it, as a clause that names the field.
    ///
    /// # Errors
    /// When it is no ResNeXt that can be built.
    pub fn check(&self) -> Result<(), String> {
        if self.family != "resnext" {
            return Err(format!("family `{}` is not known; this program runs `resnext`", self.family));
        }
        let count = |name: &str, value: usize, most: usize| {
            let ok = (1..=most).contains(&value);
            if ok { Ok(()) } else { Err(format!("{name} is {value}; use 1 to {most}")) }
        };
        let odd = |name: &str, value: usize| {
            let ok = value % 2 == 1 && value <= 15;
            if ok { Ok(()) } else { Err(format!("{name} is {value}; use an odd number up to 15")) }
        };
        count("stem.out", self.stem.out, MAX_CHANNELS)?;
        odd("stem.kernel", self.stem.kernel)?;
        count("stem.stride", self.stem.stride, 4)?;
        if let Some(pool) = &self.stem.pool {
            odd("stem.pool.kernel", pool.kernel)?;
            count("stem.pool.stride", pool.stride, pool.kernel)?;
        }
        count("the number of stages", self.stages.len(), MAX_STAGES)?;
        for (i, stage) in self.stages.iter().enumerate() {
            count(&format!("stages[{i}].blocks"), stage.blocks, MAX_BLOCKS)?;
            count(&format!("stages[{i}].out"), stage.out, MAX_CHANNELS)?;
            count(&format!("stages[{i}].width"), stage.width, MAX_CHANNELS)?;
            count(&format!("stages[{i}].stride"), stage.stride, 4)?;
            if stage.groups == 0 || stage.width % stage.groups != 0 {
                return Err(format!(
                    "stages[{i}].groups is {}; use a divisor of its width {}",
                    stage.groups, stage.width
                ));
            }
        }
        Ok(())
    }

    /// In one line for people: `ResNeXt, 29 layers, stem 3x3/2, stages 2-3-3-1, groups 8`.
    pub fn summary(&self) -> String {
        let join =
            |of: fn(&Stage) -> usize| self.stages.iter().map(|s| of(s).to_string()).collect::<Vec<_>>().join("-");
        let layers = 2 + 3 * self.stages.iter().map(|s| s.blocks).sum::<usize>();
        let pool = if self.stem.pool.is_some() { " and max pool" } else { "" };
        let stem = format!("stem {0}x{0}/{1}{pool}", self.stem.kernel, self.stem.stride);
        let groups = join(|s| s.groups);
        let even = self.stages.iter().all(|s| s.groups == self.stages[0].groups);
        let groups = if even { self.stages[0].groups.to_string() } else { groups };
        format!(
            "ResNeXt, {layers} layers, {stem}, blocks {}, channels {}, {groups} groups",
            join(|s| s.blocks),
            join(|s| s.out)
        )
    }

    /// Features in front of the last layer.
    pub fn features(&self) -> usize {
        self.stages.last().map_or(self.stem.out, |s| s.out)
    }

    pub(crate) fn stem_conv(&self) -> ConvSpec {
        let Stem { out, kernel, stride, .. } = self.stem;
        ConvSpec { conv: "conv1".into(), norm: "bn1".into(), input: 3, out, kernel, stride, groups: 1 }
    }

    pub(crate) fn blocks(&self) -> Vec<BlockSpec> {
        let mut blocks = Vec::new();
        let mut channels = self.stem.out;
        for (s, stage) in self.stages.iter().enumerate() {
            for b in 0..stage.blocks {
                let at = format!("layer{}.{b}", s + 1);
                let stride = if b == 0 { stage.stride } else { 1 };
                let conv = |n: usize, input, out, kernel, stride, groups| ConvSpec {
                    conv: format!("{at}.conv{n}"),
                    norm: format!("{at}.bn{n}"),
                    input,
                    out,
                    kernel,
                    stride,
                    groups,
                };
                let convs = [
                    conv(1, channels, stage.width, 1, 1, 1),
                    conv(2, stage.width, stage.width, 3, stride, stage.groups),
                    conv(3, stage.width, stage.out, 1, 1, 1),
                ];
                let downsample = (stride != 1 || channels != stage.out).then(|| ConvSpec {
                    conv: format!("{at}.downsample.0"),
                    norm: format!("{at}.downsample.1"),
                    ..conv(0, channels, stage.out, 1, stride, 1)
                });
                channels = stage.out;
                blocks.push(BlockSpec { convs, downsample });
            }
        }
        blocks
    }

    /// All convolutions, in the order of computation.
    pub(crate) fn convs(&self) -> impl Iterator<Item = ConvSpec> {
        let blocks = self.blocks().into_iter().flat_map(|b| b.convs.into_iter().chain(b.downsample));
        std::iter::once(self.stem_conv()).chain(blocks)
    }

    /// Values that the largest layer keeps for one picture of side `size`: what it reads, unrolled for each tap of its
    /// kernel, what it writes, and a shortcut.
    pub(crate) fn largest_layer(&self, size: usize) -> usize {
        let halve = |side: usize, stride: usize| side.div_ceil(stride);
        let values = |c: &ConvSpec, side: usize| {
            let out = halve(side, c.stride).pow(2);
            c.input * side * side + out * (c.input / c.groups * c.kernel * c.kernel + 2 * c.out)
        };
        let stem = self.stem_conv();
        let mut side = halve(size, stem.stride);
        let mut most = values(&stem, size);
        side = self.stem.pool.as_ref().map_or(side, |p| halve(side, p.stride));
        for block in self.blocks() {
            let [reduce, grouped, expand] = &block.convs;
            let inner = halve(side, grouped.stride);
            most = most.max(values(reduce, side)).max(values(grouped, side)).max(values(expand, inner));
            side = inner;
        }
        most
    }

    /// Every tensor of a network with `classes` outputs: name and shape.
    pub(crate) fn tensors(&self, classes: usize) -> Vec<(String, Vec<usize>)> {
        let mut all = Vec::new();
        for spec in self.convs() {
            all.push((format!("{}.weight", spec.conv), spec.shape().to_vec()));
            for part in ["weight", "bias", "running_mean", "running_var"] {
                all.push((format!("{}.{part}", spec.norm), vec![spec.out]));
            }
        }
        all.push(("fc.weight".into(), vec![classes, self.features()]));
        all.push(("fc.bias".into(), vec![classes]));
        all
    }

    /// Trainable parameters with `classes` outputs, as PyTorch counts them: running statistics are none.
    pub fn parameters(&self, classes: usize) -> u64 {
        let trained = |(name, _): &(String, Vec<usize>)| !name.contains(".running_");
        self.tensors(classes).iter().filter(|t| trained(t)).map(|(_, s)| s.iter().product::<usize>() as u64).sum()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// torchvision's `resnext50_32x4d`.
    pub fn resnext50() -> Architecture {
        let stage = |blocks, out, stride| Stage { blocks, out, width: out / 2, groups: 32, stride };
        Architecture {
            family: "resnext".into(),
            stem: Stem { out: 64, kernel: 7, stride: 2, pool: Some(Pool { kernel: 3, stride: 2 }) },
            stages: vec![stage(3, 256, 1), stage(4, 512, 2), stage(6, 1024, 2), stage(3, 2048, 2)],
        }
    }

    /// torchvision's documentation gives 25,028,904 parameters.
    #[test]
    fn resnext50_has_as_many_parameters_as_torchvision_says() {
        assert_eq!(resnext50().parameters(1000), 25_028_904);
        assert_eq!(resnext50().check(), Ok(()));
        assert!(resnext50().summary().contains("50 layers, stem 7x7/2 and max pool, blocks 3-4-6-3"));
    }

    /// torchvision's ResNeXt-50 at 224 px: the stem reads 3 x 224 x 224, unrolled 147 times over 112 x 112, and writes 64.
    #[test]
    fn the_largest_layer_of_resnext50_is_its_stem() {
        assert_eq!(resnext50().largest_layer(224), 3 * 224 * 224 + 112 * 112 * (147 + 2 * 64));
    }

    #[test]
    fn what_cannot_be_built_is_named() {
        type Break = fn(&mut Architecture);
        let broken: [(Break, &str); 6] = [
            (|a| a.family = "vit".into(), "family `vit`"),
            (|a| a.stem.kernel = 4, "stem.kernel is 4"),
            (|a| a.stages.clear(), "the number of stages is 0"),
            (|a| a.stages[1].groups = 7, "stages[1].groups is 7"),
            (|a| a.stages[2].width = 1 << 40, "stages[2].width"),
            (|a| a.stages[0].stride = 0, "stages[0].stride is 0"),
        ];
        for (break_it, wanted) in broken {
            let mut architecture = resnext50();
            break_it(&mut architecture);
            let said = architecture.check().expect_err(wanted);
            assert!(said.contains(wanted), "{said}");
        }
    }
}
