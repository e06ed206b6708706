//! Messages to a course, as they were sent.

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use contract::learning::MessageSent;
use event::{CourseId, MessageId};
use uuid::Uuid;

use super::unsigned;

/// Keeps a message; `false` if it was sent before.
pub(crate) async fn save_message(
    tx: &mut Tx,
    sent: &MessageSent,
    recipients: i64,
) -> Result<bool, Error> {
    let saved = tx
        .execute(
            "insert into message (id, course, author, subject, text, recipients, sent_at) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
            values![
                sent.message.0,
                sent.course.0,
                sent.author.0,
                sent.subject.as_str(),
                sent.text.as_str(),
                recipients,
                sent.sent_at
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub(crate) struct SentMessage {
    pub(crate) id: MessageId,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Of whom it is told; nobody, where they were erased or have not arrived.
    pub(crate) author: Option<String>,
    /// How many had a seat when it was sent.
    pub(crate) recipients: u64,
    pub(crate) sent_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    subject: String,
    text: String,
    author_name: Option<String>,
    recipients: i64,
    sent_at: DateTime<Utc>,
}

impl From<Row> for SentMessage {
    fn from(row: Row) -> Self {
        Self {
            id: MessageId(row.id),
            subject: row.subject,
            text: row.text,
            author: row.author_name.filter(|name| !name.is_empty()),
            recipients: unsigned(row.recipients),
            sent_at: row.sent_at,
        }
    }
}

/// The newest first.
pub(crate) async fn messages(
    db: &impl Read,
    course: CourseId,
    offset: u64,
    limit: u64,
) -> Result<Vec<SentMessage>, Error> {
    let sql = format!(
        "select m.id, m.subject, m.text, p.name as author_name, m.recipients, m.sent_at \
         from message m left join person_copy p on p.person = m.author \
         where m.course = $1 order by m.sent_at desc, m.id desc limit {limit} offset {offset}"
    );
    let rows: Vec<Row> = db.all(&sql, values![course.0]).await?;
    Ok(rows.into_iter().map(SentMessage::from).collect())
}

/// To how many a message was sent, if it was.
pub(crate) async fn recipients_of(
    db: &impl Read,
    message: MessageId,
) -> Result<Option<u64>, Error> {
    let sent: Option<i64> =
        db.scalar("select recipients from message where id = $1", values![message.0]).await?;
    Ok(sent.map(unsigned))
}
