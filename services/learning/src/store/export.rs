//! What `learning` keeps of a person, for an export: enrolments, lessons read, results, messages written.

use bus::{Error, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use event::PersonId;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::domain::Outline;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    enrolments: Vec<Enrolment>,
    lessons_read: Vec<LessonRead>,
    quiz_results: Vec<QuizResult>,
    messages_sent: Vec<Message>,
}

#[derive(FromQueryResult, Serialize)]
struct Enrolment {
    id: Uuid,
    course: Uuid,
    course_key: Option<String>,
    #[serde(rename = "course_title", serialize_with = "title_of")]
    outline: Option<String>,
    active: bool,
    enrolled_at: DateTime<Utc>,
    completed_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult, Serialize)]
struct LessonRead {
    course: Uuid,
    lesson: Uuid,
    read_at: DateTime<Utc>,
}

#[derive(FromQueryResult, Serialize)]
struct QuizResult {
    course: Uuid,
    quiz: Uuid,
    attempt: Uuid,
    mark: String,
    out_of: String,
    passed: bool,
    graded_at: Option<DateTime<Utc>>,
}

/// To a course that the person teaches.
#[derive(FromQueryResult, Serialize)]
struct Message {
    course: Uuid,
    subject: String,
    text: String,
    sent_at: DateTime<Utc>,
}

/// The course's title, of the outline that is kept of it.
fn title_of<S: Serializer>(outline: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let outline = outline.as_deref().and_then(|text| serde_json::from_str::<Outline>(text).ok());
    outline.map(|outline| outline.title).serialize(serializer)
}

const ENROLMENTS_OF: &str = "select e.id, e.course, c.key as course_key, c.outline, e.active, e.enrolled_at, e.completed_at, \
     e.cancelled_at from enrolment e left join course_copy c on c.course = e.course \
     where e.learner = $1 order by e.enrolled_at, e.id";

const LESSONS_READ: &str = "select e.course, r.lesson, r.read_at from lesson_read r \
     join enrolment e on e.id = r.enrolment where e.learner = $1 order by r.read_at, r.lesson";

const RESULTS: &str = "select course, quiz, attempt, mark, out_of, passed, graded_at from quiz_result \
     where learner = $1 order by attempt";

const MESSAGES: &str =
    "select course, subject, text, sent_at from message where author = $1 order by sent_at, id";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    let of = || values![person.0];
    Ok(Kept {
        enrolments: db.all(ENROLMENTS_OF, of()).await?,
        lessons_read: db.all(LESSONS_READ, of()).await?,
        quiz_results: db.all(RESULTS, of()).await?,
        messages_sent: db.all(MESSAGES, of()).await?,
    })
}
