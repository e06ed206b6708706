//! Events coming in: the catalogue's into the index, everybody's into the timelines; and whose sessions are over.

use std::collections::BTreeMap;

use bus::{Anything, BatchHandler, Handled, Handler, Received, Tx, sessions, step};
use contract::{
    catalog::{self, Course, CourseChange, Lesson, LessonChange, QuizPlace},
    identity::{self, SessionsEnded},
    insight::{CopiesCompared, CopiesWanted},
    step::{GONE, hash},
};
use event::{CourseId, Event};
use uuid::Uuid;

use crate::{
    domain::{Person, entries, plain, weigh},
    store::{self, Content, Document, Kind, NewEntry},
};

/// Keeps each course findable by its title, summary and objectives, and its quizzes' titles, for the timelines.
pub(crate) struct IndexCourse;

impl Handler for IndexCourse {
    const NAME: &'static str = "insight.index-course";
    type Event = CourseChange;

    async fn handle(&self, event: &Received<CourseChange>, tx: &mut Tx) -> Handled {
        let withdrawn = match &event.data {
            CourseChange::Published(published) => return put(tx, &published.0).await,
            CourseChange::Updated(updated) => return put(tx, &updated.0).await,
            CourseChange::Withdrawn(withdrawn) => {
                gone(withdrawn.course.0, withdrawn.course, Kind::Course, withdrawn.version)
            }
        };
        Ok(store::put(tx, withdrawn).await?)
    }
}

/// A quiz that the course has no more keeps its title, for those who took it.
async fn put(tx: &mut Tx, shown: &Course) -> Handled {
    let document = course(shown);
    let quizzes: Vec<Document> = shown.quizzes.iter().map(|place| quiz(&document, place)).collect();
    store::put(tx, document).await?;
    for quiz in quizzes {
        store::put(tx, quiz).await?;
    }
    Ok(())
}

fn course(course: &Course) -> Document {
    let text = plain(&format!("{}\n\n{}", course.summary, course.objectives.join("\n\n")));
    let content = Content {
        key: course.key.clone(),
        language: Some(course.language),
        terms: weigh(&course.title, &text),
        title: course.title.clone(),
        text,
    };
    Document {
        id: course.course.0,
        course: course.course.0,
        kind: Kind::Course,
        version: course.version,
        hash: hash(course),
        content: Some(content),
    }
}

/// Nobody finds it: it is of the version and the hash of its course, whose events alone tell its title.
fn quiz(course: &Document, place: &QuizPlace) -> Document {
    Document {
        id: place.quiz.0,
        course: course.id,
        kind: Kind::Quiz,
        version: course.version,
        hash: course.hash.clone(),
        content: Some(Content { title: place.title.clone(), ..Content::default() }),
    }
}

/// Keeps each lesson findable by its title and text. Whether its course is shown is looked at when
/// somebody searches, so that it does not matter which of the two comes first.
pub(crate) struct IndexLesson;

impl Handler for IndexLesson {
    const NAME: &'static str = "insight.index-lesson";
    type Event = LessonChange;

    async fn handle(&self, event: &Received<LessonChange>, tx: &mut Tx) -> Handled {
        let document = match &event.data {
            LessonChange::Published(published) => lesson(&published.0),
            LessonChange::Updated(updated) => lesson(&updated.0),
            LessonChange::Withdrawn(withdrawn) => {
                gone(withdrawn.lesson.0, withdrawn.course, Kind::Lesson, withdrawn.version)
            }
        };
        Ok(store::put(tx, document).await?)
    }
}

fn lesson(lesson: &Lesson) -> Document {
    let text = plain(&lesson.text);
    let content = Content {
        terms: weigh(&lesson.title, &text),
        title: lesson.title.clone(),
        text,
        ..Content::default()
    };
    Document {
        id: lesson.lesson.0,
        course: lesson.course.0,
        kind: Kind::Lesson,
        version: lesson.version,
        hash: hash(lesson),
        content: Some(content),
    }
}

/// What is left of a document that was withdrawn.
fn gone(id: Uuid, course: CourseId, kind: Kind, version: u64) -> Document {
    Document { id, course: course.0, kind, version, hash: GONE.to_owned(), content: None }
}

/// Writes down what happened to each person, whoever tells it. Facts all, so they commute; an
/// erased person's are cut loose, also those that come later.
pub(crate) struct KeepTimeline;

impl BatchHandler for KeepTimeline {
    const NAME: &'static str = "insight.timeline";
    type Event = Anything;

    async fn handle_all(&self, events: &[Received<Anything>], tx: &mut Tx) -> Handled {
        let mut new = Vec::new();
        let mut people: BTreeMap<Uuid, bool> = BTreeMap::new();
        for event in events {
            for (entry, Person { person, erased }) in entries(&event.envelope) {
                *people.entry(person).or_insert(false) |= erased;
                new.push(NewEntry {
                    event: event.id().0,
                    event_type: event.envelope.event_type.clone(),
                    happened_at: event.time(),
                    entry,
                    cut: false,
                });
            }
        }
        let leaving: Vec<Person> = people
            .iter()
            .filter(|(_, erased)| **erased)
            .map(|(person, _)| Person { person: *person, erased: true })
            .collect();
        let erased = store::meet(tx, people).await?;
        for entry in &mut new {
            entry.cut = erased.contains(&entry.entry.person);
        }
        store::add(tx, new).await?;
        Ok(store::cut(tx, &leaving).await?)
    }
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "insight.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

/// Holds the copies here against what their owners have.
pub(crate) struct CompareCopies;

impl step::Follower for CompareCopies {
    const NAME: &'static str = "insight.compare-copies";
    const COPIES: &'static [step::Copies] = store::COPIES;
    const DIGESTS: &'static [&'static str] = &[catalog::Digest::TYPE, identity::Digest::TYPE];
    const DISOWNED: &'static [&'static str] = &[catalog::CopiesDisowned::TYPE];
    type Compared = CopiesCompared;
    type Wanted = CopiesWanted;
}
