//! All certificates, for administrators: the newest first, and what is looked for among them.

use bus::{Db, Error, FromQueryResult, Read, Value, containing, values};
use event::CertificateId;
use uuid::Uuid;

use super::certificates::{CERTIFICATE, CertificateRow, sought};
use crate::{
    code::Code,
    domain::{Certificate, State, folded},
};

/// Words of a search; nobody looks for more.
const MOST_WORDS: usize = 6;
/// Certificates of earlier versions that are made findable at a time.
const GATHERED_AT_ONCE: usize = 500;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// A code, or words of the holder's name and of the course's title.
    pub(crate) text: String,
    pub(crate) state: Option<State>,
}

/// The certificates from one place in the list on. Which they are is told by the index alone, for what a
/// certificate says is long, and only theirs is read.
pub(crate) async fn issued(
    db: &impl Read,
    search: &Search,
    from: u64,
    most: usize,
) -> Result<Vec<Certificate>, Error> {
    let (wanted, values) = conditions(search);
    let sql = format!(
        "{CERTIFICATE} where id in (select id from certificate {wanted} \
         order by issued_at desc, id desc limit {most} offset {from}) \
         order by issued_at desc, id desc"
    );
    let rows: Vec<CertificateRow> = db.all(&sql, values).await?;
    rows.into_iter().map(Certificate::try_from).collect()
}

fn conditions(search: &Search) -> (String, Vec<Value>) {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("${}", values.len())));
    };
    if let Some(state) = search.state {
        add("state = ?", Value::from(state.name()));
    }
    if let Ok(code) = search.text.parse::<Code>() {
        add("code = ?", Value::from(code.to_string()));
    } else {
        for word in folded(&search.text).split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS)
        {
            add("search like ? escape '!'", Value::from(containing(word)));
        }
    }
    if conditions.is_empty() {
        return (String::new(), values);
    }
    (format!("where {}", conditions.join(" and ")), values)
}

#[derive(FromQueryResult)]
struct Ungathered {
    id: Uuid,
    facts: String,
}

/// Makes those findable that were issued before one could look for them; a few at a time.
pub(crate) async fn gather(db: &Db) -> Result<(), Error> {
    let sql =
        format!("select id, facts from certificate where search is null limit {GATHERED_AT_ONCE}");
    let rows: Vec<Ungathered> = db.all(&sql, values![]).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    for row in rows {
        let text = sought(&serde_json::from_str(&row.facts)?);
        tx.execute(
            "update certificate set search = $1 where id = $2 and search is null",
            values![text, row.id],
        )
        .await?;
    }
    tx.commit().await
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
}

/// The code of a certificate, if it is one that was given out.
pub(crate) async fn public_code(db: &impl Read, id: CertificateId) -> Result<Option<Code>, Error> {
    let sql =
        "select code from certificate where id = $1 and state in ('issued', 'revoked', 'erased')";
    let row: Option<CodeRow> = db.one(sql, values![id.0]).await?;
    Ok(row.and_then(|row| row.code.parse().ok()))
}
