//! The databases: there, up to date, in time; and what waits in them.

use bus::{Clock, Db, Pulse, Schema, Service, Survey, WaitingOf};
use chrono::{DateTime, TimeDelta, Utc};

use super::Finding;
use crate::{config::Config, platform};

const PART: &str = "database";
/// Leases of replicas are compared by their clocks.
const CLOCK_WARNING: TimeDelta = TimeDelta::seconds(1);
const CLOCK_FAILURE: TimeDelta = TimeDelta::seconds(5);
const LONG_UNSENT: TimeDelta = TimeDelta::minutes(5);
const LONG_RETRIED: TimeDelta = TimeDelta::hours(1);

pub(super) async fn look(config: &Config, services: &[Service]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut clock = None;
    for service in services {
        let location = platform::location(config, service.name());
        match Survey::of(&location, service.name(), service.migrations()).await {
            Ok(survey) => {
                findings.push(schema(service.name(), &survey));
                clock = clock.or(survey.clock_ahead);
                if matches!(survey.schema, Schema::Complete(_)) {
                    findings.extend(contents(config, service).await);
                }
            }
            Err(error) => {
                findings.push(Finding::failed(
                    PART,
                    format!("{}: {error}", service.name()),
                    "check --database, that PostgreSQL is up, and that the user may connect",
                ));
                if config.database.is_some() {
                    // The others are in the same place.
                    break;
                }
            }
        }
    }
    findings.push(clocks(clock));
    findings
}

fn schema(service: &str, survey: &Survey) -> Finding {
    let server = &survey.server;
    match &survey.schema {
        Schema::Complete(count) => Finding::well(
            PART,
            format!("{service}: {server}, {count} migrations applied, none missing"),
        ),
        Schema::Absent => Finding::well(
            PART,
            format!("{service}: {server}, empty: the first `estrade serve` makes it"),
        ),
        Schema::Behind(missing) => Finding::warning(
            PART,
            format!("{service}: not applied yet: {}", missing.join(", ")),
            "start `estrade serve` of this version: it applies them",
        ),
        Schema::Ahead(unknown) => Finding::failed(
            PART,
            format!("{service}: a newer version applied {}", unknown.join(", ")),
            "run that version, or restore the backup made before it",
        ),
    }
}

fn clocks(ahead: Option<TimeDelta>) -> Finding {
    const PART: &str = "clock";
    let Some(ahead) = ahead else {
        return Finding::well(PART, "one machine, one clock");
    };
    let off = ahead.abs().num_milliseconds();
    let text = format!("PostgreSQL's clock and this machine's differ by {off} ms");
    let remedy = "set both by NTP: leases and due times are compared by clocks";
    match ahead.abs() {
        off if off >= CLOCK_FAILURE => Finding::failed(PART, text, remedy),
        off if off >= CLOCK_WARNING => Finding::warning(PART, text, remedy),
        _ => Finding::well(PART, text),
    }
}

async fn contents(config: &Config, service: &Service) -> Vec<Finding> {
    let location = platform::location(config, service.name());
    let opened = Db::open(&location, service.name(), service.migrations(), Clock::System).await;
    let pulse = match &opened {
        Ok(db) => Pulse::of(db).await,
        Err(error) => return vec![unreadable(service.name(), error)],
    };
    if let Ok(db) = &opened {
        db.close().await;
    }
    match pulse {
        Ok(pulse) => waiting(service.name(), &pulse, Utc::now()),
        Err(error) => vec![unreadable(service.name(), &error)],
    }
}

fn unreadable(service: &str, error: &bus::Error) -> Finding {
    Finding::failed(
        PART,
        format!("{service}: cannot be read: {error}"),
        "check the disk, and restore the newest backup if the file is damaged",
    )
}

fn waiting(service: &str, pulse: &Pulse, now: DateTime<Utc>) -> Vec<Finding> {
    let since = |oldest: Option<DateTime<Utc>>| oldest.map_or(TimeDelta::zero(), |then| now - then);
    let mut findings = Vec::new();
    if since(pulse.outbox.oldest) > LONG_UNSENT {
        findings.push(Finding::warning(
            "outbox",
            format!(
                "{service}: {} events not sent, the oldest for {}",
                pulse.outbox.count,
                long(since(pulse.outbox.oldest))
            ),
            format!("see that `estrade serve {service}` runs and reaches the transport"),
        ));
    }
    for WaitingOf { name, count, oldest } in &pulse.retries {
        if since(*oldest) > LONG_RETRIED {
            findings.push(Finding::warning(
                "retries",
                format!("{name}: {count} events tried again, the oldest for {}", long(since(*oldest))),
                "look why with `estrade queues` and the log; what is tried too often becomes a dead letter",
            ));
        }
    }
    for WaitingOf { name, count, oldest } in &pulse.dead {
        findings.push(Finding::failed(
            "dead",
            format!("{name}: {count} dead letters, the oldest for {}", long(since(*oldest))),
            "look at them with `estrade dead list`, then replay or discard them",
        ));
    }
    findings
}

fn long(time: TimeDelta) -> String {
    match time {
        time if time.num_days() > 1 => format!("{} days", time.num_days()),
        time if time.num_hours() > 1 => format!("{} hours", time.num_hours()),
        time => format!("{} minutes", time.num_minutes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;
    use bus::Waiting;

    #[test]
    fn a_clock_that_is_off_is_told() {
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
        assert!(waiting("learning", &pulse(0, vec![of(10)], vec![]), now).is_empty());
        let findings = waiting("learning", &pulse(30, vec![of(90)], vec![of(1)]), now);
        let levels: Vec<Level> = findings.iter().map(|finding| finding.level).collect();
        assert_eq!(levels, [Level::Warning, Level::Warning, Level::Failed]);
        assert!(findings.iter().all(|finding| finding.remedy.is_some()));
    }
}
