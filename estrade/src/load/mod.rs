//! `estrade load`: a cohort at work against services that run elsewhere, while somebody does things to
//! them, and the verdict afterwards. The driver of `cargo xtask faults`.
//!
//! What the cohort is told "yes" to goes into a ledger, a file outside the platform. The driver tries
//! again as a browser would, and never gives a request up that it has begun. It starts nothing, stops
//! nothing and breaks nothing: that is done by whoever started it.

mod audit;
mod lesson;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use event::Language;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    Verdict,
    cli::{LoadOptions, ServiceName},
    config::Config,
    demo::{
        account::{Account, Of},
        client::{Client, Place},
        cohort, course, journey,
        stage::{self, INSTRUCTOR},
    },
    serve::input_closed,
};

/// How long a request is made again: longer than any fault.
const PATIENCE: Duration = Duration::from_secs(150);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What came of it, as one line of JSON.
#[derive(Debug, Default, Serialize)]
pub(super) struct Outcome {
    learners: u32,
    /// Facts that somebody was told "yes" to, in this run.
    acknowledged: usize,
    missing: i64,
    twice: i64,
    /// Learners for whom something never came to an end.
    turned_away: usize,
    /// Mails of which nobody can tell whether they went, and said so.
    uncertain: i64,
    /// Of these, mails that did go.
    uncertain_gone: i64,
    /// Mails that the mail server refused for good.
    refused: i64,
    /// Answers that should never be given, such as 500.
    broken: usize,
    longest_answer_ms: u128,
    longest_others_ms: u128,
    /// Milliseconds since 1970: when the last learner was done, and when nothing was on its way any more.
    done_at: u128,
    well_at: u128,
    findings: Vec<String>,
}

pub(crate) async fn run(mut config: Config, options: &LoadOptions) -> anyhow::Result<Verdict> {
    if options.prepare {
        config.organisation = stage::organisation();
        stage::prepare(&config).await?;
        return Ok(Verdict::Well);
    }
    let ledger = options.ledger.as_deref().context("no ledger")?;
    let account = Arc::new(Account::in_file(ledger)?);
    let before = account.facts().len();
    let visitor = Client::at(place(options))?.patient(PATIENCE, account.clone());
    let mut outcome = Outcome::default();
    let marking = play(&visitor, options, &account, &mut outcome).await?;
    outcome.done_at = now();
    outcome.acknowledged = account.facts().len() - before;
    let mails = options.mails.clone().unwrap_or_else(|| config.mail_folder());
    audit::hold(&mut outcome, config, &account, &mails, marking).await?;
    let waits = account.waits();
    outcome.longest_answer_ms = waits.answer.as_millis();
    outcome.longest_others_ms = waits.others.as_millis();
    outcome.broken = waits.broken.len();
    outcome.findings.extend(waits.broken.into_iter().take(3));
    println!("{}", serde_json::to_string(&outcome)?);
    let well = outcome.missing == 0 && outcome.twice == 0 && outcome.turned_away == 0;
    Ok(if well { Verdict::Well } else { Verdict::Wrong })
}

/// Whoever marks essays, at work until told that no more will come.
struct Marking {
    last: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
}

/// The cohort, some at a time, until it is enough.
async fn play(
    visitor: &Client,
    options: &LoadOptions,
    account: &Arc<Account>,
    outcome: &mut Outcome,
) -> anyhow::Result<Marking> {
    let mut instructor = visitor.stranger();
    instructor.sign_in(INSTRUCTOR, journey::PASSWORD).await?;
    let last = CancellationToken::new();
    let task = tokio::spawn(journey::mark_essays(instructor.clone(), last.clone()));
    let run = format!("{:x}", options.seed);
    let mut at_work = JoinSet::new();
    for language in [Language::En, Language::Fr] {
        let course = course::DemoCourse::load(language)?;
        at_work.spawn(teach(instructor.clone(), course, run.clone(), account.clone()));
    }
    let courses = [Language::En, Language::Fr].map(course::DemoCourse::load);
    let [english, french] = courses;
    let (english, french) = (Arc::new(english?), Arc::new(french?));
    let enough = enough();
    for learner in cohort::draw(options.learners, options.seed, &run)? {
        while at_work.len() >= options.at_once {
            finish_one(&mut at_work, outcome).await;
        }
        if outcome.learners >= options.at_least && enough.is_cancelled() {
            break;
        }
        let course = if learner.language == Language::Fr { &french } else { &english };
        at_work.spawn(journey::learn(visitor.stranger(), learner, course.clone(), account.clone()));
        outcome.learners += 1;
    }
    while !at_work.is_empty() {
        finish_one(&mut at_work, outcome).await;
    }
    Ok(Marking { last, task })
}

async fn finish_one(at_work: &mut JoinSet<anyhow::Result<()>>, outcome: &mut Outcome) {
    let problem = match at_work.join_next().await {
        None | Some(Ok(Ok(()))) => return,
        Some(Ok(Err(error))) => format!("{error:#}"),
        Some(Err(error)) => error.to_string(),
    };
    outcome.turned_away += 1;
    outcome.findings.push(format!("turned away: {problem}"));
}

/// While the cohort is at work, a new lesson and another title.
async fn teach(
    instructor: Client,
    course: course::DemoCourse,
    run: String,
    account: Arc<Account>,
) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(LOOK_EVERY);
    let before = account.count(Of::Enrolled);
    while account.count(Of::Enrolled) < before + 2 {
        beat.tick().await;
    }
    lesson::publish(&instructor, &course, &run).await
}

/// Cancelled when the standard input is closed.
fn enough() -> CancellationToken {
    let token = CancellationToken::new();
    let told = token.clone();
    tokio::spawn(async move {
        input_closed().await;
        told.cancel();
    });
    token
}

fn place(options: &LoadOptions) -> Place {
    let mut services: BTreeMap<ServiceName, Vec<String>> = BTreeMap::new();
    for (service, address) in &options.at {
        services.entry(*service).or_default().push(address.clone());
    }
    Place::Services(Arc::new(services))
}

/// Milliseconds since 1970.
pub(super) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis())
}
