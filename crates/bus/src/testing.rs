//! The harness of handlers' tests: a service in a database of its own, a clock moved by hand, and
//! events given in any order, as often as one likes.
//!
//! ```text
//! let events = vec![envelope(&published), envelope(&updated), envelope(&withdrawn)];
//! assert_order_does_not_matter(service, TABLES, &events).await;
//! ```

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use event::{Envelope, Event};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use sea_orm::FromQueryResult;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    Clock, Db, Location, Read, Service, effect,
    retry::{self, Next},
    runner,
    transport::{Delivery, Queue, Tag},
    values,
};

/// The tables that make a service's state, each with the columns that are compared.
pub type Tables = &'static [(&'static str, &'static str)];

const ROUNDS: u64 = 16;
/// Longer than any retry waits.
const A_WHILE: TimeDelta = TimeDelta::hours(2);

/// When the tests' events happen, and their clocks start.
#[must_use]
pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

/// An event in its envelope, at the tests' start.
///
/// # Panics
/// When the event does not serialise.
#[must_use]
pub fn envelope<E: Event>(event: &E) -> Envelope {
    envelope_at(event, start())
}

/// An event in its envelope.
///
/// # Panics
/// When the event does not serialise.
#[must_use]
#[allow(clippy::expect_used, reason = "a test's own event")]
pub fn envelope_at<E: Event>(event: &E, time: DateTime<Utc>) -> Envelope {
    Envelope::seal(event, time).expect("the event serialises")
}

/// One service, its database in a folder that goes with it, and a clock moved by hand.
pub struct Scene {
    pub db: Db,
    pub clock: Clock,
    service: Service,
    tables: Tables,
    location: Location,
    folder: tempfile::TempDir,
}

#[allow(clippy::expect_used, reason = "a test that cannot set its scene has failed")]
async fn open(location: &Location, service: &Service, clock: &Clock) -> Db {
    let opened = Db::open(location, service.name(), service.migrations(), clock.clone());
    opened.await.expect("the database opens")
}

#[allow(clippy::expect_used, reason = "a test that cannot set its scene has failed")]
impl Scene {
    /// # Panics
    /// When the database cannot be made.
    pub async fn new(service: Service, tables: Tables) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::File(folder.path().join("test.db"));
        Self::set(service, tables, location, folder).await
    }

    /// On SQLite, and on PostgreSQL where `ESTRADE_TEST_DATABASE_URL` names one. The service is made
    /// with a name of its own, for its schema.
    ///
    /// # Panics
    /// When the database cannot be made.
    pub async fn on_each_database(
        service: impl Fn(&'static str) -> Service,
        tables: Tables,
    ) -> Vec<Self> {
        // A test leaks a few bytes.
        let name = || -> &'static str {
            Box::leak(format!("scene_{}", Uuid::new_v4().simple()).into_boxed_str())
        };
        let mut scenes = vec![Self::new(service(name()), tables).await];
        if let Ok(url) = std::env::var("ESTRADE_TEST_DATABASE_URL") {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let location = Location::Postgres { url };
            scenes.push(Self::set(service(name()), tables, location, folder).await);
        }
        scenes
    }

    async fn set(
        service: Service,
        tables: Tables,
        location: Location,
        folder: tempfile::TempDir,
    ) -> Self {
        let clock = Clock::manual(start());
        let db = open(&location, &service, &clock).await;
        Self { db, clock, service, tables, location, folder }
    }

    /// Its database once more, as the service opens it when it starts again.
    ///
    /// # Panics
    /// When the database cannot be opened.
    pub async fn open_again(&self) -> Db {
        open(&self.location, &self.service, &self.clock).await
    }

    /// Where another database of the same kind lies; a file has this name.
    #[must_use]
    pub fn location(&self, file: &str) -> Location {
        match &self.location {
            Location::File(_) => Location::File(self.folder().join(file)),
            postgres @ Location::Postgres { .. } => postgres.clone(),
        }
    }

    /// The service that is played.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Where its database lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives events one by one to each handler that hears them, then tries again what failed until
    /// it goes or is dead.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn deliver(&self, envelopes: &[Envelope]) {
        for envelope in envelopes {
            self.give(std::slice::from_ref(envelope)).await;
        }
        self.settle().await;
    }

    /// Gives events in one batch.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn deliver_together(&self, envelopes: &[Envelope]) {
        self.give(envelopes).await;
        self.settle().await;
    }

    /// Performs what was requested of the outside world, until nothing is left to do.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn perform(&self) {
        let owner = Uuid::now_v7();
        loop {
            let mut idle = true;
            for effect in &self.service.effects {
                let claims =
                    effect::claim(&self.db, effect.name(), owner, 10).await.expect("claims");
                for claim in claims {
                    idle = false;
                    effect.work(&self.db, &claim).await.expect("the ending is recorded");
                }
            }
            let left: Option<i64> =
                self.db.scalar("select count(*) from bus_effect", values![]).await.expect("counts");
            if left == Some(0) {
                return;
            }
            if idle {
                self.clock.advance(A_WHILE);
            }
        }
    }

    /// The compared tables and what was published, as text. Times and the keys in `volatile` are
    /// left out of what was published.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn state(&self, volatile: &[&str]) -> String {
        let mut lines = Vec::new();
        for (table, columns) in self.tables {
            lines.extend(dump(&self.db, table, columns).await);
        }
        let mut told: Vec<String> =
            self.published().await.iter().map(|envelope| stable(envelope, volatile)).collect();
        told.sort();
        lines.extend(told);
        lines.join("\n")
    }

    /// What was published, sent or not.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn published(&self) -> Vec<Envelope> {
        let rows: Vec<crate::outbox::Row> = self
            .db
            .all(
                &format!(
                    "select {} from bus_outbox order by occurred_at, id",
                    crate::outbox::COLUMNS
                ),
                values![],
            )
            .await
            .expect("the outbox reads");
        rows.into_iter().map(|row| row.outgoing().envelope).collect()
    }

    /// The causes of its dead letters.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn dead(&self) -> Vec<String> {
        let dead = crate::DeadLetters::of(&self.db);
        let letters = dead.list(crate::DeadState::Waiting, 1000).await.expect("dead letters read");
        letters.into_iter().map(|letter| format!("{}: {}", letter.consumer, letter.cause)).collect()
    }

    /// Gives events in one batch, and tries nothing again.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn give(&self, envelopes: &[Envelope]) {
        self.give_back(envelopes, 0).await;
    }

    /// As [`give`](Self::give), after the transport had to take them back so often.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn give_back(&self, envelopes: &[Envelope], returned: u32) {
        for handler in &self.service.handlers {
            let types = handler.types();
            let hears = |kind: &str| types.contains(&kind) || types.contains(&Queue::EVERYTHING);
            let batch: Vec<Delivery> = envelopes
                .iter()
                .filter(|envelope| hears(&envelope.event_type))
                .enumerate()
                .map(|(index, envelope)| Delivery {
                    tag: Tag(index as u64),
                    content: Ok(envelope.clone()),
                    returned,
                })
                .collect();
            runner::process(&self.db, handler.as_ref(), &batch)
                .await
                .expect("the batch is processed");
        }
    }

    /// Tries again what is due, and does once what is to be done in the outside world.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn try_once(&self) {
        retry::try_all_due(&self.db, &self.service.handlers).await.expect("retries run");
        for effect in &self.service.effects {
            let claimed = effect::claim(&self.db, effect.name(), Uuid::now_v7(), 10).await;
            for claim in claimed.expect("claims") {
                effect.work(&self.db, &claim).await.expect("the ending is recorded");
            }
        }
    }

    /// Begins all that is due to be tried again or done in the outside world, dies at it, and lets a
    /// while pass.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn die(&self) {
        for handler in &self.service.handlers {
            let begin = || retry::begin(&self.db, handler.name());
            while let Next::Begun(_) = begin().await.expect("it is begun") {}
        }
        for effect in &self.service.effects {
            effect::claim(&self.db, effect.name(), Uuid::now_v7(), 10).await.expect("claims");
        }
        self.clock.advance(A_WHILE);
    }

    async fn settle(&self) {
        loop {
            let left: Option<i64> =
                self.db.scalar("select count(*) from bus_retry", values![]).await.expect("counts");
            if left == Some(0) {
                return;
            }
            self.clock.advance(A_WHILE);
            retry::try_all_due(&self.db, &self.service.handlers).await.expect("retries run");
        }
    }
}

/// Plays the events in their order, and then shuffled and repeated, one by one and in batches, and
/// wants the same state every time, and no dead letter.
///
/// # Panics
/// When a round ends in another state; the message holds the round's number, which is its seed.
pub async fn assert_order_does_not_matter(
    service: impl Fn() -> Service,
    tables: Tables,
    volatile: &[&str],
    events: &[Envelope],
) {
    let expected = play(&service, tables, volatile, events, false).await;
    for seed in 0..ROUNDS {
        let mut random = StdRng::seed_from_u64(seed);
        let mut shuffled: Vec<Envelope> = events.to_vec();
        let repeated = random.random_range(0..=events.len());
        shuffled.extend(events.iter().take(repeated).cloned());
        shuffled.shuffle(&mut random);
        let state = play(&service, tables, volatile, &shuffled, seed % 2 == 1).await;
        let order: Vec<&str> =
            shuffled.iter().map(|envelope| envelope.event_type.as_str()).collect();
        assert_eq!(expected, state, "round {seed} ended otherwise; its order was {order:#?}");
    }
}

async fn play(
    service: &impl Fn() -> Service,
    tables: Tables,
    volatile: &[&str],
    events: &[Envelope],
    together: bool,
) -> String {
    let scene = Scene::new(service(), tables).await;
    if together {
        scene.deliver_together(events).await;
    } else {
        scene.deliver(events).await;
    }
    let dead = scene.dead().await;
    assert!(dead.is_empty(), "dead letters: {dead:#?}");
    scene.state(volatile).await
}

#[derive(FromQueryResult)]
struct Line {
    line: String,
}

#[allow(clippy::expect_used, reason = "a test's own tables")]
async fn dump(db: &Db, table: &str, columns: &str) -> Vec<String> {
    let columns: Vec<String> =
        columns.split(',').map(|column| format!("quote({})", column.trim())).collect();
    let sql =
        format!("select {} as line from {table} order by line", columns.join(" || ' | ' || "));
    let rows: Vec<Line> = db.all(&sql, values![]).await.expect("the table reads");
    rows.into_iter().map(|row| format!("{table}: {}", row.line)).collect()
}

fn stable(envelope: &Envelope, volatile: &[&str]) -> String {
    let mut data: Json = serde_json::from_str(&envelope.data).unwrap_or(Json::Null);
    forget(&mut data, volatile);
    format!("{} {data}", envelope.event_type)
}

fn forget(data: &mut Json, volatile: &[&str]) {
    match data {
        Json::Object(fields) => {
            fields.retain(|key, _| {
                key != "at" && !key.ends_with("_at") && !volatile.contains(&key.as_str())
            });
            fields.values_mut().for_each(|value| forget(value, volatile));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| forget(item, volatile)),
        _ => {}
    }
}
