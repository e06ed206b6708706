//! What `catalog` keeps of a person, for an export: the courses that one teaches, and what one has written
//! there that is not published.

use bus::{Error, FromQueryResult, Read, values};
use chrono::{DateTime, Utc};
use event::PersonId;
use serde::Serialize;
use uuid::Uuid;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Kept {
    courses: Vec<Course>,
    drafts: Vec<Draft>,
    images: Vec<Image>,
}

#[derive(FromQueryResult, Serialize)]
struct Course {
    id: Uuid,
    key: String,
    title: String,
    state: String,
    updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult, Serialize)]
struct Draft {
    course: Uuid,
    lesson: Uuid,
    title: String,
    text: String,
    saved_at: DateTime<Utc>,
}

#[derive(FromQueryResult, Serialize)]
struct Image {
    course: Uuid,
    description: String,
    uploaded_at: DateTime<Utc>,
}

const COURSES_TAUGHT: &str =
    "select id, key, title, state, updated_at from course where instructor = $1 order by key";

const DRAFTS: &str = "select course, lesson, title, text, saved_at from lesson_draft where saved_by = $1 \
     order by saved_at, lesson";

const IMAGES: &str = "select course, description, uploaded_at from image where uploaded_by = $1 \
     order by uploaded_at, id";

/// Everything that is kept of somebody.
pub(crate) async fn kept(db: &impl Read, person: PersonId) -> Result<Kept, Error> {
    let of = || values![person.0];
    Ok(Kept {
        courses: db.all(COURSES_TAUGHT, of()).await?,
        drafts: db.all(DRAFTS, of()).await?,
        images: db.all(IMAGES, of()).await?,
    })
}
