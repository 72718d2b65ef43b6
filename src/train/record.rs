//! What a trained network says about itself and its training: the metadata of its file.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Recipe, session::Lesson};
use crate::model::FORMAT;

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
