//! Writing to all who take a course.

use bus::Db;
use contract::learning::MessageSent;
use event::{MessageId, PersonId};
use uuid::Uuid;

use super::Refusal;
use crate::{
    domain::{Draft, message_id},
    store::{self, CourseCopy},
};

/// A message that was sent, now or before, from the same form.
pub(crate) struct Sent {
    pub(crate) message: MessageId,
    pub(crate) recipients: u64,
}

/// Sends a message to all who take the course. Sending the same form off again changes nothing and
/// tells nobody.
pub(crate) async fn send_message(
    db: &Db,
    copy: &CourseCopy,
    author: PersonId,
    form: Uuid,
    draft: Draft,
) -> Result<Sent, Refusal> {
    let mut tx = db.begin().await?;
    let message = message_id(copy.course, author, form);
    if let Some(recipients) = store::recipients_of(&tx, message).await? {
        return Ok(Sent { message, recipients });
    }
    let enrolled = store::attendance(&tx, copy.course).await?.enrolled;
    if enrolled == 0 {
        return Err(Refusal::NobodyEnrolled);
    }
    let Draft { subject, text } = draft;
    let sent_at = tx.now();
    let sent = MessageSent { message, course: copy.course, author, subject, text, sent_at };
    if store::save_message(&mut tx, &sent, enrolled).await? {
        tx.publish(&sent)?;
    }
    tx.commit().await?;
    Ok(Sent { message, recipients: u64::try_from(enrolled).unwrap_or(0) })
}
