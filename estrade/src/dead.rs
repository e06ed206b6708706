//! `estrade dead`: list, show, rehearse, replay and discard dead letters.

mod settled;

use anyhow::bail;
use bus::{DeadLetters, DeadPage, Which};
use uuid::Uuid;

use crate::{
    Verdict,
    cli::{DeadAction, DeadOptions, ServiceName},
    config::Config,
    operations::{GroupView, LetterView, MOST_REHEARSED, RehearsalView, TableView},
    platform::{self, Member},
};

/// Letters that are taken out of a database at once.
const AT_ONCE: u32 = 200;
/// Who decided, where nobody signed in.
const BY: &str = "the command line";

pub(crate) async fn run(config: Config, options: DeadOptions) -> anyhow::Result<Verdict> {
    platform::find_database(&config).await?;
    // Dead letters lie in the databases: neither looking nor deciding needs the transport.
    let members = platform::open_members(&config, &ServiceName::ALL).await?;
    let verdict = act(&members, &options.action).await;
    for member in members {
        member.db.close().await;
    }
    verdict
}

async fn act(members: &[Member], action: &DeadAction) -> anyhow::Result<Verdict> {
    match action {
        DeadAction::List { settled: true, group, json, .. } => {
            settled::list(members, group.as_deref(), *json).await
        }
        DeadAction::List { all: false, group: None, json, .. } => groups(members, *json).await,
        DeadAction::List { group, json, .. } => list(members, group.as_deref(), *json).await,
        DeadAction::Show { id } => show(members, *id).await,
        DeadAction::Replay { which, dry_run } => {
            let which = selected(which.id, which.group.as_deref());
            if *dry_run { rehearse(members, which).await } else { replay(members, which).await }
        }
        DeadAction::Discard { which, reason } => {
            discard(members, selected(which.id, which.group.as_deref()), reason).await
        }
    }
}

/// Without an id and without a group: all.
fn selected(id: Option<Uuid>, group: Option<&str>) -> Which<'_> {
    match (id, group) {
        (Some(id), _) => Which::Letter { id, consumer: None },
        (None, Some(group)) => Which::Group(group),
        (None, None) => Which::All,
    }
}

async fn groups(members: &[Member], json: bool) -> anyhow::Result<Verdict> {
    let mut groups: Vec<GroupView> = Vec::new();
    for member in members {
        let own = DeadLetters::of(&member.db).groups().await?;
        groups.extend(own.into_iter().map(GroupView::from));
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.letters));
    if json {
        println!("{}", serde_json::to_string_pretty(&groups)?);
        return Ok(Verdict::Well);
    }
    if groups.is_empty() {
        println!("No dead letters.");
    }
    for group in &groups {
        let (first, last) = (date(&group.first_at), date(&group.last_at));
        println!(
            "{}  {}  {}  {}",
            group.key,
            group.consumer,
            counted(group.letters, "letter", "letters"),
            counted(group.people, "person", "people")
        );
        println!("    {}", group.cause);
        println!("    {first} to {last}, for example {}", group.example);
    }
    Ok(Verdict::Well)
}

fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn date(time: &chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

async fn list(members: &[Member], group: Option<&str>, json: bool) -> anyhow::Result<Verdict> {
    let mut is_first = true;
    for member in members {
        let mut page = DeadPage { group, before: None, limit: AT_ONCE };
        loop {
            let letters = DeadLetters::of(&member.db).page(page).await?;
            page.before = letters.last().map(|last| (last.died_at, last.id));
            let is_last = letters.len() < AT_ONCE as usize;
            for letter in letters {
                print_letter(&LetterView::from(letter), is_first, json)?;
                is_first = false;
            }
            if is_last {
                break;
            }
        }
    }
    match (json, is_first) {
        (true, true) => println!("[]"),
        (true, false) => println!("\n]"),
        (false, true) => println!("No dead letters."),
        (false, false) => {}
    }
    Ok(Verdict::Well)
}

/// As JSON one of a list, which is not in memory as a whole.
fn print_letter(letter: &LetterView, is_first: bool, json: bool) -> serde_json::Result<()> {
    if json {
        let text = serde_json::to_string_pretty(letter)?.replace('\n', "\n  ");
        print!("{}\n  {text}", if is_first { "[" } else { "," });
        return Ok(());
    }
    println!("{}  {}  {}  {}", letter.id, date(&letter.died_at), letter.consumer, letter.group);
    println!("    after {} attempts: {}", letter.attempts, letter.cause);
    Ok(())
}

async fn show(members: &[Member], id: Uuid) -> anyhow::Result<Verdict> {
    let mut found = false;
    for member in members {
        for dead in DeadLetters::of(&member.db).show(id).await? {
            println!("{}", serde_json::to_string_pretty(&LetterView::from(dead))?);
            found = true;
        }
    }
    Ok(verdict_of(found))
}

/// What would come of a replay. Exit status 1 if any would fail.
async fn rehearse(members: &[Member], which: Which<'_>) -> anyhow::Result<Verdict> {
    let (mut rehearsed, mut waiting) = (Vec::new(), 0);
    for member in members {
        let letters = DeadLetters::of(&member.db);
        waiting += letters.count(which).await?;
        let own = letters.rehearse(&member.service, which, MOST_REHEARSED).await?;
        rehearsed.extend(own.into_iter().map(RehearsalView::from));
    }
    if waiting == 0 {
        return Ok(verdict_of(false));
    }
    rehearsed.iter().for_each(print_rehearsal);
    let good = rehearsed.iter().filter(|one| one.verdict == "would-succeed").count();
    let untried = rehearsed.iter().filter(|one| one.is_untried()).count();
    let tried = rehearsed.len() - untried;
    print!("nothing was changed; of {waiting}, {tried} were rehearsed: {good} would go");
    if untried > 0 {
        print!("; {untried} would be performed again (not tried)");
    }
    println!();
    Ok(if good == tried { Verdict::Well } else { Verdict::Wrong })
}

fn print_rehearsal(rehearsal: &RehearsalView) {
    let verdict = match rehearsal.verdict {
        "would-succeed" => "would succeed",
        "would-fail" => "would fail",
        "would-be-performed" => "would be performed again (not tried)",
        "cannot-be-read" => "can never be read: discard it",
        "deadly" => "took its process down each time: not rehearsed",
        _ => "nobody takes it any more: discard it",
    };
    println!("{}  {}  {verdict}", rehearsal.id, rehearsal.consumer);
    if let Some(cause) = &rehearsal.cause {
        println!("    {cause}");
    }
    if rehearsal.verdict != "would-succeed" {
        return;
    }
    if rehearsal.tables.is_empty() {
        println!("    would write nothing");
    }
    for table in &rehearsal.tables {
        println!("    would {}", written(table));
    }
    for (event_type, count) in &rehearsal.publishes {
        println!("    would publish {count} × {event_type}");
    }
    for (effect, count) in &rehearsal.requests {
        println!("    would request {count} × {effect}");
    }
}

/// `insert 1 row, delete 2 rows in seat`.
fn written(table: &TableView) -> String {
    let ways = [
        ("insert", table.inserted),
        ("insert or update", table.inserted_or_updated),
        ("update", table.updated),
        ("delete", table.deleted),
    ];
    let done = ways.into_iter().filter(|(_, rows)| *rows > 0);
    let done: Vec<String> = done
        .map(|(way, rows)| format!("{way} {rows} {}", if rows == 1 { "row" } else { "rows" }))
        .collect();
    format!("{} in {}", done.join(", "), table.table)
}

async fn replay(members: &[Member], which: Which<'_>) -> anyhow::Result<Verdict> {
    let (mut replayed, mut unreadable, mut nobody_there) = (0, 0, 0);
    for member in members {
        let letters = DeadLetters::of(&member.db);
        let done = letters.replay_all(&member.service, which, Some(BY)).await?;
        replayed += done.replayed;
        unreadable += done.unreadable;
        nobody_there += done.nobody_there;
    }
    let how = "look with `estrade dead show ID`, then discard";
    if unreadable > 0 {
        eprintln!("estrade: {unreadable} can never be read and still wait: {how}");
    }
    if nobody_there > 0 {
        eprintln!("estrade: nobody takes {nobody_there} any more, and they still wait: {how}");
    }
    let left = unreadable + nobody_there;
    if replayed == 0 && (left > 0 || which == Which::All) {
        println!("nothing to try again");
        return Ok(if left > 0 { Verdict::Wrong } else { Verdict::Well });
    }
    if replayed > 0 {
        println!("{replayed} will be tried again");
    }
    Ok(verdict_of(replayed > 0))
}

async fn discard(members: &[Member], which: Which<'_>, reason: &str) -> anyhow::Result<Verdict> {
    if reason.trim().is_empty() {
        bail!("say why with --reason: whoever looks later will want to know");
    }
    let mut discarded = 0;
    for member in members {
        let letters = DeadLetters::of(&member.db);
        discarded += letters.discard_all(which, reason.trim(), Some(BY)).await?;
    }
    if discarded > 0 {
        println!("{discarded} put aside");
    }
    Ok(verdict_of(discarded > 0))
}

fn verdict_of(found: bool) -> Verdict {
    if found {
        return Verdict::Well;
    }
    eprintln!("estrade: no such dead letter waits; `estrade dead list` shows those that do");
    Verdict::Wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_by_what_is_done_to_its_rows() {
        let table = "seat".to_owned();
        let mut seats =
            TableView { table, inserted: 1, inserted_or_updated: 0, updated: 0, deleted: 2 };
        assert_eq!(written(&seats), "insert 1 row, delete 2 rows in seat");
        (seats.inserted_or_updated, seats.updated) = (3, 4);
        let all = "insert 1 row, insert or update 3 rows, update 4 rows, delete 2 rows in seat";
        assert_eq!(written(&seats), all);
    }
}
