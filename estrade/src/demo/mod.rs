//! `estrade demo`: a cohort goes through a real course over the HTTP API, and then the books are
//! closed: what was published, handled, issued and delivered, counted from the databases and the
//! mail folder. Then, unless it is to end, there is an account for each role, and something to find.

pub(crate) mod account;
pub(crate) mod books;
pub(crate) mod client;
pub(crate) mod cohort;
pub(crate) mod course;
pub(crate) mod journey;
mod processes;
mod progress;
mod report;
mod showcase;
pub(crate) mod stage;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::{
    account::{Account, Of},
    books::Books,
    cohort::Learner,
    course::DemoCourse,
    progress::Progress,
    stage::Stage,
};
use crate::{
    Verdict,
    cli::{DemoOptions, Settings},
    serve::told_to_stop,
};

/// How many learners are at work at the same time.
const AT_ONCE: usize = 24;
/// How often the instructor looks whether half of the cohort is there.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) async fn run(settings: &Settings, options: &DemoOptions) -> anyhow::Result<Verdict> {
    let told_to_stop = told_to_stop()?;
    tokio::pin!(told_to_stop);
    let mut progress = Progress::new();
    let stage = tokio::select! {
        stage = Stage::set(settings, options, &mut progress) => stage?,
        () = &mut told_to_stop => return Ok(Verdict::Wrong),
    };
    let outcome = tokio::select! {
        outcome = perform(&stage, options, &mut progress) => Some(outcome),
        () = &mut told_to_stop => None,
    };
    let verdict = match outcome {
        None => Ok(Verdict::Wrong),
        Some(Err(error)) => Err(error),
        Some(Ok(books)) => {
            report::show(&books, options)?;
            if !options.exit {
                tokio::select! {
                    () = look_around(&stage, &progress) => {}
                    () = &mut told_to_stop => {}
                }
            }
            Ok(if books.balance() { Verdict::Well } else { Verdict::Wrong })
        }
    };
    stage.strike().await;
    verdict
}

/// Stays up; what could not be arranged takes nothing from what is there.
async fn look_around(stage: &Stage, progress: &Progress) {
    if let Err(error) = showcase::arrange(stage, progress).await {
        eprintln!("estrade: not everything is there to be found: {error:#}");
    }
    report::show_where(stage);
    std::future::pending().await
}

async fn perform(
    stage: &Stage,
    options: &DemoOptions,
    progress: &mut Progress,
) -> anyhow::Result<Books> {
    let started = Instant::now();
    let account = Arc::new(Account::default());
    let cohort = cohort::draw(options.learners, options.seed, &stage.run)?;
    progress.say(&format!("{} learners take the course, {AT_ONCE} at a time", cohort.len()));
    let last_mark = CancellationToken::new();
    let marking = tokio::spawn(journey::mark_essays(stage.instructor.clone(), last_mark.clone()));
    let learning = learn_all(stage, cohort, account.clone());
    tokio::pin!(learning);
    loop {
        tokio::select! {
            done = &mut learning => break done?,
            () = progress.tick() => progress.show(stage, &account, options.learners).await?,
        }
    }
    progress.say("all learners are done; waiting until every queue is empty");
    let books = books::close(stage, &account, last_mark, marking, progress).await?;
    progress.end();
    Ok(books.with_seconds(started.elapsed()))
}

/// All learners, some at a time; half-way, the instructor publishes a lesson and renames the course.
async fn learn_all(
    stage: &Stage,
    cohort: Vec<Learner>,
    account: Arc<Account>,
) -> anyhow::Result<()> {
    let half = u32::try_from(cohort.len().div_ceil(2))?;
    let mut at_work = JoinSet::new();
    for course in &stage.courses {
        at_work.spawn(teach(stage.instructor.clone(), course.clone(), account.clone(), half));
    }
    for learner in cohort {
        while at_work.len() >= AT_ONCE {
            finish_one(&mut at_work).await?;
        }
        let course = stage.course(learner.language)?;
        let (mut client, account) = (stage.visitor()?, account.clone());
        at_work
            .spawn(async move { journey::learn(&mut client, &learner, &course, &account).await });
    }
    while !at_work.is_empty() {
        finish_one(&mut at_work).await?;
    }
    Ok(())
}

async fn teach(
    instructor: client::Client,
    course: Arc<DemoCourse>,
    account: Arc<Account>,
    half: u32,
) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(LOOK_EVERY);
    while account.count(Of::Enrolled) < half {
        beat.tick().await;
    }
    journey::teach(&instructor, &course).await
}

async fn finish_one(at_work: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    match at_work.join_next().await {
        Some(finished) => finished?,
        None => Ok(()),
    }
}
