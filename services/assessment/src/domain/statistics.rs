//! How well questions tell learners apart, by the definitions of Moodle's quiz statistics: the facility
//! index and the discrimination index.
//!
//! Floating point: these are for people to look at. No mark is made of them.

use std::collections::BTreeMap;

use event::QuestionId;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::AttemptMark;

/// Sums over attempts, one at a time, from which the statistics of each question follow.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Statistics {
    attempts: u64,
    questions: BTreeMap<QuestionId, Sums>,
}

/// Of one question: x is its mark as a share of the whole, y the mark of all other questions.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
struct Sums {
    count: f64,
    x: f64,
    xx: f64,
    y: f64,
    yy: f64,
    xy: f64,
}

/// What is known of a question.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct QuestionStatistics {
    /// Attempts in which it was asked.
    pub attempts: u64,
    /// The mean mark in percent of what the question is out of: 100 is what everybody got right.
    pub facility: f64,
    /// How the marks at this question go together with the marks at the rest of the quiz: the
    /// correlation of both, in percent. None where either never varies.
    pub discrimination: Option<f64>,
}

impl Statistics {
    /// Takes an attempt into account.
    pub fn add(&mut self, mark: &AttemptMark) {
        self.attempts += 1;
        let total: Decimal = mark.per_question.values().map(|graded| graded.mark).sum();
        for (question, graded) in &mark.per_question {
            let share = graded.mark.checked_div(graded.out_of).unwrap_or_default();
            let rest = total - graded.mark;
            self.questions.entry(*question).or_default().add(number(share), number(rest));
        }
    }

    /// How many attempts were taken into account.
    #[must_use]
    pub const fn attempts(&self) -> u64 {
        self.attempts
    }

    /// None where it was never asked.
    #[must_use]
    pub fn question(&self, question: QuestionId) -> Option<QuestionStatistics> {
        self.questions.get(&question).map(Sums::statistics)
    }
}

impl Sums {
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        self.x += x;
        self.xx += x * x;
        self.y += y;
        self.yy += y * y;
        self.xy += x * y;
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts")]
    fn statistics(&self) -> QuestionStatistics {
        QuestionStatistics {
            attempts: self.count as u64,
            facility: 100.0 * self.x / self.count,
            discrimination: self.discrimination(),
        }
    }

    /// What rounding leaves of a variance that is none is none.
    fn discrimination(&self) -> Option<f64> {
        const NOTHING: f64 = 1e-9;
        let variance_x = self.xx - self.x * self.x / self.count;
        let variance_y = self.yy - self.y * self.y / self.count;
        if variance_x < NOTHING || variance_y < NOTHING {
            return None;
        }
        let covariance = self.xy - self.x * self.y / self.count;
        Some((100.0 * covariance / (variance_x * variance_y).sqrt()).clamp(-100.0, 100.0))
    }
}

fn number(decimal: Decimal) -> f64 {
    decimal.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::domain::{
        grade_attempt,
        quiz::tests::{answers, quiz},
    };

    fn statistics(attempts: &[&[&str]]) -> (crate::domain::Quiz, Statistics) {
        let quiz = quiz("A{=a}\n\nB{=b}\n\nC{=c}\n\nRead this.", 50);
        let mut statistics = Statistics::default();
        for given in attempts {
            statistics.add(&grade_attempt(&quiz, &answers(&quiz, given)));
        }
        (quiz, statistics)
    }

    #[test]
    fn facility_is_the_mean_mark() {
        let (quiz, statistics) =
            statistics(&[&["a", "b", "c"], &["a", "x", "x"], &["a", "b", "x"], &["x", "x", "x"]]);
        let facility =
            |place: usize| statistics.question(quiz.questions[place].id).unwrap().facility;
        assert_eq!((facility(0), facility(1), facility(2)), (75.0, 50.0, 25.0));
        assert_eq!(statistics.question(quiz.questions[3].id), None, "a description asks nothing");
        assert_eq!(statistics.attempts(), 4);
    }

    /// By hand: x of the first question 1 1 1 0, the rest of the quiz 2 0 1 0; the covariance is
    /// 3 − 3·3/4 = 0.75, the variances 3 − 9/4 = 0.75 and 5 − 9/4 = 2.75.
    #[test]
    fn discrimination_is_the_correlation_with_the_rest_of_the_quiz() {
        let (quiz, statistics) =
            statistics(&[&["a", "b", "c"], &["a", "x", "x"], &["a", "b", "x"], &["x", "x", "x"]]);
        let found = statistics.question(quiz.questions[0].id).unwrap().discrimination.unwrap();
        assert!((found - 100.0 * 0.75 / (0.75_f64 * 2.75).sqrt()).abs() < 1e-6, "{found}");
    }

    #[test]
    fn what_never_varies_tells_nobody_apart() {
        let (quiz, statistics) = statistics(&[&["a", "b", "c"], &["a", "x", "c"]]);
        let first = statistics.question(quiz.questions[0].id).unwrap();
        assert_eq!((first.facility, first.discrimination), (100.0, None));
        let (quiz, alone) = self::statistics(&[&["a", "b", "c"]]);
        assert_eq!(alone.question(quiz.questions[1].id).unwrap().discrimination, None);
    }

    #[test]
    fn a_question_that_the_better_get_wrong_is_below_nothing() {
        let (quiz, statistics) = statistics(&[&["x", "b", "c"], &["a", "x", "x"]]);
        let found = statistics.question(quiz.questions[0].id).unwrap().discrimination.unwrap();
        assert!((found + 100.0).abs() < 1e-6);
    }
}
