//! A person's export: `assessment` writes what it keeps of somebody who asked for it into the file store, and
//! says that it is there. Identity collects it, and deletes it.

use bus::{FileReference, Handled, Handler, Received, Tx, WriteFile, Written};
use chrono::{DateTime, Utc};
use contract::{assessment::ExportPartReady, export::Asked, identity::ExportRequested};

use crate::store;

/// Reads what there is of the person.
pub(crate) struct Export;

impl Handler for Export {
    const NAME: &'static str = "assessment.export";
    type Event = ExportRequested;

    async fn handle(&self, event: &Received<ExportRequested>, tx: &mut Tx) -> Handled {
        let kept = store::export::kept(tx, event.person).await?;
        let asked = Asked { export: event.export, person: event.person, documents: Vec::new() };
        Ok(WriteFile::<Part>::request(tx, &event.export.to_string(), asked, &kept)?)
    }
}

/// What is told of it once it is written.
pub(crate) struct Part;

impl Written for Part {
    const NAME: &'static str = "assessment.write-export";
    type About = Asked;
    type Event = ExportPartReady;

    fn folder(asked: &Asked) -> String {
        asked.folder()
    }

    fn told(asked: &Asked, file: FileReference, now: DateTime<Utc>) -> ExportPartReady {
        asked.written(file, now).into()
    }
}
