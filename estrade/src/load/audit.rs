//! The judge: the ledger, line by line, against the databases, the mails that left and the PDFs.
//!
//! It reads the tables with statements of its own, and does not ask the services.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use bus::Read;
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
/// Written by the mail server beside the mails: a line for each mail that it refused for good.
const REFUSED: &str = "refused";

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
    let books = books::count(&platform, account).await?;
    let mut audit = Audit { outcome, facts: account.facts() };
    audit.take(&books);
    audit.people(&platform).await?;
    audit.learning(&platform).await?;
    audit.attempts(&platform).await?;
    audit.certificates(&platform).await?;
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
struct Delivery {
    id: Uuid,
    person: Uuid,
    kind: String,
    subject: Uuid,
    state: String,
}

/// A mail as it left.
struct Mail {
    to: String,
    subject: String,
    has_pdf: bool,
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
                _ => {}
            }
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
            let Fact::AttemptSubmitted { attempt, answers } = fact else { continue };
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

    /// One certificate for each who completed; that its PDF is whole, the books have seen.
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
            match of.get(&enrolment).map(Vec::as_slice) {
                Some(["issued"]) => {}
                None | Some([] | [_]) => self.missing(format!("the certificate of {mail}")),
                Some(_) => self.twice(format!("the certificate of {mail}")),
            }
        }
        Ok(())
    }

    /// Every mail that should have left did, once; one that may have is said to be uncertain.
    async fn mails(&mut self, platform: &Platform, folder: &Path) -> anyhow::Result<()> {
        let db = platform.db(ServiceName::Notification)?;
        let sql = "select id, person, kind, subject, state from deliveries where channel = 'mail'";
        let deliveries: Vec<Delivery> = db.all(sql, vec![]).await?;
        let mut left = read_mails(folder)?;
        let refusals = std::fs::read_to_string(folder.join(REFUSED)).unwrap_or_default();
        self.outcome.refused = i64::try_from(refusals.lines().count())?;
        let mut failed = 0;
        let mut told = BTreeSet::new();
        for delivery in &deliveries {
            let found = left.remove(&delivery.id.to_string()).unwrap_or_default();
            if found.len() > 1 {
                self.twice(format!("the mail {} left {} times", delivery.id, found.len()));
            }
            if !told.insert((delivery.person, &delivery.kind, delivery.subject)) {
                self.twice(format!("a mail of {} to {}", delivery.kind, delivery.person));
            }
            match delivery.state.as_str() {
                "sent" if found.is_empty() => self.missing(format!("the mail {}", delivery.id)),
                "sent" | "suppressed" => {}
                "uncertain" => {
                    self.outcome.uncertain += 1;
                    self.outcome.uncertain_gone += i64::from(!found.is_empty());
                }
                "failed" => failed += 1,
                other => self.missing(format!("the mail {} is {other}", delivery.id)),
            }
            let certificate = delivery.kind == "certificate-issued";
            if certificate && found.iter().any(|mail| !mail.has_pdf) {
                self.missing(format!("the PDF in the mail {}", delivery.id));
            }
        }
        if failed > self.outcome.refused {
            let count = failed - self.outcome.refused;
            self.missing(format!("{count} mails failed that no server refused"));
        }
        for id in left.keys() {
            self.twice(format!("a mail that nobody asked for: {id}"));
        }
        self.enrolments_told(folder)
    }

    /// As learners see it: whoever enrolled has one mail that says so.
    fn enrolments_told(&mut self, folder: &Path) -> anyhow::Result<()> {
        let mut told: BTreeMap<(String, String), usize> = BTreeMap::new();
        for mail in read_mails(folder)?.into_values().flatten() {
            *told.entry((mail.to, mail.subject)).or_default() += 1;
        }
        let people: BTreeSet<&str> = told.keys().map(|(to, _)| to.as_str()).collect();
        let away = self.outcome.uncertain + self.outcome.refused;
        let mut without = Vec::new();
        for fact in &self.facts {
            let Fact::Enrolled { mail, .. } = fact else { continue };
            if !people.contains(mail.as_str()) {
                without.push(mail.clone());
            }
        }
        if i64::try_from(without.len())? > away {
            self.missing(format!("any mail to {}", without.join(", ")));
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct OneText {
    text: String,
}

/// The mails in a folder, by the delivery that their Message-ID names.
fn read_mails(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<Mail>>> {
    let mut mails: BTreeMap<String, Vec<Mail>> = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(mails) };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "eml") {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let id = header(&text, "Message-ID")
            .with_context(|| format!("{} has no Message-ID", path.display()))?;
        let id = id.trim_start_matches('<').split('@').next().unwrap_or_default().to_owned();
        let to = header(&text, "To").unwrap_or_default();
        let to = to.rsplit(['<', ' ']).next().unwrap_or_default().trim_end_matches('>').to_owned();
        let subject = header(&text, "Subject").unwrap_or_default();
        let has_pdf = text.contains("application/pdf");
        mails.entry(id).or_default().push(Mail { to, subject, has_pdf });
    }
    Ok(mails)
}

/// A header's value, its folded lines joined.
fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut lines = head.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim().to_owned())
}
