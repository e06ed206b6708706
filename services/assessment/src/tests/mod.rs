//! The service over SQLite: its handlers in any order, its routes as people use and misuse them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authoring;
mod grading;
mod handlers;
mod marking;
mod pages;
mod places;
mod quizzes;
mod results;
mod taking;
mod windows;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use bus::testing::{Scene, Tables};
use contract::{
    catalog::{Course, CoursePublished},
    identity::PersonRegistered,
    learning::LearnerEnrolled,
};
use event::{CourseId, EnrolmentId, Language, PersonId, QuizId, Role};
use serde_json::{Value, json};
use tower::ServiceExt;
use ui::{SealingKey, Session, Ui};

use crate::commands::{Imported, QuizSource, import};

const TABLES: Tables = &[
    ("course_copy", "course, version, withdrawn, hash"),
    ("course_card", "course, version, title, language, instructor, places"),
    ("placed_quiz", "quiz, course, version, key, title, pass_percent, course_title, instructor"),
    ("person_copy", "person, version, erased, name, search_key, hash"),
    ("quiz_upload", "quiz, file, accepted, refused"),
    ("told_place", "quiz, course, version, title, pass_percent"),
    ("mark_correction", "attempt, question, mark_before, mark_after, reason, version"),
    ("enrolment_copy", "enrolment, learner, course, version, active, hash"),
    (
        "attempt",
        "id, quiz, quiz_version, learner, number, state, answers, hand_marks, mark, out_of, passed, share, version",
    ),
];

const GIFT: &str =
    "::First::A{=a#well done}\n\n::Second::B{T}\n\n::Third::Which?{~%50%x ~%50%y ~%-100%z}";

/// The platform as one person after the other uses it.
struct Stage {
    scene: Scene,
    ui: Ui,
    course: CourseId,
}

impl Stage {
    async fn new() -> Self {
        let scene = Scene::new(crate::service(), TABLES).await;
        let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
        Self { scene, ui, course: CourseId::new() }
    }

    /// A quiz of which `percent` must be right.
    async fn quiz(&self, gift: &str, percent: u32, max_attempts: Option<u32>) -> QuizId {
        import(&self.scene.db, self.course, source(gift, percent, max_attempts)).await.unwrap().quiz
    }

    /// The course is published, and somebody teaches it.
    async fn taught_by(&self, instructor: Option<PersonId>) {
        let course = handlers::course(self.course, 1);
        let published = CoursePublished(Course { instructor, ..course });
        self.scene.deliver(&[bus::testing::envelope(&published)]).await;
    }

    /// Somebody has an account, under this name.
    async fn named(&self, person: PersonId, name: &str) {
        let registered = PersonRegistered(handlers::person(person, 1, name));
        self.scene.deliver(&[bus::testing::envelope(&registered)]).await;
    }

    /// A page, or what is posted to it, as a browser without JavaScript does.
    async fn browse(
        &self,
        who: &Session,
        path: &str,
        form: Option<&[(&str, &str)]>,
    ) -> (StatusCode, String) {
        let encoded = form.map(|fields| {
            let pair = |(name, value): &(&str, &str)| format!("{name}={}", escaped(value));
            fields.iter().map(pair).collect::<Vec<_>>().join("&")
        });
        self.request(who, path, encoded, "application/x-www-form-urlencoded").await
    }

    async fn request(
        &self,
        who: &Session,
        path: &str,
        body: Option<String>,
        kind: &str,
    ) -> (StatusCode, String) {
        let token = who.seal(self.ui.key()).unwrap();
        let request = Request::builder()
            .method(if body.is_some() { "POST" } else { "GET" })
            .uri(path)
            .header(header::COOKIE, format!("{}={token}", Session::COOKIE))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body.unwrap_or_default()))
            .unwrap();
        let response =
            crate::routes(&self.scene.db, &self.ui).pages.oneshot(request).await.unwrap();
        let status = response.status();
        if let Some(place) = response.headers().get(header::LOCATION) {
            return (status, place.to_str().unwrap().to_owned());
        }
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(!page.contains('⟦'), "a message is missing: {page}");
        (status, page)
    }

    /// A page that is there.
    async fn page(&self, who: &Session, path: &str) -> String {
        let (status, page) = self.browse(who, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        page
    }

    /// What is posted, and where that leads.
    async fn post(&self, who: &Session, path: &str, form: &[(&str, &str)]) -> String {
        let (status, place) = self.browse(who, path, Some(form)).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {place}");
        place
    }

    async fn enrolled(&self) -> PersonId {
        let learner = PersonId::new();
        let seat = LearnerEnrolled {
            enrolment: EnrolmentId::new(),
            version: 1,
            learner,
            course: self.course,
            enrolled_at: bus::testing::start(),
        };
        self.scene.deliver(&[bus::testing::envelope(&seat)]).await;
        learner
    }

    async fn ask(
        &self,
        who: Session,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let token = who.seal(self.ui.key()).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let (router, _) = crate::routes(&self.scene.db, &self.ui).api.split_for_parts();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn ok(&self, who: Session, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask(who, method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
        answer
    }

    /// Starts an attempt; gives its id and its questions' ids.
    async fn start(&self, learner: PersonId, quiz: QuizId) -> (String, Vec<String>) {
        let path = format!("/api/v1/quizzes/{quiz}/attempts");
        let view = self.ok(learner_session(learner), "POST", &path, None).await;
        let id = |question: &Value| question["id"].as_str().unwrap().to_owned();
        let questions = view["questions"].as_array().unwrap().iter().map(id).collect();
        (view["attempt"].as_str().unwrap().to_owned(), questions)
    }

    async fn save(
        &self,
        learner: PersonId,
        attempt: &str,
        question: &str,
        answer: Value,
    ) -> (StatusCode, Value) {
        let path = format!("/api/v1/attempts/{attempt}/answers/{question}");
        self.ask(learner_session(learner), "PUT", &path, Some(answer)).await
    }

    async fn submit(&self, learner: PersonId, attempt: &str) -> Value {
        let path = format!("/api/v1/attempts/{attempt}/submit");
        self.ok(learner_session(learner), "POST", &path, None).await
    }

    async fn show(&self, learner: PersonId, attempt: &str) -> Value {
        let path = format!("/api/v1/attempts/{attempt}");
        self.ok(learner_session(learner), "GET", &path, None).await
    }

    /// What was published goes back in, as the transport would bring it: the grader works.
    async fn drain(&self) {
        let published = self.scene.published().await;
        self.scene.deliver(&published).await;
        assert_eq!(self.scene.dead().await, Vec::<String>::new());
    }

    async fn count(&self, event_type: &str) -> usize {
        let published = self.scene.published().await;
        published.iter().filter(|envelope| envelope.event_type == event_type).count()
    }
}

fn source(gift: &str, pass_percent: u32, max_attempts: Option<u32>) -> QuizSource {
    QuizSource {
        key: "final".to_owned(),
        title: "The final quiz".to_owned(),
        file: "final.gift".to_owned(),
        gift: gift.as_bytes().to_vec(),
        pass_percent,
        max_attempts,
    }
}

fn session(person: PersonId, role: Role) -> Session {
    Session {
        person,
        roles: vec![role],
        language: Language::En,
        expires: chrono::Utc::now() + chrono::TimeDelta::hours(1),
    }
}

fn learner_session(person: PersonId) -> Session {
    session(person, Role::Learner)
}

fn teacher() -> Session {
    session(PersonId::new(), Role::Instructor)
}

fn administrator() -> Session {
    session(PersonId::new(), Role::Administrator)
}

/// As a form sends it.
fn escaped(value: &str) -> String {
    let letter = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(letter).collect()
}

fn text(text: &str) -> Value {
    json!({ "kind": "text", "text": text })
}

async fn again(stage: &Stage, gift: &str, percent: u32) -> Imported {
    import(&stage.scene.db, stage.course, source(gift, percent, None)).await.unwrap()
}
