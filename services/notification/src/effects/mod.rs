//! The outside world: mails into a folder or to a server, and push messages.

mod endpoint;
mod folder;
mod letter;
mod push;
mod smtp;

pub(crate) use endpoint::endpoint_problem;
pub(crate) use folder::MailToFolder;
pub(crate) use letter::{Letters, Unsubscribe};
pub(crate) use push::{Push, device_keys, make_push_key, public_push_key};
pub(crate) use smtp::{MailOverSmtp, greet};

use bus::{Ending, Handled, Tx};
use contract::notification::{DeliveryFailed, DeliverySent};
use event::DeliveryId;

use crate::{domain::State, store};

/// Both mailers bear the same name and take the same jobs, so that a job that waits survives a change
/// of mailer; whoever requests a mail need not know which one is at work.
pub(crate) type AnyMail = MailToFolder;

/// The name of both mailers.
const MAIL: &str = "notification.mail";

/// Writes down what became of a mail.
async fn record_mail(delivery: DeliveryId, ending: Ending<()>, tx: &mut Tx) -> Handled {
    match ending {
        Ending::Done(()) => settle_sent(tx, delivery).await,
        Ending::Refused(reason) | Ending::GaveUp(reason) => {
            settle_failed(tx, delivery, reason, false).await
        }
        Ending::Uncertain(reason) => settle_failed(tx, delivery, reason, true).await,
    }
}

async fn settle_sent(tx: &mut Tx, delivery: DeliveryId) -> Handled {
    if let Some(delivery) = store::settle_delivery(tx, delivery, State::Sent, None).await? {
        tx.publish(&DeliverySent { delivery })?;
    }
    Ok(())
}

async fn settle_failed(
    tx: &mut Tx,
    delivery: DeliveryId,
    reason: String,
    uncertain: bool,
) -> Handled {
    let state = if uncertain { State::Uncertain } else { State::Failed };
    if let Some(delivery) = store::settle_delivery(tx, delivery, state, Some(&reason)).await? {
        tx.publish(&DeliveryFailed { delivery, reason, uncertain })?;
    }
    Ok(())
}
