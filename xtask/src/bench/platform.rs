//! Items 2 (its second half), 3 and 6: `estrade serve` with all seven services, on the embedded default.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    Size,
    part::{Programs, Running, said},
    table::Table,
};
use crate::repository::Repository;

const START: Duration = Duration::from_secs(60);
const STILL: Duration = Duration::from_secs(10);
const MEGABYTE: f64 = 1024.0 * 1024.0;
/// Who publishes the lesson of item 3, on a platform that nobody else reaches.
const PUBLISHER: &str = "publisher@example.org";
const PASSWORD: &str = "correct horse battery staple";

pub(crate) fn measure(
    repository: &Repository,
    programs: &Programs,
    size: &Size,
    wanted: &dyn Fn(u8) -> bool,
    table: &mut Table,
) -> Result<()> {
    if wanted(6) {
        println!("==> 6. idle");
        let binary = fs::metadata(&programs.estrade)?.len() as f64 / MEGABYTE;
        table.add(6, &size_of_binary(&programs.profile), binary, "MB");
        for _ in 0..size.repetitions {
            idle(repository, programs, table)?;
        }
    }
    if wanted(2) {
        println!("==> 2. clicks");
        for _ in 0..size.repetitions {
            clicks(repository, programs, size.clicks, table)?;
        }
    }
    if wanted(3) {
        println!("==> 3. a lesson to {}", size.enrolled);
        lesson(repository, programs, size.enrolled, table)?;
    }
    Ok(())
}

fn size_of_binary(profile: &str) -> String {
    let shipped = if profile == "dist" { ", as shipped" } else { "" };
    format!("size of the binary, profile `{profile}`{shipped}")
}

fn idle(repository: &Repository, programs: &Programs, table: &mut Table) -> Result<()> {
    let first = Platform::start_on_nothing(repository, programs)?;
    let milliseconds = |platform: &Platform| platform.started.as_secs_f64() * 1000.0;
    table.add(6, "start to first answer, on an empty folder", milliseconds(&first), "ms");
    first.stop();
    let platform = Platform::start(repository, programs)?;
    table.add(6, "start to first answer, with a course", milliseconds(&platform), "ms");
    let before = platform.running.processor()?;
    thread::sleep(STILL);
    table.add(6, "memory", platform.running.present_memory()?, "MB");
    let processor = (platform.running.processor()? - before) / STILL.as_secs_f64() * 100.0;
    table.add(6, "processor, of one core", processor, "%");
    platform.stop();
    Ok(())
}

fn clicks(
    repository: &Repository,
    programs: &Programs,
    count: u64,
    table: &mut Table,
) -> Result<()> {
    let platform = Platform::start(repository, programs)?;
    let clicked =
        programs.part(&["clicks", "--url", &platform.url, "--count", &count.to_string()])?;
    for (what, key, unit) in
        [("clicks", "rate", "/s"), ("a click, p50", "p50", "ms"), ("a click, p99", "p99", "ms")]
    {
        table.add(2, what, clicked[key].as_f64().context("no such figure")?, unit);
    }
    platform.stop();
    Ok(())
}

fn lesson(
    repository: &Repository,
    programs: &Programs,
    enrolled: u64,
    table: &mut Table,
) -> Result<()> {
    let platform = Platform::start(repository, programs)?;
    let (data, enrolled_) = (platform.data.to_string_lossy(), enrolled.to_string());
    let told = programs.part(&[
        "lesson",
        "--data",
        &data,
        "--url",
        &platform.url,
        "--mail",
        PUBLISHER,
        "--password",
        PASSWORD,
        "--enrolled",
        &enrolled_,
    ])?;
    let what = format!("{enrolled} inboxes");
    table.add(3, &what, told["seconds"].as_f64().context("no time")?, "s");
    table.add(3, "peak memory", platform.running.peak_memory()?, "MB");
    table.at_most(3, "peak memory", 300.0, "MB");
    platform.stop();
    Ok(())
}

/// All seven services at work.
struct Platform {
    running: Running,
    data: PathBuf,
    url: String,
    started: Duration,
}

impl Platform {
    /// On a folder with one course, and somebody who may publish.
    fn start(repository: &Repository, programs: &Programs) -> Result<Self> {
        let data = empty_folder(repository)?;
        let course = repository.root.join("bench/course");
        said(programs.estrade(&data).arg("import").arg("--json").arg(course))?;
        let mut create = programs.estrade(&data);
        create.args(["admin", "create", "--name", "Ada Martin", "--mail", PUBLISHER]);
        let created = create.env("ESTRADE_ADMIN_PASSWORD", PASSWORD).output()?;
        ensure!(created.status.success(), "no administrator: {created:?}");
        Self::serve(programs, data)
    }

    /// On a folder in which there is nothing: every table is made first.
    fn start_on_nothing(repository: &Repository, programs: &Programs) -> Result<Self> {
        Self::serve(programs, empty_folder(repository)?)
    }

    fn serve(programs: &Programs, data: PathBuf) -> Result<Self> {
        let [port] = private_nodes::free_ports()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let begun = Instant::now();
        let mut command = programs.estrade(&data);
        let running = Running::start(command.args(["serve", "--listen", &address.to_string()]))?;
        while !answers(address) {
            if begun.elapsed() > START {
                bail!("estrade serve does not answer on {address}");
            }
            thread::sleep(Duration::from_millis(2));
        }
        let started = begun.elapsed();
        Ok(Self { running, data, url: format!("http://{address}"), started })
    }

    fn stop(self) {
        self.running.stop();
        fs::remove_dir_all(&self.data).ok();
    }
}

fn empty_folder(repository: &Repository) -> Result<PathBuf> {
    let data = repository.target.join("bench/platform");
    fs::remove_dir_all(&data).ok();
    fs::create_dir_all(&data)?;
    Ok(data)
}

impl Programs {
    fn estrade(&self, data: &std::path::Path) -> Command {
        let mut command = Command::new(&self.estrade);
        command.arg("--data").arg(data).env("ESTRADE_LOG", "warn").current_dir(data);
        command
    }
}

fn answers(address: SocketAddr) -> bool {
    let Ok(mut socket) = TcpStream::connect(address) else {
        return false;
    };
    let mut answer = [0; 12];
    socket.set_read_timeout(Some(Duration::from_secs(2))).is_ok()
        && socket.write_all(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\n\r\n").is_ok()
        && socket.read_exact(&mut answer).is_ok()
        && &answer == b"HTTP/1.1 200"
}
