//! What changed, told to open pages: server-sent events.
//!
//! A stream looks about every second at a fingerprint that its service reads from its own database, and
//! says `changed` when it differs. So it does not matter which replica, which handler or which person
//! changed something, and nothing need be kept between requests. It tells *that*, never *what*: the browser
//! fetches its page again, with the rights that it has then.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt::Display,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use chrono::Utc;
use event::PersonId;
use futures::stream::{self, Stream};
use rand::Rng;
use sha2::{Digest, Sha256};
use tokio::{sync::watch, time::Instant};

use crate::{Problem, TEXTS, Ui, Visit};

/// Between two looks, on average.
const PAUSE: Duration = Duration::from_secs(1);
/// Proxies close what is silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Streams of one process: as many statements a second.
const MOST: usize = 512;
/// Streams of one person: pages open on a few machines.
const MOST_EACH: usize = 12;
/// Seconds after which a browser that was refused may come back.
const COME_BACK: u32 = 20;

/// A stream that says `changed` whenever `look` finds something else than before. A page asks for it with
/// `data-live="/address"`. The first `changed` comes at once, because something may have happened since the
/// page was made; unless the page says what it saw, with `?seen=` and a [`fingerprint`].
///
/// # Errors
/// 401 without a session, 503 with `Retry-After` when too many streams are open here.
pub fn live<L, F, T, E>(ui: &Ui, visit: &Visit, look: L) -> Result<Response, Problem>
where
    L: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Display + Send + 'static,
    E: Display + Send + 'static,
{
    let session = visit.session()?;
    let seat = ui.streams().take_seat(session.person).ok_or_else(full)?;
    let left = (session.expires - Utc::now()).to_std().unwrap_or_default();
    let watching = Watching {
        look,
        seen: visit.last_seen().map(str::to_owned),
        is_first: true,
        pause: PAUSE,
        // A session may be said to last for ever, which no clock can add to now.
        ends: Instant::now() + left.min(Duration::from_secs(24 * 3600)),
        stop: ui.streams().stopping(),
        _seat: seat,
    };
    let events = Sse::new(stream(watching)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // Proxies must not wait until they have a bufferful.
    Ok(([("x-accel-buffering", "no")], events).into_response())
}

/// What stands for a state in `?seen=`.
#[must_use]
pub fn fingerprint(state: impl Display) -> String {
    let digest = Sha256::digest(state.to_string());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn full() -> Problem {
    let detail = "too many pages are followed here at the moment: come back in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        .worded(&TEXTS, "refused-503-help", [])
        .after(COME_BACK)
}

struct Watching<L> {
    look: L,
    seen: Option<String>,
    is_first: bool,
    pause: Duration,
    ends: Instant,
    stop: watch::Receiver<bool>,
    _seat: Seat,
}

fn stream<L, F, T, E>(watching: Watching<L>) -> impl Stream<Item = Result<Event, Infallible>> + Send
where
    L: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Display + Send + 'static,
    E: Display + Send + 'static,
{
    stream::unfold(watching, async |mut watching| {
        let seen = watching.next_change().await?;
        // A browser drops an event without data.
        let event = Event::default().event("changed").id(seen.as_str()).data(seen.as_str());
        Some((Ok(event.retry(jittered(Duration::from_secs(3)))), watching))
    })
}

impl<L> Watching<L> {
    /// The next state that differs; none when the stream ends, as it does when the state cannot be read:
    /// the browser comes back by itself.
    async fn next_change<F, T, E>(&mut self) -> Option<String>
    where
        L: Fn() -> F,
        F: Future<Output = Result<T, E>>,
        T: Display,
        E: Display,
    {
        loop {
            if !std::mem::replace(&mut self.is_first, false) && !self.wait().await {
                return None;
            }
            let state = (self.look)()
                .await
                .inspect_err(|error| tracing::warn!(%error, "a live page cannot look"))
                .ok()?;
            let found = fingerprint(state);
            if self.seen.as_ref() != Some(&found) {
                self.seen = Some(found.clone());
                return Some(found);
            }
        }
    }

    /// False when it is time to end.
    async fn wait(&mut self) -> bool {
        tokio::select! {
            () = tokio::time::sleep(jittered(self.pause)) => true,
            () = tokio::time::sleep_until(self.ends) => false,
            // An error means that the platform is gone already.
            _ = self.stop.wait_for(|stop| *stop) => false,
        }
    }
}

/// A fifth more or less, so that pages opened together do not look together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.8..1.2))
}

/// All streams of this process.
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
    stop: watch::Sender<bool>,
}

impl Streams {
    pub(crate) fn new() -> Self {
        Self { open: Arc::default(), stop: watch::Sender::new(false) }
    }

    /// Ends all, and those that begin later.
    pub(crate) fn end(&self) {
        self.stop.send_replace(true);
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    fn take_seat(&self, person: PersonId) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= MOST {
            return None;
        }
        let own = open.entry(person).or_default();
        if *own >= MOST_EACH {
            return None;
        }
        *own += 1;
        Some(Seat { open: Arc::clone(&self.open), person })
    }
}

/// A place among the open streams, given back when the stream is dropped.
struct Seat {
    open: Arc<Mutex<HashMap<PersonId, usize>>>,
    person: PersonId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.person) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicU64, Ordering};

    use event::Language;

    use super::*;
    use crate::{SealingKey, Session};

    fn ui() -> Ui {
        Ui::new(SealingKey::new(&[7; 32]), "http://localhost")
    }

    fn visit(address: &str) -> Visit {
        let expires = Utc::now() + chrono::TimeDelta::hours(1);
        let (person, language) = (PersonId::new(), Language::En);
        let session = Session { person, roles: Vec::new(), language, expires };
        Visit::example(address, Some(session), Language::En)
    }

    fn watching<L>(ui: &Ui, look: L, seen: Option<String>, lasts: Duration) -> Watching<L> {
        Watching {
            look,
            seen,
            is_first: true,
            pause: Duration::from_millis(1),
            ends: Instant::now() + lasts,
            stop: ui.streams().stopping(),
            _seat: ui.streams().take_seat(PersonId::new()).unwrap(),
        }
    }

    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn it_tells_what_differs_and_nothing_else() {
        let (ui, state) = (ui(), Arc::new(AtomicU64::new(1)));
        let looked = Arc::clone(&state);
        // Every third look finds something new.
        let look = move || {
            let state = looked.fetch_add(1, Ordering::Relaxed) / 3;
            async move { Ok::<_, Infallible>(state) }
        };
        let mut watching = watching(&ui, look, None, LONG);
        for expected in 0..3 {
            assert_eq!(watching.next_change().await, Some(fingerprint(expected)));
        }
        assert_eq!(state.load(Ordering::Relaxed), 7);
    }

    #[tokio::test]
    async fn what_was_seen_is_not_told_again() {
        let (ui, looks) = (ui(), AtomicU64::new(0));
        let look = || {
            let state = if looks.fetch_add(1, Ordering::Relaxed) < 5 { "old" } else { "new" };
            async move { Ok::<_, Infallible>(state) }
        };
        let mut watching = watching(&ui, look, Some(fingerprint("old")), LONG);
        assert_eq!(watching.next_change().await, Some(fingerprint("new")));
        assert_eq!(looks.load(Ordering::Relaxed), 6);
    }

    #[tokio::test]
    async fn it_ends_with_the_session_the_platform_and_the_database() {
        let ui = ui();
        let same = async || Ok::<_, Infallible>(1);
        let mut ended = watching(&ui, same, Some(fingerprint(1)), Duration::ZERO);
        assert_eq!(ended.next_change().await, None);
        let broken = async || Err::<u8, _>("away");
        assert_eq!(watching(&ui, broken, None, LONG).next_change().await, None);
        let mut stopped = watching(&ui, same, Some(fingerprint(1)), LONG);
        stopped.pause = LONG;
        let (change, ()) = tokio::join!(stopped.next_change(), async { ui.stop() });
        assert_eq!(change, None);
        ui.stopping().await;
    }

    #[tokio::test]
    async fn seats_are_bounded_and_given_back() {
        let ui = ui();
        let (visit, look) = (visit("/live"), async || Ok::<_, Infallible>(1));
        let mut open: Vec<_> = (0..MOST_EACH).map(|_| live(&ui, &visit, look).unwrap()).collect();
        let refused = live(&ui, &visit, look).unwrap_err().into_response();
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()["retry-after"], COME_BACK.to_string().as_str());
        open.pop();
        assert!(live(&ui, &visit, look).is_ok());
        let others: Vec<_> =
            (0..MOST).map_while(|_| ui.streams().take_seat(PersonId::new())).collect();
        assert_eq!(open.len() + others.len(), MOST);
        drop((open, others));
        assert!(ui.streams().open.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn browsers_read_it() {
        let ui = ui();
        let look = async || Ok::<_, Infallible>(1);
        let answer = live(&ui, &visit("/live"), look).unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut body = answer.into_body().into_data_stream();
        let first = futures::StreamExt::next(&mut body).await.unwrap().unwrap();
        let first = String::from_utf8(first.to_vec()).unwrap();
        assert!(first.contains("event: changed") && first.contains("retry: "), "{first}");
        assert!(first.contains(&format!("id: {}", fingerprint(1))), "{first}");
        assert!(first.contains("data: "), "{first}");
        let nobody = Visit::example("/live", None, Language::En);
        assert_eq!(live(&ui, &nobody, look).unwrap_err().status, 401);
    }
}
