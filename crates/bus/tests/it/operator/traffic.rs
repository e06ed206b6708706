//! What moved between two moments, and nothing before or after.

use std::sync::Arc;

use bus::Traffic;
use chrono::TimeDelta;

use super::{World, scenes, taken};

#[tokio::test]
async fn what_moved_is_counted_between_two_moments() {
    let world = Arc::new(World::default());
    for scene in scenes(&world).await {
        let begun = scene.db.now();
        let second = TimeDelta::seconds(1);
        scene.clock.advance(second);
        scene.deliver_together(&[taken(1), taken(2), taken(3)]).await;
        let seen = async |after, to| {
            let traffic = Traffic::between(&scene.db, scene.service(), after, to).await.unwrap();
            let of = traffic.taken.iter();
            of.map(|line| (line.handler.clone(), line.event_type.clone(), line.count))
                .collect::<Vec<_>>()
        };
        let three = [("room.seat".to_owned(), "room.taken.v1".to_owned(), 3)];
        assert_eq!(seen(begun, begun + second).await, three);
        assert_eq!(seen(begun + second, begun + second * 2).await, []);
        assert_eq!(seen(begun - second, begun).await, []);
        scene.clock.advance(second);
        let many: Vec<_> = (4..64).map(taken).collect();
        scene.deliver_together(&many).await;
        let sixty = [("room.seat".to_owned(), "room.taken.v1".to_owned(), 60)];
        assert_eq!(seen(begun + second, begun + second * 2).await, sixty, "beyond the first look");
        assert_eq!(seen(begun, begun + second).await, three, "behind all that came later");
    }
}
