//! What waits in a service to be tried again: each event with what went wrong and when it is tried next.

use bus::{Retries, Retrying};
use ui::{Html, Pager, Problem, Visit};
use uuid::Uuid;

use super::{super::unavailable, letters::cut};
use crate::platform::Member;

/// Events on one page.
pub(super) const SOME: u32 = 20;
/// Characters of a cause in the list.
const LONGEST_CAUSE: usize = 400;

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

/// Those of the page that is shown.
pub(super) async fn of_page(
    visit: &Visit,
    member: &Member,
    pager: &Pager,
) -> Result<Vec<RetryLine>, Problem> {
    let before = u64::from(pager.page() - 1) * u64::from(SOME);
    let found = Retries::of(&member.db).page(SOME, before).await.map_err(unavailable)?;
    Ok(found.into_iter().map(|retrying| RetryLine::of(visit, retrying)).collect())
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
