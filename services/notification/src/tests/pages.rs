//! The pages, as a browser meets them.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use bus::testing::envelope;
use contract::catalog::{Course, CoursePublished};
use event::Language;
use serde_json::Value;
use ui::Session;

use super::{
    routes::{Outside, a_device},
    world::*,
};

/// With an enrolment and a message of the instructor in the inbox of each.
async fn outside_with_messages() -> Outside {
    let outside = Outside::new().await;
    let events = [
        registered(1),
        registered(2),
        published(1, "<b>Queues</b>"),
        enrolled(1, 1, 5),
        message(1, 30),
    ];
    deliver(&outside.scene, &events, false).await;
    outside
}

async fn get(outside: &Outside, who: u128, path: &str) -> String {
    let (status, page) = outside.page(Some(who), Method::GET, path, "").await;
    assert_eq!(status, StatusCode::OK, "{path}: {page}");
    page
}

async fn location(outside: &Outside, who: u128, path: &str) -> String {
    let cookie = format!("{}={}", Session::COOKIE, outside.token(person_id(who), Language::Fr));
    let request = Request::get(path).header(header::COOKIE, cookie);
    let answer = outside.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
    answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn item(outside: &Outside, kind: &str) -> Value {
    let inbox = outside.get(1, "/api/v1/me/inbox").await;
    let items = inbox["items"].as_array().unwrap().clone();
    items.into_iter().find(|item| item["kind"] == kind).unwrap()
}

#[tokio::test]
async fn pages_show_and_save() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), published(1, "<b>Queues</b>"), enrolled(1, 1, 5)]).await;
    let (status, page) = outside.page(Some(1), Method::GET, "/inbox", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("One unread message."), "{page}");
    assert!(!page.contains("<b>Queues"), "{page}");
    let (status, _) = outside.page(Some(1), Method::POST, "/inbox/read-all", "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let form = "enrolment.mail=on&quiz-graded.inbox=on&unheard.of=on";
    let (status, _) = outside.page(Some(1), Method::POST, "/account/notifications", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) =
        outside.page(Some(1), Method::GET, "/account/notifications?done=saved", "").await;
    assert_eq!(page.matches(" checked").count(), 2, "{page}");
    let labelled = page.matches("<td data-label=\"Mail\">").count();
    assert_eq!(page.matches("type=\"checkbox\"").count(), 3 * labelled, "{page}");
    assert!(page.contains("Your choices are saved."), "{page}");
    assert!(!page.contains("Essays to mark"), "a learner teaches nothing: {page}");
    let all = outside.get(1, "/api/v1/me/notification-preferences").await;
    let essays = |it: &&Value| it["kind"] == "essays-to-mark" && it["wanted"] == true;
    let wanted = all["preferences"].as_array().unwrap().iter().filter(essays).count();
    assert_eq!(wanted, 3, "what was not shown is not switched off: {all}");
    let (_, page) = outside.page(Some(1), Method::GET, "/account/deliveries", "").await;
    assert!(page.contains("no device is registered"), "{page}");
    let (status, _) = outside.page(None, Method::GET, "/inbox", "").await;
    assert_eq!(status, StatusCode::SEE_OTHER, "who is not signed in is led to sign in");
}

#[tokio::test]
async fn an_entry_leads_to_its_thing_and_is_read() {
    let outside = outside_with_messages().await;
    assert_eq!(get(&outside, 1, "/inbox/unread").await, "2");
    let enrolment = item(&outside, "enrolment").await;
    let path = format!("/inbox/{}", enrolment["id"].as_str().unwrap());
    for _ in 0..2 {
        let course = format!("/courses/{}", course_id());
        assert_eq!(location(&outside, 1, &path).await, course);
        assert_eq!(get(&outside, 1, "/inbox/unread").await, "1");
    }
    let (status, _) = outside.page(Some(2), Method::GET, &path, "").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another's is none");
    let inbox = get(&outside, 1, "/inbox").await;
    assert_eq!(inbox.matches("<li class=\"unread\"").count(), 1, "{inbox}");
    assert!(inbox.contains("One unread message."), "{inbox}");
}

#[tokio::test]
async fn a_certificate_is_read_where_its_holder_reads_it() {
    let outside = outside_with_messages().await;
    outside.scene.deliver(&[certified(1, some_pdf())]).await;
    let certificate = item(&outside, "certificate-issued").await;
    assert!(certificate["link"].as_str().unwrap().contains("/verify/"), "for everybody");
    let path = format!("/inbox/{}", certificate["id"].as_str().unwrap());
    let there = format!("/certificates/{}", certificate["subject"].as_str().unwrap());
    assert_eq!(location(&outside, 1, &path).await, there);
    outside.scene.deliver(&[revoked(1, Some(7))]).await;
    let revoked = item(&outside, "certificate-revoked").await;
    let path = format!("/inbox/{}", revoked["id"].as_str().unwrap());
    let in_its_place = location(&outside, 1, &path).await;
    assert!(in_its_place.ends_with("00000000c007"), "{in_its_place}");
}

#[tokio::test]
async fn titles_say_their_language() {
    let outside = Outside::new().await;
    let french = Course { language: Language::Fr, ..course(1, "Les files") };
    let events = [
        registered(1),
        envelope(&CoursePublished(french)),
        enrolled(1, 1, 5),
        graded(1, 1, 100, true),
        message(1, 30),
    ];
    deliver(&outside.scene, &events, false).await;
    let title = "<span lang=\"fr\">Les files</span>";
    let inbox = get(&outside, 1, "/inbox").await;
    for part in [
        format!("You are enrolled: {title}</a></h2>"),
        format!("You have a seat in “{title}”."),
        format!("Begin<span class=\"sr\"> – You are enrolled: {title}</span>"),
        format!("at “<span lang=\"fr\">What did you learn?</span>”, in the course “{title}”"),
    ] {
        assert!(inbox.contains(&part), "{part} in {inbox}");
    }
    assert!(get(&outside, 1, "/account/deliveries").await.contains(title));
    let message = item(&outside, "message").await;
    let page = get(&outside, 1, &format!("/inbox/{}", message["id"].as_str().unwrap())).await;
    assert!(page.contains(&format!("everybody enrolled in “{title}”")), "{page}");
    let enrolment = item(&outside, "enrolment").await;
    assert_eq!(enrolment["title"], "Inscription confirmée\u{a0}: Les files", "plain for programs");
}

#[tokio::test]
async fn a_message_is_read_in_the_inbox() {
    let outside = outside_with_messages().await;
    let message = item(&outside, "message").await;
    assert_eq!(message["title"], "The next session");
    let page = get(&outside, 1, &format!("/inbox/{}", message["id"].as_str().unwrap())).await;
    assert!(page.contains("<strong>Tuesday</strong>"), "{page}");
    assert_eq!(get(&outside, 1, "/inbox/unread").await, "1");
    let kept: Option<String> = bus::Read::scalar(
        &outside.scene.db,
        "select notice from inbox_items where notice like '%message%'",
        bus::values![],
    )
    .await
    .unwrap();
    assert!(!kept.unwrap().contains("Tuesday"), "its text is kept once for all who have it");
}

#[tokio::test]
async fn an_empty_inbox_says_so_and_a_long_one_is_paged() {
    let outside = outside_with_messages().await;
    assert!(get(&outside, 2, "/inbox").await.contains("Nothing here yet"));
    let graded: Vec<_> = (1..=25).map(|version| graded(1, version, 100, true)).collect();
    outside.scene.deliver(&graded).await;
    let first = get(&outside, 1, "/inbox").await;
    assert_eq!(first.matches("<h2><a href=\"/inbox/").count(), 20);
    assert!(first.contains("data-live=\"/inbox/live?seen="), "{first}");
    let (_, older) = first.split_once("/inbox?before=").unwrap();
    let older = format!("/inbox?before={}", older.split('"').next().unwrap());
    let second = get(&outside, 1, &older).await;
    assert_eq!(second.matches("<h2><a href=\"/inbox/").count(), 7);
    assert!(!second.contains("data-live=") && second.contains("Newest messages"), "{second}");
}

#[tokio::test]
async fn an_open_inbox_is_told_what_is_new() {
    let outside = outside_with_messages().await;
    let cookie = format!("{}={}", Session::COOKIE, outside.token(person_id(1), Language::En));
    let request = Request::get("/inbox/live").header(header::COOKIE, cookie);
    let answer = outside.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    let before = crate::store::inbox_state(&outside.scene.db, person_id(1)).await.unwrap();
    outside.scene.deliver(&[exported(1)]).await;
    let after = crate::store::inbox_state(&outside.scene.db, person_id(1)).await.unwrap();
    assert_ne!(before, after);
    for path in ["/inbox/live", "/inbox/unread"] {
        let (status, _) = outside.page(None, Method::GET, path, "").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[tokio::test]
async fn quiet_hours_are_a_form() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1)]).await;
    let page = get(&outside, 1, "/account/notifications").await;
    assert!(page.contains("You have none") && page.contains("Europe/Paris"), "{page}");
    let path = "/account/notifications/quiet-hours";
    for (form, error) in [
        ("begin=late&end=07%3A00", "id=\"begin-error-1\""),
        ("begin=22%3A00&end=25%3A00", "id=\"end-error-1\""),
        ("begin=07%3A00&end=07%3A00", "id=\"end-error-1\""),
        ("", "id=\"begin-error-1\""),
    ] {
        let (status, page) = outside.page(Some(1), Method::POST, path, form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(page.contains(error), "{form}: {page}");
    }
    let (status, _) = outside.page(Some(1), Method::POST, path, "begin=21%3A30&end=06%3A45").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = get(&outside, 1, "/account/notifications?done=quiet").await;
    assert!(page.contains("Every day from 21:30 to 06:45."), "{page}");
    let (status, _) = outside.page(Some(1), Method::POST, &format!("{path}/end"), "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(get(&outside, 1, "/account/notifications").await.contains("You have none"));
}

#[tokio::test]
async fn devices_are_listed_tried_and_removed() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), registered(2)]).await;
    assert!(get(&outside, 1, "/account/devices").await.contains("No device receives"));
    let device = a_device("http://127.0.0.1:9/one");
    let (_, added) = outside.ask(1, Method::POST, "/api/v1/me/devices", device).await;
    let page = get(&outside, 1, "/account/devices").await;
    assert!(page.contains("127.0.0.1:9") && page.contains("A browser"), "{page}");
    assert!(page.contains("data-endpoint=\"http://127.0.0.1:9/one\""), "{page}");
    let path = format!("/account/devices/{}", added["id"].as_str().unwrap());
    for (who, what, expected) in [
        (1, "try", StatusCode::SEE_OTHER),
        (2, "try", StatusCode::NOT_FOUND),
        (2, "remove", StatusCode::NOT_FOUND),
        (1, "remove", StatusCode::SEE_OTHER),
        (1, "remove", StatusCode::NOT_FOUND),
    ] {
        let path = format!("{path}/{what}");
        let (status, _) = outside.page(Some(who), Method::POST, &path, "").await;
        assert_eq!(status, expected, "{who} {path}");
    }
    let sent = get(&outside, 1, "/account/deliveries").await;
    assert!(sent.contains("Trial of a device"), "{sent}");
}
