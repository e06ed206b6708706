//! What a transaction tells the others and asks of the outside world: kept in it until it is committed, and
//! written with the rest.

use chrono::{DateTime, TimeDelta, Utc};
use event::{Envelope, Event};
use sea_orm::Value;

use super::{Tx, values_of_key};
use crate::{Effect, Error, Read, effect, outbox};

/// Bytes of an event's data. A broker refuses what is far larger, again and again, and nothing behind
/// it would go; larger things are files, named in the event.
const LARGEST_EVENT: usize = 4 * 1024 * 1024;

impl Tx {
    /// Tells the others, when this transaction is committed.
    ///
    /// # Errors
    /// When the event does not serialise.
    pub fn publish<E: Event>(&mut self, event: &E) -> Result<(), Error> {
        let envelope = self.seal(event)?;
        self.published.push(outbox::NewRow::now(envelope));
        Ok(())
    }

    /// Tells the others at a later time. The key names it, so that [`cancel`](Tx::cancel) can take it
    /// back; publishing under the same key again replaces what was not sent yet.
    ///
    /// # Errors
    /// When the event does not serialise, or the database refuses.
    pub async fn publish_at<E: Event>(
        &mut self,
        event: &E,
        due: DateTime<Utc>,
        key: &str,
    ) -> Result<(), Error> {
        self.cancel(key).await?;
        let envelope = self.seal(event)?;
        self.published.push(outbox::NewRow::later(envelope, due, key));
        Ok(())
    }

    /// Tells the others now, unless the same was told under this key in the last minute or still waits.
    /// What waits is left alone: the relay may have it in its hand.
    pub(crate) async fn publish_unless_told<E: Event>(
        &mut self,
        event: &E,
        key: &str,
    ) -> Result<(), Error> {
        let since = self.now - TimeDelta::minutes(1);
        let told: Option<i64> =
            self.scalar(outbox::TOLD, vec![Value::from(key), Value::from(since)]).await?;
        if told.unwrap_or(0) == 0 {
            let envelope = self.seal(event)?;
            self.published.push(outbox::NewRow::later(envelope, self.now, key));
        }
        Ok(())
    }

    /// Takes back what was to be published later under this key. Gives whether there was any.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn cancel(&mut self, key: &str) -> Result<bool, Error> {
        let buffered = self.published.take_out(|row| row.key() == Some(key));
        let stored = self.execute(outbox::CANCEL, values_of_key(key)).await?;
        Ok(buffered > 0 || stored > 0)
    }

    /// Publishes to one queue alone: an answer to the one who asked.
    ///
    /// # Errors
    /// When the event does not serialise.
    pub fn publish_to<E: Event>(&mut self, event: &E, queue: &str) -> Result<(), Error> {
        let envelope = self.seal(event)?;
        self.published.push(outbox::NewRow::to_queue(envelope, queue));
        Ok(())
    }

    /// Asks for something to be done in the outside world once this is committed. The key names the
    /// job within its effect: asking again under the same key while it waits changes nothing.
    ///
    /// # Errors
    /// When the job does not serialise.
    pub fn request<E: Effect>(&mut self, key: &str, job: &E::Job) -> Result<(), Error> {
        self.request_at::<E>(key, job, self.now)
    }

    /// As [`request`](Tx::request), not before the given time.
    ///
    /// # Errors
    /// When the job does not serialise.
    pub fn request_at<E: Effect>(
        &mut self,
        key: &str,
        job: &E::Job,
        due: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.jobs.push(effect::NewJob {
            effect: E::NAME,
            key: key.to_owned(),
            job: serde_json::to_string(job)?,
            due,
            traceparent: self.trail.of(key),
        });
        Ok(())
    }

    /// Takes back a job that was requested under this key. A worker that is at it may still finish,
    /// but it is not tried again and its ending is not recorded. Gives whether there was one.
    ///
    /// # Errors
    /// As [`execute`](Tx::execute).
    pub async fn withdraw<E: Effect>(&mut self, key: &str) -> Result<bool, Error> {
        let buffered = self.jobs.take_out(|job| job.effect == E::NAME && job.key == key);
        let stored =
            self.execute(effect::WITHDRAW, vec![Value::from(E::NAME), Value::from(key)]).await?;
        Ok(buffered > 0 || stored > 0)
    }

    fn seal<E: Event>(&mut self, event: &E) -> Result<Envelope, Error> {
        let mut envelope = Envelope::seal(event, self.now)?;
        if envelope.data.len() > LARGEST_EVENT {
            return Err(Error::TooLarge { event_type: E::TYPE, bytes: envelope.data.len() });
        }
        envelope.traceparent = Some(self.trail.of(&envelope.subject));
        Ok(envelope)
    }
}
