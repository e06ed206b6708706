//! The whole platform in one thread, played from seeds: all seven services with their real routes,
//! handlers and effects, a mail server that misbehaves, people who teach and learn, and everything
//! that [`bus::simulation`] lets go wrong in between. At the end nothing goes wrong any more, all comes
//! to rest, and a ledger that was kept outside is held against every database and every mail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crowd;
mod ledger;
mod post;
mod stage;

use bus::simulation::{Mutation, Played, World, assert_no_findings, first_with_findings};
use rand::Rng;

use crowd::Crowd;
use stage::Stage;

const COMMAND: &str = "cargo test -p estrade simulation";
const SEEDS: u64 = 200;
/// Steps until nothing goes wrong any more; of each five about one is somebody's request.
const STEPS: usize = 260;
/// What no seed decides: the salt of a password.
const NOT_COMPARED: &[(&str, &str)] = &[("person", "password_hash")];

fn play(seed: u64, mutation: Option<Mutation>) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let played = runtime.block_on(run(seed, mutation));
    event::unseed();
    played
}

async fn run(seed: u64, mutation: Option<Mutation>) -> Played {
    World::begin();
    let stage = Stage::set(seed).await;
    let mut world = World::new(seed, stage.clock.clone(), stage.members(), mutation).await.unwrap();
    let mut crowd = Crowd::new(&stage);
    for step in 0..STEPS {
        if seed % 4 == 2 && step == STEPS / 2 {
            world.stand_still().await.unwrap();
        }
        if world.random().random_ratio(1, 5) {
            crowd.somebody_acts(&mut world).await;
        } else {
            world.step().await;
        }
    }
    let mut findings = world.drain().await.unwrap();
    if seed.is_multiple_of(4) {
        findings = world.reconcile().await.unwrap();
    }
    let findings = ledger::close(findings, &stage, &crowd.into_notes()).await;
    let fingerprint = world.fingerprint(NOT_COMPARED).await.unwrap();
    stage.strike().await;
    Played { findings, fingerprint, trace: world.trace().to_vec() }
}

#[test]
fn the_platform_loses_nothing_and_repeats_nothing_whatever_goes_wrong() {
    assert_no_findings(COMMAND, SEEDS, |seed| play(seed, None));
}

#[test]
fn a_seed_plays_the_same_run_again() {
    for seed in 0..3 {
        let (one, two) = (play(seed, None), play(seed, None));
        let differs = one.trace.iter().zip(&two.trace).find(|(one, two)| one != two);
        assert!(differs.is_none(), "seed {seed}: {differs:#?}");
        assert_eq!(one.fingerprint, two.fingerprint, "seed {seed} ends otherwise");
    }
}

#[test]
fn a_platform_that_is_wrong_is_found_out() {
    for mutation in [Mutation::SettlesFirst, Mutation::NoConfirms, Mutation::LosesCommits] {
        let found = first_with_findings(40, |seed| play(seed, Some(mutation)));
        assert!(found.is_some(), "no seed of 40 finds out {mutation:?}");
    }
}
