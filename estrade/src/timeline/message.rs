//! A message to a person, and what became of it.

use bus::{Dead, OpenJob};
use chrono::{DateTime, Utc};
use notification::DeliveryView;

use super::{Line, State, work};

pub(super) fn line(
    delivery: DeliveryView,
    job: Option<OpenJob>,
    letter: Option<Dead>,
    now: DateTime<Utc>,
) -> Line {
    let at = delivery.settled_at.unwrap_or(delivery.created_at);
    let mut line = Line::new(at, "notification", subject(&delivery), State::Done);
    line.id = Some(delivery.id);
    line.attempts = (delivery.attempts > 0).then_some(delivery.attempts);
    match delivery.state.as_str() {
        "sent" => line.what.push_str(": sent"),
        "suppressed" => suppressed(&mut line, delivery.reason),
        "uncertain" => uncertain(&mut line, delivery.reason),
        "failed" => failed(&mut line, delivery.reason, letter),
        _ => queued(&mut line, delivery.waits_until, job, now),
    }
    line
}

/// `Certificate, by mail`.
fn subject(delivery: &DeliveryView) -> String {
    let about = match delivery.kind.as_str() {
        "enrolment" => "Message about an enrolment",
        "new-lesson" => "Message about a new lesson",
        "quiz-graded" => "Message about a mark",
        "certificate-issued" => "Message with a certificate",
        other => other,
    };
    let channel = match delivery.channel.as_str() {
        "mail" => "by mail",
        "push" => "by push",
        "inbox" => "to the inbox",
        other => other,
    };
    format!("{about}, {channel}")
}

fn suppressed(line: &mut Line, reason: Option<String>) {
    line.state = State::NotDone;
    line.what.push_str(" not sent");
    line.why = Some(match reason.as_deref() {
        Some("preference") => "the person switched this off (preference)".to_owned(),
        Some("no-device") => "no device of the person is registered for push".to_owned(),
        Some("erased") => "the account was erased".to_owned(),
        other => other.unwrap_or("on purpose").to_owned(),
    });
}

fn uncertain(line: &mut Line, reason: Option<String>) {
    line.state = State::Uncertain;
    line.what.push_str(" may have been sent");
    line.why = reason;
    line.remedy = Some("it is not sent again by itself: ask the person".to_owned());
}

/// Refused for good, unless somebody can replay it.
fn failed(line: &mut Line, reason: Option<String>, letter: Option<Dead>) {
    line.what.push_str(" not sent");
    line.why = reason;
    let Some(letter) = letter else {
        line.state = State::NotDone;
        line.remedy =
            Some("refused for good, and not tried again: the address may be dead".to_owned());
        return;
    };
    work::give_up(line, letter);
}

fn queued(
    line: &mut Line,
    waits_until: Option<DateTime<Utc>>,
    job: Option<OpenJob>,
    now: DateTime<Utc>,
) {
    line.state = State::Waiting;
    line.what.push_str(" not sent yet");
    if let Some(until) = waits_until.filter(|until| *until > now) {
        line.why = Some("waiting for the end of quiet hours".to_owned());
        line.next_at = Some(until);
        return;
    }
    match job {
        Some(job) => work::wait(line, job, now),
        None => line.why = Some("no job for it is left: run `estrade doctor`".to_owned()),
    }
}
