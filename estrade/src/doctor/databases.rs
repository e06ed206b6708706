//! The databases: there, up to date, in time; and what waits in them.

use bus::{Clock, Db, Pulse, Schema, Service, Survey, WaitingOf};
use chrono::{DateTime, TimeDelta, Utc};

use ui::{Argument, Text};

use super::Finding;
use crate::{config::Config, platform};

const PART: &str = "database";
/// Leases of replicas are compared by their clocks.
const CLOCK_WARNING: TimeDelta = TimeDelta::seconds(1);
const CLOCK_FAILURE: TimeDelta = TimeDelta::seconds(5);
const LONG_UNSENT: TimeDelta = TimeDelta::minutes(5);
const LONG_RETRIED: TimeDelta = TimeDelta::hours(1);

pub(super) async fn look(config: &Config, services: &[Service], t: Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut clock = None;
    for service in services {
        let location = platform::location(config, service.name());
        match Survey::of(&location, service.name(), service.migrations()).await {
            Ok(survey) => {
                findings.push(schema(service.name(), &survey, t));
                clock = clock.or(survey.clock_ahead);
                if matches!(survey.schema, Schema::Complete(_)) {
                    findings.extend(contents(config, service, t).await);
                }
            }
            Err(error) => {
                findings.push(Finding::failed(
                    PART,
                    format!("{}: {error}", service.name()),
                    t.get("doctor-database-remedy"),
                ));
                if config.database.is_some() {
                    // The others are in the same place.
                    break;
                }
            }
        }
    }
    findings.push(clocks(clock, t));
    findings
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

async fn contents(config: &Config, service: &Service, t: Text) -> Vec<Finding> {
    let location = platform::location(config, service.name());
    let opened = Db::open(&location, service.name(), service.migrations(), Clock::System).await;
    let pulse = match &opened {
        Ok(db) => Pulse::of(db).await,
        Err(error) => return vec![unreadable(service.name(), error, t)],
    };
    if let Ok(db) = &opened {
        db.close().await;
    }
    match pulse {
        Ok(pulse) => waiting(service.name(), &pulse, Utc::now(), t),
        Err(error) => vec![unreadable(service.name(), &error, t)],
    }
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
    let since = |oldest: Option<DateTime<Utc>>| oldest.map_or(TimeDelta::zero(), |then| now - then);
    let mut findings = Vec::new();
    if since(pulse.outbox.oldest) > LONG_UNSENT {
        findings.push(Finding::warning(
            "outbox",
            t.with(
                "doctor-outbox",
                counted(service, pulse.outbox.count, long(since(pulse.outbox.oldest), t)),
            ),
            t.with("doctor-outbox-remedy", [("service", service.into())]),
        ));
    }
    for WaitingOf { name, count, oldest } in &pulse.retries {
        if since(*oldest) > LONG_RETRIED {
            findings.push(Finding::warning(
                "retries",
                t.with("doctor-retries", counted(name, *count, long(since(*oldest), t))),
                t.get("doctor-retries-remedy"),
            ));
        }
    }
    for WaitingOf { name, count, oldest } in &pulse.dead {
        findings.push(Finding::failed(
            "dead",
            t.with("doctor-dead", counted(name, *count, long(since(*oldest), t))),
            t.get("doctor-dead-remedy"),
        ));
    }
    findings
}

/// Of what, how many, and how old the oldest is.
fn counted(name: &str, count: i64, age: String) -> [(&'static str, Argument<'_>); 3] {
    [("name", name.into()), ("count", count.into()), ("age", age.into())]
}

fn long(time: TimeDelta, t: Text) -> String {
    let (key, count) = match time {
        time if time.num_days() > 1 => ("doctor-days", time.num_days()),
        time if time.num_hours() > 1 => ("doctor-hours", time.num_hours()),
        time => ("doctor-minutes", time.num_minutes()),
    };
    t.with(key, [("count", count.into())])
}

#[cfg(test)]
mod tests {
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
        let pulse = |minutes, retries, dead| Pulse {
            outbox: Waiting { count: 7, oldest: Some(now - TimeDelta::minutes(minutes)) },
            retries,
            dead,
            jobs: Vec::new(),
        };
        let waiting = |service, pulse: &Pulse, now| waiting(service, pulse, now, english());
        assert!(waiting("learning", &pulse(0, vec![of(10)], vec![]), now).is_empty());
        let findings = waiting("learning", &pulse(30, vec![of(90)], vec![of(1)]), now);
        let levels: Vec<Level> = findings.iter().map(|finding| finding.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Warning, Level::Failed]);
        assert!(findings.iter().all(|finding| finding.remedy.is_some()));
    }
}
