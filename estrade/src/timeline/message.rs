//! A message to a person, and what became of it.

use bus::{Dead, OpenJob};
use chrono::{DateTime, Utc};
use notification::DeliveryView;
use ui::Text;

use super::{Line, State, work};

pub(super) fn line(
    delivery: DeliveryView,
    job: Option<OpenJob>,
    letter: Option<Dead>,
    now: DateTime<Utc>,
    t: Text,
) -> Line {
    let at = delivery.settled_at.unwrap_or(delivery.created_at);
    let subject = subject(&delivery, t);
    let mut line = Line::new(at, "notification", subject.clone(), State::Done);
    line.id = Some(delivery.id);
    line.attempts = (delivery.attempts > 0).then_some(delivery.attempts);
    let mut say = |key| line.what = t.with(key, [("what", subject.as_str().into())]);
    match delivery.state.as_str() {
        "sent" => say("timeline-sent"),
        "suppressed" => {
            say("timeline-not-sent");
            suppressed(&mut line, delivery.reason, t);
        }
        "uncertain" => {
            say("timeline-perhaps-sent");
            uncertain(&mut line, delivery.reason, t);
        }
        "failed" => {
            say("timeline-not-sent");
            failed(&mut line, delivery.reason, letter, t);
        }
        _ => {
            say("timeline-not-sent-yet");
            queued(&mut line, delivery.waits_until, job, now, t);
        }
    }
    line
}

/// `Message with a certificate, by mail`.
fn subject(delivery: &DeliveryView, t: Text) -> String {
    let about = match delivery.kind.as_str() {
        "enrolment" => t.get("timeline-about-enrolment"),
        "new-lesson" => t.get("timeline-about-lesson"),
        "quiz-graded" => t.get("timeline-about-mark"),
        "certificate-issued" => t.get("timeline-about-certificate"),
        "certificate-revoked" => t.get("timeline-about-revocation"),
        "essays-to-mark" => t.get("timeline-about-essays"),
        other => t.with("timeline-about-other", [("kind", other.into())]),
    };
    let channel = match delivery.channel.as_str() {
        "mail" => t.get("timeline-by-mail"),
        "push" => t.get("timeline-by-push"),
        "inbox" => t.get("timeline-to-inbox"),
        other => other.to_owned(),
    };
    t.with("timeline-message", [("about", about.into()), ("channel", channel.into())])
}

fn suppressed(line: &mut Line, reason: Option<String>, t: Text) {
    line.state = State::NotDone;
    line.why = Some(match reason.as_deref() {
        Some("preference") => t.get("timeline-why-preference"),
        Some("no-device") => t.get("timeline-why-no-device"),
        Some("erased") => t.get("timeline-why-erased"),
        Some(other) => other.to_owned(),
        None => t.get("timeline-why-on-purpose"),
    });
}

fn uncertain(line: &mut Line, reason: Option<String>, t: Text) {
    line.state = State::Uncertain;
    line.why = reason;
    line.remedy = Some(t.get("timeline-remedy-uncertain"));
}

/// Refused for good, unless somebody can replay it.
fn failed(line: &mut Line, reason: Option<String>, letter: Option<Dead>, t: Text) {
    line.why = reason;
    let Some(letter) = letter else {
        line.state = State::NotDone;
        line.remedy = Some(t.get("timeline-remedy-refused"));
        return;
    };
    work::give_up(line, letter, t);
}

fn queued(
    line: &mut Line,
    waits_until: Option<DateTime<Utc>>,
    job: Option<OpenJob>,
    now: DateTime<Utc>,
    t: Text,
) {
    line.state = State::Waiting;
    if let Some(until) = waits_until.filter(|until| *until > now) {
        line.why = Some(t.get("timeline-why-quiet-hours"));
        line.next_at = Some(until);
        return;
    }
    match job {
        Some(job) => work::wait(line, job, now, t),
        None => line.why = Some(t.get("timeline-why-no-job")),
    }
}
