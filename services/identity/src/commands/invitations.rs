//! Invitations: sending, sending again, withdrawing, accepting. An address has one at most that can be
//! accepted: inviting twice is once.

use std::collections::HashSet;

use bus::{Db, Tx};
use contract::identity::{InvitationWithdrawn, PersonInvited, PersonRegistered};
use event::{InvitationId, Language, PersonId};
use serde::{Deserialize, Serialize};
use ui::SealingKey;

use super::{CommandError, LinkRefused, told, told_roles};
use crate::{
    domain::{
        Invalid, Name, Password, Person,
        invitation::{Invitation, Invited, Standing, State, VALID},
        parse_time_zone,
    },
    password,
    store::{self, invitations},
};

const PURPOSE: &str = "invitation";

/// What the link holds, sealed: an invitation that was sent again has another.
#[derive(Serialize, Deserialize)]
struct Token {
    invitation: InvitationId,
    version: u64,
}

/// What came of inviting somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent(InvitationId),
    /// There is one that still works: nothing was sent.
    WasSent,
    HasAccount,
}

/// Invites all of them, in one transaction; gives what came of each.
pub(crate) async fn invite(
    db: &Db,
    key: &SealingKey,
    by: Option<PersonId>,
    people: &[Invited],
) -> Result<Vec<Outcome>, CommandError> {
    let mut tx = db.begin().await?;
    let keys: Vec<String> = people.iter().map(|invited| invited.mail.key()).collect();
    let known: HashSet<String> = invitations::with_account(&tx, &keys).await?.into_iter().collect();
    let mut outcomes = Vec::with_capacity(people.len());
    for (invited, mail) in people.iter().zip(&keys) {
        outcomes.push(if known.contains(mail) {
            Outcome::HasAccount
        } else {
            invite_one(&mut tx, key, by, invited).await?
        });
    }
    tx.commit().await?;
    Ok(outcomes)
}

async fn invite_one(
    tx: &mut Tx,
    key: &SealingKey,
    by: Option<PersonId>,
    invited: &Invited,
) -> Result<Outcome, CommandError> {
    let now = tx.now();
    if let Some(open) = invitations::open(tx, &invited.mail).await? {
        if open.standing(now) == Standing::Waiting {
            return Ok(Outcome::WasSent);
        }
        // What was written now counts: other roles may be meant than at that time.
        let anew = Invitation { invited: invited.clone(), ..open };
        return send_again(tx, key, by, anew).await.map(Outcome::Sent);
    }
    let invitation = Invitation {
        id: InvitationId::new(),
        version: 1,
        invited: invited.clone(),
        invited_by: by,
        invited_at: now,
        expires_at: now + VALID,
        state: State::Open,
    };
    if !invitations::insert(tx, &invitation).await? {
        return Ok(Outcome::WasSent);
    }
    tell(tx, key, &invitation)?;
    Ok(Outcome::Sent(invitation.id))
}

/// Sends one again, with another link that works as long anew; not to somebody who has an account by now,
/// for there the link would open nothing.
pub(crate) async fn resend(
    db: &Db,
    key: &SealingKey,
    by: Option<PersonId>,
    id: InvitationId,
) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let invitation = invitations::invitation(&tx, id).await?;
    let invitation = invitation.filter(|invitation| invitation.state == State::Open);
    let invitation = invitation.ok_or(CommandError::NoSuchInvitation)?;
    if store::person_by_mail(&tx, &invitation.invited.mail).await?.is_some() {
        return Err(CommandError::HasAccount);
    }
    send_again(&mut tx, key, by, invitation).await?;
    Ok(tx.commit().await?)
}

async fn send_again(
    tx: &mut Tx,
    key: &SealingKey,
    by: Option<PersonId>,
    invitation: Invitation,
) -> Result<InvitationId, CommandError> {
    let invitation = invitation.sent_again(by, tx.now());
    if !invitations::update(tx, &invitation).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    tell(tx, key, &invitation)?;
    Ok(invitation.id)
}

/// Takes one back and forgets who it was for. Taking it back twice is once.
pub(crate) async fn withdraw(db: &Db, id: InvitationId) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let Some(invitation) = invitations::invitation(&tx, id).await? else {
        return Ok(());
    };
    if !invitations::withdraw(&mut tx, &invitation).await? {
        return Err(CommandError::NoSuchInvitation);
    }
    let (version, withdrawn_at) = (invitation.version + 1, tx.now());
    tx.forget(&id.to_string()).await?;
    tx.publish(&InvitationWithdrawn { invitation: id, version, withdrawn_at })?;
    Ok(tx.commit().await?)
}

/// Whether a link still works, and who is invited by it.
pub(crate) async fn look(
    db: &Db,
    key: &SealingKey,
    token: &str,
) -> Result<Invitation, CommandError> {
    let token: Token = key.open(PURPOSE, token).map_err(|_| LinkRefused::Broken)?;
    let invitation = invitations::invitation(db, token.invitation).await?;
    let invitation = invitation.ok_or(LinkRefused::Expired)?;
    match invitation.standing(db.now()) {
        Standing::Waiting if invitation.version == token.version => Ok(invitation),
        Standing::Accepted => Err(LinkRefused::Used.into()),
        _ => Err(LinkRefused::Expired.into()),
    }
}

/// What somebody who is invited writes.
pub(crate) struct Acceptance {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) language: Language,
    pub(crate) time_zone: String,
}

/// Opens the account that somebody is invited to.
pub(crate) async fn accept(
    db: &Db,
    key: &SealingKey,
    token: &str,
    acceptance: Acceptance,
) -> Result<Person, CommandError> {
    let invitation = look(db, key, token).await?;
    let (person, chosen) = person_of(&invitation, acceptance, db)?;
    let hash = password::hash(chosen).await?;
    let mut tx = db.begin().await?;
    if !store::insert(&mut tx, &person, hash).await? {
        return Err(CommandError::MailTaken);
    }
    if !invitations::accept(&mut tx, &invitation, person.id).await? {
        return Err(LinkRefused::Used.into());
    }
    tx.publish(&PersonRegistered(told(&person)))?;
    tx.commit().await?;
    Ok(person)
}

fn person_of(
    invitation: &Invitation,
    acceptance: Acceptance,
    db: &Db,
) -> Result<(Person, Password), CommandError> {
    let mail = &invitation.invited.mail;
    let parsed = (
        Name::parse(&acceptance.name),
        Password::choose(&acceptance.password, Some(mail)),
        parse_time_zone(&acceptance.time_zone),
    );
    let (name, chosen, time_zone) = match parsed {
        (Ok(name), Ok(chosen), Ok(time_zone)) => (name, chosen, time_zone),
        (name, chosen, time_zone) => {
            let wrong: Vec<Invalid> =
                [name.err(), chosen.err(), time_zone.err()].into_iter().flatten().collect();
            return Err(CommandError::Invalid(wrong));
        }
    };
    let person = Person {
        id: PersonId::new(),
        version: 1,
        name,
        mail: mail.clone(),
        language: acceptance.language,
        time_zone,
        roles: invitation.invited.roles.clone(),
        registered_at: db.now(),
    };
    Ok((person, chosen))
}

fn tell(tx: &mut Tx, key: &SealingKey, invitation: &Invitation) -> Result<(), CommandError> {
    let token = Token { invitation: invitation.id, version: invitation.version };
    let token = key.seal(PURPOSE, &token)?;
    let invited = &invitation.invited;
    tx.publish(&PersonInvited {
        invitation: invitation.id,
        version: invitation.version,
        name: invited.name.as_str().to_owned(),
        mail: invited.mail.as_str().to_owned(),
        language: invited.language,
        link: key.seal_link(&format!("/invitation?token={token}"))?,
        roles: told_roles(&invited.roles),
        invited_by: invitation.invited_by,
        invited_at: invitation.invited_at,
        expires_at: invitation.expires_at,
    })?;
    Ok(())
}
