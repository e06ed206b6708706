//! A quiz, and what a whole attempt at it is worth.

use std::collections::BTreeMap;

use event::{QuestionId, QuizId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Answer, Graded, Question, Text, Verdict, grade};

/// What a course decides of a quiz that stands in it: nobody else does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    pub title: String,
    /// From 0 to 100.
    pub pass_percent: u32,
}

/// Questions in their order, and what it takes to pass.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Quiz {
    pub id: QuizId,
    pub title: String,
    /// From 0 to 100.
    pub pass_percent: Decimal,
    /// None: as many as one likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    pub questions: Vec<Question>,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QuizRefused {
    #[error("the pass mark is {0} %: it must be from 0 to 100")]
    PassMark(Decimal),
    #[error("the quiz asks nothing: add a question that is not a description")]
    NothingAsked,
    #[error("the quiz allows no attempt: allow at least one, or leave the limit out")]
    NoAttempt,
}

impl QuizRefused {
    /// The field of a form or a request that it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::PassMark(_) => "pass_percent",
            Self::NoAttempt => "max_attempts",
            Self::NothingAsked => "gift",
        }
    }

    /// The same reason in French.
    #[must_use]
    pub fn in_french(&self) -> String {
        match self {
            Self::PassMark(percent) => {
                format!("le seuil de réussite est de {percent} % : il doit aller de 0 à 100")
            }
            Self::NothingAsked => {
                "le quiz ne demande rien : ajoutez une question qui ne soit pas une description".to_owned()
            }
            Self::NoAttempt => {
                "le quiz n'autorise aucune tentative : autorisez-en au moins une, ou retirez la limite".to_owned()
            }
        }
    }
}

/// A person's mark for one essay.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandMark {
    pub mark: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Text>,
}

/// The outcome of an attempt. Descriptions do not appear in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttemptMark {
    pub mark: Decimal,
    pub out_of: Decimal,
    /// To two places, for people to read; `passed` looks at the exact mark.
    pub percent: Decimal,
    /// Never while essays wait, even where the other marks would do.
    pub passed: bool,
    /// Essays that wait for a person.
    pub awaiting: Vec<QuestionId>,
    pub per_question: BTreeMap<QuestionId, Graded>,
}

impl Quiz {
    /// # Errors
    /// When nobody could take it, or nobody could pass it.
    pub fn validate(&self) -> Result<(), QuizRefused> {
        self.validate_draft()?;
        if self.out_of().is_zero() {
            return Err(QuizRefused::NothingAsked);
        }
        Ok(())
    }

    /// As [`validate`](Self::validate), for a quiz that is still being written: it may ask nothing yet.
    ///
    /// # Errors
    /// When its settings leave nobody a chance.
    pub fn validate_draft(&self) -> Result<(), QuizRefused> {
        if self.pass_percent < Decimal::ZERO || self.pass_percent > Decimal::ONE_HUNDRED {
            return Err(QuizRefused::PassMark(self.pass_percent));
        }
        if self.max_attempts == Some(0) {
            return Err(QuizRefused::NoAttempt);
        }
        Ok(())
    }

    /// Takes over what its course decides. `false` where it is so already.
    pub fn adopt(&mut self, decided: &Decided) -> bool {
        let pass_percent = Decimal::from(decided.pass_percent).min(Decimal::ONE_HUNDRED);
        let is_so = self.title == decided.title && self.pass_percent == pass_percent;
        self.title.clone_from(&decided.title);
        self.pass_percent = pass_percent;
        !is_so
    }

    #[must_use]
    pub fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// What a question is called among those that are asked, from 1; 0 where it is not there.
    #[must_use]
    pub fn number(&self, id: QuestionId) -> usize {
        let mut asked = self.questions.iter().filter(|question| !question.out_of().is_zero());
        asked.position(|question| question.id == id).map_or(0, |place| place + 1)
    }

    /// The most one can get.
    #[must_use]
    pub fn out_of(&self) -> Decimal {
        self.questions.iter().map(Question::out_of).sum()
    }
}

/// Grades an attempt; its essays wait.
#[must_use]
pub fn grade_attempt(quiz: &Quiz, answers: &BTreeMap<QuestionId, Answer>) -> AttemptMark {
    grade_attempt_with_hand_marks(quiz, answers, &BTreeMap::new())
}

/// Grades an attempt, with the marks that a person has given so far.
#[must_use]
pub fn grade_attempt_with_hand_marks(
    quiz: &Quiz,
    answers: &BTreeMap<QuestionId, Answer>,
    by_hand: &BTreeMap<QuestionId, HandMark>,
) -> AttemptMark {
    let asked = quiz.questions.iter().filter(|question| !question.out_of().is_zero());
    let graded: Vec<(QuestionId, Graded)> = asked
        .map(|question| {
            let graded = grade(question, answers.get(&question.id));
            (question.id, marked_by_hand(graded, by_hand.get(&question.id)))
        })
        .collect();
    let awaiting: Vec<QuestionId> = graded
        .iter()
        .filter(|(_, graded)| graded.verdict == Verdict::AwaitsMarking)
        .map(|(id, _)| *id)
        .collect();
    let total: Decimal = graded.iter().map(|(_, graded)| graded.mark).sum();
    let (mark, out_of) = (total.max(Decimal::ZERO).normalize(), quiz.out_of());
    AttemptMark {
        mark,
        out_of,
        percent: percent(mark, out_of),
        passed: awaiting.is_empty() && mark * Decimal::ONE_HUNDRED >= quiz.pass_percent * out_of,
        awaiting,
        per_question: graded.into_iter().collect(),
    }
}

/// What a mark is of the whole, to two places.
pub(crate) fn percent(mark: Decimal, out_of: Decimal) -> Decimal {
    rounded((mark * Decimal::ONE_HUNDRED).checked_div(out_of).unwrap_or_default())
}

/// To two places, for people to read; half a hundredth goes up, as they expect of marks.
pub(crate) fn rounded(exact: Decimal) -> Decimal {
    use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    exact.round_dp_with_strategy(2, MidpointAwayFromZero).normalize()
}

/// A person marks what awaits marking, and nothing else.
fn marked_by_hand(graded: Graded, by_hand: Option<&HandMark>) -> Graded {
    let Some(by_hand) = by_hand.filter(|_| graded.verdict == Verdict::AwaitsMarking) else {
        return graded;
    };
    let mark = by_hand.mark.clamp(Decimal::ZERO, graded.out_of).normalize();
    let verdict = if mark == graded.out_of {
        Verdict::Right
    } else if mark.is_zero() {
        Verdict::Wrong
    } else {
        Verdict::Partly
    };
    let feedback = by_hand.comment.iter().cloned().chain(graded.feedback).collect();
    Graded { mark, verdict, feedback, ..graded }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{domain::identify, gift};

    pub fn quiz(text: &str, pass_percent: i64) -> Quiz {
        let parsed = gift::parse("test.gift", text);
        assert_eq!(parsed.refused, []);
        let id = QuizId::new();
        Quiz {
            id,
            title: "Test".to_owned(),
            pass_percent: pass_percent.into(),
            max_attempts: None,
            questions: identify(id, parsed.questions),
        }
    }

    pub fn answers(quiz: &Quiz, texts: &[&str]) -> BTreeMap<QuestionId, Answer> {
        let answer = |text: &&str| Answer::Text { text: (*text).to_owned() };
        quiz.questions.iter().map(|question| question.id).zip(texts.iter().map(answer)).collect()
    }

    #[test]
    fn marks_add_up_and_descriptions_do_not_count() {
        let quiz = quiz("A{=a}\n\nB{=b}\n\nC{=c}\n\nRead this.", 66);
        let mark = grade_attempt(&quiz, &answers(&quiz, &["a", "b", "x"]));
        assert_eq!((mark.mark, mark.out_of), (2.into(), 3.into()));
        assert_eq!(mark.percent.to_string(), "66.67");
        assert!(mark.passed);
        assert_eq!(mark.per_question.len(), 3);
    }

    #[test]
    fn the_pass_mark_is_compared_exactly() {
        let mut quiz = quiz("A{=a}\n\nB{=b}\n\nC{=c}", 0);
        quiz.pass_percent = "66.67".parse().unwrap();
        let mark = grade_attempt(&quiz, &answers(&quiz, &["a", "b", "x"]));
        assert!(!mark.passed, "66.666… is less than 66.67");
    }

    #[test]
    fn nothing_answered_is_a_mark_of_zero() {
        let quiz = quiz("A{=a}\n\nB{}", 50);
        let mark = grade_attempt(&quiz, &BTreeMap::new());
        assert_eq!((mark.mark, mark.percent, mark.passed), (Decimal::ZERO, Decimal::ZERO, false));
        assert_eq!(mark.awaiting, []);
    }

    #[test]
    fn costly_choices_never_take_an_attempt_below_zero() {
        let quiz = quiz("A{~%-50%a =b}", 0);
        let id = quiz.questions[0].id;
        let answer = Answer::Choice { picked: [0].into() };
        let mark = grade_attempt(&quiz, &[(id, answer)].into());
        assert_eq!(mark.mark, Decimal::ZERO);
        assert_eq!(mark.per_question[&id].mark.to_string(), "-0.5");
    }

    #[test]
    fn an_essay_holds_the_result_back_until_it_is_marked() {
        let quiz = quiz("A{=a}\n\nB{}", 50);
        let given = answers(&quiz, &["a", "Long ago"]);
        let essay = quiz.questions[1].id;
        let first = grade_attempt(&quiz, &given);
        assert_eq!((first.passed, &first.awaiting), (false, &vec![essay]));
        let by_hand = HandMark { mark: "0.5".parse().unwrap(), comment: None };
        let second = grade_attempt_with_hand_marks(&quiz, &given, &[(essay, by_hand)].into());
        assert_eq!((second.passed, second.percent), (true, 75.into()));
        assert_eq!(second.per_question[&essay].verdict, Verdict::Partly);
        assert_eq!(second.awaiting, []);
    }

    #[test]
    fn quizzes_nobody_could_take_are_refused() {
        assert_eq!(quiz("Read this.", 50).validate(), Err(QuizRefused::NothingAsked));
        assert_eq!(quiz("A{T}", 101).validate(), Err(QuizRefused::PassMark(101.into())));
        let none = Quiz { max_attempts: Some(0), ..quiz("A{T}", 50) };
        assert_eq!(none.validate(), Err(QuizRefused::NoAttempt));
        assert_eq!(quiz("A{T}", 100).validate(), Ok(()));
    }

    #[test]
    fn a_quiz_takes_over_what_its_course_decides_once() {
        let mut quiz = quiz("A{=a}", 50);
        let decided = Decided { title: "Final".to_owned(), pass_percent: 60 };
        assert!(quiz.adopt(&decided) && !quiz.adopt(&decided));
        assert_eq!((quiz.title.as_str(), quiz.pass_percent), ("Final", 60.into()));
        quiz.adopt(&Decided { pass_percent: 101, ..decided });
        assert_eq!(quiz.validate(), Ok(()), "whatever a course says, it can be passed");
    }

    #[test]
    fn a_mark_reads_back_from_json() {
        let quiz = quiz("A{=a#yes}\n\nB{}", 50);
        let mark = grade_attempt(&quiz, &answers(&quiz, &["a", "b"]));
        let json = serde_json::to_string(&mark).unwrap();
        assert_eq!(serde_json::from_str::<AttemptMark>(&json).unwrap(), mark);
        let json = serde_json::to_string(&quiz).unwrap();
        assert_eq!(serde_json::from_str::<Quiz>(&json).unwrap(), quiz);
    }
}
