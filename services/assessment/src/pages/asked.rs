//! A question as the attempt's page shows it: the field to answer it, and later what came of it.

use std::collections::BTreeMap;

use event::QuestionId;
use ui::{Html, Text};

use super::{
    filled::{BLANK, field, item_field, seen_field},
    marks,
    rich::{excerpt, plain, rich, rich_line},
};
use crate::{
    commands::Sitting,
    domain::{
        Answer, AttemptMark, AttemptRefused, ChoiceView, Format, Graded, KindView, MatchPair,
        Question, QuestionView, Quiz, Seen, Stage, Verdict,
    },
};

/// Characters of an answer that is told in a line.
const SHORT: usize = 300;

/// Questions, with what was answered so far.
pub(super) struct Paper<'a> {
    pub(super) quiz: &'a Quiz,
    pub(super) answers: &'a BTreeMap<QuestionId, Answer>,
    /// What is saved, where answers are kept.
    pub(super) saved: Option<&'a BTreeMap<QuestionId, Answer>>,
    /// The order of what may stand in any order.
    pub(super) seed: u64,
    pub(super) is_open: bool,
}

impl<'a> Paper<'a> {
    /// With the answers that are shown: those that are saved, unless others were typed.
    pub(super) fn of(sitting: &'a Sitting, answers: &'a BTreeMap<QuestionId, Answer>) -> Self {
        let record = &sitting.record;
        Self {
            quiz: &sitting.quiz,
            answers,
            saved: Some(&record.answers),
            seed: record.seed(),
            is_open: record.stage == Stage::InProgress,
        }
    }
}

pub(super) struct Asked {
    pub(super) question: QuestionId,
    /// The name of its field, and the id that an error leads to.
    pub(super) field: String,
    /// Of what is asked; a description has none.
    pub(super) number: Option<String>,
    pub(super) text: Html,
    pub(super) control: Control,
    /// A field that says what is saved: its name and value.
    pub(super) seen: Option<(String, String)>,
    pub(super) error: Option<String>,
    pub(super) outcome: Option<Outcome>,
    /// Where its mark can be corrected, for those who may.
    pub(super) correct: Option<String>,
}

pub(super) enum Control {
    None,
    /// One of several, or some of several.
    Pick {
        kind: &'static str,
        /// Whether the options are the author's words, and not the page's.
        is_authored: bool,
        options: Vec<Choice>,
    },
    Line {
        value: String,
        longest: usize,
        is_number: bool,
    },
    Area {
        value: String,
        longest: usize,
    },
    Pairs(Vec<Item>),
}

pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: Html,
    pub(super) is_picked: bool,
}

pub(super) struct Item {
    pub(super) field: String,
    pub(super) label: Html,
    /// Values, what they say, and whether they are chosen.
    pub(super) options: Vec<(String, String, bool)>,
}

pub(super) struct Outcome {
    pub(super) verdict: String,
    /// The verdict's class in the style sheet.
    pub(super) tone: &'static str,
    pub(super) marks: Option<String>,
    pub(super) feedback: Vec<Html>,
}

impl Asked {
    /// What one writes into is labelled by the question.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.control, Control::Line { .. } | Control::Area { .. })
    }

    /// Where an error is and what it says.
    pub(super) fn error_link(&self) -> Option<(String, String)> {
        let error = self.error.clone()?;
        let number = self.number.clone().unwrap_or_default();
        Some((self.field.clone(), format!("{number} · {error}")))
    }
}

pub(super) fn questions(
    t: Text,
    paper: &Paper<'_>,
    mark: Option<&AttemptMark>,
    errors: &BTreeMap<QuestionId, String>,
) -> Vec<Asked> {
    let Paper { quiz, answers, saved, seed, is_open } = paper;
    let saved = saved.filter(|_| *is_open);
    let seen =
        |question| saved.map(|saved| (seen_field(question), Seen::mark(saved.get(&question))));
    let mut number = 0_usize;
    let mut asked = Vec::with_capacity(quiz.questions.len());
    for question in &quiz.questions {
        let is_asked = !question.out_of().is_zero();
        number += usize::from(is_asked);
        asked.push(Asked {
            question: question.id,
            field: field(question.id),
            number: is_asked.then(|| t.with("question-number", [("number", number.into())])),
            text: rich(&question.content.text),
            control: control(t, question, *seed, answers.get(&question.id)),
            seen: seen(question.id).filter(|_| is_asked),
            error: errors.get(&question.id).filter(|_| *is_open).cloned(),
            outcome: mark.and_then(|mark| Some(outcome(t, mark.per_question.get(&question.id)?))),
            correct: None,
        });
    }
    asked
}

/// Why an answer does not fit.
pub(super) fn in_words(t: Text, reason: &AttemptRefused) -> String {
    match t.language() {
        event::Language::En => reason.to_string(),
        event::Language::Fr => reason.in_french(),
    }
}

fn control(t: Text, question: &Question, seed: u64, answer: Option<&Answer>) -> Control {
    let QuestionView { kind, .. } = question.view(seed);
    match kind {
        KindView::Description => Control::None,
        KindView::Essay { longest } => Control::Area { value: text_of(answer), longest },
        KindView::ShortAnswer => Control::Line {
            value: text_of(answer),
            longest: crate::domain::LONGEST_SHORT_ANSWER,
            is_number: false,
        },
        KindView::Numerical => Control::Line {
            value: text_of(answer),
            longest: crate::domain::LONGEST_NUMBER,
            is_number: true,
        },
        KindView::TrueFalse => true_false(t, answer),
        KindView::SingleChoice { choices } => pick("radio", &choices, answer),
        KindView::MultipleChoice { choices } => pick("checkbox", &choices, answer),
        KindView::Matching { items, answers } => {
            let labels = items.iter().map(rich_line).collect();
            Control::Pairs(pairs(t, question.id, labels, &answers, answer))
        }
    }
}

fn text_of(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Text { text }) => text.clone(),
        Some(Answer::Number { number }) => number.clone(),
        _ => String::new(),
    }
}

/// An answer in a line.
pub(super) fn in_short(t: Text, question: &Question, answer: &Answer) -> String {
    let kind = question.view(0).kind;
    let short = |text: &crate::domain::Text| excerpt(text, SHORT);
    let words: Vec<String> = match (answer, &kind) {
        (Answer::TrueFalse { value }, _) => vec![t.get(truth_key(*value))],
        (
            Answer::Choice { picked },
            KindView::SingleChoice { choices } | KindView::MultipleChoice { choices },
        ) => {
            let chosen = choices.iter().filter(|choice| picked.contains(&choice.place));
            chosen.map(|choice| short(&choice.text)).collect()
        }
        (Answer::Match { pairs }, KindView::Matching { items, .. }) => {
            let pair = |pair: &MatchPair| {
                Some(format!("{} → {}", short(items.get(pair.item)?), pair.answer))
            };
            pairs.iter().filter_map(pair).collect()
        }
        _ => vec![text_of(Some(answer))],
    };
    let plain = crate::domain::Text::new(Format::Plain, words.join(", "));
    short(&plain)
}

const fn truth_key(is_true: bool) -> &'static str {
    if is_true { "answer-true" } else { "answer-false" }
}

fn true_false(t: Text, answer: Option<&Answer>) -> Control {
    let option = |is_true: bool| Choice {
        value: is_true.to_string(),
        label: plain(&t.get(truth_key(is_true))),
        is_picked: answer == Some(&Answer::TrueFalse { value: is_true }),
    };
    let options = vec![option(true), option(false)];
    Control::Pick { kind: "radio", is_authored: false, options }
}

fn pick(kind: &'static str, choices: &[ChoiceView], answer: Option<&Answer>) -> Control {
    let is_picked = |place: usize| match answer {
        Some(Answer::Choice { picked }) => picked.contains(&place),
        _ => false,
    };
    let option = |choice: &ChoiceView| Choice {
        value: choice.place.to_string(),
        label: rich_line(&choice.text),
        is_picked: is_picked(choice.place),
    };
    Control::Pick { kind, is_authored: true, options: choices.iter().map(option).collect() }
}

fn pairs(
    t: Text,
    question: QuestionId,
    labels: Vec<Html>,
    answers: &[String],
    answer: Option<&Answer>,
) -> Vec<Item> {
    let chosen: &[MatchPair] = match answer {
        Some(Answer::Match { pairs }) => pairs,
        _ => &[],
    };
    let options = |place: usize| {
        let known = chosen.iter().find(|pair| pair.item == place).map(|pair| &pair.answer);
        let offered = answers
            .iter()
            .enumerate()
            .map(|(index, answer)| (index.to_string(), answer.clone(), known == Some(answer)));
        let none = (BLANK.to_owned(), t.get("answer-none"), known.is_none());
        std::iter::once(none).chain(offered).collect()
    };
    let item = |(place, label): (usize, Html)| Item {
        field: item_field(question, place),
        label,
        options: options(place),
    };
    labels.into_iter().enumerate().map(item).collect()
}

fn outcome(t: Text, graded: &Graded) -> Outcome {
    let (key, tone) = match graded.verdict {
        Verdict::Right => ("verdict-right", "right"),
        Verdict::Partly => ("verdict-partly", "partly"),
        Verdict::Wrong => ("verdict-wrong", "none"),
        Verdict::Unanswered => ("verdict-unanswered", "none"),
        Verdict::AwaitsMarking => ("verdict-awaits-marking", "awaited"),
    };
    let is_marked = graded.verdict != Verdict::AwaitsMarking;
    Outcome {
        verdict: t.get(key),
        tone,
        marks: is_marked.then(|| marks(t, graded.mark, graded.out_of)),
        feedback: graded.feedback.iter().map(rich).collect(),
    }
}
