//! The catalogue's SQL: courses as their authors see them here, as they were told in `told`, lists in
//! `list`, what is not published yet in `drafts`, what is gone in `deleted`, files in `images` and `uploads`, and
//! copies of who takes which course in `enrolments`, of who there is in `people`.

mod deleted;
mod drafts;
mod enrolments;
pub(crate) mod export;
mod images;
mod list;
mod people;
mod told;
mod uploads;

pub use deleted::*;
pub use drafts::*;
pub use enrolments::*;
pub use images::*;
pub use list::*;
pub use people::*;
pub use told::*;
pub use uploads::*;

use bus::{BatchHandler, Error, FromQueryResult, Handler, Read, Tx, Value, step::Copies, values};
use chrono::{DateTime, Utc};
use contract::{catalog::CertificateDesign, identity::PERSONS, learning::ENROLMENTS};
use event::{CourseId, LessonId};
use uuid::Uuid;

use crate::{
    domain::{Course, Lesson, Quiz, Section, State, Text, Told, search},
    handlers::{CopyEnrolment, CopyPerson},
};

/// What this service copies of others.
pub const COPIES: &[Copies] = &[
    Copies {
        tables: &[("enrolment_copy", "enrolment"), ("completion_copy", "enrolment")],
        ..Copies::in_table(ENROLMENTS, CopyEnrolment::NAME, "enrolment_copy", "enrolment")
    },
    Copies::in_table(PERSONS, CopyPerson::NAME, "person_copy", "person"),
];

/// How a course is called in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Id(Uuid),
    Key(String),
}

impl Address {
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Key(text.to_owned()), Self::Id)
    }
}

/// The ids of all published courses.
pub async fn published(read: &impl Read) -> Result<Vec<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let rows: Vec<Row> =
        read.all("select id from course where state = 'published' order by key", values![]).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A lesson that appeared after its course did, which is news to those who were enrolled before.
#[derive(FromQueryResult)]
pub struct News {
    pub course: Uuid,
    pub published_at: DateTime<Utc>,
}

/// The lessons that were news, of all courses, those withdrawn since too.
pub async fn news(read: &impl Read) -> Result<Vec<News>, Error> {
    read.all(
        "select course, published_at from lesson \
         where not initial and published_at is not null",
        values![],
    )
    .await
}

pub async fn course(read: &impl Read, address: &Address) -> Result<Option<Course>, Error> {
    let (column, value): (_, Value) = match address {
        Address::Id(id) => ("id", (*id).into()),
        Address::Key(key) => ("key", key.as_str().into()),
    };
    let sql = format!("select {COURSE_COLUMNS} from course where {column} = $1");
    let Some(row) = read.one::<CourseRow>(&sql, vec![value]).await? else {
        return Ok(None);
    };
    let id = row.id;
    let mut course = row.into_course()?;
    let sql = "select id, title, imported from section where course = $1 order by position";
    let sections: Vec<SectionRow> = read.all(sql, values![id]).await?;
    let sql = format!("select {LESSON_COLUMNS} from lesson where course = $1 order by position");
    let lessons: Vec<LessonRow> = read.all(&sql, values![id]).await?;
    let sql = "select id, key, title, required, pass_percent, minutes, section, imported \
               from quiz_place where course = $1 order by position";
    let quizzes: Vec<QuizRow> = read.all(sql, values![id]).await?;
    course.sections = sections.into_iter().map(SectionRow::into_section).collect();
    course.lessons = lessons.into_iter().map(LessonRow::into_lesson).collect();
    course.quizzes = quizzes.into_iter().map(QuizRow::into_quiz).collect();
    Ok(Some(course))
}

pub async fn lesson_text(read: &impl Read, lesson: LessonId) -> Result<Option<String>, Error> {
    read.scalar("select text from lesson_text where lesson = $1", values![lesson.0]).await
}

/// Writes all of a course. Gives false, with nothing written, when somebody else saved it since it
/// was read.
pub async fn save(tx: &mut Tx, course: &Course) -> Result<bool, Error> {
    if !save_head(tx, course).await? {
        return Ok(false);
    }
    let id = course.id.0;
    tx.execute("delete from section where course = $1", values![id]).await?;
    tx.execute("delete from quiz_place where course = $1", values![id]).await?;
    let sections = (0i32..).zip(&course.sections);
    let rows = sections.map(|(position, section)| section_values(id, position, section)).collect();
    tx.insert_many("insert into section (id, course, position, title, imported) values", rows, "")
        .await?;
    let quizzes = (0i32..).zip(&course.quizzes);
    let rows = quizzes.map(|(position, quiz)| quiz_values(id, position, quiz)).collect();
    tx.insert_many(
        "insert into quiz_place (id, course, position, key, title, required, pass_percent, minutes, section, \
         imported) values",
        rows,
        "",
    )
    .await?;
    let lessons = (0i32..).zip(&course.lessons);
    let rows = lessons.map(|(position, lesson)| lesson_values(id, position, lesson)).collect();
    tx.insert_many(
        &format!("insert into lesson (course, position, {LESSON_COLUMNS}) values"),
        rows,
        LESSON_UPSERT,
    )
    .await?;
    save_texts(tx, course).await?;
    Ok(true)
}

async fn save_texts(tx: &mut Tx, course: &Course) -> Result<(), Error> {
    for lesson in &course.lessons {
        if lesson.state == State::Withdrawn {
            tx.execute("delete from lesson_text where lesson = $1", values![lesson.id.0]).await?;
            tx.execute("delete from lesson_draft where lesson = $1", values![lesson.id.0]).await?;
        } else if let Text::New { text, .. } = &lesson.text {
            tx.execute(
                "insert into lesson_text (lesson, text) values ($1, $2) \
                 on conflict (lesson) do update set text = excluded.text",
                values![lesson.id.0, text.as_str()],
            )
            .await?;
        }
    }
    Ok(())
}

async fn save_head(tx: &mut Tx, course: &Course) -> Result<bool, Error> {
    let written = if course.revision == 0 {
        let sql = format!(
            "insert into course ({COURSE_COLUMNS}) values {} on conflict do nothing",
            bus::placeholders(1, 17)
        );
        tx.execute(&sql, head_values(course)?).await?
    } else {
        tx.execute(
            "update course set state = $3, version = $4, revision = $5 + 1, told_version = $6, \
             told_shown = $7, language = $8, title = $9, summary = $10, objectives = $11, \
             minutes = $12, design = $13, instructor = $14, import_hash = $15, updated_at = $16, search_text = $17 \
             where id = $1 and key = $2 and revision = $5",
            head_values(course)?,
        )
        .await?
    };
    Ok(written == 1)
}

const COURSE_COLUMNS: &str = "id, key, state, version, revision, told_version, told_shown, language, \
                              title, summary, objectives, minutes, design, instructor, import_hash, updated_at, \
                              search_text";

const LESSON_COLUMNS: &str = "id, section, key, state, version, told_version, told_shown, title, \
                              minutes, required, imported, initial, text_hash, published_at";

const LESSON_UPSERT: &str = "on conflict (id) do update set position = excluded.position, \
    section = excluded.section, state = excluded.state, version = excluded.version, \
    told_version = excluded.told_version, told_shown = excluded.told_shown, title = excluded.title, \
    minutes = excluded.minutes, required = excluded.required, imported = excluded.imported, \
    initial = excluded.initial, text_hash = excluded.text_hash, published_at = excluded.published_at";

fn head_values(course: &Course) -> Result<Vec<Value>, Error> {
    // A new row starts at revision 1, for 0 means that there is none.
    let revision = course.revision.max(1);
    Ok(values![
        course.id.0,
        course.key.as_str(),
        state_text(course.state),
        signed(course.version),
        revision,
        signed(course.told.version),
        course.told.shown,
        course.language.code(),
        course.title.as_str(),
        course.summary.as_str(),
        serde_json::to_string(&course.objectives)?,
        small(course.minutes),
        design_text(course.design),
        course.instructor.map(|person| person.0),
        course.import_hash.clone(),
        course.updated_at,
        search::folded(&format!("{} {}", course.title, course.summary)),
    ])
}

fn section_values(course: Uuid, position: i32, section: &Section) -> Vec<Value> {
    values![section.id.0, course, position, section.title.as_str(), section.imported]
}

fn quiz_values(course: Uuid, position: i32, quiz: &Quiz) -> Vec<Value> {
    values![
        quiz.id.0,
        course,
        position,
        quiz.key.clone(),
        quiz.title.as_str(),
        quiz.required,
        small(quiz.pass_percent),
        small(quiz.minutes),
        quiz.section.map(|section| section.0),
        quiz.imported,
    ]
}

fn lesson_values(course: Uuid, position: i32, lesson: &Lesson) -> Vec<Value> {
    values![
        course,
        position,
        lesson.id.0,
        lesson.section.0,
        lesson.key.as_str(),
        state_text(lesson.state),
        signed(lesson.version),
        signed(lesson.told.version),
        lesson.told.shown,
        lesson.title.as_str(),
        small(lesson.minutes),
        lesson.required,
        lesson.imported,
        lesson.initial,
        lesson.text.hash(),
        lesson.published_at,
    ]
}

#[derive(FromQueryResult)]
struct CourseRow {
    id: Uuid,
    key: String,
    state: String,
    version: i64,
    revision: i64,
    told_version: i64,
    told_shown: bool,
    language: String,
    title: String,
    summary: String,
    objectives: String,
    minutes: i32,
    design: String,
    instructor: Option<Uuid>,
    import_hash: Option<String>,
    updated_at: DateTime<Utc>,
}

impl CourseRow {
    fn into_course(self) -> Result<Course, Error> {
        Ok(Course {
            id: CourseId(self.id),
            key: self.key,
            state: state(&self.state),
            version: self.version.unsigned_abs(),
            revision: self.revision,
            told: Told { version: self.told_version.unsigned_abs(), shown: self.told_shown },
            language: self.language.parse().unwrap_or_default(),
            title: self.title,
            summary: self.summary,
            objectives: serde_json::from_str(&self.objectives)?,
            minutes: self.minutes.unsigned_abs(),
            design: design(&self.design),
            instructor: self.instructor.map(Into::into),
            import_hash: self.import_hash,
            updated_at: self.updated_at,
            sections: Vec::new(),
            lessons: Vec::new(),
            quizzes: Vec::new(),
        })
    }
}

#[derive(FromQueryResult)]
struct SectionRow {
    id: Uuid,
    title: String,
    imported: bool,
}

impl SectionRow {
    fn into_section(self) -> Section {
        Section { id: self.id.into(), title: self.title, imported: self.imported }
    }
}

#[derive(FromQueryResult)]
struct LessonRow {
    id: Uuid,
    section: Uuid,
    key: String,
    state: String,
    version: i64,
    told_version: i64,
    told_shown: bool,
    title: String,
    minutes: i32,
    required: bool,
    imported: bool,
    initial: bool,
    text_hash: String,
    published_at: Option<DateTime<Utc>>,
}

impl LessonRow {
    fn into_lesson(self) -> Lesson {
        Lesson {
            id: self.id.into(),
            section: self.section.into(),
            key: self.key,
            state: state(&self.state),
            version: self.version.unsigned_abs(),
            told: Told { version: self.told_version.unsigned_abs(), shown: self.told_shown },
            title: self.title,
            minutes: self.minutes.unsigned_abs(),
            required: self.required,
            imported: self.imported,
            initial: self.initial,
            published_at: self.published_at,
            text: Text::Kept { hash: self.text_hash },
        }
    }
}

#[derive(FromQueryResult)]
struct QuizRow {
    id: Uuid,
    key: Option<String>,
    title: String,
    required: bool,
    pass_percent: i32,
    minutes: i32,
    section: Option<Uuid>,
    imported: bool,
}

impl QuizRow {
    fn into_quiz(self) -> Quiz {
        Quiz {
            id: self.id.into(),
            key: self.key,
            title: self.title,
            required: self.required,
            pass_percent: self.pass_percent.unsigned_abs(),
            minutes: self.minutes.unsigned_abs(),
            section: self.section.map(Into::into),
            imported: self.imported,
        }
    }
}

pub fn state_text(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::Published => "published",
        State::Withdrawn => "withdrawn",
    }
}

pub fn state(text: &str) -> State {
    match text {
        "published" => State::Published,
        "withdrawn" => State::Withdrawn,
        _ => State::Draft,
    }
}

fn design_text(design: CertificateDesign) -> &'static str {
    match design {
        CertificateDesign::Achievement => "achievement",
        CertificateDesign::CertificatDeRealisation => "certificat-de-realisation",
    }
}

fn design(text: &str) -> CertificateDesign {
    match text {
        "certificat-de-realisation" => CertificateDesign::CertificatDeRealisation,
        _ => CertificateDesign::Achievement,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
