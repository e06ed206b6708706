//! What is drawn from the seed: SplitMix64, which needs no library and gives the same on every machine.

/// A sequence that a seed and a few names determine.
pub struct Chance(u64);

impl Chance {
    pub fn of(seed: u64, broker: &str, fault: &str, round: u32) -> Self {
        let mut chance = Self(seed);
        for byte in broker.bytes().chain(fault.bytes()).chain(round.to_le_bytes()) {
            chance.0 ^= u64::from(byte);
            chance.next();
        }
        chance
    }

    /// From `low` up to and with `high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// So many of these, each once, in any order.
    pub fn some<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left = from.to_vec();
        let mut drawn = Vec::new();
        while drawn.len() < count && !left.is_empty() {
            let place = self.next() as usize % left.len();
            drawn.push(left.swap_remove(place));
        }
        drawn
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_seed_draws_the_same_again_and_another_seed_something_else() {
        let draw = |seed| {
            let mut chance = Chance::of(seed, "embedded", "kill", 0);
            (chance.between(3, 9), chance.some(&[1, 2, 3, 4, 5, 6, 7, 8], 3))
        };
        assert_eq!(draw(1), draw(1));
        assert!((2..6).any(|seed| draw(seed) != draw(1)));
        assert!((3..=9).contains(&draw(7).0));
    }
}
