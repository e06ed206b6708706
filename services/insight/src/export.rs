//! A person's export: `insight` writes what it keeps of somebody who asked for it into the file store, and
//! says that it is there. Identity collects it, and deletes it.

use bus::{FileReference, Handled, Handler, Received, Tx, WriteFile, Written};
use chrono::{DateTime, Utc};
use contract::{export::Asked, identity::ExportRequested, insight::ExportPartReady};

use crate::store;

/// Reads what there is of the person.
pub(crate) struct Export;

impl Handler for Export {
    const NAME: &'static str = "insight.export";
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
    const NAME: &'static str = "insight.write-export";
    type About = Asked;
    type Event = ExportPartReady;

    fn folder(asked: &Asked) -> String {
        asked.folder()
    }

    fn told(asked: &Asked, file: FileReference, now: DateTime<Utc>) -> ExportPartReady {
        asked.written(file, now).into()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bus::{
        Files,
        testing::{Scene, envelope, start},
    };
    use contract::learning::LearnerEnrolled;
    use event::{CourseId, EnrolmentId, Event as _, ExportId, PersonId};

    use super::*;

    fn enrolled(learner: PersonId) -> LearnerEnrolled {
        let (enrolment, course) = (EnrolmentId::new(), CourseId::new());
        LearnerEnrolled { enrolment, version: 1, learner, course, enrolled_at: start() }
    }

    /// Delivered twice it is written once, and it tells of nobody else.
    #[tokio::test]
    async fn what_is_written_is_the_persons_own() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let scene = Scene::new(crate::with_files(crate::service(), &files), &[]).await;
        let (own, other) = (PersonId::new(), PersonId::new());
        let (mine, theirs) = (enrolled(own), enrolled(other));
        let asked = envelope(&ExportRequested {
            export: ExportId::new(),
            person: own,
            requested_at: start(),
        });
        let events = [envelope(&mine), envelope(&theirs), asked.clone(), asked];
        scene.deliver(&events).await;
        scene.perform().await;

        let told = scene.published().await;
        let told: Vec<_> =
            told.iter().filter(|it| it.event_type == ExportPartReady::TYPE).collect();
        assert_eq!(told.len(), 1);
        let part: ExportPartReady = told[0].open().unwrap();
        assert_eq!(part.0.person, own);
        let text = files.get(&part.0.file).await.unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(text.contains(&mine.course.to_string()), "{text}");
        assert!(!text.contains(&theirs.course.to_string()), "{text}");
    }
}
