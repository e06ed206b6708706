//! Every handler's events, shuffled and repeated, give the same state.

use bus::testing::{assert_order_does_not_matter, envelope, start};
use contract::{
    assessment::AttemptSubmitted,
    catalog::{
        CertificateDesign, CourseUpdated, CourseWithdrawn, QuestionsUploaded, QuizPlace, QuizPlaced,
    },
    identity::{Person, PersonErased, PersonUpdated, SessionsEnded},
    learning::EnrolmentCancelled,
};
use event::{AttemptId, Envelope};

use super::*;

pub(super) fn course(course: CourseId, version: u64) -> Course {
    Course {
        course,
        version,
        key: "queues".to_owned(),
        language: Language::En,
        title: format!("Queues {version}"),
        summary: String::new(),
        objectives: vec![],
        minutes: 1,
        design: CertificateDesign::Achievement,
        instructor: None,
        sections: vec![],
        quizzes: vec![],
        updated_at: start(),
    }
}

pub(super) fn person(person: PersonId, version: u64, name: &str) -> Person {
    Person {
        person,
        version,
        name: name.to_owned(),
        mail: "ana@example.org".to_owned(),
        language: Language::En,
        time_zone: "Europe/Paris".to_owned(),
        roles: vec![Role::Learner],
        registered_at: start(),
    }
}

#[tokio::test]
async fn persons_in_any_order() {
    let (kept, gone) = (PersonId::new(), PersonId::new());
    let events = [
        envelope(&PersonRegistered(person(kept, 1, "Ana"))),
        envelope(&PersonUpdated(person(kept, 2, "Ana Ruiz"))),
        envelope(&PersonRegistered(person(gone, 1, "Bo"))),
        envelope(&PersonErased { person: gone, version: 2, erased_at: start() }),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let person = PersonId::new();
    let ended = |minutes| {
        let since = start() + chrono::TimeDelta::minutes(minutes);
        envelope(&SessionsEnded { person, since })
    };
    let tables = &[("bus_ended_session", "person, since")];
    let events = [ended(1), ended(3), ended(2)];
    assert_order_does_not_matter(crate::service, tables, &[], &events).await;
}

#[tokio::test]
async fn placed_quizzes_in_any_order() {
    let (quiz, course) = (QuizId::new(), CourseId::new());
    let placed = |version: u64| {
        envelope(&QuizPlaced {
            quiz,
            course,
            version,
            key: Some("final".to_owned()),
            title: format!("Final {version}"),
            course_title: "Queues".to_owned(),
            language: Language::En,
            pass_percent: 60,
            instructor: None,
            placed_at: start(),
        })
    };
    assert_order_does_not_matter(crate::service, TABLES, &[], &[placed(1), placed(2), placed(3)])
        .await;
}

/// Who is erased loses what they wrote, in the tables and in the outbox; the marks stay.
#[tokio::test]
async fn erasing_empties_attempts_and_keeps_their_marks() {
    let stage = Stage::new().await;
    stage.taught_by(None).await;
    let quiz = stage.quiz("A{=a}\n\nTell{}", 50, None).await;
    let learner = stage.enrolled().await;
    stage.named(learner, "Ana").await;
    let (attempt, questions) = stage.start(learner, quiz).await;
    stage.save(learner, &attempt, &questions[0], text("a")).await;
    stage.save(learner, &attempt, &questions[1], text("SECRET")).await;
    stage.submit(learner, &attempt).await;
    let erased = PersonErased { person: learner, version: 2, erased_at: start() };
    // The grader has not been there yet: erasing waits for it.
    let mut events = stage.scene.published().await;
    events.insert(0, envelope(&erased));
    stage.scene.deliver(&events).await;
    assert_eq!(stage.scene.dead().await, Vec::<String>::new());
    let state = stage.scene.state(&[]).await;
    assert!(!state.contains("SECRET") && !state.contains("Ana"), "{state}");
    let tally = crate::tally(&stage.scene.db).await.unwrap();
    assert_eq!((tally.submitted, tally.awaiting), (1, 1));
    assert_eq!(stage.ok(teacher(), "GET", "/api/v1/marking", None).await["attempts"], json!([]));
}

/// Questions that come with a course's files are read from the file store; what is refused is kept. It does not
/// matter whether the draft has arrived by then.
#[tokio::test]
async fn uploaded_questions_are_read_and_refusals_kept() {
    let folder = tempfile::tempdir().unwrap();
    let files = bus::Files::folder(folder.path()).unwrap();
    let service = crate::with_files(crate::service(), &files);
    let scene = Scene::new(service, TABLES).await;
    let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
    let stage = Stage { scene, ui, course: CourseId::new() };
    let gift = "A{=a}\n\nB{\n\nC{=c}".as_bytes().to_vec();
    let quiz = contract::catalog::ids::quiz(stage.course, "final");
    let author = teacher();
    let uploaded = QuestionsUploaded {
        quiz,
        course: stage.course,
        key: "final".to_owned(),
        title: "Final".to_owned(),
        pass_percent: 60,
        instructor: Some(author.person),
        file: files.put("uploads", "gift", gift).await.unwrap(),
        uploaded_as: "final.gift".to_owned(),
        by: author.person,
        at: start(),
    };
    stage.scene.deliver(&[envelope(&uploaded)]).await;
    stage.scene.perform().await;
    let placed = QuizPlaced {
        instructor: Some(author.person),
        ..places::placed(quiz, stage.course, 1, 0, "Final")
    };
    stage.scene.deliver(&[envelope(&placed)]).await;
    let page = stage.page(&author, &format!("/question-bank/{}/{quiz}", stage.course)).await;
    assert!(page.contains("final.gift: 2 questions were taken, one was refused."), "{page}");
    assert!(page.contains("Line 3:"), "{page}");
}

#[tokio::test]
async fn courses_in_any_order() {
    let (kept, gone) = (CourseId::new(), CourseId::new());
    let withdrawn =
        |course, version| envelope(&CourseWithdrawn { course, version, withdrawn_at: start() });
    let events = [
        envelope(&CoursePublished(course(kept, 1))),
        withdrawn(kept, 2),
        envelope(&CoursePublished(course(kept, 3))),
        envelope(&CourseUpdated(Course {
            instructor: Some(PersonId::new()),
            quizzes: vec![QuizPlace {
                quiz: QuizId::new(),
                title: "Final".to_owned(),
                required: true,
                pass_percent: 60,
                minutes: 20,
                section: None,
            }],
            ..course(kept, 4)
        })),
        envelope(&CoursePublished(course(gone, 1))),
        envelope(&CourseUpdated(course(gone, 2))),
        withdrawn(gone, 3),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn enrolments_in_any_order() {
    let (learner, course) = (PersonId::new(), CourseId::new());
    let (kept, gone) = (EnrolmentId::new(), EnrolmentId::new());
    let enrolled = |enrolment, version| {
        envelope(&LearnerEnrolled { enrolment, version, learner, course, enrolled_at: start() })
    };
    let cancelled = |enrolment, version| {
        envelope(&EnrolmentCancelled { enrolment, version, learner, course, cancelled_at: start() })
    };
    let events = [
        enrolled(kept, 1),
        cancelled(kept, 2),
        enrolled(kept, 3),
        enrolled(gone, 1),
        cancelled(gone, 2),
    ];
    assert_order_does_not_matter(crate::service, TABLES, &[], &events).await;
}

#[tokio::test]
async fn submitted_attempts_in_any_order() {
    let quiz = grading::quiz("::Q::A{=a}\n\n::R::Tell{}");
    let submitted = |number: u32, answers: Value| {
        envelope(&AttemptSubmitted {
            attempt: AttemptId::new(),
            quiz: quiz.id,
            quiz_version: 1,
            course: CourseId::new(),
            learner: PersonId::new(),
            number,
            submitted_at: start(),
            answers: serde_json::from_value(answers).unwrap(),
        })
    };
    let [first, second] = [0, 1].map(|place| quiz.questions[place].id.to_string());
    let mut events: Vec<Envelope> = vec![
        submitted(1, json!({})),
        submitted(2, json!({ first.clone(): text("a") })),
        submitted(1, json!({ first.clone(): text("b"), second.clone(): text("Long ago") })),
        submitted(1, json!({ second: text(" ") })),
    ];
    // The same attempt told twice, under another event's id.
    let twice: AttemptSubmitted = events[1].open().unwrap();
    events.push(envelope(&twice));
    let service = || grading::service_with(&quiz);
    assert_order_does_not_matter(service, TABLES, &[], &events).await;
}
