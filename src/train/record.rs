//! What a trained network says about itself and its training: the metadata of its file.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{EpochRecord, Recipe, session::Lesson};

/// The form of the metadata that [`NetworkFile`](crate::model::NetworkFile) reads.
const FORMAT: &str = "leukoscope.network/1";

/// Metadata of a network of this recipe and lesson.
pub(super) fn metadata(recipe: &Recipe, lesson: &Lesson, started_from: Option<&str>) -> HashMap<String, String> {
    let per_class = |of: &[(usize, usize)]| {
        let mut counts = Map::new();
        for (place, class) in lesson.classes.iter().enumerate() {
            counts.insert(class.clone(), of.iter().filter(|i| i.1 == place).count().into());
        }
        Value::Object(counts)
    };
    let value = json!({
        "format": FORMAT,
        "name": recipe.name,
        "architecture": recipe.architecture,
        "input": recipe.input,
        "classes": lesson.classes,
        "untrained": lesson.untrained(),
        "bn_eps": recipe.bn_eps,
        "training": {
            "program": concat!("leukoscope ", env!("CARGO_PKG_VERSION")),
            "seed": recipe.seed,
            "started_from": started_from,
            "images_per_class": per_class(&lesson.train),
            "validation_images_per_class": per_class(&lesson.validation),
            "data": lesson.data,
            "recipe": {"data": recipe.data, "augment": recipe.augment, "learning": recipe.learning},
        },
    });
    HashMap::from([("leukoscope".to_owned(), value.to_string())])
}

/// Adds to the metadata of a network how its training went: its epochs, the best of them, and the sets' names. `None`: the
/// bytes are no network of this program.
pub fn complete(bytes: &[u8], history: &[EpochRecord], best: usize, sets: &[String]) -> Option<Vec<u8>> {
    let (_, header) = safetensors::SafeTensors::read_metadata(bytes).ok()?;
    let file = safetensors::SafeTensors::deserialize(bytes).ok()?;
    let mut value: Value = serde_json::from_str(header.metadata().as_ref()?.get("leukoscope")?).ok()?;
    value["training"]["epochs"] = json!(history);
    value["training"]["best_epoch"] = json!(best);
    value["training"]["sets"] = json!(sets);
    let metadata = HashMap::from([("leukoscope".to_owned(), value.to_string())]);
    safetensors::serialize(file.tensors(), Some(metadata)).ok()
}
