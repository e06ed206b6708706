//! The platform in a real browser: Debian's Chromium, driven by playwright-core with the scripts under
//! `tests/browser/`. One platform, the demo's, stands for all of them.
//!
//! `ESTRADE_BROWSER=quiz` runs only the scripts' tests whose names hold it. The pictures go to a folder
//! under `target/`, or where `ESTRADE_SCREENS` says (`cargo xtask screens`).

mod node;
mod stage;

use std::process::{Command, Stdio};

use crate::{house::repository, showcase::Showcase};

/// All scripts in one process: they share one Chromium and one platform, and report each of their tests.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_their_day_and_every_page_is_for_everybody() {
    node::must_be_installed();
    let showcase = Showcase::open("browser", 6).await;
    let mut command = Command::new("node");
    command.arg("--test-reporter=spec");
    if let Ok(pattern) = std::env::var("ESTRADE_BROWSER") {
        command.arg(format!("--test-name-pattern={pattern}"));
    }
    // The scripts end when their standard input closes: nothing of them outlives this test.
    let mut scripts = command
        .arg(repository().join("estrade/tests/browser/main.mjs"))
        .env("ESTRADE_STAGE", stage::description(&showcase).to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let _input = scripts.stdin.take();
    assert!(scripts.wait().unwrap().success(), "see above; the log is {}", showcase.log.display());
}
