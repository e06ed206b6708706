//! The rules of taking a course: seats, progress, completion. What instructors and administrators
//! write and upload is in the modules below.

pub(crate) mod csv;
mod message;
mod people;
mod upload;

pub(crate) use message::*;
pub(crate) use people::*;
pub(crate) use upload::*;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contract::{
    catalog,
    learning::{CourseCompleted, QuizResult},
};
use event::{CourseId, EnrolmentId, Language, LessonId, PersonId, QuizId, derived_uuid};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One learner's seat in one course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enrolment {
    pub(crate) id: EnrolmentId,
    pub(crate) learner: PersonId,
    pub(crate) course: CourseId,
    /// Rises with each cancelling and enrolling again.
    pub(crate) version: u64,
    pub(crate) state: Seat,
    pub(crate) enrolled_at: DateTime<Utc>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    Active,
    Cancelled,
}

impl Enrolment {
    /// The id of the one seat that a learner can have in a course.
    pub(crate) fn id_of(learner: PersonId, course: CourseId) -> EnrolmentId {
        EnrolmentId(derived_uuid(course.0, &format!("enrolment/{learner}")))
    }

    pub(crate) fn take(learner: PersonId, course: CourseId, now: DateTime<Utc>) -> Self {
        Self {
            id: Self::id_of(learner, course),
            learner,
            course,
            version: 1,
            state: Seat::Active,
            enrolled_at: now,
            completed_at: None,
        }
    }

    /// Takes the seat again after it was cancelled; `None` if it is taken already.
    pub(crate) fn take_again(&self, now: DateTime<Utc>) -> Option<Self> {
        (self.state == Seat::Cancelled).then(|| Self {
            version: self.version + 1,
            state: Seat::Active,
            enrolled_at: now,
            ..self.clone()
        })
    }

    /// Gives the seat up; `None` if it was given up already.
    pub(crate) fn cancel(&self) -> Option<Self> {
        (self.state == Seat::Active).then(|| Self {
            version: self.version + 1,
            state: Seat::Cancelled,
            ..self.clone()
        })
    }
}

/// What a course asks for, as of a version: this service's copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) title: String,
    /// Of the title; a copy that was made before this was kept has none.
    #[serde(default)]
    pub(crate) language: Option<Language>,
    pub(crate) lessons: Vec<OutlineLesson>,
    pub(crate) quizzes: Vec<OutlineQuiz>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutlineLesson {
    pub(crate) lesson: LessonId,
    pub(crate) title: String,
    pub(crate) required: bool,
    pub(crate) minutes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutlineQuiz {
    pub(crate) quiz: QuizId,
    pub(crate) title: String,
    pub(crate) required: bool,
    pub(crate) minutes: u32,
}

impl Outline {
    pub(crate) fn of(course: &catalog::Course) -> Self {
        let lessons = course.sections.iter().flat_map(|section| &section.lessons);
        Self {
            title: course.title.clone(),
            language: Some(course.language),
            lessons: lessons
                .map(|place| OutlineLesson {
                    lesson: place.lesson,
                    title: place.title.clone(),
                    required: place.required,
                    minutes: place.minutes,
                })
                .collect(),
            quizzes: course
                .quizzes
                .iter()
                .map(|place| OutlineQuiz {
                    quiz: place.quiz,
                    title: place.title.clone(),
                    required: place.required,
                    minutes: place.minutes,
                })
                .collect(),
        }
    }

    /// Required lessons and required quizzes.
    pub(crate) fn required_steps(&self) -> usize {
        self.lessons.iter().filter(|place| place.required).count()
            + self.quizzes.iter().filter(|place| place.required).count()
    }

    pub(crate) fn has_lesson(&self, lesson: LessonId) -> bool {
        self.lessons.iter().any(|place| place.lesson == lesson)
    }
}

/// A graded attempt, as this service keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Graded {
    pub(crate) result: QuizResult,
    pub(crate) passed: bool,
}

/// How far a learner is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    pub(crate) read: BTreeSet<LessonId>,
    /// The best attempt at each quiz.
    pub(crate) best: BTreeMap<QuizId, Graded>,
}

impl Progress {
    pub(crate) fn new(read: BTreeSet<LessonId>, graded: Vec<Graded>) -> Self {
        let mut best: BTreeMap<QuizId, Graded> = BTreeMap::new();
        for attempt in graded {
            let quiz = attempt.result.quiz;
            if best.get(&quiz).is_none_or(|known| rank(&attempt) > rank(known)) {
                best.insert(quiz, attempt);
            }
        }
        Self { read, best }
    }

    /// Required steps done, and required steps in all.
    pub(crate) fn steps(&self, outline: &Outline) -> (usize, usize) {
        let lessons = outline.lessons.iter().filter(|place| place.required);
        let quizzes = outline.quizzes.iter().filter(|place| place.required);
        let done = lessons.filter(|place| self.read.contains(&place.lesson)).count()
            + quizzes.filter(|place| self.has_passed(place.quiz)).count();
        (done, outline.required_steps())
    }

    /// All that is required is done. A course that requires nothing is never completed.
    pub(crate) fn completes(&self, outline: &Outline) -> bool {
        let (done, all) = self.steps(outline);
        all > 0 && done == all
    }

    pub(crate) fn has_passed(&self, quiz: QuizId) -> bool {
        self.best.get(&quiz).is_some_and(|graded| graded.passed)
    }

    /// The first required thing that is not done: lessons first, then quizzes of which no mark is
    /// awaited.
    pub(crate) fn next<'a>(
        &self,
        outline: &'a Outline,
        is_awaited: impl Fn(QuizId) -> bool,
    ) -> Option<NextStep<'a>> {
        let mut lessons = outline.lessons.iter().filter(|place| place.required);
        let mut quizzes = outline.quizzes.iter().filter(|place| place.required);
        let lesson = lessons.find(|place| !self.read.contains(&place.lesson));
        let quiz = quizzes.find(|place| !self.has_passed(place.quiz) && !is_awaited(place.quiz));
        lesson.map(NextStep::Read).or(quiz.map(NextStep::Pass))
    }

    fn minutes(&self, outline: &Outline) -> u32 {
        let lessons = outline.lessons.iter().filter(|place| self.read.contains(&place.lesson));
        let quizzes = outline.quizzes.iter().filter(|place| self.has_passed(place.quiz));
        let lessons: u32 = lessons.map(|place| place.minutes).sum();
        let quizzes: u32 = quizzes.map(|place| place.minutes).sum();
        lessons + quizzes
    }
}

/// What brings a learner nearer to completing the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextStep<'a> {
    Read(&'a OutlineLesson),
    Pass(&'a OutlineQuiz),
}

/// Passed before failed, then the higher mark, then the id, so that the best is always the same one.
fn rank(graded: &Graded) -> (bool, Decimal, event::AttemptId) {
    (graded.passed, graded.result.mark, graded.result.attempt)
}

/// The completion that follows from this progress, if it does and was not noted before.
pub(crate) fn complete(
    enrolment: &Enrolment,
    outline: &Outline,
    course_version: u64,
    progress: &Progress,
    now: DateTime<Utc>,
) -> Option<CourseCompleted> {
    let open = enrolment.state == Seat::Active && enrolment.completed_at.is_none();
    if !open || !progress.completes(outline) {
        return None;
    }
    let quizzes = outline.quizzes.iter();
    Some(CourseCompleted {
        enrolment: enrolment.id,
        learner: enrolment.learner,
        course: enrolment.course,
        course_version,
        enrolled_at: enrolment.enrolled_at,
        completed_at: now,
        minutes: progress.minutes(outline),
        lessons_read: u32::try_from(progress.read.len()).unwrap_or(u32::MAX),
        results: quizzes
            .filter_map(|place| progress.best.get(&place.quiz))
            .map(|graded| graded.result.clone())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn outline(lessons: &[(LessonId, bool)], quizzes: &[(QuizId, bool)]) -> Outline {
        Outline {
            title: "Queues".into(),
            language: None,
            lessons: lessons
                .iter()
                .map(|(lesson, required)| OutlineLesson {
                    lesson: *lesson,
                    title: String::new(),
                    required: *required,
                    minutes: 20,
                })
                .collect(),
            quizzes: quizzes
                .iter()
                .map(|(quiz, required)| OutlineQuiz {
                    quiz: *quiz,
                    title: String::new(),
                    required: *required,
                    minutes: 10,
                })
                .collect(),
        }
    }

    fn graded(quiz: QuizId, mark: i64, passed: bool) -> Graded {
        let result = QuizResult {
            quiz,
            attempt: event::AttemptId::new(),
            mark: Decimal::from(mark),
            out_of: Decimal::from(20),
        };
        Graded { result, passed }
    }

    fn seat() -> Enrolment {
        Enrolment::take(PersonId::new(), CourseId::new(), now())
    }

    #[test]
    fn a_course_is_completed_when_all_that_is_required_is_done() {
        let (lesson, extra, quiz) = (LessonId::new(), LessonId::new(), QuizId::new());
        let outline = outline(&[(lesson, true), (extra, false)], &[(quiz, true)]);
        let read = BTreeSet::from([lesson]);
        let without = Progress::new(read.clone(), vec![graded(quiz, 5, false)]);
        assert_eq!(without.steps(&outline), (1, 2));
        assert_eq!(complete(&seat(), &outline, 3, &without, now()), None);

        let with = Progress::new(read, vec![graded(quiz, 5, false), graded(quiz, 15, true)]);
        let completed = complete(&seat(), &outline, 3, &with, now()).unwrap();
        assert_eq!((completed.minutes, completed.course_version), (30, 3));
        assert_eq!(completed.results.first().unwrap().mark, Decimal::from(15));
    }

    #[test]
    fn what_is_required_and_not_done_comes_next_lessons_first() {
        let (lesson, extra, quiz) = (LessonId::new(), LessonId::new(), QuizId::new());
        let outline = outline(&[(extra, false), (lesson, true)], &[(quiz, true)]);
        let next = |read: &[LessonId], results| {
            let progress = Progress::new(read.iter().copied().collect(), results);
            match progress.next(&outline, |_| false) {
                Some(NextStep::Read(place)) => Some(place.lesson.0),
                Some(NextStep::Pass(place)) => Some(place.quiz.0),
                None => None,
            }
        };
        assert_eq!(next(&[], vec![]), Some(lesson.0));
        assert_eq!(next(&[lesson], vec![graded(quiz, 5, false)]), Some(quiz.0));
        assert_eq!(next(&[lesson], vec![graded(quiz, 15, true)]), None);
        let all_read = Progress::new(BTreeSet::from([lesson]), vec![]);
        assert_eq!(all_read.next(&outline, |awaited| awaited == quiz), None);
    }

    #[test]
    fn it_is_completed_once_and_not_from_a_seat_that_was_given_up() {
        let lesson = LessonId::new();
        let outline = outline(&[(lesson, true)], &[]);
        let progress = Progress::new(BTreeSet::from([lesson]), vec![]);
        let done = Enrolment { completed_at: Some(now()), ..seat() };
        assert_eq!(complete(&done, &outline, 1, &progress, now()), None);
        let cancelled = seat().cancel().unwrap();
        assert_eq!(complete(&cancelled, &outline, 1, &progress, now()), None);
    }

    #[test]
    fn a_course_that_requires_nothing_is_never_completed() {
        let outline = outline(&[(LessonId::new(), false)], &[]);
        assert!(!Progress::default().completes(&outline));
    }

    #[test]
    fn a_seat_is_taken_once_and_given_up_once() {
        let seat = seat();
        assert_eq!(seat.take_again(now()), None);
        let cancelled = seat.cancel().unwrap();
        assert_eq!(cancelled.cancel(), None);
        let again = cancelled.take_again(now()).unwrap();
        assert_eq!((again.id, again.version), (seat.id, 3));
    }
}
