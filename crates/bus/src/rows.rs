//! Many rows in one statement.
//!
//! On PostgreSQL each column goes as one array. The text of the statement is then the same for any
//! number of rows, so that it is prepared once and never again, and the server reads a few values
//! instead of thousands: in binary, but where one of them is null, for which the library has no array and
//! the values go as text. In a large batch a column that holds one value throughout goes as that value:
//! a third of most. SQLite has no arrays and no way to go: there each value is bound by itself.

use std::fmt::Write as _;

use chrono::SecondsFormat;
use sea_orm::{FromQueryResult, Value, sea_query::ArrayType};
use uuid::Uuid;

use crate::db::placeholders;

/// From so many rows on it pays to look for columns of one value. In fewer there are some by chance, each
/// time others, and each time another statement.
const MANY: usize = 20;

/// Ids of one statement: SQLite takes 32,766 values at most.
const IDS_AT_ONCE: usize = 5_000;

#[derive(FromQueryResult)]
pub(crate) struct Id {
    pub(crate) id: Uuid,
}

/// `insert into t (a, b) values`, the rows, and a tail: a statement and its values.
pub(crate) fn insert(
    is_postgres: bool,
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
) -> (String, Vec<Value>) {
    let Some(start) = head.strip_suffix("values").filter(|_| is_postgres) else {
        return one_by_one(head, rows, tail);
    };
    let columns = match columns(rows) {
        Ok(columns) => columns,
        Err(rows) => return one_by_one(head, rows, tail),
    };
    let (mut selected, mut unnested, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (column, number) in columns.iter().zip(1..) {
        match column {
            Column::One(_) => selected.push(format!("${number}")),
            Column::Many(array) => {
                selected.push(format!("c{number}"));
                names.push(format!("c{number}"));
                unnested.push(format!("${number}{}", array.cast()));
            }
        }
    }
    let (selected, unnested, names) = (selected.join(", "), unnested.join(", "), names.join(", "));
    let sql =
        format!("{start} select {selected} from unnest({unnested}) as given ({names}) {tail}");
    (sql, columns.into_iter().map(Column::into_value).collect())
}

fn one_by_one(head: &str, rows: Vec<Vec<Value>>, tail: &str) -> (String, Vec<Value>) {
    let width = rows.first().map_or(0, Vec::len);
    let sql = format!("{head} {} {tail}", placeholders(rows.len(), width));
    (sql, rows.into_iter().flatten().collect())
}

/// `in ($2, $3)` or what is as much for PostgreSQL, the first number being `from`.
pub(crate) fn among<'a>(
    is_postgres: bool,
    ids: impl IntoIterator<Item = &'a Uuid>,
    from: usize,
) -> (String, Vec<Value>) {
    let ids: Vec<Value> = ids.into_iter().map(|id| Value::from(*id)).collect();
    if is_postgres {
        let array = Value::Array(ArrayType::Uuid, Some(Box::new(ids)));
        return (format!("= any(${from}::uuid[])"), vec![array]);
    }
    let numbers: Vec<String> = (0..ids.len()).map(|index| format!("${}", index + from)).collect();
    (format!("in ({})", numbers.join(",")), ids)
}

/// As [`among`], in as many statements as so many ids take.
pub(crate) fn some_among(
    is_postgres: bool,
    ids: &[Uuid],
    from: usize,
) -> impl Iterator<Item = (String, Vec<Value>)> {
    ids.chunks(IDS_AT_ONCE).map(move |some| among(is_postgres, some, from))
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
            Self::Many(array) => array.into_value(),
        }
    }
}

/// Many values of one type.
enum Array {
    Binary { of: Element, values: Vec<Value> },
    Text(TextArray),
}

impl Array {
    fn cast(&self) -> String {
        match self {
            Self::Binary { of, .. } => format!("::{}[]", of.name),
            Self::Text(array) => format!("::text::{}[]", array.of),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Binary { of, values } => Value::Array(of.array, Some(Box::new(values))),
            Self::Text(array) => Value::from(array.close()),
        }
    }
}

/// The rows by columns, one of which has many values; the rows as they were if they hold what has no
/// array here.
fn columns(mut rows: Vec<Vec<Value>>) -> Result<Vec<Column>, Vec<Vec<Value>>> {
    let Some(elements) = elements(&rows) else {
        return Err(rows);
    };
    let (width, mut any_array) = (elements.len(), false);
    let mut columns = Vec::with_capacity(width);
    for (place, of) in elements.into_iter().enumerate() {
        let may_be_one = rows.len() >= MANY && (any_array || place + 1 < width);
        let one = if may_be_one { the_one(&rows, place) } else { None };
        columns.push(match one {
            Some(value) => Column::One(value),
            None => Column::Many(array(&mut rows, place, of)),
        });
        any_array |= matches!(columns.last(), Some(Column::Many(_)));
    }
    Ok(columns)
}

/// What each column holds, if it has an array and all rows agree.
fn elements(rows: &[Vec<Value>]) -> Option<Vec<Element>> {
    let elements: Option<Vec<Element>> = rows.first()?.iter().map(element).collect();
    let elements = elements?;
    let is_fit = |row: &Vec<Value>| {
        row.len() == elements.len()
            && row
                .iter()
                .zip(&elements)
                .all(|(value, of)| element(value).is_some_and(|element| element.name == of.name))
    };
    rows.iter().all(is_fit).then_some(elements)
}

/// The value of a column that holds but one.
fn the_one(rows: &[Vec<Value>], place: usize) -> Option<Value> {
    let first = rows.first()?.get(place)?;
    rows.iter().all(|row| row.get(place) == Some(first)).then(|| first.clone())
}

/// Takes a column's values out of the rows.
fn array(rows: &mut [Vec<Value>], place: usize, of: Element) -> Array {
    let taken = |row: &mut Vec<Value>| std::mem::replace(&mut row[place], Value::Bool(None));
    let values: Vec<Value> = rows.iter_mut().map(taken).collect();
    if !values.iter().any(is_null) {
        return Array::Binary { of, values };
    }
    let mut array = TextArray::new(of.name);
    values.iter().for_each(|value| array.push(value));
    Array::Text(array)
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// What PostgreSQL and the library call what a value is.
struct Element {
    name: &'static str,
    array: ArrayType,
}

fn element(value: &Value) -> Option<Element> {
    let (name, array) = match value {
        Value::Bool(_) => ("boolean", ArrayType::Bool),
        Value::Int(_) => ("integer", ArrayType::Int),
        Value::BigInt(_) => ("bigint", ArrayType::BigInt),
        Value::Double(_) => ("double precision", ArrayType::Double),
        Value::String(_) => ("text", ArrayType::String),
        Value::Uuid(_) => ("uuid", ArrayType::Uuid),
        Value::ChronoDateTimeUtc(_) => ("timestamptz", ArrayType::ChronoDateTimeUtc),
        Value::Bytes(_) => ("bytea", ArrayType::Bytes),
        _ => return None,
    };
    Some(Element { name, array })
}

/// An array as PostgreSQL writes one, begun.
struct TextArray {
    of: &'static str,
    text: String,
}

impl TextArray {
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
            Value::Double(Some(value)) => write!(self.text, "{value}"),
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
            "insert into t (a)  select c1, c2, c3, c4, c5, c6 from unnest($1::uuid[], $2::text[], \
             $3::integer[], $4::text::bigint[], $5::boolean[], $6::bytea[]) \
             as given (c1, c2, c3, c4, c5, c6) returning a"
        );
        let array = |of, values: Vec<Value>| Value::Array(of, Some(Box::new(values)));
        assert_eq!(values[1], array(ArrayType::String, values!["a \"b\" \\ {c}, null", ""]));
        assert_eq!(values[3], Value::from("{2,null}"));
        assert_eq!(values[4], array(ArrayType::Bool, values![true, false]));
    }

    #[test]
    fn what_is_null_somewhere_goes_as_text_that_postgresql_reads() {
        let rows = vec![
            values![None::<Uuid>, Some("a \"b\" \\ {c}, null"), Some(vec![0_u8, 255]), Some(0.1)],
            values![Some(Uuid::nil()), None::<String>, None::<Vec<u8>>, None::<f64>],
        ];
        let (_, values) = insert(true, "insert into t (a) values", rows, "");
        let texts: Vec<&str> = (values.iter())
            .map(|value| match value {
                Value::String(Some(text)) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(texts[0], format!("{{null,{}}}", Uuid::nil()));
        assert_eq!(texts[1], r#"{"a \"b\" \\ {c}, null",null}"#);
        assert_eq!(texts[2], r#"{"\\x00ff",null}"#);
        assert_eq!(texts[3], "{0.1,null}");
    }

    #[test]
    fn in_many_rows_a_column_of_one_value_goes_as_that_value() {
        let row = |number: i32| values!["grade", number, None::<i64>, Uuid::nil()];
        let rows = |count: i32| (0..count).map(row).collect::<Vec<_>>();
        let (sql, values) = insert(true, "insert into t (a) values", rows(20), "");
        assert_eq!(
            sql.trim_end(),
            "insert into t (a)  select $1, c2, $3, $4 from unnest($2::integer[]) as given (c2)"
        );
        assert_eq!(values[0], Value::from("grade"));
        assert_eq!(values[2], Value::from(None::<i64>));
        let (sql, _) = insert(true, "insert into t (a) values", rows(19), "");
        assert!(sql.contains("select c1, c2, c3, c4 from"), "{sql}");
        let (sql, values) = insert(true, "insert into t (a) values", vec![values![1, 2]; 20], "");
        assert!(sql.contains("select $1, c2 from unnest($2::integer[])"), "{sql}");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn what_has_no_array_and_what_sqlite_gets_is_bound_value_by_value() {
        let rows = || vec![values![1.5_f32], values![2.5_f32]];
        for is_postgres in [true, false] {
            let (sql, values) = insert(is_postgres, "insert into t (a) values", rows(), "");
            assert_eq!((sql.trim(), values.len()), ("insert into t (a) values ($1),($2)", 2));
        }
        let (sql, values) = among(false, [&Uuid::nil(), &Uuid::nil()], 3);
        assert_eq!((sql.as_str(), values.len()), ("in ($3,$4)", 2));
    }
}
