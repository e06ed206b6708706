//! Schema changes, applied once each, in order, in one transaction. A released one never changes.

use std::collections::HashSet;

use sea_orm::FromQueryResult;

use crate::{Db, Error, Read, Tx, values};

/// One step of a schema: statements separated by `;`. Both databases understand them; one that only one
/// of them does begins with the line `-- sqlite` or `-- postgres`, and is no statement to the other.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Durable: `0001-people`.
    pub name: &'static str,
    pub sql: &'static str,
}

const BUS: &[Migration] = &[
    TABLES,
    RETRY_DUE,
    OPERATIONS,
    STEP,
    JOB_TRACE,
    DEAD_TRACE,
    OUTBOX_INDEXES,
    UNENDED,
    SESSIONS,
    JOB_TIMES,
    QUEUES,
    DEAD_SETTLED,
    FLIGHTS,
];

/// Whom a row of the outbox leads, while it is not sent: see `flight`. In the index is what a relay marked that
/// does not know of them; else nothing.
const FLIGHTS: Migration = Migration {
    name: "bus-0013-flights",
    sql: "
alter table bus_outbox add column leads bytea;
create index bus_outbox_misunderstood on bus_outbox (id)
    where sent_at is not null and leads is not null",
};

/// So that one look tells whether anything at all is due.
const RETRY_DUE: Migration = Migration {
    name: "bus-0002-retry-due",
    sql: "create index bus_retry_any_due on bus_retry (due)",
};

/// Since when a person's sessions must have begun to open anything.
const SESSIONS: Migration = Migration {
    name: "bus-0009-sessions",
    sql: "create table bus_ended_session (person uuid primary key, since timestamptz not null)",
};

/// When a job was tried, as it is known of an event.
const JOB_TIMES: Migration = Migration {
    name: "bus-0010-job-times",
    sql: "alter table bus_effect add column tried text not null default ''",
};

/// Queues that were declared once, for a service that has them no more; from before there was a note of them,
/// those whose handler took anything.
const QUEUES: Migration = Migration {
    name: "bus-0011-queues",
    sql: "
create table bus_queue (name text primary key);
insert into bus_queue (name)
    with recursive own (handler) as (
        select min(handler) from bus_inbox
        union all
        select (select min(i.handler) from bus_inbox i where i.handler > own.handler)
        from own where own.handler is not null
    )
    select handler from own where handler is not null
    union select handler from bus_taken_before",
};

/// What was decided about, in the order in which it is looked through.
const DEAD_SETTLED: Migration = Migration {
    name: "bus-0012-dead-settled",
    sql: "create index bus_dead_settled on bus_dead (settled_at, id, consumer)
    where settled_at is not null",
};

/// Tries that were begun and never ended: what was tried killed its process.
const UNENDED: Migration = Migration {
    name: "bus-0008-unended",
    sql: "
alter table bus_retry add column unended integer not null default 0;
alter table bus_effect add column unended integer not null default 0",
};

/// Two indexes of the outbox that every published event paid for, sent or not: one that nothing reads by,
/// and one in which only what is scheduled has a place.
const OUTBOX_INDEXES: Migration = Migration {
    name: "bus-0007-outbox-indexes",
    sql: "
drop index bus_outbox_types;
drop index bus_outbox_scheduled;
create unique index bus_outbox_scheduled on bus_outbox (schedule_key)
    where sent_at is null and schedule_key is not null",
};

/// A job carries on the trace in which it was requested.
const JOB_TRACE: Migration = Migration {
    name: "bus-0005-job-trace",
    sql: "alter table bus_effect add column traceparent text",
};

/// A job that is dead keeps its trace, as an event does in its envelope.
const DEAD_TRACE: Migration = Migration {
    name: "bus-0006-dead-trace",
    sql: "alter table bus_dead add column traceparent text",
};

/// What a follower found when it compared its copies with digests.
const STEP: Migration = Migration {
    name: "bus-0004-step",
    sql: "
create table bus_comparison (
    kind text not null,
    run uuid not null,
    began_at timestamptz not null,
    heard_at timestamptz not null,
    pages bigint not null,
    pages_in_all bigint not null,
    compared bigint not null,
    missing bigint not null,
    older bigint not null,
    differing bigint not null,
    newer bigint not null,
    surplus bigint not null,
    primary key (kind, run)
)",
};

/// Dead letters by their cause and the people they touch; the books of what was thrown away; who was
/// erased, for what of them is still on its way. `bus_retry_due` tells by handler what is due.
const OPERATIONS: Migration = Migration {
    name: "bus-0003-operations",
    sql: "
drop index bus_retry_any_due;
alter table bus_retry add column tried text not null default '';
alter table bus_dead add column tried text not null default '';
alter table bus_dead add column group_key text not null default '';
alter table bus_dead add column settled_by text;
create index bus_dead_groups on bus_dead (state, group_key, died_at);
create table bus_dead_person (
    consumer text not null,
    id uuid not null,
    person uuid not null,
    primary key (consumer, id, person),
    foreign key (consumer, id) references bus_dead (consumer, id) on delete cascade
);
create table bus_published_before (
    event_type text primary key,
    published bigint not null,
    direct bigint not null,
    unroutable bigint not null
);
create table bus_taken_before (
    handler text not null,
    event_type text not null,
    taken bigint not null,
    dead bigint not null,
    primary key (handler, event_type)
);
create table bus_forgotten (
    subject text primary key,
    forgotten_at timestamptz not null
)",
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
    tx.take_any_time();
    tx.alone(db.service()).await?;
    tx.execute(APPLIED, values![]).await?;
    let names: Vec<Name> = tx.all("select name from bus_migration", values![]).await?;
    let done: HashSet<String> = names.into_iter().map(|row| row.name).collect();
    for step in schema(steps).filter(|step| !done.contains(step.name)) {
        apply_one(&mut tx, step).await?;
    }
    tx.commit().await
}

/// All that make a service's schema, the bus's own first.
pub(crate) fn schema(steps: &[Migration]) -> impl Iterator<Item = &Migration> {
    BUS.iter().chain(steps)
}

async fn apply_one(tx: &mut Tx, step: &Migration) -> Result<(), Error> {
    for statement in statements(step.sql, tx.is_postgres()) {
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

/// Those for this database.
fn statements(sql: &str, is_postgres: bool) -> impl Iterator<Item = &str> {
    let other = if is_postgres { "-- sqlite" } else { "-- postgres" };
    let all = sql.split(';').map(str::trim);
    all.filter(move |statement| !statement.is_empty() && !statement.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_database_alone_understands_is_nothing_to_the_other() {
        let sql = "create table a (b text);\n-- sqlite\nselect 1;\n-- postgres\nselect 2;\n";
        let on = |is_postgres| statements(sql, is_postgres).collect::<Vec<_>>();
        assert_eq!(on(false), ["create table a (b text)", "-- sqlite\nselect 1"]);
        assert_eq!(on(true), ["create table a (b text)", "-- postgres\nselect 2"]);
    }
}
