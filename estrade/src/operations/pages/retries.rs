//! What waits in a service to be tried again: each event and each job outside with what went wrong and when it
//! is tried next. Both lists are leafed through together.

use bus::{OpenJob, Retries, Retrying};
use ui::{Html, Pager, Problem, Visit};
use uuid::Uuid;

use super::{
    super::{state::Look, unavailable},
    letters::{LONGEST_CAUSE, cut},
};
use crate::platform::Member;

/// Events on one page, and jobs.
const SOME: u32 = 20;

/// One event, ready to be printed.
pub(super) struct RetryLine {
    pub(super) handler: String,
    pub(super) event: String,
    pub(super) id: Uuid,
    /// Whom it is about: their timeline says what else is not done.
    pub(super) person: Option<Uuid>,
    pub(super) attempts: i32,
    pub(super) cause: String,
    pub(super) since: Html,
    pub(super) next: Html,
}

/// One job, ready to be printed.
pub(super) struct JobRetryLine {
    pub(super) effect: String,
    pub(super) key: String,
    /// Whom it concerns.
    pub(super) person: Option<Uuid>,
    pub(super) attempts: i32,
    pub(super) cause: String,
    pub(super) next: Html,
}

/// Those of the page that is shown.
pub(super) async fn of_page(
    visit: &Visit,
    member: &Member,
    pager: &Pager,
) -> Result<Vec<RetryLine>, Problem> {
    let found =
        Retries::of(&member.db).page(SOME, pager.skipped(SOME)).await.map_err(unavailable)?;
    Ok(found.into_iter().map(|retrying| RetryLine::of(visit, retrying)).collect())
}

pub(super) async fn jobs_of_page(
    visit: &Visit,
    member: &Member,
    pager: &Pager,
) -> Result<Vec<JobRetryLine>, Problem> {
    let found =
        Retries::of(&member.db).jobs(SOME, pager.skipped(SOME)).await.map_err(unavailable)?;
    Ok(found.into_iter().map(|job| JobRetryLine::of(visit, job)).collect())
}

/// As far as the longer of the two lists goes.
pub(super) fn pager(visit: &Visit, look: &Look) -> Pager {
    let longer = look.events_retrying().max(look.jobs_retrying());
    Pager::counted(visit.page_number(), SOME, u64::try_from(longer).unwrap_or(0))
}

impl RetryLine {
    fn of(visit: &Visit, retrying: Retrying) -> Self {
        Self {
            person: retrying.person(),
            cause: cut(&retrying.cause, LONGEST_CAUSE),
            since: visit.moment(retrying.since),
            next: visit.moment(retrying.due),
            handler: retrying.handler,
            event: retrying.event_type,
            id: retrying.id,
            attempts: retrying.attempts,
        }
    }
}

impl JobRetryLine {
    fn of(visit: &Visit, job: OpenJob) -> Self {
        Self {
            person: job.person(),
            cause: cut(job.cause.as_deref().unwrap_or("–"), LONGEST_CAUSE),
            next: visit.moment(job.due),
            effect: job.effect,
            key: job.job_key,
            attempts: job.attempts,
        }
    }
}
