//! Uploads that are read and checked, and wait for somebody's yes or no.

use bus::{Error, FromQueryResult, Read, Tx, values};
use event::PersonId;
use uuid::Uuid;

/// What somebody uploaded.
#[derive(FromQueryResult)]
pub struct UploadRow {
    pub id: Uuid,
    /// Where its files lie, as JSON.
    pub content: String,
}

/// One at a time for each person: the one before goes, and is given.
pub async fn put_upload(
    tx: &mut Tx,
    id: Uuid,
    person: PersonId,
    content: &str,
) -> Result<Vec<UploadRow>, Error> {
    let now = tx.now();
    let sql = "delete from upload where person = $1 returning id, content";
    let before = tx.all(sql, values![person.0]).await?;
    tx.execute(
        "insert into upload (id, person, content, uploaded_at) values ($1, $2, $3, $4)",
        values![id, person.0, content, now],
    )
    .await?;
    Ok(before)
}

pub async fn upload(
    read: &impl Read,
    id: Uuid,
    person: PersonId,
) -> Result<Option<UploadRow>, Error> {
    let sql = "select id, content from upload where id = $1 and person = $2";
    read.one(sql, values![id, person.0]).await
}

/// Takes it away and gives it; to one alone, however many ask.
pub async fn take_upload(tx: &mut Tx, id: Uuid) -> Result<Option<UploadRow>, Error> {
    tx.one("delete from upload where id = $1 returning id, content", values![id]).await
}
