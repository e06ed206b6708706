//! Released events are promises: their schemas and samples are files that never change, and every
//! sample still reads with today's types. A new event's files are written with
//! `ESTRADE_WRITE_CONTRACT=1 cargo test -p contract`; what is written already is never overwritten.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use contract::{ALL, Described, OWN};
use serde_json::{Map, Value};

fn file(folder: &str, event_type: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{event_type}.json"))
}

#[test]
fn every_frozen_sample_reads_with_todays_types_and_loses_nothing() {
    for described in promised() {
        let path = file("samples", described.event_type);
        let sample = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; write one", path.display()));
        assert_eq!(sample, described.sample, "{} has another's sample", described.event_type);
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
    for described in promised() {
        let path = file("schemas", described.event_type);
        let now = serde_json::to_value((described.schema)()).unwrap();
        if !path.exists() && std::env::var_os("ESTRADE_WRITE_CONTRACT").is_some() {
            fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&now).unwrap())).unwrap();
        }
        let frozen = fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("{}: {error}; write it with ESTRADE_WRITE_CONTRACT=1", path.display())
        });
        let frozen: Value = serde_json::from_str(&frozen).unwrap();
        if let Err(broken) = keeps(&opened(now), &opened(frozen)) {
            panic!("{}{broken}: make a .v2", described.event_type);
        }
    }
}

/// A schema that is but another's name with a sentence of its own, as what it names: the same promise.
fn opened(mut schema: Value) -> Value {
    let named = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/"));
    let Some(Value::Object(inner)) = named.map(|name| schema["$defs"][name].clone()) else {
        return schema;
    };
    let outer = schema.as_object_mut().unwrap();
    outer.remove("$ref");
    outer.extend(inner);
    schema
}

/// The promise: every schema that was there is there, types within types too, with the same fields
/// wanted. What may come is an optional field, and a type for it; what a field means may be put better.
fn keeps(now: &Value, frozen: &Value) -> Result<(), String> {
    let (Value::Object(now), Value::Object(frozen)) = (now, frozen) else {
        return if now == frozen { Ok(()) } else { Err(format!(": {frozen} became {now}")) };
    };
    if names(now, "required") != names(frozen, "required") {
        return Err(": what is required changed".to_owned());
    }
    for (keyword, frozen) in frozen.iter().filter(|(keyword, _)| !is_free(keyword)) {
        let now = now.get(keyword).ok_or(format!(": {keyword} is gone"))?;
        match (keyword.as_str(), now, frozen) {
            ("properties" | "$defs", Value::Object(now), Value::Object(frozen)) => {
                keeps_each(now, frozen)?;
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(now), Value::Array(frozen)) => {
                if now.len() != frozen.len() {
                    return Err(format!(": {keyword} has another number of choices"));
                }
                for (now, frozen) in now.iter().zip(frozen) {
                    keeps(now, frozen)?;
                }
            }
            _ => keeps(now, frozen).map_err(|broken| format!(" {keyword}{broken}"))?,
        }
    }
    match now.keys().find(|keyword| !is_free(keyword) && !frozen.contains_key(*keyword)) {
        Some(keyword) if keyword != "$defs" => Err(format!(": {keyword} is new")),
        _ => Ok(()),
    }
}

fn keeps_each(now: &Map<String, Value>, frozen: &Map<String, Value>) -> Result<(), String> {
    for (name, frozen) in frozen {
        let now = now.get(name).ok_or(format!(" {name}: it is gone"))?;
        keeps(now, frozen).map_err(|broken| format!(" {name}{broken}"))?;
    }
    Ok(())
}

/// What is said for people alone, and what is compared by itself.
fn is_free(keyword: &str) -> bool {
    ["description", "title", "required"].contains(&keyword)
}

fn names(schema: &Map<String, Value>, keyword: &str) -> BTreeSet<String> {
    let names = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

#[test]
fn what_breaks_a_promise_is_seen_however_deep() {
    let schema = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let frozen = schema(
        r##"{"properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"],
             "$defs": {"A": {"properties": {"b": {"type": "string"}}, "type": "object"},
                       "E": {"enum": ["x", "y"]}}}"##,
    );
    assert_eq!(keeps(&frozen, &frozen), Ok(()));
    let changed = |from: &str, to: &str| schema(&frozen.to_string().replace(from, to));
    let optional = changed(r#""b":{"#, r#""new":{"type":"string"},"b":{"description":"it","#);
    assert_eq!(keeps(&optional, &frozen), Ok(()));
    for (from, to) in [
        (r#""b":{"#, r#""c":{"#),
        (r#"{"type":"string"}"#, r#"{"type":"integer"}"#),
        (r#"{"type":"string"}"#, r#"{"type":"string","maxLength":3}"#),
        (r#"["a"]"#, "[]"),
        (r#"["x","y"]"#, r#"["x"]"#),
    ] {
        assert!(keeps(&changed(from, to), &frozen).is_err(), "{from} became {to}");
    }
}

#[test]
fn there_is_no_file_without_an_event_and_no_name_twice() {
    let types = types();
    assert_eq!(types.len(), promised().count());
    for folder in ["samples", "schemas"] {
        for entry in fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(types.contains(name.trim_end_matches(".json")), "{folder}/{name} has no event");
        }
    }
}

/// Whatever has the name of an event in this crate's source is in a registry: nothing is promised and
/// forgotten here.
#[test]
fn no_event_is_missing_from_the_registry() {
    let types = types();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let source = fs::read_to_string(&path).unwrap();
        for literal in source.split('"').skip(1).step_by(2).filter(|text| is_event_type(text)) {
            assert!(types.contains(literal), "{}: {literal} is in no registry", path.display());
        }
    }
}

fn types() -> BTreeSet<&'static str> {
    promised().map(|described| described.event_type).collect()
}

/// To others, and by a service to itself: what waits in a queue is read by the release after.
fn promised() -> impl Iterator<Item = &'static Described> {
    ALL.iter().chain(OWN)
}

/// `catalog.course-updated.v1`.
fn is_event_type(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_word = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
    };
    let is_version =
        |part: &str| part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    matches!(parts[..], [owner, name, version] if is_word(owner) && is_word(name) && is_version(version))
}
