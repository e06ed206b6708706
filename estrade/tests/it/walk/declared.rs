//! Which routes the code declares: the pages by reading the source, since a router gives no list, and
//! the API by the description that it serves. What cannot be read is a failure, so that no route is
//! missed in silence.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{house::repository, outside::operations};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Where routes may be declared.
const SOURCES: [&str; 3] = ["services", "crates/ui/src", "estrade/src"];

/// Ways to add a route which the reader of sources does not follow; each use of them is named here.
const OTHER_WAYS: [(&str, &[&str]); 3] = [
    (".nest(", &["estrade/src/operations/api.rs"]),
    (".route_service(", &[]),
    (".nest_service(", &[]),
];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub path: String,
    /// In capital letters.
    pub method: String,
}

/// Answers to GET that are no pages: streams, numbers, pictures, archives, files whose address does not say
/// it by a dot. Health and metrics are for machines.
const NOT_PAGES: [&str; 9] = [
    "/account/data/export/{id}",
    "/courses/{course}/images/{image}",
    "/enrolments/{upload}/refused",
    "/health/live",
    "/health/ready",
    "/inbox/unread",
    "/metrics",
    "/organisation/logo",
    "/roster/{course}/download",
];

/// What people are shown, by GET as HTML.
pub fn pages() -> Vec<Route> {
    let is_page = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_file = name.contains('.') || name == "{file}";
        !is_file && name != "live" && name != "moves" && !NOT_PAGES.contains(&path)
    };
    in_source().into_iter().filter(|route| route.method == "GET" && is_page(&route.path)).collect()
}

/// Every route that the sources declare outside the API.
pub fn in_source() -> BTreeSet<Route> {
    let mut files = Vec::new();
    for folder in SOURCES {
        rust_files(&repository().join(folder), &mut files);
    }
    let mut routes = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        // Tests stand at the end, and declare routes of their own.
        let code = text.split("#[cfg(test)]").next().unwrap();
        let name = file.strip_prefix(repository()).unwrap().display().to_string();
        no_other_way(&name, code);
        routes.extend(read(&name, code));
    }
    routes
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != "tests" {
            rust_files(&path, into);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

fn no_other_way(file: &str, code: &str) {
    for (way, allowed) in OTHER_WAYS {
        assert!(
            !code.contains(way) || allowed.contains(&file),
            "{file} uses {way}: declare routes by .route(\"/whole/path\", …), which tests can read"
        );
    }
}

/// The `.route("…", get(…).post(…))` of a file.
fn read(file: &str, code: &str) -> Vec<Route> {
    let mut routes = Vec::new();
    for part in code.split(".route(").skip(1) {
        let call = inside(part);
        // `SCRIPT.route()`: the style, the scripts and the icons, whose addresses hold their hashes.
        if call.is_empty() {
            continue;
        }
        let Some((path, rest)) = first_text(call) else {
            assert_eq!(file, "crates/ui/src/assets.rs", "cannot read the route {call}");
            continue;
        };
        let methods = methods(rest);
        assert!(!methods.is_empty(), "{file}: cannot read the methods of {path}: {rest}");
        routes.extend(methods.into_iter().map(|method| Route { path: path.to_owned(), method }));
    }
    routes
}

/// Up to the bracket that closes the call.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    for (at, character) in text.char_indices() {
        depth += step(character);
        if depth == 0 {
            return &text[..at];
        }
    }
    text
}

fn step(character: char) -> i32 {
    match character {
        '(' => 1,
        ')' => -1,
        _ => 0,
    }
}

fn first_text(call: &str) -> Option<(&str, &str)> {
    call.trim_start().strip_prefix('"')?.split_once('"')
}

/// The words before a bracket that stands in no other.
fn methods(call: &str) -> Vec<String> {
    let (mut depth, mut word, mut found) = (0, String::new(), Vec::new());
    for character in call.chars() {
        if character == '(' && depth == 0 && METHODS.contains(&word.as_str()) {
            found.push(word.to_uppercase());
        }
        depth += step(character);
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
        } else {
            word.clear();
        }
    }
    found
}

/// The operations of the API, from its description.
pub fn in_description(description: &Value) -> BTreeSet<Route> {
    let all = operations(description).into_iter();
    all.map(|(path, method)| Route { path, method }).collect()
}

#[test]
fn routes_are_read_from_the_source() {
    let code = r#"Router::new()
        .route("/", get(list))
        .route(
            "/a/{id}",
            get(show).post(async |State(db): State<Db>| change(db.get("x")).await),
        )
        .route("/b", axum::routing::put(give).layer(limit(get(1))))"#;
    let read: Vec<String> = read("a.rs", code)
        .into_iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(read, ["GET /", "GET /a/{id}", "POST /a/{id}", "PUT /b"]);
}
