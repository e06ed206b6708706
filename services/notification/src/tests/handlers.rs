//! Every handler with its events shuffled and repeated: the same state every time.

use bus::{
    Envelope, Event, Read,
    testing::{Scene, assert_order_does_not_matter, envelope},
    values,
};
use contract::{
    catalog::{CourseUpdated, CourseWithdrawn},
    identity::{PersonUpdated, SessionsEnded},
    own::AnnouncementChunk,
};

use super::world::*;

#[tokio::test]
async fn copies_do_not_depend_on_order() {
    let events = [
        registered(1),
        envelope(&PersonUpdated(person(1, 2, "Ánh Nguyễn"))),
        envelope(&PersonUpdated(person(1, 3, "محمد العربي"))),
        registered(2),
        erased(2),
        envelope(&PersonUpdated(person(2, 5, "Llŷr Gruffydd"))),
        published(1, "Queues"),
        envelope(&CourseUpdated(course(2, "Message queues"))),
        envelope(&CourseWithdrawn { course: course_id(), version: 3, withdrawn_at: at(50) }),
        organisation(1, "École du Fleuve"),
        organisation(2, "École de la Rade"),
    ];
    assert_order_does_not_matter(service, TABLES, VOLATILE, &events).await;
}

#[tokio::test]
async fn sessions_end_in_any_order() {
    let ended = |minutes| envelope(&SessionsEnded { person: person_id(1), since: at(minutes) });
    let tables = &[("bus_ended_session", "person, since")];
    let events = [ended(1), ended(3), ended(2)];
    assert_order_does_not_matter(service, tables, &[], &events).await;
}

#[tokio::test]
async fn telling_one_person_does_not_depend_on_order() {
    let events = [
        registered(1),
        registered(2),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        enrolled(2, 1, 6),
        cancelled(2, 2, 7),
        enrolled(2, 3, 8),
        graded(1, 1, 0, false),
        graded(2, 1, 175, true),
        graded(2, 2, 180, true),
        revoked(1, None),
        revoked(2, Some(7)),
        certified(1, some_pdf()),
        exported(1),
        forgot_password(1),
        forgot_password(2),
        wants_address(1),
        has_changed_address(1),
    ];
    assert_order_does_not_matter(service, TABLES, VOLATILE, &events).await;
}

/// What comes before the copies, or before the certificate was told of, is told all the same.
#[tokio::test]
async fn a_revocation_is_told_once_whatever_came_before_it() {
    let events =
        [revoked(1, None), certified(1, some_pdf()), published(1, "Queues"), registered(1)];
    let scene = Scene::new(service(), TABLES).await;
    scene.deliver(&[events.clone(), events].concat()).await;
    let state = scene.state(VOLATILE).await;
    assert_eq!(told_of(&state, "certificate-revoked", 1), 3, "{state}");
    assert_eq!(told_of(&state, "certificate-issued", 1), 3, "{state}");
    assert!(!state.contains("called otherwise"), "why in words stays on its page: {state}");
    assert_eq!(scene.dead().await, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_teaches_is_told_of_essays_once_a_day() {
    const A_DAY: i64 = 24 * 60;
    let events = [
        registered(9),
        registered(1),
        taught(1, 9),
        awaits_marking(1, 10),
        awaits_marking(2, 20),
        awaits_marking(3, 10 + A_DAY),
    ];
    assert_order_does_not_matter(service, TABLES, VOLATILE, &events).await;
    let scene = Scene::new(service(), TABLES).await;
    scene.deliver(&events).await;
    let state = scene.state(VOLATILE).await;
    assert_eq!(told_of(&state, "essays-to-mark", 9), 2 * 3, "two days, three channels: {state}");
    assert_eq!(told_of(&state, "essays-to-mark", 1), 0, "{state}");
    assert_eq!(crate::doubled(&scene.db).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn nobody_is_told_of_essays_in_a_course_that_nobody_teaches() {
    let scene = Scene::new(service(), TABLES).await;
    scene.deliver(&[registered(9), published(1, "Queues"), awaits_marking(1, 10)]).await;
    assert!(!scene.state(VOLATILE).await.contains("essays-to-mark"));
    assert_eq!(scene.dead().await, Vec::<String>::new());
}

/// The present state sent anew, as another event: the copies are as they were, and nobody is told again.
#[tokio::test]
async fn what_is_sent_anew_tells_nobody_again() {
    let scene = Scene::new(service(), TABLES).await;
    let world =
        || [registered(1), registered(2), published(1, "Queues"), enrolled(1, 1, 5), erased(2)];
    scene.deliver(&world()).await;
    let told = scene.state(VOLATILE).await;
    scene.deliver_together(&[world(), world()].concat()).await;
    scene.deliver(&[envelope(&PersonUpdated(person(1, 1, "Siân Llŷr")))]).await;
    let copies_alone = |state: &str| {
        let told = state.lines().filter(|line| !line.starts_with("persons"));
        told.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(copies_alone(&scene.state(VOLATILE).await), copies_alone(&told));
    assert_eq!(scene.dead().await, Vec::<String>::new());
}

/// The chunks are published by the service itself, so they are fed back rather than compared.
#[tokio::test]
async fn announcing_does_not_depend_on_order() {
    let events = [
        registered(1),
        registered(2),
        registered(3),
        registered(4),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        enrolled(2, 1, 6),
        // Cancelled after the lesson appeared, and enrolled again: was enrolled at the time.
        cancelled(2, 2, 40),
        enrolled(2, 3, 50),
        // Enrolled after the lesson appeared.
        enrolled(3, 1, 31),
        enrolled(4, 1, 29),
        lesson(1, 30, false),
        lesson(2, 0, true),
        message(1, 30),
    ];
    let expected = announced(&events, false).await;
    for kind in ["new-lesson", "message"] {
        for who in [1, 2, 4] {
            let told = told_of(&expected, kind, who);
            assert_eq!(told, 3, "{who} is told over each channel: {expected}");
        }
        assert_eq!(told_of(&expected, kind, 3), 0);
    }
    for seed in 0..12_usize {
        let mut shuffled = events.to_vec();
        shuffled.extend(events.iter().take(seed).cloned());
        let length = shuffled.len();
        for index in 0..length {
            shuffled.swap(index, (index * 7 + seed * 5 + seed * index) % length);
        }
        assert_eq!(expected, announced(&shuffled, seed % 2 == 1).await, "round {seed}");
    }
}

async fn announced(events: &[Envelope], together: bool) -> String {
    let scene = Scene::new(service(), TABLES).await;
    deliver(&scene, events, together).await;
    assert_eq!(scene.dead().await, Vec::<String>::new());
    let state = scene.state(VOLATILE).await;
    let lines: Vec<&str> =
        state.lines().filter(|line| !line.starts_with(AnnouncementChunk::TYPE)).collect();
    lines.join("\n")
}

/// Deliveries of the new lesson to a person.
fn told_of_lesson(state: &str, number: u128) -> usize {
    told_of(state, "new-lesson", number)
}

fn told_of(state: &str, kind: &str, number: u128) -> usize {
    let person = person_id(number).0.simple().to_string().to_uppercase();
    let begin = format!("deliveries: '{kind}/");
    state.lines().filter(|line| line.starts_with(&begin) && line.contains(&person)).count()
}

#[tokio::test]
async fn inviting_does_not_depend_on_order() {
    let invited_twice = [invited(1), invited(2)];
    assert_order_does_not_matter(service, TABLES, VOLATILE, &invited_twice).await;
    let withdrawn = [invited(1), invited(2), invitation_withdrawn(3)];
    assert_order_does_not_matter(service, TABLES, VOLATILE, &withdrawn).await;
}

#[tokio::test]
async fn who_cancelled_before_a_lesson_appeared_is_not_told_of_it() {
    let scene = Scene::new(service(), TABLES).await;
    let events = [
        registered(1),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        cancelled(1, 2, 10),
        lesson(1, 30, false),
    ];
    deliver(&scene, &events, false).await;
    assert_eq!(told_of_lesson(&scene.state(VOLATILE).await, 1), 0);
}

#[tokio::test]
async fn an_announcement_goes_out_in_chunks_and_nobody_is_left_out() {
    const LEARNERS: u128 = 450;
    let scene = Scene::new(service(), TABLES).await;
    let mut events = vec![published(1, "Queues")];
    events.extend((0..LEARNERS).map(registered));
    events.extend((0..LEARNERS).map(|number| enrolled(number, 1, 1)));
    scene.deliver_together(&events).await;
    deliver(&scene, &[lesson(1, 30, false)], true).await;
    let tally = crate::tally(&scene.db).await.unwrap();
    for channel in ["mail", "push", "inbox"] {
        let count: i64 = tally
            .iter()
            .filter(|it| it.kind == "new-lesson" && it.channel == channel)
            .map(|it| it.count)
            .sum();
        assert_eq!(count, 450, "{channel}: {tally:?}");
    }
    let chunks = scene.published().await;
    let chunks = chunks.iter().filter(|it| it.event_type == AnnouncementChunk::TYPE).count();
    assert_eq!(chunks, 3);
    assert_eq!(crate::doubled(&scene.db).await.unwrap(), Vec::new());
}

#[tokio::test]
async fn somebody_unknown_holds_nobody_else_up() {
    let scene = Scene::new(service(), TABLES).await;
    let events = [registered(1), published(1, "Queues"), enrolled(1, 1, 5), lesson(1, 30, false)];
    deliver(&scene, &events, false).await;
    // 2's enrolment is here, 2's copy is not: their chunk waits, and is dead in the end.
    let stray = [enrolled(2, 1, 6)];
    scene.deliver(&stray).await;
    let state = scene.state(VOLATILE).await;
    assert_eq!(told_of_lesson(&state, 1), 3);
    assert_eq!(told_of_lesson(&state, 2), 0);
    let dead = scene.dead().await;
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert!(dead[0].contains("is not known here yet"), "{dead:?}");
}

#[tokio::test]
async fn an_erased_person_is_forgotten_whatever_the_order() {
    let events = [
        registered(1),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        graded(1, 1, 100, true),
        forgot_password(1),
        wants_address(1),
        has_changed_address(1),
        exported(1),
        erased(1),
    ];
    for first in 0..events.len() {
        let mut order = events.to_vec();
        order.rotate_left(first);
        order.push(erased(1));
        let scene = Scene::new(service(), TABLES).await;
        scene.deliver(&order).await;
        let state = scene.state(VOLATILE).await;
        assert!(!state.contains("learner1@example.org"), "order {first}: {state}");
        assert!(
            !state.contains("other1@") && !state.contains("former1@"),
            "order {first}: {state}"
        );
        assert!(!state.contains("Nguyễn"), "order {first}: {state}");
        assert!(!state.contains("'queued'"), "order {first}: {state}");
        for table in ["inbox_items", "devices", "preferences", "bus_effect"] {
            let left: Option<i64> =
                scene.db.scalar(&format!("select count(*) from {table}"), values![]).await.unwrap();
            assert_eq!(left, Some(0), "order {first}, {table}");
        }
    }
}

#[tokio::test]
async fn what_is_not_sent_says_why() {
    let scene = Scene::new(service(), TABLES).await;
    scene.deliver(&[registered(1), published(1, "Queues"), enrolled(1, 1, 5)]).await;
    let state = scene.state(VOLATILE).await;
    assert!(state.contains("'push' | 'enrolment'") && state.contains("'no-device'"), "{state}");
    let told: Vec<String> =
        scene.published().await.into_iter().map(|envelope| envelope.event_type).collect();
    assert!(told.contains(&contract::notification::DeliverySuppressed::TYPE.to_owned()));
    assert!(told.contains(&contract::notification::DeliverySent::TYPE.to_owned()));
}
