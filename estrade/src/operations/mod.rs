//! What operators see and decide: what waits in each service, dead letters, copies and their drift, what
//! became of a person's matters, and a picture of events on their way. As pages in French and English
//! ([`pages`]), and as JSON ([`api`]); the command line prints the same views.
//!
//! Each service is looked into by the process that runs it: nothing here asks another process.

mod api;
mod content;
mod copies;
mod health;
mod pages;
mod picture;
mod place;
mod settled;
mod state;
mod view;
mod waiting;

use std::sync::Arc;

use axum::extract::FromRef;
use bus::{Outboxes, Transport, transport::Queue};
use ui::{Problem, Ui};

pub(crate) use api::routes;
pub(crate) use view::{GroupView, LetterView, QueueView, QueuesView, RehearsalView, TableView};

use crate::{
    cli::ServiceName,
    config::Config,
    platform::{self, Member},
};

/// Letters that are rehearsed one by one; the others of their group are as they.
pub(crate) const MOST_REHEARSED: u32 = 200;
/// Why letters are discarded, in characters.
const LONGEST_REASON: usize = 2_000;

/// The services of this process, as operators reach them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ControlRoom(Arc<Inner>);

struct Inner {
    members: Vec<Member>,
    /// Of all services, those that run elsewhere too.
    queues: Vec<Queue>,
    transport: Arc<dyn Transport>,
    outboxes: Outboxes,
    ui: Ui,
    config: Config,
    repair: copies::Repair,
    examinations: health::Examinations,
    picture: picture::Movements,
}

impl FromRef<ControlRoom> for Ui {
    fn from_ref(room: &ControlRoom) -> Self {
        room.0.ui.clone()
    }
}

impl ControlRoom {
    pub(crate) fn new(
        members: &[Member],
        queues: &[Queue],
        transport: &Arc<dyn Transport>,
        ui: &Ui,
        config: &Config,
    ) -> Self {
        Self(Arc::new(Inner {
            members: members.to_vec(),
            queues: queues.to_vec(),
            transport: transport.clone(),
            outboxes: platform::outboxes(members),
            ui: ui.clone(),
            config: config.clone(),
            repair: copies::Repair::default(),
            examinations: health::Examinations::default(),
            picture: picture::Movements::default(),
        }))
    }

    /// The pages under `/operations`.
    pub(crate) fn pages(self) -> axum::Router {
        pages::routes(self)
    }

    fn members(&self) -> &[Member] {
        &self.0.members
    }

    fn transport(&self) -> &dyn Transport {
        self.0.transport.as_ref()
    }

    fn outboxes(&self) -> &Outboxes {
        &self.0.outboxes
    }

    /// The service of this name, if this process runs it.
    fn member(&self, name: ServiceName) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// Services that other processes run.
    fn elsewhere(&self) -> impl Iterator<Item = &'static str> {
        let others = ServiceName::ALL.into_iter().filter(move |name| self.member(*name).is_none());
        others.map(ServiceName::name)
    }

    fn runs_all(&self) -> bool {
        self.elsewhere().next().is_none()
    }

    /// Whose services this process runs, where it does not run all.
    fn whose(&self) -> Option<String> {
        let names: Vec<_> = self.members().iter().map(|member| member.name.name()).collect();
        (!self.runs_all()).then(|| names.join(", "))
    }
}

fn unavailable(error: bus::Error) -> Problem {
    Problem::unavailable(&error)
}
