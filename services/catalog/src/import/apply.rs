//! Making the catalogue equal to a course's files.

use bus::Db;
use contract::catalog::ids;
use event::CourseId;

use super::{CourseSource, LessonSource, QuizSource};
use crate::{
    commands::{CommandError, TRIES, save_and_tell},
    domain::{Course, Lesson, Obstacle, Quiz, Refusal, Section, State, Text, Told, hash, limits},
    store::{self, Address},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Created,
    Updated,
    /// The very same files were imported before.
    Unchanged,
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    pub course: CourseId,
    pub version: u64,
    pub outcome: Outcome,
    pub lessons_added: usize,
    pub lessons_changed: usize,
    pub lessons_removed: usize,
}

/// Imports a course and publishes it.
///
/// # Errors
/// When the database refuses, or the course has had more lessons than one may have.
pub async fn import(db: &Db, source: &CourseSource) -> Result<Imported, CommandError> {
    let import_hash = fingerprint(source)?;
    for _ in 1..TRIES {
        match import_once(db, source, &import_hash).await {
            Err(CommandError::Conflict) => {}
            other => return other,
        }
    }
    import_once(db, source, &import_hash).await
}

/// By which the very same files are known.
pub(crate) fn fingerprint(source: &CourseSource) -> Result<String, CommandError> {
    Ok(hash(serde_json::to_string(source).map_err(bus::Error::from)?.as_bytes()))
}

async fn import_once(
    db: &Db,
    source: &CourseSource,
    import_hash: &str,
) -> Result<Imported, CommandError> {
    let mut tx = db.begin().await?;
    let there = store::course(&tx, &Address::Key(source.key.clone())).await?;
    let is_new = there.is_none();
    let mut course = there.unwrap_or_else(|| {
        Course::draft(&source.key, source.title.clone(), source.language, tx.now())
    });
    let is_same = course.import_hash.as_deref() == Some(import_hash);
    if is_same && course.state == State::Published {
        return Ok(report(&course, &course, Outcome::Unchanged));
    }
    let before = course.clone();
    take(&mut course, source, import_hash)?;
    course.publish()?;
    save_and_tell(&mut tx, &before, &mut course).await?;
    tx.commit().await?;
    Ok(report(&before, &course, if is_new { Outcome::Created } else { Outcome::Updated }))
}

fn report(before: &Course, after: &Course, outcome: Outcome) -> Imported {
    let earlier = |lesson: &Lesson| {
        before.lessons.iter().find(|other| other.id == lesson.id && other.state != State::Withdrawn)
    };
    let present = || after.lessons.iter().filter(|lesson| lesson.state != State::Withdrawn);
    let changed =
        |lesson: &&Lesson| earlier(lesson).is_some_and(|old| old.version != lesson.version);
    let gone = |lesson: &&Lesson| lesson.state == State::Withdrawn && earlier(lesson).is_some();
    Imported {
        course: after.id,
        version: after.version,
        outcome,
        lessons_added: present().filter(|lesson| earlier(lesson).is_none()).count(),
        lessons_changed: present().filter(changed).count(),
        lessons_removed: after.lessons.iter().filter(gone).count(),
    }
}

/// Makes a course what its files say. What was added through the API stays, after the rest.
pub(crate) fn take(
    course: &mut Course,
    source: &CourseSource,
    import_hash: &str,
) -> Result<(), Refusal> {
    course.language = source.language;
    course.title.clone_from(&source.title);
    course.summary.clone_from(&source.summary);
    course.objectives.clone_from(&source.objectives);
    course.minutes = source.minutes;
    course.design = source.design;
    course.import_hash = Some(import_hash.to_owned());
    take_lessons(course, source);
    take_sections(course, source);
    course.quizzes = source.quizzes.iter().map(|quiz| place(course.id, quiz)).collect();
    if course.lessons.len() > limits::LESSONS_EVER {
        return Err(Obstacle::TooManyEver.into());
    }
    Ok(())
}

fn take_lessons(course: &mut Course, source: &CourseSource) {
    let mut earlier = std::mem::take(&mut course.lessons);
    for section in &source.sections {
        let section_id = ids::section(course.id, &section.key);
        for lesson in &section.lessons {
            let id = ids::lesson(course.id, &lesson.key);
            let known = earlier.iter().position(|other| other.id == id);
            let known = known.map(|index| earlier.remove(index));
            course.lessons.push(imported(course.id, section_id, lesson, known));
        }
    }
    for mut lesson in earlier {
        if lesson.imported {
            lesson.state = State::Withdrawn;
        }
        course.lessons.push(lesson);
    }
}

fn imported(
    course: CourseId,
    section: event::SectionId,
    source: &LessonSource,
    known: Option<Lesson>,
) -> Lesson {
    let was_withdrawn = known.as_ref().is_some_and(|lesson| lesson.state == State::Withdrawn);
    let mut lesson = known.unwrap_or_else(|| Lesson {
        id: ids::lesson(course, &source.key),
        section,
        key: source.key.clone(),
        state: State::Published,
        version: 0,
        told: Told::default(),
        title: String::new(),
        minutes: 0,
        required: true,
        imported: true,
        initial: false,
        published_at: None,
        text: Text::Kept { hash: String::new() },
    });
    lesson.section = section;
    lesson.title.clone_from(&source.title);
    lesson.minutes = source.minutes;
    lesson.required = source.required;
    lesson.imported = true;
    lesson.state = State::Published;
    if was_withdrawn {
        // Its text was deleted with it.
        lesson.text = Text::new(source.text.clone());
    } else {
        lesson.set_text(source.text.clone());
    }
    lesson
}

fn take_sections(course: &mut Course, source: &CourseSource) {
    let earlier = std::mem::take(&mut course.sections);
    course.sections = source
        .sections
        .iter()
        .map(|section| Section {
            id: ids::section(course.id, &section.key),
            title: section.title.clone(),
            imported: true,
        })
        .collect();
    for section in earlier {
        let is_there = course.sections.iter().any(|other| other.id == section.id);
        let is_used = course
            .lessons
            .iter()
            .any(|lesson| lesson.section == section.id && lesson.state != State::Withdrawn);
        if !is_there && (is_used || !section.imported) {
            course.sections.push(section);
        }
    }
}

fn place(course: CourseId, quiz: &QuizSource) -> Quiz {
    Quiz {
        id: ids::quiz(course, &quiz.key),
        key: Some(quiz.key.clone()),
        title: quiz.title.clone(),
        required: quiz.required,
        pass_percent: quiz.pass_percent,
        minutes: quiz.minutes,
        section: quiz.section.as_ref().map(|key| ids::section(course, key)),
    }
}
