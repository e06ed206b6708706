//! `estrade queues`: what waits in each queue and for each effect, since when, how fast it goes, what is
//! dead, and what went astray. What cannot be known is shown as such, and hides nothing else.

use std::collections::BTreeSet;

use bus::Backlog;
use futures::future::try_join_all;

use crate::{
    Verdict,
    cli::{OutputOptions, ServiceName},
    config::Config,
    operations::{QueueView, QueuesView},
    platform::{self, Platform},
};

pub(crate) async fn run(config: Config, options: &OutputOptions) -> anyhow::Result<Verdict> {
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    // Most of what is shown comes from the databases, and is shown without the transport too.
    let _ = platform.declare().await;
    let looked = tokio::join!(explained(&platform), astray(&platform));
    let meanings = platform.transport.kept_queues();
    platform.close().await;
    let (mut services, astray) = (looked.0?, looked.1);
    let silent = silent(services.iter().flat_map(|service| &service.queues).chain(&astray));
    if options.json {
        // Their names begin as a service's would.
        services.push(QueuesView { service: "estrade", queues: astray, jobs: Vec::new() });
        println!("{}", serde_json::to_string_pretty(&services)?);
    } else {
        print_queues(&services);
        print_jobs(&services);
        print_retries(&services);
        print_astray(&astray, meanings);
    }
    silent.iter().for_each(|cause| eprintln!("estrade: {cause}"));
    Ok(if silent.is_empty() { Verdict::Well } else { Verdict::Wrong })
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

/// With why something is tried again.
async fn explained(platform: &Platform) -> anyhow::Result<Vec<QueuesView>> {
    let views = platform.members.iter().zip(backlogs(platform).await?);
    let views = views.map(|(member, view)| view.with_retries(&member.db));
    Ok(try_join_all(views).await?)
}

/// What went astray and is kept at the transport.
async fn astray(platform: &Platform) -> Vec<QueueView> {
    let kept = platform.transport.kept_queues().iter().map(|(name, _)| *name);
    let kept: Vec<&str> = kept.collect();
    let depths = platform.transport.depths(&kept).await;
    kept.into_iter().zip(depths).map(|(name, depth)| QueueView::astray(name, depth)).collect()
}

/// Why something is not known, each cause once.
fn silent<'a>(queues: impl Iterator<Item = &'a QueueView>) -> BTreeSet<String> {
    queues.filter_map(|queue| queue.silence.clone()).collect()
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
        let in_hand = known(queue.unsettled);
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

/// Why what failed is tried again: nothing, where nothing did.
fn print_retries(services: &[QueuesView]) {
    let queues = services.iter().flat_map(|service| &service.queues);
    let effects = services.iter().flat_map(|service| &service.jobs);
    let count: i64 = queues.clone().map(|it| it.retrying).sum::<i64>()
        + effects.clone().map(|it| it.retrying).sum::<i64>();
    let events = queues.flat_map(|it| &it.retries);
    let jobs = effects.flat_map(|it| &it.retries);
    let events = events.map(|it| (&it.handler, it.attempts, it.due, Some(it.cause.as_str())));
    let jobs = jobs.map(|it| (&it.effect, it.attempts, it.due, it.cause.as_deref()));
    let lines: Vec<_> = events.chain(jobs).collect();
    if lines.is_empty() {
        return;
    }
    println!("\n{:<34} {:>8}  {:<19}  why", "tried again", "attempts", "next (UTC)");
    for (by, attempts, due, cause) in &lines {
        let cause = cause.unwrap_or("-").replace(char::is_whitespace, " ");
        println!("{by:<34} {attempts:>8}  {}  {cause}", due.format("%Y-%m-%d %H:%M:%S"));
    }
    let told = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if count > told {
        println!("and {} more", count - told);
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
