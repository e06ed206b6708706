//! The administrator's part: the organisation gets another name while everybody is at work. Writing the
//! same twice changes nothing.

use serde_json::Value;

use crate::demo::client::Client;

const PATH: &str = "/api/v1/organisation";

/// Names it after this run.
pub(super) async fn rename(administrator: &Client, run: &str) -> anyhow::Result<()> {
    let mut organisation = administrator.get(PATH).await?;
    organisation["name"] = Value::from(format!("Estrade {run}"));
    administrator.put(PATH, &organisation).await?;
    Ok(())
}
