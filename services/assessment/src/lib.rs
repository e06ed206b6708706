//! Assessment: quizzes, questions, attempts and marks.
//!
//! [`domain`] holds the types and the rules of grading, [`gift`] reads and writes the text format
//! that questions come in. Neither knows a database, a queue or a clock.

pub mod domain;
pub mod gift;
