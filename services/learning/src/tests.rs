//! The service over SQLite: its handlers in any order, its pages as people use and misuse them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use bus::{
    step,
    testing::{Scene, Tables, assert_order_does_not_matter, envelope, start},
};
use contract::{
    assessment::AttemptGraded,
    catalog::{
        self, CertificateDesign, Course, CoursePublished, CourseUpdated, CourseWithdrawn,
        LessonPlace, QuizPlace, Section,
    },
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
    ("course_copy", "course, version, withdrawn, outline, outline_version, hash"),
    ("enrolment", "id, learner, course, version, active, completed_at is not null"),
    ("lesson_read", "enrolment, lesson"),
    ("quiz_result", "attempt, version, learner, course, quiz, mark, out_of, passed, hash"),
];

const COURSE: CourseId = CourseId(Uuid::from_u128(1));
const LESSON: LessonId = LessonId(Uuid::from_u128(2));
const EXTRA: LessonId = LessonId(Uuid::from_u128(3));
const QUIZ: QuizId = QuizId(Uuid::from_u128(4));
const OTHER_QUIZ: QuizId = QuizId(Uuid::from_u128(5));
const LEARNER: PersonId = PersonId(Uuid::from_u128(6));

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
        instructor: None,
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
    envelope(&AttemptGraded {
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
    })
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

fn permutations(steps: &[Step]) -> Vec<Vec<Step>> {
    if steps.is_empty() {
        return vec![Vec::new()];
    }
    let beginning_with = |first: &Step| {
        let rest: Vec<Step> = steps.iter().copied().filter(|step| step != first).collect();
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
    language: Language,
}

impl Browser {
    async fn new() -> Self {
        let scene = Scene::new(crate::service(), TABLES).await;
        let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
        Self { scene, ui, person: LEARNER, language: Language::En }
    }

    async fn ask(&self, method: &str, path: &str, form: String) -> (StatusCode, HeaderMap, String) {
        let session = Session {
            person: self.person,
            roles: vec![Role::Learner],
            language: self.language,
            expires: chrono::Utc::now() + chrono::TimeDelta::hours(1),
        };
        let token = session.seal(self.ui.key()).unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("{}={token}", Session::COOKIE))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
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

    async fn read(&self, next: &str) -> String {
        let form = format!("course={COURSE}&next={next}");
        self.post(&format!("/learning/lessons/{LESSON}/read"), &form).await
    }
}

#[tokio::test]
async fn a_learner_goes_the_whole_way() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    assert!(browser.see("/learning").await.contains("not enrolled in any course"));

    let enrol = format!("/learning/courses/{COURSE}/enrol");
    assert_eq!(browser.post(&enrol, "").await, "/learning");
    let page = browser.see("/learning").await;
    assert!(page.contains("0 of 2 steps done") && page.contains("value=\"0\""), "{page}");
    let next = format!("<a class=\"button\" href=\"/courses/{COURSE}/lessons/{LESSON}\">");
    assert!(page.contains(&next) && page.contains("Next lesson: One click"), "{page}");

    assert_eq!(browser.read("/courses/queues/lessons/two").await, "/courses/queues/lessons/two");
    let page = browser.see("/learning").await;
    let next = format!("<a class=\"button\" href=\"/quizzes/{QUIZ}\">");
    assert!(page.contains("1 of 2 steps done") && page.contains(&next), "{page}");

    browser.scene.deliver(&[graded(1, 1, 55)]).await;
    let page = browser.see("/learning").await;
    assert!(page.contains("Best mark 5.5 / 20, not passed yet") && page.contains(&next), "{page}");
    browser.scene.deliver(&[graded(2, 1, 175)]).await;
    let french = Browser { language: Language::Fr, ..browser };
    let page = french.see("/learning").await;
    assert!(page.contains("2 étapes faites sur 2") && page.contains("17,5 / 20"), "{page}");
    assert!(page.contains("Terminée le") && page.contains("href=\"/certificates\""), "{page}");
    assert!(!page.contains("Annuler mon inscription"), "{page}");
}

#[tokio::test]
async fn a_seat_is_given_up_and_taken_again() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    let enrol = format!("/learning/courses/{COURSE}/enrol");
    browser.post(&enrol, "").await;
    browser.post(&enrol, "").await;
    browser.read("/learning").await;
    let cancel = format!("/learning/enrolments/{}/cancel", Enrolment::id_of(LEARNER, COURSE));
    browser.post(&cancel, "").await;
    assert_eq!(browser.post(&cancel, "").await, "/learning");
    let page = browser.see("/learning").await;
    assert!(page.contains("Enrolment cancelled") && page.contains("Enrol again"), "{page}");
    assert_eq!(browser.read("/learning").await, format!("/learning?course={COURSE}"));
    browser.post(&enrol, "").await;
    assert!(browser.see("/learning").await.contains("1 of 2 steps done"));
}

#[tokio::test]
async fn a_course_that_has_not_arrived_appears_by_itself() {
    let browser = Browser::new().await;
    let place = browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    assert_eq!(place, format!("/learning?course={COURSE}"));
    let (status, headers, page) = browser.ask("GET", &place, String::new()).await;
    assert_eq!((status, headers["refresh"].to_str().unwrap()), (StatusCode::OK, "4"));
    assert!(page.contains("it appears by itself"), "{page}");

    browser.scene.deliver(&[published(1)]).await;
    let (_, headers, page) = browser.ask("GET", &place, String::new()).await;
    assert!(page.contains("Queues, edition 1") && page.contains("<button>Enrol"), "{page}");
    assert!(!headers.contains_key("refresh"));
    browser.scene.deliver(&[withdrawn(2)]).await;
    assert!(browser.see(&place).await.contains("nobody can enrol any more"));
}

#[tokio::test]
async fn nonsense_is_turned_away() {
    let browser = Browser::new().await;
    browser.scene.deliver(&[published(1)]).await;
    browser.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    for away in ["https://evil.example", "//evil.example", "%2F%2Fevil.example", "%5Cevil"] {
        assert_eq!(browser.read(away).await, "/courses");
    }
    let stranger = Browser { person: PersonId::new(), language: Language::Fr, ..browser };
    let cases = [
        (format!("/learning/enrolments/{}/cancel", Enrolment::id_of(LEARNER, COURSE)), "", 404),
        ("/learning/courses/queues/enrol".to_owned(), "", 404),
        (format!("/learning/lessons/{LESSON}/read"), "course=queues", 422),
        (format!("/learning/lessons/{LESSON}/read"), "", 422),
    ];
    for (path, form, expected) in cases {
        let (status, _, page) = stranger.ask("POST", &path, form.to_owned()).await;
        assert_eq!(status, expected, "{path}: {page}");
    }
    assert_eq!(stranger.read("/learning").await, format!("/learning?course={COURSE}"));
    stranger.post(&format!("/learning/courses/{COURSE}/enrol"), "").await;
    let unknown = format!("/learning/lessons/{}/read", LessonId::new());
    let (status, _, page) = stranger.ask("POST", &unknown, format!("course={COURSE}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("Cette formation n'a pas cette leçon"), "{page}");
}

#[tokio::test]
async fn a_long_list_is_turned_page_by_page() {
    let browser = Browser::new().await;
    for number in 0..25 {
        let own = CourseId(Uuid::from_u128(1000 + number));
        let title = format!("Course number {number}.");
        let course = Course { course: own, title, ..course(1, &[QUIZ]) };
        browser.scene.deliver(&[envelope(&CoursePublished(course))]).await;
        commands::enrol(&browser.scene.db, LEARNER, own).await.unwrap();
    }
    let first = browser.see("/learning").await;
    let (_, next) = first.split_once("/learning?after=").unwrap();
    let next = next.split_once('"').unwrap().0;
    let second = browser.see(&format!("/learning?after={next}")).await;
    let shown = |number| {
        let title = format!("Course number {number}.");
        usize::from(first.contains(&title)) + usize::from(second.contains(&title))
    };
    assert!((0..25).all(|number| shown(number) == 1));
    assert!(!second.contains("?after="));
}

#[test]
fn both_languages_say_the_same() {
    let (english, french) =
        (include_str!("../locales/en/main.ftl"), include_str!("../locales/fr/main.ftl"));
    assert_eq!(ui::untranslated(english, french), Vec::<String>::new());
}
