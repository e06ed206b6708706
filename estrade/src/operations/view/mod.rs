//! What operators see, in the API and on the command line alike.

mod comparisons;
mod decisions;
mod letters;
mod queues;
mod work;

pub(crate) use comparisons::{ComparisonView, ComparisonsView, FoundView};
pub(crate) use decisions::{DiscardedView, RehearsalView, ReplayedView, TableView};
pub(crate) use letters::{GroupView, GroupsView, LetterView, LettersView};
pub(crate) use queues::{QueueView, QueuesView};
pub(crate) use work::{OpenJobView, RetryingView, WorkView};
