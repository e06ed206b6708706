//! Processor time that programs have taken, with all that they started, as the system counts it.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result};

const TICKS_PER_SECOND: f64 = 100.0;

/// A program, and the process that it began with.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    name: String,
    process: u32,
}

impl std::str::FromStr for Program {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, process) = text.split_once('=').ok_or("write it as NAME=PID")?;
        let process = process.parse().map_err(|_| format!("{process:?} is no process"))?;
        Ok(Self { name: name.to_owned(), process })
    }
}

/// Seconds so far, in the programs' order.
pub(crate) fn taken(programs: &[Program]) -> Result<Vec<f64>> {
    if programs.is_empty() {
        return Ok(Vec::new());
    }
    let processes = processes()?;
    let of = |program: &Program| seconds(&processes, program.process);
    programs.iter().map(of).collect()
}

/// Seconds so far, of one process and all that it started.
pub(crate) fn taken_by(process: u32) -> Result<f64> {
    seconds(&processes()?, process)
}

/// What each took between two looks, by name.
pub(crate) fn between(programs: &[Program], before: &[f64], after: &[f64]) -> serde_json::Value {
    let took = before.iter().zip(after).map(|(before, after)| after - before);
    programs.iter().map(|program| program.name.clone()).zip(took).collect()
}

struct Process {
    parent: u32,
    /// Its own and those of its children that have ended.
    ticks: u64,
}

fn processes() -> Result<HashMap<u32, Process>> {
    let mut processes = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Some end while they are looked at.
        let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        processes.extend(process(&stat).map(|process| (id, process)));
    }
    Ok(processes)
}

/// Reads a line of `/proc/<pid>/stat`: after the name, which may hold anything, the parent is the second
/// field, and the four times begin with the twelfth.
fn process(stat: &str) -> Option<Process> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields.get(11..15)?.iter().filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(Process { parent: fields.get(1)?.parse().ok()?, ticks })
}

/// Of a process and all that it started, directly or not.
fn seconds(processes: &HashMap<u32, Process>, root: u32) -> Result<f64> {
    processes.get(&root).with_context(|| format!("there is no process {root}"))?;
    let (mut ticks, mut waiting) = (0, vec![root]);
    while let Some(id) = waiting.pop() {
        ticks += processes.get(&id).map_or(0, |process| process.ticks);
        let children = processes.iter().filter(|(_, process)| process.parent == id);
        waiting.extend(children.map(|(child, _)| *child));
    }
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_program_is_counted_with_what_it_started_and_with_what_has_ended_of_it() {
        let line = |parent: u32, times: &str| {
            let stat = format!("7 (a (strange) name) S {parent} 1 1 0 -1 0 0 0 0 0 {times} 20 0 1");
            process(&stat).unwrap()
        };
        let processes = HashMap::from([
            (10, line(1, "100 50 20 30")),
            (11, line(10, "1 0 0 0")),
            (12, line(11, "0 2 0 0")),
            (13, line(1, "900 0 0 0")),
        ]);
        assert_eq!(seconds(&processes, 10).unwrap(), 2.03);
        assert!(seconds(&processes, 99).is_err());
    }

    #[test]
    fn what_was_taken_between_two_looks_is_told_by_name() {
        let programs: Vec<Program> =
            ["RabbitMQ=1", "itself=2"].iter().map(|text| text.parse().unwrap()).collect();
        let took = between(&programs, &[1.0, 2.0], &[1.5, 4.0]);
        assert_eq!(took, serde_json::json!({ "RabbitMQ": 0.5, "itself": 2.0 }));
        assert!("RabbitMQ".parse::<Program>().is_err());
    }
}
