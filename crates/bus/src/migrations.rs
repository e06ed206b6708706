//! Schema changes, applied once each, in order, in one transaction. A released one never changes.

use std::collections::HashSet;

use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, Tx, values};

/// One step of a schema: statements that both databases understand, separated by `;`.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Durable: `0001-people`.
    pub name: &'static str,
    pub sql: &'static str,
}

const BUS: &[Migration] = &[TABLES, RETRY_DUE];

/// So that one look tells whether anything at all is due.
const RETRY_DUE: Migration = Migration {
    name: "bus-0002-retry-due",
    sql: "create index bus_retry_any_due on bus_retry (due)",
};

const TABLES: Migration = Migration {
    name: "bus-0001-tables",
    sql: "
create table bus_outbox (
    id uuid primary key,
    event_type text not null,
    subject text not null,
    sequence bigint,
    occurred_at timestamptz not null,
    traceparent text,
    data text not null,
    due timestamptz not null,
    schedule_key text,
    queue text,
    sent_at timestamptz,
    unroutable boolean not null default false
);
create index bus_outbox_waiting on bus_outbox (due) where sent_at is null;
create unique index bus_outbox_scheduled on bus_outbox (schedule_key) where sent_at is null;
create index bus_outbox_types on bus_outbox (event_type);
create table bus_inbox (
    handler text not null,
    id uuid not null,
    event_type text not null,
    received_at timestamptz not null,
    primary key (handler, id)
);
create table bus_retry (
    handler text not null,
    id uuid not null,
    event_type text not null,
    envelope text not null,
    attempts integer not null,
    due timestamptz not null,
    cause text not null,
    since timestamptz not null,
    primary key (handler, id)
);
create index bus_retry_due on bus_retry (handler, due);
create table bus_effect (
    effect text not null,
    job_key text not null,
    job text not null,
    attempts integer not null default 0,
    due timestamptz not null,
    cause text,
    lease_until timestamptz,
    owner uuid,
    fence bigint not null default 0,
    abandoned boolean not null default false,
    primary key (effect, job_key)
);
create index bus_effect_due on bus_effect (effect, due);
create table bus_dead (
    consumer text not null,
    kind text not null,
    id uuid not null,
    event_type text not null,
    body text not null,
    bytes bytea,
    cause text not null,
    attempts integer not null,
    died_at timestamptz not null,
    state text not null,
    reason text,
    settled_at timestamptz,
    primary key (consumer, id)
);
create table bus_lease (
    name text primary key,
    owner uuid not null,
    until timestamptz not null,
    fence bigint not null
)",
};

const APPLIED: &str = "create table if not exists bus_migration \
                       (name text primary key, applied_at timestamptz not null)";

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

/// Brings the bus's own tables and the service's up to date. Replicas that start together wait for
/// each other.
pub(crate) async fn apply(db: &Db, steps: &[Migration]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    if db.is_postgres() {
        tx.execute("select pg_advisory_xact_lock(hashtext($1))", values![db.service()]).await?;
    }
    tx.execute(APPLIED, values![]).await?;
    let names: Vec<Name> = tx.all("select name from bus_migration", values![]).await?;
    let done: HashSet<String> = names.into_iter().map(|row| row.name).collect();
    for step in BUS.iter().chain(steps).filter(|step| !done.contains(step.name)) {
        apply_one(&mut tx, step).await?;
    }
    tx.commit().await
}

async fn apply_one(tx: &mut Tx, step: &Migration) -> Result<(), Error> {
    for statement in step.sql.split(';').filter(|statement| !statement.trim().is_empty()) {
        tx.execute(statement, values![]).await.map_err(|error| {
            Error::Configuration(format!("the migration {} failed: {error}", step.name))
        })?;
    }
    let now = tx.now();
    tx.execute(
        "insert into bus_migration (name, applied_at) values ($1, $2)",
        values![step.name, now],
    )
    .await?;
    Ok(())
}
