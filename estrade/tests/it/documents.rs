//! The contract as others meet it: the committed documents are what the code says, the AsyncAPI
//! document is one, every sample fits its schema.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    house::{data, estrade, repository, succeed},
    python,
};

fn printed(form: &str) -> String {
    let (_folder, data) = data();
    succeed(estrade(&data).args(["events", form]))
}

fn asyncapi() -> Value {
    serde_json::from_str(&printed("--asyncapi")).unwrap()
}

#[test]
fn the_committed_documents_are_not_stale() {
    for (form, file) in [("--asyncapi", "docs/asyncapi.json"), ("--markdown", "docs/events.md")] {
        let committed = fs::read_to_string(repository().join(file)).unwrap_or_default();
        assert!(committed == printed(form), "{file} is stale: run `cargo xtask events`");
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_channel_is_empty() {
    let document = asyncapi();
    let mut references = 0;
    each_reference(&document, &mut |reference| {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        references += 1;
    });
    assert!(references > 100, "{references}");
    let of = |member: &str| document[member].as_object().unwrap().clone();
    for (name, channel) in of("channels") {
        assert!(!channel["messages"].as_object().unwrap().is_empty(), "{name} carries nothing");
    }
    for (name, operation) in of("operations") {
        assert!(!operation["messages"].as_array().unwrap().is_empty(), "{name} does nothing");
    }
    for described in contract::ALL {
        let name = described.event_type;
        let owner = name.split('.').next().unwrap();
        let sends = format!("{owner}.sends.{name}");
        assert!(
            document["operations"][&sends].is_object(),
            "{owner} does not say that it sends {name}"
        );
        assert_eq!(document["channels"][name]["address"], name);
    }
}

/// An event that a service made up for itself, and did not even declare, would be in no registry.
#[test]
fn no_service_defines_an_event_of_its_own() {
    let mut looked_at = 0;
    each_source(&repository().join("services"), &mut |path, source| {
        for way in ["event::named!", "const TYPE: &'static str", "Event for "] {
            let defines = source.contains(way);
            assert!(!defines, "{}: {way} belongs into crates/contract", path.display());
        }
        looked_at += 1;
    });
    assert!(looked_at > 100, "{looked_at}");
}

fn each_source(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_source(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

fn each_reference(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                visit(reference);
            }
            map.values().for_each(|value| each_reference(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|value| each_reference(value, visit)),
        _ => {}
    }
}

/// By the schema that the AsyncAPI initiative publishes, and by a library that we did not write.
#[test]
fn the_document_is_asyncapi_and_every_sample_fits_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("asyncapi.json");
    fs::write(&document, printed("--asyncapi")).unwrap();
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests-data/asyncapi");
    let mut check = python::command();
    check.arg(tests.join("check.py")).arg(tests.join("3.0.0.json")).arg(&document);
    let said = succeed(&mut check);
    assert!(said.contains(&format!("{} samples fit", contract::ALL.len())), "{said}");
}
