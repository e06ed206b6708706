//! `estrade queues`: what waits in each queue and for each effect, since when, how fast it goes, and
//! what is dead.

use bus::Backlog;

use crate::{
    Verdict,
    cli::{OutputOptions, ServiceName},
    config::Config,
    operations::{QueueView, QueuesView},
    platform::Platform,
};

pub(crate) async fn run(config: Config, options: &OutputOptions) -> anyhow::Result<Verdict> {
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let services = backlogs(&platform).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&services)?);
    } else {
        print_queues(&services);
        print_jobs(&services);
    }
    platform.close().await;
    Ok(Verdict::Well)
}

/// What waits in the open services.
async fn backlogs(platform: &Platform) -> anyhow::Result<Vec<QueuesView>> {
    let mut services = Vec::new();
    for member in &platform.members {
        let backlog = Backlog::of(&member.service, &member.db, platform.transport.as_ref()).await?;
        services.push(QueuesView::of(member.service.name(), backlog));
    }
    Ok(services)
}

/// All queues of the open services.
pub(crate) async fn lines(platform: &Platform) -> anyhow::Result<Vec<QueueView>> {
    let services = backlogs(platform).await?;
    Ok(services.into_iter().flat_map(|service| service.queues).collect())
}

fn print_queues(services: &[QueuesView]) {
    println!(
        "{:<34} {:>8} {:>8} {:>9} {:>9} {:>9} {:>6} {:>7}",
        "queue", "ready", "in hand", "oldest", "rate", "retrying", "dead", "since"
    );
    for queue in services.iter().flat_map(|service| &service.queues) {
        let in_hand = queue.unsettled.map_or("?".to_owned(), |count| count.to_string());
        let oldest = match (queue.oldest_is, queue.oldest_seconds) {
            ("exact", Some(seconds)) => age(seconds),
            ("estimate", Some(seconds)) => format!("~{}", age(seconds)),
            ("unknown", _) => "unknown".to_owned(),
            _ => "-".to_owned(),
        };
        let since = queue.dead_oldest_seconds.map_or("-".to_owned(), age);
        println!(
            "{:<34} {:>8} {:>8} {:>9} {:>9} {:>9} {:>6} {:>7}",
            queue.queue,
            queue.ready,
            in_hand,
            oldest,
            format!("{}/s", rounded(queue.per_second)),
            queue.retrying,
            queue.dead,
            since
        );
    }
}

fn print_jobs(services: &[QueuesView]) {
    println!("\n{:<34} {:>8} {:>9} {:>6} {:>7}", "effect", "waiting", "oldest", "dead", "since");
    for job in services.iter().flat_map(|service| &service.jobs) {
        println!(
            "{:<34} {:>8} {:>9} {:>6} {:>7}",
            job.effect,
            job.waiting,
            job.oldest_seconds.map_or("-".to_owned(), age),
            job.dead,
            job.dead_oldest_seconds.map_or("-".to_owned(), age)
        );
    }
}

fn rounded(rate: f64) -> String {
    if rate >= 10.0 || rate == 0.0 { format!("{rate:.0}") } else { format!("{rate:.1}") }
}

/// `40 s`, `12 min`, `3 h`, `8 d`.
fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let ages = [0, 119, 120, 7_200, 172_800].map(age);
        assert_eq!(ages, ["0 s", "119 s", "2 min", "2 h", "2 d"]);
    }
}
