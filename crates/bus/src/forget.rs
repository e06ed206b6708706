//! Forgetting somebody: jobs that concern them, and what of them is still on its way.

use crate::{Error, Read, Tx, Value, db::placeholders, dead, outbox, retry, values};

/// Forgets what is kept of a subject: see [`Tx::forget`]. Of what was published, that of one type or all.
pub(crate) async fn forget(
    tx: &mut Tx,
    subject: &str,
    event_type: Option<&'static str>,
) -> Result<(), Error> {
    outbox::forget(tx, subject, event_type).await?;
    retry::forget(tx, subject).await?;
    take_back_jobs(tx, subject).await?;
    dead::forget(tx, subject).await?;
    remember(tx, subject).await
}

/// Takes back the jobs of a subject that nobody has in hand. One that is in hand, or whose worker died,
/// may have done half of its work: its service must hear how it ended.
async fn take_back_jobs(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute(
        "delete from bus_effect where lease_until is null and job like $1",
        values![of_person(subject)],
    )
    .await?;
    Ok(())
}

/// What was in hand may still die later, and must then be written down without its content.
async fn remember(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    let now = tx.now();
    tx.execute(
        "insert into bus_forgotten (subject, forgotten_at) values ($1, $2) \
         on conflict (subject) do nothing",
        values![subject, now],
    )
    .await?;
    Ok(())
}

/// Whether any of these was forgotten.
pub(crate) async fn is_forgotten(tx: &Tx, subjects: &[String]) -> Result<bool, Error> {
    if subjects.is_empty() {
        return Ok(false);
    }
    let among = placeholders(1, subjects.len());
    let sql = format!("select 1 from bus_forgotten where subject in {among} limit 1");
    let found: Option<i32> = tx
        .scalar(&sql, subjects.iter().map(|subject| Value::from(subject.clone())).collect())
        .await?;
    Ok(found.is_some())
}

/// The pattern that a job fits which names this person. Subjects are ids, and a job that holds
/// somebody's name holds their id beside it.
pub(crate) fn of_person(subject: &str) -> String {
    format!("%\"{subject}\"%")
}
