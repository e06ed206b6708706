//! How each fault is brought about, and taken away again.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use private_nodes::{Cluster, Postgres, RabbitMq};

use super::{
    chance::Chance,
    fault::Fault,
    mail::{MailServer, Manner},
    platform::{Nodes, PROCESSES, Platform, VIRTUAL_HOST},
    proxy::Proxy,
};

/// The queue whose leader is killed: the one with the most to do.
const BUSIEST: &str = "assessment.grade";
/// How long those are waited for that are to die at a point, while the load goes on.
const LONGEST_TO_REACH: Duration = Duration::from_secs(60);
const LONGEST_STOP: Duration = Duration::from_secs(30);
/// As long as the platform waits for a statement that nobody answers, in seconds: whatever it had in hand has
/// then found another connection.
const SILENCE: f64 = 60.0;
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was struck.
#[derive(Debug, Default)]
pub struct Strikes {
    pub count: u32,
    /// The processes that died, in the order in which they stand in the platform or were killed.
    pub victims: Vec<String>,
    /// Those that were to die and did not.
    pub missed: Vec<String>,
}

/// Before the load begins: where processes are to die at a point, all are started again with that on
/// their minds.
pub fn prepare(platform: &Platform, fault: Fault, chance: &mut Chance) {
    let Fault::KillAt(point) = fault else {
        return;
    };
    for slot in platform.slots().iter_mut() {
        let (first, last) = point.passes(slot.service);
        let passes = chance.between(first, last);
        slot.dies_at = Some(format!("{}:{passes}", point.name()));
        slot.terminate();
    }
    // A start that was asked for is over when nobody waits to be started any more.
    wait(LONGEST_STOP, || platform.slots().iter().all(|slot| slot.dies_at.is_none()));
}

/// Strikes, holds and heals.
pub fn strike(
    platform: &Platform,
    nodes: &mut Nodes,
    fault: Fault,
    chance: &mut Chance,
) -> Result<Strikes> {
    match fault {
        Fault::Nothing => return Ok(Strikes::default()),
        Fault::Kill => return Ok(kill_all(platform, chance)),
        Fault::KillAt(_) => return Ok(await_deaths(platform)),
        Fault::Terminate => terminate_all(platform),
        Fault::DiskFull => {
            platform.disk()?.fill()?;
            hold(8.0);
            platform.disk()?.make_room()?;
        }
        Fault::BrokerKilled => {
            let node = rabbit(nodes)?;
            node.kill();
            hold(2.0);
            node.restart()?;
        }
        Fault::BrokerFrozen => rabbit(nodes)?.freeze_for(Duration::from_secs(25))?,
        Fault::BrokerAlarm => rabbit(nodes)?.alarm_memory_for(Duration::from_secs(8))?,
        Fault::LeaderKilled => {
            let cluster = cluster(nodes)?;
            let leader = cluster.leader_of(VIRTUAL_HOST, BUSIEST)?;
            cluster.nodes_mut()[leader].kill();
            hold(5.0);
        }
        Fault::DatabaseRestarted => database(nodes)?.restart()?,
        Fault::DatabaseKilled => {
            database(nodes)?.kill();
            hold(1.0);
            database(nodes)?.restart()?;
        }
        Fault::DatabaseSilent => {
            ensure!(proxy(platform)?.silence() > 0, "no connection to the database was open");
            hold(SILENCE);
        }
        Fault::MailPutOff => misbehave(platform, Manner::PutsOff, 8.0)?,
        Fault::MailRefused => misbehave(platform, Manner::Refuses, 3.0)?,
        Fault::MailHangs => misbehave(platform, Manner::Hangs, 12.0)?,
        Fault::MailDiesAfterYes => misbehave(platform, Manner::DiesAfterYes, 3.0)?,
    }
    Ok(Strikes { count: 1, ..Strikes::default() })
}

/// After the verdict: what the next round expects to find.
pub fn clean_up(platform: &Platform, nodes: &mut Nodes, fault: Fault) -> Result<()> {
    match fault {
        Fault::LeaderKilled => {
            for node in cluster(nodes)?.nodes_mut() {
                if !node.is_running() {
                    node.restart()?;
                }
            }
        }
        // On a busy machine the command that ends it may have come too late.
        Fault::BrokerAlarm => rabbit(nodes)?.alarm_memory(false)?,
        Fault::DatabaseSilent => proxy(platform)?.let_go(),
        Fault::KillAt(_) => {
            for slot in platform.slots().iter_mut().filter(|slot| slot.armed) {
                slot.armed = false;
                slot.terminate();
            }
        }
        _ => {}
    }
    Ok(())
}

fn kill_all(platform: &Platform, chance: &mut Chance) -> Strikes {
    let places: Vec<usize> = (0..PROCESSES.len()).collect();
    let mut strikes = Strikes::default();
    for place in chance.some(&places, PROCESSES.len()) {
        let mut slots = platform.slots();
        let slot = &mut slots[place];
        if slot.is_running() {
            slot.kill();
            strikes.count += 1;
            strikes.victims.push(slot.name.clone());
        } else {
            strikes.missed.push(slot.name.clone());
        }
        drop(slots);
        hold(chance.between(5, 20) as f64 / 10.0);
    }
    strikes
}

/// Those who are to die at a point do so when they get there; some may have done so already.
fn await_deaths(platform: &Platform) -> Strikes {
    wait(LONGEST_TO_REACH, || platform.slots().iter().all(|slot| !slot.armed));
    let mut strikes = Strikes::default();
    for slot in platform.slots().iter_mut() {
        match std::mem::take(&mut slot.fell) {
            0 => strikes.missed.push(slot.name.clone()),
            fell => {
                strikes.count += fell;
                strikes.victims.push(slot.name.clone());
            }
        }
    }
    strikes
}

fn terminate_all(platform: &Platform) {
    let before: Vec<u32> = platform.slots().iter().map(|slot| slot.deaths).collect();
    for slot in platform.slots().iter_mut() {
        slot.terminate();
    }
    wait(LONGEST_STOP, || {
        platform.slots().iter().zip(&before).all(|(slot, before)| slot.deaths > *before)
    });
}

fn misbehave(platform: &Platform, manner: Manner, seconds: f64) -> Result<()> {
    let server: &MailServer = platform.mail.as_ref().context("this platform has no mail server")?;
    server.behave(manner);
    hold(seconds);
    server.behave(Manner::Takes);
    Ok(())
}

fn proxy(platform: &Platform) -> Result<&Proxy> {
    platform.proxy.as_ref().context("this platform has no proxy before its database")
}

fn rabbit(nodes: &mut Nodes) -> Result<&mut RabbitMq> {
    nodes.rabbit.as_mut().context("there is no RabbitMQ here")
}

fn cluster(nodes: &mut Nodes) -> Result<&mut Cluster> {
    nodes.cluster.as_mut().context("there is no cluster here")
}

fn database(nodes: &mut Nodes) -> Result<&mut Postgres> {
    nodes.database.as_mut().context("there is no PostgreSQL here")
}

fn hold(seconds: f64) {
    thread::sleep(Duration::from_secs_f64(seconds));
}

fn wait(limit: Duration, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() && begun.elapsed() < limit {
        thread::sleep(LOOK_EVERY);
    }
}
