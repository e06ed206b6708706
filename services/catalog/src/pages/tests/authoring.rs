//! What an instructor does in a day, through the forms.

use axum::http::StatusCode;
use contract::catalog::{LessonPublished, LessonUpdated, QuizPlaced};
use event::{Event as _, Language, Role};
use serde_json::json;

use super::reading::PNG;
use crate::{
    domain::{hash, image::short},
    site::{Part, Site, site},
};

/// A course written in the browser and not published: its address, and its lesson's.
pub(super) async fn written(site: &Site, owner: &str) -> (String, String) {
    let new = [("title", "Files d’attente"), ("language", "fr"), ("key", "")];
    let course = site.submit("/teaching/new", owner, &new).await.location();
    let course = course.split('?').next().unwrap().to_owned();
    site.submit(&format!("{course}/sections"), owner, &[("title", "Bases")]).await.location();
    let page = site.get(&course, Some(owner)).await.text;
    let section = section_in(&page, &course);
    let lesson = [("title", "Pourquoi ?"), ("text", "Parce **que**."), ("required", "on")];
    let address = format!("{course}/sections/{section}/lessons");
    let lesson = site.submit(&address, owner, &lesson).await.location();
    (course, lesson.split('?').next().unwrap().to_owned())
}

/// The id of the first section of a course on its page.
pub(super) fn section_in(page: &str, course: &str) -> String {
    let rest = between(page, &format!("{course}/sections/"), "\"");
    rest.split('/').next().unwrap().to_owned()
}

pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split(after).next().unwrap()
}

pub(super) async fn publish(site: &Site, course: &str, token: &str) {
    let page = site.get(&format!("{course}/publish"), Some(token)).await;
    let lessons: Vec<String> = page
        .text
        .split("name=\"lesson\"")
        .skip(1)
        .map(|rest| between(rest, "value=\"", "\"").to_owned())
        .collect();
    let fields: Vec<(&str, &str)> = lessons.iter().map(|it| ("lesson", it.as_str())).collect();
    let done = site.submit(&format!("{course}/publish"), token, &fields).await.location();
    assert!(done.ends_with("done=published"), "{done}");
}

#[tokio::test]
async fn a_course_is_written_and_published() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let (course, lesson) = written(&site, &owner).await;
    assert!(site.scene.published().await.is_empty(), "a draft is nobody's business");
    let page = site.get(&lesson, Some(&owner)).await;
    let seen = page.value("seen");
    let preview =
        [("do", "preview"), ("title", "x"), ("text", "# Vu\n\n<script>"), ("seen", &seen)];
    let preview = site.submit(&lesson, &owner, &preview).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.text.contains("<h2>Vu</h2>") && !preview.text.contains("<script>"));
    let after = site.get(&lesson, Some(&owner)).await.text;
    assert!(after.contains("Parce **que**."), "a preview saves nothing");

    let plan = site.get(&format!("{course}/publish"), Some(&owner)).await.text;
    assert!(plan.contains("personne n’est encore inscrit"), "{plan}");
    publish(&site, &course, &owner).await;
    let reader = site.get("/courses/files-d-attente/lessons/pourquoi", None).await;
    assert!(reader.text.contains("Parce <strong>que</strong>"), "{}", reader.text);
    assert!(reader.text.contains("aria-current=\"page\""));
    assert_eq!(site.scene.published().await.len(), 2);
    let list = site.get("/teaching", Some(&owner)).await.text;
    assert!(list.contains("Publiée") && !list.contains("non publiée"), "{list}");
}

#[tokio::test]
async fn what_learners_see_changes_when_it_is_published() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    let seen = site.scene.published().await.len();
    let form = site.get(&lesson, Some(&owner)).await;
    let change =
        [("title", "Why?"), ("text", "New text."), ("minutes", "7"), ("seen", &form.value("seen"))];
    let done = site.submit(&lesson, &owner, &change).await.location();
    assert!(done.ends_with("done=draft"));
    assert!(site.told_since(seen).await.is_empty());
    let reader = "/courses/files-d-attente/lessons/pourquoi";
    assert!(site.get(reader, None).await.text.contains("Parce"), "learners see the earlier text");
    assert!(site.get("/teaching", Some(&owner)).await.text.contains("1 unpublished change"));

    let plan = site.get(&format!("{course}/publish"), Some(&owner)).await.text;
    assert!(
        plan.contains("Changed: learners see the new text") && plan.contains("Nobody is mailed")
    );
    publish(&site, &course, &owner).await;
    assert!(site.get(reader, None).await.text.contains("New text."));
    let told = site.told_since(seen).await;
    assert!(told.iter().any(|told| told.event_type == LessonUpdated::TYPE));
    let plan = site.get(&format!("{course}/publish"), Some(&owner)).await.text;
    assert!(plan.contains("Everything is published"), "{plan}");
}

#[tokio::test]
async fn publishing_says_who_is_told_of_a_new_lesson() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    let page = site.get(&course, Some(&owner)).await.text;
    let section = section_in(&page, &course);
    let address = format!("{course}/sections/{section}/lessons");
    for _ in 0..2 {
        let new = [("title", "Pourquoi ?"), ("text", "Encore."), ("minutes", "")];
        site.submit(&address, &owner, &new).await.location();
    }
    let plan = site.get(&format!("{course}/publish"), Some(&owner)).await.text;
    assert!(plan.contains("Everyone enrolled before now is told of 2 new lessons"), "{plan}");
    assert!(plan.contains("Search and notifications take over the lessons"));
    let seen = site.scene.published().await.len();
    publish(&site, &course, &owner).await;
    let first = "/courses/files-d-attente/lessons/pourquoi";
    site.submit(&format!("{lesson}/hide"), &owner, &[]).await.location();
    assert_eq!(site.get(first, None).await.status, StatusCode::NOT_FOUND);
    let plan = site.get(&format!("{course}/publish"), Some(&owner)).await.text;
    assert!(plan.contains("Back again: learners see it, and nobody is mailed"), "{plan}");
    publish(&site, &course, &owner).await;
    assert!(site.get(first, None).await.text.contains("Parce"), "its text stayed");
    let told = site.told_since(seen).await;
    let shown = told.iter().filter(|told| told.event_type == LessonPublished::TYPE);
    let (initial, new): (Vec<_>, Vec<_>) =
        shown.partition(|told| told.data.contains("\"initial\":true"));
    assert_eq!((initial.len(), new.len()), (1, 2), "the one that came back is no news");
}

#[tokio::test]
async fn the_slower_of_two_editors_sees_both_texts() {
    let site = site().await;
    let (owner, administrator) =
        (site.sign_in(Role::Instructor), site.sign_in(Role::Administrator));
    let (course, lesson) = written(&site, &owner).await;
    for is_published in [false, true] {
        if is_published {
            publish(&site, &course, &owner).await;
        }
        let seen = site.get(&lesson, Some(&owner)).await.value("seen");
        let theirs = [("title", "Why"), ("text", "Theirs."), ("seen", &seen)];
        let mine = [("title", "Why"), ("text", "Mine."), ("seen", &seen)];
        site.submit(&lesson, &administrator, &theirs).await.location();
        let late = site.submit(&lesson, &owner, &mine).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text.contains("Somebody else saved first"), "{}", late.text);
        assert!(late.text.contains("Theirs.") && late.text.contains("Mine."), "both are there");
        let again = [("title", "Why"), ("text", "Mine."), ("seen", &late.value("seen"))];
        site.submit(&lesson, &owner, &again).await.location();
        assert!(site.get(&lesson, Some(&administrator)).await.text.contains("Mine."));
    }
    let details = format!("{course}/details");
    let seen = site.get(&details, Some(&owner)).await.value("seen");
    let form = |title| {
        let fields = [("title", title), ("language", "fr"), ("design", "achievement")];
        fields.into_iter().chain([("seen", seen.as_str())]).collect::<Vec<_>>()
    };
    site.submit(&details, &administrator, &form("Theirs")).await.location();
    let late = site.submit(&details, &owner, &form("Mine")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text.contains(">Theirs</pre>") && late.text.contains("value=\"Mine\""));
    let mut same = form("Theirs");
    same.push(("minutes", "0"));
    let same = site.submit(&details, &owner, &same).await.location();
    assert!(same.ends_with("done=saved"), "both wrote the same: {same}");
}

#[tokio::test]
async fn a_publication_of_what_changed_meanwhile_is_shown_again() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    let address = format!("{course}/publish");
    let chosen = site.get(&address, Some(&owner)).await.value("lesson");
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    let change = [("title", "Other"), ("text", "Other."), ("seen", &seen)];
    site.submit(&lesson, &owner, &change).await.location();
    let late = site.submit(&address, &owner, &[("lesson", &chosen)]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text.contains("nothing was published"), "{}", late.text);
    assert!(site.scene.published().await.is_empty());
    let nothing = site.submit(&address, &owner, &[]).await;
    assert!(nothing.text.contains("neither a published lesson nor a quiz"), "{}", nothing.text);
}

#[tokio::test]
async fn sections_lessons_and_quizzes_are_put_in_order() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let address = "/api/v1/courses/queues";
    let outline = async || site.get(address, Some(&owner)).await.json();
    let course = format!("/teaching/{}", outline().await["course"].as_str().unwrap());
    site.submit(&format!("{course}/sections"), &owner, &[("title", "Basics")]).await.location();
    let sections = outline().await["sections"].clone();
    assert_eq!(sections.as_array().unwrap().len(), 2, "also of the same title");
    let lesson = sections[0]["lessons"][0]["lesson"].as_str().unwrap();
    let place = format!("{course}/lessons/{lesson}/place");
    let moved = site.submit(&place, &owner, &[("way", "down")]).await.location();
    let row = format!("lesson-{lesson}");
    assert!(moved.ends_with(&format!("?done=moved#{row}")), "{moved}");
    assert!(site.get(&course, Some(&owner)).await.text.contains(&format!("id=\"{row}\"")));
    assert_eq!(outline().await["sections"][1]["lessons"][0]["lesson"], lesson);

    let (first, second) = (sections[0]["section"].as_str().unwrap(), &sections[1]["section"]);
    let place = format!("{course}/sections/{first}/place");
    site.submit(&place, &owner, &[("way", "down")]).await.location();
    assert_eq!(&outline().await["sections"][0]["section"], second);
    let quiz = [("title", "Check"), ("pass_percent", "70"), ("required", "on"), ("section", first)];
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();
    let placed = site.scene.published().await;
    assert_eq!(placed[0].event_type, QuizPlaced::TYPE, "told though the course is a draft");
    assert!(placed[0].data.contains("\"key\":\"check\""));

    let used = site.submit(&format!("{course}/sections/{first}/delete"), &owner, &[]).await;
    assert_eq!(used.status, StatusCode::CONFLICT, "a quiz stands there");
    let id = outline().await["quizzes"][0]["quiz"].as_str().unwrap().to_owned();
    let wrong = [("title", "Check"), ("pass_percent", "many"), ("section", first)];
    let refused = site.submit(&format!("{course}/quizzes/{id}"), &owner, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("#pass_percent"), "said beside its field: {}", refused.text);
    let end = [("title", "Check"), ("pass_percent", "80"), ("section", "")];
    site.submit(&format!("{course}/quizzes/{id}"), &owner, &end).await.location();
    site.submit(&format!("{course}/sections/{first}/delete"), &owner, &[]).await.location();
    let title = format!("{course}/sections/{}", second.as_str().unwrap());
    site.submit(&title, &owner, &[("title", "Fundamentals")]).await.location();
    let outline = outline().await;
    assert_eq!(outline["sections"][0]["title"], "Fundamentals");
    assert_eq!(
        (&outline["quizzes"][0]["pass_percent"], &outline["sections"][1]),
        (&json!(80), &json!(null))
    );
    site.submit(&format!("{course}/quizzes/{id}/delete"), &owner, &[]).await.location();
}

#[tokio::test]
async fn pages_of_a_course_are_its_author_s_alone() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let (learner, administrator) = (site.sign_in(Role::Learner), site.sign_in(Role::Administrator));
    let (course, lesson) = written(&site, &owner).await;
    let page = site.get(&course, Some(&owner)).await.text;
    let section = format!("{course}/sections/{}", section_in(&page, &course));
    let pages = [
        course.clone(),
        format!("{course}/details"),
        format!("{course}/publish"),
        format!("{course}/withdraw"),
        format!("{course}/images"),
        format!("{course}/import"),
        format!("{course}/quizzes"),
        section.clone(),
        format!("{section}/lessons"),
        lesson.clone(),
        format!("{lesson}/delete"),
        format!("{lesson}/discard"),
        format!("{lesson}/hide"),
    ];
    let strangers = [(&other, "other"), (&learner, "learner")];
    for path in &pages {
        for author in [&owner, &administrator] {
            assert_eq!(site.get(path, Some(author)).await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(site.get(path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
        for (stranger, who) in strangers {
            let status = site.get(path, Some(stranger)).await.status.as_u16();
            assert!([403, 404].contains(&status), "{who} saw {path}: {status}");
        }
    }
    let posts = ["sections", "publish", "withdraw", "quizzes", "details"];
    let posts = posts.map(|name| format!("{course}/{name}")).into_iter();
    for path in
        posts.chain([lesson.clone(), format!("{lesson}/delete"), format!("{section}/delete")])
    {
        for (stranger, who) in strangers {
            let fields = [("title", "x"), ("text", "x"), ("seen", "1.0"), ("pass_percent", "1")];
            let status = site.submit(&path, stranger, &fields).await.status.as_u16();
            assert!([403, 404].contains(&status), "{who} posted to {path}: {status}");
        }
    }
    for path in ["/teaching", "/teaching/new", "/teaching/import"] {
        assert_eq!(site.get(path, Some(&learner)).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(site.get(path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(!site.get("/teaching", Some(&other)).await.text.contains("Files d"));
    assert!(site.get("/teaching", Some(&administrator)).await.text.contains("Files d"));
}

#[tokio::test]
async fn the_pages_before_something_comes_or_goes_have_their_course_s_crumbs_and_tabs() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    let quiz = [("title", "Check"), ("pass_percent", "70"), ("section", "")];
    site.submit(&format!("{course}/quizzes"), &owner, &quiz).await.location();
    let outline = site.get("/api/v1/courses/files-d-attente", Some(&owner)).await.json();
    let quiz = outline["quizzes"][0]["quiz"].as_str().unwrap();
    let picture: [Part<'_>; 2] = [("file", Some("a.png"), PNG), ("description", None, b"A dot")];
    site.upload(&format!("{course}/images"), &owner, &picture).await.location();
    for path in [
        format!("{course}/import"),
        format!("{course}/delete"),
        format!("{course}/withdraw"),
        format!("{course}/quizzes/{quiz}/delete"),
        format!("{course}/images/{}/delete", short(&hash(PNG))),
        format!("{lesson}/delete"),
        format!("{lesson}/hide"),
        format!("{lesson}/discard"),
    ] {
        let page = site.get(&path, Some(&owner)).await.text;
        let crumb = format!("<li><a href=\"{course}\" lang=\"fr\">Files d’attente</a></li>");
        assert!(page.contains(&crumb), "no {crumb} at {path}: {page}");
        assert!(page.contains("<nav class=\"tabs\""), "no tabs at {path}: {page}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_said_beside_its_field_in_the_reader_s_language() {
    let site = site().await;
    let owner = site.sign_in_as(Role::Instructor, Language::Fr);
    let refused = site.submit("/teaching/new", &owner, &[("title", " "), ("language", "fr")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Ce champ ne doit pas être vide."), "{}", refused.text);
    let (course, lesson) = written(&site, &owner).await;
    let taken = [("title", "x"), ("language", "fr"), ("key", "files-d-attente")];
    let refused = site.submit("/teaching/new", &owner, &taken).await;
    assert!(
        refused.text.contains("href=\"#key\"") && refused.text.contains("il existe déjà")
            || refused.text.contains("Il existe déjà")
    );
    let seen = site.get(&lesson, Some(&owner)).await.value("seen");
    for wrong in [("text", " "), ("minutes", "deux"), ("minutes", "999999999"), ("title", "")] {
        let mut fields = vec![("title", "x"), ("text", "x"), ("seen", seen.as_str())];
        fields.retain(|(name, _)| *name != wrong.0);
        fields.push(wrong);
        let refused = site.submit(&lesson, &owner, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
        assert!(refused.text.contains(&format!("href=\"#{}\"", wrong.0)), "{wrong:?}");
    }
    let long = "x".repeat(201);
    let refused = site.submit(&format!("{course}/sections"), &owner, &[("title", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains(&format!("value=\"{long}\"")), "it stays: {}", refused.text);
    let details = format!("{course}/details");
    let seen = site.get(&details, Some(&owner)).await.value("seen");
    let many = "x\n".repeat(31);
    let fields = [("title", "x"), ("language", "fr"), ("objectives", &many), ("seen", &seen)];
    let refused = site.submit(&details, &owner, &fields).await;
    assert!(refused.text.contains("Il y en a 31, pour 30 au plus."), "{}", refused.text);
}

#[tokio::test]
async fn a_course_is_withdrawn_and_a_lesson_deleted() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    let (course, lesson) = written(&site, &owner).await;
    publish(&site, &course, &owner).await;
    let hidden = site.submit(&format!("{lesson}/hide"), &owner, &[]).await;
    assert_eq!(hidden.status, StatusCode::CONFLICT, "the last lesson that learners see");
    let asked = site.get(&format!("{lesson}/delete"), Some(&owner)).await.text;
    assert!(asked.contains("Learners no longer find it"), "{asked}");
    assert!(asked.contains("The lesson “<span lang=\"fr\">Pourquoi"), "{asked}");
    let last = site.submit(&format!("{lesson}/delete"), &owner, &[]).await;
    assert_eq!(last.status, StatusCode::CONFLICT, "the last lesson that learners see");
    let asked = site.get(&format!("{course}/withdraw"), Some(&owner)).await.text;
    assert!(asked.contains("Certificates that were issued stay valid"), "{asked}");
    assert!(asked.contains("“<span lang=\"fr\">Files d’attente</span>”"), "{asked}");
    let editor = site.get(&course, Some(&owner)).await.text;
    assert!(
        editor.contains("Rename the section<span class=\"sr\">: <span lang=\"fr\">Bases</span>"),
        "{editor}"
    );
    site.submit(&format!("{course}/withdraw"), &owner, &[]).await.location();
    assert_eq!(site.get("/courses/files-d-attente", None).await.status, StatusCode::NOT_FOUND);
    assert!(site.get("/teaching", Some(&owner)).await.text.contains("Withdrawn"));
    site.submit(&format!("{lesson}/delete"), &owner, &[]).await.location();
    assert_eq!(site.get(&lesson, Some(&owner)).await.status, StatusCode::NOT_FOUND);
}
