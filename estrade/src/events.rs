//! `estrade events`: every event that crosses a border, its owner, and the queues that hear it.

use bus::{Files, transport::Queue};
use ui::{SealingKey, Ui};

use crate::{Verdict, config::Config, platform};

pub(crate) fn print(config: &Config) -> anyhow::Result<Verdict> {
    let queues = queues(config)?;
    for described in contract::ALL {
        println!("{}", described.event_type);
        for queue in queues.iter().filter(|queue| hears(queue, described.event_type)) {
            println!("    → {}", queue.name);
        }
    }
    Ok(Verdict::Well)
}

/// The queues of all services; nothing is opened for it but a folder that is thrown away.
fn queues(config: &Config) -> anyhow::Result<Vec<Queue>> {
    let folder = std::env::temp_dir().join(format!("estrade-events-{}", uuid::Uuid::new_v4()));
    let files = Files::folder(&folder)?;
    let ui = Ui::new(SealingKey::new(&[0; 32]), &config.base_url());
    let services = platform::services(config, &files, &ui);
    std::fs::remove_dir_all(&folder)?;
    Ok(services?.into_iter().flat_map(|(_, service)| service.queues()).collect())
}

fn hears(queue: &Queue, event_type: &str) -> bool {
    queue.types.iter().any(|bound| bound == event_type || bound == Queue::EVERYTHING)
}
