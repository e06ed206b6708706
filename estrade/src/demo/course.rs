//! The demo's course, as it is shipped in the binary, and what the cohort knows of its quiz.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use assessment::domain::{
    AcceptedText, Answer, Choice, Kind, MatchPair, NumberPattern, Pair, Question,
};
use event::{CourseId, Language, QuestionId, QuizId};
use include_dir::{Dir, include_dir};
use rust_decimal::Decimal;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../demo");

/// The course in one language, with the right answers.
pub(crate) struct DemoCourse {
    pub(crate) language: Language,
    pub(crate) course: CourseId,
    pub(crate) quiz: QuizId,
    pub(crate) title: String,
    /// The answers of someone who knows.
    pub(crate) right: BTreeMap<QuestionId, Answer>,
    /// The answers of someone who has it all wrong.
    pub(crate) wrong: BTreeMap<QuestionId, Answer>,
    /// The lesson that the instructor publishes while the cohort is at work.
    pub(crate) extra: ExtraLesson,
}

pub(crate) struct ExtraLesson {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) minutes: u32,
}

/// Writes the shipped courses into a folder and gives those of the two courses to import.
pub(crate) fn unpack(into: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(into)?;
    SHIPPED.extract(into).context("cannot write the demo's course")?;
    Ok(vec![into.join("en"), into.join("fr")])
}

impl DemoCourse {
    pub(crate) fn load(language: Language) -> anyhow::Result<Self> {
        let folder = language.code();
        let about: toml::Table = toml::from_str(shipped(&format!("{folder}/course.toml"))?)?;
        let key = text(&about, "key")?;
        let course = contract::catalog::ids::course(&key);
        let quiz = contract::catalog::ids::quiz(course, "final");
        let parsed =
            assessment::gift::parse("final.gift", shipped(&format!("{folder}/final.gift"))?);
        ensure!(parsed.refused.is_empty(), "the demo's own quiz is refused: {:?}", parsed.refused);
        let questions = assessment::domain::identify(quiz, parsed.questions);
        Ok(Self {
            language,
            course,
            quiz,
            title: text(&about, "title")?,
            right: answers(&questions, right_answer),
            wrong: answers(&questions, wrong_answer),
            extra: extra(folder)?,
        })
    }
}

fn answers(
    questions: &[Question],
    answer: impl Fn(&Question) -> Option<Answer>,
) -> BTreeMap<QuestionId, Answer> {
    questions.iter().filter_map(|question| Some((question.id, answer(question)?))).collect()
}

fn extra(folder: &str) -> anyhow::Result<ExtraLesson> {
    let dir = SHIPPED.get_dir(format!("{folder}/extra")).context("demo: no extra lesson")?;
    let file = dir.files().next().context("demo: no extra lesson")?;
    let whole = file.contents_utf8().context("demo: the extra lesson is no text")?;
    let (front, body) = whole
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .context("demo: the extra lesson has no front matter")?;
    let field = |name: &str| {
        front.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    Ok(ExtraLesson {
        title: field("title").context("demo: no title")?.trim_matches('"').to_owned(),
        text: body.trim().to_owned(),
        minutes: field("minutes").and_then(|minutes| minutes.parse().ok()).unwrap_or(15),
    })
}

fn shipped(path: &str) -> anyhow::Result<&'static str> {
    SHIPPED
        .get_file(path)
        .and_then(|file| file.contents_utf8())
        .with_context(|| format!("the binary was built without demo/{path}"))
}

fn text(table: &toml::Table, key: &str) -> anyhow::Result<String> {
    Ok(table
        .get(key)
        .and_then(toml::Value::as_str)
        .with_context(|| format!("no {key}"))?
        .to_owned())
}

/// The best answer there is. An essay is written; a person will mark it.
fn right_answer(question: &Question) -> Option<Answer> {
    Some(match &question.content.kind {
        Kind::Description => return None,
        Kind::Essay => Answer::Text {
            text:
                "The outbox row is written with the enrolment, sent with a confirm, and the inbox \
                   makes a second delivery harmless."
                    .to_owned(),
        },
        Kind::TrueFalse { answer, .. } => Answer::TrueFalse { value: *answer },
        Kind::SingleChoice { choices } => {
            Answer::Choice { picked: best(choices).into_iter().collect() }
        }
        Kind::MultipleChoice { choices } => Answer::Choice { picked: places(choices, true) },
        Kind::ShortAnswer { accepted } => {
            Answer::Text { text: written(accepted.iter().max_by_key(|answer| answer.weight)?) }
        }
        Kind::Numerical { accepted } => {
            let pattern = &accepted.iter().max_by_key(|answer| answer.weight)?.pattern;
            Answer::Number { number: within(pattern).to_string() }
        }
        Kind::Matching { pairs, .. } => matched(pairs, 0),
    })
}

/// An answer that earns nothing, to whatever can be answered wrong by a machine's rules.
fn wrong_answer(question: &Question) -> Option<Answer> {
    Some(match &question.content.kind {
        Kind::Description | Kind::Essay => return None,
        Kind::TrueFalse { answer, .. } => Answer::TrueFalse { value: !answer },
        Kind::SingleChoice { choices } => {
            let worst = choices.iter().enumerate().min_by_key(|(_, choice)| choice.weight)?.0;
            Answer::Choice { picked: [worst].into() }
        }
        Kind::MultipleChoice { choices } => Answer::Choice { picked: places(choices, false) },
        Kind::ShortAnswer { .. } => Answer::Text { text: "no idea".to_owned() },
        Kind::Numerical { .. } => Answer::Number { number: "-987654".to_owned() },
        Kind::Matching { pairs, .. } => matched(pairs, 1),
    })
}

fn best(choices: &[Choice]) -> Option<usize> {
    Some(choices.iter().enumerate().max_by_key(|(_, choice)| choice.weight)?.0)
}

fn places(choices: &[Choice], right: bool) -> BTreeSet<usize> {
    let picked =
        choices.iter().enumerate().filter(|(_, choice)| choice.weight.is_positive() == right);
    picked.map(|(place, _)| place).collect()
}

/// Something that the pattern takes: a star stands for anything, so for nothing too.
fn written(accepted: &AcceptedText) -> String {
    accepted.pattern.replace("\\*", "\u{1}").replace('*', "").replace('\u{1}', "*")
}

fn within(pattern: &NumberPattern) -> Decimal {
    match pattern {
        NumberPattern::Near { value, .. } => *value,
        NumberPattern::Between { low, high } => (low + high) / Decimal::TWO,
        NumberPattern::Any => Decimal::ONE,
    }
}

/// Each item with the answer of the item `shift` places on: its own for 0.
fn matched(pairs: &[Pair], shift: usize) -> Answer {
    let answer = |item: usize| pairs[(item + shift) % pairs.len()].answer.clone();
    Answer::Match {
        pairs: (0..pairs.len()).map(|item| MatchPair { item, answer: answer(item) }).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use assessment::domain::{Verdict, grade};

    use super::*;

    #[test]
    fn the_cohort_knows_what_is_right_and_what_is_wrong() {
        for language in [Language::En, Language::Fr] {
            let course = DemoCourse::load(language).unwrap();
            let file = shipped(&format!("{}/final.gift", language.code())).unwrap();
            let parsed = assessment::gift::parse("final.gift", file);
            let questions = assessment::domain::identify(course.quiz, parsed.questions);
            assert_eq!(
                questions
                    .iter()
                    .filter(|question| !matches!(question.content.kind, Kind::Description))
                    .count(),
                20
            );
            for question in &questions {
                let title = &question.content.title;
                if let Some(right) = course.right.get(&question.id) {
                    let verdict = grade(question, Some(right)).verdict;
                    assert!(
                        matches!(verdict, Verdict::Right | Verdict::AwaitsMarking),
                        "{title:?}: {verdict:?}"
                    );
                }
                if let Some(wrong) = course.wrong.get(&question.id) {
                    assert!(grade(question, Some(wrong)).mark <= Decimal::ZERO, "{title:?}");
                }
            }
        }
    }
}
