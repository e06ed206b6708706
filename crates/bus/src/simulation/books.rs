//! The bus's own books at the end of a run: what was published against what each handler took.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::world::{Finding, Member};
use crate::{Db, Error, Ledger, Read, rows::Id, transport::Queue, values};

/// What retention throws away is kept beside, and with an inbox id whether it was needed still. So all that
/// was ever sent and ever taken can be read at the end, here and by whoever keeps books of their own.
const BESIDE: [&str; 6] = [
    "create table if not exists pruned_outbox as select * from bus_outbox where 0",
    "create table if not exists pruned_inbox \
     (handler text not null, id uuid not null, event_type text not null, was_needed boolean not null)",
    "create trigger if not exists prune_outbox before delete on bus_outbox \
     when old.sent_at is not null begin \
     insert into pruned_outbox select * from bus_outbox where id = old.id; end",
    "create trigger if not exists prune_inbox before delete on bus_inbox begin \
     insert into pruned_inbox select old.handler, old.id, old.event_type, \
     exists (select 1 from bus_retry where handler = old.handler and id = old.id) \
     or exists (select 1 from bus_dead where consumer = old.handler and id = old.id and state = 'waiting') \
     or exists (select 1 from bus_outbox \
     where sent_at is null and (id = old.id or instr(leads, old.id) > 0)); end",
    "create view if not exists ever_published as \
     select * from bus_outbox where sent_at is not null union all select * from pruned_outbox",
    "create view if not exists ever_taken as select handler, id, event_type from bus_inbox \
     union all select handler, id, event_type from pruned_inbox",
];

#[derive(FromQueryResult)]
struct Published {
    id: Uuid,
    event_type: String,
    queue: Option<String>,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

#[derive(FromQueryResult)]
struct Line {
    line: String,
}

#[derive(FromQueryResult)]
struct Count {
    name: String,
    number: i64,
}

/// Has a database keep what is thrown away.
pub(super) async fn keep_beside(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for statement in BESIDE {
        tx.execute(statement, values![]).await?;
    }
    tx.commit().await
}

/// What is due and not sent.
pub(super) async fn unsent(db: &Db) -> Result<i64, Error> {
    let sql = "select count(*) from bus_outbox where sent_at is null and due <= $1";
    Ok(db.scalar(sql, values![db.now()]).await?.unwrap_or(0))
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

/// What was published and is missing in an inbox, what is in an inbox and was not published or is there
/// twice, what waits for ever, what is dead, and what the books do not say.
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
        findings.extend(thrown_away(&member.db).await?);
        findings.extend(miscounted(&member.db).await?);
        findings.extend(left_over(&member.db).await?);
    }
    for member in members {
        for queue in member.service.queues() {
            findings.extend(compare(&member.db, &queue, &published).await?);
        }
    }
    Ok(findings)
}

async fn sent(db: &Db) -> Result<Vec<Published>, Error> {
    db.all("select id, event_type, queue from ever_published", values![]).await
}

/// What retention should have kept: the id of what waits or may come again, and of what came again.
async fn thrown_away(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for (what, sql) in [
        (
            "thrown away too early",
            "select handler || ' ' || lower(hex(id)) as line from pruned_inbox where was_needed",
        ),
        (
            "taken twice",
            "select handler || ' ' || lower(hex(id)) as line from ever_taken \
             group by handler, id having count(*) > 1",
        ),
    ] {
        let lines: Vec<Line> = db.all(&format!("{sql} order by line"), values![]).await?;
        findings.extend(lines.into_iter().map(|row| format!("{what}: {}", row.line)));
    }
    Ok(findings)
}

/// Where the service's own books, of what is there and what was thrown away, differ from all that ever was.
async fn miscounted(db: &Db) -> Result<Vec<Finding>, Error> {
    let ledger = Ledger::of(db).await?;
    let published = ledger.published.into_iter();
    let published: BTreeMap<String, i64> =
        published.map(|book| (book.event_type, book.published)).collect();
    let taken = ledger.handlers.into_iter();
    let taken: BTreeMap<String, i64> =
        taken.map(|book| (format!("{} {}", book.handler, book.event_type), book.taken)).collect();
    let mut findings = Vec::new();
    for (what, books, sql) in [
        (
            "published",
            published,
            "select event_type as name, count(*) as number from ever_published group by event_type",
        ),
        (
            "taken",
            taken,
            "select handler || ' ' || event_type as name, count(*) as number from ever_taken \
             group by handler, event_type",
        ),
    ] {
        let counts: Vec<Count> = db.all(sql, values![]).await?;
        let counts: BTreeMap<String, i64> =
            counts.into_iter().map(|row| (row.name, row.number)).collect();
        if counts != books {
            let service = db.service();
            findings.push(format!("{service} {what} {counts:?}, and its books say {books:?}"));
        }
    }
    Ok(findings)
}

/// What was sent more than thirty days ago and is still there; an inbox id may have been needed until now.
async fn left_over(db: &Db) -> Result<Option<Finding>, Error> {
    let before = db.now() - TimeDelta::days(30);
    let sql = "select count(*) from bus_outbox where sent_at < $1";
    let left: i64 = db.scalar(sql, values![before]).await?.unwrap_or(0);
    Ok((left > 0).then(|| format!("{left} sent by {} were never thrown away", db.service())))
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
        db.all("select id from ever_taken where handler = $1", values![queue.name.clone()]).await?;
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
