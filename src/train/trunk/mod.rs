//! All layers of a ResNeXt before its last one, on the CPU, as one candle operator with its gradient.
//!
//! One operator, and not one for each layer, because candle's way back costs several passes over memory for each tensor
//! that it knows (it makes zeros, then adds), and because a batch norm between two operators would be a pass of its own:
//! in here it is computed while the next layer reads. The arithmetic itself is in
//! [`kernels`](crate::model::kernels); the same network out of candle's own operators is in
//! [`composed`](super::composed).

mod backward;
mod forward;
mod unit;
mod workspace;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use crate::model::{
    architecture::Architecture,
    kernels::{Plane, SimdPath},
};
pub(super) use unit::Statistics;
use workspace::Workspace;

/// Which statistics a batch is normalised with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Norms<'a> {
    /// The batch's own; the gradient can be computed.
    Batch,
    /// These, of every convolution in turn; the gradient can be computed where `back` says so.
    Running {
        /// Of every channel.
        statistics: &'a [Vec<Statistics>],
        /// Whether there is a way back.
        back: bool,
    },
}

/// The layers of a network before its last one.
#[derive(Debug)]
pub(super) struct Trunk {
    path: SimdPath,
    architecture: Architecture,
    eps: f64,
    /// Those that no batch is in.
    workspaces: Arc<Mutex<Vec<Workspace>>>,
}

impl Trunk {
    /// For an architecture that was checked; `eps` is that of its batch norms.
    pub fn new(architecture: &Architecture, eps: f64, path: SimdPath) -> Self {
        Self { path, architecture: architecture.clone(), eps, workspaces: Arc::default() }
    }

    /// Features [n, features] of `pictures` [n, 3, height, width], and the statistics of each convolution's sums.
    ///
    /// `parameters` holds the weights, gamma and beta of every convolution in turn, one behind the other.
    ///
    /// # Errors
    /// When the shapes are others, or the tensors are not on the CPU or not f32.
    pub fn features(
        &self,
        pictures: &Tensor,
        parameters: &Tensor,
        norms: Norms<'_>,
    ) -> Result<(Tensor, Vec<Vec<Statistics>>)> {
        let (_, channels, height, width) = pictures.dims4()?;
        if channels != 3 || pictures.elem_count() == 0 {
            bail!("pictures of shape {:?} for a network that looks at [n, 3, height, width]", pictures.shape());
        }
        let input = Plane { height, width };
        let kept = lock(&self.workspaces).pop().filter(|w| w.input == input);
        let mut workspace = kept.unwrap_or_else(|| Workspace::new(self.path, &self.architecture, self.eps, input));
        if let Norms::Running { statistics, .. } = norms {
            workspace.adopt(statistics);
        }
        let batch = matches!(norms, Norms::Batch);
        let lent = Arc::new(Lent { workspace: Mutex::new(Some(workspace)), home: self.workspaces.clone() });
        let operator = Features { batch, lent: lent.clone() };
        let (pictures, parameters) = (pictures.contiguous()?, parameters.contiguous()?);
        let features = match norms {
            Norms::Batch | Norms::Running { back: true, .. } => pictures.apply_op2(&parameters, operator)?,
            Norms::Running { back: false, .. } => pictures.apply_op2_no_bwd(&parameters, &operator)?,
        };
        let statistics = lent.with(|workspace| workspace.statistics())?;
        Ok((features, statistics))
    }
}

/// A workspace that goes home when its batch is forgotten.
#[derive(Debug)]
struct Lent {
    workspace: Mutex<Option<Workspace>>,
    home: Arc<Mutex<Vec<Workspace>>>,
}

impl Lent {
    fn with<T>(&self, with: impl FnOnce(&mut Workspace) -> T) -> Result<T> {
        match lock(&self.workspace).as_mut() {
            Some(workspace) => Ok(with(workspace)),
            None => bail!("the batch was forgotten"),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(workspace) = lock(&self.workspace).take() {
            lock(&self.home).push(workspace);
        }
    }
}

/// What a thread that panicked left behind is written anew before it is read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The operator: pictures and parameters to features.
struct Features {
    batch: bool,
    lent: Arc<Lent>,
}

impl CustomOp2 for Features {
    fn name(&self) -> &'static str {
        "resnext-features"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (pictures, parameters) = (slice(s1, l1)?, slice(s2, l2)?);
        let features = self.lent.with(|workspace| {
            let expected = workspace.parameters();
            if parameters.len() != expected {
                bail!("{} parameters for a network of {expected}", parameters.len());
            }
            // On a thread of the pool: it would otherwise be woken for every layer.
            Ok(rayon::scope(|_| workspace.forward(pictures, parameters, self.batch)))
        })??;
        let count = l1.dims()[0];
        let shape = Shape::from((count, features.len() / count));
        Ok((CpuStorage::F32(features), shape))
    }

    fn bwd(
        &self,
        pictures: &Tensor,
        parameters: &Tensor,
        _features: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        let (gradient, pictures_gradient) = {
            let (s1, l1) = pictures.storage_and_layout();
            let (s2, l2) = parameters.storage_and_layout();
            let (s3, l3) = gradient.storage_and_layout();
            let (x, p, g) = (slice(cpu(&s1)?, l1)?, slice(cpu(&s2)?, l2)?, slice(cpu(&s3)?, l3)?);
            let wanted = pictures.track_op();
            self.lent.with(|workspace| rayon::scope(|_| workspace.backward(x, p, g, wanted)))?
        };
        let like = |values, tensor: &Tensor| Tensor::from_vec(values, tensor.shape(), tensor.device());
        let pictures_gradient = pictures_gradient.map(|values| like(values, pictures)).transpose()?;
        Ok((pictures_gradient, Some(like(gradient, parameters)?)))
    }
}

fn cpu(storage: &candle_core::Storage) -> Result<&CpuStorage> {
    match storage {
        candle_core::Storage::Cpu(storage) => Ok(storage),
        _ => bail!("a tensor is not on the CPU"),
    }
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("a tensor is not contiguous"),
    }
}
