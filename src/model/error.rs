//! What can be wrong with a network, a device or a prediction. Only the sentences are here, not the checks.

use crate::domain::RankingError;

/// Why a network cannot be used, or why it gave no prediction. File and tensor names in it are printable already.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read the network `{file}`: {source}; give the path of a .safetensors file that you may read")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than any network that this program could run.
    #[error(
        "the network `{file}` is {mib} MiB large, and {limit} MiB is the most; is it a .safetensors file of a ResNeXt?"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        mib: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Not in the safetensors format.
    #[error(
        "`{file}` is no safetensors file ({problem}); save the network with `leukoscope train` or with safetensors"
    )]
    Format {
        /// The file.
        file: String,
        /// What the parser said.
        problem: String,
    },
    /// The file does not say what its outputs stand for.
    #[error(
        "`{file}` has no metadata key `leukoscope`, so nobody knows which class each of its {outputs} outputs stands for; \
         save it again with that key, for example in Python safetensors.torch.save_file(state_dict, path, \
         metadata={{\"leukoscope\": text}}) with the text {example}, `classes` in the order of the outputs"
    )]
    NoMetadata {
        /// The file.
        file: String,
        /// Number of its outputs.
        outputs: usize,
        /// What the metadata would look like.
        example: String,
    },
    /// The metadata do not say what they must.
    #[error("the network `{file}`: metadata key `{key}`: {problem}")]
    Metadata {
        /// The file.
        file: String,
        /// Where in the JSON, from `leukoscope` on.
        key: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A tensor that the architecture needs is not there.
    #[error(
        "the network `{file}` has no tensor `{tensor}`, which its architecture needs; \
         correct `architecture` in its metadata or save the network again"
    )]
    MissingTensor {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
    },
    /// A tensor is not of the shape that the architecture needs.
    #[error(
        "the network `{file}`: tensor `{tensor}` has shape {found:?}, its metadata ask for {expected:?}; \
         correct `architecture` or `classes` there or save the network again"
    )]
    WrongShape {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// What the architecture needs.
        expected: Vec<usize>,
        /// What the file has.
        found: Vec<usize>,
    },
    /// A tensor's numbers are of a kind that is not read.
    #[error("the network `{file}`: tensor `{tensor}` holds {dtype} numbers; save it as F32, F16, BF16 or F64")]
    WrongType {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// Its type.
        dtype: String,
    },
    /// A tensor holds a value that no trained network has.
    #[error(
        "the network `{file}`: tensor `{tensor}` holds {value}; the file is damaged or its training diverged: \
         use another network"
    )]
    BadWeight {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// The value: NaN, infinite, or a variance below zero.
        value: f32,
    },
    /// A tensor of finite numbers that are not what they should be.
    #[error("the network `{file}`: tensor `{tensor}` holds {problem}")]
    BadTensor {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// What it holds and what to do.
        problem: String,
    },
    /// The network names classes that the class table does not have, or that only a reviewer may name.
    #[error(
        "the network `{file}` names classes that the class table does not let a network name: {codes}; \
         give a table that has them with `predicted = true` (--classes FILE) or another network"
    )]
    ForeignClasses {
        /// The file.
        file: String,
        /// Their codes.
        codes: String,
    },
    /// The device that was asked for is not there.
    #[error("{0}")]
    Device(String),
    /// An input that was made for another network.
    #[error(
        "image {index} of the batch has {found} values, the network takes {expected}; \
         preprocess it with this network's input specification"
    )]
    InputLength {
        /// Its place in the batch.
        index: usize,
        /// What the network takes.
        expected: usize,
        /// What it has.
        found: usize,
    },
    /// The network's output is no number.
    #[error(
        "the network's output for image {index} is not finite; the network or the image is damaged: use another network"
    )]
    NonFiniteOutput {
        /// Its place in the batch.
        index: usize,
    },
    /// The network's output is no set of probabilities.
    #[error("image {index}: {source}")]
    Ranking {
        /// Its place in the batch.
        index: usize,
        /// What is wrong.
        source: RankingError,
    },
    /// The computation itself failed, for example for want of memory on a GPU.
    #[error("the network failed on {device}: {problem}; try a smaller --batch or --device cpu")]
    Compute {
        /// The device.
        device: String,
        /// What candle said.
        problem: String,
    },
}

impl ModelError {
    /// A computation on `device` that candle gave up, in one line.
    pub(super) fn compute(device: String, error: &candle_core::Error) -> Self {
        // With RUST_BACKTRACE set, candle puts a backtrace behind its sentence.
        let said = error.to_string();
        Self::Compute { device, problem: said.lines().next().unwrap_or_default().to_owned() }
    }
}
