//! Notification: what happens to a person reaches them by mail, push and inbox, in their language.
//!
//! It owns preferences, devices, deliveries and the inbox, and keeps copies of persons, courses and
//! enrolments. Each fact tells each person once over each channel: the unique key of a delivery
//! guards it, whatever is delivered twice or in whatever order. A delivery that was not sent says why.
//!
//! It publishes `notification.delivery-sent|failed|suppressed`, and for itself alone
//! `notification.announcement-chunk` ([`AnnouncementChunk`]): an announcement to many people
//! is told chunk by chunk, each chunk publishing the next. It decides nothing about courses, marks or
//! certificates, and never asks another service.

mod api;
mod commands;
mod config;
pub mod domain;
mod effects;
mod export;
mod handlers;
mod migrations;
mod pages;
mod store;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bus::{Db, Event, Files, WriteFile, sessions};
use contract::{
    notification::{DeliveryFailed, DeliverySent, DeliverySuppressed, ExportPartReady},
    own::AnnouncementChunk,
};
use event::{DeliveryId, PersonId};
use ui::{SealingKey, Ui};
use uuid::Uuid;

pub use config::{Config, ConfigError, Mailer, PushConfig, SmtpServer};
pub use store::{CourseCopy, DeliveryView, Doubled, Tally};

use commands::Shared;

pub const NAME: &str = "notification";

/// What it publishes and hears. `base_url` is how people reach the platform.
#[must_use]
pub fn service(config: &Config, files: &Files, key: &SealingKey, base_url: &str) -> bus::Service {
    let shared = shared(config, key, base_url);
    let service = bus::Service::new(NAME, migrations::MIGRATIONS)
        .publishes(&[
            DeliverySent::TYPE,
            DeliveryFailed::TYPE,
            DeliverySuppressed::TYPE,
            AnnouncementChunk::TYPE,
            ExportPartReady::TYPE,
        ])
        .handler(handlers::CopyPersons)
        .handler(handlers::EndSessions)
        .handler(handlers::CopyCourses)
        .handler(handlers::CopyOrganisation)
        .batch_handler(handlers::CopyEnrolments)
        .follower::<handlers::CompareCopies>()
        .batch_handler(handlers::Notify(shared.clone()))
        .batch_handler(handlers::TellInstructors(shared.clone()))
        .handler(handlers::Announce)
        .handler(handlers::Invite)
        .batch_handler(handlers::TellChunk(shared.clone()))
        .handler(export::Export)
        .effect(WriteFile::<export::Part>::new(files))
        .effect(effects::Push::new(shared.clone()));
    let letters = effects::Letters::new(shared, files.clone());
    match &config.mailer {
        Mailer::Folder(folder) => {
            service.effect(effects::MailToFolder::new(letters, folder.clone()))
        }
        Mailer::Smtp(server) => service.effect(effects::MailOverSmtp::new(letters, server.clone())),
    }
}

/// Whether a mail server greets and lets us in. The error says why not.
///
/// # Errors
/// When the server does not do what is wanted of it within the limit.
pub async fn greet_mail_server(mailer: &Mailer, limit: std::time::Duration) -> Result<(), String> {
    match mailer {
        Mailer::Smtp(server) => effects::greet(server, limit).await,
        Mailer::Folder(_) => Ok(()),
    }
}

/// Inbox, preferences, devices and deliveries, as JSON and as pages.
pub fn routes(db: &Db, ui: &Ui, config: &Config) -> ui::Routes {
    let shared = shared(config, ui.key(), ui.base_url());
    let app = api::App { db: db.clone(), ui: ui.with_sessions(sessions::since(db)), shared };
    ui::Routes { api: api::routes(app.clone()), pages: pages::routes(app) }
}

fn shared(config: &Config, key: &SealingKey, base_url: &str) -> Arc<Shared> {
    Arc::new(Shared {
        config: config.clone(),
        key: key.clone(),
        base_url: base_url.trim_end_matches('/').to_owned(),
    })
}

/// How many deliveries there are of each kind, over each channel, in each state.
///
/// # Errors
/// When the database is away.
pub async fn tally(db: &Db) -> Result<Vec<Tally>, bus::Error> {
    store::tally(db).await
}

/// Who was told more than once, over one channel, of one enrolment, lesson, attempt or certificate. A
/// regrade and a second enrolment are facts of their own and show here; a repeated event never does.
///
/// # Errors
/// When the database is away.
pub async fn doubled(db: &Db) -> Result<Vec<Doubled>, bus::Error> {
    store::doubled(db).await
}

/// The copies of courses, to be compared with the catalogue's.
///
/// # Errors
/// When the database is away.
pub async fn course_copies(db: &Db) -> Result<Vec<CourseCopy>, bus::Error> {
    store::course_copies(db).await
}

/// What was to reach a person, over every channel, and what became of it: the newest first. What opens
/// an account stays between the person and their mails.
///
/// # Errors
/// When the database is away.
pub async fn deliveries_to(
    db: &Db,
    person: PersonId,
    most: usize,
) -> Result<Vec<DeliveryView>, bus::Error> {
    let mut all = store::deliveries(db, person, store::Before::everything(), most).await?;
    all.retain(|delivery| !domain::kind_of(&delivery.kind).is_some_and(domain::Kind::is_private));
    Ok(all)
}

/// The deliveries by mail that were sent, by id, after `after` ([`Uuid::nil`] to begin): in a mail
/// folder each is the file `<id>.eml`.
///
/// # Errors
/// When the database is away.
pub async fn sent_mails(db: &Db, after: Uuid, most: usize) -> Result<Vec<DeliveryId>, bus::Error> {
    store::sent_mails(db, after, most).await
}
