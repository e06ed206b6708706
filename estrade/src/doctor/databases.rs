//! The databases: there, up to date, in time; and what waits in them.

use std::collections::BTreeSet;

use bus::{
    Clock, Db, FailingOf, Orphan, Orphans, Pulse, Schema, Service, Survey, Transport, WaitingOf,
    step::{self, Comparison},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use ui::{Argument, Text};

use super::Finding;
use crate::{config::Config, platform};

const PART: &str = "database";
/// Leases of replicas are compared by their clocks.
const CLOCK_WARNING: TimeDelta = TimeDelta::seconds(1);
const CLOCK_FAILURE: TimeDelta = TimeDelta::seconds(5);
const LONG_UNSENT: TimeDelta = TimeDelta::minutes(5);
const LONG_RETRIED: TimeDelta = TimeDelta::hours(1);
/// A mail or a PDF goes as soon as it is due, and within minutes where it did not go the first time.
const LONG_DUE: TimeDelta = TimeDelta::minutes(15);
/// So many attempts take some minutes, later and later.
const OFTEN: i64 = 10;

/// With what is left of earlier versions, in the databases and, where there is one, with the transport.
pub(super) async fn look(
    config: &Config,
    services: &[Service],
    transport: Option<&dyn Transport>,
    t: Text,
) -> Vec<Finding> {
    let looks = services.iter().map(|service| look_into(config, service, transport, t));
    let looks = join_all(looks).await;
    let mut findings = Vec::new();
    let mut clock = None;
    for (service, look) in services.iter().zip(looks) {
        match look {
            Ok(look) => {
                findings.extend(look.findings);
                clock = clock.or(look.clock_ahead);
            }
            Err(error) => {
                findings.push(Finding::failed(
                    PART,
                    format!("{}: {error}", service.name()),
                    t.get("doctor-database-remedy"),
                ));
                if config.database.is_some() {
                    // The others are in the same place: it is told once.
                    break;
                }
            }
        }
    }
    findings.push(clocks(clock, t));
    findings
}

/// What was found of one service.
struct Look {
    findings: Vec<Finding>,
    clock_ahead: Option<TimeDelta>,
}

async fn look_into(
    config: &Config,
    service: &Service,
    transport: Option<&dyn Transport>,
    t: Text,
) -> Result<Look, bus::Error> {
    let location = platform::location(config, service.name());
    let survey = Survey::of(&location, service.name(), service.migrations()).await?;
    let mut findings = vec![schema(service.name(), &survey, t)];
    if matches!(survey.schema, Schema::Complete(_)) {
        findings.extend(contents(config, service, transport, t).await);
    }
    Ok(Look { findings, clock_ahead: survey.clock_ahead })
}

fn schema(service: &str, survey: &Survey, t: Text) -> Finding {
    let server = survey.server.as_str();
    match &survey.schema {
        Schema::Complete(count) => Finding::well(
            PART,
            t.with(
                "doctor-schema-complete",
                [
                    ("service", service.into()),
                    ("server", server.into()),
                    ("count", (*count).into()),
                ],
            ),
        ),
        Schema::Absent => Finding::well(
            PART,
            t.with(
                "doctor-schema-absent",
                [("service", service.into()), ("server", server.into())],
            ),
        ),
        Schema::Behind(missing) => Finding::warning(
            PART,
            t.with(
                "doctor-schema-behind",
                [("service", service.into()), ("steps", missing.join(", ").into())],
            ),
            t.get("doctor-schema-behind-remedy"),
        ),
        Schema::Ahead(unknown) => Finding::failed(
            PART,
            t.with(
                "doctor-schema-ahead",
                [("service", service.into()), ("steps", unknown.join(", ").into())],
            ),
            t.get("doctor-schema-ahead-remedy"),
        ),
    }
}

fn clocks(ahead: Option<TimeDelta>, t: Text) -> Finding {
    const PART: &str = "clock";
    let Some(ahead) = ahead else {
        return Finding::well(PART, t.get("doctor-clock-one"));
    };
    let off = ahead.abs().num_milliseconds();
    let text = t.with("doctor-clock-off", [("milliseconds", off.into())]);
    let remedy = t.get("doctor-clock-remedy");
    match ahead.abs() {
        off if off >= CLOCK_FAILURE => Finding::failed(PART, text, remedy),
        off if off >= CLOCK_WARNING => Finding::warning(PART, text, remedy),
        _ => Finding::well(PART, text),
    }
}

async fn contents(
    config: &Config,
    service: &Service,
    transport: Option<&dyn Transport>,
    t: Text,
) -> Vec<Finding> {
    let location = platform::location(config, service.name());
    let opened = Db::open(&location, service.name(), service.migrations(), Clock::System).await;
    let found = match opened {
        Ok(db) => {
            let found = read(service, &db, transport).await;
            db.close().await;
            found
        }
        Err(error) => Err(error),
    };
    let now = Utc::now();
    match found {
        Ok(Contents { pulse, comparisons, orphans }) => {
            let pulse = without(pulse, &orphans);
            let mut findings = waiting(service.name(), &pulse, now, t);
            findings.extend(orphans.iter().filter_map(|orphan| left(orphan, t)));
            findings.extend(drift(service.name(), &comparisons, now, t));
            findings
        }
        Err(error) => vec![unreadable(service.name(), &error, t)],
    }
}

struct Contents {
    pulse: Pulse,
    comparisons: Vec<Comparison>,
    orphans: Vec<Orphan>,
}

async fn read(
    service: &Service,
    db: &Db,
    transport: Option<&dyn Transport>,
) -> Result<Contents, bus::Error> {
    let orphans = match transport {
        Some(transport) => Orphans::of(service, db, transport).list().await?,
        None => Vec::new(),
    };
    let (pulse, comparisons) = (Pulse::of(db).await?, step::comparisons(db).await?);
    Ok(Contents { pulse, comparisons, orphans })
}

/// What nobody tries or does any more is not late: it is told as what is left.
fn without(pulse: Pulse, orphans: &[Orphan]) -> Pulse {
    let is_known = |name: &str| orphans.iter().all(|orphan| orphan.name != name);
    let known = |mut lines: Vec<WaitingOf>| {
        lines.retain(|line| is_known(&line.name));
        lines
    };
    let (retries, jobs) = (known(pulse.retries), known(pulse.jobs));
    let failing = pulse.failing.into_iter().filter(|line| is_known(&line.name)).collect();
    Pulse { retries, jobs, failing, ..pulse }
}

/// Of a queue that does not answer it is not known whether it is there at all.
fn left(orphan: &Orphan, t: Text) -> Option<Finding> {
    if orphan.ready.is_none() && orphan.waiting == 0 {
        return None;
    }
    let ready = orphan.ready.map_or("?".to_owned(), |ready| ready.to_string());
    let name = orphan.name.as_str();
    let named =
        [("name", name.into()), ("ready", ready.into()), ("waiting", orphan.waiting.into())];
    let remedy = t.with("doctor-orphan-remedy", [("name", name.into())]);
    Some(Finding::warning("orphan", t.with("doctor-orphan", named), remedy))
}

fn unreadable(service: &str, error: &bus::Error, t: Text) -> Finding {
    Finding::failed(
        PART,
        t.with(
            "doctor-unreadable",
            [("service", service.into()), ("error", error.to_string().into())],
        ),
        t.get("doctor-unreadable-remedy"),
    )
}

fn waiting(service: &str, pulse: &Pulse, now: DateTime<Utc>, t: Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unsent = since(pulse.outbox.oldest, now);
    if unsent > LONG_UNSENT {
        findings.push(Finding::warning(
            "outbox",
            t.with("doctor-outbox", counted(service, pulse.outbox.count, long(unsent, t))),
            t.with("doctor-outbox-remedy", [("service", service.into())]),
        ));
    }
    for WaitingOf { name, count, oldest } in &pulse.retries {
        let age = since(*oldest, now);
        if age > LONG_RETRIED {
            findings.push(Finding::warning(
                "retries",
                t.with("doctor-retries", counted(name, *count, long(age, t))),
                t.get("doctor-retries-remedy"),
            ));
        }
    }
    findings.extend(jobs(service, pulse, now, t));
    for WaitingOf { name, count, oldest } in &pulse.dead {
        findings.push(Finding::failed(
            "dead",
            t.with("doctor-dead", counted(name, *count, long(since(*oldest, now), t))),
            t.get("doctor-dead-remedy"),
        ));
    }
    findings
}

/// Mails and PDFs that nobody makes, or that do not go.
fn jobs(service: &str, pulse: &Pulse, now: DateTime<Utc>, t: Text) -> Vec<Finding> {
    let late = pulse.jobs.iter().filter_map(|WaitingOf { name, count, oldest }| {
        let age = since(*oldest, now);
        let text = || t.with("doctor-jobs", counted(name, *count, long(age, t)));
        (age > LONG_DUE).then(text)
    });
    let failing = pulse.failing.iter().filter(|it| it.attempts >= OFTEN);
    let failing = failing.map(|FailingOf { name, count, attempts }| {
        let named = [
            ("name", name.as_str().into()),
            ("count", (*count).into()),
            ("attempts", (*attempts).into()),
        ];
        t.with("doctor-failing", named)
    });
    let remedy = || t.with("doctor-jobs-remedy", [("service", service.into())]);
    late.chain(failing).map(|text| Finding::warning("jobs", text, remedy())).collect()
}

fn since(oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> TimeDelta {
    oldest.map_or(TimeDelta::zero(), |then| now - then)
}

/// What the last whole comparison of each kind found, if that was not nothing. `comparisons` begin with
/// the latest.
fn drift(service: &str, comparisons: &[Comparison], now: DateTime<Utc>, t: Text) -> Vec<Finding> {
    let mut kinds = BTreeSet::new();
    let last = comparisons.iter().filter(|it| it.is_complete() && kinds.insert(&it.kind));
    let differed = last.filter(|it| it.drift() > 0).map(|it| {
        let named = [
            ("service", service.into()),
            ("kind", it.kind.as_str().into()),
            ("count", it.drift().into()),
            ("compared", it.compared.into()),
            ("age", long(now - it.began_at, t).into()),
        ];
        Finding::warning("copies", t.with("doctor-drift", named), t.get("doctor-drift-remedy"))
    });
    differed.collect()
}

/// Of what, how many, and how old the oldest is.
fn counted(name: &str, count: i64, age: String) -> [(&'static str, Argument<'_>); 3] {
    [("name", name.into()), ("count", count.into()), ("age", age.into())]
}

pub(super) fn long(time: TimeDelta, t: Text) -> String {
    let (key, count) = match time {
        time if time.num_days() > 1 => ("doctor-days", time.num_days()),
        time if time.num_hours() > 1 => ("doctor-hours", time.num_hours()),
        time => ("doctor-minutes", time.num_minutes()),
    };
    t.with(key, [("count", count.into())])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;
    use crate::{TEXTS, doctor::Level};
    use bus::Waiting;
    use event::Language;

    fn english() -> Text {
        Text::new(&TEXTS, Language::En)
    }

    #[test]
    fn a_clock_that_is_off_is_told() {
        let clocks = |ahead| clocks(ahead, english());
        assert_eq!(clocks(None).level, Level::Ok);
        assert_eq!(clocks(Some(TimeDelta::milliseconds(-300))).level, Level::Ok);
        assert_eq!(clocks(Some(TimeDelta::seconds(-2))).level, Level::Warning);
        assert_eq!(clocks(Some(TimeDelta::minutes(3))).level, Level::Failed);
    }

    #[test]
    fn what_waits_for_long_is_told_and_what_does_not_is_not() {
        let now = Utc::now();
        let of = |minutes: i64| WaitingOf {
            name: "learning.copy-course".to_owned(),
            count: 3,
            oldest: Some(now - TimeDelta::minutes(minutes)),
        };
        let pulse = |minutes, retries, dead, jobs, failed| Pulse {
            outbox: Waiting { count: 7, oldest: Some(now - TimeDelta::minutes(minutes)) },
            retries,
            attempts: 0,
            dead,
            jobs,
            failing: vec![FailingOf {
                name: "learning.post".to_owned(),
                count: 2,
                attempts: failed,
            }],
        };
        let waiting = |service, pulse: &Pulse, now| waiting(service, pulse, now, english());
        let well = pulse(0, vec![of(10)], vec![], vec![of(14)], 9);
        assert!(waiting("learning", &well, now).is_empty());
        let ill = pulse(30, vec![of(90)], vec![of(1)], vec![of(16)], 10);
        let findings = waiting("learning", &ill, now);
        let levels: Vec<Level> = findings.iter().map(|finding| finding.level).collect();
        assert_eq!(levels[..4], [Level::Warning; 4]);
        assert_eq!(levels[4..], [Level::Failed]);
        assert!(findings.iter().all(|finding| finding.remedy.is_some()));
    }

    #[test]
    fn what_nobody_takes_any_more_is_told_once_and_with_what_to_do() {
        let orphan = |ready, waiting| Orphan {
            name: "learning.copy-course".to_owned(),
            ready,
            silence: None,
            waiting,
        };
        assert!(left(&orphan(None, 0), english()).is_none(), "nobody knows of anything");
        for orphan in [orphan(Some(0), 0), orphan(Some(12), 0), orphan(None, 3)] {
            let finding = left(&orphan, english());
            let remedy = finding.and_then(|finding| finding.remedy).unwrap_or_default();
            assert!(remedy.contains("queues --forget learning.copy-course"), "{remedy}");
        }
        let of = || WaitingOf { name: "learning.copy-course".to_owned(), count: 3, oldest: None };
        let failing = FailingOf { name: "learning.copy-course".to_owned(), count: 3, attempts: 90 };
        let pulse = Pulse {
            outbox: Waiting { count: 0, oldest: None },
            retries: vec![of()],
            attempts: 0,
            dead: Vec::new(),
            jobs: vec![of()],
            failing: vec![failing],
        };
        let pulse = without(pulse, &[orphan(Some(0), 3)]);
        assert!(pulse.retries.is_empty() && pulse.jobs.is_empty() && pulse.failing.is_empty());
    }

    #[test]
    fn the_last_whole_comparison_counts() {
        let now = Utc::now();
        let comparison = |hours: i64, is_whole, missing| Comparison {
            kind: "catalog.courses".to_owned(),
            run: uuid::Uuid::nil(),
            began_at: now - TimeDelta::hours(hours),
            heard_at: now - TimeDelta::hours(hours),
            pages: 1,
            pages_in_all: i64::from(is_whole),
            compared: 40,
            missing,
            older: 0,
            differing: 0,
            newer: 0,
            surplus: 0,
        };
        let drift = |comparisons: &[Comparison]| drift("learning", comparisons, now, english());
        assert!(drift(&[]).is_empty());
        assert!(drift(&[comparison(1, true, 0), comparison(7, true, 3)]).is_empty(), "mended");
        let findings = drift(&[comparison(1, false, 0), comparison(7, true, 3)]);
        let [finding] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!(finding.level, Level::Warning);
        assert!(finding.what.contains("3 of 40"), "{}", finding.what);
    }
}
