//! Work that is not done: to be sent, to be tried again, in the outside world, or dead.

use bus::{Dead, OpenJob, Retrying, Unsent};
use chrono::{DateTime, Utc};
use ui::Text;

use super::{Line, State};

pub(super) fn unsent(service: &'static str, it: Unsent, now: DateTime<Utc>, t: Text) -> Line {
    let what = t.with("timeline-untold", [("event", it.event_type.into())]);
    let mut line = Line::new(it.occurred_at, service, what, State::Waiting);
    line.id = Some(it.id);
    if it.due > now {
        line.why = Some(t.get("timeline-why-later"));
        line.next_at = Some(it.due);
    } else {
        line.why = Some(t.get("timeline-why-unsent"));
        line.remedy = Some(t.with("timeline-remedy-unsent", [("service", service.into())]));
    }
    line
}

pub(super) fn retrying(service: &'static str, it: Retrying, t: Text) -> Line {
    let named = [("event", it.event_type.into()), ("handler", it.handler.into())];
    let mut line =
        Line::new(it.since, service, t.with("timeline-untaken-yet", named), State::Waiting);
    line.why = Some(after(it.attempts, &it.cause, t));
    line.attempts = Some(it.attempts);
    line.next_at = Some(it.due);
    line.id = Some(it.id);
    line
}

pub(super) fn open_job(service: &'static str, it: OpenJob, now: DateTime<Utc>, t: Text) -> Line {
    let named = [("effect", it.effect.as_str().into()), ("key", it.job_key.as_str().into())];
    let what = t.with("timeline-undone-yet", named);
    let mut line = Line::new(it.due, service, what, State::Waiting);
    wait(&mut line, it, now, t);
    line
}

/// Why a job is not done yet, and when it is tried next.
pub(super) fn wait(line: &mut Line, job: OpenJob, now: DateTime<Utc>, t: Text) {
    if job.lease_until.is_some_and(|until| until > now) {
        line.why = Some(t.get("timeline-why-at-work"));
        return;
    }
    line.attempts = (job.attempts > 0).then_some(job.attempts);
    line.next_at = (job.due > now).then_some(job.due);
    line.why = Some(match &job.cause {
        Some(cause) => after(job.attempts, cause, t),
        None => t.get("timeline-why-its-turn"),
    });
}

pub(super) fn dead(service: &'static str, it: Dead, t: Text) -> Line {
    let (event, consumer) = (it.event_type.as_str(), it.consumer.as_str());
    let what = match it.kind.as_str() {
        "job" => t.with("timeline-undone", [("effect", consumer.into()), ("key", event.into())]),
        _ => t.with("timeline-untaken", [("event", event.into()), ("handler", consumer.into())]),
    };
    let mut line = Line::new(it.died_at, service, what, State::Dead);
    give_up(&mut line, it, t);
    line
}

/// A letter that waits for a decision can be given once more; one that was put aside says why it was.
pub(super) fn give_up(line: &mut Line, letter: Dead, t: Text) {
    let why = after(letter.attempts, &letter.cause, t);
    line.attempts = Some(letter.attempts);
    if letter.state == "discarded" {
        let reason = letter.reason.unwrap_or_default();
        let told = [("reason", reason.into()), ("why", why.into())];
        (line.state, line.why) = (State::NotDone, Some(t.with("timeline-discarded", told)));
        line.by = letter.settled_by;
    } else {
        let (id, group) = (letter.id.to_string(), letter.group_key.as_str());
        let named = [("id", id.into()), ("group", group.into())];
        (line.state, line.why) = (State::Dead, Some(why));
        line.remedy = Some(t.with("timeline-remedy-dead", named));
    }
    line.group = Some(letter.group_key);
    line.id = Some(letter.id);
}

fn after(attempts: i32, cause: &str, t: Text) -> String {
    t.with("timeline-after", [("count", attempts.into()), ("cause", cause.into())])
}
