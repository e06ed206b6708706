//! The platform in a real browser: Debian's Chromium, driven by playwright-core with the scripts under
//! `tests/browser/`. One platform, the demo's, stands for all of them, but for one script: it wants each service in a
//! process of its own.
//!
//! `ESTRADE_BROWSER=quiz` runs only the scripts' tests whose names hold it. The pictures go to a folder
//! under `target/`, or where `ESTRADE_SCREENS` says (`cargo xtask screens`).

mod node;
mod stage;

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use private_nodes::Guarded;

use crate::{house::repository, showcase::Showcase};

/// Longer than all scripts take together on a slow machine.
const LONGEST: Duration = Duration::from_secs(2400);

/// All scripts in one process: they share one Chromium and one platform, and report each of their tests.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_their_day_and_every_page_is_for_everybody() {
    node::must_be_installed();
    play("main.mjs", &Showcase::open("browser", 6).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_all_services_where_each_runs_apart() {
    node::must_be_installed();
    play("apart.mjs", &Showcase::apart("browser-apart", 4).await);
}

/// The tests of a script on this platform.
fn play(script: &str, showcase: &Showcase) {
    let mut command = Command::new("node");
    command.arg("--test-reporter=spec");
    if let Ok(pattern) = std::env::var("ESTRADE_BROWSER") {
        command.arg(format!("--test-name-pattern={pattern}"));
    }
    // The scripts end when their standard input closes: nothing of them outlives this test.
    command
        .arg(repository().join("estrade/tests/browser").join(script))
        .env("ESTRADE_STAGE", stage::description(showcase).to_string())
        .stdin(Stdio::piped());
    let mut scripts = Guarded::spawn(&mut command).unwrap();
    let _input = scripts.stdin();
    assert!(scripts.ends_within(LONGEST), "the scripts hang");
    let ended = scripts.ended().unwrap();
    assert!(ended.success(), "see above; the log is {}", showcase.log.display());
}
