//! Forgotten passwords and new ones.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::TimeDelta;
use serde_json::Value;
use tower::ServiceExt;

use super::{Outside, PASSWORD, token_of};

const ASKED: &str = "identity.password-reset-requested.v1";

async fn ask(outside: &Outside, mail: &str) -> super::Answer {
    outside.post("/forgotten-password", "", &format!("mail={}", mail.replace('@', "%40"))).await
}

async fn choose(outside: &Outside, link: &str, password: &str) -> super::Answer {
    let form = format!("token={}&password={password}", token_of(link));
    outside.post("/new-password", "", &form).await
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_once_within_the_hour() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let before = outside.cookie("anh@example.org").await;
    let asked = ask(&outside, "ANH@example.org").await;
    assert_eq!(asked.location(), "/forgotten-password?sent=1");
    let shown = outside.page("/forgotten-password?sent=1&lang=fr", "").await;
    assert!(shown.text.contains("Si un compte existe"), "{}", shown.text);

    let link = outside.link(ASKED).await;
    assert!(link.starts_with("/new-password?token="));
    let page = outside.page(&link, "").await;
    assert!(page.text.contains("anh@example.org"), "{}", page.text);
    let short = choose(&outside, &link, "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let chosen = choose(&outside, &link, "another+horse").await;
    assert_eq!(chosen.location(), "/account?saved=password");
    let session = chosen.cookie("estrade_session").unwrap();
    let session = session.split(';').next().unwrap();
    assert_eq!(outside.page("/account", session).await.status, StatusCode::OK);

    assert_eq!(outside.page("/account", &before).await.status, StatusCode::SEE_OTHER);
    assert_eq!(outside.sign_in("anh@example.org", PASSWORD).await.status, 401);
    assert_eq!(outside.sign_in("anh@example.org", "another horse").await.status, 201);
    let again = choose(&outside, &link, "a+third+horse").await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.text.contains("was used already"), "{}", again.text);
}

#[tokio::test]
async fn a_link_expires_in_words() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    ask(&outside, "anh@example.org").await;
    let link = outside.link(ASKED).await;
    for later in [TimeDelta::hours(1), TimeDelta::days(30)] {
        outside.scene.clock.advance(later);
        let expired = outside.page(&link, "").await;
        assert_eq!(expired.status, StatusCode::GONE);
        assert!(expired.text.contains("This link has expired"), "{}", expired.text);
        assert_eq!(choose(&outside, &link, "another+horse").await.status, StatusCode::GONE);
        ask(&outside, "anh@example.org").await;
    }
    for broken in ["/new-password", "/new-password?token=AAAA"] {
        let broken = outside.page(broken, "").await;
        assert_eq!(broken.status, StatusCode::GONE);
        assert!(broken.text.contains("This link is not whole"), "{}", broken.text);
    }
}

#[tokio::test]
async fn a_newer_password_makes_older_links_useless() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    ask(&outside, "anh@example.org").await;
    let first = outside.link(ASKED).await;
    outside.scene.clock.advance(TimeDelta::seconds(1));
    ask(&outside, "anh@example.org").await;
    let second = outside.link(ASKED).await;
    assert_ne!(first, second);
    assert_eq!(choose(&outside, &second, "another+horse").await.status, StatusCode::SEE_OTHER);
    assert_eq!(choose(&outside, &first, "a+third+horse").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_nor_floods_a_mailbox() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let unknown = ask(&outside, "nobody@example.org").await;
    assert_eq!(unknown.location(), "/forgotten-password?sent=1");
    for _ in 0..6 {
        let asked = ask(&outside, "anh@example.org").await;
        assert_eq!(asked.location(), unknown.location());
    }
    let told = outside.scene.published().await;
    assert_eq!(told.iter().filter(|envelope| envelope.event_type == ASKED).count(), 3);
    for number in 0..40 {
        ask(&outside, &format!("n{number}@example.org")).await;
    }
    let limited = ask(&outside, "other@example.org").await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.text.contains("Too many tries"), "{}", limited.text);
    let wrong = outside.post("/forgotten-password", "", "mail=nowhere").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// The event goes through queues and logs that more people see than mails.
#[tokio::test]
async fn the_link_is_sealed_where_others_could_read_it() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    ask(&outside, "anh@example.org").await;
    let token = token_of(&outside.link(ASKED).await).to_owned();
    let told = format!("{:?}", outside.scene.published().await);
    assert!(!told.contains(&token) && !told.contains("new-password"), "{told}");
}

#[tokio::test]
async fn the_account_page_changes_a_password_by_the_present_one() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let (here, elsewhere) =
        (outside.cookie("anh@example.org").await, outside.token("anh@example.org").await);
    let form = |present: &str, new: &str| format!("present_password={present}&password={new}");
    let wrong = outside.post("/account/password", &here, &form("wrong+horse", "new+horse+1")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains(r##"href="#present_password""##), "{}", wrong.text);
    let short = outside.post("/account/password", &here, &form("correct+horse", "short")).await;
    assert!(short.text.contains(r##"href="#password""##), "{}", short.text);
    let changed =
        outside.post("/account/password", &here, &form("correct+horse", "new+horse+1")).await;
    assert_eq!(changed.location(), "/account?saved=password");
    let gone = outside.api("GET", "/api/v1/me", Some(&elsewhere), Value::Null).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    let session = changed.cookie("estrade_session").unwrap();
    let session = session.split(';').next().unwrap().to_owned();
    let page = outside.page("/account?saved=password", &session).await;
    assert!(page.text.contains("nouveau mot de passe est en vigueur"), "{}", page.text);
    for _ in 0..10 {
        outside.post("/account/password", &session, &form("wrong+horse", "new+horse+2")).await;
    }
    let limited =
        outside.post("/account/password", &session, &form("new+horse+1", "new+horse+2")).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_session_that_a_new_password_ended_opens_nothing_and_erases_nothing() {
    let outside = Outside::new().await;
    outside.register("anh@example.org").await;
    let (before, ended) =
        (outside.cookie("anh@example.org").await, outside.token("anh@example.org").await);
    let form = "present_password=correct+horse&password=new+horse+1";
    outside.post("/account/password", &before, form).await;

    let refused = outside.api("DELETE", "/api/v1/me", Some(&ended), Value::Null).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    // A stream that began would not end: its body is not waited for.
    let stream = Request::get("/account/data/live").header(header::COOKIE, &before);
    let stream = outside.router.clone().oneshot(stream.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(stream.status(), StatusCode::SEE_OTHER);

    let token = outside.sign_in("anh@example.org", "new horse 1").await.json()["token"].clone();
    for status in [StatusCode::NO_CONTENT, StatusCode::UNAUTHORIZED] {
        let erased = outside.api("DELETE", "/api/v1/me", token.as_str(), Value::Null).await;
        assert_eq!(erased.status, status);
    }
}
