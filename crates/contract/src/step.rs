//! The hash by which copies are held against their originals.

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use event::step::{GONE, Stamp};

/// Of a state as it is told: the first 16 hexadecimal digits of the SHA-256 of its JSON.
#[must_use]
pub fn hash(state: &impl Serialize) -> String {
    // What is in this crate always serialises.
    let json = serde_json::to_vec(state).unwrap_or_default();
    let digest = Sha256::digest(&json);
    let first = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// Copies are kept with it for years: it never changes.
    #[test]
    fn a_hash_is_for_ever() {
        assert_eq!(hash(&"estrade"), "c80dd7e98a4e0a9b");
    }
}
