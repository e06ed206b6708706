//! What can be done to people: registering, changing, giving roles, erasing. What else there is to do is in
//! the modules.

pub(crate) mod addresses;
pub(crate) mod exports;
pub(crate) mod invitations;
pub(crate) mod organisation;
pub(crate) mod passwords;

use axum::http::StatusCode;
use bus::{Clock, Db, FilesError, Tx, sessions};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contract::identity::{
    Person as ToldPerson, PersonErased, PersonRegistered, PersonUpdated, SessionsEnded,
};
use event::{Language, PersonId, Role};
use ui::{FieldProblem, Problem, Unsealable};

use crate::{
    TEXTS,
    domain::{Change, Invalid, Mail, Name, Password, Person, Roles, parse_time_zone},
    password::{self, HashingError},
    store,
};

/// Why something was not done to a person.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// All that is wrong, at least one thing.
    #[error("{}", sentences(.0))]
    Invalid(Vec<Invalid>),
    #[error("there is an account with this mail address already: sign in")]
    MailTaken,
    #[error("there is no such person")]
    NoSuchPerson,
    #[error("this is the last administrator: make somebody else one first")]
    LastAdministrator,
    #[error("this was changed by somebody else at the same time: look again, and try again")]
    ChangedMeanwhile,
    #[error("there is no such invitation: it may have been accepted or withdrawn")]
    NoSuchInvitation,
    #[error("there is an account with this mail address already: withdraw the invitation")]
    HasAccount,
    #[error(transparent)]
    Link(#[from] LinkRefused),
    #[error("too many tries: try again in {0} seconds")]
    TooMany(u32),
    #[error("something cannot be sealed")]
    Sealing(#[from] Unsealable),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error(transparent)]
    Bus(#[from] bus::Error),
}

/// Why a link from a mail opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    #[error("this link is not whole: open it from the mail again")]
    Broken,
    #[error("this link has expired: ask for another")]
    Expired,
    #[error("this link was used already: ask for another if it was not you")]
    Used,
}

impl LinkRefused {
    /// The message that says it in the reader's language.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Broken => "link-broken",
            Self::Expired => "link-expired",
            Self::Used => "link-used",
        }
    }
}

impl From<Invalid> for CommandError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(vec![invalid])
    }
}

fn sentences(wrong: &[Invalid]) -> String {
    let sentences: Vec<String> = wrong.iter().map(Invalid::to_string).collect();
    sentences.join("; ")
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Invalid(wrong) => {
                let errors = wrong.iter().map(|invalid| FieldProblem {
                    field: invalid.field.to_owned(),
                    detail: invalid.reason.to_string(),
                });
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentences(&wrong));
                problem.errors = errors.collect();
                problem
            }
            CommandError::MailTaken => conflict(&error, "mail-taken"),
            CommandError::LastAdministrator => conflict(&error, "last-administrator"),
            CommandError::ChangedMeanwhile => conflict(&error, "changed-meanwhile"),
            CommandError::HasAccount => conflict(&error, "invited-has-account"),
            CommandError::NoSuchPerson => {
                Self::not_found(error.to_string()).worded(&TEXTS, "no-such-person", [])
            }
            CommandError::NoSuchInvitation => {
                Self::not_found(error.to_string()).worded(&TEXTS, "no-such-invitation", [])
            }
            CommandError::Link(link) => {
                Self::new(StatusCode::GONE, link.to_string()).worded(&TEXTS, link.key(), [])
            }
            CommandError::TooMany(seconds) => {
                let problem = Self::too_many(error.to_string(), seconds);
                problem.worded(&TEXTS, "too-many-tries", [("minutes", seconds.div_ceil(60).into())])
            }
            CommandError::Hashing(error) => Self::unavailable(&error),
            CommandError::Sealing(error) => Self::unavailable(&error),
            CommandError::Files(error) => Self::unavailable(&error),
            CommandError::Bus(error) => Self::unavailable(&error),
        }
    }
}

fn conflict(error: &CommandError, key: &'static str) -> Problem {
    Problem::conflict(error.to_string()).worded(&TEXTS, key, [])
}

/// Somebody who wants an account, as they wrote it.
#[derive(Clone)]
pub struct NewPerson {
    pub name: String,
    pub mail: String,
    pub password: String,
    pub language: Language,
    /// An IANA name.
    pub time_zone: String,
    pub roles: Vec<Role>,
}

impl NewPerson {
    /// The person and the password, or all that is wrong with what was written.
    fn parse(self, now: DateTime<Utc>) -> Result<(Person, Password), Vec<Invalid>> {
        let mail = Mail::parse(&self.mail);
        let password = Password::choose(&self.password, mail.as_ref().ok());
        match (
            Name::parse(&self.name),
            mail,
            password,
            parse_time_zone(&self.time_zone),
            Roles::parse(self.roles),
        ) {
            (Ok(name), Ok(mail), Ok(password), Ok(time_zone), Ok(roles)) => {
                let (id, language) = (PersonId::new(), self.language);
                let person = Person {
                    id,
                    version: 1,
                    name,
                    mail,
                    language,
                    time_zone,
                    roles,
                    registered_at: now,
                };
                Ok((person, password))
            }
            (name, mail, password, time_zone, roles) => {
                Err([name.err(), mail.err(), password.err(), time_zone.err(), roles.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}

/// Whether an account was made, or was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    New(Person),
    /// It keeps its password.
    Promoted(Person),
}

/// Registers a person with any roles: for the command line, and for the API after it has chosen the
/// roles. The roles are not the caller's to take from outside.
///
/// # Errors
/// When a field cannot be taken or the mail address is somebody's already.
pub async fn register_person(db: &Db, new: NewPerson) -> Result<Person, CommandError> {
    let (person, password) = new.parse(db.now()).map_err(CommandError::Invalid)?;
    if store::person_by_mail(db, &person.mail).await?.is_some() {
        return Err(CommandError::MailTaken);
    }
    let hash = password::hash(password).await?;
    let mut tx = db.begin().await?;
    if !store::insert(&mut tx, &person, hash).await? {
        return Err(CommandError::MailTaken);
    }
    tx.publish(&PersonRegistered(told(&person)))?;
    tx.commit().await?;
    Ok(person)
}

/// Makes an administrator: a new account, or the one that has this mail address, which keeps its name
/// and its password.
///
/// # Errors
/// When a field cannot be taken.
pub async fn create_administrator(
    db: &Db,
    name: &str,
    mail: &str,
    password: &str,
) -> Result<Created, CommandError> {
    if let Some(person) = store::person_by_mail(db, &Mail::parse(mail)?).await? {
        let roles = person.roles.with(Role::Administrator);
        return Ok(Created::Promoted(assign_roles(db, person.id, roles).await?));
    }
    let new = NewPerson {
        name: name.to_owned(),
        mail: mail.to_owned(),
        password: password.to_owned(),
        language: Language::default(),
        time_zone: Tz::UTC.name().to_owned(),
        roles: vec![Role::Learner, Role::Administrator],
    };
    register_person(db, new).await.map(Created::New)
}

/// Changes what is given. Changing nothing is fine, and told to nobody. There is always an administrator
/// left. With other roles sessions begin anew: a session says which they are.
pub(crate) async fn change(db: &Db, id: PersonId, change: Change) -> Result<Person, CommandError> {
    let mut tx = db.begin().await?;
    let mut person = store::person(&tx, id).await?.ok_or(CommandError::NoSuchPerson)?;
    if change.roles.as_ref().is_some_and(|roles| !roles.contains(Role::Administrator)) {
        keep_an_administrator(&mut tx, &person).await?;
    }
    let roles = person.roles.clone();
    if person.change(change) {
        if person.roles != roles {
            end_sessions(&mut tx, id).await?;
        }
        save(&mut tx, &person).await?;
    }
    tx.commit().await?;
    Ok(person)
}

/// Gives a person these roles and no others.
pub(crate) async fn assign_roles(
    db: &Db,
    id: PersonId,
    roles: Roles,
) -> Result<Person, CommandError> {
    change(db, id, Change { roles: Some(roles), ..Change::default() }).await
}

/// Forgets who a person was, here and everywhere. Erasing twice is once.
pub(crate) async fn erase(db: &Db, id: PersonId) -> Result<(), CommandError> {
    let mut tx = db.begin().await?;
    let Some(person) = store::person(&tx, id).await? else {
        return Ok(());
    };
    keep_an_administrator(&mut tx, &person).await?;
    let version = person.version + 1;
    if !store::erase(&mut tx, id, version).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    let erased_at = tx.now();
    exports::discard_of(&mut tx, id).await?;
    store::resets::forget(&mut tx, id).await?;
    store::addresses::forget(&mut tx, id).await?;
    for invitation in store::invitations::forget(&mut tx, id, &person.mail).await? {
        tx.forget(&invitation.to_string()).await?;
    }
    tx.forget_person(id, erased_at).await?;
    // Nobody signs in after that: any clock will do.
    tx.publish(&SessionsEnded { person: id, since: erased_at })?;
    tx.publish(&PersonErased { person: id, version, erased_at })?;
    Ok(tx.commit().await?)
}

/// What this person began before now opens nothing any more: here at once, elsewhere when it is heard.
async fn end_sessions(tx: &mut Tx, person: PersonId) -> Result<(), CommandError> {
    // Sessions live by the system's clock.
    let since = Clock::System.now();
    sessions::end(tx, person, since).await?;
    Ok(tx.publish(&SessionsEnded { person, since })?)
}

/// Those who take away an administrator take turns: two who take away each other at the same moment would each
/// still see the other.
async fn keep_an_administrator(tx: &mut Tx, person: &Person) -> Result<(), CommandError> {
    if !person.roles.contains(Role::Administrator) {
        return Ok(());
    }
    tx.alone("identity/administrators").await?;
    if !store::has_other_administrator(tx, person.id).await? {
        return Err(CommandError::LastAdministrator);
    }
    Ok(())
}

async fn save(tx: &mut Tx, person: &Person) -> Result<(), CommandError> {
    if !store::update(tx, person).await? {
        return Err(CommandError::ChangedMeanwhile);
    }
    tx.publish(&PersonUpdated(told(person)))?;
    Ok(())
}

/// The roles as the others are told. Who is an operator is told to nobody: the contract knows no such
/// role, and a session says it.
fn told_roles(roles: &Roles) -> Vec<Role> {
    roles.as_slice().iter().copied().filter(|role| *role != Role::Operator).collect()
}

/// A person as the other services are told.
pub(crate) fn told(person: &Person) -> ToldPerson {
    ToldPerson {
        person: person.id,
        version: person.version,
        name: person.name.as_str().to_owned(),
        mail: person.mail.as_str().to_owned(),
        language: person.language,
        time_zone: person.time_zone.name().to_owned(),
        roles: told_roles(&person.roles),
        registered_at: person.registered_at,
    }
}
