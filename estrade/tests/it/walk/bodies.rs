//! What is sent with each route, so that nobody is told what is missing who may not be there: for the API
//! the least that its description allows, for pages what a form of theirs must hold to be read at all.

use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::declared::Route;
use crate::showcase::{LEARNER, PASSWORD};

/// Forms with a file in them.
const UPLOADS: [&str; 7] = [
    "/enrolments",
    "/invitations/list",
    "/organisation/logo",
    "/question-bank/{course}/{quiz}/add",
    "/teaching/import",
    "/teaching/{course}/images",
    "/teaching/{course}/import",
];

const FORM: [(&str, &str); 6] = [
    ("course", "00000000-0000-0000-0000-000000000000"),
    ("form", "00000000-0000-0000-0000-000000000000"),
    ("mail", "nobody@example.org"),
    ("reason", "a walk"),
    ("to", "up"),
    ("version", "1"),
];

/// As browsers send a form with one line of text.
const PARTS: &str =
    "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nA walk\r\n--x--\r\n";

pub fn add(
    request: RequestBuilder,
    route: &Route,
    description: &Value,
    course: &str,
) -> RequestBuilder {
    let is_api = route.path.starts_with("/api/");
    let request = request.header("accept", if is_api { "application/json" } else { "text/html" });
    if route.method == "GET" {
        return request;
    }
    if is_api {
        return request.json(&least(route, description, course));
    }
    if UPLOADS.contains(&route.path.as_str()) {
        return request.header("content-type", "multipart/form-data; boundary=x").body(PARTS);
    }
    request.form(&FORM)
}

fn least(route: &Route, description: &Value, course: &str) -> Value {
    if route.path == "/api/v1/tokens" {
        return json!({ "mail": LEARNER, "password": PASSWORD });
    }
    let operation = &description["paths"][&route.path][route.method.to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut body = value(schema, description);
    // Whose course it is decides who may. What is no role is refused before anybody is; the learner has
    // this one, and no other.
    for (field, known) in [("course", json!(course)), ("roles", json!(["learner"]))] {
        if let Some(named) = body.get_mut(field) {
            *named = known;
        }
    }
    body
}

/// The least that a schema allows.
fn value(schema: &Value, description: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = description.pointer(reference.trim_start_matches('#'));
        return value(named.unwrap_or(&Value::Null), description);
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|choices| choices.first()) {
            return value(first, description);
        }
    }
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match (kind, schema["format"].as_str()) {
        (Some("string"), Some("uuid")) => json!(Uuid::nil()),
        (Some("string"), _) => json!("1"),
        (Some("integer" | "number"), _) => json!(1),
        (Some("boolean"), _) => json!(false),
        (Some("array"), _) => json!([value(&schema["items"], description)]),
        _ => object(schema, description),
    }
}

fn object(schema: &Value, description: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let field = |name: &str| (name.to_owned(), value(&schema["properties"][name], description));
    Value::Object(required.map(field).collect::<Map<_, _>>())
}
