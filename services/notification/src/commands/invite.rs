//! Mails to those who have no account yet.

use bus::{Error, Tx};
use contract::identity::{InvitationWithdrawn, PersonInvited};
use event::{DeliveryId, InvitationId, PersonId};
use uuid::Uuid;

use crate::{
    domain::{Channel, Fact, Kind, MailJob, Notice, Reason, State, kind_code},
    effects::AnyMail,
    store::{self, NewDelivery},
};

/// Sends an invitation's mail, once for each of its versions; an earlier one that still waits is not
/// sent, nor is this one if a later came before it.
pub(crate) async fn invite(tx: &mut Tx, event: Uuid, invited: &PersonInvited) -> Result<(), Error> {
    let reached = store::reach_version(tx, invited.invitation, invited.version).await?;
    let holds = reached == invited.version;
    if holds {
        take_back(tx, invited.invitation).await?;
    }
    let fact = fact(event, invited);
    let new = NewDelivery {
        id: DeliveryId::new(),
        channel: Channel::Mail,
        at: tx.now(),
        fact: &fact,
        state: if holds { State::Queued } else { State::Suppressed },
        reason: (!holds).then_some(Reason::Withdrawn),
        open_jobs: i32::from(holds),
        waits_until: None,
    };
    let fresh = store::insert_deliveries(tx, std::slice::from_ref(&new)).await?;
    if !holds || !fresh.contains(&new.id) {
        return Ok(());
    }
    request(tx, invited, &new).await
}

/// Takes back what still waits to be sent, and forgets whom it was to reach.
pub(crate) async fn withdraw_invitation(
    tx: &mut Tx,
    withdrawn: &InvitationWithdrawn,
) -> Result<(), Error> {
    store::reach_version(tx, withdrawn.invitation, withdrawn.version).await?;
    take_back(tx, withdrawn.invitation).await?;
    tx.forget(&withdrawn.invitation.to_string()).await
}

async fn take_back(tx: &mut Tx, invitation: InvitationId) -> Result<(), Error> {
    for waiting in store::suppress_queued(tx, as_person(invitation), Reason::Withdrawn).await? {
        tx.withdraw::<AnyMail>(&waiting.id.to_string()).await?;
    }
    Ok(())
}

async fn request(tx: &mut Tx, invited: &PersonInvited, new: &NewDelivery<'_>) -> Result<(), Error> {
    let organisation = store::organisation(tx).await?;
    let job = MailJob {
        delivery: new.id,
        at: new.at,
        person: as_person(invited.invitation),
        name: invited.name.clone(),
        mail: invited.mail.clone(),
        language: invited.language,
        zone: None,
        notice: new.fact.notice.clone(),
        course: None,
        sender: organisation.map(|it| it.as_sender(invited.language)),
    };
    tx.request::<AnyMail>(&job.delivery.to_string(), &job)
}

fn fact(event: Uuid, invited: &PersonInvited) -> Fact {
    let key = format!("{}/{}/{}", kind_code(Kind::Invitation), invited.invitation, invited.version);
    let notice = Notice::Invitation {
        invitation: invited.invitation,
        link: invited.link.clone(),
        expires_at: invited.expires_at,
    };
    Fact { key, event, person: as_person(invited.invitation), course: None, notice }
}

/// Who is invited is no person here yet: the invitation stands for them.
fn as_person(invitation: InvitationId) -> PersonId {
    PersonId(invitation.0)
}
