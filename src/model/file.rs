//! A network file: read, hashed and checked against its own metadata, without a tensor built.

use std::{borrow::Cow, collections::BTreeMap, io::Read, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    architecture::Architecture,
    error::ModelError,
    infer::infer_architecture,
    info::{FORMAT, Metadata, NetworkInfo},
    tensors::is_read,
    unlike::Unlike,
};
use crate::domain::{Sha256Hash, printable};

/// The network that ships with the program; `data/MODEL_CARD.md` describes it.
const DEFAULT: &[u8] = include_bytes!("../../data/default.safetensors");

/// A ResNeXt of 1 GiB would take minutes an image on the machines that this program runs on.
const MAX_BYTES: u64 = 1 << 30;

/// A network's bytes and what they say about themselves.
#[derive(Debug, Clone)]
pub struct NetworkFile {
    /// The whole file.
    pub bytes: Cow<'static, [u8]>,
    /// What it says.
    pub info: NetworkInfo,
    /// The file as messages name it.
    pub(super) file: String,
}

impl NetworkFile {
    /// The network that ships with the program.
    pub fn embedded() -> Self {
        Self::parse("the built-in network", "leukoscope default", Cow::Borrowed(DEFAULT)).expect("a test loads it")
    }

    /// Reads a network from a .safetensors file.
    ///
    /// # Errors
    /// When the file cannot be read, is no safetensors file, or does not hold the network that its metadata describe.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = printable(&path.to_string_lossy()).into_owned();
        let failed = |source| ModelError::Read { file: file.clone(), source };
        // Asked before opening: a pipe would wait for its writer, a device might never end.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("it is no regular file")));
        }
        let opened = std::fs::File::open(path).map_err(failed)?;
        let length = opened.metadata().map_err(failed)?.len();
        if length > MAX_BYTES {
            return Err(ModelError::TooLarge { file, mib: length >> 20, limit: MAX_BYTES >> 20 });
        }
        let mut bytes = Vec::with_capacity(length as usize);
        // `take`: a growing file has no length to trust.
        opened.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&file, &printable(&stem), Cow::Owned(bytes))
    }

    /// Checks `bytes`, which messages call `file`; `name` is the network's unless its metadata give one.
    ///
    /// # Errors
    /// As [`NetworkFile::open`].
    pub fn parse(file: &str, name: &str, bytes: Cow<'static, [u8]>) -> Result<Self, ModelError> {
        let format = |e: safetensors::SafeTensorError| ModelError::Format {
            file: file.to_owned(),
            problem: printable(&e.to_string()).into_owned(),
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(format)?;
        let shapes: BTreeMap<_, _> = header.tensors().into_iter().map(|(n, t)| (n, t.shape.clone())).collect();
        let guess = infer_architecture(&shapes);
        let Some(text) = header.metadata().as_ref().and_then(|m| m.get("leukoscope")) else {
            return Err(no_metadata(file, &shapes, guess));
        };
        let metadata = Metadata::parse(file, text)?;
        let architecture = metadata.architecture.map_or(guess, Ok).map_err(|problem| ModelError::Metadata {
            file: file.to_owned(),
            key: "leukoscope.architecture".into(),
            problem: format!("is missing, and the tensors are not those of a ResNeXt: {}", printable(&problem)),
        })?;
        let outputs = metadata.classes.len();
        for (tensor, expected) in architecture.tensors(outputs) {
            let Some(found) = header.info(&tensor) else {
                return Err(ModelError::MissingTensor { file: file.to_owned(), tensor });
            };
            if found.shape != expected {
                return Err(ModelError::WrongShape {
                    file: file.to_owned(),
                    tensor,
                    expected,
                    found: found.shape.clone(),
                });
            }
            if !is_read(found.dtype) {
                let dtype = format!("{:?}", found.dtype);
                return Err(ModelError::WrongType { file: file.to_owned(), tensor, dtype });
            }
        }
        let info = NetworkInfo {
            name: metadata.name.unwrap_or_else(|| name.to_owned()),
            sha256: Sha256Hash(Sha256::digest(&bytes).into()),
            parameters: architecture.parameters(outputs),
            architecture,
            input: metadata.input,
            classes: metadata.classes,
            untrained: metadata.untrained,
            bn_eps: metadata.bn_eps,
            temperature: metadata.temperature,
            unlike: metadata.unlike,
            training: metadata.training,
        };
        Ok(Self { bytes, info, file: file.to_owned() })
    }
}

impl NetworkFile {
    /// The bytes of the same network with another temperature, and with what tells pictures that are unlike its training
    /// data; `None` leaves what the file has. Its hash is another then: it is another network in every record.
    ///
    /// # Errors
    /// When the temperature is none, or the bytes are not those that were checked.
    pub fn with(&self, temperature: Option<f64>, unlike: Option<&Unlike>) -> Result<Vec<u8>, ModelError> {
        let change = |json: &mut Value| {
            if let Some(temperature) = temperature {
                json["temperature"] = temperature.into();
            }
            if let Some(unlike) = unlike {
                json["unlike"] = unlike.metadata();
            }
        };
        self.rewritten(change, unlike)
    }

    /// The bytes of the same network with `more` in its record of training, which is an object as `train` writes it.
    ///
    /// # Errors
    /// When the bytes are not those that were checked.
    pub(crate) fn with_training<const N: usize>(&self, more: [(&str, Value); N]) -> Result<Vec<u8>, ModelError> {
        self.rewritten(|json| more.into_iter().for_each(|(key, value)| json["training"][key] = value), None)
    }

    /// The bytes with other metadata, and with the tensors of `unlike` in place of those that the file has.
    fn rewritten(&self, change: impl FnOnce(&mut Value), unlike: Option<&Unlike>) -> Result<Vec<u8>, ModelError> {
        let format = |e: safetensors::SafeTensorError| ModelError::Format {
            file: self.file.clone(),
            problem: printable(&e.to_string()).into_owned(),
        };
        let (_, header) = SafeTensors::read_metadata(&self.bytes).map_err(format)?;
        let mut metadata = header.metadata().clone().unwrap_or_default();
        let text = metadata.get("leukoscope").map_or("{}", String::as_str);
        let mut json: Value = serde_json::from_str(text).unwrap_or_default();
        change(&mut json);
        let text = json.to_string();
        Metadata::parse(&self.file, &text)?;
        metadata.insert("leukoscope".into(), text);
        let kept = SafeTensors::deserialize(&self.bytes).map_err(format)?;
        let own = |name: &str| unlike.is_some() && name.starts_with(Unlike::PREFIX);
        let mut views: Vec<(String, TensorView<'_>)> = kept.tensors().into_iter().filter(|(n, _)| !own(n)).collect();
        let added: Vec<_> = unlike.into_iter().flat_map(Unlike::tensors).collect();
        let bytes: Vec<Vec<u8>> =
            added.iter().map(|(_, _, values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
        for ((name, shape, _), bytes) in added.iter().zip(&bytes) {
            views.push(((*name).to_owned(), TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(format)?));
        }
        safetensors::serialize(views, Some(metadata)).map_err(format)
    }
}

/// A checkpoint without metadata: say what to add, with the architecture already filled in.
fn no_metadata(file: &str, shapes: &BTreeMap<String, Vec<usize>>, guess: Result<Architecture, String>) -> ModelError {
    match guess {
        Err(problem) => ModelError::Format {
            file: file.to_owned(),
            problem: format!("it has no `leukoscope` metadata and is no ResNeXt: {}", printable(&problem)),
        },
        Ok(architecture) => {
            let example = serde_json::json!({
                "format": FORMAT,
                "architecture": architecture,
                "input": {"size": 224, "field_um": 21.9, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
                "classes": ["NGS", "LYT", "..."],
                "untrained": [],
                "bn_eps": 1e-5,
            });
            let outputs = shapes.get("fc.weight").and_then(|s| s.first()).copied().unwrap_or(0);
            ModelError::NoMetadata { file: file.to_owned(), outputs, example: example.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_network_describes_itself() {
        let network = NetworkFile::embedded();
        assert_eq!(network.info.classes.len(), 15);
        assert_eq!(network.info.untrained, ["MOB", "PMB"]);
        assert_eq!((network.info.input.size, network.info.input.field_um), (96, 21.9));
        assert!((1_250_000..1_350_000).contains(&network.info.parameters), "{}", network.info.parameters);
    }
}
