//! The bus's own books at the end of a run: what was published against what each handler took.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::world::{Finding, Member};
use crate::{Db, Error, Read, transport::Queue, values};

#[derive(FromQueryResult)]
struct Published {
    id: Uuid,
    event_type: String,
    queue: Option<String>,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

#[derive(FromQueryResult)]
struct Line {
    line: String,
}

/// What of a service's still waits to be sent, tried again or done; what is planned for later does not.
pub(super) async fn waiting(db: &Db) -> Result<usize, Error> {
    let waiting: Option<i64> = db
        .scalar(
            "select (select count(*) from bus_outbox where sent_at is null \
             and (schedule_key is null or due <= $1)) \
             + (select count(*) from bus_retry) + (select count(*) from bus_effect)",
            values![db.now()],
        )
        .await?;
    Ok(usize::try_from(waiting.unwrap_or(0)).unwrap_or(0))
}

/// What was published and is missing in an inbox, what is in an inbox and was not published, what waits
/// for ever, and what is dead.
pub(super) async fn findings(members: &[Member]) -> Result<Vec<Finding>, Error> {
    let mut published = Vec::new();
    let mut findings = Vec::new();
    for member in members {
        let name = member.service.name();
        published.extend(sent(&member.db).await?);
        let waiting = waiting(&member.db).await?;
        if waiting > 0 {
            findings.push(format!("{waiting} of {name} are still to be sent, tried or done"));
        }
        let sql = "select consumer || ': ' || event_type || ': ' || cause as line from bus_dead \
                   where state = 'waiting' order by line";
        let dead: Vec<Line> = member.db.all(sql, values![]).await?;
        findings.extend(dead.into_iter().map(|dead| format!("dead in {}", dead.line)));
    }
    for member in members {
        for queue in member.service.queues() {
            findings.extend(compare(&member.db, &queue, &published).await?);
        }
    }
    Ok(findings)
}

async fn sent(db: &Db) -> Result<Vec<Published>, Error> {
    db.all("select id, event_type, queue from bus_outbox where sent_at is not null", values![])
        .await
}

async fn compare(db: &Db, queue: &Queue, published: &[Published]) -> Result<Vec<Finding>, Error> {
    let hears = |one: &Published| match &one.queue {
        Some(name) => *name == queue.name,
        None => queue.types.iter().any(|kind| *kind == one.event_type || kind == Queue::EVERYTHING),
    };
    let wanted: BTreeMap<Uuid, &str> = published
        .iter()
        .filter(|one| hears(one))
        .map(|one| (one.id, one.event_type.as_str()))
        .collect();
    let taken: Vec<Id> =
        db.all("select id from bus_inbox where handler = $1", values![queue.name.clone()]).await?;
    let taken: BTreeSet<Uuid> = taken.into_iter().map(|row| row.id).collect();
    let lost = wanted.iter().filter(|(id, _)| !taken.contains(id));
    let strange = taken.iter().filter(|id| !wanted.contains_key(id));
    let lost = lost.map(|(id, kind)| format!("lost: {} never took {kind} {id}", queue.name));
    let strange =
        strange.map(|id| format!("strange: {} took {id}, which nobody published", queue.name));
    Ok(lost.chain(strange).collect())
}

/// All that a database holds, line by line, but for some columns.
pub(super) async fn dump(db: &Db, except: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let tables: Vec<Name> = db
        .all(
            "select name from sqlite_master where type = 'table' and name <> 'bus_migration' order by name",
            values![],
        )
        .await?;
    let mut lines = Vec::new();
    for Name { name: table } in tables {
        let columns: Vec<Name> =
            db.all("select name from pragma_table_info($1)", values![table.clone()]).await?;
        let columns: Vec<String> = columns
            .into_iter()
            .filter(|column| !except.contains(&(table.as_str(), column.name.as_str())))
            .map(|column| format!("quote({})", column.name))
            .collect();
        let sql = format!(
            "select {} as line from \"{table}\" order by line",
            columns.join(" || ' | ' || ")
        );
        let rows: Vec<Line> = db.all(&sql, values![]).await?;
        lines.extend(rows.into_iter().map(|row| format!("{table}: {}", row.line)));
    }
    Ok(lines)
}
