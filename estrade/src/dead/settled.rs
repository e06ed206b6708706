//! `estrade dead list --settled`: what was replayed or discarded, by whom, when and why, the latest decision first.

use bus::{Dead, DeadLetters, SettledPage};

use super::{AT_ONCE, date};
use crate::{Verdict, operations::LetterView, platform::Member};

pub(super) async fn list(
    members: &[Member],
    group: Option<&str>,
    json: bool,
) -> anyhow::Result<Verdict> {
    let mut letters: Vec<LetterView> = Vec::new();
    for member in members {
        letters.extend(of(member, group).await?.into_iter().map(LetterView::from));
    }
    letters.sort_by_key(|letter| std::cmp::Reverse((letter.settled_at, letter.id)));
    if json {
        println!("{}", serde_json::to_string_pretty(&letters)?);
        return Ok(Verdict::Well);
    }
    if letters.is_empty() {
        println!("No dead letter was decided about.");
    }
    for letter in &letters {
        let when = letter.settled_at.as_ref().map(date).unwrap_or_default();
        let by = letter.settled_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        println!("{}  {when}  {}  {}{by}", letter.id, letter.consumer, letter.state);
        if let Some(reason) = &letter.reason {
            println!("    {reason}");
        }
        println!("    after {} attempts: {}", letter.attempts, letter.cause);
    }
    Ok(Verdict::Well)
}

async fn of(member: &Member, group: Option<&str>) -> anyhow::Result<Vec<Dead>> {
    let (letters, mut all) = (DeadLetters::of(&member.db), Vec::<Dead>::new());
    loop {
        let last =
            all.last().and_then(|last| Some((last.settled_at?, last.id, last.consumer.as_str())));
        let page = letters.settled(SettledPage { group, before: last, limit: AT_ONCE }).await?;
        let is_last = page.len() < AT_ONCE as usize;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
