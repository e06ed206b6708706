//! Whatever is published or requested belongs to a trace, and carries it on: from a transaction to
//! what a handler publishes of it, one by one and in batches, through failures, jobs and their
//! endings. Without anybody who collects spans.

use bus::{
    BatchHandler, Effect, EffectFailure, Ending, Event, FromQueryResult, Handled, Handler, Read,
    Received, Service, Tx,
    testing::{Scene, envelope},
    trace::{self, Context},
    values,
};
use opentelemetry::context::FutureExt as _;
use serde::{Deserialize, Serialize};

const CLICK: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

macro_rules! events {
    ($($name:ident $type:literal)*) => {$(
        #[derive(Serialize, Deserialize, Clone)]
        struct $name(String);
        impl Event for $name {
            const TYPE: &'static str = $type;
            fn subject(&self) -> String {
                self.0.clone()
            }
        }
    )*};
}

events! {
    Asked "desk.asked.v1"
    Answered "desk.answered.v1"
    Noted "desk.noted.v1"
    Posted "desk.posted.v1"
}

struct Answer;

impl Handler for Answer {
    const NAME: &'static str = "desk.answer";
    type Event = Asked;
    async fn handle(&self, event: &Received<Asked>, tx: &mut Tx) -> Handled {
        tx.publish(&Answered(event.0.clone()))?;
        tx.request::<Post>(&event.0, &event.0)?;
        Ok(())
    }
}

/// Publishes in another order than it was given, and once of another subject.
struct Note;

impl BatchHandler for Note {
    const NAME: &'static str = "desk.note";
    type Event = Asked;
    async fn handle_all(&self, events: &[Received<Asked>], tx: &mut Tx) -> Handled {
        for event in events.iter().rev() {
            tx.publish(&Noted(event.0.clone()))?;
        }
        for event in events {
            tx.follow_event(event.id());
            tx.publish(&Noted(format!("about {}", event.0)))?;
        }
        Ok(())
    }
}

struct Post;

impl Effect for Post {
    const NAME: &'static str = "desk.post";
    type Job = String;
    type Outcome = ();
    const REPEATABLE: bool = true;
    async fn perform(&self, _: &String) -> Result<(), EffectFailure> {
        Ok(())
    }
    async fn record(&self, job: &String, _: Ending<()>, tx: &mut Tx) -> Handled {
        Ok(tx.publish(&Posted(job.clone()))?)
    }
}

#[derive(FromQueryResult)]
struct Line {
    event_type: String,
    subject: String,
    traceparent: Option<String>,
}

async fn lines(scene: &Scene) -> Vec<Line> {
    let sql =
        "select event_type, subject, traceparent from bus_outbox order by event_type, subject";
    scene.db.all(sql, values![]).await.unwrap()
}

fn desk() -> Service {
    Service::new("desk", &[]).handler(Answer).batch_handler(Note).effect(Post)
}

#[tokio::test]
async fn a_transaction_begins_a_trace_or_goes_on_with_the_request_s() {
    let scene = Scene::new(desk(), &[]).await;
    let mut tx = scene.db.begin().await.unwrap();
    tx.publish(&Asked("a".into())).unwrap();
    tx.publish(&Asked("b".into())).unwrap();
    tx.commit().await.unwrap();
    let click: Context = trace::continued(Some(CLICK));
    async {
        let mut tx = scene.db.begin().await.unwrap();
        tx.publish(&Asked("c".into())).unwrap();
        tx.commit().await.unwrap();
    }
    .with_context(click)
    .await;
    let lines = lines(&scene).await;
    let begun = trace::id(lines[0].traceparent.as_deref());
    assert_eq!(begun.len(), 32, "{begun}");
    assert_eq!(begun, trace::id(lines[1].traceparent.as_deref()), "one transaction, one trace");
    assert_eq!(lines[2].traceparent.as_deref(), Some(CLICK));
}

#[tokio::test]
async fn what_follows_of_an_event_is_in_its_trace() {
    let scene = Scene::new(desk(), &[]).await;
    let traced = |name: &str, digit: &str| {
        let mut envelope = envelope(&Asked(name.to_owned()));
        envelope.traceparent = Some(format!("00-{}-00f067aa0ba902b7-00", digit.repeat(32)));
        envelope
    };
    scene.deliver_together(&[traced("a", "a"), traced("b", "b"), traced("c", "c")]).await;
    scene.perform().await;
    let lines = lines(&scene).await;
    assert_eq!(lines.len(), 12, "answered, noted, noted about and posted, each of three");
    for line in &lines {
        let own = line.subject.trim_start_matches("about ").repeat(32);
        let trace = trace::id(line.traceparent.as_deref());
        assert_eq!(trace, own, "{} of {}", line.event_type, line.subject);
    }
}

#[tokio::test]
async fn a_stranger_s_nonsense_begins_a_trace() {
    let scene = Scene::new(desk(), &[]).await;
    let mut envelope = envelope(&Asked("a".to_owned()));
    envelope.traceparent = Some("here and there".to_owned());
    scene.deliver(&[envelope]).await;
    for line in lines(&scene).await {
        assert_eq!(trace::id(line.traceparent.as_deref()).len(), 32);
        assert!(line.traceparent.unwrap().starts_with("00-"));
    }
}
