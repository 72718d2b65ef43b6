//! Recipes that come with the program.

use super::{Data, Learning, Recipe};
use crate::{
    model::{Architecture, Colour, InputSpec, Pool, Stage, Stem},
    train::{augment::Augment, schedule::Curve},
};

/// A recipe that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// The built-in network's: 96 x 96 px, 1.3 million parameters, an epoch of 20,000 images in minutes on two cores.
    Light,
    /// Matek et al. 2019: 400 x 400 px, oversampling to equal classes, no averaging, no smoothing. For a GPU.
    Paper,
    /// For a network that is started from: few epochs at a low rate, held to what it knew.
    Adapt,
}

impl Preset {
    /// The names, for people to type.
    pub const NAMES: [&'static str; 3] = ["light", "paper", "adapt"];

    /// The preset of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "paper" => Some(Self::Paper),
            "adapt" => Some(Self::Adapt),
            _ => None,
        }
    }

    /// Its recipe.
    pub fn recipe(self) -> Recipe {
        match self {
            Self::Light => light(),
            Self::Paper => paper(),
            Self::Adapt => adapt(),
        }
    }
}

fn adapt() -> Recipe {
    let light = light();
    let learning = Learning {
        epochs: 8,
        rate: 3e-4,
        rise: 0.1,
        // Towards what it was, at a rate of 3e-4: a tenth of the way in 400 steps.
        weight_decay: 1.0,
        average: 0.99,
        first_side: 1.0,
        patience: 4,
        ..light.learning
    };
    Recipe { name: "adapted".into(), data: Data { validation: 0.2, ..light.data }, learning, ..light }
}

fn light() -> Recipe {
    let stage = |blocks, out, width, stride| Stage { blocks, out, width, groups: 8, stride };
    Recipe {
        name: "leukoscope light".into(),
        seed: 1,
        architecture: Architecture {
            family: "resnext".into(),
            stem: Stem { out: 48, kernel: 3, stride: 2, pool: None },
            stages: vec![stage(2, 96, 48, 1), stage(3, 192, 96, 2), stage(3, 384, 192, 2), stage(1, 512, 256, 2)],
        },
        input: InputSpec {
            size: 96,
            field_um: 21.9,
            mean: [0.8, 0.7, 0.75],
            std: [0.2; 3],
            colour: Colour::Background,
        },
        bn_eps: 1e-5,
        data: Data { balance: 0.6, most_repeats: 6.0, validation: 0.1, share: 1.0 },
        augment: Augment::broad(),
        learning: Learning {
            epochs: 12,
            batch: 32,
            rate: 2e-3,
            curve: Curve::OneCycle,
            rise: 0.25,
            weight_decay: 0.02,
            smoothing: 0.08,
            average: 0.999,
            first_side: 0.66,
            doubt_from: 0,
            doubt: 0.03,
            patience: 0,
            norms_still_from: 0,
        },
    }
}

/// The article gives the network as a ResNeXt in a Keras implementation (the CIFAR-style one of Xie et al. 2017) on 400 x
/// 400 px, 15 outputs, cross-entropy and Adam. What it does not give here - width, cardinality, rate, epochs - is the
/// common ResNeXt-29 8x64d, with a stem that halves the picture so that it can be trained on one GPU.
fn paper() -> Recipe {
    let stage = |out, width, stride| Stage { blocks: 3, out, width, groups: 8, stride };
    Recipe {
        name: "ResNeXt as in Matek et al. 2019".into(),
        seed: 1,
        architecture: Architecture {
            family: "resnext".into(),
            stem: Stem { out: 64, kernel: 3, stride: 2, pool: Some(Pool { kernel: 3, stride: 2 }) },
            stages: vec![stage(256, 512, 1), stage(512, 1024, 2), stage(1024, 2048, 2)],
        },
        input: InputSpec { size: 400, field_um: 28.4, mean: [0.0; 3], std: [1.0; 3], colour: Colour::AsIs },
        bn_eps: 1e-5,
        data: Data { balance: 1.0, most_repeats: 1e6, validation: 0.1, share: 1.0 },
        augment: Augment::turned(),
        learning: Learning {
            epochs: 20,
            batch: 32,
            rate: 1e-3,
            curve: Curve::Constant,
            rise: 0.0,
            weight_decay: 0.0,
            smoothing: 0.0,
            average: 0.0,
            first_side: 1.0,
            doubt_from: 0,
            doubt: 0.03,
            patience: 0,
            norms_still_from: 0,
        },
    }
}
