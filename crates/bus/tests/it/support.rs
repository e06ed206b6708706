//! What several of these tests look with.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{Read, testing::Scene, values};
use tracing::{
    Dispatch, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{DefaultGuard, set_default},
};

pub async fn count(scene: &Scene, what: &str) -> i64 {
    scene.db.scalar(&format!("select count(*) from {what}"), values![]).await.unwrap().unwrap_or(0)
}

/// Looks again and again until it is so.
pub async fn becomes(what: &str, limit: Duration, mut is_so: impl AsyncFnMut() -> bool) {
    let look = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while !is_so().await {
            beat.tick().await;
        }
    };
    let seen = tokio::time::timeout(limit, look).await;
    assert!(seen.is_ok(), "{what}: not within {limit:?}");
}

/// Keeps what the bus logs, a line for each event, which begins with its level.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Listens on this thread for as long as what it gives is kept. Where there is one listener alone, the first
    /// thread that comes by a line decides for all whether it is listened to, and the threads of other tests
    /// have none: so there is another.
    pub fn listen(&self) -> (DefaultGuard, Dispatch) {
        let other = Dispatch::new(Self::default());
        (set_default(self.clone()), other)
    }

    pub fn lines_with(&self, message: &str) -> Vec<String> {
        let message = format!("message={message} ");
        self.0.lock().unwrap().iter().filter(|line| line.contains(&message)).cloned().collect()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("bus")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(format!("{} ", event.metadata().level()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}
