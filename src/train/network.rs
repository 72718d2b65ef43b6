//! A ResNeXt that learns: its parameters under torchvision's names, its running statistics, and its way forward.

use candle_core::{DType, Device, Result, Tensor, Var, bail};

use super::{
    composed::{self, Gathered},
    init::Init,
    random::Draw,
    trunk::{Norms, Statistics, Trunk},
};
use crate::model::{SimdPath, architecture::Architecture};

/// Share of a batch in the running statistics, as in PyTorch.
const MOMENTUM: f64 = 0.1;

/// Whether a network learns from a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Batch norms use the batch's own statistics, which also go into the running ones, and there is a way back.
    Train,
    /// Batch norms use the running statistics, which stay as they are, and there is a way back: what a picture gets does not
    /// hang on the pictures beside it.
    Still,
    /// Batch norms use the running statistics, and there is no way back.
    Eval,
}

/// A tensor that is learnt.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// torchvision's name.
    pub name: String,
    /// Its values.
    pub var: Var,
}

impl Parameter {
    /// Whether weight decay pulls at it: weights of convolutions and of the last layer, but no norm and no bias.
    pub fn decayed(&self) -> bool {
        self.var.rank() > 1
    }
}

/// The running mean and variance of one batch norm.
#[derive(Debug)]
pub(super) struct Running {
    /// torchvision's names of both.
    pub names: [String; 2],
    pub mean: Var,
    pub variance: Var,
}

/// A network in training.
#[derive(Debug)]
pub struct Trainable {
    architecture: Architecture,
    eps: f64,
    device: Device,
    /// The weights, gamma and beta of each convolution, then those of the last layer.
    pub(super) parameters: Vec<Parameter>,
    pub(super) running: Vec<Running>,
    trunk: Trunk,
}

impl Trainable {
    /// A network with `classes` outputs and parameters as torchvision draws them: weights of convolutions normal with a
    /// variance of 2 / (outputs * kernel^2) (He et al. 2015, fan out), gammas one, betas zero, the last layer uniform
    /// within 1 / sqrt(features).
    ///
    /// # Errors
    /// When the architecture is none that can be built, or the device has no memory for it.
    pub fn new(architecture: &Architecture, classes: usize, eps: f64, init: Init, device: &Device) -> Result<Self> {
        if let Err(problem) = architecture.check() {
            bail!("the architecture's {problem}");
        }
        let (mut parameters, mut running) = (Vec::new(), Vec::new());
        let lasts: Vec<_> = architecture.blocks().into_iter().map(|b| b.convs[2].norm.clone()).collect();
        for spec in architecture.convs() {
            let fan = (spec.out * spec.kernel * spec.kernel) as f64;
            let values =
                Draw::new(init.seed, parameters.len()).normal(spec.shape().iter().product(), (2.0 / fan).sqrt());
            add(
                &mut parameters,
                format!("{}.weight", spec.conv),
                Var::from_vec(values, spec.shape().as_slice(), device)?,
            );
            let gamma = if init.zero_last && lasts.contains(&spec.norm) { Var::zeros } else { Var::ones };
            add(&mut parameters, format!("{}.weight", spec.norm), gamma(spec.out, DType::F32, device)?);
            add(&mut parameters, format!("{}.bias", spec.norm), Var::zeros(spec.out, DType::F32, device)?);
            let mean = Var::zeros(spec.out, DType::F32, device)?;
            let names = ["running_mean", "running_var"].map(|part| format!("{}.{part}", spec.norm));
            running.push(Running { names, mean, variance: Var::ones(spec.out, DType::F32, device)? });
        }
        let features = architecture.features();
        let most = 1.0 / (features as f64).sqrt();
        let mut last = |name: &str, shape: &[usize]| -> Result<()> {
            let values = Draw::new(init.seed, parameters.len()).uniform(shape.iter().product(), most);
            add(&mut parameters, name.to_owned(), Var::from_vec(values, shape, device)?);
            Ok(())
        };
        last("fc.weight", &[classes, features])?;
        last("fc.bias", &[classes])?;
        let (architecture, device) = (architecture.clone(), device.clone());
        let trunk = Trunk::new(&architecture, eps, SimdPath::best());
        Ok(Self { architecture, eps, device, parameters, running, trunk })
    }

    /// The same network with other vector instructions than the best.
    pub fn with_simd(self, path: SimdPath) -> Self {
        Self { trunk: Trunk::new(&self.architecture, self.eps, path), ..self }
    }

    /// What is learnt, in a fixed order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Logits [n, classes] of `pictures` [n, 3, height, width].
    ///
    /// # Errors
    /// When the pictures have another shape or are on another device, or the device fails.
    pub fn forward(&self, pictures: &Tensor, mode: Mode) -> Result<Tensor> {
        let own = self.device.is_cpu();
        let (features, gathered) = if own { self.own(pictures, mode)? } else { self.composed(pictures, mode)? };
        for (running, (mean, variance)) in self.running.iter().zip(gathered) {
            keep(&running.mean, &mean)?;
            keep(&running.variance, &variance)?;
        }
        let [.., weight, bias] = self.parameters.as_slice() else { bail!("the network has no last layer") };
        features.matmul(&weight.var.t()?)?.broadcast_add(&bias.var)
    }

    /// Features [n, features] by candle's layers, and in training the statistics of the batch.
    pub(super) fn composed(&self, pictures: &Tensor, mode: Mode) -> Result<(Tensor, Gathered)> {
        let (architecture, eps) = (&self.architecture, self.eps);
        composed::features(architecture, &self.parameters, &self.running, eps, pictures, mode)
    }

    /// Features [n, features] by this program's own layers, and in training the statistics of the batch.
    pub(super) fn own(&self, pictures: &Tensor, mode: Mode) -> Result<(Tensor, Gathered)> {
        let convs = &self.parameters[..3 * self.running.len()];
        let flat = convs.iter().map(|p| p.var.flatten_all()).collect::<Result<Vec<_>>>()?;
        let flat = Tensor::cat(&flat, 0)?;
        match mode {
            Mode::Eval | Mode::Still => {
                let running = self.running.iter().map(Running::statistics).collect::<Result<Vec<_>>>()?;
                let norms = Norms::Running { statistics: &running, back: mode == Mode::Still };
                let (features, _) = self.trunk.features(pictures, &flat, norms)?;
                Ok((features, Vec::new()))
            }
            Mode::Train => {
                let (features, statistics) = self.trunk.features(pictures, &flat, Norms::Batch)?;
                let tensor = |of: &[Statistics], pick: fn(&Statistics) -> f64| {
                    let values: Vec<f32> = of.iter().map(|s| pick(s) as f32).collect();
                    Tensor::from_vec(values, of.len(), &self.device)
                };
                let gather = |of: &Vec<Statistics>| Ok((tensor(of, |s| s.mean)?, tensor(of, |s| s.unbiased)?));
                Ok((features, statistics.iter().map(gather).collect::<Result<_>>()?))
            }
        }
    }
}

impl Running {
    /// As what the network's own layers are normalised with.
    fn statistics(&self) -> Result<Vec<Statistics>> {
        let (mean, variance) = (self.mean.to_vec1::<f32>()?, self.variance.to_vec1::<f32>()?);
        let of = |(&mean, &variance): (&f32, &f32)| Statistics {
            mean: mean.into(),
            variance: variance.into(),
            unbiased: variance.into(),
        };
        Ok(mean.iter().zip(&variance).map(of).collect())
    }
}

/// Takes a batch's statistics into a running one.
fn keep(running: &Var, batch: &Tensor) -> Result<()> {
    running.set(&((running.as_detached_tensor() * (1.0 - MOMENTUM))? + (batch * MOMENTUM)?)?)
}

fn add(parameters: &mut Vec<Parameter>, name: String, var: Var) {
    parameters.push(Parameter { name, var });
}
