//! The transport, and its queues against what the code declares.

use std::sync::Arc;

use bus::{
    Service, Transport,
    transport::{Inspection, Queue, TransportError},
};

use super::Finding;
use crate::{config::Config, platform};

const PART: &str = "transport";
const QUEUE: &str = "queue";
/// The oldest that the tests have seen.
const OLDEST_RABBITMQ: (u32, u32) = (3, 10);

pub(super) async fn look(config: &Config, services: &[Service]) -> Vec<Finding> {
    if config.broker.is_none() && !config.queue_file().exists() {
        let text = "the embedded queue is not there yet: the first `estrade serve` makes it";
        return vec![Finding::well(PART, text)];
    }
    let transport = match platform::connect(config).await {
        Ok(transport) => transport,
        Err(error) => return vec![unreachable(&format!("{error:#}"))],
    };
    let mut findings = Vec::new();
    match transport.check().await {
        Err(error) => findings.push(unreachable(&error.to_string())),
        Ok(condition) => {
            findings.push(version(&transport.describe(), condition.version.as_deref()));
            findings.extend(condition.blocked.map(|cause| {
                Finding::failed(
                    PART,
                    cause,
                    "make room there; until then events wait in the outboxes",
                )
            }));
            findings.extend(queues(&transport, services).await);
            findings.extend(kept(&transport).await);
        }
    }
    transport.close().await;
    findings
}

fn unreachable(cause: &str) -> Finding {
    let remedy = "check --broker and that RabbitMQ is up; until then events wait in the outboxes";
    Finding::failed(PART, cause, remedy)
}

fn version(place: &str, version: Option<&str>) -> Finding {
    let Some(version) = version else {
        return Finding::well(PART, format!("{place} answers"));
    };
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let known = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let text = format!("{place} answers, version {version}");
    if known < OLDEST_RABBITMQ {
        return Finding::failed(
            PART,
            text,
            "use RabbitMQ 3.10 or later: older ones lack what is relied on",
        );
    }
    Finding::well(PART, text)
}

async fn queues(transport: &Arc<dyn Transport>, services: &[Service]) -> Vec<Finding> {
    let mut wrong = Vec::new();
    let (mut right, mut missing, mut blind) = (0, Vec::new(), false);
    for queue in services.iter().flat_map(Service::queues) {
        match transport.inspect(&queue).await {
            Ok(Inspection::Right) => right += 1,
            Ok(Inspection::RightButForBindings) => {
                right += 1;
                blind = true;
            }
            Ok(Inspection::Missing) => missing.push(queue.name),
            Ok(Inspection::Wrong(text)) => wrong.push(different(&queue, &text)),
            Err(error) => wrong.push(silent(&queue, &error)),
        }
    }
    let mut findings = vec![Finding::well(QUEUE, format!("{right} queues as declared"))];
    findings.extend(absent(right, &missing));
    findings.extend(wrong);
    if blind {
        findings.push(Finding::well(
            QUEUE,
            "AMQP cannot list bindings: each start binds again what is declared; for strangers' \
             bindings see `rabbitmqctl list_bindings`",
        ));
    }
    findings
}

fn absent(right: usize, missing: &[String]) -> Option<Finding> {
    if missing.is_empty() {
        return None;
    }
    let remedy = "start `estrade serve`: it declares them; what is published before is unroutable";
    let text = format!("not there: {}", missing.join(", "));
    Some(if right == 0 {
        Finding::warning(QUEUE, format!("none of {} queues is there", missing.len()), remedy)
    } else {
        Finding::failed(QUEUE, text, remedy)
    })
}

fn different(queue: &Queue, text: &str) -> Finding {
    Finding::failed(
        QUEUE,
        format!("{}: {text}", queue.name),
        "stop the services, see that the queue is empty, delete it, and start them again",
    )
}

fn silent(queue: &Queue, error: &TransportError) -> Finding {
    Finding::failed(
        QUEUE,
        format!("{}: {error}", queue.name),
        "see that most nodes of the cluster are up; events for it wait in the outboxes",
    )
}

/// What went astray and was kept.
async fn kept(transport: &Arc<dyn Transport>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, meaning) in transport.kept_queues() {
        match transport.depth(name).await {
            Ok(depth) if depth.ready > 0 => findings.push(Finding::warning(
                QUEUE,
                format!("{name} keeps {}: {meaning}", depth.ready),
                "see which with the broker's own tools; `estrade resend` tells a follower anew",
            )),
            Ok(_) => findings.push(Finding::well(QUEUE, format!("{name} is empty"))),
            Err(error) => findings.push(Finding::warning(
                QUEUE,
                format!("{name}: {error}"),
                "start `estrade serve`: it declares it",
            )),
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn an_old_broker_is_refused() {
        assert_eq!(version("RabbitMQ", Some("3.9.29")).level, Level::Failed);
        assert_eq!(version("RabbitMQ", Some("3.10.8")).level, Level::Ok);
        assert_eq!(version("RabbitMQ", Some("4.1.0")).level, Level::Ok);
        assert_eq!(version("RabbitMQ", Some("nonsense")).level, Level::Failed);
        assert_eq!(version("queue.db", None).level, Level::Ok);
    }

    #[test]
    fn one_queue_missing_is_worse_than_all() {
        let missing = ["learning.copy-course".to_owned()];
        assert_eq!(absent(0, &missing).map(|it| it.level), Some(Level::Warning));
        assert_eq!(absent(16, &missing).map(|it| it.level), Some(Level::Failed));
        assert!(absent(17, &[]).is_none());
    }
}
