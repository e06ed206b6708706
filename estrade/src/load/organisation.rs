//! The administrator's part: the organisation gets another name while everybody is at work. Writing the
//! same twice changes nothing.

use serde_json::Value;

use crate::demo::{
    account::{Account, Bearer, Fact},
    client::Client,
};

const PATH: &str = "/api/v1/organisation";

/// Names it after this run.
pub(super) async fn rename(
    administrator: &Client,
    run: &str,
    account: &Account,
) -> anyhow::Result<()> {
    let name = format!("Estrade {run}");
    let mut organisation = administrator.get(PATH).await?;
    organisation["name"] = Value::from(name.clone());
    account.note(Fact::NameAsked { of: Bearer::Organisation, name: name.clone() });
    administrator.put(PATH, &organisation).await?;
    account.note(Fact::Named { of: Bearer::Organisation, name });
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{Json, Router, http::StatusCode, routing::get};
    use serde_json::json;

    use super::*;

    /// What is noted where the change is answered with this.
    async fn noted(answer: StatusCode) -> Vec<Fact> {
        let shown = || async { Json(json!({ "name": "Estrade" })) };
        let platform = Router::new().route(PATH, get(shown).put(move || async move { answer }));
        let (client, account) = (Client::before(platform).await.unwrap(), Account::default());
        let outcome = rename(&client, "7", &account).await;
        assert_eq!(outcome.is_ok(), answer.is_success());
        account.facts()
    }

    #[tokio::test]
    async fn a_name_that_was_refused_was_asked_for_and_no_more() {
        let (of, name) = (Bearer::Organisation, "Estrade 7".to_owned());
        let asked = Fact::NameAsked { of: of.clone(), name: name.clone() };
        let named = Fact::Named { of, name };
        assert_eq!(noted(StatusCode::UNPROCESSABLE_ENTITY).await, std::slice::from_ref(&asked));
        assert_eq!(noted(StatusCode::OK).await, [asked, named]);
    }
}
