//! What a rehearsal's statements write, table by table.
//!
//! It is read from the text of each statement and from the number of rows that it touched, which both
//! databases tell alike. Not from what they count by themselves: SQLite does not do so by table.

use std::collections::BTreeMap;

/// Rows of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowsWritten {
    pub inserted: u64,
    /// A statement that does the one or the other does not tell which it did.
    pub inserted_or_updated: u64,
    pub updated: u64,
    pub deleted: u64,
}

impl RowsWritten {
    #[must_use]
    pub fn total(&self) -> u64 {
        self.inserted + self.inserted_or_updated + self.updated + self.deleted
    }
}

/// Adds what a statement wrote; one that only reads or locks adds nothing.
pub(crate) fn note(tables: &mut BTreeMap<String, RowsWritten>, sql: &str, rows: u64) {
    let Some((way, table)) = target(sql).filter(|_| rows > 0) else { return };
    let written = tables.entry(table.to_owned()).or_default();
    match way {
        Way::Insert => written.inserted += rows,
        Way::InsertOrUpdate => written.inserted_or_updated += rows,
        Way::Update => written.updated += rows,
        Way::Delete => written.deleted += rows,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Insert,
    InsertOrUpdate,
    Update,
    Delete,
}

/// What a statement does, and to which table.
fn target(sql: &str) -> Option<(Way, &str)> {
    let mut words = sql.split([' ', '\n', '(']).filter(|word| !word.is_empty());
    match (words.next()?, words.next()?) {
        ("insert", "into") if sql.contains(" do update ") => {
            Some((Way::InsertOrUpdate, words.next()?))
        }
        ("insert", "into") => Some((Way::Insert, words.next()?)),
        ("delete", "from") => Some((Way::Delete, words.next()?)),
        ("update", table) => (!only_locks(words)).then_some((Way::Update, table)),
        _ => None,
    }
}

/// A column is set to what it is: the row is held until the transaction ends, and stays as it was.
fn only_locks<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let assignment: Vec<&str> = words.skip_while(|word| *word != "set").skip(1).take(4).collect();
    matches!(assignment[..], [column, "=", value] | [column, "=", value, "where"] if column == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_says_what_it_does_to_which_table() {
        for (sql, expected) in [
            ("insert into seat (number) values ($1)", Some((Way::Insert, "seat"))),
            ("insert into seat(number) values ($1)", Some((Way::Insert, "seat"))),
            (
                "insert into seat (a) values ($1) on conflict do nothing",
                Some((Way::Insert, "seat")),
            ),
            (
                "insert into seat (a) values ($1) on conflict (a) do update set b = excluded.b",
                Some((Way::InsertOrUpdate, "seat")),
            ),
            ("update seat set number = number + 1", Some((Way::Update, "seat"))),
            ("update seat s set a = b where c = $1", Some((Way::Update, "seat"))),
            ("update seat set number = number where id = $1 returning id", None),
            ("delete from seat where id = $1 returning id", Some((Way::Delete, "seat"))),
            ("select id from seat for update", None),
            ("select pg_advisory_xact_lock(hashtext($1))", None),
        ] {
            assert_eq!(target(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_is_written_adds_up_by_table() {
        let mut tables = BTreeMap::new();
        for (sql, rows) in [
            ("insert into seat (a) values ($1)", 2),
            ("insert into seat (a) select 1", 3),
            ("delete from seat", 1),
            ("update chair set a = $1", 0),
        ] {
            note(&mut tables, sql, rows);
        }
        let seats = RowsWritten { inserted: 5, deleted: 1, ..RowsWritten::default() };
        assert_eq!(tables, BTreeMap::from([("seat".to_owned(), seats)]));
        assert_eq!(seats.total(), 6);
    }
}
