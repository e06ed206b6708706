//! Dead letters that were decided about, of one service or of several together, the latest decision first.

use std::cmp::Reverse;

use bus::{Dead, DeadLetters, SettledPage};
use ui::Problem;

use super::{place, unavailable};
use crate::platform::Member;

pub(super) struct Settled<'a> {
    pub(super) letters: Vec<(&'a Member, Dead)>,
    /// Where the next page begins.
    pub(super) next: Option<String>,
}

/// One page, which begins after the place that the one before gave.
pub(super) async fn page<'a>(
    members: &'a [Member],
    group: Option<&str>,
    before: Option<&str>,
    limit: u32,
) -> Result<Settled<'a>, Problem> {
    let before = before.map(place::read_settled).transpose()?;
    let page = SettledPage { group, before, limit: limit + 1 };
    let mut letters = Vec::new();
    for member in members {
        let own = DeadLetters::of(&member.db).settled(page).await.map_err(unavailable)?;
        letters.extend(own.into_iter().map(|dead| (member, dead)));
    }
    let place = |dead: &Dead| (dead.settled_at, dead.id, dead.consumer.clone());
    letters.sort_by_cached_key(|(_, dead)| Reverse(place(dead)));
    let is_last = letters.len() <= limit as usize;
    letters.truncate(limit as usize);
    let next = letters.last().filter(|_| !is_last).and_then(|(_, last)| place::of_settled(last));
    Ok(Settled { letters, next })
}
