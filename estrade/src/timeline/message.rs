//! A message to a person, and what became of it.

use bus::{Dead, OpenJob};
use chrono::{DateTime, Utc};
use notification::DeliveryView;
use ui::{Text, titled};

use super::{Line, State, work};

pub(super) fn line(
    delivery: DeliveryView,
    job: Option<OpenJob>,
    letter: Option<Dead>,
    now: DateTime<Utc>,
    t: Text,
) -> Line {
    let at = delivery.settled_at.unwrap_or(delivery.created_at);
    let mut line = Line::new(at, "notification", said(&delivery, str::to_owned, t), State::Done);
    line.marked = Some(t.mark(&said(&delivery, titled, t), delivery.course_language()));
    line.id = Some(delivery.id);
    line.attempts = (delivery.attempts > 0).then_some(delivery.attempts);
    match delivery.state.as_str() {
        "sent" => {}
        "suppressed" => suppressed(&mut line, delivery.reason, t),
        "uncertain" => uncertain(&mut line, delivery.reason, t),
        "failed" => failed(&mut line, delivery.reason, letter, t),
        _ => queued(&mut line, delivery.waits_until, job, now, t),
    }
    line
}

/// `Message with a certificate (“Message queues by example”), by mail: sent`.
fn said(delivery: &DeliveryView, title: fn(&str) -> String, t: Text) -> String {
    let key = match delivery.state.as_str() {
        "sent" => "timeline-sent",
        "suppressed" | "failed" => "timeline-not-sent",
        "uncertain" => "timeline-perhaps-sent",
        _ => "timeline-not-sent-yet",
    };
    t.with(key, [("what", subject(delivery, title, t).into())])
}

fn subject(delivery: &DeliveryView, title: fn(&str) -> String, t: Text) -> String {
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
    let (about, channel) = (("about", about.into()), ("channel", channel.into()));
    match &delivery.course_title {
        Some(course) => {
            t.with("timeline-message-of", [about, ("course", title(course).into()), channel])
        }
        None => t.with("timeline-message", [about, channel]),
    }
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
