//! The SQL of `certification`: certificates and copies, each in a file of its own.

mod certificates;
mod copies;
pub(crate) mod export;
mod issued;
mod organisation;

pub use certificates::Tally;
pub(crate) use certificates::*;
pub(crate) use copies::*;
pub(crate) use issued::*;
pub(crate) use organisation::*;

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
