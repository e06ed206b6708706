//! What a service does when it starts, once for all its replicas.

use bus::{
    Error, Service, Tx,
    step::{self, Stamp},
    testing::Scene,
};
use uuid::Uuid;

event::named! {
    struct HouseDigest(step::Digest) = "house.digest.v1";
    struct HouseDisowned(step::Disowned) = "house.copies-disowned.v1";
    struct HouseTask(step::Task) = "house.step-task.v1";
}

/// Owns nothing yet.
struct House;

impl step::Owner for House {
    const NAME: &'static str = "house.keep-in-step";
    const KINDS: &'static [&'static str] = &["house.rooms"];
    const COMPARED: &'static [&'static str] = &[];
    const WANTED: &'static [&'static str] = &[];
    type Digest = HouseDigest;
    type Disowned = HouseDisowned;
    type Task = HouseTask;

    async fn stamps(&self, _: &mut Tx, _: &str, _: Uuid, _: usize) -> Result<Vec<Stamp>, Error> {
        Ok(Vec::new())
    }

    async fn send(&self, _: &mut Tx, _: &str, _: &[Uuid], _: &str) -> Result<Vec<Uuid>, Error> {
        Ok(Vec::new())
    }

    async fn overtake(&self, _: &mut Tx, _: &str, _: Uuid, _: u64) -> Result<(), Error> {
        Ok(())
    }
}

#[tokio::test]
async fn replicas_that_start_together_plan_one_digest() {
    for _ in 0..5 {
        for scene in Scene::on_each_database(|name| Service::new(name, &[]).owner(House), &[]).await
        {
            let start = || step::begin(scene.service(), &scene.db);
            let begun = tokio::join!(start(), start(), start(), start());
            assert!(matches!(begun, (Ok(()), Ok(()), Ok(()), Ok(()))), "{begun:?}");
            assert_eq!(scene.published().await.len(), 1);
        }
    }
}
