//! `estrade dead`: list, show, replay and discard dead letters.

use anyhow::bail;
use bus::{Dead, DeadLetters, DeadState};
use uuid::Uuid;

use crate::{
    Verdict,
    cli::{DeadAction, DeadOptions, ServiceName},
    config::Config,
    platform::Platform,
};

/// As many as anyone reads; replaying all goes on until none is left.
const MOST: u32 = 1000;

pub(crate) async fn run(config: Config, options: DeadOptions) -> anyhow::Result<Verdict> {
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let verdict = match options.action {
        DeadAction::List { json } => list(&platform, json).await,
        DeadAction::Show { id } => show(&platform, id).await,
        DeadAction::Replay { id: Some(id), .. } => replay(&platform, id).await,
        DeadAction::Replay { id: None, .. } => replay_all(&platform).await,
        DeadAction::Discard { id, reason } => discard(&platform, id, &reason).await,
    };
    platform.close().await;
    verdict
}

async fn list(platform: &Platform, json: bool) -> anyhow::Result<Verdict> {
    let mut all = Vec::new();
    for member in &platform.members {
        all.extend(DeadLetters::of(&member.db).list(DeadState::Waiting, MOST).await?);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(Verdict::Well);
    }
    if all.is_empty() {
        println!("No dead letters.");
    }
    for dead in &all {
        println!("{}  {}  {}", dead.id, dead.died_at.format("%Y-%m-%d %H:%M:%S"), dead.consumer);
        println!("    {}", dead.event_type);
        println!("    after {} attempts: {}", dead.attempts, dead.cause);
    }
    Ok(Verdict::Well)
}

async fn show(platform: &Platform, id: Uuid) -> anyhow::Result<Verdict> {
    let found = find(platform, id).await?;
    for (_, dead) in &found {
        println!("{}", serde_json::to_string_pretty(dead)?);
        if let Some(bytes) = &dead.bytes {
            println!("bytes: {}", String::from_utf8_lossy(bytes).escape_debug());
        }
    }
    Ok(verdict_of(!found.is_empty(), id))
}

async fn replay(platform: &Platform, id: Uuid) -> anyhow::Result<Verdict> {
    let mut replayed = false;
    for (service, dead) in find(platform, id).await? {
        if dead.kind == "undecodable" {
            bail!(
                "{id} can never be read: look at it with `estrade dead show {id}`, then discard it"
            );
        }
        if DeadLetters::of(platform.db(service)?).replay(&dead.consumer, id).await? {
            println!("{} will try {id} again", dead.consumer);
            replayed = true;
        }
    }
    Ok(verdict_of(replayed, id))
}

async fn replay_all(platform: &Platform) -> anyhow::Result<Verdict> {
    let mut count = 0;
    for member in &platform.members {
        let letters = DeadLetters::of(&member.db);
        for dead in letters.list(DeadState::Waiting, MOST).await? {
            if dead.kind != "undecodable" && letters.replay(&dead.consumer, dead.id).await? {
                count += 1;
            }
        }
    }
    println!("{count} will be tried again");
    Ok(Verdict::Well)
}

async fn discard(platform: &Platform, id: Uuid, reason: &str) -> anyhow::Result<Verdict> {
    if reason.trim().is_empty() {
        bail!("say why with --reason: whoever looks later will want to know");
    }
    let mut discarded = false;
    for (service, dead) in find(platform, id).await? {
        discarded |=
            DeadLetters::of(platform.db(service)?).discard(&dead.consumer, id, reason).await?;
    }
    Ok(verdict_of(discarded, id))
}

async fn find(platform: &Platform, id: Uuid) -> anyhow::Result<Vec<(ServiceName, Dead)>> {
    let mut found = Vec::new();
    for member in &platform.members {
        let dead = DeadLetters::of(&member.db).show(id).await?;
        found.extend(dead.into_iter().map(|dead| (member.name, dead)));
    }
    Ok(found)
}

fn verdict_of(found: bool, id: Uuid) -> Verdict {
    if found {
        return Verdict::Well;
    }
    eprintln!("estrade: no dead letter {id} waits; `estrade dead list` shows those that do");
    Verdict::Wrong
}
