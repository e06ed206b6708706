//! Uploads of enrolments: what was asked for, line by line, and what became of it.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::PersonId;
use uuid::Uuid;

use super::unsigned;
use crate::domain::{Line, Outcome, Reason};

/// Keeps an upload; `false` if it was kept before.
pub(crate) async fn save_upload(
    tx: &mut Tx,
    upload: Uuid,
    author: PersonId,
    lines: &[Line],
) -> Result<bool, Error> {
    let now = tx.now();
    let saved = tx
        .execute(
            "insert into enrolment_upload (id, author, uploaded_at) values ($1, $2, $3) \
             on conflict (id) do nothing",
            values![upload, author.0, now],
        )
        .await?;
    if saved == 0 {
        return Ok(false);
    }
    let row = |line: &Line| {
        let outcome = if line.fault.is_some() { Outcome::Refused } else { Outcome::Waiting };
        values![
            upload,
            i32::try_from(line.number).unwrap_or(i32::MAX),
            line.mail.as_str(),
            line.course.as_str(),
            line.language.map_or("", event::Language::code),
            outcome.name(),
            line.fault.map_or("", Reason::name)
        ]
    };
    tx.insert_many(
        "insert into enrolment_upload_line (upload, line, mail, course_key, language, outcome, \
         reason) values",
        lines.iter().map(row).collect(),
        "",
    )
    .await?;
    Ok(true)
}

/// Throws away the uploads before a time.
pub(crate) async fn forget_uploads(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), Error> {
    tx.execute(
        "delete from enrolment_upload_line where upload in \
         (select id from enrolment_upload where uploaded_at < $1)",
        values![before],
    )
    .await?;
    tx.execute("delete from enrolment_upload where uploaded_at < $1", values![before]).await?;
    Ok(())
}

/// Takes a person's address out of what was uploaded, also where nobody was known by it. Of a line that could
/// not be taken apart all goes that may hold it.
pub(super) async fn forget_uploaded(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.execute(
        "update enrolment_upload_line set mail = '' where learner = $1 or mail in \
         (select mail from person_copy where person = $1 and mail <> '')",
        values![person.0],
    )
    .await?;
    tx.execute(
        "update enrolment_upload_line set mail = '' where reason = 'unreadable' and exists \
         (select 1 from person_copy where person = $1 and person_copy.mail <> '' \
         and replace(lower(enrolment_upload_line.mail), person_copy.mail, '') \
         <> lower(enrolment_upload_line.mail))",
        values![person.0],
    )
    .await?;
    Ok(())
}

/// An upload, and how far it is.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: Uuid,
    pub(crate) author: Option<String>,
    pub(crate) uploaded_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
    pub(crate) counts: Counted,
}

/// Lines, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) waiting: u64,
    pub(crate) enrolled: u64,
    pub(crate) already: u64,
    pub(crate) refused: u64,
}

impl Counted {
    pub(crate) fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Waiting => self.waiting,
            Outcome::Enrolled => self.enrolled,
            Outcome::Already => self.already,
            Outcome::Refused => self.refused,
        }
    }

    pub(crate) fn all(&self) -> u64 {
        self.waiting + self.enrolled + self.already + self.refused
    }
}

#[derive(FromQueryResult)]
struct UploadRow {
    id: Uuid,
    author_name: Option<String>,
    uploaded_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    waiting: i64,
    enrolled: i64,
    already: i64,
    refused: i64,
}

impl From<UploadRow> for Upload {
    fn from(row: UploadRow) -> Self {
        Self {
            id: row.id,
            author: row.author_name.filter(|name| !name.is_empty()),
            uploaded_at: row.uploaded_at,
            finished_at: row.finished_at,
            counts: Counted {
                waiting: unsigned(row.waiting),
                enrolled: unsigned(row.enrolled),
                already: unsigned(row.already),
                refused: unsigned(row.refused),
            },
        }
    }
}

/// The uploads that a condition finds, with their numbers.
fn uploads_where(condition: &str) -> String {
    format!(
        "select u.id, p.name as author_name, u.uploaded_at, u.finished_at, \
         count(case when l.outcome = 'waiting' then 1 end) as waiting, \
         count(case when l.outcome = 'enrolled' then 1 end) as enrolled, \
         count(case when l.outcome = 'already' then 1 end) as already, \
         count(case when l.outcome = 'refused' then 1 end) as refused \
         from enrolment_upload u join enrolment_upload_line l on l.upload = u.id \
         left join person_copy p on p.person = u.author where {condition} \
         group by u.id, p.name, u.uploaded_at, u.finished_at order by u.uploaded_at desc, u.id"
    )
}

pub(crate) async fn upload(db: &impl Read, upload: Uuid) -> Result<Option<Upload>, Error> {
    let row: Option<UploadRow> = db.one(&uploads_where("u.id = $1"), values![upload]).await?;
    Ok(row.map(Upload::from))
}

/// The newest first.
pub(crate) async fn uploads(db: &impl Read, offset: u64, limit: u64) -> Result<Vec<Upload>, Error> {
    let newest = format!(
        "u.id in (select id from enrolment_upload order by uploaded_at desc, id \
         limit {limit} offset {offset})"
    );
    let rows: Vec<UploadRow> = db.all(&uploads_where(&newest), values![]).await?;
    Ok(rows.into_iter().map(Upload::from).collect())
}

pub(crate) async fn count_uploads(db: &impl Read) -> Result<u64, Error> {
    let count = db.scalar::<i64>("select count(*) from enrolment_upload", values![]).await?;
    Ok(unsigned(count.unwrap_or(0)))
}

/// A line, and why it was refused if it was.
#[derive(Clone, Debug)]
pub(crate) struct UploadedLine {
    pub(crate) line: Line,
    pub(crate) reason: Option<Reason>,
}

#[derive(FromQueryResult)]
struct LineRow {
    line: i32,
    mail: String,
    course_key: String,
    language: String,
    reason: String,
}

impl From<LineRow> for UploadedLine {
    fn from(row: LineRow) -> Self {
        let reason = Reason::parse(&row.reason);
        let line = Line {
            number: u32::try_from(row.line).unwrap_or(0),
            mail: row.mail,
            course: row.course_key,
            language: row.language.parse().ok(),
            fault: None,
        };
        Self { line, reason }
    }
}

/// The lines of which this became, in their order.
pub(crate) async fn uploaded_lines(
    db: &impl Read,
    upload: Uuid,
    outcome: Outcome,
    offset: u64,
    limit: u64,
) -> Result<Vec<UploadedLine>, Error> {
    let sql = format!(
        "select line, mail, course_key, language, reason from enrolment_upload_line \
         where upload = $1 and outcome = $2 order by line limit {limit} offset {offset}"
    );
    let rows: Vec<LineRow> = db.all(&sql, values![upload, outcome.name()]).await?;
    Ok(rows.into_iter().map(UploadedLine::from).collect())
}

/// Notes what became of a line, and whose it was.
pub(crate) async fn settle_line(
    tx: &mut Tx,
    upload: Uuid,
    line: u32,
    settled: &Settled,
) -> Result<(), Error> {
    let (outcome, reason) = match settled.ending {
        Ok(outcome) => (outcome, ""),
        Err(reason) => (Outcome::Refused, reason.name()),
    };
    tx.execute(
        "update enrolment_upload_line set outcome = $3, reason = $4, learner = $5 \
         where upload = $1 and line = $2",
        values![
            upload,
            i32::try_from(line).unwrap_or(i32::MAX),
            outcome.name(),
            reason,
            settled.learner.map(|learner| learner.0)
        ],
    )
    .await?;
    Ok(())
}

/// What became of one line.
pub(crate) struct Settled {
    pub(crate) learner: Option<PersonId>,
    pub(crate) ending: Result<Outcome, Reason>,
}

/// Keeps others from an upload until the transaction ends. The update, which changes nothing, takes
/// the lock.
pub(crate) async fn lock_upload(tx: &mut Tx, upload: Uuid) -> Result<(), Error> {
    tx.execute("update enrolment_upload set id = id where id = $1", values![upload]).await?;
    Ok(())
}

/// Notes whether an upload is done with.
pub(crate) async fn finish_upload(
    tx: &mut Tx,
    upload: Uuid,
    at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    tx.execute("update enrolment_upload set finished_at = $2 where id = $1", values![upload, at])
        .await?;
    Ok(())
}

/// Has the refused lines looked at again that something outside may have changed for. Gives how many.
pub(crate) async fn take_up_refused(tx: &mut Tx, upload: Uuid) -> Result<u64, Error> {
    let may_change = Reason::ALL.into_iter().filter(|reason| reason.may_change());
    let named: Vec<String> = may_change.map(|reason| format!("'{}'", reason.name())).collect();
    let sql = format!(
        "update enrolment_upload_line set outcome = 'waiting', reason = '' \
         where upload = $1 and outcome = 'refused' and reason in ({}) and mail <> ''",
        named.join(", ")
    );
    tx.execute(&sql, values![upload]).await
}
