//! What can be found and by which words, and what of an event belongs in a person's timeline.
//!
//! No database, no clock, and no ranking beyond a term's weight in one document.

mod entry;
mod snippet;
mod terms;

#[cfg(test)]
pub use entry::is_kept;
pub use entry::{Entry, Person, entries, sentence_key};
pub use snippet::{Part, marked, plain, snippet};
pub use terms::{Weighted, Words, weigh};

#[cfg(test)]
mod tests;
