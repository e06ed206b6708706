//! `estrade queues`: what waits in each queue, what each handler holds, and what is dead.

use bus::{Ledger, Transport};
use serde::Serialize;

use crate::{
    Verdict,
    cli::{OutputOptions, ServiceName},
    config::Config,
    platform::{Member, Platform},
};

/// One queue, as an operator sees it.
#[derive(Serialize, Clone, Debug)]
pub(crate) struct QueueLine {
    pub(crate) queue: String,
    pub(crate) service: &'static str,
    /// Waiting at the transport.
    pub(crate) ready: u64,
    /// Handed out and not settled; absent where the transport cannot tell.
    pub(crate) unsettled: Option<u64>,
    /// Seconds since the oldest was sent.
    pub(crate) oldest_seconds: Option<i64>,
    /// Taken in all.
    pub(crate) taken: i64,
    /// Waiting to be tried again.
    pub(crate) retrying: i64,
    pub(crate) dead: i64,
}

pub(crate) async fn run(config: Config, options: &OutputOptions) -> anyhow::Result<Verdict> {
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let lines = lines(&platform).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else {
        print(&lines);
    }
    platform.close().await;
    Ok(Verdict::Well)
}

/// All queues of the open services.
pub(crate) async fn lines(platform: &Platform) -> anyhow::Result<Vec<QueueLine>> {
    let mut lines = Vec::new();
    for member in &platform.members {
        lines.extend(lines_of(member, platform.transport.as_ref()).await?);
    }
    Ok(lines)
}

async fn lines_of(member: &Member, transport: &dyn Transport) -> anyhow::Result<Vec<QueueLine>> {
    let ledger = Ledger::of(&member.db).await?;
    let mut lines = Vec::new();
    for queue in member.service.queues() {
        let depth = transport.depth(&queue.name).await?;
        let own = || ledger.handlers.iter().filter(|line| line.handler == queue.name);
        lines.push(QueueLine {
            service: member.service.name(),
            ready: depth.ready,
            unsettled: depth.unsettled,
            oldest_seconds: depth.oldest.map(|oldest| (member.db.now() - oldest).num_seconds()),
            taken: own().map(|line| line.taken).sum(),
            retrying: own().map(|line| line.held).sum(),
            dead: own().map(|line| line.dead).sum(),
            queue: queue.name,
        });
    }
    Ok(lines)
}

fn print(lines: &[QueueLine]) {
    println!(
        "{:<34} {:>8} {:>9} {:>8} {:>9} {:>9} {:>6}",
        "queue", "ready", "in hand", "oldest", "taken", "retrying", "dead"
    );
    for line in lines {
        let in_hand = line.unsettled.map_or("?".to_owned(), |count| count.to_string());
        let oldest = line.oldest_seconds.map_or("-".to_owned(), |seconds| format!("{seconds} s"));
        println!(
            "{:<34} {:>8} {:>9} {:>8} {:>9} {:>9} {:>6}",
            line.queue, line.ready, in_hand, oldest, line.taken, line.retrying, line.dead
        );
    }
}
