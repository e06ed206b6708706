//! Another mail address, from asking to confirming.

use axum::http::{StatusCode, header};
use chrono::TimeDelta;
use serde_json::json;

use super::{Answer, Outside, PASSWORD, token_of};

const REQUESTED: &str = "identity.address-change-requested.v1";
const CHANGED: &str = "identity.address-changed.v1";

impl Outside {
    async fn ask_for_address(&self, cookie: &str, mail: &str, password: &str) -> Answer {
        let form = format!(
            "mail={}&present_password={}",
            mail.replace('@', "%40"),
            password.replace(' ', "+")
        );
        self.post("/account/address", cookie, &form).await
    }

    async fn confirm_address(&self, cookie: &str, link: &str) -> Answer {
        let form = format!("token={}", token_of(link));
        self.post("/account/address/confirm", cookie, &form).await
    }
}

#[tokio::test]
async fn another_address_holds_once_it_is_confirmed() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    assert!(outside.page("/account", &cookie).await.text.contains("/account/address"));
    let asked = outside.ask_for_address(&cookie, "minh@example.org", PASSWORD).await;
    assert_eq!(asked.location(), "/account/address?sent=1");
    let told = outside.last(REQUESTED).await;
    assert_eq!(told["mail"], "minh@example.org");
    assert!(outside.sign_in("minh@example.org", PASSWORD).await.status != StatusCode::OK);

    let link = outside.link(REQUESTED).await;
    let question = outside.page(&format!("{link}&lang=en"), &cookie).await;
    assert_eq!(question.status, StatusCode::OK);
    assert!(question.text.contains("minh@example.org"), "{}", question.text);
    outside.post("/forgotten-password", "", "mail=anh%40example.org").await;
    let old_way_in = outside.link("identity.password-reset-requested.v1").await;
    let confirmed = outside.confirm_address(&cookie, &link).await;
    assert_eq!(confirmed.location(), "/account?saved=address");

    let person = outside.last("identity.person-updated.v1").await;
    assert_eq!((&person["mail"], &person["version"]), (&json!("minh@example.org"), &json!(2)));
    assert_eq!(outside.last(CHANGED).await["former_mail"], "anh@example.org");
    assert_eq!(outside.sign_in("minh@example.org", PASSWORD).await.status, StatusCode::CREATED);
    assert_ne!(outside.sign_in("anh@example.org", PASSWORD).await.status, StatusCode::CREATED);
    let reset = outside.page(&old_way_in, "").await;
    assert_eq!(reset.status, StatusCode::GONE, "the old mailbox opens nothing any more");
    assert_eq!(outside.confirm_address(&cookie, &link).await.status, StatusCode::GONE);
    assert_eq!(outside.page(&link, &cookie).await.status, StatusCode::GONE);
    let again = outside.register("anh@example.org").await;
    assert_eq!(again.status, StatusCode::CREATED, "the address is free again");
}

#[tokio::test]
async fn a_link_works_for_its_person_for_an_hour_and_the_last_one_counts() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    outside.register("eve@example.org").await;
    let (anh, eve) =
        (outside.cookie("anh@example.org").await, outside.cookie("eve@example.org").await);
    outside.ask_for_address(&anh, "one@example.org", PASSWORD).await;
    let first = outside.link(REQUESTED).await;
    outside.ask_for_address(&anh, "two@example.org", PASSWORD).await;
    let second = outside.link(REQUESTED).await;
    assert_eq!(outside.confirm_address(&anh, &first).await.status, StatusCode::GONE);
    assert_eq!(outside.confirm_address(&eve, &second).await.status, StatusCode::GONE);
    assert_eq!(outside.page(&second, &eve).await.status, StatusCode::GONE);
    assert_eq!(outside.page(&second, "").await.status, StatusCode::SEE_OTHER, "sign in first");
    outside.scene.clock.advance(TimeDelta::minutes(61));
    assert_eq!(outside.confirm_address(&anh, &second).await.status, StatusCode::GONE);
    let cut = outside.page("/account/address?token=cut", &anh).await;
    assert_eq!(cut.status, StatusCode::GONE);
}

#[tokio::test]
async fn what_cannot_be_taken_is_said_beside_it() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    outside.register("eve@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    for (mail, password, said) in [
        ("nowhere", PASSWORD, "mail-error-1"),
        ("anh@example.org", PASSWORD, "mail-error-1"),
        ("eve@example.org", PASSWORD, "mail-error-1"),
        ("new@example.org", "wrong password", "present_password-error-1"),
    ] {
        let refused = outside.ask_for_address(&cookie, mail, password).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{mail}");
        assert!(refused.text.contains(said), "{mail}: {}", refused.text);
    }
    let told = outside.scene.published().await;
    assert!(told.iter().all(|envelope| envelope.event_type != REQUESTED));
}

#[tokio::test]
async fn nobody_has_mails_sent_to_many_strangers() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    outside.register("eve@example.org").await;
    let (anh, eve) =
        (outside.cookie("anh@example.org").await, outside.cookie("eve@example.org").await);
    for number in 0..10 {
        let mail = format!("stranger{number}@example.org");
        let asked = outside.ask_for_address(&eve, &mail, PASSWORD).await;
        assert_eq!(asked.location(), "/account/address?sent=1");
    }
    let limited = outside.ask_for_address(&eve, "another@example.org", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.headers.contains_key(header::RETRY_AFTER));
    let told = outside.scene.published().await;
    assert_eq!(told.iter().filter(|envelope| envelope.event_type == REQUESTED).count(), 10);
    let other = outside.ask_for_address(&anh, "minh@example.org", PASSWORD).await;
    assert_eq!(other.location(), "/account/address?sent=1", "another person still may");

    for number in 0..30 {
        let form = format!("mail=n{number}%40example.org");
        outside.post("/forgotten-password", "", &form).await;
    }
    let limited = outside.ask_for_address(&anh, "third@example.org", PASSWORD).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "so much is asked for from there");
    outside.scene.clock.advance(TimeDelta::minutes(61));
    let asked = outside.ask_for_address(&eve, "another@example.org", PASSWORD).await;
    assert_eq!(asked.location(), "/account/address?sent=1");
}

#[tokio::test]
async fn who_has_taken_the_address_meanwhile_keeps_it() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    outside.ask_for_address(&cookie, "minh@example.org", PASSWORD).await;
    let link = outside.link(REQUESTED).await;
    outside.register("minh@example.org").await;
    assert_eq!(outside.confirm_address(&cookie, &link).await.status, StatusCode::CONFLICT);
    assert_eq!(outside.sign_in("anh@example.org", PASSWORD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn erasing_forgets_both_addresses() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let cookie = outside.cookie("anh@example.org").await;
    outside.ask_for_address(&cookie, "minh@example.org", PASSWORD).await;
    let link = outside.link(REQUESTED).await;
    outside.confirm_address(&cookie, &link).await;
    outside.ask_for_address(&cookie, "third@example.org", PASSWORD).await;
    let erased =
        outside.post("/account/data/erase", &cookie, "present_password=correct+horse").await;
    assert_eq!(erased.location(), "/account/erased");
    let told = format!("{:?}", outside.scene.published().await);
    for mail in ["anh@example.org", "minh@example.org", "third@example.org"] {
        assert!(!told.contains(mail), "{mail}: {told}");
    }
}
