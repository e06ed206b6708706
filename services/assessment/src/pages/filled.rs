//! The attempt's form as it comes back: fields to answers. What nobody could have filled in is left
//! out; what does not fit its question is refused later, with the reason.

use std::collections::{BTreeSet, HashMap};

use event::QuestionId;
use ui::Answers;

use crate::{
    commands::{Form, Sitting},
    domain::{Answer, Change, KindView, MatchPair, Question, Quiz, Seen, Sender},
};

/// The value of an item that is matched with nothing.
pub(super) const BLANK: &str = "";

pub(super) fn field(question: QuestionId) -> String {
    format!("question-{question}")
}

pub(super) fn item_field(question: QuestionId, item: usize) -> String {
    format!("question-{question}-{item}")
}

/// The field in which a page says what it knew of an answer.
pub(super) fn seen_field(question: QuestionId) -> String {
    format!("seen-question-{question}")
}

/// The answers of which a script says what its page knew: those that changed there. A page of an earlier release
/// says nothing, and sends all.
pub(super) fn changes(sitting: &Sitting, fields: &Answers) -> Form {
    let values: HashMap<&str, &str> =
        fields.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let seen = |question| values.get(seen_field(question).as_str()).map(|text| Seen::read(text));
    let change = |(question, answer)| Change { question, answer, seen: seen(question) };
    let all = answers(&sitting.quiz, sitting.record.seed(), &fields.0).into_iter().map(change);
    let mut changes: Vec<Change> = all.collect();
    if values.keys().any(|name| name.starts_with("seen-")) {
        changes.retain(|change| change.seen.is_some());
    }
    Form { changes, sender: Sender::read(fields.get("page"), fields.get("counter")) }
}

/// What was touched of a form that a browser sends whole, without script.
pub(super) fn touched(sitting: &Sitting, fields: &Answers) -> Form {
    let mut form = changes(sitting, fields);
    if form.changes.iter().any(|change| change.seen.is_some()) {
        // Each answer says more than the counter, which came back as it was served.
        form.sender = Sender::default();
        form.changes.retain(|change| !change.is_untouched());
    }
    form
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

/// An answer as the fields that give it: what [`answers`] reads.
pub(super) fn fields(question: &Question, seed: u64, answer: &Answer) -> Vec<(String, String)> {
    let name = field(question.id);
    match answer {
        Answer::TrueFalse { value } => vec![(name, value.to_string())],
        Answer::Choice { picked } => {
            picked.iter().map(|place| (name.clone(), place.to_string())).collect()
        }
        Answer::Text { text } | Answer::Number { number: text } => vec![(name, text.clone())],
        Answer::Match { pairs } => {
            let KindView::Matching { answers, .. } = question.view(seed).kind else {
                return Vec::new();
            };
            let chosen = |pair: &MatchPair| {
                let index = answers.iter().position(|answer| *answer == pair.answer)?;
                Some((item_field(question.id, pair.item), index.to_string()))
            };
            pairs.iter().filter_map(chosen).collect()
        }
    }
}
