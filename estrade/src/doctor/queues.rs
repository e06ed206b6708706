//! The transport, and its queues against what the code declares.

use std::sync::Arc;

use bus::{
    Service, Transport,
    transport::{Depth, Inspection, Queue, TransportError},
};
use chrono::{DateTime, TimeDelta, Utc};
use ui::Text;

use super::{Finding, databases::long};
use crate::{config::Config, platform};

const PART: &str = "transport";
const QUEUE: &str = "queue";
/// The oldest that the tests have seen.
const OLDEST_RABBITMQ: (u32, u32) = (3, 10);
/// An event is taken at once where somebody takes.
const LONG_WAITING: TimeDelta = TimeDelta::minutes(15);

/// What there is of a transport, or why it cannot be had.
pub(super) type Opened = anyhow::Result<Option<Arc<dyn Transport>>>;

/// Nothing where the first start has still to make it.
pub(super) async fn open(config: &Config) -> Opened {
    if config.broker.is_none() && !config.queue_file().exists() {
        return Ok(None);
    }
    platform::transport(config).await.map(Some)
}

pub(super) async fn look(
    opened: &Opened,
    own: Option<&dyn Transport>,
    services: &[Service],
    t: Text,
) -> Vec<Finding> {
    let transport = match opened {
        Ok(Some(transport)) => transport,
        Ok(None) => return vec![Finding::well(PART, t.get("doctor-queue-absent"))],
        Err(error) => return vec![unreachable(&format!("{error:#}"), t)],
    };
    let mut findings = Vec::new();
    match own.unwrap_or(transport.as_ref()).check().await {
        Err(error) => findings.push(unreachable(&error.to_string(), t)),
        Ok(condition) => {
            findings.push(version(&transport.describe(), condition.version.as_deref(), t));
            findings.extend(
                condition
                    .blocked
                    .map(|cause| Finding::failed(PART, cause, t.get("doctor-blocked-remedy"))),
            );
            findings.extend(queues(transport, services, t).await);
            findings.extend(held_up(transport, services, t).await);
            findings.extend(kept(transport, t).await);
        }
    }
    findings
}

fn unreachable(cause: &str, t: Text) -> Finding {
    Finding::failed(PART, cause, t.get("doctor-unreachable-remedy"))
}

fn version(place: &str, version: Option<&str>, t: Text) -> Finding {
    let Some(version) = version else {
        return Finding::well(PART, t.with("doctor-answers", [("place", place.into())]));
    };
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let known = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let named = [("place", place.into()), ("version", version.into())];
    let text = t.with("doctor-answers-version", named);
    if known < OLDEST_RABBITMQ {
        return Finding::failed(PART, text, t.get("doctor-version-remedy"));
    }
    Finding::well(PART, text)
}

async fn queues(transport: &Arc<dyn Transport>, services: &[Service], t: Text) -> Vec<Finding> {
    let declared: Vec<Queue> = services.iter().flat_map(Service::queues).collect();
    let inspected = transport.inspect(&declared).await;
    let mut wrong = Vec::new();
    let (mut right, mut missing, mut blind) = (0, Vec::new(), None);
    for (queue, inspection) in declared.into_iter().zip(inspected) {
        match inspection {
            Ok(Inspection::Right) => right += 1,
            Ok(Inspection::RightButForBindings(cause)) => {
                right += 1;
                blind = Some(cause);
            }
            Ok(Inspection::Missing) => missing.push(queue.name),
            Ok(Inspection::BoundOtherwise(text)) => {
                wrong.push(different(&queue, &text, t.get("doctor-queue-bound-remedy")));
            }
            Ok(Inspection::Wrong(text)) => {
                wrong.push(different(&queue, &text, t.get("doctor-queue-different-remedy")));
            }
            Err(error) => wrong.push(silent(&queue, &error, t)),
        }
    }
    let mut findings =
        vec![Finding::well(QUEUE, t.with("doctor-queues", [("count", right.into())]))];
    findings.extend(absent(right, &missing, t));
    findings.extend(wrong);
    findings.extend(blind.map(|cause| unlisted(cause, t)));
    findings
}

fn unlisted(cause: Option<String>, t: Text) -> Finding {
    let text = match cause {
        Some(cause) => t.with("doctor-bindings-cause", [("cause", cause.into())]),
        None => t.get("doctor-bindings"),
    };
    Finding::warning(QUEUE, text, t.get("doctor-bindings-remedy"))
}

fn absent(right: usize, missing: &[String], t: Text) -> Option<Finding> {
    if missing.is_empty() {
        return None;
    }
    let remedy = t.get("doctor-queues-remedy");
    Some(if right == 0 {
        let text = t.with("doctor-queues-none", [("count", missing.len().into())]);
        Finding::warning(QUEUE, text, remedy)
    } else {
        let text = t.with("doctor-queues-missing", [("queues", missing.join(", ").into())]);
        Finding::failed(QUEUE, text, remedy)
    })
}

fn different(queue: &Queue, text: &str, remedy: String) -> Finding {
    Finding::failed(QUEUE, format!("{}: {text}", queue.name), remedy)
}

fn silent(queue: &Queue, error: &TransportError, t: Text) -> Finding {
    Finding::failed(QUEUE, format!("{}: {error}", queue.name), t.get("doctor-queue-silent-remedy"))
}

/// Queues in which something waits that nobody takes. Of those that do not answer, it was said already.
async fn held_up(transport: &Arc<dyn Transport>, services: &[Service], t: Text) -> Vec<Finding> {
    let queues: Vec<Queue> = services.iter().flat_map(Service::queues).collect();
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    let depths = transport.depths(&names).await;
    let told = names.into_iter().zip(depths);
    told.filter_map(|(queue, depth)| untaken(queue, depth.ok()?, Utc::now(), t)).collect()
}

fn untaken(queue: &str, depth: Depth, now: DateTime<Utc>, t: Text) -> Option<Finding> {
    let age = depth.oldest.map_or(TimeDelta::zero(), |oldest| now - oldest);
    let mut named = vec![("queue", queue.into()), ("count", depth.ready.into())];
    let text = match depth {
        Depth { ready: 0, .. } => return None,
        Depth { consumers: Some(0), .. } => t.with("doctor-untaken", named),
        _ if age > LONG_WAITING => {
            named.push(("age", long(age, t).into()));
            t.with("doctor-waits-long", named)
        }
        _ => return None,
    };
    let service = event::owner(queue).into();
    Some(Finding::warning(QUEUE, text, t.with("doctor-untaken-remedy", [("service", service)])))
}

/// What went astray and was kept.
async fn kept(transport: &Arc<dyn Transport>, t: Text) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, meaning) in transport.kept_queues() {
        match transport.depth(name).await {
            Ok(depth) if depth.ready > 0 => findings.push(Finding::warning(
                QUEUE,
                t.with(
                    "doctor-kept",
                    [
                        ("queue", (*name).into()),
                        ("count", depth.ready.into()),
                        ("meaning", (*meaning).into()),
                    ],
                ),
                t.get("doctor-kept-remedy"),
            )),
            Ok(_) => findings
                .push(Finding::well(QUEUE, t.with("doctor-empty", [("queue", (*name).into())]))),
            Err(error) => findings.push(Finding::warning(
                QUEUE,
                format!("{name}: {error}"),
                t.get("doctor-kept-absent-remedy"),
            )),
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;
    use crate::{TEXTS, doctor::Level};

    fn english() -> Text {
        Text::new(&TEXTS, Language::En)
    }

    #[test]
    fn an_old_broker_is_refused() {
        let version = |place, number| version(place, number, english());
        assert_eq!(version("RabbitMQ", Some("3.9.29")).level, Level::Failed);
        assert_eq!(version("RabbitMQ", Some("3.10.8")).level, Level::Ok);
        assert_eq!(version("RabbitMQ", Some("4.1.0")).level, Level::Ok);
        assert_eq!(version("RabbitMQ", Some("nonsense")).level, Level::Failed);
        assert_eq!(version("queue.db", None).level, Level::Ok);
    }

    #[test]
    fn one_queue_missing_is_worse_than_all() {
        let missing = ["learning.copy-course".to_owned()];
        let absent = |right, missing: &[String]| absent(right, missing, english());
        assert_eq!(absent(0, &missing).map(|it| it.level), Some(Level::Warning));
        assert_eq!(absent(16, &missing).map(|it| it.level), Some(Level::Failed));
        assert!(absent(17, &[]).is_none());
    }

    #[test]
    fn what_nobody_takes_is_told() {
        let now = Utc::now();
        let depth = |ready, consumers, minutes: Option<i64>| Depth {
            ready,
            consumers,
            oldest: minutes.map(|minutes| now - TimeDelta::minutes(minutes)),
            unsettled: None,
        };
        let told = |depth| untaken("learning.copy-course", depth, now, english());
        assert!(told(depth(0, Some(0), None)).is_none());
        assert!(told(depth(9, Some(1), None)).is_none());
        assert!(told(depth(9, None, Some(14))).is_none());
        for depth in [depth(9, Some(0), None), depth(9, None, Some(16))] {
            let finding = told(depth);
            let remedy = finding.and_then(|finding| finding.remedy).unwrap_or_default();
            assert!(remedy.contains("estrade serve learning"), "{depth:?}: {remedy}");
        }
    }
}
