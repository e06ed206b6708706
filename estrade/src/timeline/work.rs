//! Work that is not done: to be sent, to be tried again, in the outside world, or dead.

use bus::{Dead, OpenJob, Retrying, Unsent};
use chrono::{DateTime, Utc};

use super::{Line, State};

pub(super) fn unsent(service: &'static str, it: Unsent, now: DateTime<Utc>) -> Line {
    let what = format!("{} not told yet", it.event_type);
    let mut line = Line::new(it.occurred_at, service, what, State::Waiting);
    line.id = Some(it.id);
    if it.due > now {
        line.why = Some("it is for later".to_owned());
        line.next_at = Some(it.due);
    } else {
        line.why = Some("the transport does not have it yet".to_owned());
        line.remedy =
            Some(format!("see that {service} runs and the broker is there: `estrade doctor`"));
    }
    line
}

pub(super) fn retrying(service: &'static str, it: Retrying) -> Line {
    let what = format!("{} not taken yet by {}", it.event_type, it.handler);
    let mut line = Line::new(it.since, service, what, State::Waiting);
    line.why = Some(after(it.attempts, &it.cause));
    line.attempts = Some(it.attempts);
    line.next_at = Some(it.due);
    line.id = Some(it.id);
    line
}

pub(super) fn open_job(service: &'static str, it: OpenJob, now: DateTime<Utc>) -> Line {
    let what = format!("{} {} not done yet", it.effect, it.job_key);
    let mut line = Line::new(it.due, service, what, State::Waiting);
    wait(&mut line, it, now);
    line
}

/// Why a job is not done yet, and when it is tried next.
pub(super) fn wait(line: &mut Line, job: OpenJob, now: DateTime<Utc>) {
    if job.lease_until.is_some_and(|until| until > now) {
        line.why = Some("somebody is at it".to_owned());
        return;
    }
    line.attempts = (job.attempts > 0).then_some(job.attempts);
    line.next_at = (job.due > now).then_some(job.due);
    line.why = Some(match &job.cause {
        Some(cause) => after(job.attempts, cause),
        None => "waiting for its turn".to_owned(),
    });
}

pub(super) fn dead(service: &'static str, it: Dead) -> Line {
    let what = match it.kind.as_str() {
        "job" => format!("{} {} not done", it.consumer, it.event_type),
        _ => format!("{} not taken by {}", it.event_type, it.consumer),
    };
    let mut line = Line::new(it.died_at, service, what, State::Dead);
    give_up(&mut line, it);
    line
}

pub(super) fn give_up(line: &mut Line, letter: Dead) {
    line.state = State::Dead;
    line.why = Some(after(letter.attempts, &letter.cause));
    line.attempts = Some(letter.attempts);
    line.remedy = Some(format!(
        "dead letter {0} of group {1}: mend the cause, then `estrade dead replay {0}`",
        letter.id, letter.group_key
    ));
    line.group = Some(letter.group_key);
    line.id = Some(letter.id);
}

fn after(attempts: i32, cause: &str) -> String {
    let times = if attempts == 1 { "attempt" } else { "attempts" };
    format!("after {attempts} {times}: {cause}")
}
