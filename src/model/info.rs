//! What a network says about itself: the JSON under the metadata key `leukoscope`, read and checked.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{architecture::Architecture, colour::Colour, error::ModelError, unlike::UnlikeInfo};
use crate::domain::{Sha256Hash, printable};

/// More than this makes every class as likely as any other.
const MOST_TEMPERATURE: f64 = 1000.0;

/// The only form of metadata that is read.
pub(crate) const FORMAT: &str = "leukoscope.network/1";

/// What a network is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NetworkInfo {
    /// Its name, from the metadata or else from the file's name.
    pub name: String,
    /// SHA-256 of the whole file: the network's identity in every record.
    pub sha256: Sha256Hash,
    /// Its layers.
    pub architecture: Architecture,
    /// What it looks at.
    pub input: InputSpec,
    /// Class codes in the order of its outputs.
    pub classes: Vec<String>,
    /// Classes among them that had no training images: they get no probability.
    pub untrained: Vec<String>,
    /// Epsilon of its batch norms.
    pub bn_eps: f64,
    /// What its logits are divided by before the softmax, so that probabilities mean what they say (Guo et al. 2017); 1
    /// where the file has none.
    pub temperature: f64,
    /// How it tells pictures that are unlike its training data; `None`: it cannot.
    pub unlike: Option<UnlikeInfo>,
    /// Its record of training, as its trainer wrote it; null where there is none.
    pub training: Value,
    /// Trainable parameters.
    pub parameters: u64,
}

/// What a network looks at: a square of RGB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputSpec {
    /// Side in px.
    pub size: usize,
    /// Side in um.
    pub field_um: f64,
    /// Subtracted from red, green and blue in 0..=1.
    pub mean: [f32; 3],
    /// What the difference is divided by.
    pub std: [f32; 3],
    /// How the colours of frames are made comparable before that.
    #[serde(default, skip_serializing_if = "Colour::is_as_is")]
    pub colour: Colour,
}

impl InputSpec {
    /// Values in an input: three planes of size x size.
    pub fn values(&self) -> usize {
        3 * self.size * self.size
    }

    fn check(&self) -> Result<(), String> {
        if !(16..=2048).contains(&self.size) {
            return Err(format!("size is {}; use 16 to 2048 px", self.size));
        }
        if !(self.field_um > 0.0 && self.field_um <= 10_000.0) {
            return Err(format!("field_um is {}; give the side of the field in um", self.field_um));
        }
        if self.mean.iter().any(|m| !m.is_finite()) || self.std.iter().any(|s| !(s.is_finite() && *s > 0.0)) {
            return Err("mean and std must be finite, std above 0; they apply to red, green and blue in 0..1".into());
        }
        self.colour.check()
    }
}

/// The parts of the metadata that do not come from the file itself.
pub(super) struct Metadata {
    pub name: Option<String>,
    pub architecture: Option<Architecture>,
    pub input: InputSpec,
    pub classes: Vec<String>,
    pub untrained: Vec<String>,
    pub bn_eps: f64,
    pub temperature: f64,
    pub unlike: Option<UnlikeInfo>,
    pub training: Value,
}

impl Metadata {
    /// Reads and checks the JSON `text` of `file`.
    pub fn parse(file: &str, text: &str) -> Result<Self, ModelError> {
        let wrong = |key: &str, problem: String| ModelError::Metadata {
            file: file.to_owned(),
            key: key.to_owned(),
            problem: printable(&problem).into_owned(),
        };
        let mut json: Value = serde_json::from_str(text)
            .map_err(|e| wrong("leukoscope", format!("no JSON: {e}; save the network again")))?;
        let format = json["format"].as_str().unwrap_or_default();
        if format != FORMAT {
            let problem =
                format!("is `{format}`; this program reads `{FORMAT}`: use a newer program or save the network again");
            return Err(wrong("leukoscope.format", problem));
        }
        let mut take = |key: &str| json.get_mut(key).map(Value::take).filter(|v| !v.is_null());
        let architecture: Option<Architecture> = read(file, "architecture", take("architecture"))?;
        if let Some(architecture) = &architecture {
            architecture.check().map_err(|e| wrong("leukoscope.architecture", e))?;
        }
        let input: InputSpec = needed(file, "input", take("input"))?;
        input.check().map_err(|e| wrong("leukoscope.input", e))?;
        let classes: Vec<String> = needed(file, "classes", take("classes"))?;
        if classes.is_empty() {
            return Err(wrong("leukoscope.classes", "is empty; list the class code of each output".into()));
        }
        if let Some(twice) = classes.iter().enumerate().find(|(i, c)| classes[..*i].contains(c)) {
            return Err(wrong(
                "leukoscope.classes",
                format!("names `{}` twice; give each output its own class", twice.1),
            ));
        }
        let untrained: Vec<String> = read(file, "untrained", take("untrained"))?.unwrap_or_default();
        if let Some(foreign) = untrained.iter().find(|c| !classes.contains(c)) {
            return Err(wrong(
                "leukoscope.untrained",
                format!("names `{foreign}`, which is not among `classes`; remove it"),
            ));
        }
        if classes.iter().all(|c| untrained.contains(c)) {
            return Err(wrong(
                "leukoscope.untrained",
                "names every class; a network needs one that it was trained on".into(),
            ));
        }
        let bn_eps = read(file, "bn_eps", take("bn_eps"))?.unwrap_or(1e-5);
        if !(bn_eps > 0.0 && bn_eps < 1.0) {
            return Err(wrong("leukoscope.bn_eps", format!("is {bn_eps}; torchvision's is 1e-5")));
        }
        let temperature = read(file, "temperature", take("temperature"))?.unwrap_or(1.0);
        if !(temperature > 0.0 && temperature <= MOST_TEMPERATURE) {
            let problem = format!("is {temperature}; logits are divided by it: give a number above 0, 1 for none");
            return Err(wrong("leukoscope.temperature", problem));
        }
        let unlike: Option<UnlikeInfo> = read(file, "unlike", take("unlike"))?;
        if let Some(unlike) = &unlike {
            unlike.check().map_err(|e| wrong("leukoscope.unlike", e))?;
        }
        let name: Option<String> = read(file, "name", take("name"))?;
        let name = name.map(|n| printable(n.trim()).into_owned()).filter(|n| !n.is_empty());
        let training = take("training").unwrap_or(Value::Null);
        Ok(Self { name, architecture, input, classes, untrained, bn_eps, temperature, unlike, training })
    }
}

fn read<T: DeserializeOwned>(file: &str, key: &str, value: Option<Value>) -> Result<Option<T>, ModelError> {
    value.map(serde_json::from_value).transpose().map_err(|e: serde_json::Error| ModelError::Metadata {
        file: file.to_owned(),
        key: format!("leukoscope.{key}"),
        problem: format!("{}; save the network again", printable(&e.to_string())),
    })
}

fn needed<T: DeserializeOwned>(file: &str, key: &str, value: Option<Value>) -> Result<T, ModelError> {
    read(file, key, value)?.ok_or_else(|| ModelError::Metadata {
        file: file.to_owned(),
        key: format!("leukoscope.{key}"),
        problem: "is missing; save the network again with it".into(),
    })
}

/// The rows of `model info` before the record of training: what each is, and its value.
pub fn describe(info: &NetworkInfo) -> Vec<(&'static str, String)> {
    let InputSpec { size, field_um, mean, std, colour } = &info.input;
    let list = |codes: &[String]| if codes.is_empty() { "none".to_owned() } else { codes.join(" ") };
    let trained: Vec<_> = info.classes.iter().filter(|c| !info.untrained.contains(c)).cloned().collect();
    vec![
        ("name", info.name.clone()),
        ("sha256", info.sha256.to_string()),
        ("architecture", info.architecture.summary()),
        ("parameters", info.parameters.to_string()),
        ("input", format!("{size} x {size} px, {field_um} um wide, RGB, mean {mean:?}, std {std:?}")),
        ("colour", colour.describe().to_owned()),
        ("temperature", info.temperature.to_string()),
        ("unlike", info.unlike.as_ref().map_or_else(|| "cannot tell".to_owned(), UnlikeInfo::describe)),
        ("tells apart", list(&trained)),
        ("cannot tell", list(&info.untrained)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format":"leukoscope.network/1","input":{"size":32,"field_um":20.0,"mean":[0.5,0.5,0.5],
        "std":[0.2,0.2,0.2]},"classes":["NGS","LYT","MOB"],"untrained":["MOB"]}"#;

    #[test]
    fn good_metadata_are_read_with_torchvisions_epsilon_as_the_default() {
        let metadata = Metadata::parse("a.safetensors", GOOD).expect("good");
        assert_eq!((metadata.bn_eps, metadata.architecture, metadata.training), (1e-5, None, Value::Null));
        assert_eq!(metadata.classes, ["NGS", "LYT", "MOB"]);
        assert_eq!((metadata.temperature, metadata.unlike, metadata.input.colour), (1.0, None, Colour::AsIs));
    }

    #[test]
    fn each_problem_names_file_and_key() {
        let cases = [
            ("network/1", "network/9", "`leukoscope.format`: is `leukoscope.network/9`"),
            ("\"size\":32", "\"size\":4", "`leukoscope.input`: size is 4"),
            ("\"size\":32", "\"size\":\"x\"", "`leukoscope.input`: invalid type"),
            ("20.0", "-1", "field_um is -1"),
            ("[0.2,0.2,0.2]", "[0.2,0.0,0.2]", "std above 0"),
            ("\"LYT\"", "\"NGS\"", "names `NGS` twice"),
            ("[\"MOB\"]", "[\"PMB\"]", "`leukoscope.untrained`: names `PMB`"),
            ("[\"MOB\"]", "[\"NGS\",\"LYT\",\"MOB\"]", "names every class"),
            ("\"untrained\"", "\"bn_eps\":0,\"untrained\"", "`leukoscope.bn_eps`: is 0"),
            ("\"untrained\"", "\"temperature\":0,\"untrained\"", "`leukoscope.temperature`: is 0"),
            ("\"untrained\"", "\"temperature\":-1.5,\"untrained\"", "is -1.5"),
            ("\"untrained\"", "\"temperature\":\"x\",\"untrained\"", "`leukoscope.temperature`: invalid type"),
            (
                "\"size\":32",
                "\"size\":32,\"colour\":{\"method\":\"magic\"}",
                "`leukoscope.input`: unknown variant `magic`",
            ),
            (
                "\"size\":32",
                "\"size\":32,\"colour\":{\"method\":\"stain\",\"strength\":[0,1]}",
                "`leukoscope.input`: colour: both strengths",
            ),
            ("\"classes\"", "\"clases\"", "`leukoscope.classes`: is missing"),
            ("{\"format\"", "{format", "no JSON"),
        ];
        for (from, to, wanted) in cases {
            let said = Metadata::parse("a.safetensors", &GOOD.replacen(from, to, 1)).err().expect(wanted).to_string();
            assert!(said.contains(wanted) && said.contains("`a.safetensors`"), "{said}");
        }
    }
}
