//! The rules of editing: who may, what fits, and what state allows what.

use contract::catalog::{CertificateDesign, ids};
use event::{Language, LessonId, PersonId, Role, SectionId};

use super::{Course, Lesson, Obstacle, Refusal, Section, State, Text, Told, Unfit, limits};

/// Somebody who may write courses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Editor {
    pub person: PersonId,
    pub is_administrator: bool,
}

impl Editor {
    /// Instructors and administrators; nobody else.
    #[must_use]
    pub fn of(person: PersonId, roles: &[Role]) -> Option<Self> {
        let is_administrator = roles.contains(&Role::Administrator);
        (is_administrator || roles.contains(&Role::Instructor))
            .then_some(Self { person, is_administrator })
    }

    /// Their own courses, those that nobody owns (imported by the command line), and, for
    /// administrators, all.
    #[must_use]
    pub fn may_edit(&self, course: &Course) -> bool {
        self.is_administrator || course.instructor.is_none_or(|owner| owner == self.person)
    }
}

/// What is to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct CourseChanges {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub objectives: Option<Vec<String>>,
    pub minutes: Option<u32>,
    pub language: Option<Language>,
    pub design: Option<CertificateDesign>,
}

/// What is to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct LessonChanges {
    pub title: Option<String>,
    pub text: Option<String>,
    pub minutes: Option<u32>,
    pub required: Option<bool>,
}

/// A lesson to be.
#[derive(Clone, Debug)]
pub struct NewLesson {
    /// From the title when absent.
    pub key: Option<String>,
    /// The last one when absent.
    pub section: Option<SectionId>,
    pub title: String,
    pub text: String,
    pub minutes: u32,
    pub required: bool,
    pub publish: bool,
}

impl Course {
    /// # Errors
    /// When it is no longer the version that the editor has seen.
    pub fn expect(&self, version: Option<u64>) -> Result<(), Refusal> {
        expect(self.version, version)
    }

    /// # Errors
    /// When there is no such lesson, or it is no longer the version that the editor has seen.
    pub fn expect_lesson(&self, id: LessonId, version: Option<u64>) -> Result<(), Refusal> {
        expect(self.lesson(id).ok_or(Refusal::Missing("lesson"))?.version, version)
    }

    /// # Errors
    /// When something does not fit.
    pub fn change(&mut self, changes: CourseChanges) -> Result<(), Refusal> {
        if let Some(title) = changes.title {
            self.title = limits::title("title", &title)?;
        }
        if let Some(summary) = changes.summary {
            limits::at_most("summary", &summary, limits::SUMMARY_CHARS)?;
            self.summary = summary.trim().to_owned();
        }
        if let Some(objectives) = changes.objectives {
            limits::objectives(&objectives)?;
            self.objectives = objectives;
        }
        if let Some(minutes) = changes.minutes {
            self.minutes = limits::minutes(minutes)?;
        }
        self.language = changes.language.unwrap_or(self.language);
        self.design = changes.design.unwrap_or(self.design);
        Ok(())
    }

    /// Shows it to everybody.
    ///
    /// # Errors
    /// When there is nothing in it to learn from.
    pub fn publish(&mut self) -> Result<(), Refusal> {
        if self.shown().next().is_none() && self.quizzes.is_empty() {
            return Err(Obstacle::NothingToLearn.into());
        }
        self.state = State::Published;
        Ok(())
    }

    pub fn withdraw(&mut self) {
        self.state = State::Withdrawn;
    }

    /// Only what nobody was ever told of is deleted: others hold copies of the rest, and learners what they did.
    ///
    /// # Errors
    /// When it was published once.
    pub fn may_be_deleted(&self) -> Result<(), Refusal> {
        if self.told.version == 0 { Ok(()) } else { Err(Obstacle::WasPublished.into()) }
    }

    /// Adds a section at the end. One with the same key stays as it is.
    ///
    /// # Errors
    /// When the title or the key does not fit, or there are too many.
    pub fn add_section(&mut self, key: Option<&str>, title: &str) -> Result<SectionId, Refusal> {
        let title = limits::title("title", title)?;
        let key = key.map_or_else(|| limits::slug(&title), str::to_owned);
        limits::key(&key)?;
        let id = ids::section(self.id, &key);
        if self.sections.iter().any(|section| section.id == id) {
            return Ok(id);
        }
        if self.sections.len() >= limits::SECTIONS {
            return Err(Obstacle::TooManySections.into());
        }
        self.sections.push(Section { id, title, imported: false });
        Ok(id)
    }

    /// Adds a lesson at the end of its section. The very same lesson again changes nothing.
    ///
    /// # Errors
    /// When something does not fit, or another lesson has the key.
    pub fn add_lesson(&mut self, new: NewLesson) -> Result<LessonId, Refusal> {
        let title = limits::title("title", &new.title)?;
        limits::lesson_text(&new.text)?;
        limits::minutes(new.minutes)?;
        let section = self.section_for(new.section)?;
        let key = new.key.unwrap_or_else(|| limits::slug(&title));
        limits::key(&key)?;
        let state = if new.publish { State::Published } else { State::Draft };
        let lesson = Lesson {
            id: ids::lesson(self.id, &key),
            section,
            key,
            state,
            version: 0,
            told: Told::default(),
            title,
            minutes: new.minutes,
            required: new.required,
            imported: false,
            initial: false,
            published_at: None,
            text: Text::new(new.text),
        };
        self.place(lesson)
    }

    /// # Errors
    /// When there is no such lesson, or something does not fit.
    pub fn change_lesson(&mut self, id: LessonId, changes: LessonChanges) -> Result<(), Refusal> {
        let lesson = self.lesson_mut(id)?;
        if let Some(title) = changes.title {
            lesson.title = limits::title("title", &title)?;
        }
        if let Some(minutes) = changes.minutes {
            lesson.minutes = limits::minutes(minutes)?;
        }
        lesson.required = changes.required.unwrap_or(lesson.required);
        if let Some(text) = changes.text {
            limits::lesson_text(&text)?;
            lesson.set_text(text);
        }
        Ok(())
    }

    /// # Errors
    /// When there is no such lesson.
    pub fn publish_lesson(&mut self, id: LessonId) -> Result<(), Refusal> {
        self.lesson_mut(id)?.state = State::Published;
        Ok(())
    }

    /// Takes a lesson back to a draft: learners no longer see it, and its text stays.
    ///
    /// # Errors
    /// When there is no such lesson, or it is the last that a published course shows.
    pub fn hide_lesson(&mut self, id: LessonId) -> Result<(), Refusal> {
        self.keep_one(id)?;
        self.lesson_mut(id)?.state = State::Draft;
        Ok(())
    }

    /// Takes a lesson away. Once it is away nothing more happens.
    ///
    /// # Errors
    /// When there never was one, or it is the last that a published course shows.
    pub fn withdraw_lesson(&mut self, id: LessonId) -> Result<(), Refusal> {
        self.keep_one(id)?;
        let lesson = self.lessons.iter_mut().find(|lesson| lesson.id == id);
        lesson.ok_or(Refusal::Missing("lesson"))?.state = State::Withdrawn;
        Ok(())
    }

    /// A published course shows a lesson besides this one, if it shows this one.
    fn keep_one(&self, id: LessonId) -> Result<(), Refusal> {
        let is_shown = self.shown().any(|lesson| lesson.id == id);
        let is_last = is_shown && self.shown().count() == 1;
        if self.state == State::Published && is_last {
            return Err(Obstacle::LastLesson.into());
        }
        Ok(())
    }

    /// A lesson that was withdrawn comes back with a higher version.
    fn place(&mut self, mut lesson: Lesson) -> Result<LessonId, Refusal> {
        let id = lesson.id;
        match self.lessons.iter().position(|other| other.id == id) {
            Some(index) if self.lessons[index].state == State::Withdrawn => {
                let earlier = self.lessons.remove(index);
                lesson.version = earlier.version;
                lesson.told = earlier.told;
                lesson.initial = earlier.initial;
                lesson.published_at = earlier.published_at;
            }
            Some(index) => return self.already(index, &lesson),
            None => self.has_room()?,
        }
        self.lessons.push(lesson);
        Ok(id)
    }

    fn already(&self, index: usize, new: &Lesson) -> Result<LessonId, Refusal> {
        let there = &self.lessons[index];
        if there.title == new.title && there.text.hash() == new.text.hash() {
            return Ok(there.id);
        }
        Err(Obstacle::LessonKeyTaken { key: there.key.clone(), lesson: there.id }.into())
    }

    fn has_room(&self) -> Result<(), Refusal> {
        let present = self.lessons.iter().filter(|lesson| lesson.state != State::Withdrawn).count();
        if present < limits::LESSONS && self.lessons.len() < limits::LESSONS_EVER {
            return Ok(());
        }
        Err(Obstacle::TooManyLessons.into())
    }

    fn section_for(&self, wanted: Option<SectionId>) -> Result<SectionId, Refusal> {
        let found = match wanted {
            Some(id) => self.sections.iter().find(|section| section.id == id),
            None => self.sections.last(),
        };
        found
            .map(|section| section.id)
            .ok_or(Refusal::Field { field: "section", reason: Unfit::NoSection })
    }

    pub(super) fn lesson_mut(&mut self, id: LessonId) -> Result<&mut Lesson, Refusal> {
        self.lessons
            .iter_mut()
            .find(|lesson| lesson.id == id && lesson.state != State::Withdrawn)
            .ok_or(Refusal::Missing("lesson"))
    }
}

fn expect(present: u64, seen: Option<u64>) -> Result<(), Refusal> {
    if seen.is_none_or(|seen| seen == present) { Ok(()) } else { Err(Refusal::Stale) }
}

impl Lesson {
    /// Takes a text, unless it is the one that it has.
    pub(crate) fn set_text(&mut self, text: String) {
        let text = Text::new(text);
        if text.hash() != self.text.hash() {
            self.text = text;
        }
    }
}
