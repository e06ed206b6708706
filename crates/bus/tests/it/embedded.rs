//! What only the transport inside SQLite promises: files, processes, leases.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bus::{
    Embedded, Envelope, EventId,
    transport::{Destination, Outgoing, Queue, Receiver, Sent, Tag, Transport, TransportError},
};
use chrono::Utc;
use tokio::time::timeout;
use uuid::Uuid;

const QUEUE: &str = "assessment.grade";
const SUBMITTED: &str = "assessment.attempt-submitted.v1";
const PATIENCE: Duration = Duration::from_secs(60);

fn outgoing(data: &str) -> Outgoing {
    let envelope = Envelope {
        id: EventId(Uuid::now_v7()),
        source: "/estrade/assessment".to_owned(),
        event_type: SUBMITTED.to_owned(),
        subject: "attempt".to_owned(),
        sequence: None,
        time: Utc::now(),
        traceparent: None,
        data: data.to_owned(),
    };
    Outgoing { envelope, to: Destination::Everyone }
}

fn batch(count: usize) -> Vec<Outgoing> {
    (0..count).map(|_| outgoing("{}")).collect()
}

async fn open(path: &Path) -> Embedded {
    let transport = Embedded::open(path).await.unwrap();
    let queue = Queue { name: QUEUE.to_owned(), types: vec![SUBMITTED.to_owned()] };
    transport.declare(&[queue]).await.unwrap();
    transport
}

async fn drain(receiver: &mut Box<dyn Receiver>, count: usize) -> Vec<EventId> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let deliveries = timeout(PATIENCE, receiver.next(200)).await.unwrap().unwrap();
        let tags: Vec<Tag> = deliveries.iter().map(|delivery| delivery.tag).collect();
        receiver.settle(&tags).await.unwrap();
        ids.extend(deliveries.into_iter().map(|delivery| delivery.content.unwrap().id));
    }
    ids
}

#[tokio::test]
async fn a_binding_no_longer_asked_for_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let transport = open(&folder.path().join("queue.db")).await;
    assert_eq!(transport.send(batch(1)).await, [Sent::Owned]);
    let other = Queue { name: QUEUE.to_owned(), types: vec!["another.type.v1".to_owned()] };
    transport.declare(&[other]).await.unwrap();
    assert_eq!(transport.send(batch(1)).await, [Sent::Unroutable]);
    assert_eq!(transport.depth(QUEUE).await.unwrap().ready, 1);
}

/// As a version that still runs while another has put its queue away.
#[tokio::test]
async fn whoever_takes_from_a_removed_queue_gets_nothing_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let transport = open(&folder.path().join("queue.db")).await;
    let mut receiver = transport.receive(QUEUE).await.unwrap();
    assert_eq!(transport.queues().await.unwrap(), Some(vec![QUEUE.to_owned()]));
    transport.remove(QUEUE).await.unwrap();
    assert_eq!(transport.queues().await.unwrap(), Some(Vec::new()), "it hears nothing now");
    let other = Queue { name: "other.grade".to_owned(), types: vec![SUBMITTED.to_owned()] };
    transport.declare(&[other]).await.unwrap();
    assert_eq!(transport.send(batch(1)).await, [Sent::Owned]);
    let nothing = timeout(Duration::from_millis(500), receiver.next(10)).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert_eq!(transport.depth("other.grade").await.unwrap().ready, 1);
}

#[tokio::test]
async fn what_is_no_queue_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, and long enough to look like one".repeat(100)).unwrap();
    let before = std::fs::read(&text).unwrap();
    let refused = Embedded::open(&text).await.err().unwrap();
    assert!(
        matches!(&refused, TransportError::Refused(cause) if cause.contains("notes.txt")),
        "{refused}"
    );
    assert_eq!(std::fs::read(&text).unwrap(), before);

    let location = bus::Location::File(folder.path().join("service.db"));
    bus::Db::open(&location, "catalog", &[], bus::Clock::System).await.unwrap().close().await;
    let refused = Embedded::open(&folder.path().join("service.db")).await.err().unwrap();
    assert!(refused.to_string().contains("something else"), "{refused}");

    let refused = Embedded::open(&text.join("queue.db")).await.err().unwrap();
    assert!(matches!(refused, TransportError::Refused(_)), "{refused}");
}

#[tokio::test]
async fn nothing_is_owned_once_the_file_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let transport = open(&folder.path().join("queue.db")).await;
    let mut receiver = transport.receive(QUEUE).await.unwrap();
    std::fs::remove_file(folder.path().join("queue.db")).unwrap();
    let outcomes = transport.send(batch(2)).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Sent::Unknown(_))), "{outcomes:?}");
    let ended = timeout(PATIENCE, receiver.next(10)).await.expect("not silent");
    assert!(matches!(ended, Err(TransportError::Away(cause)) if cause.contains("deleted")));
}

#[tokio::test]
async fn many_senders_share_a_commit_and_each_gets_its_own_outcomes() {
    let folder = tempfile::tempdir().unwrap();
    let transport = Arc::new(open(&folder.path().join("queue.db")).await);
    let mut senders = tokio::task::JoinSet::new();
    for count in 0..40 {
        let transport = Arc::clone(&transport);
        senders.spawn(async move {
            let mut batch = batch(count);
            let lost = Outgoing { to: Destination::Queue("nobody".to_owned()), ..outgoing("{}") };
            batch.insert(count / 2, lost);
            (count, transport.send(batch).await)
        });
    }
    while let Some(sent) = senders.join_next().await {
        let (count, outcomes) = sent.unwrap();
        let mut expected = vec![Sent::Owned; count];
        expected.insert(count / 2, Sent::Unroutable);
        assert_eq!(outcomes, expected);
    }
    assert_eq!(transport.depth(QUEUE).await.unwrap().ready, (0..40).sum::<u64>());
    assert_eq!(transport.depth(Queue::UNROUTABLE).await.unwrap().ready, 40);
}

#[tokio::test]
async fn large_bodies_do_not_fill_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let transport = open(&folder.path().join("queue.db")).await;
    let body = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    for _ in 0..6 {
        assert_eq!(transport.send(vec![outgoing(&body)]).await, [Sent::Owned]);
    }
    let mut receiver = transport.receive(QUEUE).await.unwrap();
    let first = timeout(PATIENCE, receiver.next(100)).await.unwrap().unwrap();
    assert!(first.len() < 6, "a batch ends at some 16 MiB: {}", first.len());
    receiver.close().await;
    let mut receiver = transport.receive(QUEUE).await.unwrap();
    assert_eq!(drain(&mut receiver, 6).await.len(), 6);
}

/// The real thing: processes that share the file, one of them killed with what it held.
#[tokio::test]
async fn processes_share_and_a_killed_ones_deliveries_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let transport = open(&path).await;
    let mut holder = child("hold", &path).spawn().unwrap();
    let sent = child("send", &path).status().unwrap();
    assert!(sent.success());
    until_something_is_held(&transport).await;
    holder.kill().unwrap();
    holder.wait().unwrap();
    let mut receiver = transport.receive(QUEUE).await.unwrap();
    let ids = drain(&mut receiver, SENT_BY_CHILD).await;
    assert_eq!(ids.len(), SENT_BY_CHILD, "none twice");
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), SENT_BY_CHILD);
}

async fn until_something_is_held(transport: &Embedded) {
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let looking = async {
        while transport.depth(QUEUE).await.unwrap().unsettled == Some(0) {
            pace.tick().await;
        }
    };
    timeout(PATIENCE, looking).await.unwrap();
}

/// What a disk that fills up did not take is never called owned.
#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_owned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let transport = open(&path).await;
    // A limit on file sizes looks like a full disk, once its signal is ignored.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
    let child = child("fill", &path);
    limited.arg(child.get_program()).args(child.get_args());
    for (name, value) in child.get_envs() {
        limited.env(name, value.unwrap());
    }
    let output = limited.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let owned = text.split("owned ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let owned: u64 = owned.unwrap().parse().unwrap();
    assert!(owned > 0);
    assert!(transport.depth(QUEUE).await.unwrap().ready >= owned, "{owned} were owned");
    assert_eq!(transport.send(batch(1)).await, [Sent::Owned], "and with room again it goes on");
}

const SENT_BY_CHILD: usize = 600;
const ROLE: &str = "ESTRADE_TEST_EMBEDDED_ROLE";

/// This test binary again, as another process.
fn child(role: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "embedded::as_another_process", "--nocapture"])
        .env(ROLE, role)
        .env("ESTRADE_TEST_EMBEDDED_PATH", path)
        .stdin(Stdio::null());
    command
}

/// Does nothing, but when [`child`] started it.
#[tokio::test]
async fn as_another_process() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let path = std::env::var("ESTRADE_TEST_EMBEDDED_PATH").unwrap();
    let transport = open(Path::new(&path)).await;
    match role.as_str() {
        "send" => {
            for _ in 0..SENT_BY_CHILD / 20 {
                let outcomes = transport.send(batch(20)).await;
                assert!(outcomes.iter().all(|outcome| *outcome == Sent::Owned));
            }
        }
        "hold" => {
            let mut receiver = transport.receive(QUEUE).await.unwrap();
            let held = receiver.next(7).await.unwrap();
            std::future::pending::<()>().await;
            drop(held);
        }
        "fill" => {
            let mut owned = 0;
            loop {
                let outcomes = transport.send(vec![outgoing(&"x".repeat(10_000))]).await;
                if outcomes != [Sent::Owned] {
                    break;
                }
                owned += 1;
            }
            println!("owned {owned}");
        }
        other => panic!("no such role: {other}"),
    }
}
