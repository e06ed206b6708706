//! Changes to a quiz that is being written. Each question keeps its id, whatever happens to its place
//! and its text, so that what was answered before still belongs to it.

use event::QuestionId;

use super::{Question, QuestionContent, Quiz};
use crate::gift::MOST_QUESTIONS;

/// Why a quiz cannot be changed so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditRefused {
    #[error("the quiz has no such question any more: somebody deleted it")]
    NoSuchQuestion,
    #[error("a quiz holds at most {MOST_QUESTIONS} questions: put the others into another quiz")]
    TooMany,
}

impl EditRefused {
    /// The same reason in French.
    #[must_use]
    pub fn in_french(self) -> String {
        match self {
            Self::NoSuchQuestion => {
                "le quiz n'a plus cette question : quelqu'un l'a supprimée".to_owned()
            }
            Self::TooMany => format!(
                "un quiz contient au plus {MOST_QUESTIONS} questions : placez les autres dans un autre quiz"
            ),
        }
    }
}

/// Where a question moves to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Up,
    Down,
}

impl Quiz {
    /// Adds questions at the end, and says how many. One that is there already, word for word, is not
    /// added again: a form that is sent twice adds once.
    ///
    /// # Errors
    /// When there would be too many.
    pub fn append(&mut self, contents: Vec<QuestionContent>) -> Result<usize, EditRefused> {
        let before = self.questions.len();
        for content in contents {
            if self.questions.iter().all(|known| known.content != content) {
                self.questions.push(Question { id: QuestionId::new(), content });
            }
        }
        if self.questions.len() > MOST_QUESTIONS {
            return Err(EditRefused::TooMany);
        }
        Ok(self.questions.len() - before)
    }

    /// Adds one question at the end, unless it is there already, word for word; gives its id.
    ///
    /// # Errors
    /// When there would be too many.
    pub fn take_in(&mut self, content: QuestionContent) -> Result<QuestionId, EditRefused> {
        self.append(vec![content.clone()])?;
        let known = self.questions.iter().find(|known| known.content == content);
        known.map(|known| known.id).ok_or(EditRefused::NoSuchQuestion)
    }

    /// Writes a question anew, in its place.
    ///
    /// # Errors
    /// When it is not there.
    pub fn rewrite(&mut self, id: QuestionId, content: QuestionContent) -> Result<(), EditRefused> {
        let place = self.place(id)?;
        if let Some(question) = self.questions.get_mut(place) {
            question.content = content;
        }
        Ok(())
    }

    /// Moves a question by one place; at the end it stays.
    ///
    /// # Errors
    /// When it is not there.
    pub fn shift(&mut self, id: QuestionId, direction: Direction) -> Result<(), EditRefused> {
        let place = self.place(id)?;
        let other = match direction {
            Direction::Up => place.checked_sub(1),
            Direction::Down => Some(place + 1).filter(|next| *next < self.questions.len()),
        };
        if let Some(other) = other {
            self.questions.swap(place, other);
        }
        Ok(())
    }

    /// Takes a question out; again does nothing.
    pub fn remove(&mut self, id: QuestionId) {
        self.questions.retain(|question| question.id != id);
    }

    /// Where a question stands, from 0.
    ///
    /// # Errors
    /// When it is not there.
    pub fn place(&self, id: QuestionId) -> Result<usize, EditRefused> {
        let place = self.questions.iter().position(|question| question.id == id);
        place.ok_or(EditRefused::NoSuchQuestion)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{domain::quiz::tests::quiz, gift};

    fn titles(quiz: &Quiz) -> String {
        quiz.questions.iter().map(|question| question.content.text.text.clone()).collect()
    }

    #[test]
    fn questions_move_and_keep_their_ids() {
        let mut quiz = quiz("A{=a}\n\nB{=b}\n\nC{=c}", 50);
        let first = quiz.questions[0].id;
        quiz.shift(first, Direction::Down).unwrap();
        quiz.shift(first, Direction::Down).unwrap();
        quiz.shift(first, Direction::Down).unwrap();
        assert_eq!((titles(&quiz).as_str(), quiz.questions[2].id), ("BCA", first));
        quiz.shift(first, Direction::Up).unwrap();
        assert_eq!(titles(&quiz), "BAC");
        quiz.remove(first);
        quiz.remove(first);
        assert_eq!(titles(&quiz), "BC");
        assert_eq!(quiz.shift(first, Direction::Up), Err(EditRefused::NoSuchQuestion));
    }

    #[test]
    fn what_is_added_twice_is_added_once() {
        let mut quiz = quiz("A{=a}", 50);
        let more = || gift::parse("more", "B{=b}\n\nA{=a}").questions;
        assert_eq!(quiz.append(more()), Ok(1));
        assert_eq!(quiz.append(more()), Ok(0));
        assert_eq!(titles(&quiz), "AB");
    }

    #[test]
    fn a_question_is_written_anew_in_its_place() {
        let mut quiz = quiz("A{=a}\n\nB{=b}", 50);
        let first = quiz.questions[0].id;
        let content = gift::parse("new", "Z{T}").questions.remove(0);
        quiz.rewrite(first, content.clone()).unwrap();
        assert_eq!((titles(&quiz).as_str(), quiz.questions[0].id), ("ZB", first));
        assert_eq!(quiz.rewrite(QuestionId::new(), content), Err(EditRefused::NoSuchQuestion));
    }
}
