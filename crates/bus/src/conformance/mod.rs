//! What every transport must hold, written once and run by each; nothing can be waived.
//!
//! A transport's tests give a [`Place`] and say `bus::conformance!(place);`, which makes one test of
//! each guarantee. Attempts, delayed retries, dead letters and their replay are not here: they are
//! the bus's own, above every transport.

#![allow(clippy::expect_used, clippy::panic, reason = "these are tests")]

mod contents;
mod flows;
mod sharing;
mod stage;
mod survival;

use std::sync::Arc;

use async_trait::async_trait;

use crate::transport::Transport;

pub use contents::*;
pub use flows::*;
pub use sharing::*;
pub use survival::*;

/// Where queues live: a broker, a file. Each test gets one of its own, with nothing in it.
#[async_trait]
pub trait Place: Send + Sync + 'static {
    /// A transport as another process would have it, with connections of its own.
    async fn connect(&self) -> Arc<dyn Transport>;

    /// The transport's process dies: it and its receivers end without saying good-bye. The test may
    /// hold on to them still, but calls them no more.
    async fn abandon(&self, transport: Arc<dyn Transport>);

    /// The place goes away without a word, as a broker by kill -9, or a file by a lock that a
    /// stranger holds. Transports are told nothing and have to live through it.
    async fn crash(&self);

    /// The place is back, with all that it owned.
    async fn restart(&self);

    /// Puts bytes that are no envelope into a queue, as a stranger would.
    async fn inject(&self, queue: &str, bytes: &[u8]);
}

/// What a test is going to do to its place, so that it can share what is expensive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The place stays up; it may live within something shared (a virtual host of one broker).
    Stays,
    /// The test crashes it; whatever goes down with it must be this test's alone.
    Crashes,
}

/// Makes a test of each guarantee. Takes the name of an `async fn(Plan) -> impl Place`.
#[macro_export]
macro_rules! conformance {
    ($place:path) => {
        $crate::conformance!(@tests $place, Stays:
            fan_out
            competing_consumers_share_without_doubling
            one_binding_hears_everything
            a_direct_send_reaches_that_queue_alone
            unroutable_is_reported_and_kept
            of_what_nobody_wants_the_newest_is_kept
            declaring_twice_changes_nothing
            an_unknown_queue_is_refused
            a_removed_queue_goes_with_its_bindings_and_what_it_holds
            depth_counts
            depths_are_told_together
            a_waiting_receiver_wakes
            batch_sizes_are_respected
            a_backlog_is_taken_in_batches
            dropping_next_loses_nothing
            closing_gives_back_at_once
            what_comes_back_is_counted
            a_dead_consumers_deliveries_come_again
            owned_survives_the_sender
            attributes_arrive_as_they_were_sent
            large_and_foreign_bodies_arrive_unharmed
            undecodable_is_handed_over_with_its_bytes
            each_event_is_handled_once
            a_failing_event_is_tried_again_and_harms_no_other
            a_dead_letter_has_its_cause_and_is_replayed_to_its_handler_alone
            what_cannot_be_handled_is_dead_at_once
            what_kills_its_process_is_dead_in_the_end_and_harms_no_other
            later_is_later_and_cancelled_is_never
            stopping_in_the_middle_loses_nothing
            replicas_share_the_work
        );
        $crate::conformance!(@tests $place, Crashes:
            owned_survives_a_crash
            settled_never_comes_again
            a_send_into_nothing_is_unknown_and_arrives_later
            topology_is_there_after_a_crash
            a_consumer_never_falls_silent
            the_bus_outlives_a_crash_of_the_place
        );
    };
    (@tests $place:path, $plan:ident: $($guarantee:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $guarantee() {
            let place = $place($crate::conformance::Plan::$plan).await;
            $crate::conformance::$guarantee(place).await;
        }
    )*};
}
