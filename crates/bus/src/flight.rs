//! Flights: what one transaction tells at once, of one type and the same way, goes together, and the row of the
//! first says for all whether they were sent. To write that down for each costs nearly as much as to write it.
//!
//! Whom a row leads is in its column `leads`: their ids, one after the other. They bear the time of their
//! commit as the time at which they were sent, and mean it only once their leader was. Where only some of a
//! flight arrive, it is broken up, and each of the others waits by itself. Where a flight is late, each of it
//! is marked, with the time at which it went.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Db, Error, Read, Tx,
    outbox::NewRow,
    rows::{self, Id},
    values,
};

/// Events of a flight. What a leader holds of the others stays small beside itself.
const LONGEST: usize = 64;
/// Flights that are broken up in one transaction of their own.
const ALONE: usize = 20;

/// What a row is in its flight.
pub(crate) enum Place {
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

/// Puts what goes at once, of one type and the same way, into flights, each behind its leader.
pub(crate) fn form(rows: Vec<NewRow>, now: DateTime<Utc>) -> Vec<NewRow> {
    let (at_once, mut formed): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.goes_at_once(now));
    let mut ways: Vec<Vec<NewRow>> = Vec::new();
    for row in at_once {
        let of_it = |rows: &&mut Vec<NewRow>| rows[0].goes_with(&row);
        match ways.iter_mut().find(of_it) {
            Some(rows) => rows.push(row),
            None => ways.push(vec![row]),
        }
    }
    for mut rows in ways {
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
pub(crate) fn followers(leads: Option<&[u8]>) -> impl Iterator<Item = Uuid> {
    let ids = leads.unwrap_or_default().chunks_exact(size_of::<Uuid>());
    ids.filter_map(|id| Uuid::from_slice(id).ok())
}

/// One that is not broken up, nor known to be sent whole.
#[derive(FromQueryResult)]
struct Flight {
    id: Uuid,
    leads: Option<Vec<u8>>,
}

impl Flight {
    fn followers(&self) -> impl Iterator<Item = Uuid> {
        followers(self.leads.as_deref())
    }
}

const UNSENT: &str = "select id, leads from bus_outbox where sent_at is null and leads is not null";

/// What bears a time at which it was sent, and may not have been.
pub(crate) async fn unsure(db: &Db) -> Result<Vec<Uuid>, Error> {
    let unsent: Vec<Flight> = db.all(UNSENT, values![]).await?;
    Ok(unsent.iter().flat_map(Flight::followers).collect())
}

/// Breaks up the flights of these events.
pub(crate) async fn break_up_those_of(tx: &mut Tx, events: &[Uuid]) -> Result<(), Error> {
    let events: BTreeSet<&Uuid> = events.iter().collect();
    // Those too that were misunderstood.
    let sql = "select id, leads from bus_outbox where leads is not null";
    let mut flights: Vec<Flight> = tx.all(sql, values![]).await?;
    flights.retain(|flight| {
        events.contains(&flight.id) || flight.followers().any(|id| events.contains(&id))
    });
    break_up(tx, flights).await
}

/// Breaks up what has waited since before this time: what a follower bears would have it thrown away.
pub(crate) async fn break_up_old(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let old: Vec<Flight> = db.all(&format!("{UNSENT} and due < $1"), values![before]).await?;
    break_up_alone(db, old).await
}

/// Breaks up what a relay of an earlier version marked, which knows of no flights and sent their leaders alone.
pub(crate) async fn break_up_misunderstood(db: &Db) -> Result<(), Error> {
    let sql = "select id, leads from bus_outbox where sent_at is not null and leads is not null";
    break_up_alone(db, db.all(sql, values![]).await?).await
}

/// In small transactions: others write, too.
async fn break_up_alone(db: &Db, mut flights: Vec<Flight>) -> Result<(), Error> {
    while !flights.is_empty() {
        let some = flights.split_off(flights.len().saturating_sub(ALONE));
        let mut tx = db.begin().await?;
        break_up(&mut tx, some).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// But for those that a relay has marked meanwhile.
async fn break_up(tx: &mut Tx, flights: Vec<Flight>) -> Result<(), Error> {
    let flights: BTreeMap<Uuid, Flight> =
        flights.into_iter().map(|flight| (flight.id, flight)).collect();
    let leaders: Vec<Uuid> = flights.keys().copied().collect();
    for (among, ids) in rows::some_among(tx.is_postgres(), &leaders, 1) {
        let sql = format!(
            "update bus_outbox set leads = null where leads is not null and id {among} returning id"
        );
        let broken: Vec<Id> = tx.all(&sql, ids).await?;
        let broken = broken.iter().filter_map(|row| flights.get(&row.id));
        let followers: Vec<Uuid> = broken.flat_map(Flight::followers).collect();
        let_go(tx, &followers).await?;
    }
    Ok(())
}

/// Has these wait by themselves, whoever led them or whomever they led.
pub(crate) async fn let_go(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Error> {
    for (among, ids) in rows::some_among(tx.is_postgres(), ids, 1) {
        let sql = format!("update bus_outbox set sent_at = null, leads = null where id {among}");
        tx.execute(&sql, ids).await?;
    }
    Ok(())
}
