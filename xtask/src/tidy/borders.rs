//! Who may know whom: the crates of this workspace, and the libraries that some of them must not see.

use std::fs;

use anyhow::{Context, Result};

use super::Finding;
use crate::repository::{Dependency, Package, Repository};

/// A crate's place in the design.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Binary,
    Service,
    Rabbit,
    Bus,
    Contract,
    Ui,
    Event,
    Nodes,
    Task,
    Bench,
}

use Place::{Bench, Binary, Bus, Contract, Event, Nodes, Rabbit, Service, Task, Ui};

/// What each place may depend on.
const MAY_KNOW: [(Place, &[Place]); 10] = [
    (Binary, &[Service, Rabbit, Bus, Ui, Contract, Event]),
    (Service, &[Contract, Bus, Ui, Event]),
    (Rabbit, &[Bus, Event]),
    (Bus, &[Event]),
    (Contract, &[Event]),
    (Ui, &[Event]),
    (Event, &[]),
    (Nodes, &[]),
    (Task, &[Nodes, Contract, Event]),
    (Bench, &[Service, Rabbit, Bus, Contract, Event]),
];

/// What the tests of any crate may depend on besides: the conformance suite and the private nodes.
const TESTS_MAY_KNOW: [Place; 2] = [Bus, Nodes];

pub fn check(repository: &Repository) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in &repository.packages {
        let path =
            package.manifest_path.strip_prefix(&repository.root).unwrap_or(&package.manifest_path);
        let text = fs::read_to_string(&package.manifest_path)
            .with_context(|| format!("cannot read {}", package.manifest_path.display()))?;
        findings.extend(check_package(package, &path.to_string_lossy(), &text));
    }
    Ok(findings)
}

fn check_package(package: &Package, path: &str, manifest: &str) -> Vec<Finding> {
    let Some(place) = place(&package.name, path) else {
        let wrong = format!("the crate {} has no place in the design", package.name);
        return vec![Finding::new(
            path,
            1,
            wrong,
            "give it one in xtask/src/tidy/borders.rs and ARCHITECTURE.md",
        )];
    };
    package
        .dependencies
        .iter()
        .filter_map(|dependency| {
            let (wrong, remedy) = wrong_dependency(place, dependency)?;
            let wrong = format!("{} {wrong}", package.name);
            Some(Finding::new(path, line_of(manifest, &dependency.name), wrong, remedy))
        })
        .collect()
}

fn place(name: &str, manifest: &str) -> Option<Place> {
    if manifest.starts_with("services/") {
        return Some(Service);
    }
    Some(match name {
        "estrade" => Binary,
        "bus-rabbitmq" => Rabbit,
        "bus" => Bus,
        "contract" => Contract,
        "ui" => Ui,
        "event" => Event,
        "private-nodes" => Nodes,
        "xtask" => Task,
        "bench" => Bench,
        _ => return None,
    })
}

fn wrong_dependency(place: Place, dependency: &Dependency) -> Option<(String, &'static str)> {
    let name = &dependency.name;
    let for_tests = dependency.kind.as_deref() == Some("dev");
    let Some(path) = &dependency.path else {
        return wrong_library(place, name, for_tests);
    };
    let is_service = path.parent().is_some_and(|folder| folder.ends_with("services"));
    let other = if is_service { Some(Service) } else { self::place(name, "") };
    let allowed = MAY_KNOW.iter().find(|(from, _)| *from == place).map_or(&[][..], |(_, to)| to);
    let known = other.is_some_and(|other| {
        allowed.contains(&other) || for_tests && TESTS_MAY_KNOW.contains(&other)
    });
    let remedy = match (place, other) {
        (Service, Some(Service)) => "keep a copy of what it needs, fed by the other's events",
        (Bus, Some(Contract)) => "the bus knows no event by name: let the service bring the type",
        (_, Some(Nodes)) => "private nodes are for tests: move it to [dev-dependencies]",
        _ => "move the code to where it may be known (ARCHITECTURE.md, who may know whom)",
    };
    (!known).then(|| (format!("must not depend on {name}"), remedy))
}

fn wrong_library(place: Place, name: &str, for_tests: bool) -> Option<(String, &'static str)> {
    let is_sql = name.starts_with("sea-orm") || name.starts_with("sqlx");
    let remedy = match name {
        "lapin" if place != Rabbit && place != Bench => {
            "AMQP stays in bus-rabbitmq: use the bus's transport"
        }
        _ if is_sql && matches!(place, Contract | Event | Ui | Rabbit) => {
            "SQL belongs to the bus and to the services' stores"
        }
        "tokio" if matches!(place, Contract | Event) && !for_tests => {
            "events are plain data: move what runs elsewhere"
        }
        _ => return None,
    };
    Some((format!("must not depend on {name}"), remedy))
}

/// The line where a manifest names a dependency, or the first.
fn line_of(manifest: &str, name: &str) -> usize {
    let names_it = |line: &str| {
        let rest = line.trim_start().trim_start_matches('"').strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(['.', '=']))
    };
    manifest.lines().position(names_it).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, kind: Option<&str>, path: Option<&str>) -> Dependency {
        Dependency {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
            path: path.map(Into::into),
        }
    }

    fn findings(package: &str, path: &str, dependency: Dependency) -> Vec<String> {
        let manifest = format!(
            "[package]\n\n[dependencies]\nserde.workspace = true\n{}.workspace = true\n",
            dependency.name
        );
        let package = Package {
            name: package.into(),
            manifest_path: path.into(),
            dependencies: vec![dependency],
        };
        check_package(&package, path, &manifest).iter().map(ToString::to_string).collect()
    }

    fn inside(name: &str) -> Dependency {
        let folder = if ["catalog", "learning"].contains(&name) { "services" } else { "crates" };
        dependency(name, None, Some(&format!("/repository/{folder}/{name}")))
    }

    #[test]
    fn a_service_does_not_know_another() {
        let found = findings("catalog", "services/catalog/Cargo.toml", inside("learning"));
        let expected = "services/catalog/Cargo.toml:5: catalog must not depend on learning: \
                        keep a copy of what it needs, fed by the other's events";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn knowledge_goes_one_way() {
        for (from, path, to) in [
            ("estrade", "estrade/Cargo.toml", "catalog"),
            ("estrade", "estrade/Cargo.toml", "bus-rabbitmq"),
            ("catalog", "services/catalog/Cargo.toml", "contract"),
            ("bus-rabbitmq", "crates/bus-rabbitmq/Cargo.toml", "bus"),
            ("contract", "crates/contract/Cargo.toml", "event"),
            ("xtask", "xtask/Cargo.toml", "private-nodes"),
        ] {
            assert!(findings(from, path, inside(to)).is_empty(), "{from} may know {to}");
        }
        for (from, path, to) in [
            ("catalog", "services/catalog/Cargo.toml", "bus-rabbitmq"),
            ("bus", "crates/bus/Cargo.toml", "contract"),
            ("bus", "crates/bus/Cargo.toml", "catalog"),
            ("contract", "crates/contract/Cargo.toml", "bus"),
            ("event", "crates/event/Cargo.toml", "contract"),
            ("ui", "crates/ui/Cargo.toml", "bus"),
            ("xtask", "xtask/Cargo.toml", "catalog"),
            ("bus", "crates/bus/Cargo.toml", "private-nodes"),
        ] {
            assert_eq!(findings(from, path, inside(to)).len(), 1, "{from} must not know {to}");
        }
    }

    #[test]
    fn tests_may_use_the_conformance_suite_and_the_private_nodes() {
        for name in ["bus", "private-nodes"] {
            let path = format!("/repository/crates/{name}");
            assert!(
                findings("ui", "crates/ui/Cargo.toml", dependency(name, Some("dev"), Some(&path)))
                    .is_empty()
            );
        }
        let other = dependency("learning", Some("dev"), Some("/repository/services/learning"));
        assert_eq!(findings("catalog", "services/catalog/Cargo.toml", other).len(), 1);
    }

    #[test]
    fn some_libraries_stay_where_they_belong() {
        let library = |name| dependency(name, None, None);
        assert_eq!(findings("estrade", "estrade/Cargo.toml", library("lapin")).len(), 1);
        assert!(
            findings("bus-rabbitmq", "crates/bus-rabbitmq/Cargo.toml", library("lapin")).is_empty()
        );
        for name in ["tokio", "sea-orm", "sqlx"] {
            assert_eq!(
                findings("contract", "crates/contract/Cargo.toml", library(name)).len(),
                1,
                "{name}"
            );
            assert!(findings("bus", "crates/bus/Cargo.toml", library(name)).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_crate_without_a_place_is_a_finding() {
        assert_eq!(findings("common", "crates/common/Cargo.toml", inside("event")).len(), 1);
    }
}
