//! leukoscope's side of the runs beside other programs: one JSON request a line on stdin, one answer a line on stdout.
//!
//! `benches/peers/run.sh` starts it; started by `cargo bench` it says so and ends.

use std::{
    io::{BufRead, Write, stdin, stdout},
    path::PathBuf,
    time::Instant,
};

use candle_core::{Device, Tensor};
use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, Network, NetworkFile, SimdPath},
    train::{AdamW, Init, Loss, Rates, Trainable, step},
};
use rand::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Request {
    Load { weights: PathBuf, seed: u64 },
    Infer { batch: usize, iterations: usize },
    Train { batch: usize, iterations: usize },
    Check { input: PathBuf, output: PathBuf },
    PeakMemory { batch: usize, iterations: usize },
    Quit,
}

struct Loaded {
    network: Network,
    seed: u64,
    training: Option<(Trainable, AdamW)>,
}

impl Loaded {
    fn inputs(&self, count: usize) -> Result<Vec<Input>, Failure> {
        let mut random = rand_pcg::Pcg64::seed_from_u64(self.seed);
        let spec = &self.network.info().input;
        let mut input =
            || Input::from_values((0..spec.values()).map(|_| random.random_range(-1.0..1.0)).collect(), spec);
        Ok((0..count).map(|_| input()).collect::<Result<_, _>>()?)
    }

    fn infer(&self, batch: usize, iterations: usize) -> Result<Value, Failure> {
        let inputs = self.inputs(batch)?;
        let mut seconds = Vec::with_capacity(iterations);
        for _ in 0..iterations {
            let start = Instant::now();
            self.network.logits(&inputs)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        Ok(json!({ "seconds": seconds }))
    }

    /// Steps of AdamW from fresh parameters: only their time is of interest.
    fn train(&mut self, batch: usize, iterations: usize) -> Result<Value, Failure> {
        let info = self.network.info();
        let (classes, size) = (info.classes.len(), info.input.size);
        if self.training.is_none() {
            let init = Init { seed: self.seed, zero_last: false };
            let network = Trainable::new(&info.architecture, classes, info.bn_eps, init, &Device::Cpu)?;
            let optimiser = AdamW::new(network.parameters(), Rates::default())?;
            self.training = Some((network, optimiser));
        }
        let values: Vec<f32> = self.inputs(batch)?.iter().flat_map(|i| i.values().to_vec()).collect();
        let pictures = Tensor::from_vec(values, (batch, 3, size, size), &Device::Cpu)?;
        let labels: Vec<usize> = (0..batch).map(|i| i % classes).collect();
        let loss = Loss { smoothing: 0.0, weights: Vec::new() };
        let (network, optimiser) = self.training.as_mut().ok_or("no network")?;
        let mut seconds = Vec::with_capacity(iterations);
        for _ in 0..iterations {
            let start = Instant::now();
            step(network, optimiser, &loss, &pictures, &labels, 1e-3)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        Ok(json!({ "seconds": seconds }))
    }

    fn check(&self, input: &PathBuf, output: &PathBuf) -> Result<Value, Failure> {
        let values = |path: &PathBuf, name: &str| -> Result<Vec<f32>, Failure> {
            let bytes = std::fs::read(path)?;
            let tensors = safetensors::SafeTensors::deserialize(&bytes)?;
            let data = tensors.tensor(name)?.data().as_chunks::<4>().0;
            Ok(data.iter().map(|b| f32::from_le_bytes(*b)).collect())
        };
        let spec = &self.network.info().input;
        let pictures = values(input, "input")?;
        let inputs = pictures.chunks(spec.values()).map(|v| Input::from_values(v.to_vec(), spec));
        let logits = self.network.logits(&inputs.collect::<Result<Vec<_>, _>>()?)?.concat();
        let expected = values(output, "logits")?;
        if logits.len() != expected.len() || logits.iter().any(|l| !l.is_finite()) {
            return Err(format!("{} logits for {}, or one is no number", logits.len(), expected.len()).into());
        }
        let differences = logits.iter().zip(expected).map(|(a, b)| (a - b).abs());
        Ok(json!({ "difference": differences.fold(0.0, f32::max) }))
    }
}

/// The most memory that this process has held, in bytes.
fn peak_memory() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1024)
}

fn answer(loaded: &mut Option<Loaded>, request: Request) -> Result<Value, Failure> {
    if let Request::Load { weights, seed } = request {
        let file = NetworkFile::open(&weights)?;
        let network = Network::load(&file, &ClassTable::default(), DeviceChoice::Cpu)?;
        let version = format!("leukoscope {} ({})", env!("CARGO_PKG_VERSION"), SimdPath::best().name());
        *loaded = Some(Loaded { network, seed, training: None });
        return Ok(json!({ "ok": true, "version": version }));
    }
    let loaded = loaded.as_mut().ok_or("load a network first")?;
    match request {
        Request::Infer { batch, iterations } => loaded.infer(batch, iterations),
        Request::Train { batch, iterations } => loaded.train(batch, iterations),
        Request::Check { input, output } => loaded.check(&input, &output),
        Request::PeakMemory { batch, iterations } => {
            loaded.infer(batch, iterations)?;
            Ok(json!({ "bytes": peak_memory()? }))
        }
        Request::Load { .. } | Request::Quit => Ok(json!({ "ok": true })),
    }
}

fn main() -> Result<(), Failure> {
    if std::env::args().any(|a| a == "--bench") {
        println!("benches/peers/run.sh runs this beside other programs");
        return Ok(());
    }
    let mut loaded = None;
    for line in stdin().lock().lines() {
        let reply = match serde_json::from_str(&line?) {
            Ok(Request::Quit) => break,
            Ok(request) => answer(&mut loaded, request).unwrap_or_else(|e| json!({ "error": e.to_string() })),
            Err(e) => json!({ "error": e.to_string() }),
        };
        writeln!(stdout(), "{reply}")?;
        stdout().flush()?;
    }
    Ok(())
}
