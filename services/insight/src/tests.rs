#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use bus::{
    Clock, Db, Envelope, Location,
    testing::{Scene, Tables, assert_order_does_not_matter, envelope, envelope_at, start},
    values,
};
use chrono::{TimeDelta, Utc};
use contract::{
    assessment::AttemptSubmitted,
    catalog::{
        CertificateDesign, Course, CoursePublished, CourseUpdated, CourseWithdrawn, Lesson,
        LessonPublished, LessonUpdated, LessonWithdrawn, QuizPlace, ids,
    },
    identity::{Person, PersonErased, PersonRegistered, PersonUpdated, SessionsEnded},
    learning::{LearnerEnrolled, LessonRead},
    notification::{Channel, Delivery, DeliverySent, Kind},
};
use event::{AttemptId, CourseId, DeliveryId, EnrolmentId, Language, PersonId, QuizId, Role};
use serde_json::Value;
use tower::ServiceExt as _;
use ui::{SealingKey, Session, Ui};
use uuid::Uuid;

use crate::{domain::Words, migrations::MIGRATIONS, store};

const TABLES: Tables = &[
    ("document", "document, course, kind, version, shown, key, language, title, text, hash"),
    ("term", "term, document, course, weight"),
    ("people", "person, erased"),
    ("entry", "event, field, person, event_type, happened_at, course, ids"),
];

fn course(key: &str, version: u64, title: &str) -> Course {
    Course {
        course: ids::course(key),
        version,
        key: key.to_owned(),
        language: Language::En,
        title: title.to_owned(),
        summary: "How messages wait.".to_owned(),
        objectives: vec!["Explain acknowledgement".to_owned()],
        minutes: 10,
        design: CertificateDesign::default(),
        instructor: Some(PersonId(Uuid::from_u128(9))),
        sections: Vec::new(),
        quizzes: Vec::new(),
        updated_at: start(),
    }
}

fn lesson(course: CourseId, key: &str, version: u64, title: &str, text: &str) -> Lesson {
    Lesson {
        lesson: ids::lesson(course, key),
        course,
        version,
        title: title.to_owned(),
        text: text.to_owned(),
        minutes: 5,
        required: true,
        published_at: start(),
        initial: true,
    }
}

fn withdrawn(course: CourseId, version: u64) -> CourseWithdrawn {
    CourseWithdrawn { course, version, withdrawn_at: start() }
}

fn person(person: PersonId, version: u64) -> Person {
    Person {
        person,
        version,
        name: "Mai Nguyễn".to_owned(),
        mail: "mai@example.org".to_owned(),
        language: Language::Fr,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner],
        registered_at: start(),
    }
}

fn enrolled(learner: PersonId, course: CourseId) -> LearnerEnrolled {
    let enrolment = EnrolmentId(Uuid::from_u128(learner.0.as_u128() + course.0.as_u128() / 2));
    LearnerEnrolled { enrolment, version: 1, learner, course, enrolled_at: start() }
}

fn read(learner: PersonId, course: CourseId) -> LessonRead {
    let enrolment = enrolled(learner, course).enrolment;
    LessonRead { enrolment, learner, course, lesson: ids::lesson(course, "one"), read_at: start() }
}

fn submitted(learner: PersonId, course: CourseId, quiz: QuizId) -> AttemptSubmitted {
    AttemptSubmitted {
        attempt: AttemptId(Uuid::from_u128(79)),
        quiz,
        quiz_version: 1,
        course,
        learner,
        number: 1,
        submitted_at: start(),
        answers: BTreeMap::new(),
    }
}

fn sent(person: PersonId) -> DeliverySent {
    let delivery = Delivery {
        delivery: DeliveryId(Uuid::from_u128(77)),
        person,
        fact: Uuid::from_u128(78),
        kind: Kind::Enrolment,
        channel: Channel::Mail,
        at: start(),
    };
    DeliverySent { delivery }
}

const MAI: PersonId = PersonId(Uuid::from_u128(1));
const BOB: PersonId = PersonId(Uuid::from_u128(2));

struct Site {
    scene: Scene,
    ui: Ui,
    routes: Router,
}

async fn site() -> Site {
    let scene = Scene::new(crate::service(), TABLES).await;
    let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
    let routes = crate::routes(&scene.db, &ui);
    let (api, _) = routes.api.split_for_parts();
    Site { scene, ui, routes: routes.pages.merge(api) }
}

impl Site {
    async fn get(&self, path: &str, who: Option<(PersonId, Role)>) -> (StatusCode, String) {
        let mut request = Request::builder().uri(path);
        if let Some((person, role)) = who {
            let expires = Utc::now() + TimeDelta::hours(1);
            let session = Session { person, roles: vec![role], language: Language::Fr, expires };
            let token = session.seal(self.ui.key()).unwrap();
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response =
            self.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn titles(&self, query: &str) -> Vec<String> {
        let (status, text) = self.get(&format!("/api/v1/search?{query}"), None).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        let json: Value = serde_json::from_str(&text).unwrap();
        let results = json["results"].as_array().unwrap();
        results.iter().map(|result| result["title"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn the_index_is_the_same_in_any_order() {
    let (one, two) = (ids::course("one"), ids::course("two"));
    let text = "Exchanges route, queues keep.";
    let events = [
        envelope(&CoursePublished(course("one", 1, "Queues"))),
        envelope(&CourseUpdated(course("one", 2, "Message queues"))),
        envelope(&withdrawn(one, 3)),
        envelope(&CoursePublished(course("one", 4, "Queues again"))),
        envelope(&CoursePublished(course("two", 1, "Streams"))),
        envelope(&withdrawn(two, 2)),
        envelope(&LessonPublished(lesson(one, "a", 1, "Why", text))),
        envelope(&LessonUpdated(lesson(one, "a", 2, "Why queues", "Because they wait."))),
        envelope(&LessonPublished(lesson(one, "b", 1, "Gone", text))),
        envelope(&LessonWithdrawn {
            lesson: ids::lesson(one, "b"),
            course: one,
            version: 2,
            withdrawn_at: start(),
        }),
        envelope(&LessonPublished(lesson(two, "a", 1, "Of a course that is away", text))),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let ended = |minutes| {
        let since = start() + TimeDelta::minutes(minutes);
        envelope(&SessionsEnded { person: MAI, since })
    };
    let tables = &[("bus_ended_session", "person, since")];
    let events = [ended(1), ended(3), ended(2)];
    assert_order_does_not_matter(crate::service, tables, &[], &events).await;
}

#[tokio::test]
async fn timelines_are_the_same_in_any_order_and_an_erasure_cuts_them() {
    let events = timeline_events();
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;

    let scene = Scene::new(crate::service(), TABLES).await;
    scene.deliver(&events).await;
    let state = scene.state(&[]).await;
    assert!(!state.contains("Mai") && !state.contains("mai@"), "ids alone are kept");
    let mai = format!("X'{}'", MAI.0.simple());
    let entries: Vec<&str> = state.lines().filter(|line| line.starts_with("entry")).collect();
    assert!(entries.iter().all(|line| !line.contains(&mai)), "{entries:#?}");
    assert_eq!(entries.len(), 8);
    assert_eq!(entries.iter().filter(|line| line.contains("'{}'")).count(), 6, "{entries:#?}");
}

fn timeline_events() -> Vec<Envelope> {
    let course = ids::course("one");
    vec![
        envelope(&PersonRegistered(person(MAI, 1))),
        envelope(&enrolled(MAI, course)),
        envelope(&read(MAI, course)),
        envelope(&sent(MAI)),
        envelope(&PersonUpdated(person(MAI, 2))),
        envelope(&PersonErased { person: MAI, version: 3, erased_at: start() }),
        envelope(&enrolled(BOB, course)),
        envelope(&sent(BOB)),
        envelope(&withdrawn(course, 9)),
    ]
}

#[tokio::test]
async fn titles_come_first_and_what_is_away_is_not_found() {
    let site = site().await;
    let one = ids::course("one");
    site.scene
        .deliver(&[
            envelope(&LessonPublished(lesson(one, "a", 1, "Exchanges", "They route to queues."))),
            envelope(&LessonPublished(lesson(
                one,
                "b",
                1,
                "Queues",
                "They **wait** for an acknowledgement.",
            ))),
        ])
        .await;
    assert!(site.titles("q=queue").await.is_empty(), "its course is not known yet");
    site.scene
        .deliver(&[envelope(&CoursePublished(course("one", 1, "Messages by example")))])
        .await;
    assert_eq!(site.titles("q=queue").await, ["Queues", "Exchanges"]);
    assert_eq!(site.titles("q=acknowledg&language=en").await.len(), 2);
    assert_eq!(site.titles("q=WAIT%20queues").await, ["Queues"], "all words must be there");
    assert_eq!(site.titles("q=Mess%C3%A4ges").await[0], "Messages by example");
    assert!(site.titles("q=queue&language=fr").await.is_empty());
    assert!(site.titles("q=the").await.is_empty());
    let (_, text) = site.get("/api/v1/search?q=wait", None).await;
    let first: Value = serde_json::from_str(&text).unwrap();
    let b = ids::lesson(one, "b");
    assert_eq!(first["results"][0]["address"], format!("/courses/one/lessons/{b}"));
    assert_eq!(first["results"][0]["snippet"], "They wait for an acknowledgement.");
    let (status, page) = site.get("/search?q=wait", None).await;
    assert!(status.is_success() && page.contains("They <mark>wait</mark> for"), "{page}");
    let (status, page) = site.get("/search?q=wait&language=xx", None).await;
    assert!(status.is_success() && page.contains("They <mark>wait</mark> for"), "{page}");
    let (status, _) = site.get("/api/v1/search?q=wait&language=xx", None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "programs are told");

    assert_eq!(crate::course_copies(&site.scene.db).await.unwrap(), [(one, 1)]);
    site.scene.deliver(&[envelope(&withdrawn(one, 2))]).await;
    site.scene
        .deliver(&[envelope(&LessonPublished(lesson(one, "c", 1, "Late queues", "x")))])
        .await;
    assert!(site.titles("q=queue").await.is_empty());
}

#[tokio::test]
async fn results_come_in_pages_without_a_gap() {
    let site = site().await;
    let one = ids::course("one");
    site.scene.deliver(&[envelope(&CoursePublished(course("one", 1, "Course")))]).await;
    for number in 0..7 {
        let text = "broker ".repeat(number % 3 + 1);
        let lesson = lesson(one, &number.to_string(), 1, &format!("L{number}"), &text);
        site.scene.deliver(&[envelope(&LessonPublished(lesson))]).await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!("/api/v1/search?q=brok&limit=3{after}");
        let page: Value = serde_json::from_str(&site.get(&query, None).await.1).unwrap();
        let results = page["results"].as_array().unwrap().iter();
        seen.extend(results.map(|result| result["title"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, site.titles("q=brok").await, "the best first, as on one page");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7);
}

#[tokio::test]
async fn a_lesson_is_found_by_what_it_says_now_while_it_is_there() {
    let site = site().await;
    let one = ids::course("one");
    site.scene
        .deliver(&[
            envelope(&CoursePublished(course("one", 1, "Messages"))),
            envelope(&LessonPublished(lesson(one, "a", 1, "Brokers", "x"))),
            envelope(&LessonUpdated(lesson(one, "a", 2, "Exchanges", "x"))),
        ])
        .await;
    assert!(site.titles("q=broker").await.is_empty());
    assert_eq!(site.titles("q=exchange").await, ["Exchanges"]);
    let gone = LessonWithdrawn {
        lesson: ids::lesson(one, "a"),
        course: one,
        version: 3,
        withdrawn_at: start(),
    };
    site.scene.deliver(&[envelope(&gone)]).await;
    assert!(site.titles("q=exchange").await.is_empty());
}

#[tokio::test]
async fn what_an_earlier_version_indexed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("insight.db"));
    let db = Db::open(&location, "insight", &MIGRATIONS[..2], Clock::System).await.unwrap();
    let (course, lesson) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut tx = db.begin().await.unwrap();
    for (id, kind, title) in [(course, "course", "Messages"), (lesson, "lesson", "Exchanges")] {
        let sql = "insert into document (document, course, kind, version, shown, key, language, \
                   title, text) values ($1, $2, $3, 1, true, 'one', 'en', $4, 'To queues.')";
        tx.execute(sql, values![id, course, kind, title]).await.unwrap();
    }
    let sql = "insert into term (term, document, weight) values ($1, $2, 1)";
    tx.execute(sql, values![b"queue".to_vec(), lesson]).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let db = Db::open(&location, "insight", MIGRATIONS, Clock::System).await.unwrap();
    let found = store::search(&db, &Words::of("queues"), None, None, 10).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|hit| hit.title.as_str()).collect();
    assert_eq!(titles, ["Exchanges"]);
}

#[tokio::test]
async fn a_timeline_is_its_person_s_the_operators_and_the_administrators_alone() {
    let site = site().await;
    let one = ids::course("one");
    site.scene
        .deliver(&[
            envelope(&CoursePublished(course("one", 1, "Queues"))),
            envelope(&enrolled(MAI, one)),
            envelope_at(&read(MAI, one), start() + TimeDelta::hours(1)),
            envelope_at(&sent(MAI), start() + TimeDelta::hours(2)),
            unheard_of(),
        ])
        .await;
    let path = format!("/api/v1/timelines/{MAI}");
    assert_eq!(site.get(&path, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get(&path, Some((BOB, Role::Instructor))).await.0, StatusCode::NOT_FOUND);
    for role in [Role::Operator, Role::Administrator] {
        assert_eq!(site.get(&path, Some((BOB, role))).await.0, StatusCode::OK);
    }
    let (status, text) = site.get(&path, Some((MAI, Role::Learner))).await;
    assert_eq!(status, StatusCode::OK);
    let json: Value = serde_json::from_str(&text).unwrap();
    let told: Vec<&str> = json["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "future.moon-landed.v1",
            "Message envoyé",
            "Lecture d’une leçon de «\u{a0}Queues\u{a0}»",
            "Inscription à «\u{a0}Queues\u{a0}»"
        ]
    );
    assert_eq!(json["entries"][3]["ids"]["course"], one.to_string());

    let (_, text) = site.get(&format!("{path}?limit=3"), Some((MAI, Role::Learner))).await;
    let page: Value = serde_json::from_str(&text).unwrap();
    let next = page["next"].as_str().unwrap();
    let (_, text) =
        site.get(&format!("{path}?limit=3&after={next}"), Some((MAI, Role::Learner))).await;
    let page: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    let (status, page) = site.get("/timeline", Some((MAI, Role::Learner))).await;
    assert!(status.is_success() && page.contains("Message envoyé"), "{page}");
    assert!(page.contains(&format!("<a href=\"/courses/{one}\">Lecture d")), "{page}");
    assert!(page.contains("«\u{a0}<span lang=\"en\">Queues</span>\u{a0}»"), "{page}");
    assert!(!page.contains('⟦'), "{page}");
    assert_eq!(site.get("/timeline", None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_quiz_that_was_taken_is_named_whichever_is_told_first() {
    let one = ids::course("one");
    let place = QuizPlace {
        quiz: ids::quiz(one, "final"),
        title: "The last queue".to_owned(),
        required: true,
        pass_percent: 60,
        minutes: 10,
        section: None,
    };
    let with_quiz = Course { quizzes: vec![place.clone()], ..course("one", 1, "Queues") };
    let renamed = QuizPlace { title: "The very last".to_owned(), ..place.clone() };
    let renamed = Course { quizzes: vec![renamed], ..course("one", 2, "Queues") };
    let events = [
        envelope(&CoursePublished(with_quiz)),
        envelope(&submitted(MAI, one, place.quiz)),
        envelope(&CourseUpdated(renamed)),
        envelope(&CourseUpdated(course("one", 3, "Queues and bindings"))),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
    let site = site().await;
    let mai = Some((MAI, Role::Learner));
    for (event, text) in events.iter().zip([
        None,
        Some("«\u{a0}The last queue\u{a0}» envoyé dans «\u{a0}Queues\u{a0}»"),
        Some("«\u{a0}The very last\u{a0}» envoyé dans «\u{a0}Queues\u{a0}»"),
        Some("«\u{a0}The very last\u{a0}» envoyé dans «\u{a0}Queues and bindings\u{a0}»"),
    ]) {
        site.scene.deliver(std::slice::from_ref(event)).await;
        let (_, answer) = site.get(&format!("/api/v1/timelines/{MAI}"), mai).await;
        let timeline: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(timeline["entries"][0]["text"].as_str(), text);
    }
    assert!(site.titles("q=last").await.is_empty(), "a quiz is not found");
}

#[tokio::test]
async fn a_lesson_that_was_read_is_named_as_long_as_it_is_there() {
    let site = site().await;
    let one = ids::course("one");
    let why = lesson(one, "one", 1, "Why they <wait>", "x");
    let gone =
        LessonWithdrawn { lesson: why.lesson, course: one, version: 2, withdrawn_at: start() };
    site.scene
        .deliver(&[
            envelope(&CoursePublished(course("one", 1, "Queues"))),
            envelope(&LessonPublished(why)),
            envelope(&read(MAI, one)),
        ])
        .await;
    let mai = Some((MAI, Role::Learner));
    let told = async || {
        let (_, text) = site.get(&format!("/api/v1/timelines/{MAI}"), mai).await;
        let json: Value = serde_json::from_str(&text).unwrap();
        json["entries"][0]["text"].as_str().unwrap().to_owned()
    };
    let read = "Lecture de «\u{a0}Why they <wait>\u{a0}» dans «\u{a0}Queues\u{a0}»";
    assert_eq!(told().await, read);
    let (_, page) = site.get("/timeline", mai).await;
    for title in ["Why they &#60;wait&#62;", "Queues"] {
        let marked = format!("«\u{a0}<span lang=\"en\">{title}</span>\u{a0}»");
        assert!(page.contains(&marked), "{marked}: {page}");
    }
    site.scene.deliver(&[envelope(&gone)]).await;
    assert_eq!(told().await, "Lecture d’une leçon de «\u{a0}Queues\u{a0}»");
}

/// An event of a service to come.
fn unheard_of() -> Envelope {
    Envelope {
        source: "/estrade/future".to_owned(),
        event_type: "future.moon-landed.v1".to_owned(),
        data: format!("{{\"learner\":\"{MAI}\",\"footprints\":2}}"),
        ..envelope_at(&sent(MAI), start() + TimeDelta::hours(3))
    }
}

#[tokio::test]
async fn hostile_questions_are_answered_with_a_reason() {
    let site = site().await;
    let long = "x".repeat(300);
    for query in [
        "",
        "q=",
        &format!("q={long}"),
        "q=x&language=de",
        "q=x&after=1",
        "q=x&after=x.y",
        "q=x&limit=x",
        "q=%00",
        &format!("q=x&after=1.{long}"),
    ] {
        let (status, text) = site.get(&format!("/api/v1/search?{query}"), None).await;
        assert!([400, 422].contains(&status.as_u16()), "{query} gave {status} {text}");
    }
    for query in [
        "q='%22%25_;--",
        "q=%F0%9F%8E%89",
        "q=a+b+c+d+e+f+g+h+i+j+k+l+mm+nn+oo",
        "q=x&limit=-5",
        "q=xx&after=-9223372036854775808.ffffffff-ffff-ffff-ffff-ffffffffffff",
    ] {
        assert_eq!(
            site.get(&format!("/api/v1/search?{query}"), None).await.0,
            StatusCode::OK,
            "{query}"
        );
    }
    let mai = Some((MAI, Role::Learner));
    for after in [i64::MIN, -1, 0, 100_000_000_000_000_000, i64::MAX] {
        let path = format!("/api/v1/timelines/{MAI}?after={after}.{}", Uuid::nil());
        assert_eq!(site.get(&path, mai).await.0, StatusCode::OK);
    }
    assert_eq!(site.get("/api/v1/timelines/x", mai).await.0, StatusCode::NOT_FOUND);
}

#[test]
fn every_event_about_a_person_has_words_in_both_languages() {
    let files = [include_str!("../locales/en/main.ftl"), include_str!("../locales/fr/main.ftl")];
    assert_eq!(ui::untranslated(files[0], files[1]), Vec::<String>::new());
    for described in contract::ALL {
        let schema = serde_json::to_value((described.schema)()).unwrap();
        let fields = schema["properties"].as_object();
        let about_somebody = fields
            .is_some_and(|fields| fields.contains_key("learner") || fields.contains_key("person"));
        let key = crate::domain::sentence_key(described.event_type);
        assert!(
            !about_somebody
                || !crate::domain::is_kept(described.event_type)
                || files[0].contains(&format!("{key} =")),
            "no words for {}",
            described.event_type
        );
    }
}
