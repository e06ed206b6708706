//! Writing a lesson, which is saved while one writes.

use axum::http::StatusCode;
use event::Role;

use super::authoring::{between, publish, written};
use crate::site::{Answer, Site, site};

/// What a page saves while somebody writes.
async fn draft(site: &Site, lesson: &str, token: &str, text: &str, seen: &str) -> Answer {
    let fields = [("title", "Why?"), ("text", text), ("required", "on"), ("seen", seen)];
    site.submit(&format!("{lesson}/draft"), token, &fields).await
}

/// What the page has seen once its text is saved.
fn saved(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    answer.header("estrade-seen").unwrap()
}

#[tokio::test]
async fn a_text_is_saved_while_it_is_written() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    for is_published in [false, true] {
        if is_published {
            publish(&site, &course, &owner).await;
        }
        let told = site.scene.published().await.len();
        let page = site.get(&lesson, Some(&owner)).await;
        let address = between(&page.text, "data-autosave=\"", "\"");
        assert_eq!(address, format!("{lesson}/draft"));
        let mut seen = page.value("seen");
        for text in ["One.", "One. Two.", "One. Two. Three."] {
            seen = saved(&draft(&site, &lesson, &owner, text, &seen).await);
        }
        let page = site.get(&lesson, Some(&owner)).await;
        assert!(page.text.contains("One. Two. Three."), "{}", page.text);
        assert_eq!(page.value("seen"), seen);
        let again = draft(&site, &lesson, &owner, "One. Two. Three.", "1.0").await;
        assert_eq!(saved(&again), seen, "an answer that was lost is given again");
        assert!(site.told_since(told).await.is_empty(), "learners see none of it");
    }
    let reader = site.get("/courses/files-d-attente/lessons/pourquoi", None).await.text;
    assert!(reader.contains("One. Two. Three."), "what was written before it was published");
}

/// The editor's form with a text, sent by one of its buttons.
fn sent<'a>(button: &'a str, is_late: bool, seen: &'a str) -> Vec<(&'a str, &'a str)> {
    let fields = [("title", "Why?"), ("text", "Mine."), ("do", button), ("seen", seen)];
    fields.into_iter().chain(is_late.then_some(("late", "on"))).collect()
}

#[tokio::test]
async fn two_who_write_at_once_keep_both_texts() {
    let site = site().await;
    let (owner, administrator) =
        (site.sign_in(Role::Instructor), site.sign_in(Role::Administrator));
    let (course, lesson) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let theirs = draft(&site, &lesson, &administrator, "Theirs.", &seen).await;
    saved(&theirs);
    let mine = draft(&site, &lesson, &owner, "Mine.", &seen).await;
    assert_eq!(mine.status, StatusCode::CONFLICT);
    assert!(site.get(&lesson, Some(&owner)).await.text.contains("Theirs."), "nothing is replaced");

    let both = site.submit(&lesson, &owner, &sent("save", false, &seen)).await;
    for part in ["Theirs.", "Mine.", "data-unsaved=\"wait\""] {
        assert!(both.text.contains(part), "no {part} in {}", both.text);
    }
    let seen = both.value("seen");
    let look = site.submit(&lesson, &owner, &sent("preview", true, &seen)).await;
    for part in ["Theirs.", "<p>Mine.</p>", "data-unsaved=\"wait\""] {
        assert!(look.text.contains(part), "no {part} in {}", look.text);
    }
    let seen = look.value("seen");
    site.submit(&lesson, &owner, &sent("save", true, &seen)).await.location();
    let after = site.get(&lesson, Some(&administrator)).await.text;
    assert!(after.contains("Mine.") && !after.contains("data-unsaved"), "{after}");
}

#[tokio::test]
async fn others_work_in_the_course_is_no_conflict() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    site.submit(&format!("{course}/sections"), &owner, &[("title", "Two")]).await.location();
    saved(&draft(&site, &lesson, &owner, "Mine.", &seen).await);
}

#[tokio::test]
async fn what_cannot_be_saved_is_said_and_who_may_not_is_refused() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let (_, lesson) = written(&site, &owner).await;
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let empty = draft(&site, &lesson, &owner, " ", &seen).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.json()["detail"].as_str().unwrap().contains("needs a text"), "{}", empty.text);
    let others = draft(&site, &lesson, &other, "x", &seen).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND);
    let learner = site.sign_in(Role::Learner);
    assert_eq!(draft(&site, &lesson, &learner, "x", &seen).await.status, StatusCode::FORBIDDEN);
    let ended = draft(&site, &lesson, "nobody", "x", &seen).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED, "the browser keeps it meanwhile");
}

#[tokio::test]
async fn an_outdated_draft_is_current_once_it_is_saved_again() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    saved(&draft(&site, &lesson, &owner, "Draft.", &seen).await);
    let id = lesson.rsplit('/').next().unwrap();
    let api = format!("/api/v1/courses/files-d-attente/lessons/{id}");
    let change = serde_json::json!({"text": "By a program."});
    let token = Some(owner.as_str());
    site.ask(axum::http::Method::PATCH, &api, token, Some(change)).await;
    let page = site.get(&lesson, Some(&owner)).await;
    assert!(page.text.contains("changed after this draft was begun"), "{}", page.text);
    let same = [("title", "Why?"), ("text", "Draft."), ("required", "on")];
    let seen = page.value("seen");
    let same: Vec<(&str, &str)> = same.into_iter().chain([("seen", seen.as_str())]).collect();
    site.submit(&lesson, &owner, &same).await.location();
    let page = site.get(&lesson, Some(&owner)).await.text;
    assert!(!page.contains("changed after this draft was begun"), "{page}");
}

#[tokio::test]
async fn a_new_lesson_is_kept_on_the_device() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, _) = written(&site, &owner).await;
    let page = site.get(&course, Some(&owner)).await.text;
    let section = super::authoring::section_in(&page, &course);
    let address = format!("{course}/sections/{section}/lessons");
    let page = site.get(&address, Some(&owner)).await.text;
    assert!(page.contains(" data-kept>"), "{page}");
    let preview = [("title", "x"), ("text", "# Vu"), ("do", "preview")];
    let preview = site.submit(&address, &owner, &preview).await.text;
    assert!(preview.contains(" data-kept data-unsaved=\"wait\">"), "{preview}");
}
