#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use chrono::DateTime;
use event::{AttemptId, PersonId, QuizId};
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{MatchPair, identify},
    gift,
};

fn quiz(text: &str) -> Quiz {
    let id = QuizId::new();
    let questions = identify(id, gift::parse("test.gift", text).questions);
    Quiz { id, title: "Test".to_owned(), pass_percent: 50.into(), max_attempts: None, questions }
}

/// An attempt as the service keeps it, and pages that are open on it.
struct Table {
    quiz: Quiz,
    attempt: Attempt,
    writers: BTreeMap<QuestionId, Writers>,
    counter: u64,
}

/// A page: what stands in its fields, and what it says that it knew of each.
struct Page {
    name: String,
    fields: Vec<String>,
    seen: Vec<String>,
}

impl Table {
    fn new(gift: &str) -> Self {
        let quiz = quiz(gift);
        let attempt =
            Attempt::start(AttemptId::new(), quiz.id, PersonId::new(), DateTime::UNIX_EPOCH);
        Self { quiz, attempt, writers: BTreeMap::new(), counter: 0 }
    }

    fn text(&self, place: usize) -> String {
        match self.attempt.answers.get(&self.quiz.questions[place].id) {
            Some(Answer::Text { text }) => text.clone(),
            _ => String::new(),
        }
    }

    fn open(&self, name: &str) -> Page {
        let fields: Vec<String> =
            (0..self.quiz.questions.len()).map(|place| self.text(place)).collect();
        let mark = |question: &crate::domain::Question| {
            format!("{} {name}", Seen::mark(self.attempt.answers.get(&question.id)))
        };
        let seen = self.quiz.questions.iter().map(mark).collect();
        Page { name: name.to_owned(), fields, seen }
    }

    fn change(&self, page: &Page, place: usize) -> Change {
        Change {
            question: self.quiz.questions[place].id,
            answer: Answer::Text { text: page.fields[place].clone() },
            seen: Some(Seen::read(&page.seen[place])),
        }
    }

    fn send(&mut self, page: &Page, places: &[usize]) -> Merged {
        self.counter += 1;
        let changes = places.iter().map(|place| self.change(page, *place)).collect();
        self.take(page, self.counter, changes)
    }

    fn take(&mut self, page: &Page, counter: u64, changes: Vec<Change>) -> Merged {
        let sender = Sender { page: Some(page.name.clone()), counter: Some(counter) };
        let merged = self.attempt.merge(&self.quiz, &mut self.writers, &sender, u64::MAX, changes);
        merged.unwrap()
    }
}

#[test]
fn windows_that_write_into_different_fields_keep_what_both_wrote() {
    let mut table = Table::new("A{=a}\n\nB{=b}");
    let (mut one, mut two) = (table.open("one"), table.open("two"));
    one.fields[0] = "first".to_owned();
    assert_eq!(table.send(&one, &[0]), Merged::default());
    two.fields[1] = "second".to_owned();
    assert_eq!(table.send(&two, &[1]), Merged::default());
    assert_eq!((table.text(0), table.text(1)), ("first".to_owned(), "second".to_owned()));
}

#[test]
fn a_page_that_does_not_know_an_answer_does_not_replace_it() {
    let mut table = Table::new("A{=a}");
    let (mut one, mut two) = (table.open("one"), table.open("two"));
    one.fields[0] = "first".to_owned();
    table.send(&one, &[0]);
    for text in ["", "other"] {
        two.fields[0] = text.to_owned();
        assert_eq!(table.send(&two, &[0]).overtaken.len(), 1, "{text}");
    }
    assert_eq!(table.text(0), "first");
    // It goes on with what it wrote itself, and the other once that was shown to it.
    one.fields[0] = "first and more".to_owned();
    assert_eq!(table.send(&one, &[0]), Merged::default());
    two.seen = table.open("two").seen;
    assert_eq!(table.send(&two, &[0]), Merged::default());
    assert_eq!(table.text(0), "other");
    one.fields[0] = "again".to_owned();
    assert_eq!(table.send(&one, &[0]).overtaken.len(), 1);
}

#[test]
fn what_comes_late_from_the_same_page_changes_nothing() {
    let mut table = Table::new("A{=a}");
    let mut page = table.open("one");
    page.fields[0] = "a".to_owned();
    let lost = table.change(&page, 0);
    page.fields[0] = String::new();
    assert_eq!(table.send(&page, &[0]), Merged::default());
    // Sent before, it arrives after; what is saved is what it was based on.
    assert_eq!(table.take(&page, 0, vec![lost.clone()]).overtaken.len(), 1);
    assert_eq!(table.text(0), "");
    // What was answered into the void is sent again, and is there already.
    assert_eq!(table.take(&page, 2, vec![lost.clone()]), Merged::default());
    assert_eq!(table.take(&page, 3, vec![lost]), Merged::default());
}

#[test]
fn a_copy_that_was_kept_goes_on_where_its_page_stopped() {
    let mut table = Table::new("A{=a}");
    let mut page = table.open("one");
    page.fields[0] = "half".to_owned();
    table.send(&page, &[0]);
    page.fields[0] = "half and half".to_owned();
    let (fields, seen) = (page.fields.clone(), vec![format!("{} later", page.seen[0])]);
    let later = Page { name: "later".to_owned(), fields, seen };
    assert_eq!(table.send(&later, &[0]), Merged::default());
    assert_eq!(table.text(0), "half and half");
}

#[test]
fn a_form_without_script_says_what_was_touched() {
    let mut table = Table::new("A{=a}");
    let mut page = table.open("");
    assert!(table.change(&page, 0).is_untouched());
    page.fields[0] = "typed".to_owned();
    assert!(!table.change(&page, 0).is_untouched());
    table.send(&page, &[0]);
    page.seen = table.open("").seen;
    assert!(table.change(&page, 0).is_untouched());
}

#[test]
fn answers_that_mean_the_same_have_one_mark() {
    let mark = |answer: Answer| Seen::mark(Some(&answer));
    let text = |text: &str| Answer::Text { text: text.to_owned() };
    assert_eq!(mark(text("a\r\nb")), mark(text("a\nb")));
    assert_eq!(mark(text(" ")), Seen::mark(None));
    let pair = |item: usize| MatchPair { item, answer: "x".to_owned() };
    let matched = |items: [usize; 2]| Answer::Match { pairs: items.map(pair).to_vec() };
    assert_eq!(mark(matched([0, 1])), mark(matched([1, 0])));
    assert_ne!(mark(text("a")), mark(text("b")));
}

#[test]
fn only_so_many_pages_are_remembered() {
    let mut writers = Writers::default();
    for number in 0..200_u64 {
        writers.add(&Sender { page: Some(number.to_string()), counter: Some(number) });
    }
    assert_eq!(writers.0.len(), MOST_PAGES);
    assert!(writers.0.contains_key("199") && !writers.0.contains_key("0"));
    assert_eq!(Sender::read(&"x".repeat(99), "y"), Sender::default());
}

proptest! {
    /// Whatever pages do: what is saved is replaced only by a page that wrote it itself, or was served it.
    #[test]
    fn nobody_loses_what_they_did_not_see(
        steps in prop::collection::vec((0..3_usize, 0..2_usize, "[ab]{0,2}", any::<bool>()), 1..60),
    ) {
        let mut table = Table::new("A{=a}\n\nB{=b}");
        let names = ["one", "two", "three"];
        let mut pages = names.map(|name| table.open(name));
        // What each page has had before it of each answer.
        let mut shown = vec![vec![String::new(); 2]; 3];
        for (who, place, text, reloads) in steps {
            if reloads {
                pages[who] = table.open(names[who]);
                shown[who] = pages[who].fields.clone();
            }
            pages[who].fields[place].clone_from(&text);
            let before = table.text(place);
            let merged = table.send(&pages[who], &[place]);
            let is_taken = merged.overtaken.is_empty();
            prop_assert!(!is_taken || table.text(place) == text);
            prop_assert!(is_taken || table.text(place) == before);
            prop_assert!(
                !is_taken || text == before || shown[who][place] == before
                    || pages[who].seen[place].starts_with(&mark_of(&before)),
            );
            if is_taken {
                shown[who][place] = text;
            }
        }
    }
}

fn mark_of(text: &str) -> String {
    Seen::mark(Some(&Answer::Text { text: text.to_owned() }))
}
