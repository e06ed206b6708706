//! The judge: the ledger, line by line, against the databases, the mails that left and the PDFs.
//!
//! It reads the tables with statements of its own, and does not ask the services. What they find when
//! they compare copies themselves is looked at besides.

mod copies;
mod mails;
mod written;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use bus::Read;
use event::FileReference;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{Marking, Outcome, now};
use crate::{
    cli::ServiceName,
    config::Config,
    demo::{
        account::{Account, Fact},
        books::{self, Books},
    },
    platform::Platform,
};

/// How long the broker and the databases may take to be there again.
const OPENING: Duration = Duration::from_secs(120);
const AGAIN: Duration = Duration::from_millis(250);

/// Waits until nothing is on its way any more, and holds everything against the ledger.
pub(super) async fn hold(
    outcome: &mut Outcome,
    config: Config,
    account: &Account,
    mails: &Path,
    marking: Marking,
) -> anyhow::Result<()> {
    let platform = open(&config).await?;
    let say = |what: &str| eprintln!("{what}");
    books::quiet(&platform, &say).await?;
    marking.last.cancel();
    marking.task.await.context("whoever marks essays is gone")??;
    books::quiet(&platform, &say).await?;
    outcome.well_at = now();
    let mut audit = Audit { outcome, facts: account.facts() };
    audit.copies(&platform).await?;
    audit.in_step(&platform).await?;
    books::quiet(&platform, &say).await?;
    audit.take(&books::count(&platform, account).await?);
    audit.people(&platform).await?;
    audit.learning(&platform).await?;
    audit.attempts(&platform).await?;
    let (catalog, identity) = (ServiceName::Catalog, ServiceName::Identity);
    audit.answers(platform.db(ServiceName::Assessment)?).await?;
    audit.lessons(platform.db(catalog)?).await?;
    audit.names(platform.db(catalog)?, platform.db(identity)?).await?;
    audit.certificates(&platform).await?;
    audit.exports(&platform).await?;
    audit.mails(&platform, mails).await?;
    platform.close().await;
    Ok(())
}

async fn open(config: &Config) -> anyhow::Result<Platform> {
    let begun = Instant::now();
    loop {
        match Platform::open(config.clone(), &ServiceName::ALL).await {
            Ok(platform) => return Ok(platform),
            Err(error) if begun.elapsed() > OPENING => return Err(error),
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

struct Audit<'a> {
    outcome: &'a mut Outcome,
    facts: Vec<Fact>,
}

#[derive(FromQueryResult)]
struct Seat {
    id: Uuid,
    completed: bool,
}

#[derive(FromQueryResult)]
struct Reading {
    enrolment: Uuid,
    lesson: Uuid,
}

#[derive(FromQueryResult)]
struct Attempt {
    id: Uuid,
    quiz: Uuid,
    state: String,
    answers: String,
    mark: Option<String>,
}

#[derive(FromQueryResult)]
struct Certificate {
    enrolment: Uuid,
    state: String,
}

#[derive(FromQueryResult)]
struct Export {
    id: Uuid,
    file_key: Option<String>,
    file_sha256: Option<String>,
    file_size: Option<i64>,
}

#[derive(FromQueryResult)]
struct OneText {
    text: String,
}

impl Audit<'_> {
    fn missing(&mut self, what: String) {
        self.outcome.missing += 1;
        self.outcome.findings.push(format!("missing: {what}"));
    }

    fn twice(&mut self, what: String) {
        self.outcome.twice += 1;
        self.outcome.findings.push(format!("twice: {what}"));
    }

    /// What was published against what was taken, and the rest of the demo's books.
    fn take(&mut self, books: &Books) {
        self.outcome.missing += books.lost + books.dead;
        self.outcome.twice += books.duplicates;
        self.outcome.findings.extend(books.findings.iter().cloned());
        if books.dead > 0 {
            self.outcome.findings.push(format!("missing: {} dead letters", books.dead));
        }
    }

    async fn people(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Identity)?;
        let mails: Vec<OneText> = db.all("select mail as text from person", vec![]).await?;
        let mut known = BTreeMap::new();
        for mail in mails {
            *known.entry(mail.text).or_insert(0) += 1;
        }
        for fact in self.facts.clone() {
            let Fact::Registered { mail } = fact else { continue };
            match known.get(&mail) {
                None => self.missing(format!("the account of {mail}")),
                Some(1) => {}
                Some(_) => self.twice(format!("the account of {mail}")),
            }
        }
        Ok(())
    }

    async fn learning(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Learning)?;
        let sql = "select id, completed_at is not null as completed from enrolment where active";
        let seats: Vec<Seat> = db.all(sql, vec![]).await?;
        let seats: BTreeMap<_, _> =
            seats.iter().map(|seat| (seat.id.to_string(), seat.completed)).collect();
        let read: Vec<Reading> =
            db.all("select enrolment, lesson from lesson_read", vec![]).await?;
        let read: BTreeSet<_> =
            read.iter().map(|line| (line.enrolment.to_string(), line.lesson.to_string())).collect();
        let mut earned = BTreeSet::new();
        for fact in self.facts.clone() {
            match fact {
                Fact::Enrolled { enrolment, .. } if !seats.contains_key(&enrolment) => {
                    self.missing(format!("the enrolment {enrolment}"));
                }
                Fact::LessonRead { enrolment, lesson } => {
                    let place = (enrolment, lesson);
                    if !read.contains(&place) {
                        self.missing(format!("the lesson {} read in {}", place.1, place.0));
                    }
                }
                Fact::Finished { enrolment, completes: true, .. }
                    if seats.get(&enrolment) != Some(&true) =>
                {
                    self.missing(format!("the completion of {enrolment}"));
                }
                Fact::Finished { enrolment, completes: true, .. } => _ = earned.insert(enrolment),
                _ => {}
            }
        }
        let unearned =
            seats.iter().filter(|(seat, completed)| **completed && !earned.contains(*seat));
        for (seat, _) in unearned {
            self.twice(format!("a completion that nobody earned: {seat}"));
        }
        Ok(())
    }

    async fn attempts(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Assessment)?;
        let sql = "select id, quiz, state, answers, mark from attempt";
        let attempts: Vec<Attempt> = db.all(sql, vec![]).await?;
        let attempts: BTreeMap<_, _> =
            attempts.iter().map(|attempt| (attempt.id.to_string(), attempt)).collect();
        let mut marks: BTreeMap<(Uuid, usize), BTreeSet<String>> = BTreeMap::new();
        for fact in self.facts.clone() {
            let Fact::AttemptSubmitted { attempt, answers, .. } = fact else { continue };
            let Some(found) = attempts.get(&attempt) else {
                self.missing(format!("the attempt {attempt}"));
                continue;
            };
            if found.state != "graded" {
                self.missing(format!("the mark of {attempt}, which is {}", found.state));
            }
            let kept: BTreeMap<String, serde_json::Value> =
                serde_json::from_str(&found.answers).unwrap_or_default();
            if kept.len() != answers {
                self.missing(format!("answers of {attempt}: {} of {answers}", kept.len()));
            }
            let mark = found.mark.clone().unwrap_or_default();
            marks.entry((found.quiz, answers)).or_default().insert(mark);
        }
        // Those who give the same answers get the same mark; the cohort knows three ways to answer, and
        // each answers another number of questions.
        for ((quiz, answers), marks) in marks.iter().filter(|(_, marks)| marks.len() > 1) {
            self.missing(format!(
                "the same mark for the same {answers} answers of {quiz}: {marks:?}"
            ));
        }
        Ok(())
    }

    /// One certificate for each who completed, and none for anybody else; that its PDF is whole, the books
    /// have seen.
    async fn certificates(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Certification)?;
        let found: Vec<Certificate> =
            db.all("select enrolment, state from certificate", vec![]).await?;
        let mut of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for line in &found {
            of.entry(line.enrolment.to_string()).or_default().push(&line.state);
        }
        for fact in self.facts.clone() {
            let Fact::Finished { mail, enrolment, completes: true } = fact else { continue };
            match of.remove(&enrolment).as_deref() {
                Some(["issued"]) => {}
                None | Some([] | [_]) => self.missing(format!("the certificate of {mail}")),
                Some(_) => self.twice(format!("the certificate of {mail}")),
            }
        }
        for enrolment in of.keys() {
            self.twice(format!("a certificate that nobody earned, for {enrolment}"));
        }
        Ok(())
    }

    /// Each archive that somebody was told to be ready is there, whole, and its parts are gone.
    async fn exports(&mut self, platform: &Platform) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Identity)?;
        let sql = "select id, file_key, file_sha256, file_size from export";
        let found: Vec<Export> = db.all(sql, vec![]).await?;
        let mut archives: BTreeMap<_, _> =
            found.into_iter().map(|export| (export.id.to_string(), export.file())).collect();
        for fact in self.facts.clone() {
            let Fact::Exported { mail, export } = fact else { continue };
            let Some(Some(archive)) = archives.remove(&export) else {
                self.missing(format!("the export of {mail}"));
                continue;
            };
            if let Err(error) = platform.files.get(&archive).await {
                self.missing(format!("the archive of {mail}: {error}"));
            }
        }
        for export in archives.keys() {
            self.twice(format!("an export that nobody was told of: {export}"));
        }
        let parts: Option<i64> = db.scalar("select count(*) from export_part", vec![]).await?;
        if let Some(parts @ 1..) = parts {
            self.twice(format!("{parts} parts of exports that nobody waits for"));
        }
        Ok(())
    }
}

impl Export {
    fn file(self) -> Option<FileReference> {
        Some(FileReference {
            key: self.file_key?,
            sha256: self.file_sha256?,
            size: self.file_size?.unsigned_abs(),
        })
    }
}
