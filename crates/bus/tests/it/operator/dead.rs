//! Dead letters: grouped by cause with the people they touch, rehearsed, replayed, discarded.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use bus::{
    Dead, DeadLetters, DeadPage, DeadState, Failure, Handled, Handler, Migration, Read, Received,
    RowsWritten, Service, SettledPage, Tx, Verdict, Which, testing::Scene, values,
};
use chrono::TimeDelta;

use super::{Letter, MIGRATIONS, NAME, Post, Taken, World, count, scenes, taken};

#[tokio::test]
async fn letters_of_one_fault_are_one_group_that_knows_how_many_people_it_touches() {
    let world = Arc::new(World::default());
    world.is_ill.store(true, Ordering::SeqCst);
    for scene in scenes(&world).await {
        let one = taken(0);
        scene.deliver(std::slice::from_ref(&one)).await;
        scene.clock.advance(TimeDelta::hours(1));
        let mut again = one.clone();
        again.id = event::EventId(uuid::Uuid::now_v7());
        let many: Vec<_> = (1..500).map(taken).chain([again, taken(-1)]).collect();
        scene.deliver_together(&many).await;
        let letters = DeadLetters::of(&scene.db);
        let groups = letters.groups().await.unwrap();
        assert_eq!(groups.len(), 2, "{groups:#?}");
        let (large, small) = (&groups[0], &groups[1]);
        assert_eq!((large.letters, large.people), (501, 500), "{large:?}");
        assert_eq!((small.letters, small.people), (1, 1), "{small:?}");
        assert_eq!(large.consumer, "room.seat");
        assert_eq!(large.cause, "no seat # for # today");
        assert_eq!(large.last_at - large.first_at, TimeDelta::hours(1));
        assert_ne!(large.key, small.key);

        let page = DeadPage { group: Some(&large.key), before: None, limit: 400 };
        let first = letters.page(page).await.unwrap();
        let last = first.last().unwrap();
        let before = Some((last.died_at, last.id));
        let second = letters.page(DeadPage { before, ..page }).await.unwrap();
        assert_eq!((first.len(), second.len()), (400, 101));
        assert!(second.iter().all(|letter| first.iter().all(|one| one.id != letter.id)));
        assert_eq!(first[0].tried.split(' ').count(), 1, "{}", first[0].tried);
    }
}

#[tokio::test]
async fn a_rehearsal_says_what_would_come_of_it_and_changes_nothing() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        world.is_ill.store(true, Ordering::SeqCst);
        world.post_is_shut.store(true, Ordering::SeqCst);
        scene.deliver(&[taken(7), taken(-7)]).await;
        world.is_ill.store(false, Ordering::SeqCst);
        scene.deliver(&[taken(8)]).await;
        scene.perform().await;
        let (before, posted) = (shape(&scene).await, world.posted.load(Ordering::SeqCst));

        let letters = DeadLetters::of(&scene.db);
        let rehearsed = letters.rehearse(scene.service(), Which::All, 100).await.unwrap();
        assert_eq!(rehearsed.len(), 3, "{rehearsed:#?}");
        let find = |verdict| rehearsed.iter().find(|one| one.verdict == verdict).unwrap();
        let good = find(Verdict::WouldSucceed);
        assert_eq!(good.publishes["room.confirmed.v1"], 1);
        assert_eq!(good.requests["room.post"], 1);
        let seats = RowsWritten { inserted: 1, ..RowsWritten::default() };
        assert_eq!(good.tables, BTreeMap::from([("seat".to_owned(), seats)]));
        let bad = find(Verdict::WouldFail);
        assert_eq!(bad.cause.as_deref(), Some("no seat has such a number"));
        assert_eq!(find(Verdict::WouldBePerformed).consumer, "room.post");
        assert_eq!(shape(&scene).await, before, "a rehearsal changes nothing");
        assert_eq!(world.posted.load(Ordering::SeqCst), posted, "and performs nothing");
    }
}

#[tokio::test]
async fn a_rehearsal_counts_the_rows_of_each_table_by_what_is_done_to_them() {
    let world = Arc::new(World::default());
    let room = |name| Service::new(name, CHAIRS).handler(MoveChairs(world.clone()));
    for scene in Scene::on_each_database(room, &[("chair", "number, times")]).await {
        world.is_ill.store(true, Ordering::SeqCst);
        scene.deliver(&[taken(7)]).await;
        world.is_ill.store(false, Ordering::SeqCst);
        let letters = DeadLetters::of(&scene.db);
        let rehearsed = letters.rehearse(scene.service(), Which::All, 100).await.unwrap();
        assert_eq!(rehearsed[0].verdict, Verdict::WouldSucceed, "{rehearsed:#?}");
        let chairs = RowsWritten { inserted: 1, inserted_or_updated: 1, updated: 2, deleted: 1 };
        assert_eq!(rehearsed[0].tables, BTreeMap::from([("chair".to_owned(), chairs)]));
        assert_eq!(count(&scene, "chair").await, 0, "a rehearsal changes nothing");
    }
}

const CHAIRS: &[Migration] = &[Migration {
    name: "0001-chairs",
    sql: "create table chair (number bigint primary key, times bigint not null)",
}];

/// Does everything that can be done to a row, and holds one that it does not change.
struct MoveChairs(Arc<World>);

impl Handler for MoveChairs {
    const NAME: &'static str = "room.move-chairs";
    type Event = Taken;

    async fn handle(&self, event: &Received<Taken>, tx: &mut Tx) -> Handled {
        let number = event.number;
        for sql in [
            "insert into chair (number, times) values ($1, 1)",
            "update chair set number = number where number = $1",
            "insert into chair (number, times) values ($1, 1) \
             on conflict (number) do update set times = chair.times + 1",
            "update chair set times = times + 1 where number = $1",
        ] {
            tx.execute(sql, values![number]).await?;
        }
        let returning = "update chair set times = 0 where number = $1 returning number";
        tx.scalar::<i64>(returning, values![number]).await?;
        tx.execute("delete from chair where number = $1", values![number]).await?;
        if self.0.is_ill.load(Ordering::SeqCst) {
            return Err(Failure::park("the chairs are stuck"));
        }
        Ok(())
    }
}

/// Everything that a rehearsal could have touched.
async fn shape(scene: &Scene) -> Vec<i64> {
    let mut counts = Vec::new();
    for what in [
        "seat",
        "bus_outbox",
        "bus_effect",
        "bus_retry",
        "bus_inbox",
        "bus_dead where state = 'waiting'",
    ] {
        counts.push(count(scene, what).await);
    }
    counts
}

#[tokio::test]
async fn a_group_is_replayed_and_another_discarded_with_its_reason() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        world.is_ill.store(true, Ordering::SeqCst);
        let many: Vec<_> = (0..450).map(taken).chain([taken(-1), taken(-2)]).collect();
        scene.deliver_together(&many).await;
        world.is_ill.store(false, Ordering::SeqCst);
        let letters = DeadLetters::of(&scene.db);
        let groups = letters.groups().await.unwrap();
        let whole = Which::Group(&groups[0].key);
        let replayed = letters.replay_all(scene.service(), whole, Some("ada")).await.unwrap();
        assert_eq!((replayed.replayed, replayed.unreadable), (450, 0));
        let hopeless = Which::Group(&groups[1].key);
        assert_eq!(letters.discard_all(hopeless, "no such seats", Some("ada")).await.unwrap(), 2);
        scene.deliver(&[]).await;
        assert_eq!(count(&scene, "seat").await, 450);
        assert!(letters.groups().await.unwrap().is_empty());
        let discarded = letters.list(DeadState::Discarded, 10).await.unwrap();
        assert_eq!(discarded.len(), 2);
        for letter in discarded {
            assert_eq!(letter.reason.as_deref(), Some("no such seats"));
            assert_eq!(letter.settled_by.as_deref(), Some("ada"));
        }
        scene.deliver_together(&many).await;
        assert_eq!(count(&scene, "seat").await, 450, "what comes again is known");
    }
}

/// As after an upgrade in which a handler is no more: a rehearsal says so, and a replay is no other.
#[tokio::test]
async fn what_nobody_takes_any_more_stays_dead_and_is_counted() {
    let world = Arc::new(World::default());
    world.is_ill.store(true, Ordering::SeqCst);
    world.post_is_shut.store(true, Ordering::SeqCst);
    for scene in scenes(&world).await {
        scene.deliver(&[taken(1), taken(2)]).await;
        let mut tx = scene.db.begin().await.unwrap();
        let letter = Letter { person: event::PersonId::new(), name: NAME.to_owned() };
        tx.request::<Post>("1", &letter).unwrap();
        tx.commit().await.unwrap();
        scene.perform().await;

        let letters = DeadLetters::of(&scene.db);
        let empty = || Service::new(scene.service().name(), MIGRATIONS);
        let without_seats = empty().effect(Post(world.clone()));
        let rehearsed = letters.rehearse(&without_seats, Which::All, 100).await.unwrap();
        let nobody = rehearsed.iter().filter(|one| one.verdict == Verdict::NobodyThere);
        assert_eq!(nobody.count(), 2, "{rehearsed:#?}");
        let replayed = letters.replay_all(&without_seats, Which::All, None).await.unwrap();
        assert_eq!((replayed.replayed, replayed.nobody_there), (1, 2), "the job goes");
        let replayed = letters.replay_all(&empty(), Which::All, None).await.unwrap();
        assert_eq!((replayed.replayed, replayed.nobody_there), (0, 2));
        let dead = letters.list(DeadState::Waiting, 10).await.unwrap().remove(0);
        assert!(!letters.replay(&empty(), &dead.consumer, dead.id).await.unwrap());
        assert_eq!(letters.count(Which::All).await.unwrap(), 2, "they are seen still");
        assert_eq!(count(&scene, "bus_retry").await, 0, "and nowhere else");

        let replayed = letters.replay_all(scene.service(), Which::All, None).await.unwrap();
        assert_eq!((replayed.replayed, replayed.nobody_there), (2, 0), "its version is back");
    }
}

/// Leafed through one at a time.
async fn settled(letters: &DeadLetters<'_>, group: Option<&str>) -> Vec<Dead> {
    let mut all: Vec<Dead> = Vec::new();
    loop {
        let before = all.last().and_then(|last| last.settled_at.map(|at| (at, last.id)));
        let consumer = all.last().map(|last| last.consumer.clone()).unwrap_or_default();
        let before = before.map(|(at, id)| (at, id, consumer.as_str()));
        let page = letters.settled(SettledPage { group, before, limit: 1 }).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[tokio::test]
async fn what_was_decided_is_found_again_the_latest_decision_first() {
    let world = Arc::new(World::default());
    let room = |name| {
        let chairs = MoveChairs(world.clone());
        Service::new(name, CHAIRS).handler(chairs).handler(Stack(world.clone()))
    };
    for scene in Scene::on_each_database(room, &[("chair", "number, times")]).await {
        world.is_ill.store(true, Ordering::SeqCst);
        scene.deliver_together(&[taken(1), taken(2), taken(3)]).await;
        let letters = DeadLetters::of(&scene.db);
        assert!(settled(&letters, None).await.is_empty(), "all of them wait");
        let groups = letters.groups().await.unwrap();
        let of = |consumer: &str| groups.iter().find(|group| group.consumer == consumer).unwrap();
        let (stuck, stacked) = (of(MoveChairs::NAME), of(Stack::NAME));
        letters.discard_all(Which::Group(&stuck.key), "glued", Some("ada")).await.unwrap();
        scene.clock.advance(TimeDelta::hours(1));
        letters.discard_all(Which::Group(&stacked.key), "no matter", None).await.unwrap();
        let all = settled(&letters, None).await;
        let told: Vec<_> =
            all.iter().map(|it| (it.consumer.as_str(), it.reason.as_deref())).collect();
        let (late, early) = ((Stack::NAME, Some("no matter")), (MoveChairs::NAME, Some("glued")));
        assert_eq!(told, [late, late, late, early, early, early]);
        assert_eq!(all[5].settled_by.as_deref(), Some("ada"));
        assert_eq!(settled(&letters, Some(&stuck.key)).await.len(), 3, "of one group alone");

        // Two of one event, decided about at one time, on either side of a page's end.
        scene.clock.advance(TimeDelta::hours(1));
        scene.deliver_together(&[taken(4)]).await;
        letters.discard_all(Which::All, "again", None).await.unwrap();
        let again = settled(&letters, None).await;
        assert_eq!(again.len(), 8, "{again:#?}");
        assert_eq!((again[0].id, again[0].settled_at), (again[1].id, again[1].settled_at));
    }
}

/// Gives up on what the other gives up on too.
struct Stack(Arc<World>);

impl Handler for Stack {
    const NAME: &'static str = "room.stack-chairs";
    type Event = Taken;

    async fn handle(&self, _: &Received<Taken>, _: &mut Tx) -> Handled {
        if self.0.is_ill.load(Ordering::SeqCst) {
            return Err(Failure::park("they fall over"));
        }
        Ok(())
    }
}

/// What dies again while all is replayed is not replayed for ever.
#[tokio::test]
async fn what_fails_again_is_dead_again() {
    let world = Arc::new(World::default());
    world.is_ill.store(true, Ordering::SeqCst);
    for scene in scenes(&world).await {
        scene.deliver(&[taken(1), taken(2)]).await;
        let letters = DeadLetters::of(&scene.db);
        let replayed = letters.replay_all(scene.service(), Which::All, None).await.unwrap();
        assert_eq!(replayed.replayed, 2);
        scene.deliver(&[]).await;
        assert_eq!(letters.count(Which::All).await.unwrap(), 2);
        let letter = letters.list(DeadState::Waiting, 1).await.unwrap().remove(0);
        assert_eq!((letter.attempts, letter.settled_by), (1, None));
    }
}
