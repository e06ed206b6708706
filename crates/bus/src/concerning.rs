//! What of a service's work concerns one person and is not done: to be sent, to be tried again, to be
//! done in the outside world, given up on, or put aside for good.
//!
//! For a person who looks into what became of somebody's matters. It reads what the tables hold as
//! text, so it is no thing to ask a thousand times a second.

use chrono::{DateTime, Utc};
use event::{Envelope, PersonId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Dead, DeadState, Error, Read, Value, dead, flight, forget, rows, values};

/// As many of a kind as anyone reads.
const MOST: u32 = 500;

/// All of it, in one service.
#[derive(Debug, Default)]
pub struct Concerning {
    pub unsent: Vec<Unsent>,
    pub retries: Vec<Retrying>,
    pub jobs: Vec<OpenJob>,
    /// Letters that wait for a decision.
    pub dead: Vec<Dead>,
    /// Letters that somebody put aside for good.
    pub discarded: Vec<Dead>,
}

/// An event that the transport does not have yet.
#[derive(FromQueryResult, Clone, Debug)]
pub struct Unsent {
    pub id: Uuid,
    pub event_type: String,
    pub occurred_at: DateTime<Utc>,
    /// When it is to be sent, which may be long past.
    pub due: DateTime<Utc>,
    data: String,
}

/// An event that a handler could not take, and will be given again.
#[derive(FromQueryResult, Clone, Debug)]
pub struct Retrying {
    pub handler: String,
    pub id: Uuid,
    pub event_type: String,
    pub attempts: i32,
    pub due: DateTime<Utc>,
    pub cause: String,
    pub since: DateTime<Utc>,
    envelope: String,
}

/// Something to be done in the outside world.
#[derive(FromQueryResult, Clone, Debug)]
pub struct OpenJob {
    pub effect: String,
    pub job_key: String,
    pub attempts: i32,
    pub due: DateTime<Utc>,
    /// Why it did not go the last time.
    pub cause: Option<String>,
    /// Somebody is at it, until then if nothing more is heard.
    pub lease_until: Option<DateTime<Utc>>,
    job: String,
}

impl Concerning {
    /// What concerns this person in the service whose database this is.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(db: &Db, person: PersonId) -> Result<Self, Error> {
        let named = || -> Vec<Value> { values![forget::of_person(&person.to_string())] };
        let unsent = unsent(db, &named()).await?;
        let retries: Vec<Retrying> = db
            .all(
                &format!(
                    "select handler, id, event_type, attempts, due, cause, since, envelope \
                     from bus_retry where envelope like $1 order by since limit {MOST}"
                ),
                // Within the envelope the data is text in a text: its quotes are escaped.
                values![format!("%{person}%")],
            )
            .await?;
        let jobs: Vec<OpenJob> = db
            .all(
                &format!(
                    "select effect, job_key, attempts, due, cause, lease_until, job from bus_effect \
                     where job like $1 order by due limit {MOST}"
                ),
                named(),
            )
            .await?;
        dead::sort_old_ones(db).await?;
        let is_theirs = |json: &str| event::people(json).contains(&person);
        Ok(Self {
            unsent: unsent.into_iter().filter(|it| is_theirs(&it.data)).collect(),
            retries: retries.into_iter().filter(|it| is_theirs(&it.data())).collect(),
            jobs: jobs.into_iter().filter(|it| is_theirs(&it.job)).collect(),
            dead: dead::of_person(db, person, DeadState::Waiting, MOST).await?,
            discarded: dead::of_person(db, person, DeadState::Discarded, MOST).await?,
        })
    }
}

/// What fits a pattern, of what waits to be sent and of what waits with it. A flight that is broken up between two
/// looks is seen twice, and told once.
async fn unsent(db: &Db, named: &[Value]) -> Result<Vec<Unsent>, Error> {
    let select = "select id, event_type, occurred_at, due, data from bus_outbox where data like $1";
    let rest = format!("order by due limit {MOST}");
    let mut unsent = Vec::new();
    let unsure = flight::unsure(db).await?;
    for (among, ids) in rows::some_among(db.is_postgres(), &unsure, 2) {
        let sql = format!("{select} and id {among} {rest}");
        unsent.extend(db.all::<Unsent>(&sql, [named, ids.as_slice()].concat()).await?);
    }
    let alone = format!("{select} and sent_at is null {rest}");
    unsent.extend(db.all::<Unsent>(&alone, named.to_vec()).await?);
    unsent.sort_by_key(|event| (event.due, event.id));
    unsent.dedup_by_key(|event| event.id);
    unsent.truncate(MOST as usize);
    Ok(unsent)
}

impl Retrying {
    pub(crate) fn data(&self) -> String {
        serde_json::from_str(&self.envelope).map(|it: Envelope| it.data).unwrap_or_default()
    }
}

impl OpenJob {
    /// The first of those whom the job concerns, if it concerns anybody.
    #[must_use]
    pub fn person(&self) -> Option<Uuid> {
        event::people(&self.job).first().map(|person| person.0)
    }
}
