//! Closing the books: what every service published, took, issued and delivered, counted from the
//! databases, the files and the mail folder, and held against what the cohort was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use bus::{Ledger, transport::Queue};
use contract::notification::Kind;
use event::CourseId;
use serde::Serialize;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    account::{Account, Of},
    progress::Progress,
    stage::Stage,
};
use crate::{cli::ServiceName, platform::Platform};

/// How long nothing may move before the books are closed as they are.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the demo found. All of it is counted, none of it remembered, but for what the cohort was
/// told.
#[derive(Serialize, Debug, Default)]
pub(crate) struct Books {
    pub(crate) learners: i64,
    pub(crate) enrolments: i64,
    pub(crate) attempts: Attempts,
    pub(crate) certificates: Certificates,
    pub(crate) notifications: Notifications,
    pub(crate) copies: Copies,
    /// By event type.
    pub(crate) events: BTreeMap<String, EventBook>,
    pub(crate) dead: i64,
    pub(crate) lost: i64,
    pub(crate) duplicates: i64,
    /// What was lost or doubled, in words.
    pub(crate) findings: Vec<String>,
    pub(crate) seconds: f64,
}

#[derive(Serialize, Debug, Default)]
pub(crate) struct Attempts {
    pub(crate) submitted: i64,
    pub(crate) graded: i64,
    /// Given up before they were given in.
    pub(crate) unfinished: i64,
}

#[derive(Serialize, Debug, Default)]
pub(crate) struct Certificates {
    /// Courses completed.
    pub(crate) completed: i64,
    pub(crate) issued: i64,
    /// PDFs that lie in the file store.
    pub(crate) files: i64,
}

#[derive(Serialize, Debug, Default)]
pub(crate) struct Notifications {
    /// Facts that a person should be told, on each channel.
    pub(crate) expected: i64,
    pub(crate) expected_by_kind: BTreeMap<String, i64>,
    pub(crate) delivered: BTreeMap<String, i64>,
    /// Not sent on purpose (no device for push, a preference), by channel.
    pub(crate) suppressed: BTreeMap<String, i64>,
    pub(crate) failed: BTreeMap<String, i64>,
    /// Mails in the mail folder.
    pub(crate) mail_files: i64,
}

#[derive(Serialize, Debug, Default)]
pub(crate) struct Copies {
    /// Copies of courses that differ from the catalogue's.
    pub(crate) drift: i64,
    /// Copies compared, by follower.
    pub(crate) compared: BTreeMap<String, i64>,
}

#[derive(Serialize, Debug, Default)]
pub(crate) struct EventBook {
    pub(crate) published: i64,
    pub(crate) unsent: i64,
    pub(crate) handlers: BTreeMap<String, HandlerBook>,
}

#[derive(Serialize, Debug, Default, Clone, Copy)]
pub(crate) struct HandlerBook {
    /// Sent to it alone.
    pub(crate) direct: i64,
    pub(crate) handled: i64,
    pub(crate) held: i64,
    pub(crate) dead: i64,
}

impl Books {
    /// Nothing lost, nothing doubled.
    pub(crate) fn balance(&self) -> bool {
        self.lost == 0 && self.duplicates == 0
    }

    pub(crate) fn with_seconds(mut self, elapsed: Duration) -> Self {
        self.seconds = (elapsed.as_secs_f64() * 100.0).round() / 100.0;
        self
    }

    /// Two counts that should be one: fewer is lost, more is doubled.
    pub(crate) fn compare(&mut self, what: &str, expected: i64, found: i64) {
        if found < expected {
            self.lost += expected - found;
            self.findings.push(format!("lost: {what}: {found} of {expected}"));
        }
        if found > expected {
            self.doubled(what, found - expected);
        }
    }

    pub(crate) fn doubled(&mut self, what: &str, count: i64) {
        if count > 0 {
            self.duplicates += count;
            self.findings.push(format!("doubled: {what}: {count} too many"));
        }
    }
}

/// Waits until every queue is empty and every essay marked, and counts.
pub(super) async fn close(
    stage: &Stage,
    account: &Account,
    last_mark: CancellationToken,
    marking: JoinHandle<anyhow::Result<()>>,
    progress: &mut Progress,
) -> anyhow::Result<Books> {
    // Twice: essays that are graded by a machine late come late to those who mark them.
    let say = |what: &str| progress.say(what);
    quiet(stage.platform(), &say).await?;
    last_mark.cancel();
    marking.await.context("whoever marks essays is gone")??;
    quiet(stage.platform(), &say).await?;
    let mut books = count(stage.platform(), account).await?;
    count_mails(&mut books, &stage.config.mail_folder())?;
    Ok(books)
}

/// Returns when everything that was published was taken by everyone who hears it, or when nothing
/// has moved for too long.
pub(crate) async fn quiet(platform: &Platform, say: &dyn Fn(&str)) -> anyhow::Result<()> {
    let mut last = String::new();
    let mut moved = Instant::now();
    loop {
        let (events, jobs) = events(platform).await?;
        let open: i64 = jobs + events.values().map(EventBook::open).sum::<i64>();
        if open == 0 {
            return Ok(());
        }
        let now = format!("{events:?} {jobs}");
        if now != last {
            (last, moved) = (now, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            say(&format!(
                "{open} things have not moved for {PATIENCE:?}; closing the books as they are"
            ));
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl EventBook {
    /// What is still on its way.
    fn open(&self) -> i64 {
        let of = |book: &HandlerBook| self.published + book.direct - book.handled - book.dead;
        self.unsent + self.handlers.values().map(|book| of(book).max(0)).sum::<i64>()
    }
}

/// Counts everything but the mails that left.
pub(crate) async fn count(platform: &Platform, account: &Account) -> anyhow::Result<Books> {
    let (events, jobs) = events(platform).await?;
    let mut books = Books { events, ..Books::default() };
    books.compare("jobs that should be done", 0, -jobs);
    balance_events(&mut books);
    count_learning(&mut books, platform, account).await?;
    count_certificates(&mut books, platform).await?;
    count_notifications(&mut books, platform).await?;
    count_copies(&mut books, platform).await?;
    Ok(books)
}

/// For each event type what was published, and what each handler bound to it took; and the jobs
/// that are not done.
async fn events(platform: &Platform) -> anyhow::Result<(BTreeMap<String, EventBook>, i64)> {
    let mut events: BTreeMap<String, EventBook> = BTreeMap::new();
    let mut ledgers = Vec::new();
    for member in &platform.members {
        ledgers.push(Ledger::of(&member.db).await?);
    }
    for line in ledgers.iter().flat_map(|ledger| &ledger.published) {
        let book = events.entry(line.event_type.clone()).or_default();
        book.published += line.published - line.direct;
        book.unsent += line.unsent;
    }
    let queues: Vec<Queue> =
        platform.members.iter().flat_map(|member| member.service.queues()).collect();
    for (event_type, book) in &mut events {
        let hears = |queue: &&Queue| {
            queue.types.iter().any(|bound| bound == event_type || bound == Queue::EVERYTHING)
        };
        for queue in queues.iter().filter(hears) {
            book.handlers.insert(queue.name.clone(), HandlerBook::default());
        }
    }
    for line in ledgers.iter().flat_map(|ledger| &ledger.handlers) {
        let book = events.entry(line.event_type.clone()).or_default();
        book.handlers.insert(
            line.handler.clone(),
            HandlerBook {
                direct: 0,
                handled: line.taken - line.held - line.dead,
                held: line.held,
                dead: line.dead,
            },
        );
    }
    for line in ledgers.iter().flat_map(|ledger| &ledger.direct) {
        let book = events.entry(line.event_type.clone()).or_default();
        book.handlers.entry(line.queue.clone()).or_default().direct += line.published;
    }
    let jobs = ledgers.iter().flat_map(|ledger| &ledger.jobs).map(|line| line.waiting).sum();
    Ok((events, jobs))
}

fn balance_events(books: &mut Books) {
    let mut counts = Vec::new();
    for (event_type, book) in &books.events {
        for (handler, line) in &book.handlers {
            counts.push((
                format!("{event_type} at {handler}"),
                book.published + line.direct,
                line.handled + line.held + line.dead,
            ));
        }
    }
    books.dead =
        books.events.values().flat_map(|book| book.handlers.values()).map(|line| line.dead).sum();
    for (what, published, taken) in counts {
        books.compare(&what, published, taken);
    }
}

async fn count_learning(
    books: &mut Books,
    platform: &Platform,
    account: &Account,
) -> anyhow::Result<()> {
    let learning = learning::tally(platform.db(ServiceName::Learning)?).await?;
    let assessment = assessment::tally(platform.db(ServiceName::Assessment)?).await?;
    books.learners = learning.learners;
    books.enrolments = learning.enrolled;
    books.certificates.completed = learning.completed;
    books.attempts = Attempts {
        submitted: assessment.submitted,
        graded: assessment.graded,
        unfinished: assessment.in_progress,
    };
    books.compare("enrolments", account.count(Of::Enrolled).into(), learning.enrolled);
    books.compare("lessons read", account.count(Of::LessonRead).into(), learning.lessons_read);
    let submitted = account.count(Of::AttemptSubmitted).into();
    books.compare("attempts given in", submitted, assessment.submitted);
    books.compare("attempts graded", assessment.submitted, assessment.graded);
    books.compare("results at learning", assessment.graded, learning.results);
    books.doubled("attempts", assessment.doubled);
    Ok(())
}

async fn count_certificates(books: &mut Books, platform: &Platform) -> anyhow::Result<()> {
    let tally = certification::tally(platform.db(ServiceName::Certification)?).await?;
    books.certificates.issued = tally.issued;
    books.compare("certificates", books.certificates.completed, tally.issued);
    books.doubled("certificates", tally.doubled);
    for reference in certification::files(platform.db(ServiceName::Certification)?).await? {
        match platform.files.get(&reference).await {
            Ok(_) => books.certificates.files += 1,
            Err(error) => books.findings.push(format!("lost: {error}")),
        }
    }
    books.compare("PDFs", tally.issued, books.certificates.files);
    Ok(())
}

async fn count_notifications(books: &mut Books, platform: &Platform) -> anyhow::Result<()> {
    expect_notifications(books, platform).await?;
    let notification = platform.db(ServiceName::Notification)?;
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    // What was asked for besides, such as an export, is for whoever asked to look for.
    let tally = notification::tally(notification).await?;
    let expected_kinds = books.notifications.expected_by_kind.clone();
    for line in tally.into_iter().filter(|line| expected_kinds.contains_key(&line.kind)) {
        *found.entry(line.channel.clone()).or_default() += line.count;
        let books = &mut books.notifications;
        let column = match line.state.as_str() {
            "sent" => &mut books.delivered,
            "suppressed" => &mut books.suppressed,
            _ => &mut books.failed,
        };
        *column.entry(line.channel).or_default() += line.count;
    }
    let expected = books.notifications.expected;
    for channel in ["mail", "push", "inbox"] {
        books.notifications.delivered.entry(channel.to_owned()).or_default();
        books.compare(
            &format!("notifications by {channel}"),
            expected,
            found.get(channel).copied().unwrap_or(0),
        );
    }
    let doubled = notification::doubled(notification).await?;
    books.doubled("notifications", doubled.iter().map(|line| line.count - 1).sum());
    Ok(())
}

/// From the facts, at those who own them: whoever enrolled, was graded, got a certificate, or was
/// enrolled when a lesson appeared, is to be told.
async fn expect_notifications(books: &mut Books, platform: &Platform) -> anyhow::Result<()> {
    let learning = platform.db(ServiceName::Learning)?;
    let mut new_lessons = 0;
    for (course, appeared) in catalog::new_lessons(platform.db(ServiceName::Catalog)?).await? {
        new_lessons += learning::enrolled_before(learning, course, appeared).await?;
    }
    let expected = [
        (Kind::Enrolment, books.enrolments),
        (Kind::NewLesson, new_lessons),
        (Kind::QuizGraded, books.attempts.graded),
        (Kind::CertificateIssued, books.certificates.issued),
    ];
    for (kind, count) in expected {
        let name = serde_json::to_value(kind)?.as_str().unwrap_or_default().to_owned();
        books.notifications.expected_by_kind.insert(name, count);
        books.notifications.expected += count;
    }
    Ok(())
}

/// Reads every mail that lies in the folder: each Message-ID once, as many as were sent.
fn count_mails(books: &mut Books, folder: &Path) -> anyhow::Result<()> {
    let failed: i64 = books.notifications.failed.values().sum();
    books.compare("notifications that failed or wait", 0, -failed);
    let mut ids = BTreeSet::new();
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "eml") {
            continue;
        }
        books.notifications.mail_files += 1;
        let bytes = std::fs::read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let id = text
            .lines()
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix("Message-ID: "))
            .with_context(|| format!("{} has no Message-ID", path.display()))?;
        if !ids.insert(id.trim().to_owned()) {
            books.doubled("mails", 1);
        }
    }
    let sent = books.notifications.delivered.get("mail").copied().unwrap_or(0);
    books.compare("mails in the folder", sent, books.notifications.mail_files);
    Ok(())
}

async fn count_copies(books: &mut Books, platform: &Platform) -> anyhow::Result<()> {
    let courses = catalog::published(platform.db(ServiceName::Catalog)?).await?;
    let followers = [
        ("learning", learning::course_copies(platform.db(ServiceName::Learning)?).await?),
        ("assessment", assessment::course_copies(platform.db(ServiceName::Assessment)?).await?),
        (
            "certification",
            certification::course_copies(platform.db(ServiceName::Certification)?).await?,
        ),
        ("notification", notification_copies(platform).await?),
        ("insight", insight::course_copies(platform.db(ServiceName::Insight)?).await?),
    ];
    for (follower, copies) in followers {
        let copies: BTreeMap<_, _> = copies.into_iter().collect();
        for course in &courses {
            *books.copies.compared.entry(follower.to_owned()).or_default() += 1;
            if copies.get(&course.course) != Some(&course.version) {
                books.copies.drift += 1;
                books
                    .findings
                    .push(format!("drift: {follower} has another version of {}", course.key));
            }
        }
    }
    books.lost += books.copies.drift;
    Ok(())
}

async fn notification_copies(platform: &Platform) -> anyhow::Result<Vec<(CourseId, u64)>> {
    let copies = notification::course_copies(platform.db(ServiceName::Notification)?).await?;
    Ok(copies
        .into_iter()
        .map(|copy| (CourseId(copy.course), u64::try_from(copy.version).unwrap_or(0)))
        .collect())
}
