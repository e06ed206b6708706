//! What the scripts know of the platform: `stage` in `tests/browser/tools.mjs`.

use serde_json::{Value, json};

use super::node;
use crate::{
    showcase::{ADMINISTRATOR, INSTRUCTOR, LEARNER, OPERATOR, PASSWORD, Showcase},
    walk::declared,
};

pub fn description(showcase: &Showcase) -> Value {
    let screens = std::env::var("ESTRADE_SCREENS")
        .unwrap_or_else(|_| concat!(env!("CARGO_TARGET_TMPDIR"), "/screens").to_owned());
    let patterns: Vec<String> = declared::pages().into_iter().map(|page| page.path).collect();
    json!({
        "address": showcase.address,
        "modules": node::modules(),
        "chromium": node::CHROMIUM,
        "password": PASSWORD,
        "people": {
            "administrator": ADMINISTRATOR, "instructor": INSTRUCTOR,
            "learner": LEARNER, "operator": OPERATOR,
        },
        "patterns": patterns,
        "mails": showcase.data.join("mail"),
        "screens": screens,
    })
}
