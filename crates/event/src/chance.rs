//! New ids, and how a test makes chance come out the same again.
//!
//! Outside tests there is nothing to seed: ids are UUIDv7 of the system's clock and its random
//! numbers. With the feature "testing" a thread may be given a seed; what is drawn on that thread
//! then follows from it, so that a simulated run can be repeated exactly.

use uuid::Uuid;

/// A new id, ordered by the time of its making (UUIDv7).
#[must_use]
pub fn fresh_uuid() -> Uuid {
    #[cfg(feature = "testing")]
    if let Some(id) = seeded::uuid() {
        return id;
    }
    Uuid::now_v7()
}

/// Fills the bytes from this thread's seed. Without one, as always outside tests, it leaves them as
/// they are and says `false`.
#[must_use]
pub fn fill_seeded(bytes: &mut [u8]) -> bool {
    #[cfg(feature = "testing")]
    return seeded::fill(bytes);
    #[cfg(not(feature = "testing"))]
    {
        let _ = bytes;
        false
    }
}

#[cfg(feature = "testing")]
pub use seeded::{seed, unseed};

#[cfg(feature = "testing")]
mod seeded {
    use std::cell::Cell;

    use uuid::{Builder, Uuid};

    /// The ids' time begins here, and goes on by a millisecond with each.
    const START: u64 = 1_800_000_000_000;

    #[derive(Clone, Copy)]
    struct Source {
        state: u64,
        drawn: u64,
    }

    thread_local! {
        static SOURCE: Cell<Option<Source>> = const { Cell::new(None) };
    }

    /// From here on this thread's chance follows from the seed.
    pub fn seed(seed: u64) {
        SOURCE.set(Some(Source { state: seed, drawn: 0 }));
    }

    /// From here on this thread's chance is the system's again.
    pub fn unseed() {
        SOURCE.set(None);
    }

    pub(super) fn uuid() -> Option<Uuid> {
        let millis = START + SOURCE.get()?.drawn;
        let mut random = [0; 10];
        fill(&mut random);
        Some(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        let Some(mut source) = SOURCE.get() else {
            return false;
        };
        source.drawn += 1;
        for chunk in bytes.chunks_mut(8) {
            let word = next(&mut source.state).to_be_bytes();
            chunk.iter_mut().zip(word).for_each(|(byte, random)| *byte = random);
        }
        SOURCE.set(Some(source));
        true
    }

    /// SplitMix64: enough to be different, and the same on every machine.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = *state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_seed_gives_the_same_ids_in_rising_order() {
            let draw = |number| {
                seed(number);
                let ids: Vec<_> = (0..3).map(|_| crate::fresh_uuid()).collect();
                unseed();
                ids
            };
            assert_eq!(draw(7), draw(7));
            assert_ne!(draw(7), draw(8));
            assert!(draw(7).is_sorted());
            assert!(uuid().is_none());
        }
    }
}
