//! The wiring: which services there are, their databases, the transport between them, and what they
//! bring to the outside.

use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use bus::{
    Clock, Db, Embedded, Files, Location, Outboxes, Running, Service, Survey, Transport, sessions,
    transport::{Queue, TransportError},
};
use bus_rabbitmq::RabbitMq;
use event::Language;
use notification::{Mailer, PushConfig};
use ui::{Routes, SealingKey, Text, Ui};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    TEXTS,
    cli::ServiceName,
    config::Config,
    operations::{self, ControlRoom},
};

/// Everything that is needed to run some or all services, or to look into them.
pub(crate) struct Platform {
    pub(crate) members: Vec<Member>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) files: Files,
    pub(crate) ui: Ui,
    config: Config,
    notification: notification::Config,
    /// Of all services, those that run elsewhere too.
    queues: Vec<Queue>,
}

/// A service with its database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: ServiceName,
    pub(crate) service: Service,
    pub(crate) db: Db,
}

/// When the queues are there.
pub(crate) enum Declared {
    Now,
    /// With the first connection, before anything is sent on it; why there is none yet.
    Later(String),
}

impl Platform {
    /// Opens the databases of these services (making and migrating them), the file store and the
    /// queue. To a broker it does not speak yet.
    pub(crate) async fn open(config: Config, names: &[ServiceName]) -> anyhow::Result<Self> {
        let (files, ui) = ground(&config)?;
        let transport = transport(&config).await?;
        let everyone = services(&config, &files, &ui)?;
        let queues = everyone.iter().flat_map(|(_, service)| service.queues()).collect();
        let members = open_databases(&config, everyone, names).await?;
        let ui = asking_one_of(&members, &ui);
        let notification = notification_config(&config)?;
        Ok(Self { members, transport, files, ui, config, notification, queues })
    }

    /// Declares the queues of *all* services: whoever starts first publishes to followers that are
    /// still to come. A broker that is away may come later; one that refuses needs a person. Each service
    /// here writes down which are its own, to find them when a later version has them no more.
    pub(crate) async fn declare(&self) -> anyhow::Result<Declared> {
        for Member { service, db, .. } in &self.members {
            bus::note_queues(service, db).await?;
        }
        match self.transport.declare(&self.queues).await {
            Ok(()) => Ok(Declared::Now),
            Err(TransportError::Away(cause)) if self.config.broker.is_some() => {
                Ok(Declared::Later(cause))
            }
            Err(error) => {
                let place = self.transport.describe();
                Err(error).with_context(|| format!("cannot declare the queues on {place}"))
            }
        }
    }

    /// As [`declare`](Self::declare), for what makes no sense without the transport.
    pub(crate) async fn declare_now(&self) -> anyhow::Result<()> {
        match self.declare().await? {
            Declared::Now => Ok(()),
            Declared::Later(cause) => bail!("cannot reach RabbitMQ; check --broker: {cause}"),
        }
    }

    /// Of databases and a transport that are open already.
    #[cfg(test)]
    pub(crate) fn assembled(
        config: &Config,
        members: Vec<Member>,
        transport: Arc<dyn Transport>,
        files: Files,
        ui: Ui,
    ) -> anyhow::Result<Self> {
        let ui = asking_one_of(&members, &ui);
        let notification = notification_config(config)?;
        let queues = members.iter().flat_map(|member| member.service.queues()).collect();
        Ok(Self { members, transport, files, ui, config: config.clone(), notification, queues })
    }

    /// Brings the services to life.
    pub(crate) fn start(&self) -> Vec<Running> {
        self.members
            .iter()
            .map(|member| bus::run(&member.service, &member.db, &self.transport))
            .collect()
    }

    /// Has each service see that its next digest is planned, and ask for what it has no copy of.
    pub(crate) async fn begin_in_step(&self) {
        for member in &self.members {
            if let Err(error) = bus::step::begin(&member.service, &member.db).await {
                let service = member.name.name();
                tracing::warn!(%error, service, "cannot plan its digest nor ask for what it lacks");
            }
        }
    }

    pub(crate) fn db(&self, name: ServiceName) -> anyhow::Result<&Db> {
        let member = self.members.iter().find(|member| member.name == name);
        Ok(&member.with_context(|| format!("{} is not open here", name.name()))?.db)
    }

    /// What each service brings to the outside, and the operators' pages of all of them.
    pub(crate) fn routes(&self) -> Vec<Routes> {
        let room =
            ControlRoom::new(&self.members, &self.queues, &self.transport, &self.ui, &self.config);
        let operations = Routes { api: OpenApiRouter::new(), pages: room.pages() };
        let own = self.members.iter().map(|member| self.routes_of(member));
        own.chain([operations]).collect()
    }

    fn routes_of(&self, member: &Member) -> Routes {
        let Routes { api, pages } = self.own_routes_of(member);
        let own = operations::routes(member, &self.transport, outboxes(&self.members), &self.ui);
        Routes { api: api.merge(own), pages }
    }

    fn own_routes_of(&self, member: &Member) -> Routes {
        let (db, ui) = (&member.db, &self.ui);
        match member.name {
            ServiceName::Identity => {
                identity::routes(db, ui, &self.files, organisation_set_up(&self.config))
            }
            ServiceName::Catalog => catalog::routes(db, ui, &self.files),
            ServiceName::Learning => learning::routes(db, ui),
            ServiceName::Assessment => assessment::routes(db, ui),
            ServiceName::Certification => {
                certification::routes(db, ui, &self.files, &certification_config(&self.config))
            }
            ServiceName::Notification => notification::routes(db, ui, &self.notification),
            ServiceName::Insight => insight::routes(db, ui),
        }
    }

    /// Lets go of everything, after the services have stopped.
    pub(crate) async fn close(self) {
        self.transport.close().await;
        for member in self.members {
            member.db.close().await;
        }
    }
}

/// The databases of these services, made and migrated, for what needs neither files nor transport.
pub(crate) async fn open_members(
    config: &Config,
    names: &[ServiceName],
) -> anyhow::Result<Vec<Member>> {
    let (files, ui) = ground(config)?;
    open_databases(config, services(config, &files, &ui)?, names).await
}

/// Whether the server of the databases answers: whoever only looks is told within seconds that it does not, and
/// has not the patience of a start.
pub(crate) async fn find_database(config: &Config) -> anyhow::Result<()> {
    let service = ServiceName::Identity.name();
    let place = location(config, service);
    if let Location::Postgres { .. } = place {
        let looked = Survey::of(&place, service, &[]).await;
        looked.map_err(|error| unopened("cannot reach PostgreSQL", &place, &error))?;
    }
    Ok(())
}

/// What these services have said, for whoever must know how old what waits can be.
pub(crate) fn outboxes(members: &[Member]) -> Outboxes {
    let all = members.len() == ServiceName::ALL.len();
    Outboxes::new(members.iter().map(|member| member.db.clone()), all)
}

/// What is no single service's, as the pages of operations, asks one that is here whose sessions are over.
fn asking_one_of(members: &[Member], ui: &Ui) -> Ui {
    let asking = |member: &Member| ui.with_sessions(sessions::since(&member.db));
    members.first().map_or_else(|| ui.clone(), asking)
}

/// What every service stands on.
fn ground(config: &Config) -> anyhow::Result<(Files, Ui)> {
    let key = SealingKey::new(&config.key()?);
    Ok((Files::folder(&config.files_folder())?, Ui::new(key, &config.base_url())))
}

/// All services, as the configuration wants them.
pub(crate) fn services(
    config: &Config,
    files: &Files,
    ui: &Ui,
) -> anyhow::Result<Vec<(ServiceName, Service)>> {
    let retention = config.retention()?;
    let all = vec![
        (ServiceName::Identity, identity::service(files)),
        (ServiceName::Catalog, catalog::with_files(catalog::service(), files)),
        (ServiceName::Learning, learning::with_files(learning::service(), files)),
        (ServiceName::Assessment, assessment::with_files(assessment::service(), files)),
        (
            ServiceName::Certification,
            certification::service(certification_config(config), files, ui),
        ),
        (
            ServiceName::Notification,
            notification::service(&notification_config(config)?, files, ui.key(), ui.base_url()),
        ),
        (ServiceName::Insight, insight::with_files(insight::service(), files)),
    ];
    Ok(all.into_iter().map(|(name, service)| (name, service.retention(retention))).collect())
}

/// Where mails go.
pub(crate) fn mailer(config: &Config) -> anyhow::Result<Mailer> {
    let Some(address) = &config.mail.smtp else {
        return Ok(Mailer::Folder(config.mail_folder()));
    };
    let mailer = Mailer::smtp(address)?;
    Ok(match config.authorities()? {
        Some(authorities) => mailer.trusting(&authorities)?,
        None => mailer,
    })
}

fn notification_config(config: &Config) -> anyhow::Result<notification::Config> {
    let push = PushConfig {
        vapid_private_key: config.push.vapid_private_key.clone(),
        allow_private_endpoints: config.push.allow_private,
    };
    let mailer = mailer(config)?;
    Ok(notification::Config::new(mailer, &config.mail.from, &config.organisation.name, push)?)
}

/// The organisation as long as no administrator has written it.
fn organisation_set_up(config: &Config) -> identity::Details {
    let organisation = &config.organisation;
    identity::Details {
        name: organisation.name.clone(),
        address: organisation.address.clone(),
        activity_number: organisation.activity_number.clone(),
        representative: organisation.representative.clone(),
        capacity: organisation.capacity.clone(),
        place: organisation.place.clone(),
        retention_years: organisation.retention_years.to_string(),
        ..identity::Details::default()
    }
}

fn certification_config(config: &Config) -> certification::Config {
    let told = |text: &String| (!text.is_empty()).then(|| text.clone());
    let organisation = &config.organisation;
    certification::Config {
        organisation: certification::design::Organisation {
            name: organisation.name.clone(),
            representative: organisation.representative.clone(),
            capacity: organisation.capacity.clone(),
            place: organisation.place.clone(),
            address: told(&organisation.address),
            activity_number: told(&organisation.activity_number),
            retention_years: organisation.retention_years,
            logo: None,
            logo_file: None,
            mentions: None,
        },
    }
}

async fn open_databases(
    config: &Config,
    everyone: Vec<(ServiceName, Service)>,
    names: &[ServiceName],
) -> anyhow::Result<Vec<Member>> {
    let mut members = Vec::new();
    for (name, service) in everyone.into_iter().filter(|(name, _)| names.contains(name)) {
        let db = open_database(config, &service).await?;
        members.push(Member { name, service, db });
    }
    Ok(members)
}

/// Opens a service's database where the configuration says.
async fn open_database(config: &Config, service: &Service) -> anyhow::Result<Db> {
    let location = location(config, service.name());
    let opened = Db::open(&location, service.name(), service.migrations(), Clock::System).await;
    opened.map_err(|error| {
        let what = format!("cannot open the database of {}", service.name());
        unopened(&what, &location, &error)
    })
}

/// With what to do about it.
fn unopened(what: &str, location: &Location, error: &bus::Error) -> anyhow::Error {
    let remedy = match (location, error) {
        (Location::Postgres { .. }, bus::Error::Database(_)) => "doctor-database-remedy",
        (Location::File(_), bus::Error::Database(_)) => "doctor-unreadable-remedy",
        _ => return anyhow!("{what}: {error}"),
    };
    anyhow!("{what}: {error}\n  → {}", Text::new(&TEXTS, Language::En).get(remedy))
}

/// Where a service keeps its data.
pub(crate) fn location(config: &Config, service: &str) -> Location {
    match &config.database {
        Some(url) => Location::Postgres { url: url.clone() },
        None => Location::File(config.database_file(service)),
    }
}

/// The queue, or a broker to which nothing is said yet: whoever first needs it connects.
pub(crate) async fn transport(config: &Config) -> anyhow::Result<Arc<dyn Transport>> {
    if config.broker.is_none() {
        let path = config.queue_file();
        let embedded = Embedded::open(&path).await.context("cannot open the embedded queue")?;
        return Ok(Arc::new(embedded));
    }
    let rabbit = RabbitMq::new(broker(config)?);
    Ok(Arc::new(rabbit.context("check --broker")?))
}

fn broker(config: &Config) -> anyhow::Result<bus_rabbitmq::Config> {
    let certificate_authorities = config.authorities()?;
    let management = config.broker_management.clone();
    let named = bus_rabbitmq::Config::new(config.brokers());
    Ok(bus_rabbitmq::Config { management, certificate_authorities, ..named })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_configured_authorities_vouch_for_the_mail_server_and_the_broker() {
        let folder = tempfile::tempdir().unwrap();
        let authority = private_nodes::Authority::make(folder.path()).unwrap();
        let certificate_authorities = Some(authority.certificate());
        let mut config = Config { certificate_authorities, ..Config::default() };
        config.mail.smtp = Some("smtps://mail.example.org".to_owned());
        let mailer = format!("{:?}", mailer(&config).unwrap());
        assert!(mailer.contains("authorities: Some"), "{mailer}");
        assert!(broker(&config).unwrap().certificate_authorities.is_some());
    }
}
