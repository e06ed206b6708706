//! Numbers, ages and states as an operator reads them.

use bus::{JobState, OldestIs, QueueState};
use event::Language;
use ui::Text;

use super::super::state::State;
use crate::cli::ServiceName;

/// What cannot be known, where a number would stand.
pub(super) const UNKNOWN: &str = "?";

/// `40 s`, `12 min`, `3 h`, `8 days`.
pub(super) fn age(t: Text, seconds: i64) -> String {
    let (key, count) = match Age::of(seconds) {
        Age::Seconds(count) => ("age-seconds", count),
        Age::Minutes(count) => ("age-minutes", count),
        Age::Hours(count) => ("age-hours", count),
        Age::Days(count) => ("age-days", count),
    };
    t.with(key, [("count", count.into())])
}

/// An age as coarse as it is shown: two that are the same read the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::operations) enum Age {
    Seconds(i64),
    Minutes(i64),
    Hours(i64),
    Days(i64),
}

impl Age {
    pub(in crate::operations) fn of(seconds: i64) -> Self {
        match seconds {
            ..120 => Self::Seconds(seconds),
            120..7_200 => Self::Minutes(seconds / 60),
            7_200..172_800 => Self::Hours(seconds / 3_600),
            _ => Self::Days(seconds / 86_400),
        }
    }
}

/// What a service is for, in a few words.
pub(in crate::operations) fn caption(t: Text, service: ServiceName) -> String {
    t.get(match service {
        ServiceName::Identity => "service-identity",
        ServiceName::Catalog => "service-catalog",
        ServiceName::Learning => "service-learning",
        ServiceName::Assessment => "service-assessment",
        ServiceName::Certification => "service-certification",
        ServiceName::Notification => "service-notification",
        ServiceName::Insight => "service-insight",
    })
}

/// A state in words, with the class that colours it.
#[derive(Clone)]
pub(super) struct Badge {
    pub(super) class: &'static str,
    pub(super) words: String,
}

impl Badge {
    pub(super) fn of(t: Text, state: State) -> Self {
        let (key, class) = state.words();
        Self { class, words: t.get(key) }
    }
}

/// One handler and its queue, ready to be printed.
pub(super) struct QueueLine {
    pub(super) queue: String,
    pub(super) ready: String,
    pub(super) unsettled: String,
    pub(super) oldest: String,
    pub(super) rate: String,
    pub(super) retrying: String,
    pub(super) dead: String,
    pub(super) badge: Badge,
}

impl QueueLine {
    pub(super) fn of(t: Text, queue: &QueueState) -> Self {
        let language = t.language();
        Self {
            ready: queue.ready.map_or_else(|| UNKNOWN.to_owned(), |it| number(it, language)),
            unsettled: queue.unsettled.map_or_else(|| "–".to_owned(), |it| number(it, language)),
            oldest: oldest(t, queue),
            rate: t.with("rate", [("count", rate(queue.per_second, language).into())]),
            retrying: number(queue.retrying, language),
            dead: number(queue.dead, language),
            badge: Badge::of(t, State::of_queue(queue)),
            queue: queue.queue.clone(),
        }
    }
}

fn oldest(t: Text, queue: &QueueState) -> String {
    match (queue.oldest_is, queue.oldest_seconds) {
        (OldestIs::Exact, Some(seconds)) => age(t, seconds),
        (OldestIs::Estimate, Some(seconds)) => {
            t.with("age-about", [("age", age(t, seconds).into())])
        }
        (OldestIs::Unknown, _) => t.get("age-unknown"),
        _ => "–".to_owned(),
    }
}

/// One effect and its jobs, ready to be printed.
pub(super) struct JobLine {
    pub(super) effect: String,
    pub(super) waiting: String,
    pub(super) oldest: String,
    pub(super) retrying: String,
    pub(super) dead: String,
    pub(super) badge: Badge,
}

impl JobLine {
    pub(super) fn of(t: Text, job: &JobState) -> Self {
        let language = t.language();
        Self {
            effect: job.effect.clone(),
            waiting: number(job.waiting, language),
            oldest: job.oldest_seconds.map_or_else(|| "–".to_owned(), |seconds| age(t, seconds)),
            retrying: number(job.retrying, language),
            dead: number(job.dead, language),
            badge: Badge::of(t, State::of_job(job)),
        }
    }
}

pub(super) fn number(count: impl std::fmt::Display, language: Language) -> String {
    ui::format_number(count, language)
}

fn rate(per_second: f64, language: Language) -> String {
    let text = if per_second >= 10.0 || per_second == 0.0 {
        format!("{per_second:.0}")
    } else {
        format!("{per_second:.1}")
    };
    number(text, language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TEXTS;

    #[test]
    fn ages_are_short_in_both_languages() {
        let said = |language, seconds| age(Text::new(&TEXTS, language), seconds);
        assert_eq!(said(Language::En, 119), "119 s");
        assert_eq!(said(Language::Fr, 7_200), "2 h");
        assert_eq!(said(Language::En, 172_800), "2 days");
        assert_eq!(said(Language::Fr, 172_800), "2 jours");
    }
}
