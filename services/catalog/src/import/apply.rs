//! Making the catalogue equal to a course's files.

use bus::Db;
use contract::catalog::ids;
use event::{CourseId, SectionId};

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

/// Makes a course what its files say. What was added otherwise stays, after the rest.
pub(crate) fn take(
    course: &mut Course,
    source: &CourseSource,
    import_hash: &str,
) -> Result<(), Refusal> {
    let is_new = course.revision == 0;
    if is_new || !source.is_bare {
        take_details(course, source);
    }
    course.import_hash = Some(import_hash.to_owned());
    take_quizzes(course, source);
    take_lessons(course, source);
    take_sections(course, source);
    if course.quizzes.len() > limits::QUIZZES {
        return Err(Obstacle::TooManyQuizzes.into());
    }
    if course.lessons.len() > limits::LESSONS_EVER {
        return Err(Obstacle::TooManyEver.into());
    }
    Ok(())
}

fn take_details(course: &mut Course, source: &CourseSource) {
    course.language = source.language;
    course.title.clone_from(&source.title);
    course.summary.clone_from(&source.summary);
    course.objectives.clone_from(&source.objectives);
    course.minutes = source.minutes;
    course.design = source.design;
}

/// A bare folder knows no more of a quiz than its questions: it adds quizzes, and leaves alone those that
/// are there.
fn take_quizzes(course: &mut Course, source: &CourseSource) {
    let mut first: Vec<Quiz> = source.quizzes.iter().map(|quiz| place(course.id, quiz)).collect();
    let mut rest = std::mem::take(&mut course.quizzes);
    if source.is_bare {
        std::mem::swap(&mut first, &mut rest);
    } else {
        rest.retain(|quiz| !quiz.imported);
    }
    rest.retain(|quiz| first.iter().all(|other| other.id != quiz.id));
    first.append(&mut rest);
    course.quizzes = first;
}

/// A bare folder knows no sections: lessons that are there stay in theirs. And if no lesson came, it is about
/// questions alone.
fn take_lessons(course: &mut Course, source: &CourseSource) {
    if source.is_bare && source.sections.iter().all(|section| section.lessons.is_empty()) {
        return;
    }
    let mut earlier = std::mem::take(&mut course.lessons);
    for section in &source.sections {
        let section_id = ids::section(course.id, &section.key);
        for lesson in &section.lessons {
            let id = ids::lesson(course.id, &lesson.key);
            let known = earlier.iter().position(|other| other.id == id);
            let known = known.map(|index| earlier.remove(index));
            let stays = |known: &&Lesson| source.is_bare && known.state != State::Withdrawn;
            let section = known.as_ref().filter(stays).map_or(section_id, |known| known.section);
            course.lessons.push(imported(course.id, section, lesson, known));
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
    section: SectionId,
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

/// What no import made stays, and so does what something stands in.
fn take_sections(course: &mut Course, source: &CourseSource) {
    let mut first: Vec<Section> = source
        .sections
        .iter()
        .map(|section| Section {
            id: ids::section(course.id, &section.key),
            title: section.title.clone(),
            imported: true,
        })
        .collect();
    let mut rest = std::mem::take(&mut course.sections);
    if source.is_bare {
        std::mem::swap(&mut first, &mut rest);
        first.retain(|section| !section.imported || is_used(course, section.id));
        rest.retain(|section| is_used(course, section.id));
    } else {
        rest.retain(|section| !section.imported || is_used(course, section.id));
    }
    rest.retain(|section| first.iter().all(|other| other.id != section.id));
    first.append(&mut rest);
    course.sections = first;
}

fn is_used(course: &Course, section: SectionId) -> bool {
    let is_present = |lesson: &Lesson| lesson.state != State::Withdrawn;
    course.lessons.iter().any(|lesson| lesson.section == section && is_present(lesson))
        || course.quizzes.iter().any(|quiz| quiz.section == Some(section))
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
        imported: true,
    }
}
