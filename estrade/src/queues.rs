//! `estrade queues`: what waits in each queue and for each effect, since when, how fast it goes, what is
//! dead, what went astray, and what is left of handlers that are no more, which can be put away. What cannot
//! be known is shown as such, and hides nothing else. It declares no queue: one that somebody deleted, or made
//! otherwise, is to be seen.

use std::collections::BTreeSet;

use anyhow::bail;
use bus::{
    Backlog, Orphans,
    transport::{Inspection, Queue},
};
use futures::future::try_join_all;

use crate::{
    Verdict,
    cli::{QueuesOptions, ServiceName},
    config::Config,
    operations::{QueueView, QueuesView},
    platform::{self, Member, Platform},
};

pub(crate) async fn run(config: Config, options: &QueuesOptions) -> anyhow::Result<Verdict> {
    platform::find_database(&config).await?;
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let done = match &options.forget {
        Some(name) => forget(&platform, name).await,
        None => show(&platform, options.json).await,
    };
    platform.close().await;
    done
}

async fn show(platform: &Platform, json: bool) -> anyhow::Result<Verdict> {
    let (services, astray, amiss) =
        tokio::join!(explained(platform), astray(platform), amiss(platform));
    let mut services = services?;
    let causes = causes(&services, &astray, amiss);
    if json {
        // Their names begin as a service's would.
        let (service, jobs, orphans) = ("estrade", Vec::new(), Vec::new());
        services.push(QueuesView { service, queues: astray, jobs, orphans });
        println!("{}", serde_json::to_string_pretty(&services)?);
    } else {
        print_queues(&services);
        print_jobs(&services);
        print_retries(&services);
        print_astray(&astray, platform.transport.kept_queues());
        print_orphans(&services);
    }
    causes.iter().for_each(|cause| eprintln!("estrade: {cause}"));
    Ok(if causes.is_empty() { Verdict::Well } else { Verdict::Wrong })
}

/// Puts away what is left of a handler or an effect that this version has no more.
async fn forget(platform: &Platform, name: &str) -> anyhow::Result<Verdict> {
    let owner = event::owner(name);
    let Some(member) = platform.members.iter().find(|member| member.name.name() == owner) else {
        bail!("no service is called `{owner}`; `estrade queues` shows of what something is left");
    };
    let orphans = Orphans::of(&member.service, &member.db, platform.transport.as_ref());
    let found = orphans.list().await?;
    let Some(orphan) = found.iter().find(|orphan| orphan.name == name) else {
        eprintln!("estrade: this version has {name}, or nothing is left of it");
        return Ok(Verdict::Wrong);
    };
    let done = orphans.put_away(orphan).await?;
    println!("{name} is put away; its dead letters that wait for a decision: {}", done.dead);
    if done.lost > 0 {
        println!("{} events came while its queue was emptied, and went with it", done.lost);
    }
    Ok(Verdict::Well)
}

/// What waits in the open services.
async fn backlogs(platform: &Platform) -> anyhow::Result<Vec<QueuesView>> {
    let (transport, outboxes) =
        (platform.transport.as_ref(), platform::outboxes(&platform.members));
    let services: Vec<_> = platform.members.iter().map(|it| (&it.service, &it.db)).collect();
    let backlogs = Backlog::of_all(&services, transport, &outboxes).await?;
    let views = platform.members.iter().zip(backlogs);
    let view = |(member, backlog): (&Member, Backlog)| QueuesView::of(member.name.name(), backlog);
    Ok(views.map(view).collect())
}

/// With why something is tried again, and what is left.
async fn explained(platform: &Platform) -> anyhow::Result<Vec<QueuesView>> {
    let views = platform.members.iter().zip(backlogs(platform).await?);
    let views = views.map(async |(member, view)| {
        let transport = platform.transport.as_ref();
        let orphans = Orphans::of(&member.service, &member.db, transport);
        view.with_orphans(orphans).await?.with_retries(&member.db).await
    });
    Ok(try_join_all(views).await?)
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
    let found = platform.transport.inspect(&queues).await;
    let mut amiss = Amiss::default();
    for (queue, found) in queues.into_iter().zip(found) {
        match found {
            Ok(Inspection::Missing) => amiss.missing.push(queue.name),
            Ok(Inspection::BoundOtherwise(text) | Inspection::Wrong(text)) => {
                amiss.different.push(format!("{}: {text}", queue.name))
            }
            // Of what gives no answer it is told with its depth.
            Ok(Inspection::Right | Inspection::RightButForBindings(_)) | Err(_) => {}
        }
    }
    amiss
}

/// Why something is not known, or not as it should be, each cause once.
fn causes(services: &[QueuesView], astray: &[QueueView], amiss: Amiss) -> BTreeSet<String> {
    let queues = services.iter().flat_map(|service| &service.queues).chain(astray);
    let told = queues.filter(|queue| !amiss.missing.contains(&queue.queue));
    let orphans = services.iter().flat_map(|service| &service.orphans);
    let silences = told.map(|queue| &queue.silence).chain(orphans.map(|it| &it.silence));
    let mut causes: BTreeSet<String> = silences.flatten().cloned().collect();
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

fn print_orphans(services: &[QueuesView]) {
    let orphans: Vec<_> = services.iter().flat_map(|service| &service.orphans).collect();
    if orphans.is_empty() {
        return;
    }
    println!("\n{:<34} {:>8} {:>8}", "no handler or effect any more", "ready", "waiting");
    for orphan in orphans {
        println!("{:<34} {:>8} {:>8}", orphan.name, known(orphan.ready), orphan.waiting);
    }
    println!("where no earlier version runs any more: `estrade queues --forget NAME`");
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
