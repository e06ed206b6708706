//! What an operator relies on: dead letters in groups, rehearsed, replayed and discarded; the erased
//! forgotten, and sessions ended; what is done with thrown away, and the books still true. On SQLite and
//! PostgreSQL.

mod backlog;
mod concerning;
mod dead;
mod forgetting;
mod orphans;
mod retention;
mod retries;
mod sessions;
mod traffic;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use bus::{
    Effect, EffectFailure, Ending, Event, Failure, Handled, Handler, Migration, Received,
    RetryPolicy, Service, Tx,
    testing::{Scene, Tables},
    values,
};
use event::PersonId;
use serde::{Deserialize, Serialize};

use crate::support::count;

const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001-seats",
    sql: "create table seat (learner uuid not null, number bigint not null)",
}];
const TABLES: Tables = &[("seat", "number")];

/// A learner takes a seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Taken {
    learner: PersonId,
    number: i64,
}

impl Event for Taken {
    const TYPE: &'static str = "room.taken.v1";
    fn subject(&self) -> String {
        self.learner.to_string()
    }
}

/// What follows from it.
#[derive(Serialize, Deserialize)]
struct Confirmed {
    number: i64,
}

impl Event for Confirmed {
    const TYPE: &'static str = "room.confirmed.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

/// What the world is like.
#[derive(Default)]
struct World {
    is_ill: AtomicBool,
    post_is_shut: AtomicBool,
    posted: AtomicU32,
}

struct Seat(Arc<World>);

impl Handler for Seat {
    const NAME: &'static str = "room.seat";
    type Event = Taken;

    async fn handle(&self, event: &Received<Taken>, tx: &mut Tx) -> Handled {
        let (learner, number) = (event.learner, event.number);
        tx.execute(
            "insert into seat (learner, number) values ($1, $2)",
            values![learner.0, number],
        )
        .await?;
        tx.publish(&Confirmed { number })?;
        tx.request::<Post>(
            &number.to_string(),
            &Letter { person: learner, name: NAME.to_owned() },
        )?;
        if number < 0 {
            return Err(Failure::park("no seat has such a number"));
        }
        if self.0.is_ill.load(Ordering::SeqCst) {
            return Err(Failure::park(format!("no seat {number} for {learner} today")));
        }
        Ok(())
    }
}

const NAME: &str = "Siân Llŷr";

#[derive(Serialize, Deserialize)]
struct Letter {
    person: PersonId,
    name: String,
}

struct Post(Arc<World>);

impl Effect for Post {
    const NAME: &'static str = "room.post";
    type Job = Letter;
    type Outcome = ();
    const REPEATABLE: bool = true;
    const RETRY: RetryPolicy = RetryPolicy { attempts: 1, ..RetryPolicy::DEFAULT };

    async fn perform(&self, letter: &Letter) -> Result<(), EffectFailure> {
        if self.0.post_is_shut.load(Ordering::SeqCst) {
            return Err(EffectFailure::Retry(format!("{} is not delivered today", letter.name)));
        }
        self.0.posted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn record(&self, _: &Letter, _: Ending<()>, _: &mut Tx) -> Handled {
        Ok(())
    }
}

async fn scenes(world: &Arc<World>) -> Vec<Scene> {
    let room = |name| {
        Service::new(name, MIGRATIONS).handler(Seat(world.clone())).effect(Post(world.clone()))
    };
    let scenes = Scene::on_each_database(room, TABLES).await;
    // Ids bear the time of their making: from here on that of the scenes' clocks, on whatever day this runs.
    event::seed(0);
    scenes
}

fn taken(number: i64) -> bus::Envelope {
    bus::testing::envelope(&Taken { learner: PersonId::new(), number })
}
