//! Looking at the dead letters of one service: groups by cause, and single letters.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{Dead, DeadState, cause, sort_old_ones};
use crate::{Db, Error, Read, Value, values};

/// Groups that are shown; there are as many as there are faults.
const MOST_GROUPS: u32 = 500;

/// The dead letters of one service.
pub struct DeadLetters<'a> {
    pub(super) db: &'a Db,
}

/// The letters of one consumer that died of the same cause and wait for a decision.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeadGroup {
    /// Short, and the same as long as the cause is.
    pub key: String,
    /// The handler or effect that gave up.
    pub consumer: String,
    /// `event`, `job` or `undecodable`.
    pub kind: String,
    /// What they have in common: ids, numbers, dates and addresses are taken out.
    pub cause: String,
    pub letters: i64,
    /// How many people they are about; an event about nobody touches none.
    pub people: i64,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// The newest of them.
    pub example: Uuid,
}

/// Which letters to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadPage<'a> {
    /// Of one group alone.
    pub group: Option<&'a str>,
    /// Older than these: the time and id of the last one on the page before.
    pub before: Option<(DateTime<Utc>, Uuid)>,
    pub limit: u32,
}

/// Which letters to list that were decided about.
#[derive(Clone, Copy, Debug, Default)]
pub struct SettledPage<'a> {
    /// Of one group alone.
    pub group: Option<&'a str>,
    /// Decided before these: the time, id and consumer of the last one on the page before. Many are decided
    /// about at one time, and an event can be dead for several consumers.
    pub before: Option<(DateTime<Utc>, Uuid, &'a str)>,
    pub limit: u32,
}

#[derive(FromQueryResult)]
struct GroupRow {
    group_key: String,
    consumer: String,
    kind: String,
    letters: i64,
    people: i64,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Example {
    id: Uuid,
    cause: String,
}

impl<'a> DeadLetters<'a> {
    #[must_use]
    pub fn of(db: &'a Db) -> Self {
        Self { db }
    }

    /// Those that wait, by cause, the largest group first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn groups(&self) -> Result<Vec<DeadGroup>, Error> {
        sort_old_ones(self.db).await?;
        let sql = format!(
            "select d.group_key as group_key, d.consumer as consumer, d.kind as kind, \
             count(*) as letters, min(d.died_at) as first_at, max(d.died_at) as last_at, \
             (select count(distinct p.person) from bus_dead_person p join bus_dead e \
              on e.consumer = p.consumer and e.id = p.id \
              where e.state = 'waiting' and e.group_key = d.group_key) as people \
             from bus_dead d where d.state = 'waiting' \
             group by d.group_key, d.consumer, d.kind order by letters desc, group_key \
             limit {MOST_GROUPS}"
        );
        let rows: Vec<GroupRow> = self.db.all(&sql, values![]).await?;
        let mut groups = Vec::new();
        for row in rows {
            groups.extend(self.group(row).await?);
        }
        Ok(groups)
    }

    /// `None`: it was settled meanwhile.
    async fn group(&self, row: GroupRow) -> Result<Option<DeadGroup>, Error> {
        let newest = "select id, cause from bus_dead where state = 'waiting' and group_key = $1 \
                      order by died_at desc, id desc limit 1";
        let example: Option<Example> = self.db.one(newest, values![row.group_key.clone()]).await?;
        Ok(example.map(|example| DeadGroup {
            key: row.group_key,
            consumer: row.consumer,
            kind: row.kind,
            cause: cause::general(&example.cause),
            letters: row.letters,
            people: row.people,
            first_at: row.first_at,
            last_at: row.last_at,
            example: example.id,
        }))
    }

    /// The newest first, `limit` at most.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn list(&self, state: DeadState, limit: u32) -> Result<Vec<Dead>, Error> {
        let sql =
            format!("select * from bus_dead where state = $1 order by died_at desc limit {limit}");
        self.db.all(&sql, values![state.name()]).await
    }

    /// Those that wait, the newest first, page by page.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn page(&self, page: DeadPage<'_>) -> Result<Vec<Dead>, Error> {
        sort_old_ones(self.db).await?;
        let before = page.before.map(|(died_at, id)| values![died_at, id]);
        self.leaf("state = 'waiting'", &["died_at", "id"], page.group, before, page.limit).await
    }

    /// Those that were replayed or discarded, the latest decision first, page by page.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn settled(&self, page: SettledPage<'_>) -> Result<Vec<Dead>, Error> {
        let keys = ["settled_at", "id", "consumer"];
        let before =
            page.before.map(|(settled_at, id, consumer)| values![settled_at, id, consumer]);
        self.leaf("settled_at is not null", &keys, page.group, before, page.limit).await
    }

    /// Those with the highest keys first, after the keys with which the page before ended.
    async fn leaf(
        &self,
        which: &str,
        keys: &[&str],
        group: Option<&str>,
        before: Option<Vec<Value>>,
        limit: u32,
    ) -> Result<Vec<Dead>, Error> {
        let mut sql = format!("select * from bus_dead where {which}");
        let mut values: Vec<Value> = Vec::new();
        if let Some(group) = group {
            values.push(group.into());
            sql.push_str(" and group_key = $1");
        }
        if let Some(before) = before {
            let places = (1..=keys.len()).map(|place| format!("${}", values.len() + place));
            let places: Vec<String> = places.collect();
            sql.push_str(&format!(" and ({}) < ({})", keys.join(", "), places.join(", ")));
            values.extend(before);
        }
        sql.push_str(&format!(" order by {} desc limit {limit}", keys.join(" desc, ")));
        self.db.all(&sql, values).await
    }

    /// Those with this id: an event can be dead for several handlers.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn show(&self, id: Uuid) -> Result<Vec<Dead>, Error> {
        self.db.all("select * from bus_dead where id = $1 order by consumer", values![id]).await
    }
}
