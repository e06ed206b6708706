//! Many rows in one statement.
//!
//! On PostgreSQL each column goes as one array. The text of the statement is then the same for any
//! number of rows, so that it is prepared once and never again, and the server reads a few values
//! instead of thousands. In a large batch a column that holds one value throughout goes as that value:
//! a third of most. SQLite has no arrays and no way to go: there each value is bound by itself.

use std::fmt::Write as _;

use chrono::SecondsFormat;
use sea_orm::Value;
use uuid::Uuid;

use crate::db::placeholders;

/// From so many rows on it pays to look for columns of one value. In fewer there are some by chance, each
/// time others, and each time another statement.
const MANY: usize = 20;

/// `insert into t (a, b) values`, the rows, and a tail: a statement and its values.
pub(crate) fn insert(
    is_postgres: bool,
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
) -> (String, Vec<Value>) {
    let columns = if is_postgres { columns(&rows) } else { None };
    let (Some(columns), Some(head)) = (columns, head.strip_suffix("values")) else {
        let width = rows.first().map_or(0, Vec::len);
        let sql = format!("{head} {} {tail}", placeholders(rows.len(), width));
        return (sql, rows.into_iter().flatten().collect());
    };
    let (mut selected, mut unnested, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (column, number) in columns.iter().zip(1..) {
        match column {
            Column::One(_) => selected.push(format!("${number}")),
            Column::Many(array) => {
                selected.push(format!("c{number}"));
                names.push(format!("c{number}"));
                unnested.push(format!("${number}::text::{}[]", array.of));
            }
        }
    }
    let (selected, unnested, names) = (selected.join(", "), unnested.join(", "), names.join(", "));
    let sql = format!("{head} select {selected} from unnest({unnested}) as given ({names}) {tail}");
    (sql, columns.into_iter().map(Column::into_value).collect())
}

/// `in ($2, $3)` or what is as much for PostgreSQL, the first number being `from`.
pub(crate) fn among<'a>(
    is_postgres: bool,
    ids: impl IntoIterator<Item = &'a Uuid>,
    from: usize,
) -> (String, Vec<Value>) {
    let ids: Vec<Value> = ids.into_iter().map(|id| Value::from(*id)).collect();
    if is_postgres {
        let mut array = Array::new("uuid");
        ids.iter().for_each(|id| array.push(id));
        return (format!("= any(${from}::text::uuid[])"), vec![Value::from(array.close())]);
    }
    let numbers: Vec<String> = (0..ids.len()).map(|index| format!("${}", index + from)).collect();
    (format!("in ({})", numbers.join(",")), ids)
}

/// A column of the rows.
enum Column {
    /// The same in all of them.
    One(Value),
    Many(Array),
}

impl Column {
    fn into_value(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Many(array) => Value::from(array.close()),
        }
    }
}

/// The rows by columns, one of which has many values; `None` if the rows hold what has no array here.
fn columns(rows: &[Vec<Value>]) -> Option<Vec<Column>> {
    let first = rows.first()?;
    let mut columns = Vec::with_capacity(first.len());
    let mut any_array = false;
    for (place, value) in first.iter().enumerate() {
        let is_last = place + 1 == first.len();
        if rows.len() >= MANY && (any_array || !is_last) && is_one(rows, place, value) {
            columns.push(Column::One(value.clone()));
        } else {
            columns.push(Column::Many(array(rows, place, element(value)?)?));
            any_array = true;
        }
    }
    Some(columns)
}

fn is_one(rows: &[Vec<Value>], place: usize, value: &Value) -> bool {
    rows.iter().all(|row| row.get(place) == Some(value))
}

fn array(rows: &[Vec<Value>], place: usize, of: &'static str) -> Option<Array> {
    let mut array = Array::new(of);
    array.text.reserve(rows.iter().filter_map(|row| row.get(place)).map(length).sum());
    for row in rows {
        let value = row.get(place).filter(|value| element(value) == Some(of))?;
        array.push(value);
    }
    Some(array)
}

/// PostgreSQL's name for what a value is.
fn element(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::String(_) => "text",
        Value::Uuid(_) => "uuid",
        Value::ChronoDateTimeUtc(_) => "timestamptz",
        Value::Bytes(_) => "bytea",
        _ => return None,
    })
}

/// About as many bytes as it takes in an array.
fn length(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len() + text.len() / 4 + 3,
        Value::Bytes(Some(bytes)) => 2 * bytes.len() + 7,
        _ => 40,
    }
}

/// An array as PostgreSQL writes one, begun.
struct Array {
    of: &'static str,
    text: String,
}

impl Array {
    fn new(of: &'static str) -> Self {
        Self { of, text: "{".to_owned() }
    }

    fn push(&mut self, value: &Value) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Bool(Some(value)) => write!(self.text, "{value}"),
            Value::Int(Some(value)) => write!(self.text, "{value}"),
            Value::BigInt(Some(value)) => write!(self.text, "{value}"),
            Value::Uuid(Some(value)) => write!(self.text, "{value}"),
            Value::ChronoDateTimeUtc(Some(value)) => {
                write!(self.text, "{}", value.to_rfc3339_opts(SecondsFormat::Micros, true))
            }
            Value::String(Some(value)) => {
                self.quote(value);
                Ok(())
            }
            Value::Bytes(Some(value)) => {
                self.text.push_str("\"\\\\x");
                value.iter().for_each(|byte| {
                    let _ = write!(self.text, "{byte:02x}");
                });
                self.text.push('"');
                Ok(())
            }
            _ => write!(self.text, "null"),
        };
    }

    fn quote(&mut self, value: &str) {
        self.text.push('"');
        let mut rest = value;
        while let Some(place) = rest.find(['"', '\\']) {
            let (plain, special) = rest.split_at(place);
            self.text.push_str(plain);
            self.text.push('\\');
            let (special, after) = special.split_at(1);
            self.text.push_str(special);
            rest = after;
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn close(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::values;

    #[test]
    fn columns_become_arrays_that_postgresql_reads() {
        let rows = vec![
            values![Uuid::nil(), "a \"b\" \\ {c}, null", 1_i32, Some(2_i64), true, vec![0_u8, 255]],
            values![Uuid::nil(), "", -1_i32, None::<i64>, false, Vec::<u8>::new()],
        ];
        let (sql, values) = insert(true, "insert into t (a) values", rows, "returning a");
        assert_eq!(
            sql,
            "insert into t (a)  select c1, c2, c3, c4, c5, c6 from unnest($1::text::uuid[], \
             $2::text::text[], $3::text::integer[], $4::text::bigint[], $5::text::boolean[], \
             $6::text::bytea[]) as given (c1, c2, c3, c4, c5, c6) returning a"
        );
        let texts: Vec<&str> = (values.iter())
            .map(|value| match value {
                Value::String(Some(text)) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(texts[1], r#"{"a \"b\" \\ {c}, null",""}"#);
        assert_eq!(texts[2..5], ["{1,-1}", "{2,null}", "{true,false}"]);
        assert_eq!(texts[5], r#"{"\\x00ff","\\x"}"#);
    }

    #[test]
    fn in_many_rows_a_column_of_one_value_goes_as_that_value() {
        let row = |number: i32| values!["grade", number, None::<i64>, Uuid::nil()];
        let rows = |count: i32| (0..count).map(row).collect::<Vec<_>>();
        let (sql, values) = insert(true, "insert into t (a) values", rows(20), "");
        assert_eq!(
            sql.trim_end(),
            "insert into t (a)  select $1, c2, $3, $4 from unnest($2::text::integer[]) as given (c2)"
        );
        assert_eq!(values[0], Value::from("grade"));
        assert_eq!(values[2], Value::from(None::<i64>));
        let (sql, _) = insert(true, "insert into t (a) values", rows(19), "");
        assert!(sql.contains("select c1, c2, c3, c4 from"), "{sql}");
        let (sql, values) = insert(true, "insert into t (a) values", vec![values![1, 2]; 20], "");
        assert!(sql.contains("select $1, c2 from unnest($2::text::integer[])"), "{sql}");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn what_has_no_array_and_what_sqlite_gets_is_bound_value_by_value() {
        let rows = || vec![values![1.5_f64], values![2.5_f64]];
        for is_postgres in [true, false] {
            let (sql, values) = insert(is_postgres, "insert into t (a) values", rows(), "");
            assert_eq!((sql.trim(), values.len()), ("insert into t (a) values ($1),($2)", 2));
        }
        let (sql, values) = among(false, [&Uuid::nil(), &Uuid::nil()], 3);
        assert_eq!((sql.as_str(), values.len()), ("in ($3,$4)", 2));
    }
}
