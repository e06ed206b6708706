//! `identity`: who there is. It owns accounts, their roles, language and time zone, and signs people in.
//!
//! It publishes person-registered, person-updated and person-erased, the only events that hold a name
//! or a mail address, and hears those who hold copies of them, when they ask. A session is a sealed cookie or bearer token that every service
//! reads by itself for twelve hours; identity alone looks at the account behind it.
//!
//! Deliberately not here: what a person did (that is `learning`'s and `insight`'s), and what a person
//! wants to be told (`notification`'s).

mod api;
mod commands;
mod domain;
mod handlers;
mod limit;
mod migrations;
mod pages;
mod password;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::FromRef;
use bus::{Db, Event};
pub use commands::{CommandError, Created, NewPerson, create_administrator, register_person};
use contract::identity::{PersonErased, PersonRegistered, PersonUpdated};
pub use domain::{Invalid, Person, Reason};
use limit::Limiter;
use ui::Ui;

ui::texts!(pub(crate) TEXTS);

/// What identity is to the bus.
#[must_use]
pub fn service() -> bus::Service {
    bus::Service::new("identity", migrations::MIGRATIONS)
        .publishes(&[PersonRegistered::TYPE, PersonUpdated::TYPE, PersonErased::TYPE])
        .owner(handlers::KeepInStep)
}

/// What identity is to the outside. Serve it with axum's `ConnectInfo<SocketAddr>`, so that wrong
/// passwords are counted for each address apart.
#[must_use]
pub fn routes(db: &Db, ui: &Ui) -> ui::Routes {
    let app = App { db: db.clone(), ui: ui.clone(), limiter: Arc::new(Limiter::default()) };
    ui::Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
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
    limiter: Arc<Limiter>,
}
