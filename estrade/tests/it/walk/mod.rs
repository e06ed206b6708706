//! Who may do what: the whole table of routes is walked as nobody, as a learner, as another learner, as an
//! instructor, as the instructor of another course, as an operator and as an administrator, and each answer
//! is held against the table in `expected.txt`. A route that the table lacks is a failure, and so is a line
//! whose route is gone.
//!
//! Whoever is let in may well be told that something is missing. What was let in and what was kept out is all
//! that counts here. But of each route there must be something that somebody is let in to: where nothing is,
//! nobody is kept out either.

mod bodies;
pub mod declared;
pub mod people;
mod things;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{house::repository, showcase::Showcase};
use declared::Route;
use people::{People, VISITORS};

const EXPECTED: &str = "estrade/tests/it/walk/expected.txt";

/// Where nobody is let in, and why.
const CLOSED: [(&str, &str); 1] =
    [("/metrics", "whoever asks sends the token of the configuration, and no account has one")];

/// Last words of what ends something that other routes need: asked last.
const ENDINGS: [&str; 9] =
    ["cancel", "delete", "discard", "erase", "export", "remove", "revoke", "submit", "withdraw"];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_those_who_may_and_nobody_else() {
    let showcase = Showcase::open("walk", 4).await;
    let people = People::gather(&showcase.address, &showcase.data).await;
    let routes = people.routes();
    let expected = expected();
    let mut wrong = differences(&routes, &expected);
    wrong.extend(closed(&expected));
    let mut seen = String::new();
    for route in in_order(&routes) {
        let wanted = expected.get(&route);
        let answers = people.ask(&route, wanted).await;
        seen += &line(&route, &answers);
        if wanted.is_some_and(|wanted| *wanted != answers) {
            wrong.push(format!("it is     {}", line(&route, &answers).trim_end()));
            wrong.push(format!("should be {}", line(&route, &expected[&route]).trim_end()));
        }
    }
    // To look at a table that is to be written anew.
    let place = concat!(env!("CARGO_TARGET_TMPDIR"), "/walked.txt");
    fs::write(place, seen).unwrap();
    assert!(wrong.is_empty(), "what was seen is in {place}\n{}", wrong.join("\n"));
}

pub type Table = BTreeMap<Route, Vec<String>>;

/// The table as it stands in its file.
pub fn expected() -> Table {
    let text = fs::read_to_string(repository().join(EXPECTED)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let answers: Vec<String> = words.collect();
            assert_eq!(answers.len(), VISITORS.len(), "{line}");
            (Route { path, method }, answers)
        })
        .collect()
}

/// First what leaves things as they are, then what ends them, and whoever asks at the very last.
fn in_order(routes: &BTreeSet<Route>) -> Vec<Route> {
    let mut routes: Vec<Route> = routes.iter().cloned().collect();
    routes.sort_by_key(|route| {
        let last = route.path.rsplit('/').next().unwrap_or_default();
        let ends = route.method == "DELETE" || (route.method == "POST" && ENDINGS.contains(&last));
        let erases = route.path.ends_with("/erase");
        let is_own = route.path == "/api/v1/me" && route.method == "DELETE";
        let withdraws = last == "withdraw" && route.path.contains("{course}");
        (is_own, ends && erases, ends && withdraws, ends)
    });
    routes
}

fn differences(routes: &BTreeSet<Route>, expected: &Table) -> Vec<String> {
    let missing = routes.iter().filter(|route| !expected.contains_key(route));
    let gone = expected.keys().filter(|route| !routes.contains(route));
    missing
        .map(|route| format!("the table lacks {} {}", route.method, route.path))
        .chain(gone.map(|route| format!("nothing is at {} {}", route.method, route.path)))
        .collect()
}

/// Rows that let nobody in, and so would be the same if there were nothing to ask for.
fn closed(expected: &Table) -> Vec<String> {
    let told = |(route, answers): (&Route, &Vec<String>)| {
        let is_open = answers.iter().any(|answer| answer == "in");
        let is_known = CLOSED.iter().any(|(path, _)| *path == route.path);
        let Route { method, path } = route;
        match (is_open, is_known) {
            (false, false) => Some(format!(
                "nobody is let in at {method} {path}: make something to ask for in things.rs"
            )),
            (true, true) => Some(format!("somebody is let in at {method} {path}, unlike `CLOSED`")),
            _ => None,
        }
    };
    expected.iter().filter_map(told).collect()
}

fn line(route: &Route, answers: &[String]) -> String {
    let answers: Vec<String> = answers.iter().map(|answer| format!("{answer:<4}")).collect();
    format!("{:<6} {:<60} {}\n", route.method, route.path, answers.join(" ").trim_end())
}

#[test]
fn a_row_that_lets_nobody_in_is_found() {
    let row = |path: &str, answers: [&str; 2]| {
        let route = Route { path: path.to_owned(), method: "GET".to_owned() };
        (route, answers.map(str::to_owned).to_vec())
    };
    let open = row("/open", ["sign", "in"]);
    let found = closed(&Table::from([open, row("/shut", ["sign", "none"])]));
    assert!(found.len() == 1 && found[0].contains("/shut"), "{found:?}");
    assert!(closed(&Table::from([row("/metrics", ["none", "none"])])).is_empty());
    assert_eq!(closed(&Table::from([row("/metrics", ["none", "in"])])).len(), 1);
}
