//! Whom an event or a job is about: the ids in the fields that name a person.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use crate::PersonId;

/// The fields that name a person to whom something happens, wherever they stand. An announcement's
/// `only` names several.
const FIELDS: &[&str] = &["person", "learner", "only"];

/// The persons that a text in JSON is about; none if it cannot be read.
#[must_use]
pub fn people(json: &str) -> BTreeSet<PersonId> {
    let mut found = BTreeSet::new();
    if let Ok(value) = serde_json::from_str(json) {
        look_into(&value, &mut found);
    }
    found
}

fn look_into(value: &Value, found: &mut BTreeSet<PersonId>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if FIELDS.contains(&name.as_str()) {
                    found.extend(ids(value));
                }
                look_into(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look_into(item, found)),
        _ => {}
    }
}

fn ids(value: &Value) -> Vec<PersonId> {
    let id = |value: &Value| value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    items.iter().filter_map(id).map(PersonId).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_wherever_they_stand() {
        let (one, two) = (PersonId::new(), PersonId::new());
        let json = format!(
            r#"{{"learner":"{one}","course":"{}","inner":[{{"person":"{two}"}}],"only":["{one}"]}}"#,
            PersonId::new()
        );
        assert_eq!(people(&json), BTreeSet::from([one, two]));
        for nobody in ["", "7", "{\"person\":7}", "{\"person\":\"Ana\"}", "[[[["] {
            assert!(people(nobody).is_empty(), "{nobody}");
        }
    }
}
