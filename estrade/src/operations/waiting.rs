//! Dead letters of one service that wait for a decision, the latest first.

use bus::{Dead, DeadLetters, DeadPage};
use ui::Problem;

use super::{place, unavailable};
use crate::platform::Member;

/// One page, and where the next begins.
pub(super) async fn page(
    member: &Member,
    group: Option<&str>,
    before: Option<&str>,
    limit: u32,
) -> Result<(Vec<Dead>, Option<String>), Problem> {
    let before = before.map(place::read).transpose()?;
    let page = DeadPage { group, before, limit: limit + 1 };
    let mut found = DeadLetters::of(&member.db).page(page).await.map_err(unavailable)?;
    let is_last = found.len() <= limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| !is_last).map(|last| place::of(last.died_at, last.id));
    Ok((found, next))
}
