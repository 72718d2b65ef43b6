//! AdamW (Loshchilov and Hutter 2019), in one pass over each tensor.
//!
//! candle-nn's makes a dozen tensors of each on the way, one thread at a time: 3% of a step on two cores.

use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor, Var, backprop::GradStore, bail};
use rayon::prelude::*;

use super::network::Parameter;

/// Settings of [`AdamW`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Share of the mean gradient in a mean that each step keeps.
    pub beta1: f64,
    /// The same of the mean squared gradient.
    pub beta2: f64,
    /// Added to the root of the mean squared gradient.
    pub eps: f64,
    /// Share of a weight's way to zero, or to its anchor, that a learning rate of one would go at each step; norms and biases
    /// are left alone.
    pub weight_decay: f64,
}

impl Default for Rates {
    /// PyTorch's.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01 }
    }
}

/// The optimiser.
#[derive(Debug)]
pub struct AdamW {
    rates: Rates,
    learned: Vec<Learned>,
    steps: i32,
}

/// A parameter with its moments.
#[derive(Debug)]
struct Learned {
    parameter: Parameter,
    moments: Moments,
    /// Where weight decay pulls to; `None`: to zero.
    anchor: Option<Tensor>,
}

#[derive(Debug)]
enum Moments {
    /// Of a tensor on the CPU.
    Host(Vec<[f32; 2]>),
    /// First and second, on any other device.
    Device(Var, Var),
}

/// One step of one parameter.
#[derive(Clone, Copy)]
struct Step {
    rates: Rates,
    learning_rate: f64,
    weight_decay: f64,
    /// What the moments are divided by because they began at zero.
    correction: (f64, f64),
}

impl AdamW {
    /// For `parameters`.
    ///
    /// # Errors
    /// When the device has no memory for its moments.
    pub fn new(parameters: &[Parameter], rates: Rates) -> Result<Self> {
        let learned = parameters.iter().map(|parameter| {
            let var = &parameter.var;
            let zeros = || Var::zeros(var.shape(), DType::F32, var.device());
            let moments = match var.device().is_cpu() {
                true => Moments::Host(vec![[0.0; 2]; var.elem_count()]),
                false => Moments::Device(zeros()?, zeros()?),
            };
            Ok(Learned { parameter: parameter.clone(), moments, anchor: None })
        });
        Ok(Self { rates, learned: learned.collect::<Result<_>>()?, steps: 0 })
    }

    /// From now on weight decay pulls the weights towards what they are now, and not towards zero (L2-SP: Li, Grandvalet and
    /// Davoine 2018): a network that is fine-tuned on a few images keeps what it knew.
    ///
    /// # Errors
    /// When the device has no memory for it.
    pub fn anchor(&mut self) -> Result<()> {
        for learned in self.learned.iter_mut().filter(|l| l.parameter.decayed()) {
            learned.anchor = Some(learned.parameter.var.as_detached_tensor().copy()?);
        }
        Ok(())
    }

    /// Steps that were made.
    pub fn steps(&self) -> usize {
        self.steps as usize
    }

    /// The mean and the mean squared gradient of each parameter, each of the parameter's shape.
    ///
    /// # Errors
    /// When the device fails.
    pub fn moments(&self) -> Result<Vec<[Tensor; 2]>> {
        let of = |learned: &Learned| match &learned.moments {
            Moments::Host(pairs) => {
                let var = &learned.parameter.var;
                let one = |k: usize| {
                    Tensor::from_vec(pairs.iter().map(|p| p[k]).collect::<Vec<f32>>(), var.shape(), var.device())
                };
                Ok([one(0)?, one(1)?])
            }
            Moments::Device(first, second) => Ok([first, second].map(|m| m.as_detached_tensor())),
        };
        self.learned.iter().map(of).collect()
    }

    /// The anchor of each parameter that has one, with its name.
    pub fn anchors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.learned.iter().filter_map(|l| Some((l.parameter.name.as_str(), l.anchor.as_ref()?)))
    }

    /// Goes on from what [`AdamW::steps`], [`AdamW::moments`] and [`AdamW::anchors`] gave.
    ///
    /// # Errors
    /// When there are not as many moments as parameters, or their shapes differ.
    pub fn restore(
        &mut self,
        steps: usize,
        moments: &[[Tensor; 2]],
        anchor: impl Fn(&str) -> Option<Tensor>,
    ) -> Result<()> {
        if moments.len() != self.learned.len() {
            bail!("{} moments for {} parameters", moments.len(), self.learned.len());
        }
        self.steps = steps as i32;
        for (learned, [first, second]) in self.learned.iter_mut().zip(moments) {
            let shape = learned.parameter.var.dims();
            if first.dims() != shape || second.dims() != shape {
                bail!("moments of `{}` have another shape than it", learned.parameter.name);
            }
            match &mut learned.moments {
                Moments::Host(pairs) => {
                    let values = [first, second].map(|m| m.flatten_all()?.to_vec1::<f32>());
                    let [first, second] = values;
                    *pairs = first?.into_iter().zip(second?).map(|(a, b)| [a, b]).collect();
                }
                Moments::Device(a, b) => {
                    a.set(&first.to_device(a.device())?)?;
                    b.set(&second.to_device(b.device())?)?;
                }
            }
            learned.anchor = anchor(&learned.parameter.name);
        }
        Ok(())
    }

    /// Moves the parameters against their gradients; those without one stay.
    ///
    /// # Errors
    /// When the device fails.
    pub fn step(&mut self, gradients: &GradStore, learning_rate: f64) -> Result<()> {
        self.steps += 1;
        let Rates { beta1, beta2, weight_decay, .. } = self.rates;
        let correction = (1.0 - beta1.powi(self.steps), 1.0 - beta2.powi(self.steps));
        let rates = self.rates;
        self.learned.par_iter_mut().try_for_each(|Learned { parameter, moments, anchor }| {
            let Some(gradient) = gradients.get(&parameter.var) else { return Ok(()) };
            let weight_decay = if parameter.decayed() { weight_decay } else { 0.0 };
            let step = Step { rates, learning_rate, weight_decay, correction };
            match moments {
                Moments::Host(moments) => {
                    let gradient = gradient.contiguous()?;
                    let anchor = anchor.as_ref().map(|a| a.flatten_all()?.to_vec1::<f32>()).transpose()?;
                    let step = OnHost { step, moments: Mutex::new(moments), anchor: anchor.as_deref() };
                    parameter.var.inplace_op2(&gradient, &step)
                }
                Moments::Device(first, second) => {
                    step.on_device(&parameter.var, gradient, anchor.as_ref(), [first, second])
                }
            }
        })
    }
}

impl Step {
    fn on_device(
        &self,
        var: &Var,
        gradient: &Tensor,
        anchor: Option<&Tensor>,
        [first, second]: [&Var; 2],
    ) -> Result<()> {
        let Rates { beta1, beta2, eps, .. } = self.rates;
        first.set(&((first.as_detached_tensor() * beta1)? + (gradient * (1.0 - beta1))?)?)?;
        second.set(&((second.as_detached_tensor() * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?)?;
        let root = ((second.as_detached_tensor() / self.correction.1)?.sqrt()? + eps)?;
        let by = ((first.as_detached_tensor() * (self.learning_rate / self.correction.0))? / root)?;
        let pull = self.learning_rate * self.weight_decay;
        let mut kept = (var.as_detached_tensor() * (1.0 - pull))?;
        if let Some(anchor) = anchor {
            kept = (kept + (anchor * pull)?)?;
        }
        var.set(&(kept - by)?)
    }
}

/// A step of a parameter on the CPU.
struct OnHost<'a> {
    step: Step,
    /// For an operator that candle hands out shared.
    moments: Mutex<&'a mut Vec<[f32; 2]>>,
    anchor: Option<&'a [f32]>,
}

impl InplaceOp2 for OnHost<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, values: &mut CpuStorage, l1: &Layout, gradient: &CpuStorage, l2: &Layout) -> Result<()> {
        let CpuStorage::F32(values) = values else { bail!("a parameter is not f32") };
        let (Some((start, end)), Some((from, to))) = (l1.contiguous_offsets(), l2.contiguous_offsets()) else {
            bail!("a parameter or its gradient is not contiguous")
        };
        let Step { rates, learning_rate, weight_decay, correction } = self.step;
        let (beta1, beta2, eps) = (rates.beta1 as f32, rates.beta2 as f32, rates.eps as f32);
        let pull = (learning_rate * weight_decay) as f32;
        let kept = 1.0 - pull;
        let (rate, scale) = ((learning_rate / correction.0) as f32, (1.0 / correction.1) as f32);
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs = values[start..end].iter_mut().zip(&gradient.as_slice::<f32>()?[from..to]);
        for ((value, &gradient), [first, second]) in pairs.zip(moments.iter_mut()) {
            *first = beta1 * *first + (1.0 - beta1) * gradient;
            *second = beta2 * *second + (1.0 - beta2) * gradient * gradient;
            *value = kept * *value - rate * *first / ((*second * scale).sqrt() + eps);
        }
        if let Some(anchor) = self.anchor {
            values[start..end].iter_mut().zip(anchor).for_each(|(value, a)| *value += pull * a);
        }
        Ok(())
    }
}
