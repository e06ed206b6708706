//! Process groups that end with us.
//!
//! A program and all it starts form a group that one signal reaches. A guard, a small shell, holds the
//! other end of a pipe: when this process ends, by `drop`, Ctrl-C, a panic or SIGKILL, the pipe closes, and
//! the guard ends the groups and removes the folder.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::error::{Error, Result, While};

/// A command that cannot outlive the process which started it.
pub struct Guarded {
    group: Group,
    _guard: Guard,
}

impl Guarded {
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let mut guard = Guard::start(Signal::SIGTERM, None)?;
        let group = Group::spawn(command)?;
        guard.watch(&[&group])?;
        Ok(Self { group, _guard: guard })
    }

    /// The command's process.
    pub fn id(&self) -> u32 {
        self.group.process_id()
    }

    /// What the command reads, if its standard input was made a pipe.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.group.child.stdin.take()
    }

    pub fn is_running(&mut self) -> bool {
        self.group.is_running()
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.group.child.try_wait().ok().flatten()
    }

    /// Asks it to end, by SIGTERM.
    pub fn terminate(&self) {
        self.group.signal(Signal::SIGTERM);
    }

    /// Ends it with SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        self.group.kill();
    }

    /// Waits for it to end; says whether it did within the limit.
    pub fn ends_within(&mut self, limit: Duration) -> bool {
        self.group.ends_within(limit)
    }

    /// What the command prints, if its standard output was made a pipe.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.group.child.stdout.take()
    }

    /// The lines that the command prints, as it prints them, without their ends; none if its standard output was not
    /// made a pipe. It is read to its end even if nobody listens any more: a full pipe would stop whoever prints.
    pub fn lines(&mut self) -> Receiver<io::Result<Vec<u8>>> {
        let (sender, receiver) = channel();
        if let Some(printed) = self.stdout() {
            thread::spawn(move || {
                for line in BufReader::new(printed).split(b'\n') {
                    let _ = sender.send(line);
                }
            });
        }
        receiver
    }

    pub fn wait(mut self) -> Result<ExitStatus> {
        let status = self.group.child.wait();
        // Whatever it left running goes too.
        self.group.signal(Signal::SIGKILL);
        status.while_doing(|| "wait for a command".to_owned())
    }
}

/// A child process and what it started.
pub(crate) struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        let child = command
            .process_group(0)
            .spawn()
            .while_doing(|| format!("run {}", command.get_program().display()))?;
        let id = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
        Ok(Self { child, id })
    }

    /// A group that is gone already is no error.
    pub(crate) fn signal(&self, signal: Signal) {
        killpg(self.id, signal).ok();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the child to end; says whether it did within the limit.
    pub(crate) fn ends_within(&mut self, limit: Duration) -> bool {
        until(limit, || !self.is_running())
    }

    pub(crate) fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.child.wait().ok();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.is_running() {
            self.kill();
        }
    }
}

/// Ends the groups it watches, and removes the folder, when this process is gone.
pub(crate) struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

const GUARD: &str = r#"
while read -r line; do groups=$line; done
for group in $groups; do kill -s "$1" -- "-$group"; done
for group in $groups; do
    tries=0
    while [ "$tries" -lt 50 ] && kill -s 0 -- "-$group"; do sleep 0.1; tries=$((tries + 1)); done
    kill -s KILL -- "-$group"
done
[ -z "$2" ] || rm -rf -- "$2"
"#;

impl Guard {
    pub(crate) fn start(signal: Signal, folder: Option<&Path>) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", GUARD, "guard", signal.as_str().trim_start_matches("SIG")])
            .arg(folder.unwrap_or(Path::new("")))
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .while_doing(|| "start a guard".to_owned())?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Replaces the groups to be ended.
    pub(crate) fn watch(&mut self, groups: &[&Group]) -> Result<()> {
        let ids: Vec<String> = groups.iter().map(|group| group.id.to_string()).collect();
        let Some(pipe) = &mut self.pipe else {
            return Ok(());
        };
        writeln!(pipe, "{}", ids.join(" ")).while_doing(|| "speak to a guard".to_owned())
    }
}

impl Drop for Guard {
    /// The owner has ended its groups by now: only the folder is left to do.
    fn drop(&mut self) {
        self.watch(&[]).ok();
        self.pipe = None;
        self.shell.wait().ok();
    }
}

/// Runs a command to its end, without input, and kills it if it takes longer than the limit.
///
/// # Errors
///
/// It could not be run, or took too long.
pub fn output(command: &mut Command, limit: Duration) -> Result<Output> {
    let name = command.get_program().display().to_string();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let stdout = read_aside(group.child.stdout.take());
    let stderr = read_aside(group.child.stderr.take());
    if !group.ends_within(limit) {
        group.kill();
        return Err(Error::TimedOut { command: name, limit });
    }
    let status = group.child.wait().while_doing(|| format!("wait for {name}"))?;
    // What it left running would keep its output open.
    group.signal(Signal::SIGKILL);
    let bytes = |reader: thread::JoinHandle<Vec<u8>>| reader.join().unwrap_or_default();
    Ok(Output { status, stdout: bytes(stdout), stderr: bytes(stderr) })
}

/// Runs a command that must succeed; its output as text.
pub(crate) fn succeed(command: &mut Command, limit: Duration) -> Result<String> {
    let output = output(command, limit)?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let command = format!("{command:?}");
    Err(Error::Command { command, output: format!("{}\n{stdout}{stderr}", output.status) })
}

fn read_aside(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes));
        read.map(|_| bytes).unwrap_or_else(|error: io::Error| error.to_string().into_bytes())
    })
}

/// Looks again and again until it is so; says whether it came about within the limit.
pub(crate) fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !is_so() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_killed() {
        let mut slow = Command::new("sleep");
        let error = output(slow.arg("60"), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    }

    #[test]
    fn what_a_command_leaves_running_keeps_nobody_waiting() {
        let mut leaving = Command::new("sh");
        let began = Instant::now();
        let left = output(leaving.args(["-c", "sleep 60 & echo done"]), Duration::from_secs(30));
        assert_eq!(left.unwrap().stdout, b"done\n");
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_failure_shows_what_the_command_said() {
        let mut failing = Command::new("sh");
        let error =
            succeed(failing.args(["-c", "echo so it was >&2; exit 3"]), Duration::from_secs(5));
        assert!(error.unwrap_err().to_string().contains("so it was"));
    }

    #[test]
    fn a_guard_that_is_left_alone_ends_the_group_and_removes_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut group = Group::spawn(Command::new("sleep").arg("60")).unwrap();
        let mut guard = Guard::start(Signal::SIGTERM, Some(folder.path())).unwrap();
        guard.watch(&[&group]).unwrap();
        guard.pipe = None;
        assert!(group.ends_within(Duration::from_secs(5)));
        guard.shell.wait().unwrap();
        assert!(!folder.path().exists());
    }
}
