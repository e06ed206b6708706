//! Flights: what one transaction tells of one stream at once goes together, and the row of the first says for
//! all of them whether they were sent. To write that down for each costs nearly as much as to write the event.
//!
//! Whom a row leads is in its column `leads`: their ids, one after the other. They bear the time of their
//! commit as the time at which they were sent, and mean it only once their leader was. Where only some of a
//! flight arrive, it is broken up, and each of the others speaks for itself.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Error, Read, Tx, outbox::NewRow, rows, values};

/// Events of a flight. What a leader holds of the others stays small beside itself.
const LONGEST: usize = 64;
/// Rows of one statement: SQLite takes 32,766 values at most.
const AT_ONCE: usize = 5_000;

/// What a row is in its flight.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Alone,
    Leads(Vec<Uuid>),
    LedBy(Uuid),
}

impl Place {
    /// As it is written.
    pub(crate) fn leads(&self) -> Option<Vec<u8>> {
        match self {
            Self::Leads(others) => Some(others.iter().flat_map(|id| *id.as_bytes()).collect()),
            Self::Alone | Self::LedBy(_) => None,
        }
    }

    pub(crate) fn leader(&self) -> Option<Uuid> {
        match self {
            Self::LedBy(leader) => Some(*leader),
            Self::Alone | Self::Leads(_) => None,
        }
    }
}

/// Puts what goes at once into flights, each behind its leader.
pub(crate) fn form(rows: Vec<NewRow>, now: DateTime<Utc>) -> Vec<NewRow> {
    let (at_once, mut formed): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.goes_at_once(now));
    let mut streams: Vec<Vec<NewRow>> = Vec::new();
    for row in at_once {
        let of_it = |rows: &&mut Vec<NewRow>| rows[0].is_of_the_stream_of(&row);
        match streams.iter_mut().find(of_it) {
            Some(rows) => rows.push(row),
            None => streams.push(vec![row]),
        }
    }
    for mut rows in streams {
        rows.chunks_mut(LONGEST).for_each(line_up);
        formed.extend(rows);
    }
    formed
}

fn line_up(flight: &mut [NewRow]) {
    let [first, others @ ..] = flight else { return };
    if others.is_empty() {
        return;
    }
    for other in &mut *others {
        other.place = Place::LedBy(first.id());
    }
    first.place = Place::Leads(others.iter().map(NewRow::id).collect());
}

/// Reads whom a row leads.
pub(crate) fn led_by(leads: Option<&[u8]>) -> impl Iterator<Item = Uuid> {
    let ids = leads.unwrap_or_default().chunks_exact(size_of::<Uuid>());
    ids.filter_map(|id| Uuid::from_slice(id).ok())
}

#[derive(FromQueryResult)]
struct Leader {
    id: Uuid,
    leads: Option<Vec<u8>>,
}

fn led(leaders: &[Leader]) -> Vec<Uuid> {
    leaders.iter().flat_map(|leader| led_by(leader.leads.as_deref())).collect()
}

/// What bears a time at which it was sent, and may not have been.
pub(crate) async fn unsure(db: &Db) -> Result<Vec<Uuid>, Error> {
    let sql = "select id, leads from bus_outbox where sent_at is null and leads is not null";
    Ok(led(&db.all(sql, values![]).await?))
}

/// As [`break_up`], if any was told before this time: what waits for so long is not thrown away.
pub(crate) async fn break_up_old(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let sql = "select 1 from bus_outbox where sent_at is null and leads is not null and due < $1";
    let any: Option<i32> = db.scalar(&format!("{sql} limit 1"), values![before]).await?;
    if any.is_none() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    break_up(&mut tx).await?;
    tx.commit().await
}

/// Has every event that may not have been sent say so itself.
pub(crate) async fn break_up(tx: &mut Tx) -> Result<(), Error> {
    // Changed in nothing, so that no relay has its mark in between.
    let sql = "update bus_outbox set due = due where sent_at is null and leads is not null \
               returning id, leads";
    let leaders: Vec<Leader> = tx.all(sql, values![]).await?;
    let mut all = led(&leaders);
    all.extend(leaders.iter().map(|leader| leader.id));
    let_go(tx, &all).await
}

/// Has these wait by themselves, whoever led them or whomever they led.
pub(crate) async fn let_go(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Error> {
    for some in ids.chunks(AT_ONCE) {
        let (among, ids) = rows::among(tx.is_postgres(), some, 1);
        let sql = format!("update bus_outbox set sent_at = null, leads = null where id {among}");
        tx.execute(&sql, ids).await?;
    }
    Ok(())
}

/// All rows of the outbox with these ids, in as many statements as that takes.
pub(crate) async fn rows_of<T: FromQueryResult + Send>(
    db: &Db,
    ids: &[Uuid],
    columns: &str,
) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let (among, ids) = rows::among(db.is_postgres(), some, 1);
        let sql = format!("select {columns} from bus_outbox where id {among}");
        found.extend(db.all::<T>(&sql, ids).await?);
    }
    Ok(found)
}
