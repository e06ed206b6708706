//! A learner asks for all that is kept of them, which gives every service something to write. Asking
//! twice may make a second archive, so each look comes before the question.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use super::PATIENCE;
use crate::demo::{
    account::{Account, Fact},
    client::Client,
};

const PATH: &str = "/api/v1/me/export";
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Asks until it is under way, and looks until it is ready.
pub(super) async fn ask(client: &Client, mail: String, account: &Account) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut last = "nobody answered".to_owned();
    while begun.elapsed() < PATIENCE {
        match client.find(PATH).await? {
            Some(export) if export["state"] == "ready" => {
                let export = export["id"].as_str().context("an export without an id")?.to_owned();
                client.waited_for_others(begun);
                account.note(Fact::Exported { mail, export });
                return Ok(());
            }
            Some(export) if export["state"] == "failed" => bail!("the export of {mail} failed"),
            Some(export) => last = export.to_string(),
            None => {
                if let Err(error) = client.post_now(PATH, &json!({})).await {
                    last = format!("{error:#}");
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    bail!("the export of {mail} is not ready after {PATIENCE:?}: {last}")
}
