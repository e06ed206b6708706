//! `estrade load`: a cohort at work against services that run elsewhere, while somebody does things to
//! them, and the verdict afterwards. The driver of `cargo xtask faults`.
//!
//! What the cohort is told "yes" to goes into a ledger, a file outside the platform. The driver tries
//! again as a browser would, and never gives a request up that it has begun. It starts nothing, stops
//! nothing and breaks nothing: that is done by whoever started it.

mod audit;
mod export;
mod lesson;
mod organisation;

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
        cohort::{self, Learner},
        course, journey,
        stage::{self, ADMINISTRATOR, INSTRUCTOR},
    },
    serve::input_closed,
};

/// How long a request is made again: longer than any fault.
const PATIENCE: Duration = Duration::from_secs(150);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// In so many learners of a cohort there is every way of learning.
const ALL_WAYS: usize = 20;
/// Has no divisor in common with that: the rarer ways come among the first.
const STRIDE: usize = 11;
/// One learner in so many asks for an export.
const EXPORT_OF: u32 = 3;

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
    /// Answers that asked for patience, such as 503.
    put_off: u64,
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
    let before = account.acknowledged();
    let visitor = Client::at(place(options))?.patient(PATIENCE, account.clone());
    let mut outcome = Outcome::default();
    let marking = play(&visitor, options, &account, &mut outcome).await?;
    outcome.done_at = now();
    outcome.acknowledged = account.acknowledged() - before;
    let mails = options.mails.clone().unwrap_or_else(|| config.mail_folder());
    audit::hold(&mut outcome, config, &account, &mails, marking).await?;
    let waits = account.waits();
    outcome.longest_answer_ms = waits.answer.as_millis();
    outcome.longest_others_ms = waits.others.as_millis();
    outcome.put_off = waits.put_off;
    outcome.broken = waits.broken.len();
    let broken = waits.broken.into_iter().take(3);
    outcome.findings.extend(broken.map(|answer| format!("broken: {answer}")));
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(if outcome.is_well() { Verdict::Well } else { Verdict::Wrong })
}

impl Outcome {
    fn is_well(&self) -> bool {
        self.missing == 0 && self.twice == 0 && self.turned_away == 0 && self.broken == 0
    }
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
    let mut administrator = visitor.stranger();
    administrator.sign_in(ADMINISTRATOR, journey::PASSWORD).await?;
    at_work.spawn(administer(administrator, run.clone(), account.clone()));
    let courses = [Language::En, Language::Fr].map(course::DemoCourse::load);
    let [english, french] = courses;
    let (english, french) = (Arc::new(english?), Arc::new(french?));
    let enough = enough();
    for learner in mixed(cohort::draw(options.learners, options.seed, &run)?) {
        while at_work.len() >= options.at_once {
            finish_one(&mut at_work, outcome).await;
        }
        if outcome.learners >= options.at_least && enough.is_cancelled() {
            break;
        }
        let course = if learner.language == Language::Fr { &french } else { &english };
        at_work.spawn(attend(visitor.stranger(), learner, course.clone(), account.clone()));
        outcome.learners += 1;
    }
    while !at_work.is_empty() {
        finish_one(&mut at_work, outcome).await;
    }
    Ok(Marking { last, task })
}

/// The same learners, so ordered that a short load has more than one way of learning in it.
fn mixed(cohort: Vec<Learner>) -> Vec<Learner> {
    let mut places: Vec<(usize, Learner)> = cohort.into_iter().enumerate().collect();
    // The stride's inverse is the stride itself: a learner's place is where the stride meets them.
    places.sort_by_key(|(place, _)| (place / ALL_WAYS, place * STRIDE % ALL_WAYS));
    places.into_iter().map(|(_, learner)| learner).collect()
}

/// A learner's whole way; some ask at its end for all that is kept of them.
async fn attend(
    mut client: Client,
    learner: Learner,
    course: Arc<course::DemoCourse>,
    account: Arc<Account>,
) -> anyhow::Result<()> {
    journey::learn(&mut client, &learner, &course, &account).await?;
    if learner.number.is_multiple_of(EXPORT_OF) {
        export::ask(&client, learner.mail, &account).await?;
    }
    Ok(())
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
    in_the_midst(&account).await;
    lesson::publish(&instructor, &course, &run, &account).await
}

/// While the cohort is at work, another name for the organisation.
async fn administer(
    administrator: Client,
    run: String,
    account: Arc<Account>,
) -> anyhow::Result<()> {
    in_the_midst(&account).await;
    organisation::rename(&administrator, &run, &account).await
}

/// Returns when a few more have enrolled.
async fn in_the_midst(account: &Account) {
    let mut beat = tokio::time::interval(LOOK_EVERY);
    let before = account.count(Of::Enrolled);
    while account.count(Of::Enrolled) < before + 2 {
        beat.tick().await;
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::demo::cohort::Way;

    #[test]
    fn a_short_load_knows_who_gives_up_and_loses_nobody() {
        let cohort = cohort::draw(40, 7, "run").unwrap();
        let order = mixed(cohort);
        let numbers: BTreeSet<u32> = order.iter().map(|learner| learner.number).collect();
        assert_eq!(numbers, (0..40).collect());
        let first = |count: usize| order.iter().take(count).map(|learner| learner.way);
        assert!(first(4).any(|way| way == Way::StopsReading));
        assert!(first(8).any(|way| way == Way::ScoresNothing));
        let asks = |learner: &Learner| learner.number.is_multiple_of(EXPORT_OF);
        assert!(order.iter().take(4).any(asks));
    }
}
