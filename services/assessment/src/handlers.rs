//! What `assessment` hears: its own submitted attempts, which are graded here and nowhere else, and
//! the courses and enrolments that it keeps copies of, all by the batch, who there is, and whose sessions are over.
//! Staying in step with others is in `in_step`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bus::{BatchHandler, Failure, Handled, Handler, Received, Tx, sessions};
use contract::{
    assessment::{AttemptAwaitsMarking, AttemptGraded, AttemptSubmitted, GivenAnswer},
    catalog::{CourseChange, QuestionsUploaded, QuizPlaced},
    identity::{PersonChange, PersonErased, SessionsEnded},
    learning::EnrolmentChange,
    step::{GONE, Stamp, hash},
};
use event::{AttemptId, QuestionId, QuizId};

use crate::{
    commands,
    domain::{Answer, Decided, Quiz, Stage, grade_attempt},
    effects::ReadQuestions,
    quizzes::{QuizShelf, VersionKey},
    store::{self, CourseCard, CourseCopy, Emptied, EnrolmentCopy, Outcome, PlacedQuiz, ToldPlace},
};

/// Grades what was submitted. Grading again changes nothing and tells nobody.
#[derive(Default)]
pub(crate) struct Grade {
    quizzes: QuizShelf,
}

impl BatchHandler for Grade {
    const NAME: &'static str = "assessment.grade";
    type Event = AttemptSubmitted;
    /// A class that hands in at the end of its hour is the load that this platform is made for.
    const SIDE_BY_SIDE: usize = 3;

    async fn handle_all(&self, events: &[Received<AttemptSubmitted>], tx: &mut Tx) -> Handled {
        // In one order everywhere, so that two graders never wait for each other in a circle.
        let submitted: BTreeMap<AttemptId, &AttemptSubmitted> =
            events.iter().map(|event| (event.attempt, &event.data)).collect();
        let wanted: BTreeSet<VersionKey> =
            submitted.values().map(|event| (event.quiz, event.quiz_version)).collect();
        let quizzes = self.quizzes.all(tx, &wanted).await?;
        let outcomes: Vec<Outcome<'_>> = submitted
            .values()
            .map(|submitted| grade(quiz_of(&quizzes, submitted)?, submitted))
            .collect::<Result<_, Failure>>()?;
        let fresh = store::save_outcomes(tx, &outcomes).await?;
        for outcome in outcomes.iter().filter(|outcome| fresh.contains(&outcome.submitted.attempt))
        {
            tell(tx, outcome)?;
        }
        Ok(())
    }
}

fn quiz_of<'a>(
    quizzes: &'a HashMap<VersionKey, std::sync::Arc<Quiz>>,
    submitted: &AttemptSubmitted,
) -> Result<&'a Quiz, Failure> {
    let AttemptSubmitted { quiz, quiz_version, .. } = submitted;
    quizzes.get(&(*quiz, *quiz_version)).map(|quiz| &**quiz).ok_or_else(|| {
        Failure::wait(format!(
            "version {quiz_version} of the quiz {quiz} is not here: import it, or restore it"
        ))
    })
}

fn grade<'a>(quiz: &Quiz, submitted: &'a AttemptSubmitted) -> Result<Outcome<'a>, Failure> {
    let mut answers = BTreeMap::new();
    for (question, given) in &submitted.answers {
        answers.insert(*question, readable(submitted.attempt, *question, given)?);
    }
    Ok(Outcome { submitted, mark: grade_attempt(quiz, &answers) })
}

/// An answer that does not read is no wrong answer: a person must look.
fn readable(
    attempt: AttemptId,
    question: QuestionId,
    given: &GivenAnswer,
) -> Result<Answer, Failure> {
    given.read().map_err(|error| {
        Failure::park(format!(
            "attempt {attempt}: the answer to question {question} does not read: {error}"
        ))
    })
}

fn tell(tx: &mut Tx, outcome: &Outcome<'_>) -> Result<(), bus::Error> {
    let now = tx.now();
    let Outcome { submitted, mark } = outcome;
    if outcome.stage() == Stage::AwaitingMarking {
        return tx.publish(&AttemptAwaitsMarking {
            attempt: submitted.attempt,
            quiz: submitted.quiz,
            course: submitted.course,
            learner: submitted.learner,
            awaiting: mark.awaiting.clone(),
            at: now,
        });
    }
    tx.publish(&AttemptGraded {
        attempt: submitted.attempt,
        version: 1,
        quiz: submitted.quiz,
        course: submitted.course,
        learner: submitted.learner,
        number: submitted.number,
        mark: mark.mark,
        out_of: mark.out_of,
        passed: mark.passed,
        graded_at: now,
    })
}

/// Keeps this service's copy of each course: which there are, which were withdrawn, whose they are. Their quizzes
/// take over what they decide.
pub(crate) struct CopyCourse;

impl BatchHandler for CopyCourse {
    const NAME: &'static str = "assessment.copy-course";
    type Event = CourseChange;

    async fn handle_all(&self, events: &[Received<CourseChange>], tx: &mut Tx) -> Handled {
        let (mut newest, mut cards, mut places) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for event in events {
            let shown = match &event.data {
                CourseChange::Published(course) => Ok(&course.0),
                CourseChange::Updated(course) => Ok(&course.0),
                CourseChange::Withdrawn(course) => Err(course),
            };
            if let Ok(course) = shown {
                keep_newest(&mut cards, course.course, card(course), |card| card.version);
                for (quiz, place) in places_of(course) {
                    keep_newest(&mut places, quiz, place, |place| place.version);
                }
            }
            let (course, version, hash) = match shown {
                Ok(course) => (course.course, course.version, hash(course)),
                Err(gone) => (gone.course, gone.version, GONE.to_owned()),
            };
            let copy = CourseCopy { version, hash, withdrawn: shown.is_err() };
            keep_newest(&mut newest, course, copy, |copy| copy.version);
        }
        store::take_turns(tx, newest.keys().copied()).await?;
        store::copy_cards(tx, &cards).await?;
        store::copy_courses(tx, &newest).await?;
        let told = store::keep_places(tx, &places).await?;
        Ok(commands::adopt(tx, told).await?)
    }
}

fn card(course: &contract::catalog::Course) -> CourseCard {
    CourseCard {
        version: course.version,
        title: course.title.clone(),
        language: course.language,
        instructor: course.instructor,
        places: course.quizzes.clone(),
        updated_at: Some(course.updated_at),
    }
}

fn places_of(course: &contract::catalog::Course) -> impl Iterator<Item = (QuizId, ToldPlace)> {
    course.quizzes.iter().map(|place| {
        let decided = Decided { title: place.title.clone(), pass_percent: place.pass_percent };
        let (version, told_at) = (course.version, course.updated_at);
        (place.quiz, ToldPlace { course: course.course, version, decided, told_at })
    })
}

/// Keeps this service's copy of each enrolment: who may take the quizzes of which course.
pub(crate) struct CopyEnrolment;

impl BatchHandler for CopyEnrolment {
    const NAME: &'static str = "assessment.copy-enrolment";
    type Event = EnrolmentChange;

    async fn handle_all(&self, events: &[Received<EnrolmentChange>], tx: &mut Tx) -> Handled {
        let mut newest = BTreeMap::new();
        for event in events {
            let (enrolment, copy) = match &event.data {
                EnrolmentChange::Enrolled(seat) => (
                    seat.enrolment,
                    EnrolmentCopy {
                        learner: seat.learner,
                        course: seat.course,
                        version: seat.version,
                        hash: hash(seat),
                        active: true,
                    },
                ),
                EnrolmentChange::Cancelled(seat) => (
                    seat.enrolment,
                    EnrolmentCopy {
                        learner: seat.learner,
                        course: seat.course,
                        version: seat.version,
                        hash: GONE.to_owned(),
                        active: false,
                    },
                ),
            };
            keep_newest(&mut newest, enrolment, copy, |copy| copy.version);
        }
        Ok(store::copy_enrolments(tx, &newest).await?)
    }
}

/// Keeps this service's copy of each person: the name that teachers see. Who was erased is forgotten,
/// with what they wrote.
pub(crate) struct CopyPerson;

impl Handler for CopyPerson {
    const NAME: &'static str = "assessment.copy-person";
    type Event = PersonChange;

    async fn handle(&self, event: &Received<PersonChange>, tx: &mut Tx) -> Handled {
        let person = match &event.data {
            PersonChange::Registered(registered) => &registered.0,
            PersonChange::Updated(updated) => &updated.0,
            PersonChange::Erased(erased) => {
                forget(tx, erased).await?;
                let (id, version) = (erased.person.0, erased.version);
                let stamp = Stamp { id, version, hash: GONE.to_owned() };
                return Ok(store::copy_person(tx, &stamp, None).await?);
            }
        };
        let stamp = Stamp { id: person.person.0, version: person.version, hash: hash(person) };
        Ok(store::copy_person(tx, &stamp, Some(&person.name)).await?)
    }
}

/// Answers are in what was submitted too, of which the attempts are the subjects. Marks stay, and others
/// still hear of them.
async fn forget(tx: &mut Tx, gone: &PersonErased) -> Handled {
    match store::empty_attempts(tx, gone.person).await? {
        Emptied::GradingFirst(attempt) => Err(Failure::wait(format!(
            "the attempt {attempt} is being graded: it is emptied after"
        ))),
        Emptied::Done(attempts) => {
            for attempt in attempts {
                tx.forget_told::<AttemptSubmitted>(&attempt.to_string()).await?;
            }
            Ok(tx.forget_person(gone.person, gone.erased_at).await?)
        }
    }
}

/// Hears whose sessions are over: whose password or roles were changed, and who was erased.
pub(crate) struct EndSessions;

impl Handler for EndSessions {
    const NAME: &'static str = "assessment.end-sessions";
    type Event = SessionsEnded;

    async fn handle(&self, event: &Received<SessionsEnded>, tx: &mut Tx) -> Handled {
        Ok(sessions::end(tx, event.person, event.since).await?)
    }
}

/// Keeps where quizzes stand, so that questions can be written before a course is published, and has them take
/// over what the draft decides.
pub(crate) struct PlaceQuiz;

impl Handler for PlaceQuiz {
    const NAME: &'static str = "assessment.place-quiz";
    type Event = QuizPlaced;

    async fn handle(&self, event: &Received<QuizPlaced>, tx: &mut Tx) -> Handled {
        let placed = PlacedQuiz {
            quiz: event.quiz,
            course: event.course,
            version: event.version,
            key: event.key.clone(),
            decided: Decided { title: event.title.clone(), pass_percent: event.pass_percent },
            course_title: event.course_title.clone(),
            language: event.language,
            instructor: event.instructor,
            placed_at: Some(event.placed_at),
        };
        store::take_turns(tx, [event.course]).await?;
        if store::place_quiz(tx, &placed).await? {
            commands::adopt(tx, vec![event.quiz]).await?;
        }
        Ok(())
    }
}

/// Has the questions read that came with a course's files.
pub(crate) struct TakeQuestions;

impl Handler for TakeQuestions {
    const NAME: &'static str = "assessment.take-questions";
    type Event = QuestionsUploaded;

    async fn handle(&self, event: &Received<QuestionsUploaded>, tx: &mut Tx) -> Handled {
        Ok(tx.request::<ReadQuestions>(&event.id().to_string(), &event.data)?)
    }
}

/// A batch may hold several versions of one thing, and one statement may write it only once.
fn keep_newest<K: Ord, C>(
    newest: &mut BTreeMap<K, C>,
    key: K,
    copy: C,
    version: impl Fn(&C) -> u64,
) {
    if newest.get(&key).is_none_or(|known| version(known) < version(&copy)) {
        newest.insert(key, copy);
    }
}
