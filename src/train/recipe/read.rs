//! A recipe from TOML and from settings on the command line, over a preset.

use toml::{Table, Value};

use super::{Preset, Recipe, RecipeError};
use crate::domain::printable;

impl Recipe {
    /// The recipe of a TOML text, in which what is not said is as in `preset` (or in the one that the text names under
    /// `preset`), changed by `settings` of the form `learning.epochs=3`.
    ///
    /// # Errors
    /// With a sentence that names the place, when the text is no TOML, a key is unknown or a value is impossible.
    pub fn read(text: Option<&str>, preset: Option<Preset>, settings: &[String]) -> Result<Self, RecipeError> {
        let wrong = |e: &dyn std::fmt::Display| RecipeError(printable(e.to_string().trim()).replace('\n', "; "));
        let mut given: Table = text.unwrap_or_default().parse().map_err(|e: toml::de::Error| {
            let line = e.span().map(|s| 1 + text.unwrap_or_default()[..s.start].matches('\n').count());
            RecipeError(format!("line {}: {}", line.unwrap_or(1), printable(e.message())))
        })?;
        let named =
            match given.remove("preset") {
                None => None,
                Some(value) => Some(value.as_str().and_then(Preset::by_name).ok_or_else(|| {
                    RecipeError(format!("preset is {value}; there are {}", Preset::NAMES.join(", ")))
                })?),
            };
        let base = preset.or(named).unwrap_or(Preset::Light).recipe();
        let mut table = base.table().map_err(|e| wrong(&e))?;
        merge(&mut table, given);
        for setting in settings {
            let (key, value) = setting.split_once('=').ok_or_else(|| {
                RecipeError(format!("`{}` is no setting; write learning.epochs=3", printable(setting)))
            })?;
            set(&mut table, key.trim(), value.trim())?;
        }
        let recipe: Self = Value::Table(table).try_into().map_err(|e: toml::de::Error| wrong(&e.message()))?;
        recipe.check()?;
        Ok(recipe)
    }

    /// As TOML.
    ///
    /// # Errors
    /// Never for a recipe that was read or is a preset's.
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        self.table().and_then(|t| toml::to_string(&t)).map_err(|e| RecipeError(e.to_string()))
    }

    /// As a table in which every setting stands, also those that a network's record leaves out.
    fn table(&self) -> Result<Table, toml::ser::Error> {
        let mut table = Table::try_from(self)?;
        if let Some(Value::Table(input)) = table.get_mut("input") {
            let as_is = Table::from_iter([("method".to_owned(), Value::from("as-is"))]);
            input.entry("colour").or_insert(Value::Table(as_is));
        }
        if let Some(Value::Table(learning)) = table.get_mut("learning") {
            learning.entry("norms_still_from").or_insert(Value::Integer(0));
        }
        Ok(table)
    }
}

/// Tables that mean something as a whole only.
const WHOLE: [&str; 2] = ["architecture", "colour"];

/// Values of `over` replace those of `base`; tables are merged.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(over)) if !WHOLE.contains(&key.as_str()) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Sets one value; what it may be is known from what stands there.
fn set(table: &mut Table, key: &str, text: &str) -> Result<(), RecipeError> {
    let (parents, last) = key.rsplit_once('.').map_or((Vec::new(), key), |(p, l)| (p.split('.').collect(), l));
    let unknown = || {
        RecipeError(format!(
            "there is no setting `{}`; a recipe's are in the file that --print-recipe shows",
            printable(key)
        ))
    };
    let mut at = table;
    for parent in parents {
        at = at.get_mut(parent).and_then(Value::as_table_mut).ok_or_else(unknown)?;
    }
    let old = at.get(last).ok_or_else(unknown)?;
    let value = match old {
        // A word needs no quotes on a command line.
        Value::String(_) => Value::String(text.trim_matches('"').to_owned()),
        _ => format!("x = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("x")).ok_or_else(|| {
            RecipeError(format!("{}: `{}` is no value; it is {old} now", printable(key), printable(text)))
        })?,
    };
    let value = match (old, value) {
        (Value::Float(_), Value::Integer(i)) => Value::Float(i as f64),
        (_, value) => value,
    };
    at.insert(last.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, settings: &[&str]) -> String {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        Recipe::read(Some(text), None, &settings).expect_err("refused").to_string()
    }

    #[test]
    fn presets_survive_being_written_and_read() {
        for name in Preset::NAMES {
            let recipe = Preset::by_name(name).expect("a preset").recipe();
            recipe.check().expect("sound");
            let text = recipe.to_toml().expect("written");
            for over in Preset::NAMES {
                let over = Preset::by_name(over);
                assert_eq!(Recipe::read(Some(&text), over, &[]).expect("read"), recipe, "{name} over {over:?}");
            }
        }
    }

    #[test]
    fn a_file_and_settings_change_what_they_name_and_nothing_else() {
        let text = "preset = \"paper\"\n[learning]\nepochs = 3\n";
        let settings = ["learning.rate=1".to_owned(), "name=ours".to_owned(), "input.size = 64".to_owned()];
        let recipe = Recipe::read(Some(text), None, &settings).expect("read");
        let mut wanted = Preset::Paper.recipe();
        wanted.learning.epochs = 3;
        wanted.learning.rate = 1.0;
        wanted.name = "ours".into();
        wanted.input.size = 64;
        assert_eq!(recipe, wanted);
        assert_eq!(Recipe::read(None, Some(Preset::Light), &[]).expect("read"), Preset::Light.recipe());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert!(said("name = \"x\"\n[learning\n", &[]).starts_with("line 2: "));
        assert!(said("[learning]\nepoch = 3\n", &[]).contains("epoch"));
        assert!(said("preset = \"huge\"\n", &[]).contains("light, paper, adapt"));
        assert!(said("", &["learning.epoch=3"]).contains("no setting `learning.epoch`"));
        assert!(said("", &["learning.epochs"]).contains("is no setting"));
        assert!(said("", &["learning.epochs=many"]).contains("`many` is no value"));
        assert!(said("", &["learning.batch=1"]).contains("learning.batch is 1"));
    }
}
