//! A broker that is far away: what is said arrives late, however fast it is said.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bus::transport::{Queue, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use crate::support::{self, EVER, Place, take};

/// A way to a broker that takes its time in each direction, and is as wide as one likes.
struct Road {
    url: String,
    travellers: Arc<AtomicUsize>,
}

impl Road {
    async fn of(each_way: Duration) -> Self {
        let url = tokio::task::spawn_blocking(support::vhost).await.unwrap();
        let (user, place) = url.split_once('@').unwrap();
        let (host, vhost) = place.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{user}@{}/{vhost}", listener.local_addr().unwrap());
        let travellers = Arc::new(AtomicUsize::new(0));
        tokio::spawn(carry(listener, host.to_owned(), each_way, travellers.clone()));
        Self { url, travellers }
    }
}

async fn carry(listener: TcpListener, to: String, each_way: Duration, count: Arc<AtomicUsize>) {
    loop {
        let (near, _) = listener.accept().await.unwrap();
        let far = TcpStream::connect(&to).await.unwrap();
        count.fetch_add(1, Ordering::SeqCst);
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let ((hear_near, tell_near), (hear_far, tell_far)) = (near.into_split(), far.into_split());
        tokio::spawn(bring(hear_near, tell_far, each_way));
        tokio::spawn(bring(hear_far, tell_near, each_way));
    }
}

async fn bring(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, time: Duration) {
    let (on_its_way, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let departures = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let _ = on_its_way.send((Instant::now() + time, buffer[..read].to_vec()));
        }
    };
    let arrivals = async move {
        while let Some((when, bytes)) = arriving.recv().await {
            let _ = timeout_at(when, std::future::pending::<()>()).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(departures, arrivals);
}

/// As large as the platform's: one answer after the other, it would take half a minute over such a road,
/// and nobody waits for so long with what is to be sent.
#[tokio::test]
async fn an_event_is_published_in_time_however_many_queues_there_are() {
    let road = Road::of(Duration::from_millis(75)).await;
    let place = Place::waiting(road.url.clone());
    let queue = |number: usize| {
        let types = [0, 1, 2].map(|further| format!("happened-{}.v1", number + further));
        place.describe(&format!("handler-{number}"), &types.each_ref().map(String::as_str))
    };
    let queues: Vec<Queue> = (0..47).map(queue).collect();
    place.transport.declare(&queues).await.unwrap();
    // The connection for it is made only now, and has to have them all before anything is sent on it.
    let started = Instant::now();
    let sent = place.to_all("happened-9.v1");
    place.deliver(vec![sent.clone()]).await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for name in ["handler-7", "handler-9"] {
        let mut receiver = place.receive(&place.name(name)).await;
        assert_eq!(support::ids(&take(&mut *receiver, 1).await), [sent.envelope.id], "{name}");
    }
}

/// A new connection takes six ways there and back over this road, and a question on it takes two.
#[tokio::test]
async fn who_gives_up_waiting_leaves_the_connection_to_the_next() {
    let road = Road::of(Duration::from_millis(200)).await;
    let place = Place::waiting(road.url.clone());
    let asking = async {
        let patience = Duration::from_millis(1500);
        let mut given_up = 0;
        loop {
            match timeout(patience, place.transport.depth(Queue::UNROUTABLE)).await {
                Ok(depth) => break depth.map(|_| given_up),
                Err(_) => given_up += 1,
            }
        }
    };
    let given_up = timeout(EVER, asking).await.expect("each begins from nothing");
    assert!(given_up.unwrap() > 0, "the road was too short to give up on");
    assert_eq!(road.travellers.load(Ordering::SeqCst), 1);
}
