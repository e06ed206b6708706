//! `estrade queues`: what waits in each queue and for each effect, since when, how fast it goes, what is
//! dead, and what went astray. What cannot be known is shown as such, and hides nothing else. It declares no
//! queue: one that somebody deleted, or made otherwise, is to be seen.

use std::collections::BTreeSet;

use bus::{
    Backlog,
    transport::{Inspection, Queue},
};
use futures::future::join_all;

use crate::{
    Verdict,
    cli::{OutputOptions, ServiceName},
    config::Config,
    operations::{QueueView, QueuesView},
    platform::{self, Platform},
};

pub(crate) async fn run(config: Config, options: &OutputOptions) -> anyhow::Result<Verdict> {
    platform::find_database(&config).await?;
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let looked = tokio::join!(backlogs(&platform), astray(&platform), amiss(&platform));
    let meanings = platform.transport.kept_queues();
    platform.close().await;
    let (mut services, astray, amiss) = (looked.0?, looked.1, looked.2);
    let queues = services.iter().flat_map(|service| &service.queues).chain(&astray);
    let causes = causes(queues, amiss);
    if options.json {
        // Their names begin as a service's would.
        services.push(QueuesView { service: "estrade", queues: astray, jobs: Vec::new() });
        println!("{}", serde_json::to_string_pretty(&services)?);
    } else {
        print_queues(&services);
        print_jobs(&services);
        print_astray(&astray, meanings);
    }
    causes.iter().for_each(|cause| eprintln!("estrade: {cause}"));
    Ok(if causes.is_empty() { Verdict::Well } else { Verdict::Wrong })
}

/// What waits in the open services.
async fn backlogs(platform: &Platform) -> anyhow::Result<Vec<QueuesView>> {
    let (transport, outboxes) =
        (platform.transport.as_ref(), platform::outboxes(&platform.members));
    let services: Vec<_> = platform.members.iter().map(|it| (&it.service, &it.db)).collect();
    let backlogs = Backlog::of_all(&services, transport, &outboxes).await?;
    let views = platform.members.iter().zip(backlogs);
    Ok(views.map(|(member, backlog)| QueuesView::of(member.name.name(), backlog)).collect())
}

/// What went astray and is kept at the transport.
async fn astray(platform: &Platform) -> Vec<QueueView> {
    let kept = platform.transport.kept_queues().iter().map(|(name, _)| *name);
    let kept: Vec<&str> = kept.collect();
    let depths = platform.transport.depths(&kept).await;
    kept.into_iter().zip(depths).map(|(name, depth)| QueueView::astray(name, depth)).collect()
}

/// Queues that are not as the code declares them.
#[derive(Default)]
struct Amiss {
    missing: Vec<String>,
    /// Each with what is different.
    different: Vec<String>,
}

async fn amiss(platform: &Platform) -> Amiss {
    let queues = platform.members.iter().flat_map(|member| member.service.queues());
    let queues: Vec<Queue> = queues.collect();
    let found = join_all(queues.iter().map(|queue| platform.transport.inspect(queue))).await;
    let mut amiss = Amiss::default();
    for (queue, found) in queues.into_iter().zip(found) {
        match found {
            Ok(Inspection::Missing) => amiss.missing.push(queue.name),
            Ok(Inspection::Wrong(text)) => amiss.different.push(format!("{}: {text}", queue.name)),
            // Of what gives no answer it is told with its depth.
            Ok(Inspection::Right | Inspection::RightButForBindings) | Err(_) => {}
        }
    }
    amiss
}

/// Why something is not known, or not as it should be, each cause once.
fn causes<'a>(queues: impl Iterator<Item = &'a QueueView>, amiss: Amiss) -> BTreeSet<String> {
    let silent = queues.filter(|queue| !amiss.missing.contains(&queue.queue));
    let mut causes: BTreeSet<String> = silent.filter_map(|queue| queue.silence.clone()).collect();
    if !amiss.missing.is_empty() {
        let missing = amiss.missing.join(", ");
        causes.insert(format!("not there: {missing}; start `estrade serve`: it declares them"));
    }
    causes.extend(amiss.different);
    causes
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
        let in_hand = match queue.unsettled {
            // A broker that answers, and does not count this.
            None if queue.ready.is_some() => "-".to_owned(),
            unsettled => known(unsettled),
        };
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
            known(queue.ready),
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
    println!(
        "\n{:<34} {:>8} {:>9} {:>9} {:>6} {:>7}",
        "effect", "waiting", "oldest", "retrying", "dead", "since"
    );
    for job in services.iter().flat_map(|service| &service.jobs) {
        println!(
            "{:<34} {:>8} {:>9} {:>9} {:>6} {:>7}",
            job.effect,
            job.waiting,
            job.oldest_seconds.map_or("-".to_owned(), age),
            job.retrying,
            job.dead,
            job.dead_oldest_seconds.map_or("-".to_owned(), age)
        );
    }
}

fn print_astray(astray: &[QueueView], meanings: &[(&str, &str)]) {
    println!("\n{:<34} {:>8}", "astray", "kept");
    for (queue, (_, meaning)) in astray.iter().zip(meanings) {
        println!("{:<34} {:>8}  {meaning}", queue.queue, known(queue.ready));
    }
}

fn known(count: Option<u64>) -> String {
    count.map_or("?".to_owned(), |count| count.to_string())
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
