//! A question as the fields of a form, and fields as a question. The rules are those of `gift`: what a form
//! accepts can be exported and read again.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use ui::{Answers, FieldProblem, Text as Words};

use super::super::plain_number;
use crate::{
    domain::{
        AcceptedNumber, AcceptedText, Choice, Format, Kind, NumberPattern, Pair, QuestionContent,
        Text, Weight, parse_number,
    },
    gift::{LONGEST_TEXT, LONGEST_TITLE, MOST_ANSWERS},
};

/// Lines of answers that a new question begins with, and that “more” adds.
const NEW_ROWS: usize = 4;
const MORE_ROWS: usize = 4;

/// What a question asks for, as an author chooses it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    Choice,
    TrueFalse,
    ShortAnswer,
    Numerical,
    Matching,
    Essay,
    Description,
}

impl Sort {
    pub(super) const ALL: [Self; 7] = [
        Self::Choice,
        Self::TrueFalse,
        Self::ShortAnswer,
        Self::Numerical,
        Self::Matching,
        Self::Essay,
        Self::Description,
    ];

    /// In addresses and in the keys of messages.
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::TrueFalse => "true-false",
            Self::ShortAnswer => "short-answer",
            Self::Numerical => "numerical",
            Self::Matching => "matching",
            Self::Essay => "essay",
            Self::Description => "description",
        }
    }

    pub(super) fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.slug() == slug)
    }

    pub(super) const fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Description => Self::Description,
            Kind::Essay => Self::Essay,
            Kind::TrueFalse { .. } => Self::TrueFalse,
            Kind::SingleChoice { .. } | Kind::MultipleChoice { .. } => Self::Choice,
            Kind::ShortAnswer { .. } => Self::ShortAnswer,
            Kind::Numerical { .. } => Self::Numerical,
            Kind::Matching { .. } => Self::Matching,
        }
    }

    /// Whether it has lines of answers.
    pub(super) const fn has_rows(self) -> bool {
        matches!(self, Self::Choice | Self::ShortAnswer | Self::Numerical | Self::Matching)
    }
}

/// What stands in the form.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) sort: Sort,
    pub(super) rows: usize,
    values: BTreeMap<String, String>,
    /// Each text's own, of a question that is there: the form has one for all.
    formats: BTreeMap<String, Format>,
}

impl Fields {
    /// An empty form.
    pub(super) fn new(sort: Sort) -> Self {
        let (values, formats) = (BTreeMap::new(), BTreeMap::new());
        let mut fields = Self { sort, rows: NEW_ROWS, values, formats };
        fields.set("format", format_name(Format::Markdown));
        fields
    }

    /// As it was sent.
    pub(super) fn sent(sort: Sort, answers: &Answers) -> Self {
        let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        let values = answers.0.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let mut fields = Self { sort, rows: NEW_ROWS, values, formats: BTreeMap::new() };
        fields.rows = fields.get("rows").parse().unwrap_or(NEW_ROWS).clamp(1, MOST_ANSWERS);
        fields
    }

    /// A question that is there, its numbers as the reader writes them.
    pub(super) fn of(t: Words, content: &QuestionContent) -> Self {
        let mut fields = Self::new(Sort::of(&content.kind));
        fields.set("title", content.title.as_deref().unwrap_or_default());
        fields.set_text("text", Some(&content.text));
        fields.set("format", format_name(content.text.format));
        fields.set_text("general", content.general_feedback.as_ref());
        match &content.kind {
            Kind::Description | Kind::Essay => {}
            Kind::TrueFalse { answer, wrong_feedback, right_feedback } => {
                fields.set("answer", if *answer { "true" } else { "false" });
                fields.set_text("right", right_feedback.as_ref());
                fields.set_text("wrong", wrong_feedback.as_ref());
            }
            Kind::SingleChoice { choices } => fields.fill_choices(t, choices, false),
            Kind::MultipleChoice { choices } => fields.fill_choices(t, choices, true),
            Kind::ShortAnswer { accepted } => {
                fields.fill(accepted, |fields, row, accepted| {
                    fields.set_row("accepted", row, &accepted.pattern);
                    fields.set_worth(t, row, accepted.weight, &accepted.feedback);
                });
            }
            Kind::Numerical { accepted } => {
                fields.fill(accepted, |fields, row, accepted| {
                    let (number, tolerance) = pattern_text(t, &accepted.pattern);
                    fields.set_row("number", row, &number);
                    fields.set_row("tolerance", row, &tolerance);
                    fields.set_worth(t, row, accepted.weight, &accepted.feedback);
                });
            }
            Kind::Matching { pairs, distractors } => fields.fill_pairs(pairs, distractors),
        }
        fields
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    pub(super) fn row(&self, name: &str, row: usize) -> &str {
        self.get(&row_field(name, row))
    }

    pub(super) fn is_several(&self) -> bool {
        self.get("several") == "on"
    }

    /// More lines to write answers in.
    pub(super) fn add_rows(&mut self) {
        self.rows = (self.rows + MORE_ROWS).min(MOST_ANSWERS);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    fn set_text(&mut self, name: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.set(name, &text.text);
            self.formats.insert(name.to_owned(), text.format);
        }
    }

    fn set_row(&mut self, name: &str, row: usize, value: &str) {
        self.values.insert(row_field(name, row), value.to_owned());
    }

    fn set_worth(&mut self, t: Words, row: usize, weight: Weight, feedback: &Option<Text>) {
        self.set_row("weight", row, &plain_number(t, weight.percent()));
        self.set_text(&row_field("feedback", row), feedback.as_ref());
    }

    fn fill<T>(&mut self, all: &[T], mut set: impl FnMut(&mut Self, usize, &T)) {
        for (index, one) in all.iter().enumerate() {
            set(self, index + 1, one);
        }
        self.rows = (all.len() + 1).clamp(NEW_ROWS, MOST_ANSWERS);
    }

    fn fill_choices(&mut self, t: Words, choices: &[Choice], is_several: bool) {
        if is_several {
            self.set("several", "on");
        }
        self.fill(choices, |fields, row, choice| {
            fields.set_text(&row_field("choice", row), Some(&choice.text));
            fields.set_worth(t, row, choice.weight, &choice.feedback);
        });
    }

    fn fill_pairs(&mut self, pairs: &[Pair], distractors: &[String]) {
        let items = pairs.iter().map(|pair| (Some(&pair.item), pair.answer.as_str()));
        let all: Vec<(Option<&Text>, &str)> =
            items.chain(distractors.iter().map(|answer| (None, answer.as_str()))).collect();
        self.fill(&all, |fields, row, (item, answer)| {
            fields.set_text(&row_field("item", row), *item);
            fields.set_row("match", row, answer);
        });
    }

    /// The question that they make; or what is wrong with which field. What the form does not show of the
    /// question that was there stays.
    pub(super) fn content(
        &self,
        t: Words,
        before: Option<&QuestionContent>,
    ) -> Result<QuestionContent, Vec<FieldProblem>> {
        let known = before.map(|before| Self::of(t, before));
        let mut reading = Reading { fields: self, known, t, problems: Vec::new() };
        let content = QuestionContent {
            title: reading.title(),
            text: reading.text("text", true),
            kind: reading.kind(),
            general_feedback: reading.feedback("general"),
            category: before.and_then(|before| before.category.clone()),
            author_id: before.and_then(|before| before.author_id.clone()),
            tags: before.map(|before| before.tags.clone()).unwrap_or_default(),
        };
        if reading.problems.is_empty() { Ok(content) } else { Err(reading.problems) }
    }
}

pub(super) fn row_field(name: &str, row: usize) -> String {
    format!("{name}-{row}")
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Moodle => "moodle",
        Format::Html => "html",
        Format::Plain => "plain",
        Format::Markdown => "markdown",
    }
}

fn format_of(name: &str) -> Format {
    match name {
        "moodle" => Format::Moodle,
        "html" => Format::Html,
        "plain" => Format::Plain,
        _ => Format::Markdown,
    }
}

/// As the reader writes it, and its tolerance.
fn pattern_text(t: Words, pattern: &NumberPattern) -> (String, String) {
    let number = |number: &Decimal| plain_number(t, *number);
    match pattern {
        NumberPattern::Any => ("*".to_owned(), String::new()),
        NumberPattern::Between { low, high } => {
            (format!("{}..{}", number(low), number(high)), String::new())
        }
        NumberPattern::Near { value, tolerance } if tolerance.is_zero() => {
            (number(value), String::new())
        }
        NumberPattern::Near { value, tolerance } => (number(value), number(tolerance)),
    }
}

/// Reads fields, and remembers what is wrong with them.
struct Reading<'a> {
    fields: &'a Fields,
    /// What stood in them before, of a question that is there.
    known: Option<Fields>,
    t: Words,
    problems: Vec<FieldProblem>,
}

impl Reading<'_> {
    fn wrong(&mut self, field: impl Into<String>, key: &str) {
        self.problems.push(FieldProblem { field: field.into(), detail: self.t.get(key) });
    }

    fn title(&mut self) -> Option<String> {
        let title = self.fields.get("title").to_owned();
        if title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
            self.wrong("title", "wrong-title");
        }
        (!title.is_empty()).then_some(title)
    }

    /// The one that is chosen for all; but what nobody changed keeps its own until another is chosen.
    fn format(&self, field: &str) -> Format {
        let is_kept = |known: &&Fields| {
            ["format", field].iter().all(|name| known.get(name) == self.fields.get(name))
        };
        let known = self.known.as_ref().filter(is_kept);
        let own = known.and_then(|known| known.formats.get(field).copied());
        own.unwrap_or_else(|| format_of(self.fields.get("format")))
    }

    fn text(&mut self, field: &str, is_required: bool) -> Text {
        let text = self.fields.get(field).to_owned();
        if is_required && text.is_empty() {
            self.wrong(field, "wrong-empty");
        }
        if text.chars().count() > LONGEST_TEXT {
            self.wrong(field, "wrong-too-long");
        }
        Text::new(self.format(field), text)
    }

    fn feedback(&mut self, field: &str) -> Option<Text> {
        let text = self.text(field, false);
        (!text.text.is_empty()).then_some(text)
    }

    fn kind(&mut self) -> Kind {
        match self.fields.sort {
            Sort::Description => Kind::Description,
            Sort::Essay => Kind::Essay,
            Sort::TrueFalse => self.true_false(),
            Sort::Choice => self.choices(),
            Sort::ShortAnswer => self.short_answer(),
            Sort::Numerical => self.numerical(),
            Sort::Matching => self.matching(),
        }
    }

    fn true_false(&mut self) -> Kind {
        let answer = self.fields.get("answer");
        if answer != "true" && answer != "false" {
            self.wrong("answer", "wrong-true-false");
        }
        Kind::TrueFalse {
            answer: answer == "true",
            wrong_feedback: self.feedback("wrong"),
            right_feedback: self.feedback("right"),
        }
    }

    /// The lines in which this field is filled in. What stands beside it where it is not would be lost unseen.
    fn rows(&mut self, name: &str) -> Vec<usize> {
        let fields = self.fields;
        let is_filled = |name: &str, row: usize| !fields.row(name, row).is_empty();
        let (rows, empty): (Vec<usize>, Vec<usize>) =
            (1..=fields.rows).partition(|row| is_filled(name, *row));
        for row in empty {
            if is_filled("feedback", row) || is_filled("tolerance", row) {
                self.wrong(row_field(name, row), "wrong-line");
            }
        }
        rows
    }

    fn weight(&mut self, row: usize, default: Weight) -> Weight {
        let field = row_field("weight", row);
        let text = self.fields.get(&field).trim_end_matches(['%', ' ', '\u{a0}', '\u{202f}']);
        if text.is_empty() {
            return default;
        }
        let weight = parse_number(text).and_then(|percent| Weight::new(percent).ok());
        weight.unwrap_or_else(|| {
            self.wrong(field, "wrong-weight");
            default
        })
    }

    fn choices(&mut self) -> Kind {
        let rows = self.rows("choice");
        let mut choices = Vec::with_capacity(rows.len());
        for row in &rows {
            choices.push(Choice {
                text: self.text(&row_field("choice", *row), true),
                weight: self.weight(*row, Weight::NONE),
                feedback: self.feedback(&row_field("feedback", *row)),
            });
        }
        if choices.len() < 2 {
            self.wrong(row_field("choice", rows.len() + 1), "wrong-one-choice");
        }
        if self.fields.is_several() {
            self.adds_up(choices.iter().map(|choice| choice.weight));
            return Kind::MultipleChoice { choices };
        }
        self.one_is_full(choices.iter().map(|choice| choice.weight), "wrong-no-full-choice");
        Kind::SingleChoice { choices }
    }

    /// A third is written 33.33333 %: a hundredth may be missing.
    fn adds_up(&mut self, weights: impl Iterator<Item = Weight>) {
        let right = weights.filter(|weight| weight.is_positive());
        let total: Decimal = right.map(Weight::percent).sum();
        if total < Decimal::ONE_HUNDRED - Decimal::new(5, 1) {
            self.wrong(row_field("weight", 1), "wrong-weights-too-low");
        }
    }

    fn one_is_full(&mut self, mut weights: impl Iterator<Item = Weight>, key: &str) {
        if !weights.any(|weight| weight == Weight::FULL) {
            self.wrong(row_field("weight", 1), key);
        }
    }

    fn short_answer(&mut self) -> Kind {
        let mut accepted = Vec::new();
        for row in self.rows("accepted") {
            let pattern = self.text(&row_field("accepted", row), true).text;
            accepted.push(AcceptedText {
                pattern,
                weight: self.weight(row, Weight::FULL),
                feedback: self.feedback(&row_field("feedback", row)),
            });
        }
        self.some_answer(accepted.is_empty(), "accepted");
        if !accepted.is_empty() {
            self.one_is_full(accepted.iter().map(|one| one.weight), "wrong-no-full-answer");
        }
        Kind::ShortAnswer { accepted }
    }

    fn some_answer(&mut self, is_empty: bool, name: &str) {
        if is_empty {
            self.wrong(row_field(name, 1), "wrong-no-answer");
        }
    }

    fn numerical(&mut self) -> Kind {
        let mut accepted = Vec::new();
        for row in self.rows("number") {
            let pattern = self.pattern(row);
            // What is said to any other number is worth nothing, unless its author says so.
            let default = if pattern == NumberPattern::Any { Weight::NONE } else { Weight::FULL };
            accepted.push(AcceptedNumber {
                pattern,
                weight: self.weight(row, default),
                feedback: self.feedback(&row_field("feedback", row)),
            });
        }
        self.some_answer(accepted.is_empty(), "number");
        if !accepted.is_empty() {
            self.one_is_full(accepted.iter().map(|one| one.weight), "wrong-no-full-answer");
        }
        Kind::Numerical { accepted }
    }

    fn pattern(&mut self, row: usize) -> NumberPattern {
        let text = self.fields.row("number", row);
        if text == "*" {
            return NumberPattern::Any;
        }
        if let Some((low, high)) = text.split_once("..") {
            let (low, high) = (self.number("number", low, row), self.number("number", high, row));
            if low > high {
                self.wrong(row_field("number", row), "wrong-range");
            }
            return NumberPattern::Between { low, high };
        }
        let value = self.number("number", text, row);
        let tolerance = match self.fields.row("tolerance", row) {
            "" => Decimal::ZERO,
            tolerance => self.number("tolerance", tolerance, row),
        };
        if tolerance < Decimal::ZERO {
            self.wrong(row_field("tolerance", row), "wrong-tolerance");
        }
        NumberPattern::Near { value, tolerance }
    }

    fn number(&mut self, name: &str, text: &str, row: usize) -> Decimal {
        parse_number(text).unwrap_or_else(|| {
            self.wrong(row_field(name, row), "wrong-number");
            Decimal::ZERO
        })
    }

    fn matching(&mut self) -> Kind {
        let (mut pairs, mut distractors) = (Vec::new(), Vec::new());
        for row in 1..=self.fields.rows {
            let (item, answer) = (row_field("item", row), row_field("match", row));
            let is_item = !self.fields.get(&item).is_empty();
            match self.fields.get(&answer).to_owned() {
                text if text.is_empty() && is_item => self.wrong(answer, "wrong-no-match"),
                text if text.is_empty() => {}
                text if is_item => pairs.push(Pair { item: self.text(&item, true), answer: text }),
                text => distractors.push(text),
            }
        }
        if self.problems.is_empty() && (pairs.is_empty() || pairs.len() + distractors.len() < 2) {
            self.wrong(row_field("item", 1), "wrong-one-pair");
        }
        Kind::Matching { pairs, distractors }
    }
}

#[cfg(test)]
mod tests;
