//! Publishing what was chosen, and courses that nobody was told of.

use axum::http::StatusCode;
use contract::catalog::QuizPlaced;
use event::Role;
use serde_json::json;

use super::{
    authoring::{publish, section_in, written},
    reading::{PNG, image_in},
};
use crate::site::{Site, site};

/// A published course with two more lessons that wait: its address, and what their boxes send.
async fn waiting(site: &Site, owner: &str) -> (String, Vec<String>) {
    let (course, _) = written(site, owner).await;
    publish(site, &course, owner).await;
    let section = section_in(&site.get(&course, Some(owner)).await.text, &course);
    let address = format!("{course}/sections/{section}/lessons");
    for title in ["Two", "Three"] {
        site.submit(&address, owner, &[("title", title), ("text", "Text.")]).await.location();
    }
    let page = site.get(&format!("{course}/publish"), Some(owner)).await.text;
    let boxes = page.split("name=\"lesson\"").skip(1);
    let values = boxes.map(|rest| rest.split("value=\"").nth(1).unwrap());
    let values = values.map(|rest| rest.split('"').next().unwrap().to_owned());
    (course, values.collect())
}

/// Which of the boxes are ticked, by their order.
fn ticked(page: &str) -> Vec<bool> {
    let boxes = page.split("name=\"lesson\"").skip(1);
    boxes.map(|rest| rest.split('>').next().unwrap().contains(" checked")).collect()
}

#[tokio::test]
async fn what_was_ticked_stays_ticked_when_something_changed() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, boxes) = waiting(&site, &owner).await;
    let lesson = format!("{course}/lessons/{}", boxes[1].split(':').next().unwrap());
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let change = [("title", "Three"), ("text", "Other."), ("seen", &seen)];
    site.submit(&lesson, &owner, &change).await.location();
    let address = format!("{course}/publish");
    let late = site.submit(&address, &owner, &[("lesson", &boxes[1])]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ticked(&late.text), [false, true]);
    assert!(late.text.contains("Changed since you ticked it"), "{}", late.text);
}

#[tokio::test]
async fn what_is_told_is_looked_at_again_before_it_is_told() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, boxes) = waiting(&site, &owner).await;
    let address = format!("{course}/publish");
    let all = site.get(&address, Some(&owner)).await.text;
    assert!(all.contains("told of 2 new lessons"), "{all}");
    let seen = site.scene.published().await.len();
    let look = site.submit(&address, &owner, &[("lesson", &boxes[0]), ("do", "look")]).await;
    assert_eq!((look.status, ticked(&look.text)), (StatusCode::OK, vec![true, false]));
    assert!(look.text.contains("told of the new lesson"), "{}", look.text);
    let none = site.submit(&address, &owner, &[("do", "look")]).await;
    assert!(none.text.contains("Nobody is mailed"), "{}", none.text);
    assert!(site.told_since(seen).await.is_empty(), "looking tells nothing");
}

#[tokio::test]
async fn nothing_chosen_is_not_called_published() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, _) = waiting(&site, &owner).await;
    let seen = site.scene.published().await.len();
    let nothing = site.submit(&format!("{course}/publish"), &owner, &[]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.text.contains("No lesson was chosen"), "{}", nothing.text);
    assert_eq!(ticked(&nothing.text), [false, false]);
    assert!(site.told_since(seen).await.is_empty());
}

#[tokio::test]
async fn what_is_live_at_once_is_said_where_it_is_changed() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, _) = written(&site, &owner).await;
    let says =
        async |path: &str, words: &str| site.get(path, Some(&owner)).await.text.contains(words);
    let quizzes = format!("{course}/quizzes");
    assert!(!says(&course, "learners see at once").await);
    assert!(!says(&quizzes, "while it has no questions").await);
    publish(&site, &course, &owner).await;
    assert!(says(&course, "learners see at once").await);
    assert!(says(&quizzes, "while it has no questions").await);
}

#[tokio::test]
async fn a_draft_that_was_a_mistake_is_deleted() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let (course, lesson) = written(&site, &owner).await;
    let images = format!("{course}/images");
    let parts = [("file", Some("a.png"), PNG), ("description", None, b"A dot".as_slice())];
    site.upload(&images, &owner, &parts).await.location();
    let image = image_in(&site.get(&images, Some(&owner)).await.text);
    let quiz = [("title", "Check"), ("key", "check"), ("pass_percent", "70"), ("section", "")];
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();
    let delete = format!("{course}/delete");
    assert!(site.get(&course, Some(&owner)).await.text.contains(&delete), "a link leads there");
    let asked = site.get(&delete, Some(&owner)).await.text;
    assert!(asked.contains("deleted for good"), "{asked}");
    assert_eq!(site.submit(&delete, &other, &[]).await.status, StatusCode::NOT_FOUND);
    assert!(site.submit(&delete, &owner, &[]).await.location().starts_with("/teaching?"));
    for gone in [&course, &lesson, &image] {
        let status = site.get(gone, Some(&owner)).await.status;
        assert_eq!(status, StatusCode::NOT_FOUND, "{gone}");
    }
    assert!(!site.get("/teaching", Some(&owner)).await.text.contains("Files d’attente"));

    // The key is free again, and what is told under it is newer than what was.
    let (again, _) = written(&site, &owner).await;
    assert_eq!(again, course);
    assert!(!site.get(&images, Some(&owner)).await.text.contains("A dot"));
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();
    let told = site.scene.published().await;
    let versions: Vec<u64> =
        told.iter().map(|told| told.open::<QuizPlaced>().unwrap().version).collect();
    assert!(versions.len() == 2 && versions[0] < versions[1], "{versions:?}");
}

#[tokio::test]
async fn a_course_that_was_told_is_not_deleted() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, _) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    site.submit(&format!("{course}/withdraw"), &owner, &[]).await.location();
    let delete = format!("{course}/delete");
    assert!(!site.get(&course, Some(&owner)).await.text.contains(&delete));
    assert_eq!(site.get(&delete, Some(&owner)).await.status, StatusCode::CONFLICT);
    let refused = site.submit(&delete, &owner, &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("withdraw it instead"), "{}", refused.text);
}

#[tokio::test]
async fn courses_are_found_by_their_state() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, _) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    site.post("/api/v1/courses", &owner, json!({"language": "en", "title": "Sketch"})).await;
    for (state, published, draft) in [
        ("", true, true),
        ("published", true, false),
        ("draft", false, true),
        ("withdrawn", false, false),
        ("unknown", true, true),
    ] {
        let page = site.get(&format!("/teaching?state={state}"), Some(&owner)).await.text;
        let found = (page.contains("Files d’attente"), page.contains("Sketch"));
        assert_eq!(found, (published, draft), "{state}");
    }
    let none = site.get("/teaching?state=withdrawn", Some(&owner)).await.text;
    assert!(none.contains("No course here is like that"), "{none}");
}
