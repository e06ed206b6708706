//! Questions as GIFT. Reading it back gives the same questions; Moodle reads it too, all but an
//! arrow inside an answer, which GIFT has no way to write.

use std::fmt::Write;

use crate::domain::{
    AcceptedNumber, AcceptedText, Choice, Format, Kind, NumberPattern, Pair, QuestionContent, Text,
    Weight,
};

/// Writes the questions as one file.
#[must_use]
pub fn to_gift(questions: &[QuestionContent]) -> String {
    let mut file = String::new();
    let mut category = &None;
    for question in questions {
        if question.category != *category {
            category = &question.category;
            let path = category.as_deref().unwrap_or_default();
            file += format!("$CATEGORY: {}", escaped(path)).trim_end();
            file += "\n\n";
        }
        file += &labels(question);
        file += &written(question);
        file += "\n\n";
    }
    file
}

fn labels(question: &QuestionContent) -> String {
    let label = |text: &str| text.replace('\\', "\\\\").replace(']', "\\]");
    let mut line = String::new();
    if let Some(id) = &question.author_id {
        line += &format!(" [id:{}]", label(id));
    }
    for tag in &question.tags {
        line += &format!(" [tag:{}]", label(tag));
    }
    if line.is_empty() { line } else { format!("//{line}\n") }
}

fn written(question: &QuestionContent) -> String {
    let title =
        question.title.as_ref().map_or_else(String::new, |title| format!("::{}::", escaped(title)));
    let stem = text(&question.text, Format::Moodle);
    // A first line that begins with // would be a comment.
    let stem =
        if title.is_empty() && stem.starts_with("//") { format!("[moodle]{stem}") } else { stem };
    if question.kind == Kind::Description {
        return title + &stem;
    }
    let format = question.text.format;
    let general = question.general_feedback.as_ref();
    let general =
        general.map_or_else(String::new, |general| format!("####{}", in_answers(general, format)));
    format!("{title}{stem}{{{}{general}}}", answers(&question.kind, format))
}

fn answers(kind: &Kind, format: Format) -> String {
    match kind {
        Kind::Description | Kind::Essay => String::new(),
        Kind::TrueFalse { answer, wrong_feedback, right_feedback } => {
            let answer = if *answer { "TRUE" } else { "FALSE" };
            let wrong = feedback(wrong_feedback, format);
            let right = feedback(right_feedback, format);
            let gap = if wrong.is_empty() && !right.is_empty() { "#" } else { "" };
            format!("{answer}{wrong}{gap}{right}")
        }
        Kind::SingleChoice { choices } => lines(choices, |choice| single(choice, format)),
        Kind::MultipleChoice { choices } => lines(choices, |choice| multiple(choice, format)),
        Kind::ShortAnswer { accepted } => lines(accepted, |accepted| short(accepted, format)),
        Kind::Numerical { accepted } => {
            format!("#{}", lines(accepted, |accepted| number(accepted, format)))
        }
        Kind::Matching { pairs, distractors } => {
            let pairs = lines(pairs, |pair| matched(pair, format));
            let distractors =
                distractors.iter().map(|answer| format!("\t= -> {}\n", arrowless(answer)));
            pairs + &distractors.collect::<String>()
        }
    }
}

fn lines<T>(answers: &[T], line: impl Fn(&T) -> String) -> String {
    answers.iter().fold("\n".to_owned(), |mut all, answer| {
        let _ = writeln!(all, "\t{}", line(answer));
        all
    })
}

fn single(choice: &Choice, format: Format) -> String {
    let mark = if choice.weight == Weight::FULL { '=' } else { '~' };
    weighted_choice(mark, choice, format)
}

fn multiple(choice: &Choice, format: Format) -> String {
    weighted_choice('~', choice, format)
}

fn weighted_choice(mark: char, choice: &Choice, format: Format) -> String {
    let default = if mark == '=' { Weight::FULL } else { Weight::NONE };
    let text = in_answers(&choice.text, format);
    let weight = weight(choice.weight, default, &text);
    format!("{mark}{weight}{text}{}", feedback(&choice.feedback, format))
}

/// Left out where it goes without saying, unless the text would be taken for one.
fn weight(weight: Weight, default: Weight, text: &str) -> String {
    if weight == default && !text.starts_with('%') {
        return String::new();
    }
    format!("%{}%", weight.percent())
}

fn short(accepted: &AcceptedText, format: Format) -> String {
    let pattern = in_answers(&Text::new(format, accepted.pattern.as_str()), format);
    let weight = weight(accepted.weight, Weight::FULL, &pattern);
    format!("={weight}{pattern}{}", feedback(&accepted.feedback, format))
}

fn number(accepted: &AcceptedNumber, format: Format) -> String {
    let pattern = match &accepted.pattern {
        NumberPattern::Near { value, tolerance } if tolerance.is_zero() => value.to_string(),
        NumberPattern::Near { value, tolerance } => format!("{value}:{tolerance}"),
        NumberPattern::Between { low, high } => format!("{low}..{high}"),
        NumberPattern::Any => "*".to_owned(),
    };
    let weight = weight(accepted.weight, Weight::FULL, &pattern);
    format!("={weight}{pattern}{}", feedback(&accepted.feedback, format))
}

fn matched(pair: &Pair, format: Format) -> String {
    format!("={} -> {}", in_answers(&pair.item, format), arrowless(&pair.answer))
}

fn feedback(feedback: &Option<Text>, inherited: Format) -> String {
    let written = |feedback: &Text| format!("#{}", in_answers(feedback, inherited));
    feedback.as_ref().map_or_else(String::new, written)
}

fn in_answers(text: &Text, inherited: Format) -> String {
    tagged(text, inherited, arrowless(&text.text))
}

fn text(text: &Text, inherited: Format) -> String {
    tagged(text, inherited, escaped(&text.text))
}

/// The format is named where it is not the inherited one, or where the text would seem to name one.
fn tagged(text: &Text, inherited: Format, escaped: String) -> String {
    if text.format == inherited && !escaped.starts_with('[') {
        return escaped;
    }
    let name = match text.format {
        Format::Moodle => "moodle",
        Format::Html => "html",
        Format::Plain => "plain",
        Format::Markdown => "markdown",
    };
    format!("[{name}]{escaped}")
}

fn arrowless(text: &str) -> String {
    escaped(text).replace("->", "-\\>")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            ':' | '#' | '=' | '{' | '}' | '~' | '\\' => escaped.extend(['\\', character]),
            other => escaped.push(other),
        }
    }
    escaped
}
