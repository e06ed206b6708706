//! `estrade import`: a folder becomes a course, its lessons in `catalog` and its quizzes in
//! `assessment`. Both read the folder; neither asks the other: ids follow from keys.

use std::path::Path;

use anyhow::Context;

use crate::{
    Verdict,
    cli::{ImportOptions, ServiceName},
    config::Config,
    platform::Platform,
};

/// What became of a folder.
#[derive(serde::Serialize)]
pub(crate) struct Report {
    course: uuid::Uuid,
    key: String,
    title: String,
    /// `created`, `updated` or `unchanged`.
    outcome: &'static str,
    version: u64,
    lessons_added: usize,
    lessons_changed: usize,
    lessons_removed: usize,
    quizzes: Vec<assessment::Imported>,
    /// Files in which no question is usable, and why.
    refused: Vec<String>,
    /// What was left out, and why.
    notes: Vec<String>,
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
    let any_refused = report.quizzes.iter().any(|quiz| !quiz.refused.is_empty());
    Ok(if any_refused || !report.refused.is_empty() { Verdict::Wrong } else { Verdict::Well })
}

/// Imports a folder into the open platform.
pub(crate) async fn import(platform: &Platform, path: &Path) -> anyhow::Result<Report> {
    let source = catalog::import::read_folder(path)?;
    let imported = catalog::import::import(platform.db(ServiceName::Catalog)?, &source).await?;
    let assessment = platform.db(ServiceName::Assessment)?;
    let (mut quizzes, mut refused) = (Vec::new(), Vec::new());
    for quiz in &source.quizzes {
        let gift = std::fs::read(&quiz.file)
            .with_context(|| format!("cannot read {}", quiz.file.display()))?;
        let quiz = assessment::QuizSource {
            key: quiz.key.clone(),
            title: quiz.title.clone(),
            file: quiz.file.display().to_string(),
            gift,
            pass_percent: quiz.pass_percent,
            max_attempts: None,
        };
        match assessment::import(assessment, imported.course, quiz).await {
            Ok(quiz) => quizzes.push(quiz),
            Err(error @ assessment::ImportError::Store(_)) => return Err(error.into()),
            Err(error) => refused.push(error.to_string()),
        }
    }
    Ok(Report {
        course: imported.course.0,
        key: source.key,
        title: source.title,
        outcome: match imported.outcome {
            catalog::import::Outcome::Created => "created",
            catalog::import::Outcome::Updated => "updated",
            catalog::import::Outcome::Unchanged => "unchanged",
        },
        version: imported.version,
        lessons_added: imported.lessons_added,
        lessons_changed: imported.lessons_changed,
        lessons_removed: imported.lessons_removed,
        quizzes,
        refused,
        notes: source.notes.iter().map(ToString::to_string).collect(),
    })
}

fn print(report: &Report) {
    println!("{} “{}”: {}, version {}", report.key, report.title, report.outcome, report.version);
    println!(
        "  lessons: {} added, {} changed, {} removed",
        report.lessons_added, report.lessons_changed, report.lessons_removed
    );
    for quiz in &report.quizzes {
        println!("  quiz {}: {} questions", quiz.key, quiz.questions);
        for refused in &quiz.refused {
            println!("    refused {}:{}: {}", refused.file, refused.line, refused.reason);
        }
    }
    for error in &report.refused {
        println!("  refused {error}");
    }
    for note in &report.notes {
        println!("  {note}");
    }
}
