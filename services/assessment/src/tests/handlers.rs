//! Every handler's events, shuffled and repeated, give the same state.

use bus::testing::{assert_order_does_not_matter, envelope, start};
use contract::{
    assessment::AttemptSubmitted,
    catalog::{CertificateDesign, Course, CoursePublished, CourseUpdated, CourseWithdrawn},
    learning::EnrolmentCancelled,
};
use event::{AttemptId, Envelope};

use super::*;

fn course(course: CourseId, version: u64) -> Course {
    Course {
        course,
        version,
        key: "queues".to_owned(),
        language: Language::En,
        title: "Queues".to_owned(),
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

#[tokio::test]
async fn courses_in_any_order() {
    let (kept, gone) = (CourseId::new(), CourseId::new());
    let withdrawn =
        |course, version| envelope(&CourseWithdrawn { course, version, withdrawn_at: start() });
    let events = [
        envelope(&CoursePublished(course(kept, 1))),
        withdrawn(kept, 2),
        envelope(&CoursePublished(course(kept, 3))),
        envelope(&CourseUpdated(course(kept, 4))),
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
