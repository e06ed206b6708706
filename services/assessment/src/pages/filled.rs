//! The attempt's form as it comes back: fields to answers. What nobody could have filled in is left
//! out; what does not fit its question is refused later, with the reason.

use std::collections::{BTreeSet, HashMap};

use event::QuestionId;

use crate::domain::{Answer, KindView, MatchPair, Question, Quiz};

/// The value of an item that is matched with nothing.
pub(super) const BLANK: &str = "";

pub(super) fn field(question: QuestionId) -> String {
    format!("question-{question}")
}

pub(super) fn item_field(question: QuestionId, item: usize) -> String {
    format!("question-{question}-{item}")
}

/// The answers that a form holds. A blank one takes back what was there.
pub(super) fn answers(
    quiz: &Quiz,
    seed: u64,
    fields: &[(String, String)],
) -> Vec<(QuestionId, Answer)> {
    let mut values: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, value) in fields {
        values.entry(name).or_default().push(value);
    }
    let filled = |question: &Question| Some((question.id, answer(question, seed, &values)?));
    quiz.questions.iter().filter_map(filled).collect()
}

/// None where nothing is asked, or a choice was never made.
fn answer(question: &Question, seed: u64, values: &HashMap<&str, Vec<&str>>) -> Option<Answer> {
    let name = field(question.id);
    let of_field = values.get(name.as_str());
    let first = of_field.and_then(|values| values.first());
    let text = || first.map(|text| with_plain_line_ends(text));
    match question.view(seed).kind {
        KindView::Description => None,
        KindView::Essay { .. } | KindView::ShortAnswer => Some(Answer::Text { text: text()? }),
        KindView::Numerical => Some(Answer::Number { number: text()? }),
        KindView::TrueFalse => Some(Answer::TrueFalse { value: first?.parse().ok()? }),
        KindView::SingleChoice { .. } => Some(Answer::Choice { picked: places(of_field?) }),
        // No box ticked is no field at all, and takes the answer back.
        KindView::MultipleChoice { .. } => Some(Answer::Choice {
            picked: of_field.map(|values| places(values)).unwrap_or_default(),
        }),
        KindView::Matching { items, answers } => {
            let chosen = |item: usize| {
                let values = values.get(item_field(question.id, item).as_str())?;
                let index: usize = values.first()?.parse().ok()?;
                Some(MatchPair { item, answer: answers.get(index)?.clone() })
            };
            Some(Answer::Match { pairs: (0..items.len()).filter_map(chosen).collect() })
        }
    }
}

fn places(values: &[&str]) -> BTreeSet<usize> {
    values.iter().filter_map(|value| value.parse().ok()).collect()
}

/// Browsers send the line ends of the nineteen-eighties.
fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n")
}
