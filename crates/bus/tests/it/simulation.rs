//! A toy platform of two services, played from seeds: a shop takes orders, a desk counts them and
//! writes to whoever ordered. It proves the bus, and it proves that the simulation would see a bus that
//! is wrong.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use bus::{
    BatchHandler, Clock, Db, Effect, EffectFailure, Ending, Failure, Handled, Handler, Location,
    Migration, Read, Received, RetryPolicy, Service, Tx,
    simulation::{
        Finding, Member, Mutation, Played, World, assert_no_findings, first_with_findings,
    },
    testing::start,
    values,
};
use event::Event;
use rand::Rng;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const STEPS: usize = 120;

#[derive(Serialize, Deserialize)]
struct Ordered {
    order: Uuid,
    number: u32,
}

impl Event for Ordered {
    const TYPE: &'static str = "shop.ordered.v1";
    fn subject(&self) -> String {
        self.order.to_string()
    }
}

#[derive(Serialize, Deserialize)]
struct Counted {
    order: Uuid,
}

impl Event for Counted {
    const TYPE: &'static str = "desk.counted.v1";
    fn subject(&self) -> String {
        self.order.to_string()
    }
}

const SHOP: &[Migration] = &[Migration {
    name: "0001-orders",
    sql: "create table bought (id uuid primary key, counted integer not null default 0)",
}];

const DESK: &[Migration] = &[Migration {
    name: "0001-counts",
    sql: "create table tally (id integer primary key, orders integer not null); \
          insert into tally (id, orders) values (1, 0); \
          create table letter (id uuid primary key, ending text not null)",
}];

/// Counts, in a way that is wrong if it is done twice.
struct Count;

impl Handler for Count {
    const NAME: &'static str = "desk.count";
    type Event = Ordered;

    async fn handle(&self, event: &Received<Ordered>, tx: &mut Tx) -> Handled {
        tx.execute("update tally set orders = orders + 1", values![]).await?;
        tx.publish(&Counted { order: event.order })?;
        tx.request::<Write>(&event.order.to_string(), &event.order)?;
        if event.number % 7 == 3 && tx.now() < start() + chrono::TimeDelta::minutes(5) {
            return Err(Failure::wait("not before five minutes have passed"));
        }
        Ok(())
    }
}

struct Note;

impl BatchHandler for Note {
    const NAME: &'static str = "shop.note";
    type Event = Counted;

    async fn handle_all(&self, events: &[Received<Counted>], tx: &mut Tx) -> Handled {
        for event in events {
            tx.execute(
                "update bought set counted = counted + 1 where id = $1",
                values![event.order],
            )
            .await?;
        }
        Ok(())
    }
}

/// Letters that were posted, by order: the world outside, which remembers.
type Post = Arc<Mutex<BTreeMap<Uuid, u32>>>;

struct Write {
    post: Post,
}

impl Effect for Write {
    const NAME: &'static str = "desk.write";
    type Job = Uuid;
    type Outcome = ();
    const REPEATABLE: bool = false;
    const RETRY: RetryPolicy = RetryPolicy { attempts: 50, ..RetryPolicy::DEFAULT };

    async fn perform(&self, order: &Uuid) -> Result<(), EffectFailure> {
        *self.post.lock().unwrap().entry(*order).or_default() += 1;
        match order.as_u128() % 10 {
            0 => Err(EffectFailure::Uncertain("the postman did not say".to_owned())),
            _ => Ok(()),
        }
    }

    async fn record(&self, order: &Uuid, ending: Ending<()>, tx: &mut Tx) -> Handled {
        let ending = match ending {
            Ending::Done(()) => "done",
            Ending::Uncertain(_) => "uncertain",
            Ending::Refused(_) | Ending::GaveUp(_) => "failed",
        };
        tx.execute("insert into letter (id, ending) values ($1, $2)", values![*order, ending])
            .await?;
        Ok(())
    }
}

/// Plays one seed on a thread's own runtime: nothing but the seed decides what happens.
fn play(seed: u64, mutation: Option<Mutation>) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(seed, mutation))
}

async fn run(seed: u64, mutation: Option<Mutation>) -> Played {
    World::begin();
    let folder = tempfile::tempdir().unwrap();
    let (clock, post) = (Clock::manual(start()), Post::default());
    let shop = Service::new("shop", SHOP).publishes(&[Ordered::TYPE]).batch_handler(Note);
    let desk = Service::new("desk", DESK)
        .publishes(&[Counted::TYPE])
        .handler(Count)
        .effect(Write { post: post.clone() });
    let mut members = Vec::new();
    for service in [shop, desk] {
        let location = Location::File(folder.path().join(format!("{}.db", service.name())));
        let db = Db::open(&location, service.name(), service.migrations(), clock.clone());
        members.push(Member { db: db.await.unwrap(), service });
    }
    let (shop, desk) = (members[0].db.clone(), members[1].db.clone());
    let said_yes = Arc::new(Mutex::new(Vec::new()));
    let mut world = World::new(seed, clock, members, mutation).await.unwrap();
    for number in 0..STEPS {
        if seed % 2 == 1 && number == STEPS / 2 {
            world.stand_still().await.unwrap();
        }
        if world.random().random_ratio(1, 8) {
            let ordering = order(shop.clone(), u32::try_from(number).unwrap(), said_yes.clone());
            world.act("shop", "somebody orders".to_owned(), ordering).await;
        } else {
            world.step().await;
        }
    }
    let mut findings = world.drain().await.unwrap();
    let said_yes = said_yes.lock().unwrap().clone();
    findings.extend(compare(&shop, &desk, &said_yes, &post).await);
    let fingerprint = world.fingerprint(&[]).await.unwrap();
    Played { findings, fingerprint, trace: world.trace().to_vec() }
}

async fn order(db: Db, number: u32, said_yes: Arc<Mutex<Vec<Uuid>>>) -> String {
    let order = event::fresh_uuid();
    let ordering = async {
        let mut tx = db.begin().await?;
        tx.execute("insert into bought (id) values ($1)", values![order]).await?;
        tx.publish(&Ordered { order, number })?;
        tx.commit().await
    };
    match ordering.await {
        Ok(()) => {
            said_yes.lock().unwrap().push(order);
            "yes".to_owned()
        }
        Err(error) => error.to_string(),
    }
}

/// The ledger kept outside, against the databases and the post.
async fn compare(shop: &Db, desk: &Db, said_yes: &[Uuid], post: &Post) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = async |db: &Db, sql: &str| db.scalar::<i64>(sql, values![]).await.unwrap().unwrap();
    let bought = count(shop, "select count(*) from bought").await;
    let counted = count(desk, "select orders from tally").await;
    let noted = count(shop, "select count(*) from bought where counted = 1").await;
    let letters = count(desk, "select count(*) from letter").await;
    if [counted, noted, letters] != [bought; 3] {
        findings
            .push(format!("{bought} bought, {counted} counted, {noted} noted, {letters} letters"));
    }
    for order in said_yes {
        let sql = "select count(*) from bought where id = $1";
        if shop.scalar::<i64>(sql, values![*order]).await.unwrap() != Some(1) {
            findings.push(format!("{order} was said yes to and is not there"));
        }
    }
    findings.extend(
        post.lock()
            .unwrap()
            .iter()
            .filter(|(_, times)| **times > 1)
            .map(|(order, times)| format!("{times} letters for {order}")),
    );
    findings
}

#[test]
fn nothing_is_lost_or_done_twice_whatever_goes_wrong() {
    assert_no_findings("cargo test -p bus simulation", 60, |seed| play(seed, None));
}

#[test]
fn a_seed_plays_the_same_run_again() {
    for seed in 0..8 {
        let (one, two) = (play(seed, None), play(seed, None));
        assert_eq!(one.trace, two.trace, "seed {seed}");
        assert_eq!(one.fingerprint, two.fingerprint, "seed {seed}");
    }
    assert_ne!(play(1, None).fingerprint, play(2, None).fingerprint);
}

#[test]
fn a_bus_that_is_wrong_is_found_out() {
    for mutation in [
        Mutation::SettlesFirst,
        Mutation::NoInbox,
        Mutation::NoConfirms,
        Mutation::ForgetsAbandoned,
        Mutation::LosesCommits,
        Mutation::ForgetsTooEarly,
    ] {
        let found = first_with_findings(60, |seed| play(seed, Some(mutation)));
        assert!(found.is_some(), "no seed of 60 finds out {mutation:?}");
    }
}
