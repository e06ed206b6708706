//! The one who follows: holds its copies against a digest, and asks for what it lacks.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use event::{
    Envelope, Event, MalformedEnvelope,
    step::{Compared, Digest, Disowned, GONE, Stamp, Wanted},
};
use futures::future::BoxFuture;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{comparison, read};
use crate::{Error, Handled, Handler, Hear, Read, Received, Tx, rows, values};

/// Copies looked at for one page. If there are more, the owner lacks most of them, and the next
/// digest finds the rest.
const HELD_AT_ONCE: usize = 2000;
const IDS_AT_ONCE: usize = 500;

/// Where a service keeps its copies of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Copies {
    /// `<owner>.<things>`
    pub kind: &'static str,
    /// The queue that takes them.
    pub taken_by: &'static str,
    /// A table, or a select in parentheses with a name.
    pub from: &'static str,
    /// Its columns, or expressions over them.
    pub id: &'static str,
    pub version: &'static str,
    pub hash: &'static str,
    /// Which of its rows are of this kind.
    pub only: &'static str,
    /// Whether it keeps only which are gone, and of those neither version nor hash.
    pub only_gone: bool,
    /// What else is kept of one of them: tables, each with the column that names it.
    pub tables: &'static [(&'static str, &'static str)],
}

impl Copies {
    /// A table that holds one row for each, with the columns `version` and `hash`.
    #[must_use]
    pub const fn in_table(
        kind: &'static str,
        taken_by: &'static str,
        table: &'static str,
        id: &'static str,
    ) -> Self {
        Self {
            kind,
            taken_by,
            from: table,
            id,
            version: "version",
            hash: "hash",
            only: "1 = 1",
            only_gone: false,
            tables: &[],
        }
    }
}

/// A service that holds copies.
pub trait Follower: Send + Sync + 'static {
    /// Durable: `<service>.<handler>`, the queue in which it hears the owners.
    const NAME: &'static str;
    const COPIES: &'static [Copies];
    /// The types of the owners' digests, each a [`Digest`].
    const DIGESTS: &'static [&'static str];
    /// The types in which the owners disown, each a [`Disowned`].
    const DISOWNED: &'static [&'static str];
    type Compared: Event + From<Compared>;
    type Wanted: Event + From<Wanted>;
}

/// A follower whose types are forgotten.
pub(crate) trait ErasedFollower: Send + Sync {
    fn queue(&self) -> &'static str;
    fn copies(&self) -> &'static [Copies];
    fn ask_if_empty<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), Error>>;
    fn ask(&self, tx: &mut Tx) -> Result<Vec<&'static str>, Error>;
}

pub(crate) struct Following<F>(PhantomData<fn() -> F>);

impl<F> Following<F> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F: Follower> ErasedFollower for Following<F> {
    fn queue(&self) -> &'static str {
        F::NAME
    }

    fn copies(&self) -> &'static [Copies] {
        F::COPIES
    }

    fn ask_if_empty<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            for copies in F::COPIES.iter().filter(|copies| !copies.only_gone) {
                if copies.is_empty(tx).await? {
                    let wish = copies.wish();
                    // Under a key, so that replicas that start together ask once.
                    let key = format!("step/wanted/{}", copies.kind);
                    tx.publish_unless_told(&F::Wanted::from(wish), &key).await?;
                }
            }
            Ok(())
        })
    }

    fn ask(&self, tx: &mut Tx) -> Result<Vec<&'static str>, Error> {
        let mut kinds = Vec::new();
        for copies in F::COPIES.iter().filter(|copies| !copies.only_gone) {
            tx.publish(&F::Wanted::from(copies.wish()))?;
            kinds.push(copies.kind);
        }
        Ok(kinds)
    }
}

impl<F: Follower> Handler for Following<F> {
    const NAME: &'static str = F::NAME;
    type Event = ByFollower<F>;

    async fn handle(&self, event: &Received<ByFollower<F>>, tx: &mut Tx) -> Handled {
        match &event.heard {
            Heard::Disowned(disowned) => {
                let Some(copies) = copies_of::<F>(&disowned.kind) else { return Ok(()) };
                Ok(copies.remove(&disowned.copies, tx).await?)
            }
            Heard::Digest(digest) => {
                // An owner has more kinds than this service copies.
                let Some(copies) = copies_of::<F>(&digest.kind) else { return Ok(()) };
                let held = copies.held(tx, digest.after, digest.to).await?;
                let mut found = if copies.only_gone {
                    compare_gone(digest, &held)
                } else {
                    compare(digest, held)
                };
                copies.taken_by.clone_into(&mut found.queue);
                F::NAME.clone_into(&mut found.answer_to);
                comparison::keep(tx, &found).await?;
                Ok(tx.publish(&F::Compared::from(found))?)
            }
        }
    }
}

/// What a follower hears: the owners.
pub(crate) struct ByFollower<F> {
    heard: Heard,
    follower: PhantomData<fn() -> F>,
}

enum Heard {
    Digest(Digest),
    Disowned(Disowned),
}

impl<F: Follower> Hear for ByFollower<F> {
    fn types() -> Vec<&'static str> {
        F::DIGESTS.iter().chain(F::DISOWNED).copied().collect()
    }

    fn read(envelope: &Envelope) -> Result<Self, MalformedEnvelope> {
        let heard = match envelope.event_type.as_str() {
            digest if F::DIGESTS.contains(&digest) => Heard::Digest(read(envelope)?),
            disowned if F::DISOWNED.contains(&disowned) => Heard::Disowned(read(envelope)?),
            _ => return Err(envelope.unexpected()),
        };
        Ok(Self { heard, follower: PhantomData })
    }
}

fn copies_of<F: Follower>(kind: &str) -> Option<&'static Copies> {
    F::COPIES.iter().find(|copies| copies.kind == kind)
}

/// What differs between a page of a digest and the copies in its range.
fn compare(digest: &Digest, held: Vec<Stamp>) -> Compared {
    let end = held.last().filter(|_| held.len() >= HELD_AT_ONCE).map_or(digest.to, |last| last.id);
    let mut held: BTreeMap<Uuid, Stamp> = held.into_iter().map(|copy| (copy.id, copy)).collect();
    let mut found = Compared::of(digest);
    for entry in digest.entries.iter().filter(|entry| entry.id <= end) {
        found.compared += 1;
        let Some(copy) = held.remove(&entry.id) else {
            found.missing += 1;
            found.asked.push(Stamp { id: entry.id, version: 0, hash: String::new() });
            continue;
        };
        match copy.version.cmp(&entry.version) {
            std::cmp::Ordering::Less => found.older += 1,
            std::cmp::Ordering::Greater => found.newer += 1,
            std::cmp::Ordering::Equal if copy.hash != entry.hash => found.differing += 1,
            std::cmp::Ordering::Equal => continue,
        }
        found.asked.push(copy);
    }
    let surplus = u32::try_from(held.len()).unwrap_or(u32::MAX);
    found.surplus += surplus;
    found.compared += surplus;
    found.asked.extend(held.into_values());
    found
}

/// Which of those that are gone are not known to be.
fn compare_gone(digest: &Digest, held: &[Stamp]) -> Compared {
    let held: BTreeSet<Uuid> = held.iter().map(|copy| copy.id).collect();
    let gone = digest.entries.iter().filter(|entry| entry.hash == GONE);
    let mut found = Compared::of(digest);
    for entry in gone {
        found.compared += 1;
        if !held.contains(&entry.id) {
            found.missing += 1;
            found.asked.push(Stamp { id: entry.id, version: 0, hash: String::new() });
        }
    }
    found
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    version: i64,
    hash: String,
}

impl Row {
    fn stamp(self) -> Stamp {
        Stamp { id: self.id, version: self.version.unsigned_abs(), hash: self.hash }
    }
}

impl Copies {
    /// Asks for all of them.
    fn wish(&self) -> Wanted {
        Wanted { kind: self.kind.to_owned(), queue: self.taken_by.to_owned() }
    }

    fn select(&self) -> String {
        let Self { from, id, version, hash, only, .. } = self;
        format!("select {id} as id, {version} as version, {hash} as hash from {from} where {only}")
    }

    async fn is_empty(&self, tx: &Tx) -> Result<bool, Error> {
        let any: Option<Row> = tx.one(&format!("{} limit 1", self.select()), values![]).await?;
        Ok(any.is_none())
    }

    async fn held(&self, tx: &Tx, after: Uuid, to: Uuid) -> Result<Vec<Stamp>, Error> {
        let sql = format!(
            "{} and {id} > $1 and {id} <= $2 order by {id} limit {HELD_AT_ONCE}",
            self.select(),
            id = self.id
        );
        let rows: Vec<Row> = tx.all(&sql, values![after, to]).await?;
        Ok(rows.into_iter().map(Row::stamp).collect())
    }

    /// Takes away those that are still as they were said to be.
    async fn remove(&self, disowned: &[Stamp], tx: &mut Tx) -> Result<(), Error> {
        for chunk in disowned.chunks(IDS_AT_ONCE) {
            let ids = chunk.iter().map(|copy| &copy.id);
            let (among, ids) = rows::among(tx.is_postgres(), ids, 1);
            let sql = format!("{} and {} {among}", self.select(), self.id);
            let rows: Vec<Row> = tx.all(&sql, ids).await?;
            for row in rows {
                let stamp = row.stamp();
                if chunk.contains(&stamp) {
                    self.delete(stamp.id, tx).await?;
                }
            }
        }
        Ok(())
    }

    async fn delete(&self, id: Uuid, tx: &mut Tx) -> Result<(), Error> {
        let own = [(self.from, self.id)];
        let tables = if self.tables.is_empty() { &own[..] } else { self.tables };
        for (table, column) in tables {
            let sql = format!("delete from {table} where {column} = $1");
            tx.execute(&sql, values![id]).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(id: u128, version: u64, hash: &str) -> Stamp {
        Stamp { id: Uuid::from_u128(id), version, hash: hash.to_owned() }
    }

    fn digest(entries: Vec<Stamp>) -> Digest {
        Digest {
            run: Uuid::nil(),
            kind: "owner.things".to_owned(),
            page: 1,
            last: true,
            after: Uuid::nil(),
            to: Uuid::max(),
            entries,
        }
    }

    #[test]
    fn each_way_of_differing_is_found_and_asked_for() {
        let owned = ["same", "missing", "older", "differing", "newer"].map(str::to_owned);
        let entries: Vec<Stamp> = (1..).zip(&owned).map(|(id, _)| stamp(id, 5, "five")).collect();
        let held = vec![
            stamp(1, 5, "five"),
            stamp(3, 4, "four"),
            stamp(4, 5, "other"),
            stamp(5, 6, "six"),
            stamp(9, 1, "one"),
        ];
        let found = compare(&digest(entries), held.clone());
        let counts = (found.missing, found.older, found.differing, found.newer, found.surplus);
        assert_eq!((counts, found.compared), ((1, 1, 1, 1, 1), 6));
        let mut expected = vec![stamp(2, 0, "")];
        expected.extend(held.into_iter().skip(1));
        assert_eq!(found.asked, expected);
    }

    #[test]
    fn what_is_in_step_asks_for_nothing() {
        let same = vec![stamp(1, 5, "five"), stamp(2, 1, "gone")];
        let found = compare(&digest(same.clone()), same);
        assert_eq!((found.compared, found.asked), (2, vec![]));
    }

    #[test]
    fn a_range_that_holds_too_much_is_looked_at_in_part() {
        let held: Vec<Stamp> = (1..=HELD_AT_ONCE as u128).map(|id| stamp(id, 1, "one")).collect();
        let beyond = vec![stamp(5_000, 1, "one")];
        let found = compare(&digest(beyond), held);
        assert_eq!((found.missing, found.surplus as usize), (0, HELD_AT_ONCE));
    }
}
