//! Deliveries and the inbox.

use std::collections::HashSet;

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use contract::notification::Delivery;
use event::{CourseId, DeliveryId, Language, PersonId};
use uuid::Uuid;

use crate::domain::{
    Channel, Fact, Notice, Reason, State, channel_code, channel_of, kind_code, kind_of,
};

/// A delivery about to be written, if the same was not written before.
pub(crate) struct NewDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) channel: Channel,
    pub(crate) at: DateTime<Utc>,
    pub(crate) fact: &'a Fact,
    pub(crate) state: State,
    /// Why it is not sent.
    pub(crate) reason: Option<Reason>,
    /// How many jobs must end before it can be said to have failed.
    pub(crate) open_jobs: i32,
    /// The end of the person's quiet hours.
    pub(crate) waits_until: Option<DateTime<Utc>>,
}

impl NewDelivery<'_> {
    /// When it is to be sent.
    pub(crate) fn due(&self) -> DateTime<Utc> {
        self.waits_until.unwrap_or(self.at)
    }

    /// As events tell it, if they do.
    pub(crate) fn told(&self) -> Option<Delivery> {
        Some(Delivery {
            delivery: self.id,
            person: self.fact.person,
            fact: self.fact.event,
            kind: self.fact.notice.kind().told()?,
            channel: self.channel,
            at: self.at,
        })
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// Writes deliveries and gives the ids of those that are new: each fact tells each person once
/// over each channel, and the unique key is what guards it.
pub(crate) async fn insert_deliveries(
    tx: &mut Tx,
    deliveries: &[NewDelivery<'_>],
) -> Result<HashSet<DeliveryId>, Error> {
    let rows = deliveries
        .iter()
        .map(|new| {
            let settled = (new.state != State::Queued).then_some(new.at);
            values![
                new.id.0,
                new.fact.key.clone(),
                new.fact.person.0,
                channel_code(new.channel),
                kind_code(new.fact.notice.kind()),
                new.fact.notice.subject(),
                new.fact.event,
                course_column(new.fact),
                new.state.code(),
                new.reason.map(Reason::code),
                0_i32,
                new.open_jobs,
                new.at,
                settled,
                new.waits_until
            ]
        })
        .collect();
    let written: Vec<Id> = tx
        .insert_many_returning(
            "insert into deliveries (id, fact, person, channel, kind, subject, event, course, \
             state, reason, attempts, open_jobs, created_at, settled_at, waits_until) values",
            rows,
            "on conflict (fact, person, channel) do nothing returning id",
        )
        .await?;
    Ok(written.into_iter().map(|row| DeliveryId(row.id)).collect())
}

pub(crate) async fn insert_inbox_items(
    tx: &mut Tx,
    items: &[(DeliveryId, &Fact)],
) -> Result<(), Error> {
    let now = tx.now();
    let rows = items
        .iter()
        .map(|(delivery, fact)| {
            let notice = serde_json::to_string(&fact.notice.for_inbox())?;
            Ok(values![delivery.0, fact.person.0, course_column(fact), notice, now])
        })
        .collect::<Result<_, Error>>()?;
    tx.insert_many(
        "insert into inbox_items (id, person, course, notice, created_at) values",
        rows,
        "on conflict (id) do nothing",
    )
    .await?;
    Ok(())
}

/// The nil id where a fact concerns no course.
fn course_column(fact: &Fact) -> Uuid {
    fact.course.map_or(Uuid::nil(), |course| course.0)
}

#[derive(FromQueryResult)]
struct DeliveryRow {
    id: Uuid,
    person: Uuid,
    event: Uuid,
    kind: String,
    channel: String,
}

impl DeliveryRow {
    fn told(self, at: DateTime<Utc>) -> Option<Delivery> {
        Some(Delivery {
            delivery: DeliveryId(self.id),
            person: PersonId(self.person),
            fact: self.event,
            kind: kind_of(&self.kind)?.told()?,
            channel: channel_of(&self.channel)?,
            at,
        })
    }
}

/// Settles a delivery that is not settled for good: one that was sent stays sent, one that was
/// suppressed stays suppressed. Gives the delivery, if it was settled here and is told of.
pub(crate) async fn settle_delivery(
    tx: &mut Tx,
    delivery: DeliveryId,
    state: State,
    reason: Option<&str>,
) -> Result<Option<Delivery>, Error> {
    let (now, attempts) = (tx.now(), i32::try_from(tx.attempts()).unwrap_or(i32::MAX));
    let row: Option<DeliveryRow> = tx
        .one(
            "update deliveries set state = $2, reason = $3, settled_at = $4, \
             attempts = attempts + $5 where id = $1 and state in ('queued', 'failed', 'uncertain') \
             returning id, person, event, kind, channel",
            values![delivery.0, state.code(), reason, now, attempts],
        )
        .await?;
    Ok(row.and_then(|row| row.told(now)))
}

/// One of a delivery's jobs ended; gives how many are still open, if the delivery waits for them.
pub(crate) async fn close_job(tx: &mut Tx, delivery: DeliveryId) -> Result<Option<i32>, Error> {
    tx.scalar(
        "update deliveries set open_jobs = open_jobs - 1 where id = $1 and state = 'queued' \
         returning open_jobs",
        values![delivery.0],
    )
    .await
}

/// A delivery that was taken back before it was sent.
pub(crate) struct TakenBack {
    pub(crate) id: DeliveryId,
    /// As events tell it, if they do.
    pub(crate) told: Option<Delivery>,
}

/// Suppresses whatever still waits to be sent to a person, and gives it.
pub(crate) async fn suppress_queued(
    tx: &mut Tx,
    person: PersonId,
    reason: Reason,
) -> Result<Vec<TakenBack>, Error> {
    let now = tx.now();
    let rows: Vec<DeliveryRow> = tx
        .all(
            "update deliveries set state = 'suppressed', reason = $2, settled_at = $3 \
             where person = $1 and state = 'queued' returning id, person, event, kind, channel",
            values![person.0, reason.code(), now],
        )
        .await?;
    let taken_back = |row: DeliveryRow| TakenBack { id: DeliveryId(row.id), told: row.told(now) };
    Ok(rows.into_iter().map(taken_back).collect())
}

/// What a mail or push server said may speak of the person.
pub(crate) async fn forget_reasons(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    tx.execute(
        "update deliveries set reason = null where person = $1 and state in ('failed', 'uncertain')",
        values![person.0],
    )
    .await?;
    tx.execute("delete from inbox_items where person = $1", values![person.0]).await?;
    Ok(())
}

/// A delivery as its person sees it.
#[derive(FromQueryResult, Clone, Debug)]
pub struct DeliveryView {
    pub id: Uuid,
    pub kind: String,
    pub channel: String,
    pub subject: Uuid,
    pub course: Uuid,
    pub state: String,
    pub reason: Option<String>,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    /// The end of the quiet hours in which it was to be sent.
    pub waits_until: Option<DateTime<Utc>>,
    /// Absent where it concerns no course, or none that is known here.
    pub course_title: Option<String>,
    course_language: Option<String>,
}

impl DeliveryView {
    /// That of the course's title, if the course has said.
    #[must_use]
    pub fn course_language(&self) -> Option<Language> {
        self.course_language.as_deref()?.parse().ok()
    }
}

/// A place in a list that begins with what is newest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) time: DateTime<Utc>,
    pub(crate) id: Uuid,
}

impl Before {
    /// After everything: the beginning of the list.
    pub(crate) fn everything() -> Self {
        let time = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default();
        Self { time, id: Uuid::max() }
    }
}

pub(crate) async fn deliveries(
    db: &impl Read,
    person: PersonId,
    before: Before,
    most: usize,
) -> Result<Vec<DeliveryView>, Error> {
    db.all(
        &format!(
            "select d.id, d.kind, d.channel, d.subject, d.course, d.state, d.reason, d.attempts, \
             d.created_at, d.settled_at, d.waits_until, c.title as course_title, \
             c.language as course_language from deliveries d \
             left join courses c on c.id = d.course and c.described > 0 where d.person = $1 and \
             (d.created_at < $2 or (d.created_at = $2 and d.id < $3)) \
             order by d.created_at desc, d.id desc limit {most}"
        ),
        values![person.0, before.time, before.id],
    )
    .await
}

pub(crate) struct InboxItem {
    pub(crate) id: Uuid,
    /// None where it concerns none.
    pub(crate) course: Option<CourseId>,
    pub(crate) notice: Notice,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) read_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct InboxRow {
    id: Uuid,
    course: Uuid,
    notice: String,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

pub(crate) async fn inbox_items(
    db: &impl Read,
    person: PersonId,
    before: Before,
    most: usize,
) -> Result<Vec<InboxItem>, Error> {
    let rows: Vec<InboxRow> = db
        .all(
            &format!(
                "select id, course, notice, created_at, read_at from inbox_items \
                 where person = $1 and (created_at < $2 or (created_at = $2 and id < $3)) \
                 order by created_at desc, id desc limit {most}"
            ),
            values![person.0, before.time, before.id],
        )
        .await?;
    rows.into_iter().map(InboxItem::try_from).collect()
}

/// One of a person's.
pub(crate) async fn inbox_item(
    db: &impl Read,
    person: PersonId,
    id: Uuid,
) -> Result<Option<InboxItem>, Error> {
    let sql = "select id, course, notice, created_at, read_at from inbox_items \
               where person = $1 and id = $2";
    let row: Option<InboxRow> = db.one(sql, values![person.0, id]).await?;
    row.map(InboxItem::try_from).transpose()
}

impl TryFrom<InboxRow> for InboxItem {
    type Error = Error;

    fn try_from(row: InboxRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            course: (!row.course.is_nil()).then_some(CourseId(row.course)),
            notice: serde_json::from_str(&row.notice)?,
            created_at: row.created_at,
            read_at: row.read_at,
        })
    }
}

pub(crate) async fn unread(db: &impl Read, person: PersonId) -> Result<i64, Error> {
    let count = db
        .scalar(
            "select count(*) from inbox_items where person = $1 and read_at is null",
            values![person.0],
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// What differs as soon as something is new in a person's inbox, or was read.
pub(crate) async fn inbox_state(db: &impl Read, person: PersonId) -> Result<String, Error> {
    let newest: Option<Uuid> = db
        .scalar(
            "select id from inbox_items where person = $1 order by created_at desc, id desc limit 1",
            values![person.0],
        )
        .await?;
    let newest = newest.unwrap_or_default();
    Ok(format!("{} {newest}", unread(db, person).await?))
}

/// Marks an item as read, once; `false` if the person has no such item.
pub(crate) async fn mark_read(tx: &mut Tx, person: PersonId, item: Uuid) -> Result<bool, Error> {
    let now = tx.now();
    let found = tx
        .execute(
            "update inbox_items set read_at = coalesce(read_at, $3) where person = $1 and id = $2",
            values![person.0, item, now],
        )
        .await?;
    Ok(found == 1)
}

pub(crate) async fn mark_all_read(tx: &mut Tx, person: PersonId) -> Result<u64, Error> {
    let now = tx.now();
    tx.execute(
        "update inbox_items set read_at = $2 where person = $1 and read_at is null",
        values![person.0, now],
    )
    .await
}

/// How many deliveries of a kind over a channel are in a state.
#[derive(FromQueryResult, Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub kind: String,
    pub channel: String,
    pub state: String,
    pub count: i64,
}

pub(crate) async fn tally(db: &impl Read) -> Result<Vec<Tally>, Error> {
    db.all(
        "select kind, channel, state, count(*) as count from deliveries \
         group by kind, channel, state order by kind, channel, state",
        values![],
    )
    .await
}

/// A person who was told of one enrolment, lesson, attempt or certificate more than once. Essays
/// to mark are news of a course on each day.
#[derive(FromQueryResult, Clone, Debug, PartialEq, Eq)]
pub struct Doubled {
    pub person: Uuid,
    pub kind: String,
    pub channel: String,
    pub subject: Uuid,
    pub count: i64,
}

pub(crate) async fn doubled(db: &impl Read) -> Result<Vec<Doubled>, Error> {
    db.all(
        "select person, kind, channel, subject, count(*) as count from deliveries \
         where state <> 'suppressed' and kind <> 'essays-to-mark' \
         group by person, kind, channel, subject having count(*) > 1 \
         order by person, kind, channel, subject",
        values![],
    )
    .await
}

#[derive(FromQueryResult)]
struct Key {
    id: Uuid,
}

/// The mails that were sent, by the names of their files.
pub(crate) async fn sent_mails(
    db: &impl Read,
    after: Uuid,
    most: usize,
) -> Result<Vec<DeliveryId>, Error> {
    let rows: Vec<Key> = db
        .all(
            &format!(
                "select id from deliveries where channel = 'mail' and state = 'sent' and id > $1 \
                 order by id limit {most}"
            ),
            values![after],
        )
        .await?;
    Ok(rows.into_iter().map(|row| DeliveryId(row.id)).collect())
}
