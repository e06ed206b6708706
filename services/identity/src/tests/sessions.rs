//! What ends sessions before their time, and what is told of it.

use bus::{Clock, values};
use chrono::{DateTime, Utc};
use serde_json::from_value;
use ui::Session;

use super::Outside;

const ENDED: &str = "identity.sessions-ended.v1";
const LED_AWAY: &str = "/sign-in?next=/account";

async fn ended(outside: &Outside) -> usize {
    let told = outside.scene.published().await;
    told.iter().filter(|envelope| envelope.event_type == ENDED).count()
}

#[tokio::test]
async fn other_roles_end_sessions_and_another_name_does_not() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let person = outside.register("anh@example.org").await.json()["id"].clone();
    let before = outside.cookie("anh@example.org").await;
    let path = format!("/people/{}", person.as_str().unwrap());
    outside.post(&path, &root, "name=Anh&roles=learner&language=en").await;
    assert_eq!(ended(&outside).await, 0);
    assert_eq!(outside.page("/account", &before).await.status, 200);

    outside.post(&path, &root, "name=Anh&roles=instructor&language=en").await;
    assert_eq!((ended(&outside).await, &outside.last(ENDED).await["person"]), (1, &person));
    assert_eq!(outside.page("/account", &before).await.location(), LED_AWAY);
    let after = outside.cookie("anh@example.org").await;
    assert_eq!(outside.page("/account", &after).await.status, 200);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_that_which_begins_with_it() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let (here, elsewhere) =
        (outside.cookie("anh@example.org").await, outside.cookie("anh@example.org").await);
    let form = "present_password=correct+horse&password=another+horse";
    let changed = outside.post("/account/password", &here, form).await;
    let fresh = changed.cookie(Session::COOKIE).unwrap();
    let fresh = fresh.split(';').next().unwrap();
    for over in [&here, &elsewhere] {
        assert_eq!(outside.page("/account", over).await.location(), LED_AWAY);
        let page = outside.page("/sign-in", over).await.text;
        assert!(!page.contains("/sign-out"), "nobody is signed in: {page}");
    }
    assert_eq!(outside.page("/account", fresh).await.status, 200);

    let since: DateTime<Utc> = from_value(outside.last(ENDED).await["since"].clone()).unwrap();
    let (_, sealed) = fresh.split_once('=').unwrap();
    let session = Session::open(outside.ui.key(), sealed, Utc::now()).unwrap();
    assert!(session.expires - Session::LASTS >= since, "elsewhere too it goes on");
}

#[tokio::test]
async fn erasing_ends_sessions_everywhere() {
    let outside = Outside::new().await;
    let root = outside.administrator().await;
    let person = outside.register("anh@example.org").await.json()["id"].clone();
    let path = format!("/people/{}/erase", person.as_str().unwrap());
    outside.post(&path, &root, "").await;
    let (told, erased) =
        (outside.last(ENDED).await, outside.last("identity.person-erased.v1").await);
    assert_eq!((&told["person"], &told["since"]), (&person, &erased["erased_at"]));
}

/// An earlier release kept it with the person.
#[tokio::test]
async fn what_was_ended_before_an_update_is_over_after_it() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let before = outside.cookie("anh@example.org").await;
    let mut tx = outside.scene.db.begin().await.unwrap();
    for (sql, values) in [
        ("update person set sessions_from = $1", values![Clock::System.now()]),
        ("delete from bus_migration where name = '0011-sessions'", values![]),
    ] {
        tx.execute(sql, values).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(outside.page("/account", &before).await.status, 200);
    let updated = outside.scene.open_again().await;
    assert_eq!(outside.page("/account", &before).await.location(), LED_AWAY);
    updated.close().await;
}
