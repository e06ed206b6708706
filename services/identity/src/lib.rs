//! `identity`: who there is. It owns accounts, their roles, language and time zone, signs people in, invites
//! them, and says whose platform it is.
//!
//! Its events are the only ones that hold a name or a mail address: person-registered, -updated and
//! -erased, person-invited and invitation-withdrawn, password-reset-requested, address-change-requested
//! and address-changed, organisation-updated. It hears those who hold copies, when they ask. A person's
//! export is requested here; each service writes its part and says so, and identity makes one archive of
//! them. A session is a sealed cookie or bearer token that every service reads by itself for twelve hours.
//! A new password, other roles and erasing end it before: here at once, elsewhere as soon as sessions-ended
//! is heard there. Identity alone looks at the account behind it.
//!
//! Deliberately not here: what a person did (that is `learning`'s and `insight`'s), what a person wants to
//! be told (`notification`'s), and mails (`notification` writes them; a link travels to it sealed).

mod account;
mod api;
mod archive;
mod commands;
mod domain;
mod download;
mod effects;
mod handlers;
mod limit;
mod migrations;
mod pages;
mod password;
mod readable;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRef;
use bus::{Db, Event, Files, sessions};
pub use commands::{
    CommandError, Created, LinkRefused, NewPerson, create_administrator, register_person,
};
use contract::{
    identity::{
        AddressChangeRequested, AddressChanged, ExportReady, ExportRequested, InvitationWithdrawn,
        OrganisationUpdated, PasswordResetRequested, PersonErased, PersonInvited, PersonRegistered,
        PersonUpdated, SessionsEnded,
    },
    own::ExportExpired,
};
pub use domain::{Invalid, Person, Reason, organisation::Details};
use limit::Limits;
use ui::Ui;

ui::texts!(pub(crate) TEXTS);

/// What identity is to the bus.
#[must_use]
pub fn service(files: &Files) -> bus::Service {
    service_named("identity", files)
}

/// Tests on a database that is shared give it a name, and so a schema, of their own.
fn service_named(name: &'static str, files: &Files) -> bus::Service {
    bus::Service::new(name, migrations::MIGRATIONS)
        .publishes(&[
            PersonRegistered::TYPE,
            PersonUpdated::TYPE,
            PersonErased::TYPE,
            SessionsEnded::TYPE,
            PasswordResetRequested::TYPE,
            AddressChangeRequested::TYPE,
            AddressChanged::TYPE,
            PersonInvited::TYPE,
            InvitationWithdrawn::TYPE,
            OrganisationUpdated::TYPE,
            ExportRequested::TYPE,
            ExportReady::TYPE,
            ExportExpired::TYPE,
        ])
        .owner(handlers::KeepInStep)
        .handler(handlers::CollectExports)
        .handler(handlers::ExpireExports)
        .effect(effects::Assemble { files: files.clone() })
        .effect(effects::DeleteFiles { files: files.clone() })
}

/// What identity is to the outside. `set_up` is what the organisation is as long as nobody has written it.
/// Serve it with axum's `ConnectInfo<SocketAddr>`, so that tries are counted for each address apart.
#[must_use]
pub fn routes(db: &Db, ui: &Ui, files: &Files, set_up: Details) -> ui::Routes {
    let app = App {
        db: db.clone(),
        ui: ui.with_sessions(sessions::since(db)),
        files: files.clone(),
        limits: Arc::new(Limits::default()),
        set_up: Arc::new(set_up),
    };
    ui::Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

/// People whose name or mail address holds this text, by name.
///
/// # Errors
/// When the database is away.
pub async fn search(db: &Db, text: &str, most: u32) -> Result<Vec<Person>, bus::Error> {
    let wanted = store::finding::Wanted { text: text.to_owned(), role: None };
    store::finding::page(db, &wanted, 0, u64::from(most)).await
}

/// Who has an account under this mail address, or this id.
///
/// # Errors
/// When the database is away.
pub async fn find(db: &Db, text: &str) -> Result<Option<Person>, bus::Error> {
    match (text.parse(), domain::Mail::parse(text)) {
        (Ok(id), _) => store::person(db, id).await,
        (Err(_), Ok(mail)) => store::person_by_mail(db, &mail).await,
        (Err(_), Err(_)) => Ok(None),
    }
}

#[derive(Clone, FromRef)]
struct App {
    db: Db,
    ui: Ui,
    files: Files,
    limits: Arc<Limits>,
    set_up: Arc<Details>,
}
