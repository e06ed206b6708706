//! How each fault is brought about, and taken away again.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use private_nodes::{Cluster, Postgres, RabbitMq};

use super::{
    chance::Chance,
    fault::{Fault, Point},
    mail::{MailServer, Manner},
    platform::{Nodes, PROCESSES, Platform, VIRTUAL_HOST},
};

/// The queue whose leader is killed: the one with the most to do.
const BUSIEST: &str = "assessment.grade";
/// How many processes are made to die, each at its point.
const VICTIMS: usize = 3;
/// How long those are waited for.
const LONGEST_TO_REACH: Duration = Duration::from_secs(25);
const LONGEST_STOP: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Before the load begins: whoever is to die at a point is started again with that on its mind.
pub fn prepare(platform: &Platform, fault: Fault, chance: &mut Chance) {
    let Fault::KillAt(point) = fault else {
        return;
    };
    for service in chance.some(point.reached_by(), VICTIMS) {
        let passes = match point {
            Point::BeforeCommit | Point::AfterCommit => chance.between(4, 14),
            _ => chance.between(1, 4),
        };
        let mut slots = platform.slots();
        // Of the graders the first.
        if let Some(slot) = slots.iter_mut().find(|slot| slot.service == service) {
            slot.dies_at = Some(format!("{}:{passes}", point.name()));
            slot.terminate();
        }
    }
    // A start that was asked for is over when nobody waits to be started any more.
    wait(LONGEST_STOP, || platform.slots().iter().all(|slot| slot.dies_at.is_none()));
}

/// Strikes, holds and heals; how many strikes there were.
pub fn strike(
    platform: &Platform,
    nodes: &mut Nodes,
    fault: Fault,
    chance: &mut Chance,
) -> Result<u32> {
    match fault {
        Fault::Nothing => return Ok(0),
        Fault::Kill => return Ok(kill_some(platform, chance)),
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
        Fault::MailPutOff => misbehave(platform, Manner::PutsOff, 8.0)?,
        Fault::MailRefused => misbehave(platform, Manner::Refuses, 3.0)?,
        Fault::MailHangs => misbehave(platform, Manner::Hangs, 12.0)?,
        Fault::MailDiesAfterYes => misbehave(platform, Manner::DiesAfterYes, 3.0)?,
    }
    Ok(1)
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

fn kill_some(platform: &Platform, chance: &mut Chance) -> u32 {
    let places: Vec<usize> = (0..PROCESSES.len()).collect();
    let mut killed = 0;
    for place in chance.some(&places, VICTIMS) {
        platform.slots()[place].kill();
        killed += 1;
        hold(chance.between(5, 20) as f64 / 10.0);
    }
    killed
}

/// Those who are to die at a point do so when they get there; some may have done so already.
fn await_deaths(platform: &Platform) -> u32 {
    wait(LONGEST_TO_REACH, || platform.slots().iter().all(|slot| !slot.armed));
    platform.slots().iter_mut().map(|slot| std::mem::take(&mut slot.fell)).sum()
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
