//! The service over SQLite: its handlers in any order, its pages as people use and misuse them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod learner;
mod rosters;
mod seats;
mod teaching;
mod uploads;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use bus::{
    step,
    testing::{Scene, Tables, assert_order_does_not_matter, envelope, start},
};
use chrono::{DateTime, Utc};
use contract::{
    assessment::{self, AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted},
    catalog::{
        self, CertificateDesign, Course, CoursePublished, CourseUpdated, CourseWithdrawn,
        LessonPlace, QuizPlace, Section,
    },
    identity::{Person, PersonErased, PersonRegistered, PersonUpdated, SessionsEnded},
    learning::{self, CourseCompleted},
    step::{GONE, Stamp, hash},
};
use event::{
    AttemptId, CourseId, Envelope, Event, Language, LessonId, PersonId, QuizId, Role, SectionId,
};
use rust_decimal::Decimal;
use tower::ServiceExt;
use ui::{SealingKey, Session, Ui};
use uuid::Uuid;

use crate::{commands, domain::Enrolment};

const TABLES: Tables = &[
    ("course_copy", "course, version, withdrawn, outline, outline_version, hash, key, instructor"),
    ("person_copy", "person, version, erased, name, mail, sort_key, search_key, hash"),
    ("awaited_result", "attempt, learner, course, quiz, by_person, submitted_at"),
    ("message", "id, course, author, subject, text, recipients"),
    ("enrolment_upload_line", "upload, line, mail, course_key, outcome, reason, learner"),
    (
        "enrolment",
        "id, learner, course, version, active, completed_at is not null, erased, sort_key, search_key, progress",
    ),
    ("lesson_read", "enrolment, lesson"),
    ("quiz_result", "attempt, version, learner, course, quiz, mark, out_of, passed, hash"),
];

const COURSE: CourseId = CourseId(Uuid::from_u128(1));
const LESSON: LessonId = LessonId(Uuid::from_u128(2));
const EXTRA: LessonId = LessonId(Uuid::from_u128(3));
const QUIZ: QuizId = QuizId(Uuid::from_u128(4));
const OTHER_QUIZ: QuizId = QuizId(Uuid::from_u128(5));
const LEARNER: PersonId = PersonId(Uuid::from_u128(6));
const INSTRUCTOR: PersonId = PersonId(Uuid::from_u128(7));

/// A course with a required lesson, a lesson for those who like, and required quizzes.
fn course(version: u64, quizzes: &[QuizId]) -> Course {
    let place = |lesson, title: &str, required| LessonPlace {
        lesson,
        title: title.to_owned(),
        required,
        minutes: 20,
    };
    let lessons = vec![place(LESSON, "One click", true), place(EXTRA, "Streams", false)];
    let section = Section { section: SectionId(COURSE.0), title: "All".to_owned(), lessons };
    let quiz = |quiz: &QuizId| QuizPlace {
        quiz: *quiz,
        title: "Follow the message".to_owned(),
        required: true,
        pass_percent: 60,
        minutes: 10,
        section: None,
    };
    Course {
        course: COURSE,
        version,
        key: "queues".to_owned(),
        language: Language::En,
        title: format!("Queues, edition {version}"),
        summary: String::new(),
        objectives: vec![],
        minutes: 50,
        design: CertificateDesign::Achievement,
        instructor: Some(INSTRUCTOR),
        sections: vec![section],
        quizzes: quizzes.iter().map(quiz).collect(),
        updated_at: start(),
    }
}

fn published(version: u64) -> Envelope {
    envelope(&CoursePublished(course(version, &[QUIZ])))
}

fn updated(version: u64, quizzes: &[QuizId]) -> Envelope {
    envelope(&CourseUpdated(course(version, quizzes)))
}

fn withdrawn(version: u64) -> Envelope {
    envelope(&CourseWithdrawn { course: COURSE, version, withdrawn_at: start() })
}

/// The result of an attempt at [`QUIZ`], in tenths; 12 of 20 pass.
fn graded(attempt: u128, version: u64, tenths: i64) -> Envelope {
    envelope(&result(attempt, version, tenths))
}

fn result(attempt: u128, version: u64, tenths: i64) -> AttemptGraded {
    AttemptGraded {
        attempt: AttemptId(Uuid::from_u128(100 + attempt)),
        version,
        quiz: QUIZ,
        course: COURSE,
        learner: LEARNER,
        number: 1,
        mark: Decimal::new(tenths, 1),
        out_of: Decimal::from(20),
        passed: tenths >= 120,
        graded_at: start(),
    }
}

/// Somebody, as of a version; the mail follows from the name.
fn person(id: PersonId, version: u64, name: &str) -> Person {
    Person {
        person: id,
        version,
        name: name.to_owned(),
        mail: format!("{}@example.org", name.split(' ').next().unwrap_or_default()),
        language: Language::En,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner],
        registered_at: start(),
    }
}

fn registered(id: PersonId, name: &str) -> Envelope {
    envelope(&PersonRegistered(person(id, 1, name)))
}

fn renamed(id: PersonId, version: u64, name: &str) -> Envelope {
    envelope(&PersonUpdated(person(id, version, name)))
}

/// So early that the sessions of these tests began after it, as if they were let in just before: they go on.
fn erased(person: PersonId, version: u64) -> Envelope {
    envelope(&PersonErased { person, version, erased_at: DateTime::UNIX_EPOCH })
}

/// An attempt at [`QUIZ`] that was given in.
fn submitted(attempt: u128) -> Envelope {
    submitted_at(attempt, start())
}

fn submitted_at(attempt: u128, submitted_at: DateTime<Utc>) -> Envelope {
    envelope(&AttemptSubmitted {
        attempt: AttemptId(Uuid::from_u128(100 + attempt)),
        quiz: QUIZ,
        quiz_version: 1,
        course: COURSE,
        learner: LEARNER,
        number: 1,
        submitted_at,
        answers: std::collections::BTreeMap::new(),
    })
}

fn awaits_marking(attempt: u128) -> Envelope {
    envelope(&AttemptAwaitsMarking {
        attempt: AttemptId(Uuid::from_u128(100 + attempt)),
        quiz: QUIZ,
        course: COURSE,
        learner: LEARNER,
        awaiting: vec![],
        at: start(),
    })
}

#[tokio::test]
async fn persons_in_any_order() {
    let other = PersonId(Uuid::from_u128(8));
    let events = [
        registered(LEARNER, "Ana Nguyễn"),
        renamed(LEARNER, 2, "Ana Martin"),
        renamed(LEARNER, 3, "Ana Nguyễn Martin"),
        registered(other, "Bo Li"),
        renamed(other, 2, "Bo Chen"),
        erased(other, 3),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&events).await;
    let tables = tables(&scene).await;
    assert!(tables.contains("ana nguyen martin") && !tables.contains("Bo"), "{tables}");
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let ended = |minutes| {
        let since = start() + chrono::TimeDelta::minutes(minutes);
        envelope(&SessionsEnded { person: LEARNER, since })
    };
    let tables = &[("bus_ended_session", "person, since")];
    let events = [ended(1), ended(3), ended(2)];
    assert_order_does_not_matter(crate::service, tables, &[], &events).await;
}

#[tokio::test]
async fn awaited_marks_in_any_order() {
    let events = [
        published(1),
        submitted(1),
        awaits_marking(1),
        submitted(2),
        graded(2, 1, 55),
        submitted(3),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn courses_in_any_order() {
    let events = [published(1), updated(2, &[]), withdrawn(3), published(4), updated(5, &[QUIZ])];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
    let gone = [published(1), updated(2, &[QUIZ, OTHER_QUIZ]), withdrawn(3)];
    assert_order_does_not_matter(crate::service, TABLES, &[], &gone).await;
}

#[tokio::test]
async fn results_in_any_order() {
    let events = [
        published(1),
        graded(1, 1, 0),
        graded(1, 2, 55),
        graded(1, 3, 130),
        graded(2, 1, 175),
        graded(2, 2, 90),
        graded(3, 1, 200),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

fn digest(entries: Vec<Stamp>) -> Envelope {
    envelope(&catalog::Digest(step::Digest {
        run: Uuid::from_u128(77),
        kind: catalog::COURSES.to_owned(),
        page: 1,
        last: true,
        after: Uuid::nil(),
        to: Uuid::max(),
        entries,
    }))
}

/// What was published of this type.
async fn told<E: Event>(scene: &Scene) -> Vec<E> {
    let told = scene.published().await;
    let told = told.iter().filter(|envelope| envelope.event_type == E::TYPE);
    told.map(|envelope| serde_json::from_str(&envelope.data).unwrap()).collect()
}

#[tokio::test]
async fn a_digest_is_answered_once_with_what_differs() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[published(1)]).await;
    let owned = |version, hash: &str| Stamp { id: COURSE.0, version, hash: hash.to_owned() };
    let other = Stamp { id: Uuid::from_u128(900), version: 4, hash: GONE.to_owned() };
    let true_hash = hash(&course(1, &[QUIZ]));
    let asks = digest(vec![owned(1, &true_hash), other.clone()]);
    scene.deliver(&[asks.clone(), asks]).await;
    scene.deliver(&[digest(vec![owned(1, "other")]), digest(vec![])]).await;
    let answers: Vec<learning::CopiesCompared> = told(&scene).await;
    let found: Vec<_> = answers
        .iter()
        .map(|answer| (answer.0.missing, answer.0.differing, answer.0.surplus))
        .collect();
    assert_eq!(found, [(1, 0, 0), (0, 1, 0), (0, 0, 1)], "a repeated digest has one answer");
    assert_eq!(answers[0].0.asked, [Stamp { id: other.id, version: 0, hash: String::new() }]);
    assert_eq!(answers[2].0.asked, [owned(1, &true_hash)]);
    assert_eq!(answers[0].0.queue, "learning.copy-course");
    let known = step::comparisons(&scene.db).await.unwrap();
    assert_eq!((known.len(), known[0].pages, known[0].drift()), (1, 3, 3));
}

#[tokio::test]
async fn what_the_owner_never_had_goes_unless_it_changed_meanwhile() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[published(1)]).await;
    let copy = Stamp { id: COURSE.0, version: 1, hash: hash(&course(1, &[QUIZ])) };
    let disowned = |copy: &Stamp| {
        let (kind, copies) = (catalog::COURSES.to_owned(), vec![copy.clone()]);
        envelope(&catalog::CopiesDisowned(step::Disowned { kind, copies }))
    };
    scene.deliver(&[updated(2, &[QUIZ]), disowned(&copy)]).await;
    assert!(tables(&scene).await.contains("edition 2"), "it is another by now");
    let now = Stamp { version: 2, hash: hash(&course(2, &[QUIZ])), ..copy };
    scene.deliver(&[disowned(&now)]).await;
    assert_eq!(tables(&scene).await, "");
}

/// Its owner was restored from a time before the attempt.
#[tokio::test]
async fn a_mark_that_is_disowned_is_not_awaited_for_ever() {
    let scene = Scene::new(crate::service(), TABLES).await;
    let told = graded(1, 1, 55);
    let mark: AttemptGraded = told.open().unwrap();
    scene.deliver(&[submitted(1), told, submitted(2)]).await;
    let copy = Stamp { id: mark.attempt.0, version: 1, hash: hash(&mark) };
    let (kind, copies) = (assessment::MARKS.to_owned(), vec![copy]);
    let disowned = step::Disowned { kind, copies };
    scene.deliver(&[envelope(&assessment::CopiesDisowned(disowned))]).await;
    let left = tables(&scene).await;
    let other = format!("{:X}", Uuid::from_u128(102).simple());
    assert!(left.starts_with("awaited_result:") && left.contains(&other), "{left}");
    assert_eq!(left.lines().count(), 1, "only the other is on its way: {left}");
}

/// A copy of the right version that was made from something else is made good by the same state.
#[tokio::test]
async fn a_copy_is_repaired_by_the_version_that_it_has() {
    let scene = Scene::new(crate::service(), TABLES).await;
    let wrong = Course { title: "Wrong".to_owned(), ..course(1, &[QUIZ]) };
    scene.deliver(&[envelope(&CourseUpdated(wrong)), graded(1, 1, 55)]).await;
    scene.deliver(&[published(1)]).await;
    let repaired = tables(&scene).await;
    assert!(repaired.contains("edition 1") && !repaired.contains("Wrong"), "{repaired}");
    let again = [published(1), graded(1, 1, 55)];
    scene.deliver(&again).await;
    assert_eq!(tables(&scene).await, repaired);
}

/// What can happen to a learner on the way to completing a course.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    CourseChanges,
    QuizPassed,
    LessonRead,
    SeatTakenAgain,
}

impl Step {
    const ALL: [Self; 4] =
        [Self::CourseChanges, Self::QuizPassed, Self::LessonRead, Self::SeatTakenAgain];

    async fn play(self, scene: &Scene) {
        let seat = Enrolment::id_of(LEARNER, COURSE);
        match self {
            Self::CourseChanges => scene.deliver(&[updated(2, &[QUIZ])]).await,
            Self::QuizPassed => scene.deliver(&[graded(2, 1, 120), graded(1, 1, 55)]).await,
            Self::LessonRead => {
                commands::read_lesson(&scene.db, LEARNER, seat, LESSON).await.unwrap();
            }
            Self::SeatTakenAgain => {
                commands::cancel(&scene.db, LEARNER, seat).await.unwrap();
                commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
            }
        }
    }
}

/// Whichever comes last completes the course, and repeating everything completes it no second time.
#[tokio::test]
async fn a_course_is_completed_once_whatever_comes_last() {
    let mut states = Vec::new();
    for order in permutations(&Step::ALL) {
        let scene = Scene::new(crate::service(), TABLES).await;
        // It asks for a quiz that nobody takes, until it changes.
        scene.deliver(&[updated(1, &[QUIZ, OTHER_QUIZ])]).await;
        commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
        for (at, step) in order.iter().enumerate() {
            step.play(&scene).await;
            drain(&scene).await;
            let needed = [Step::CourseChanges, Step::QuizPassed, Step::LessonRead];
            let is_done = needed.iter().all(|step| order[..=at].contains(step));
            assert_eq!(completions(&scene).await.len(), usize::from(is_done), "{order:?} at {at}");
        }
        for step in order.iter().rev() {
            step.play(&scene).await;
            drain(&scene).await;
        }
        let completed = completions(&scene).await;
        assert_eq!(completed.len(), 1, "{order:?}");
        assert_eq!(completed[0].results[0].mark, Decimal::from(12));
        assert_eq!((completed[0].course_version, completed[0].minutes), (2, 30));
        states.push(tables(&scene).await);
    }
    states.dedup();
    assert_eq!(states.len(), 1, "{states:#?}");
}

#[tokio::test]
async fn a_result_may_come_before_the_seat_and_the_course() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[graded(1, 1, 120), published(1)]).await;
    commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
    assert_eq!(completions(&scene).await, []);
    Step::LessonRead.play(&scene).await;
    assert_eq!(completions(&scene).await.len(), 1);
}

#[tokio::test]
async fn who_is_enrolled_completes_a_course_that_was_withdrawn() {
    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&[published(1)]).await;
    commands::enrol(&scene.db, LEARNER, COURSE).await.unwrap();
    scene.deliver(&[withdrawn(3), graded(1, 1, 120), updated(2, &[QUIZ])]).await;
    Step::LessonRead.play(&scene).await;
    assert_eq!(completions(&scene).await[0].course_version, 2);
    let refused = commands::enrol(&scene.db, PersonId::new(), COURSE).await;
    assert!(matches!(refused, Err(commands::Refusal::Withdrawn)));
}

/// What the service tells itself goes back in, until it has no more to say.
async fn drain(scene: &Scene) {
    let mut heard = 0;
    loop {
        let told = scene.published().await;
        if told.len() == heard {
            break;
        }
        heard = told.len();
        scene.deliver(&told).await;
    }
    assert_eq!(scene.dead().await, Vec::<String>::new());
}

async fn completions(scene: &Scene) -> Vec<CourseCompleted> {
    let told = scene.published().await;
    let completed = told.iter().filter(|envelope| envelope.event_type == CourseCompleted::TYPE);
    completed.map(|envelope| serde_json::from_str(&envelope.data).unwrap()).collect()
}

/// The tables' lines alone.
async fn tables(scene: &Scene) -> String {
    let state = scene.state(&[]).await;
    let is_row =
        |line: &&str| TABLES.iter().any(|(table, _)| line.starts_with(&format!("{table}:")));
    state.lines().filter(is_row).collect::<Vec<_>>().join("\n")
}

fn permutations<T: Copy + PartialEq>(steps: &[T]) -> Vec<Vec<T>> {
    if steps.is_empty() {
        return vec![Vec::new()];
    }
    let beginning_with = |first: &T| {
        let rest: Vec<T> = steps.iter().copied().filter(|step| step != first).collect();
        let first = *first;
        permutations(&rest).into_iter().map(move |rest| [&[first], &rest[..]].concat())
    };
    steps.iter().flat_map(beginning_with).collect()
}

/// The pages, as a browser without JavaScript uses them.
struct Browser {
    scene: Scene,
    ui: Ui,
    person: PersonId,
    roles: Vec<Role>,
    language: Language,
}

impl Browser {
    async fn new() -> Self {
        Self::on(Scene::new(crate::service(), TABLES).await)
    }

    fn on(scene: Scene) -> Self {
        let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
        let roles = vec![Role::Learner];
        Self { scene, ui, person: LEARNER, roles, language: Language::En }
    }

    /// The same platform, as somebody else sees it.
    fn by(self, person: PersonId, role: Role) -> Self {
        Self { person, roles: vec![role], ..self }
    }

    async fn ask(&self, method: &str, path: &str, form: String) -> (StatusCode, HeaderMap, String) {
        self.send(method, path, "application/x-www-form-urlencoded", form).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> (StatusCode, HeaderMap, String) {
        let session = Session {
            person: self.person,
            roles: self.roles.clone(),
            language: self.language,
            expires: Utc::now() + chrono::TimeDelta::hours(1),
        };
        let token = session.seal(self.ui.key()).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("{}={token}", Session::COOKIE))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let pages = crate::routes(&self.scene.db, &self.ui).pages;
        let answer = pages.oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn see(&self, path: &str) -> String {
        let (status, _, page) = self.ask("GET", path, String::new()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        assert!(!page.contains('⟦'), "{page}");
        page
    }

    /// Posts a form; gives where it leads.
    async fn post(&self, path: &str, form: &str) -> String {
        let (status, headers, page) = self.ask("POST", path, form.to_owned()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {page}");
        headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// The status of a page, and what it says.
    async fn status(&self, path: &str) -> u16 {
        self.ask("GET", path, String::new()).await.0.as_u16()
    }

    async fn read(&self, next: &str) -> String {
        let form = format!("course={COURSE}&next={next}");
        self.post(&format!("/learning/lessons/{LESSON}/read"), &form).await
    }
}

#[test]
fn both_languages_say_the_same() {
    let (english, french) =
        (include_str!("../../locales/en/main.ftl"), include_str!("../../locales/fr/main.ftl"));
    assert_eq!(ui::untranslated(english, french), Vec::<String>::new());
}
