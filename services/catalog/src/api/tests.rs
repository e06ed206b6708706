#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use bus::{step, testing::envelope};
use contract::{
    catalog::{
        COURSES, CopiesDisowned, CoursePublished, CourseUpdated, CourseWithdrawn, Digest, LESSONS,
        LessonUpdated, ids,
    },
    learning,
    step::{GONE, Stamp, hash},
};
use event::{Envelope, Event as _, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::site::{Site, site};

#[tokio::test]
async fn drafts_are_their_owner_s_alone_until_published() {
    let site = site().await;
    let (owner, other) = (site.sign_in(Role::Instructor), site.sign_in(Role::Instructor));
    let administrator = site.sign_in(Role::Administrator);
    site.draft(&owner).await;
    for path in [
        "/api/v1/courses/queues",
        "/api/v1/courses/queues/lessons/one",
        "/courses/queues",
        "/courses/queues/lessons/one",
    ] {
        assert_eq!(site.get(path, None).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(site.get(path, Some(&other)).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(site.get(path, Some(&owner)).await.status, StatusCode::OK, "{path}");
        assert_eq!(site.get(path, Some(&administrator)).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(site.get("/api/v1/courses", None).await.json()["courses"], json!([]));
    assert_eq!(
        site.get("/api/v1/courses?mine=true", Some(&owner)).await.json()["courses"][0]["key"],
        "queues"
    );
    assert_eq!(
        site.get("/api/v1/courses?mine=true", Some(&other)).await.json()["courses"],
        json!([])
    );
    assert!(site.scene.published().await.is_empty());

    let published = site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    assert_eq!(published.json()["state"], "published");
    let lesson = site.get("/api/v1/courses/queues/lessons/one", None).await.json();
    assert!(lesson["html"].as_str().unwrap().contains("<strong>Bold</strong>"));
    assert!(!lesson["html"].as_str().unwrap().contains("<script"));
    for path in ["/", "/courses?language=en", "/courses/queues", "/courses/queues/lessons/one"] {
        let page = site.get(path, None).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Queues"), "{path}");
    }
    let page = site.get("/courses/queues/lessons/one", Some(&other)).await.text;
    let id = lesson["lesson"].as_str().unwrap();
    assert!(page.contains(&format!("action=\"/learning/lessons/{id}/read\"")), "{page}");

    let refused = site.post("/api/v1/courses/queues/withdraw", &other, json!({})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    site.post("/api/v1/courses/queues/withdraw", &owner, json!({})).await;
    assert_eq!(site.get("/api/v1/courses/queues", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn learners_and_strangers_write_nothing() {
    let site = site().await;
    let learner = site.sign_in(Role::Learner);
    let course = json!({"language": "en", "title": "Mine"});
    let refused = site.post("/api/v1/courses", &learner, course.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = site.ask(Method::POST, "/api/v1/courses", None, Some(course)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.get("/api/v1/courses?mine=true", Some(&learner)).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_change_to_what_was_changed_meanwhile_is_refused() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let path = "/api/v1/courses/queues";
    let tag = site.get(path, Some(&owner)).await.header("etag").unwrap();
    let rename = |title: &str| Some(json!({"title": title}));
    let first = site.ask_if(Method::PATCH, path, Some(&owner), rename("A"), Some(&tag)).await;
    assert_eq!((first.status, first.json()["title"].as_str()), (StatusCode::OK, Some("A")));
    let second = site.ask_if(Method::PATCH, path, Some(&owner), rename("B"), Some(&tag)).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let body = json!({"title": "B", "version": 1});
    assert_eq!(
        site.ask(Method::PATCH, path, Some(&owner), Some(body)).await.status,
        StatusCode::CONFLICT
    );
    let odd = site.ask_if(Method::PATCH, path, Some(&owner), rename("C"), Some("odd")).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);

    let lesson = "/api/v1/courses/queues/lessons/one";
    let body = json!({"text": "New", "version": 1});
    assert_eq!(
        site.ask(Method::PATCH, lesson, Some(&owner), Some(body.clone())).await.json()["version"],
        2
    );
    assert_eq!(
        site.ask(Method::PATCH, lesson, Some(&owner), Some(body)).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn a_lesson_lives_from_draft_to_tombstone() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    let lesson = json!({"title": "Two", "text": "x"});
    let made = site.post("/api/v1/courses/queues/lessons", &owner, lesson.clone()).await.json();
    let again = site.post("/api/v1/courses/queues/lessons", &owner, lesson).await.json();
    assert_eq!(made["lesson"], again["lesson"], "made once, however often it is asked for");
    let path = "/api/v1/courses/queues/lessons/two";
    assert_eq!(site.get(path, None).await.status, StatusCode::NOT_FOUND, "a draft");
    site.post(&format!("{path}/publish"), &owner, json!({})).await;
    assert_eq!(site.get(path, None).await.status, StatusCode::OK);
    for _ in 0..2 {
        let gone = site.ask(Method::DELETE, path, Some(&owner), None).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(site.get(path, None).await.status, StatusCode::NOT_FOUND);
    let last =
        site.ask(Method::DELETE, "/api/v1/courses/queues/lessons/one", Some(&owner), None).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    let types: Vec<String> =
        site.scene.published().await.into_iter().map(|event| event.event_type).collect();
    assert_eq!(types.iter().filter(|name| name.contains("lesson-published")).count(), 2);
    assert_eq!(types.iter().filter(|name| name.contains("lesson-withdrawn")).count(), 1);
}

#[tokio::test]
async fn hostile_input_is_refused_with_a_reason() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let long = "x".repeat(5_000);
    let courses = [
        json!({"language": "en", "title": long}),
        json!({"language": "en", "title": ""}),
        json!({"language": "de", "title": "x"}),
        json!({"language": "en", "title": "x", "key": "../x"}),
        json!({"language": "en", "title": "x", "summary": long}),
        json!({"language": "en", "title": "x", "minutes": 4_000_000_000_u32}),
        json!({"language": "en", "title": "x", "objectives": vec!["x"; 31]}),
        json!({"language": "en", "title": "日本語"}),
        json!({"language": "en", "title": "x", "unknown": 1}),
        json!([]),
    ];
    for body in courses {
        let refused = site.post("/api/v1/courses", &owner, body.clone()).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body} gave {}",
            refused.text
        );
    }
    let lessons = "/api/v1/courses/queues/lessons";
    for (text, status) in
        [("x".repeat(600 * 1024), 422), ("x".repeat(3 * 1024 * 1024), 413), (" ".to_owned(), 422)]
    {
        let refused = site.post(lessons, &owner, json!({"title": "x", "text": text})).await;
        assert_eq!(refused.status.as_u16(), status);
    }
    let elsewhere = json!({"title": "x", "text": "x", "section": Uuid::now_v7()});
    assert_eq!(site.post(lessons, &owner, elsewhere).await.status.as_u16(), 422);
    for path in [
        "/api/v1/courses?limit=x",
        "/api/v1/courses?language=xx",
        "/api/v1/courses/%00",
        "/courses?language=%00",
        "/courses/%E2%80%8F",
    ] {
        let status = site.get(path, None).await.status.as_u16();
        assert!([400, 404, 422].contains(&status), "{path} gave {status}");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    for number in 0..5 {
        let course = json!({"language": "fr", "title": format!("Course {number}")});
        site.post("/api/v1/courses", &owner, course).await;
    }
    let first = site.get("/api/v1/courses?mine=true&limit=3", Some(&owner)).await.json();
    let next = first["next"].as_str().unwrap();
    let second = site
        .get(&format!("/api/v1/courses?mine=true&limit=3&after={next}"), Some(&owner))
        .await
        .json();
    assert_eq!(first["courses"].as_array().unwrap().len(), 3);
    assert_eq!(second["courses"].as_array().unwrap().len(), 2);
    assert!(second.get("next").is_none());
}

#[test]
fn every_message_is_in_both_languages() {
    let (english, french) =
        (include_str!("../../locales/en/main.ftl"), include_str!("../../locales/fr/main.ftl"));
    assert_eq!(ui::untranslated(english, french), Vec::<String>::new());
}

/// What a follower says of its copies, and what it asks for.
fn compared(kind: &str, asked: Vec<Stamp>) -> Envelope {
    envelope(&learning::CopiesCompared(step::Compared {
        run: Uuid::from_u128(1),
        kind: kind.to_owned(),
        page: 1,
        last: true,
        queue: "learning.copy-course".to_owned(),
        answer_to: "learning.compare-copies".to_owned(),
        asked,
        ..step::Compared::default()
    }))
}

impl Site {
    /// What the service tells itself goes back in, until it has no more to say. Gives what it told
    /// after so many, without what it told itself.
    async fn told_after(&self, before: usize) -> Vec<Envelope> {
        let mut heard = before;
        loop {
            let told = self.scene.published().await;
            if told.len() == heard {
                let tells_itself = |envelope: &Envelope| envelope.event_type.contains("step-task");
                return told[before..].iter().filter(|told| !tells_itself(told)).cloned().collect();
            }
            let news = told[heard..].to_vec();
            heard = told.len();
            self.scene.deliver(&news).await;
        }
    }

    async fn answer(&self, kind: &str, asked: Vec<Stamp>) -> Vec<Envelope> {
        let before = self.scene.published().await.len();
        self.scene.deliver(&[compared(kind, asked)]).await;
        self.told_after(before).await
    }
}

fn types(told: &[Envelope]) -> Vec<&str> {
    let mut types: Vec<&str> = told.iter().map(|envelope| envelope.event_type.as_str()).collect();
    types.sort_unstable();
    types
}

#[tokio::test]
async fn whoever_lacks_a_course_is_told_it_as_it_is() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    let course = ids::course("queues").0;
    let lacks = |version| vec![Stamp { id: course, version, hash: String::new() }];
    assert!(site.answer(COURSES, lacks(0)).await.is_empty(), "a draft is nobody's business");
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    let published = site.scene.published().await;
    let published =
        published.iter().find(|told| told.event_type == CoursePublished::TYPE).unwrap().clone();

    let told = site.answer(COURSES, lacks(0)).await;
    assert_eq!(types(&told), [CourseUpdated::TYPE]);
    assert_eq!(told[0].data, published.data, "the same state as it was told first");
    let told = site.answer(COURSES, lacks(40)).await;
    assert_eq!(told[0].sequence, Some(41), "a follower is ahead: this was restored");

    site.post("/api/v1/courses/queues/withdraw", &owner, json!({})).await;
    let told = site.answer(COURSES, lacks(0)).await;
    assert_eq!(types(&told), [CourseUpdated::TYPE, CourseWithdrawn::TYPE]);
    let sequences: Vec<_> = told.iter().map(|envelope| envelope.sequence).collect();
    assert_eq!(sequences, [Some(41), Some(42)], "described, one version before it went");
}

#[tokio::test]
async fn a_digest_holds_what_was_told() {
    let site = site().await;
    let owner = site.sign_in(Role::Instructor);
    site.draft(&owner).await;
    site.post("/api/v1/courses/queues/publish", &owner, json!({})).await;
    let two = json!({"title": "Two", "text": "Later", "publish": true});
    site.post("/api/v1/courses/queues/lessons", &owner, two).await;
    let gone =
        site.ask(Method::DELETE, "/api/v1/courses/queues/lessons/one", Some(&owner), None).await;
    assert!(gone.status.is_success(), "{}", gone.text);
    let mut expected: BTreeMap<(Uuid, u64), String> = BTreeMap::new();
    for told in site.scene.published().await {
        let state: Value = serde_json::from_str(&told.data).unwrap();
        let id = Uuid::parse_str(&told.subject).unwrap();
        expected.retain(|(known, _), _| *known != id);
        let hash = match state.get("withdrawn_at") {
            Some(_) => GONE.to_owned(),
            None if state.get("lesson").is_some() => hash(&told.open::<LessonUpdated>().unwrap()),
            None => hash(&told.open::<CourseUpdated>().unwrap()),
        };
        expected.insert((id, told.sequence.unwrap()), hash);
    }
    let before = site.scene.published().await.len();
    step::look(&crate::service(), &site.scene.db, Uuid::from_u128(5)).await.unwrap();
    let digests = site.told_after(before).await;
    let stamps = digests
        .iter()
        .flat_map(|told| serde_json::from_str::<Digest>(&told.data).unwrap().0.entries);
    let found: BTreeMap<(Uuid, u64), String> =
        stamps.map(|stamp| ((stamp.id, stamp.version), stamp.hash)).collect();
    assert_eq!((found.len(), &found), (3, &expected));
}

#[tokio::test]
async fn what_there_never_was_is_disowned_and_strangers_queues_are_refused() {
    let site = site().await;
    let surplus = Stamp { id: Uuid::from_u128(9), version: 3, hash: "abc".to_owned() };
    let told = site.answer(LESSONS, vec![surplus.clone()]).await;
    assert_eq!(types(&told), [CopiesDisowned::TYPE]);
    let disowned: CopiesDisowned = serde_json::from_str(&told[0].data).unwrap();
    assert_eq!(disowned.0.copies, [surplus]);
    let elsewhere = envelope(&learning::CopiesWanted(step::Wanted {
        kind: COURSES.to_owned(),
        queue: "notification.notify".to_owned(),
    }));
    site.scene.deliver(&[elsewhere]).await;
    let dead = site.scene.dead().await;
    assert!(dead.len() == 1 && dead[0].contains("no queue of learning"), "{dead:?}");
}
