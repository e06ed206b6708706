//! Words as the index knows them: without accents, case, plural endings and stop words, so that
//! “Évaluation”, “evaluation” and “évaluations” are one. Each sign of a script without spaces is a
//! word of its own.

use std::{collections::BTreeMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

const SHORTEST: usize = 2;
/// Longer ones are data, not words.
const LONGEST: usize = 40;
/// Different terms in one document.
const MOST: usize = 5_000;
const MOST_IN_QUERY: usize = 8;
/// A shorter word is looked for as it is, a longer one as the beginning of words too.
const SHORTEST_PREFIX: usize = 3;
/// A hit in a title goes before any number of hits in a text.
const TITLE: i32 = 1_000;
const MOST_HITS: i32 = 99;

static STOP_WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = concat!(
        "a an and are as at be been but by can did do does for from had has have he her his how if in into is it ",
        "its not of on or our she so than that the their them then there these they this those to was we were what ",
        "when where which who will with would you your ",
        "ai au aux avec ce cela ces cet cette chez comme dans de des donc dont du elle en es est et etait etre eu ",
        "il ils je la le les leur leurs lui ma mais me mes meme mon ne ni nos notre nous ont ou par pas pour pu qu ",
        "quand que quel quelle qui sa sans se ses si son sont sous sur ta te tes toi ton tu un une vos votre vous"
    )
    .split(' ')
    .collect();
    words.sort_unstable();
    words
});

/// A word as the index knows it.
pub type Term = String;

/// A document's term and how much it says about the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Weighted {
    pub term: Term,
    pub weight: i32,
}

/// What a document is found by. What is beyond the bound is not found.
#[must_use]
pub fn weigh(title: &str, text: &str) -> Vec<Weighted> {
    let mut weights: BTreeMap<Term, i32> = BTreeMap::new();
    for term in terms(title) {
        weights.insert(term, TITLE);
    }
    for term in terms(text) {
        if weights.len() >= MOST && !weights.contains_key(&term) {
            continue;
        }
        let weight = weights.entry(term).or_insert(0);
        if *weight % TITLE < MOST_HITS {
            *weight += 1;
        }
    }
    weights.into_iter().map(|(term, weight)| Weighted { term, weight }).collect()
}

/// What somebody looks for: all of these terms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(Vec<Term>);

impl Words {
    #[must_use]
    pub fn of(query: &str) -> Self {
        let mut words: Vec<Term> = Vec::new();
        for term in terms(query) {
            if !words.contains(&term) && words.len() < MOST_IN_QUERY {
                words.push(term);
            }
        }
        Self(words)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each term the first bytes that match, and the first after them that do not.
    pub fn ranges(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        self.0.iter().map(|term| {
            let from = term.clone().into_bytes();
            let mut to = from.clone();
            // UTF-8 never holds 255, and nothing stands between a text and the same with a 0.
            to.push(if is_prefix(term) { 255 } else { 0 });
            (from, to)
        })
    }

    /// Whether any of them is in a word of a text.
    #[must_use]
    pub fn hit(&self, word: &str) -> bool {
        terms(word).any(|found| {
            self.0.iter().any(|term| {
                if is_prefix(term) { found.starts_with(term.as_str()) } else { found == *term }
            })
        })
    }
}

fn is_prefix(term: &str) -> bool {
    term.chars().count() >= SHORTEST_PREFIX
}

/// The terms of a text, in their order.
fn terms(text: &str) -> impl Iterator<Item = Term> {
    text.split(|letter: char| !letter.is_alphanumeric() && !is_combining_mark(letter))
        .filter(|word| !word.is_empty() && word.len() <= LONGEST * 8)
        .flat_map(split)
        .filter(|term| is_word(term))
        .map(singular)
}

fn is_word(term: &str) -> bool {
    let letters = term.chars().count();
    let is_sign = letters == 1 && term.chars().all(is_written_without_spaces);
    (is_sign || (SHORTEST..=LONGEST).contains(&letters)) && STOP_WORDS.binary_search(&term).is_err()
}

/// Folds a word, and parts the signs of scripts without spaces.
fn split(word: &str) -> Vec<Term> {
    // Most words are, and there is nothing to part or to decompose, which takes many times as long.
    if word.is_ascii() {
        return vec![word.to_ascii_lowercase()];
    }
    let mut parts = vec![String::new()];
    for letter in
        word.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase)
    {
        if is_written_without_spaces(letter) {
            parts.extend([letter.to_string(), String::new()]);
        } else if let Some(part) = parts.last_mut() {
            fold(part, letter);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn fold(part: &mut String, letter: char) {
    match letter {
        'œ' => part.push_str("oe"),
        'æ' => part.push_str("ae"),
        'ß' => part.push_str("ss"),
        'ø' => part.push('o'),
        'đ' | 'ð' => part.push('d'),
        'ł' => part.push('l'),
        'ı' => part.push('i'),
        letter if letter.is_alphanumeric() => part.push(letter),
        _ => {}
    }
}

fn is_written_without_spaces(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// “queues” and “réseaux” are found by “queue” and “réseau”; that “process” loses a letter too does
/// no harm, for it loses it everywhere.
fn singular(mut term: Term) -> Term {
    if term.len() >= 4
        && term.ends_with(['s', 'x'])
        && term.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        term.pop();
    }
    term
}
