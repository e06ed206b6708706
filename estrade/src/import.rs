//! `estrade import`: a folder becomes a course, its lessons in `catalog` and its quizzes in
//! `assessment`. Both read the folder; neither asks the other: ids follow from keys.

use std::path::Path;

use crate::{
    Verdict,
    cli::{ImportOptions, ServiceName},
    config::Config,
    platform::Platform,
};

/// What became of a folder.
#[derive(serde::Serialize)]
pub(crate) struct Report {
    pub(crate) course: catalog::Imported,
    pub(crate) quizzes: Vec<assessment::Imported>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

pub(crate) async fn run(config: Config, options: &ImportOptions) -> anyhow::Result<Verdict> {
    let names = [ServiceName::Catalog, ServiceName::Assessment];
    let platform = Platform::open(config, &names).await?;
    let imported = import(&platform, &options.path).await;
    // What was published is sent by the services when they run; here it lies in their outboxes.
    platform.close().await;
    let report = imported?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    let refused = report.quizzes.iter().any(|quiz| !quiz.refused.is_empty());
    Ok(if refused { Verdict::Wrong } else { Verdict::Well })
}
