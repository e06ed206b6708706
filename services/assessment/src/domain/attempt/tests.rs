#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::domain::quiz::tests::quiz;

const NOON: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn started(quiz: &Quiz) -> Attempt {
    Attempt::start(AttemptId::new(), quiz.id, PersonId::new(), NOON)
}

fn text(text: &str) -> Answer {
    Answer::Text { text: text.to_owned() }
}

fn by_hand(mark: &str) -> HandMark {
    HandMark { mark: mark.parse().unwrap(), comment: None }
}

#[test]
fn submitting_twice_is_once() {
    let quiz = quiz("A{=a}", 50);
    let mut attempt = started(&quiz);
    assert_eq!(attempt.submit(NOON), Submission::First);
    let submitted = attempt.clone();
    assert_eq!(attempt.submit(NOON + chrono::TimeDelta::hours(1)), Submission::Again);
    assert_eq!(attempt, submitted);
}

#[test]
fn answers_are_kept_replaced_and_taken_back_until_submitted() {
    let quiz = quiz("A{=a}", 50);
    let question = quiz.questions[0].id;
    let mut attempt = started(&quiz);
    attempt.save_answer(&quiz, question, text("x")).unwrap();
    attempt.save_answer(&quiz, question, text("a")).unwrap();
    assert_eq!(attempt.answers[&question], text("a"));
    attempt.save_answer(&quiz, question, text(" ")).unwrap();
    assert!(attempt.answers.is_empty());
    attempt.submit(NOON);
    let refused = attempt.save_answer(&quiz, question, text("a"));
    assert_eq!(refused, Err(AttemptRefused::AlreadySubmitted));
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let quiz = quiz("A{=a}", 50);
    let mut attempt = started(&quiz);
    let unknown = attempt.save_answer(&quiz, QuestionId::new(), text("a"));
    assert_eq!(unknown, Err(AttemptRefused::NoSuchQuestion));
    let misfit =
        attempt.save_answer(&quiz, quiz.questions[0].id, Answer::TrueFalse { value: true });
    assert_eq!(misfit, Err(AttemptRefused::Answer(AnswerRefused::WrongKind { expected: "text" })));
    let other = super::super::quiz::tests::quiz("A{=a}", 50);
    assert_eq!(attempt.grade(&other, NOON).unwrap_err(), AttemptRefused::OtherQuiz);
}

#[test]
fn grading_comes_after_submitting_and_once() {
    let quiz = quiz("A{=a}", 50);
    let mut attempt = started(&quiz);
    assert_eq!(attempt.grade(&quiz, NOON).unwrap_err(), AttemptRefused::NotSubmitted);
    attempt.save_answer(&quiz, quiz.questions[0].id, text("A")).unwrap();
    attempt.submit(NOON);
    assert!(attempt.grade(&quiz, NOON).unwrap().passed);
    assert_eq!(attempt.grade(&quiz, NOON).unwrap_err(), AttemptRefused::AlreadyGraded);
    assert!(matches!(attempt.state, AttemptState::Graded { .. }));
}

#[test]
fn essays_are_marked_one_by_one_until_none_waits() {
    let quiz = quiz("A{}\n\nB{}\n\nC{=c}", 50);
    let [first, second, third] = [0, 1, 2].map(|place| quiz.questions[place].id);
    let mut attempt = started(&quiz);
    attempt.save_answer(&quiz, first, text("one")).unwrap();
    attempt.save_answer(&quiz, second, text("two")).unwrap();
    attempt.submit(NOON);
    let early = attempt.mark_essay(&quiz, first, by_hand("1"), NOON).unwrap_err();
    assert_eq!(early, AttemptRefused::NotGradedYet);
    assert_eq!(attempt.grade(&quiz, NOON).unwrap().awaiting, [first, second]);
    let high = attempt.mark_essay(&quiz, first, by_hand("1.5"), NOON).unwrap_err();
    assert_eq!(high.to_string(), "the mark is 1.5: it must be from 0 to 1");
    let short = attempt.mark_essay(&quiz, third, by_hand("1"), NOON).unwrap_err();
    assert_eq!(short, AttemptRefused::NothingToMark);
    assert_eq!(attempt.mark_essay(&quiz, first, by_hand("1"), NOON).unwrap().awaiting, [second]);
    let mark = attempt.mark_essay(&quiz, second, by_hand("0.5"), NOON).unwrap();
    assert_eq!((mark.percent, mark.passed), (50.into(), true));
    let late = attempt.mark_essay(&quiz, second, by_hand("1"), NOON).unwrap_err();
    assert_eq!(late, AttemptRefused::AlreadyGraded);
}

#[test]
fn a_mark_that_a_person_gave_is_corrected_and_no_other() {
    let quiz = quiz("A{}\n\nB{}\n\nC{=c}", 50);
    let [first, second, third] = [0, 1, 2].map(|place| quiz.questions[place].id);
    let mut attempt = started(&quiz);
    attempt.save_answer(&quiz, first, text("one")).unwrap();
    attempt.save_answer(&quiz, second, text("two")).unwrap();
    attempt.save_answer(&quiz, third, text("c")).unwrap();
    let early = attempt.correct_mark(&quiz, first, by_hand("1"), NOON).unwrap_err();
    assert_eq!(early, AttemptRefused::NotSubmitted);
    attempt.submit(NOON);
    attempt.grade(&quiz, NOON).unwrap();
    attempt.mark_essay(&quiz, first, by_hand("0.1"), NOON).unwrap();
    // While the other waits, and when none does.
    let waiting = attempt.correct_mark(&quiz, first, by_hand("1"), NOON).unwrap();
    assert_eq!((waiting.awaiting, waiting.mark), (vec![second], 2.into()));
    attempt.mark_essay(&quiz, second, by_hand("1"), NOON).unwrap();
    let later = NOON + chrono::TimeDelta::hours(1);
    let mark = attempt.correct_mark(&quiz, second, by_hand("0.5"), later).unwrap();
    assert_eq!(mark.mark, "2.5".parse().unwrap());
    assert!(matches!(attempt.state, AttemptState::Graded { graded_at, .. } if graded_at == later));
    for (question, mark) in [(third, "1"), (QuestionId::new(), "1")] {
        let refused = attempt.correct_mark(&quiz, question, by_hand(mark), NOON).unwrap_err();
        assert_eq!(refused, AttemptRefused::NothingToCorrect);
    }
    let high = attempt.correct_mark(&quiz, first, by_hand("2"), NOON).unwrap_err();
    assert_eq!(high, AttemptRefused::MarkOutOfRange { mark: 2.into(), out_of: 1.into() });
}

#[test]
fn an_open_attempt_goes_on_and_the_limit_counts_the_others() {
    let quiz = Quiz { max_attempts: Some(1), ..quiz("A{=a}", 50) };
    assert_eq!(next_attempt(&quiz, None, 0), Ok(NextAttempt::Start));
    let open = AttemptId::new();
    assert_eq!(next_attempt(&quiz, Some(open), 1), Ok(NextAttempt::Resume(open)));
    let refused = next_attempt(&quiz, None, 1);
    assert_eq!(refused, Err(AttemptRefused::NoAttemptLeft { limit: 1 }));
}

#[test]
fn an_attempt_reads_back_from_json() {
    let quiz = quiz("A{}", 50);
    let mut attempt = started(&quiz);
    attempt.save_answer(&quiz, quiz.questions[0].id, text("one")).unwrap();
    attempt.submit(NOON);
    attempt.grade(&quiz, NOON).unwrap();
    let json = serde_json::to_string(&attempt).unwrap();
    assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), attempt);
}
