//! What the others must be told, found by comparing what is with what they were told last.

use chrono::{DateTime, Utc};
use contract::catalog as told;
use event::LessonId;

use super::{Course, Lesson, State};

/// What the others know of a course or a lesson.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// 0 is nothing.
    pub version: u64,
    /// Whether they show it; otherwise they keep a tombstone.
    pub shown: bool,
}

/// One thing to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Announcement {
    CoursePublished,
    CourseUpdated,
    CourseWithdrawn,
    /// Of a course that was taken away: whose it is from now on.
    CourseHandedOver,
    LessonPublished(LessonId),
    LessonUpdated(LessonId),
    LessonWithdrawn(LessonId),
}

impl Course {
    /// Raises the versions after an edit, where the others would see a difference: `before` is the
    /// course as it was.
    pub fn settle(&mut self, before: &Self, now: DateTime<Utc>) {
        let mut differs = self.state != before.state || self.face() != before.face();
        for lesson in &mut self.lessons {
            let earlier = before.lessons.iter().find(|earlier| earlier.id == lesson.id);
            if earlier.is_some_and(|earlier| same(earlier, lesson)) {
                continue;
            }
            lesson.version += 1;
            let was_shown = earlier.is_some_and(|earlier| earlier.state == State::Published);
            differs |= was_shown || lesson.state == State::Published;
        }
        if differs || before.version == 0 {
            self.version += 1;
            self.updated_at = now;
        }
    }

    /// What is to be told now, after which it counts as told. Of a course that is not published
    /// nothing new is told: that it went, and what becomes of lessons that others hold, so that their
    /// copies are as this is.
    pub fn announce(&mut self, now: DateTime<Utc>) -> Vec<Announcement> {
        if self.state != State::Published {
            let mut news = self.announce_withdrawal();
            let held = self.lessons.iter_mut().filter(|lesson| lesson.told.shown);
            news.extend(held.filter_map(|lesson| lesson.announce(false, now)));
            return news;
        }
        let mut news = Vec::new();
        let first = self.told.version == 0;
        if self.told != (Told { version: self.version, shown: true }) {
            news.push(if self.told.shown {
                Announcement::CourseUpdated
            } else {
                Announcement::CoursePublished
            });
            self.told = Told { version: self.version, shown: true };
        }
        news.extend(self.lessons.iter_mut().filter_map(|lesson| lesson.announce(first, now)));
        news
    }

    fn announce_withdrawal(&mut self) -> Vec<Announcement> {
        if !self.told.shown {
            return Vec::new();
        }
        self.told = Told { version: self.version, shown: false };
        vec![Announcement::CourseWithdrawn]
    }

    /// A course that was taken away still has learners and marks, which are whoever's who teaches it. So when
    /// that changes it is described once more, one version before it is gone again.
    pub fn announce_handover(&mut self, before: &Self) -> Option<Announcement> {
        let is_held = self.state != State::Published && self.told.version > 0;
        if !is_held || self.instructor == before.instructor {
            return None;
        }
        self.version += 1;
        self.told = Told { version: self.version, shown: false };
        Some(Announcement::CourseHandedOver)
    }

    /// The event's content for one of its lessons.
    #[must_use]
    pub fn lesson_told(&self, lesson: &Lesson, text: String) -> told::Lesson {
        told::Lesson {
            lesson: lesson.id,
            course: self.id,
            version: lesson.version,
            title: lesson.title.clone(),
            text,
            minutes: lesson.minutes,
            required: lesson.required,
            published_at: lesson.published_at.unwrap_or(self.updated_at),
            initial: lesson.initial,
        }
    }
}

impl Lesson {
    fn announce(&mut self, first: bool, now: DateTime<Utc>) -> Option<Announcement> {
        let shown = self.state == State::Published;
        let is_news = self.told != Told { version: self.version, shown };
        if !is_news || (!shown && !self.told.shown) {
            return None;
        }
        let was_shown = self.told.shown;
        self.told = Told { version: self.version, shown };
        if !shown {
            return Some(Announcement::LessonWithdrawn(self.id));
        }
        if self.published_at.is_none() {
            self.published_at = Some(now);
            self.initial = first;
        }
        Some(if was_shown {
            Announcement::LessonUpdated(self.id)
        } else {
            Announcement::LessonPublished(self.id)
        })
    }
}

/// Whether learners would see no difference in the lesson itself, wherever it stands.
fn same(one: &Lesson, other: &Lesson) -> bool {
    one.state == other.state
        && one.title == other.title
        && one.minutes == other.minutes
        && one.required == other.required
        && one.text.hash() == other.text.hash()
}
