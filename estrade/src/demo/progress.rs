//! What the demo shows while it plays: what it is doing, how far the cohort is, what waits in queues.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    account::{Account, Of},
    stage::Stage,
};
use crate::queues;

const EVERY: Duration = Duration::from_millis(500);
/// Without a terminal, a line now and then is enough.
const LINES_EVERY: u32 = 10;

pub(super) struct Progress {
    bar: ProgressBar,
    interval: tokio::time::Interval,
    shown: u32,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, interval: tokio::time::interval(EVERY), shown: 0 }
    }

    /// What is being done now.
    pub(super) fn say(&self, what: &str) {
        if self.bar.is_hidden() {
            eprintln!("{what}");
        } else {
            self.bar.println(what);
        }
    }

    pub(super) async fn tick(&mut self) {
        self.interval.tick().await;
    }

    /// How far the cohort is, and what waits in each queue.
    pub(super) async fn show(
        &mut self,
        stage: &Stage,
        account: &Account,
        learners: u32,
    ) -> anyhow::Result<()> {
        let mut waiting = Vec::new();
        for line in queues::lines(stage.platform()).await? {
            let held = line.ready.unwrap_or(0) + line.unsettled.unwrap_or(0);
            if held > 0 || line.retrying > 0 {
                waiting.push(format!("{} {held}+{}", line.queue, line.retrying));
            }
        }
        let queues = if waiting.is_empty() { "all empty".to_owned() } else { waiting.join(", ") };
        let message = format!(
            "{} of {learners} done, {} enrolled, {} lessons read, {} attempts given in; queues: {queues}",
            account.count(Of::Finished),
            account.count(Of::Enrolled),
            account.count(Of::LessonRead),
            account.count(Of::AttemptSubmitted),
        );
        if self.bar.is_hidden() && self.shown.is_multiple_of(LINES_EVERY) {
            eprintln!("{message}");
        }
        self.shown += 1;
        self.bar.set_message(message);
        self.bar.tick();
        Ok(())
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
