//! What the bus counts and times, through the `metrics` facade: nothing is kept unless the process
//! installs a recorder. Labels are names of the code (service, handler, effect, ending), never a
//! person's. Counted by the batch, so that counting costs nothing that could be measured.

use std::time::Duration;

use chrono::{DateTime, Utc};
use event::Envelope;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::Service;

const SENT: &str = "estrade_outbox_sent_total";
const UNROUTABLE: &str = "estrade_outbox_unroutable_total";
const UNKNOWN: &str = "estrade_outbox_unknown_total";
const SENDING: &str = "estrade_relay_send_duration_seconds";
const HANDLED: &str = "estrade_events_handled_total";
const REPEATED: &str = "estrade_events_repeated_total";
const RETRIED: &str = "estrade_events_retried_total";
const DEAD: &str = "estrade_events_dead_total";
const AGE: &str = "estrade_handler_age_seconds";
const DURATION: &str = "estrade_handler_duration_seconds";
const EFFECTS: &str = "estrade_effects_total";
const EFFECTS_RETRIED: &str = "estrade_effects_retried_total";
const EFFECT_DURATION: &str = "estrade_effect_duration_seconds";

/// How a job can end, as a label.
pub(crate) const ENDINGS: [&str; 4] = ["done", "refused", "gave-up", "uncertain"];
/// Of a job that is dead.
pub(crate) const GAVE_UP: &str = ENDINGS[2];

/// Says what each means. Call once, after the recorder is installed.
pub fn describe_meters() {
    for (name, help) in [
        (SENT, "Events that the transport owns."),
        (UNROUTABLE, "Events that no queue was bound for; they are kept."),
        (UNKNOWN, "Sends of an event whose outcome nobody knows; it goes again under the same id."),
        (HANDLED, "Events handled, the first time or at a later attempt."),
        (REPEATED, "Deliveries of an event that the handler had taken before; nothing was done."),
        (RETRIED, "Attempts that failed and will be made again."),
        (DEAD, "Events that became dead letters."),
        (EFFECTS, "Jobs in the outside world that ended, by their ending."),
        (EFFECTS_RETRIED, "Attempts at a job that failed and will be made again."),
    ] {
        describe_counter!(name, Unit::Count, help);
    }
    for (name, help) in [
        (SENDING, "How long the transport takes to own a batch of the outbox."),
        (AGE, "From when an event happened, or was due, to the commit that handled it."),
        (DURATION, "How long a batch takes, from its transaction's begin to its commit."),
        (EFFECT_DURATION, "How long one attempt at a job takes."),
    ] {
        describe_histogram!(name, Unit::Seconds, help);
    }
}

/// Every series is there from the start, at zero: an alert on a rise needs the zero before it.
pub(crate) fn begin(service: &Service) {
    for name in [SENT, UNROUTABLE, UNKNOWN] {
        counter!(name, "service" => service.name()).absolute(0);
    }
    for handler in &service.handlers {
        for name in [HANDLED, REPEATED, RETRIED, DEAD] {
            counter!(name, "handler" => handler.name()).absolute(0);
        }
    }
    for effect in service.effect_names() {
        counter!(EFFECTS_RETRIED, "effect" => effect).absolute(0);
        for ending in ENDINGS {
            counter!(EFFECTS, "effect" => effect, "ending" => ending).absolute(0);
        }
    }
}

/// What became of one batch of the outbox.
pub(crate) fn sent(
    service: &'static str,
    sent: usize,
    unroutable: usize,
    unknown: usize,
    took: Duration,
) {
    for (name, count) in [(SENT, sent), (UNROUTABLE, unroutable), (UNKNOWN, unknown)] {
        if count > 0 {
            counter!(name, "service" => service).increment(count as u64);
        }
    }
    histogram!(SENDING, "service" => service).record(took);
}

/// What was handled, and how long after it happened; of what was planned, how long after it was due.
pub(crate) fn handled(handler: &'static str, envelopes: &[&Envelope], now: DateTime<Utc>) {
    if envelopes.is_empty() {
        return;
    }
    counter!(HANDLED, "handler" => handler).increment(envelopes.len() as u64);
    let ages = histogram!(AGE, "handler" => handler);
    for envelope in envelopes {
        ages.record((now - envelope.time).to_std().unwrap_or_default());
    }
}

/// One batch in all, with what of it had come before.
pub(crate) fn batch(handler: &'static str, repeated: usize, took: Duration) {
    if repeated > 0 {
        counter!(REPEATED, "handler" => handler).increment(repeated as u64);
    }
    histogram!(DURATION, "handler" => handler).record(took);
}

pub(crate) fn retried(handler: &'static str) {
    counter!(RETRIED, "handler" => handler).increment(1);
}

pub(crate) fn dead(handler: &'static str) {
    counter!(DEAD, "handler" => handler).increment(1);
}

pub(crate) fn effect_ended(effect: &'static str, ending: &'static str) {
    counter!(EFFECTS, "effect" => effect, "ending" => ending).increment(1);
}

pub(crate) fn effect_retried(effect: &'static str) {
    counter!(EFFECTS_RETRIED, "effect" => effect).increment(1);
}

pub(crate) fn effect_took(effect: &'static str, took: Duration) {
    histogram!(EFFECT_DURATION, "effect" => effect).record(took);
}
