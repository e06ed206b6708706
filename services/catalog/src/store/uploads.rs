//! Uploads that are read and checked, and wait for somebody's yes or no.

use bus::{Error, FromQueryResult, Read, Tx, values};
use event::PersonId;
use uuid::Uuid;

/// What somebody uploaded, as JSON.
#[derive(FromQueryResult)]
pub struct UploadRow {
    pub content: String,
}

/// One at a time for each person: the one before goes. Gives what that held.
pub async fn put_upload(
    tx: &mut Tx,
    id: Uuid,
    person: PersonId,
    content: &str,
) -> Result<Vec<String>, Error> {
    let now = tx.now();
    let sql = "select content from upload where person = $1";
    let before: Vec<UploadRow> = tx.all(sql, values![person.0]).await?;
    tx.execute("delete from upload where person = $1", values![person.0]).await?;
    tx.execute(
        "insert into upload (id, person, content, uploaded_at) values ($1, $2, $3, $4)",
        values![id, person.0, content, now],
    )
    .await?;
    Ok(before.into_iter().map(|row| row.content).collect())
}

pub async fn upload(
    read: &impl Read,
    id: Uuid,
    person: PersonId,
) -> Result<Option<UploadRow>, Error> {
    let sql = "select content from upload where id = $1 and person = $2";
    read.one(sql, values![id, person.0]).await
}

pub async fn drop_upload(tx: &mut Tx, id: Uuid) -> Result<(), Error> {
    tx.execute("delete from upload where id = $1", values![id]).await?;
    Ok(())
}
