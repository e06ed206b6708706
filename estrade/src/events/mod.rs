//! `estrade events`: every event that crosses a border, who publishes it and which queues hear it, for
//! a terminal, for people (`docs/events.md`) and for machines (`docs/asyncapi.json`, AsyncAPI 3.0).
//!
//! All of it is made from the registry of the contract and from what the services declare, so that it
//! cannot tell anything else than what runs. Nothing is opened for it.

mod asyncapi;
mod markdown;
mod schema;

use bus::{Files, transport::Queue};
use contract::Described;
use serde_json::Value;
use ui::{SealingKey, Ui};

use crate::{
    Verdict,
    cli::{EventsOptions, ServiceName},
    config::Config,
    platform,
};

pub(crate) fn print(config: &Config, options: &EventsOptions) -> anyhow::Result<Verdict> {
    let all = told(config)?;
    if options.asyncapi {
        println!("{}", serde_json::to_string_pretty(&asyncapi::document(&all)?)?);
    } else if options.markdown {
        print!("{}", markdown::document(&all)?);
    } else if options.json {
        println!("{}", serde_json::to_string_pretty(&listed(&all))?);
    } else {
        list(&all);
    }
    Ok(Verdict::Well)
}

/// An event with those who tell it and those who hear it.
struct Told {
    described: &'static Described,
    publishers: Vec<ServiceName>,
    /// The queues that hear it, in the order of the services.
    queues: Vec<Heard>,
}

/// A queue that hears an event.
#[derive(Clone)]
struct Heard {
    service: ServiceName,
    queue: String,
}

impl Told {
    fn event_type(&self) -> &'static str {
        self.described.event_type
    }

    /// The service whose name its name begins with.
    fn owner(&self) -> &'static str {
        self.event_type().split('.').next().unwrap_or_default()
    }

    fn sample(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(self.described.sample)?)
    }
}

fn told(config: &Config) -> anyhow::Result<Vec<Told>> {
    let services = services(config)?;
    let told = |described: &'static Described| Told {
        described,
        publishers: publishers(&services, described.event_type),
        queues: hearing(&services, described.event_type),
    };
    Ok(contract::ALL.iter().map(told).collect())
}

/// All services; nothing is opened for it but a folder that is thrown away.
pub(crate) fn services(config: &Config) -> anyhow::Result<Vec<(ServiceName, bus::Service)>> {
    let folder = std::env::temp_dir().join(format!("estrade-events-{}", uuid::Uuid::new_v4()));
    let files = Files::folder(&folder)?;
    let ui = Ui::new(SealingKey::new(&[0; 32]), &config.base_url());
    let services = platform::services(config, &files, &ui);
    std::fs::remove_dir_all(&folder)?;
    services
}

fn publishers(services: &[(ServiceName, bus::Service)], event_type: &str) -> Vec<ServiceName> {
    let publishes = |service: &bus::Service| service.published_types().contains(&event_type);
    services.iter().filter(|(_, service)| publishes(service)).map(|(name, _)| *name).collect()
}

fn hearing(services: &[(ServiceName, bus::Service)], event_type: &str) -> Vec<Heard> {
    let queues = services.iter().flat_map(|(name, service)| {
        service.queues().into_iter().map(|queue| (*name, queue)).collect::<Vec<_>>()
    });
    queues
        .filter(|(_, queue)| hears(queue, event_type))
        .map(|(service, queue)| Heard { service, queue: queue.name })
        .collect()
}

fn hears(queue: &Queue, event_type: &str) -> bool {
    queue.types.iter().any(|bound| bound == event_type || bound == Queue::EVERYTHING)
}

fn list(all: &[Told]) {
    for told in all {
        println!("{}", told.event_type());
        for heard in &told.queues {
            println!("    → {}", heard.queue);
        }
    }
}

fn listed(all: &[Told]) -> Value {
    all.iter()
        .map(|told| {
            let publishers: Vec<&str> = told.publishers.iter().map(|name| name.name()).collect();
            let queues: Vec<&str> = told.queues.iter().map(|heard| heard.queue.as_str()).collect();
            serde_json::json!({
                "type": told.event_type(), "published_by": publishers, "heard_by": queues,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What only its own service hears is promised too: it waits in queues while a release is replaced.
    #[test]
    fn whatever_a_service_declares_is_promised() {
        for (name, service) in &services(&Config::default()).unwrap() {
            for event_type in declared(service) {
                let is_promised = is_among(contract::ALL, &event_type);
                let is_own = is_among(contract::OWN, &event_type);
                let whose = name.name();
                assert!(
                    is_promised || is_own,
                    "{event_type} of {whose} is neither in contract::ALL nor in contract::OWN"
                );
                assert!(
                    !is_own || event::owner(&event_type) == whose,
                    "{event_type} is not for {whose}"
                );
            }
        }
    }

    /// The event types that a service says it publishes, or hears by name.
    fn declared(service: &bus::Service) -> Vec<String> {
        let published = service.published_types().iter().map(|it| (*it).to_owned());
        let heard = service.queues().into_iter().flat_map(|queue| queue.types);
        published.chain(heard).filter(|it| it != Queue::EVERYTHING).collect()
    }

    fn is_among(promised: &[Described], event_type: &str) -> bool {
        promised.iter().any(|it| it.event_type == event_type)
    }

    #[test]
    fn each_has_its_publisher_and_what_is_for_oneself_is_heard() {
        for told in told(&Config::default()).unwrap() {
            let owns = told.publishers.iter().any(|name| name.name() == told.owner());
            assert!(owns, "{} is not among what {} publishes", told.event_type(), told.owner());
        }
        let services = services(&Config::default()).unwrap();
        for own in contract::OWN {
            let owner = event::owner(own.event_type);
            let heard = hearing(&services, own.event_type);
            let is_heard = heard.iter().any(|it| it.service.name() == owner);
            assert!(is_heard, "{owner} does not hear its own {}", own.event_type);
        }
    }
}
