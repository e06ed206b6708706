//! Released events are promises: their schemas and samples are files that never change, and every
//! sample still reads with today's types. A new event's files are written with
//! `ESTRADE_WRITE_CONTRACT=1 cargo test -p contract`; what is written already is never overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use contract::ALL;
use serde_json::Value;

fn file(folder: &str, event_type: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{event_type}.json"))
}

#[test]
fn every_frozen_sample_reads_with_todays_types_and_loses_nothing() {
    for described in ALL {
        let path = file("samples", described.event_type);
        let sample = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; write one", path.display()));
        let reread = (described.reread)(&sample)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let before: Value = serde_json::from_str(&sample).unwrap();
        assert!(holds(&reread, &before), "{}: {reread:#} lost something of it", path.display());
    }
}

/// All that was in the sample is still there; new optional fields may have come.
fn holds(now: &Value, before: &Value) -> bool {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            before.iter().all(|(key, value)| now.get(key).is_some_and(|now| holds(now, value)))
        }
        (Value::Array(now), Value::Array(before)) => {
            now.len() == before.len()
                && now.iter().zip(before).all(|(now, before)| holds(now, before))
        }
        (now, before) => now == before,
    }
}

#[test]
fn schemas_are_frozen() {
    for described in ALL {
        let path = file("schemas", described.event_type);
        let now = serde_json::to_value((described.schema)()).unwrap();
        if !path.exists() && std::env::var_os("ESTRADE_WRITE_CONTRACT").is_some() {
            fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&now).unwrap())).unwrap();
        }
        let frozen = fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{}: {error}; write it with ESTRADE_WRITE_CONTRACT=1", path.display())
        });
        let frozen: Value = serde_json::from_str(&frozen).unwrap();
        assert_eq!(
            required(&frozen),
            required(&now),
            "{}: what is required changed: make a .v2",
            described.event_type
        );
        assert!(
            keeps_properties(&now, &frozen),
            "{}: a property is gone or changed: make a .v2",
            described.event_type
        );
    }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn keeps_properties(now: &Value, frozen: &Value) -> bool {
    let Some(properties) = frozen["properties"].as_object() else {
        return true;
    };
    properties.iter().all(|(name, schema)| now["properties"].get(name) == Some(schema))
}

#[test]
fn there_is_no_file_without_an_event_and_no_name_twice() {
    let types: BTreeSet<&str> = ALL.iter().map(|described| described.event_type).collect();
    assert_eq!(types.len(), ALL.len());
    for folder in ["samples", "schemas"] {
        for entry in fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(types.contains(name.trim_end_matches(".json")), "{folder}/{name} has no event");
        }
    }
}
