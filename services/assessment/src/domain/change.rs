//! Answers that come from several windows and devices: which of them may take the place of what is saved.
//!
//! Each answer is judged by itself. A page says what it knew of an answer before it changed there: a mark of the
//! one that it was served, and the pages whose answers it goes on with, its own among them. An answer is taken if
//! what is saved is what the page knew; else somebody would lose what they wrote elsewhere.

use std::collections::BTreeMap;

use event::QuestionId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Answer, Attempt, AttemptRefused, AttemptState, Quiz};

/// Pages that are remembered with an answer, and that one page may name.
const MOST_PAGES: usize = 32;
/// Of a page's name, in bytes.
const LONGEST_NAME: usize = 32;
/// The mark of a question that has no answer.
const UNANSWERED: &str = "none";

/// One answer as it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub question: QuestionId,
    /// A blank one takes back what was there.
    pub answer: Answer,
    /// None where a program saves, or a page of an earlier release.
    pub seen: Option<Seen>,
}

/// What a page knew of an answer: the mark of what it was served, then names of pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen(Vec<String>);

/// Who sends answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sender {
    /// The name that a script gives to its page; none without a script.
    pub page: Option<String>,
    /// Rises with whatever a page sends.
    pub counter: Option<u64>,
}

/// The pages that know an answer as it is saved, since they sent it, each with the counter under which it did so
/// last.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Writers(BTreeMap<String, u64>);

/// What became of several answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Merged {
    /// Those that do not fit their questions.
    pub refused: Vec<(QuestionId, AttemptRefused)>,
    /// Those in whose place another was saved, of which their page does not know.
    pub overtaken: Vec<QuestionId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Judgement {
    /// It says what is saved already.
    Same,
    Newer,
    Overtaken,
}

impl Attempt {
    /// Takes of several answers those that fit, and that put nothing in the place of what their page does not
    /// know. `saved` is the counter of what was saved last: it tells what is late where a page says nothing else.
    ///
    /// # Errors
    /// After submitting.
    pub fn merge(
        &mut self,
        quiz: &Quiz,
        writers: &mut BTreeMap<QuestionId, Writers>,
        sender: &Sender,
        saved: u64,
        changes: Vec<Change>,
    ) -> Result<Merged, AttemptRefused> {
        if self.state != AttemptState::InProgress {
            return Err(AttemptRefused::AlreadySubmitted);
        }
        let is_late = sender.counter.is_some_and(|counter| counter < saved);
        let mut merged = Merged::default();
        for change in changes {
            let question = change.question;
            if let Err(reason) = self.accepts(quiz, question, &change.answer) {
                merged.refused.push((question, reason));
                continue;
            }
            let known = writers.entry(question).or_default();
            match change.judge(self.answers.get(&question), known, sender, is_late) {
                Judgement::Overtaken => merged.overtaken.push(question),
                Judgement::Same => known.add(sender),
                Judgement::Newer => {
                    *known = Writers::default();
                    known.add(sender);
                    self.put_answer(question, change.answer);
                }
            }
        }
        writers.retain(|_, writers| !writers.0.is_empty());
        Ok(merged)
    }
}

impl Change {
    fn judge(
        &self,
        saved: Option<&Answer>,
        writers: &Writers,
        sender: &Sender,
        is_late: bool,
    ) -> Judgement {
        if canonical(Some(&self.answer)) == canonical(saved) {
            return Judgement::Same;
        }
        let is_known = match &self.seen {
            None => !is_late,
            Some(seen) => !writers.heard_later(sender) && seen.covers(saved, writers),
        };
        if is_known { Judgement::Newer } else { Judgement::Overtaken }
    }

    /// Whether it is what the page was served: nobody has changed it there.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        let served = self.seen.as_ref().and_then(|seen| seen.0.first());
        served.is_some_and(|mark| *mark == Seen::mark(Some(&self.answer)))
    }
}

impl Seen {
    /// As a form says it: words with blanks between them.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(text.split_whitespace().filter_map(name).take(MOST_PAGES).collect())
    }

    /// What stands for an answer in a page that is served it.
    #[must_use]
    pub fn mark(answer: Option<&Answer>) -> String {
        let Some(answer) = canonical(answer) else {
            return UNANSWERED.to_owned();
        };
        let digest = Sha256::digest(serde_json::to_vec(&answer).unwrap_or_default());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    fn covers(&self, saved: Option<&Answer>, writers: &Writers) -> bool {
        let mark = Self::mark(saved);
        self.0.iter().any(|known| *known == mark || writers.0.contains_key(known))
    }
}

impl Sender {
    /// As a form says it.
    #[must_use]
    pub fn read(page: &str, counter: &str) -> Self {
        Self { page: name(page), counter: counter.parse().ok() }
    }
}

fn name(text: &str) -> Option<String> {
    (1..=LONGEST_NAME).contains(&text.len()).then(|| text.to_owned())
}

impl Writers {
    /// Whether this page has sent something later already, which overtook this on its way.
    fn heard_later(&self, sender: &Sender) -> bool {
        let known = sender.page.as_ref().and_then(|page| self.0.get(page));
        known.is_some_and(|known| sender.counter.unwrap_or_default() < *known)
    }

    fn add(&mut self, sender: &Sender) {
        let Some(page) = &sender.page else {
            return;
        };
        let counter = self.0.entry(page.clone()).or_default();
        *counter = sender.counter.unwrap_or_default().max(*counter);
        if self.0.len() > MOST_PAGES {
            let oldest = self.0.iter().min_by_key(|(_, counter)| **counter);
            if let Some(oldest) = oldest.map(|(page, _)| page.clone()) {
                self.0.remove(&oldest);
            }
        }
    }
}

/// The answer as all who mean the same write it; a blank one is none. Line ends differ between browsers and
/// programs, and so may the order of pairs.
fn canonical(answer: Option<&Answer>) -> Option<Answer> {
    let with_plain_ends = |text: &str| text.replace("\r\n", "\n");
    Some(match answer.filter(|answer| !answer.is_blank())? {
        Answer::Text { text } => Answer::Text { text: with_plain_ends(text) },
        Answer::Match { pairs } => {
            let mut pairs = pairs.clone();
            pairs.sort_by_key(|pair| pair.item);
            Answer::Match { pairs }
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests;
