//! The platform that all scripts share: the demo's course and cohort, and a person of every role.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::node;
use crate::{
    house::{Person, Served, data, estrade, succeed},
    walk::declared,
};

/// Everybody's in the demo.
pub const PASSWORD: &str = "estrade-demo-2026";
pub const ADMINISTRATOR: &str = "administrator@example.org";
pub const INSTRUCTOR: &str = "instructor@example.org";
/// The first two of the cohort that follows from seed 1: a French and an English one, who pass.
pub const LEARNER: &str = "learner-0-1@example.org";
pub const ENGLISH: &str = "learner-1-1@example.org";
pub const OPERATOR: &str = "operator@example.org";
const LEARNERS: &str = "8";

pub struct Stage {
    served: Served,
    data: PathBuf,
    pub log: PathBuf,
    _folder: TempDir,
}

impl Stage {
    pub async fn set() -> Self {
        let (folder, data) = data();
        succeed(estrade(&data).args(["demo", "--exit", "--json", "--learners", LEARNERS]));
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser.log");
        let served = Served::start_with(&data, &[], |command| {
            command.stderr(File::create(&log).unwrap());
        });
        add_operator(&served.address).await;
        Self { served, data, log, _folder: folder }
    }

    /// What the scripts know of it: `stage` in `tests/browser/tools.mjs`.
    pub fn description(&self) -> Value {
        let screens = std::env::var("ESTRADE_SCREENS")
            .unwrap_or_else(|_| concat!(env!("CARGO_TARGET_TMPDIR"), "/screens").to_owned());
        let patterns: Vec<String> = declared::pages().into_iter().map(|page| page.path).collect();
        json!({
            "address": self.served.address,
            "modules": node::modules(),
            "chromium": node::CHROMIUM,
            "password": PASSWORD,
            "people": {
                "administrator": ADMINISTRATOR, "instructor": INSTRUCTOR,
                "learner": LEARNER, "english": ENGLISH, "operator": OPERATOR,
            },
            "patterns": patterns,
            "mails": self.data.join("mail"),
            "screens": screens,
        })
    }
}

async fn add_operator(address: &str) {
    let sign_in = async |mail: &str| -> Person {
        let mut person = Person::nobody(address);
        let body = json!({ "mail": mail, "password": PASSWORD });
        let (status, answer) = person.call("POST", "/api/v1/tokens", Some(&body)).await;
        assert_eq!(status, 200, "{answer}");
        person.token = answer["token"].as_str().map(str::to_owned);
        person
    };
    let body = json!({
        "name": "Oona O’Neill", "mail": OPERATOR, "password": PASSWORD,
        "language": "en", "time_zone": "Europe/Dublin",
    });
    let nobody = Person::nobody(address);
    let (status, answer) = nobody.call("POST", "/api/v1/people", Some(&body)).await;
    assert!(status < 300, "{status}: {answer}");
    let (_, me) = sign_in(OPERATOR).await.call("GET", "/api/v1/me", None).await;
    let path = format!("/api/v1/people/{}/roles", me["id"].as_str().unwrap());
    let roles = json!({ "roles": ["learner", "operator"] });
    let (status, answer) = sign_in(ADMINISTRATOR).await.call("PUT", &path, Some(&roles)).await;
    assert!(status < 300, "{status}: {answer}");
}
