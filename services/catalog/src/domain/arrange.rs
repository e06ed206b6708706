//! The order of a course: its sections, where lessons stand in them, and where quizzes are placed.

use contract::catalog::ids;
use event::{LessonId, QuizId, SectionId};

use super::{Course, Obstacle, Quiz, Refusal, Section, State, Unfit, limits};

/// Towards the beginning or the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Up,
    Down,
}

/// A quiz to be placed.
#[derive(Clone, Debug)]
pub struct NewQuiz {
    /// From the title when absent.
    pub key: Option<String>,
    pub place: QuizChanges,
}

/// A quiz's place, all of it.
#[derive(Clone, Debug)]
pub struct QuizChanges {
    pub title: String,
    pub required: bool,
    pub pass_percent: u32,
    pub minutes: u32,
    /// The section after which it stands; none is the end of the course.
    pub section: Option<SectionId>,
}

impl Course {
    /// Adds a section at the end, also beside one of the same title.
    ///
    /// # Errors
    /// When the title does not fit, or there are too many.
    pub fn new_section(&mut self, title: &str) -> Result<(), Refusal> {
        let title = limits::title("title", title)?;
        let key = free_key(&title, "section", |key| {
            self.sections.iter().all(|section| section.id != ids::section(self.id, key))
        });
        self.add_section(key.as_deref(), &title).map(|_| ())
    }

    /// A key for a new lesson of this title that no lesson has, nor had.
    #[must_use]
    pub fn free_lesson_key(&self, title: &str) -> Option<String> {
        free_key(title, "lesson", |key| self.lessons.iter().all(|lesson| lesson.key != key))
    }

    /// # Errors
    /// When there is no such section, or the title does not fit.
    pub fn rename_section(&mut self, id: SectionId, title: &str) -> Result<(), Refusal> {
        let title = limits::title("title", title)?;
        let at = self.section_at(id)?;
        self.sections[at].title = title;
        Ok(())
    }

    /// One step; the first does not move up, nor the last down.
    ///
    /// # Errors
    /// When there is no such section.
    pub fn move_section(&mut self, id: SectionId, way: Way) -> Result<(), Refusal> {
        let at = self.section_at(id)?;
        if let Some(other) = beside(at, way, self.sections.len()) {
            self.sections.swap(at, other);
        }
        Ok(())
    }

    /// # Errors
    /// When something is still in it.
    pub fn delete_section(&mut self, id: SectionId) -> Result<(), Refusal> {
        let Some(at) = self.sections.iter().position(|section| section.id == id) else {
            return Ok(());
        };
        let has_lessons = self.lessons_in(id).next().is_some();
        if has_lessons || self.quizzes.iter().any(|quiz| quiz.section == Some(id)) {
            return Err(Obstacle::SectionInUse.into());
        }
        self.sections.remove(at);
        Ok(())
    }

    /// One step, from the end of a section to the beginning of the next one too.
    ///
    /// # Errors
    /// When there is no such lesson.
    pub fn move_lesson(&mut self, id: LessonId, way: Way) -> Result<(), Refusal> {
        let section = self.lesson_mut(id)?.section;
        let order: Vec<LessonId> = self.lessons_in(section).map(|lesson| lesson.id).collect();
        let at = order.iter().position(|other| *other == id).unwrap_or_default();
        if let Some(other) = beside(at, way, order.len()) {
            let (one, other) = (self.index_of(id), self.index_of(order[other]));
            if let (Some(one), Some(other)) = (one, other) {
                self.lessons.swap(one, other);
            }
            return Ok(());
        }
        let section = self.section_at(section)?;
        if let Some(neighbour) = beside(section, way, self.sections.len()) {
            self.move_into(id, self.sections[neighbour].id, way);
        }
        Ok(())
    }

    /// A section's lessons that authors see, in their order.
    pub fn lessons_in(&self, section: SectionId) -> impl Iterator<Item = &super::Lesson> {
        self.lessons
            .iter()
            .filter(move |lesson| lesson.section == section && lesson.state != State::Withdrawn)
    }

    /// Places a quiz at the end of those that stand there. The very same quiz again changes nothing.
    ///
    /// # Errors
    /// When something does not fit, or another quiz has the key.
    pub fn place_quiz(&mut self, new: NewQuiz) -> Result<QuizId, Refusal> {
        let place = self.fitting(new.place)?;
        let key = new.key.unwrap_or_else(|| limits::slug(&place.title));
        limits::key(&key)?;
        let id = ids::quiz(self.id, &key);
        if let Some(there) = self.quizzes.iter().find(|quiz| quiz.id == id) {
            let same = there.title == place.title && there.section == place.section;
            return if same { Ok(id) } else { Err(taken(key)) };
        }
        if self.quizzes.len() >= limits::QUIZZES {
            return Err(Obstacle::TooManyQuizzes.into());
        }
        self.quizzes.push(Quiz {
            id,
            key: Some(key),
            title: place.title,
            required: place.required,
            pass_percent: place.pass_percent,
            minutes: place.minutes,
            section: place.section,
            imported: false,
        });
        Ok(id)
    }

    /// # Errors
    /// When there is no such quiz, or something does not fit.
    pub fn change_quiz(&mut self, id: QuizId, changes: QuizChanges) -> Result<(), Refusal> {
        let place = self.fitting(changes)?;
        let quiz = self.quizzes.iter_mut().find(|quiz| quiz.id == id);
        let quiz = quiz.ok_or(Refusal::Missing("quiz"))?;
        quiz.title = place.title;
        quiz.required = place.required;
        quiz.pass_percent = place.pass_percent;
        quiz.minutes = place.minutes;
        quiz.section = place.section;
        Ok(())
    }

    /// Takes a quiz out of the course; its questions and marks stay where they are.
    ///
    /// # Errors
    /// When it is the last thing that a published course shows.
    pub fn remove_quiz(&mut self, id: QuizId) -> Result<(), Refusal> {
        let is_last = self.quizzes.iter().all(|quiz| quiz.id == id);
        if self.state == State::Published && is_last && self.shown().next().is_none() {
            return Err(Obstacle::NothingToLearn.into());
        }
        self.quizzes.retain(|quiz| quiz.id != id);
        Ok(())
    }

    fn fitting(&self, place: QuizChanges) -> Result<QuizChanges, Refusal> {
        let is_known = |id| self.sections.iter().any(|section: &Section| section.id == id);
        if place.section.is_some_and(|id| !is_known(id)) {
            return Err(Refusal::field("section", Unfit::NoSection));
        }
        Ok(QuizChanges {
            title: limits::title("title", &place.title)?,
            pass_percent: limits::percent(place.pass_percent)?,
            minutes: limits::minutes(place.minutes)?,
            ..place
        })
    }

    fn move_into(&mut self, id: LessonId, section: SectionId, way: Way) {
        let Some(from) = self.index_of(id) else { return };
        let mut lesson = self.lessons.remove(from);
        lesson.section = section;
        let to = match way {
            Way::Up => self.lessons.len(),
            Way::Down => self
                .lessons
                .iter()
                .position(|other| other.section == section)
                .unwrap_or(self.lessons.len()),
        };
        self.lessons.insert(to, lesson);
    }

    fn index_of(&self, id: LessonId) -> Option<usize> {
        self.lessons.iter().position(|lesson| lesson.id == id)
    }

    fn section_at(&self, id: SectionId) -> Result<usize, Refusal> {
        let at = self.sections.iter().position(|section| section.id == id);
        at.ok_or(Refusal::Missing("section"))
    }
}

/// The title's own key, or that with the next free number.
fn free_key(title: &str, otherwise: &str, is_free: impl Fn(&str) -> bool) -> Option<String> {
    /// Room for a hyphen and a number.
    const STEM: usize = limits::KEY_CHARS - 6;
    let slug = limits::slug(title);
    let stem = if limits::key(&slug).is_ok() { slug.as_str() } else { otherwise };
    let short = stem[..stem.len().min(STEM)].trim_end_matches('-');
    let numbered = (2..10_000).map(|number| format!("{short}-{number}"));
    std::iter::once(stem.to_owned()).chain(numbered).find(|key| is_free(key))
}

fn taken(key: String) -> Refusal {
    Refusal::field("key", Unfit::KeyTaken { key })
}

fn beside(at: usize, way: Way, count: usize) -> Option<usize> {
    match way {
        Way::Up => at.checked_sub(1),
        Way::Down => Some(at + 1).filter(|next| *next < count),
    }
}
