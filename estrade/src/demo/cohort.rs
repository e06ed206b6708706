//! Who takes part, and how each of them goes about it: all of it follows from the seed.

use anyhow::Context;
use event::Language;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::Deserialize;

/// Names of the people that a cohort is drawn from.
const PEOPLE: &str = include_str!("../../../demo/people.toml");

/// One learner of the cohort.
#[derive(Clone, Debug)]
pub(crate) struct Learner {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) mail: String,
    pub(crate) language: Language,
    pub(crate) way: Way,
    /// For the choices made on the way.
    pub(crate) seed: u64,
}

/// How a learner goes about the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Reads everything, and passes at the first attempt.
    Passes,
    /// Fails, reads the feedback, and tries again.
    FailsAndTriesAgain,
    /// Gives in an attempt with every answer wrong.
    ScoresNothing,
    /// Reads a lesson or two, and is not seen again.
    StopsReading,
    /// Starts the quiz, and never gives it in.
    StopsInTheQuiz,
}

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    language: Language,
}

/// Draws a cohort: half of it French, the names of `demo/people.toml` first in their order and then
/// again with a number, each way of learning among them.
pub(crate) fn draw(size: u32, seed: u64, run: &str) -> anyhow::Result<Vec<Learner>> {
    let people: People = toml::from_str(PEOPLE).context("demo/people.toml")?;
    let of = |language| people.person.iter().filter(move |person| person.language == language);
    let (french, english): (Vec<_>, Vec<_>) =
        (of(Language::Fr).collect(), of(Language::En).collect());
    let mut random = StdRng::seed_from_u64(seed);
    (0..size)
        .map(|number| {
            let group = if number % 2 == 0 { &french } else { &english };
            let place = number as usize / 2;
            let person = group.get(place % group.len()).context("demo/people.toml is empty")?;
            let round = place / group.len();
            Ok(Learner {
                number,
                name: if round == 0 {
                    person.name.clone()
                } else {
                    format!("{} {}", person.name, roman(round + 1))
                },
                mail: format!("learner-{number}-{run}@example.org"),
                language: person.language,
                way: way(number, &mut random),
                seed: random.random(),
            })
        })
        .collect()
}

/// In each twenty, two take each of the harder ways, one in each language.
fn way(number: u32, random: &mut StdRng) -> Way {
    match (number / 2) % 10 {
        3 => Way::FailsAndTriesAgain,
        5 => Way::StopsReading,
        7 => Way::ScoresNothing,
        9 => Way::StopsInTheQuiz,
        _ if random.random_bool(0.1) => Way::FailsAndTriesAgain,
        _ => Way::Passes,
    }
}

fn roman(number: usize) -> String {
    const DIGITS: [(usize, &str); 9] = [
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut left = number;
    let mut text = String::new();
    for (value, digit) in DIGITS {
        while left >= value {
            text.push_str(digit);
            left -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_cohort_and_half_of_it_is_french() {
        let (one, two) = (draw(60, 7, "a").unwrap(), draw(60, 7, "a").unwrap());
        assert!(one.iter().zip(&two).all(|(one, two)| one.name == two.name && one.way == two.way));
        assert_eq!(one.iter().filter(|learner| learner.language == Language::Fr).count(), 30);
        assert!(one.iter().any(|learner| learner.name.contains("Nguyễn")));
        for way in [
            Way::Passes,
            Way::FailsAndTriesAgain,
            Way::ScoresNothing,
            Way::StopsReading,
            Way::StopsInTheQuiz,
        ] {
            assert!(one.iter().any(|learner| learner.way == way), "{way:?}");
        }
    }

    #[test]
    fn no_two_learners_bear_the_same_name() {
        let cohort = draw(500, 1, "a").unwrap();
        let names: std::collections::BTreeSet<_> =
            cohort.iter().map(|learner| &learner.name).collect();
        assert_eq!(names.len(), 500);
    }
}
