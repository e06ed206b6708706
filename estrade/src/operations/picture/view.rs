//! What one service says and hears, in words and numbers: for the picture, for the table that says the same,
//! and for the script that keeps both as things are.

use serde::Serialize;
use ui::Text;

use super::{
    super::{ControlRoom, pages},
    movements::{Move, QueueNow, Sample, ServiceNow},
};
use crate::cli::ServiceName;

/// Where nobody here can tell.
const UNKNOWN: &str = "–";
/// More than fits into a queue's picture is not counted out there.
const MOST: i64 = 999;

#[derive(Serialize)]
pub(super) struct ServiceView {
    pub(super) name: &'static str,
    /// This process runs it.
    #[serde(skip)]
    pub(super) is_here: bool,
    /// What it is for.
    #[serde(skip)]
    pub(super) caption: String,
    /// In the last minute.
    pub(super) sent: String,
    pub(super) taken: String,
    /// In all its queues.
    pub(super) waiting: String,
    pub(super) outbox: String,
    pub(super) dead: String,
    /// Its queues by name; beside it, how many wait if some do.
    pub(super) hears: String,
    /// Beside its outbox: `3 to send`.
    pub(super) to_send: String,
    pub(super) sends: bool,
    /// Beside its name if letters are dead: how many.
    pub(super) letters: String,
    pub(super) queues: Vec<QueueView>,
}

#[derive(Clone, Serialize)]
pub(super) struct QueueView {
    /// Without the service: `copy-course`.
    pub(super) name: String,
    pub(super) waiting: String,
    pub(super) waits: bool,
    pub(super) dead: bool,
}

impl ServiceView {
    pub(super) fn of(
        room: &ControlRoom,
        t: Text,
        name: ServiceName,
        now: Option<&Sample>,
        minute: &[Move],
    ) -> Self {
        let here = now.and_then(|sample| sample.of(name.name()));
        let number = |count: Option<i64>| match count {
            Some(count) => ui::format_number(count, t.language()),
            None => UNKNOWN.to_owned(),
        };
        let total = |is_sent| number(here.map(|_| total(minute, name.name(), is_sent)));
        let names = room.queues_of(name).into_iter();
        let queues: Vec<QueueView> = names.map(|queue| QueueView::of(queue, here)).collect();
        let outbox = here.map(|here| here.outbox);
        let dead = here.map(|here| here.dead);
        Self {
            name: name.name(),
            is_here: here.is_some(),
            caption: pages::caption(t, name),
            sent: total(true),
            taken: total(false),
            waiting: number(here.and_then(ServiceNow::waiting)),
            outbox: number(outbox),
            dead: number(dead),
            hears: queues.iter().map(QueueView::in_a_list).collect::<Vec<_>>().join(", "),
            to_send: outbox.map_or_else(
                || UNKNOWN.to_owned(),
                |count| t.with("picture-to-send", [("count", count.into())]),
            ),
            sends: outbox.is_some_and(|count| count > 0),
            letters: letters(dead.unwrap_or_default()),
            queues,
        }
    }

    #[cfg(test)]
    pub(super) fn example(queues: usize) -> Self {
        let queue = |number| QueueView::of(format!("queue-{number}"), None);
        let unknown = || UNKNOWN.to_owned();
        Self {
            name: "learning",
            is_here: false,
            caption: "enrolments and progress".to_owned(),
            sent: unknown(),
            taken: unknown(),
            waiting: unknown(),
            outbox: unknown(),
            dead: unknown(),
            hears: unknown(),
            to_send: unknown(),
            sends: false,
            letters: String::new(),
            queues: (0..queues).map(queue).collect(),
        }
    }
}

impl QueueView {
    fn of(name: String, service: Option<&ServiceNow>) -> Self {
        let queues = service.map(|service| service.queues.as_slice()).unwrap_or_default();
        let now = queues.iter().find(|queue| queue.name == name);
        let waiting = now.and_then(|queue| queue.waiting);
        Self {
            name,
            waiting: waiting.map_or_else(|| UNKNOWN.to_owned(), short),
            waits: waiting.is_some_and(|count| count > 0),
            dead: now.is_some_and(QueueNow::has_dead),
        }
    }

    fn in_a_list(&self) -> String {
        if self.waits { format!("{} ({})", self.name, self.waiting) } else { self.name.clone() }
    }
}

fn short(count: i64) -> String {
    if count > MOST { format!("{MOST}+") } else { count.to_string() }
}

fn letters(dead: i64) -> String {
    if dead > 0 { format!("▲ {}", short(dead)) } else { String::new() }
}

fn total(moves: &[Move], service: &str, is_sent: bool) -> i64 {
    let own = moves.iter().filter(|it| it.service == service && it.is_sent == is_sent);
    own.map(|it| it.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_says_how_many_wait_where_some_do() {
        let queue = |waiting, dead| QueueNow { name: "grade".to_owned(), waiting, dead };
        for (waiting, shown, in_a_list) in [
            (None, "–", "grade"),
            (Some(0), "0", "grade"),
            (Some(12), "12", "grade (12)"),
            (Some(1_000), "999+", "grade (999+)"),
        ] {
            let service = ServiceNow::example(vec![queue(waiting, 0)]);
            let view = QueueView::of("grade".to_owned(), Some(&service));
            assert_eq!((view.waiting.as_str(), view.in_a_list().as_str()), (shown, in_a_list));
        }
        let service = ServiceNow::example(vec![queue(Some(0), 2)]);
        assert!(QueueView::of("grade".to_owned(), Some(&service)).dead);
        assert!(!QueueView::of("copy-course".to_owned(), Some(&service)).dead);
    }

    #[test]
    fn dead_letters_are_told_beside_the_name_if_there_are_any() {
        assert_eq!((letters(0).as_str(), letters(3).as_str()), ("", "▲ 3"));
    }
}
