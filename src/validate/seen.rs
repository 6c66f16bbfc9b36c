//! Picklist keys seen before.
//!
//! Comes in: keys that fitted as they were typed. Goes out: whether a key is one of them. Decides
//! nothing: what is not held is looked up.

use crate::model::user::short_text;

/// Keys seen lately, each in the one place its shape gives it; a newer one takes the place over.
/// What is not held is looked up, so nothing but time depends on it.
#[derive(Debug, Clone)]
pub(super) struct Seen([Place; SEEN_PLACES]);

/// A key, and its shape beside it.
#[derive(Debug, Clone, Default)]
struct Place {
    shape: Shape,
    key: String,
}

/// What tells most keys apart at once: their length, and the ends of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Shape {
    length: usize,
    ends: [u64; 2],
}

/// Bits of a place's number: columns of keys hold few different ones, and two that share a place
/// would push each other out again and again.
const PLACE_BITS: u32 = 6;

/// Places for keys.
const SEEN_PLACES: usize = 1 << PLACE_BITS;

impl Default for Seen {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Place::default()))
    }
}

impl Seen {
    #[inline]
    pub(super) fn holds(&self, key: &str) -> bool {
        let shape = Shape::of(key);
        let place = &self.0[shape.place()];
        place.shape == shape && (shape.is_all_of_it() || place.key == *key)
    }

    pub(super) fn keep(&mut self, key: &str) {
        let shape = Shape::of(key);
        let place = &mut self.0[shape.place()];
        place.shape = shape;
        place.key.clear();
        place.key.push_str(key);
    }
}

impl Shape {
    #[inline]
    fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => [*first, *last].map(u64::from_le_bytes),
            _ => [short_text(bytes), 0],
        };
        Self {
            length: bytes.len(),
            ends,
        }
    }

    /// Are there no other bytes between the ends?
    #[inline]
    fn is_all_of_it(&self) -> bool {
        self.length <= size_of_val(&self.ends)
    }

    /// The place it gives: well mixed bits of both ends.
    #[inline]
    fn place(&self) -> usize {
        let [first, last] = self.ends;
        // The odd number closest to 2^64 divided by the golden ratio.
        let mixed = (first ^ last.rotate_left(u32::BITS)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (u64::BITS - PLACE_BITS)) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_what_was_kept_is_held(kept in "[ab]{1,20}", other in "[ab]{1,20}") {
            let mut seen = Seen::default();
            seen.keep(&kept);
            prop_assert!(seen.holds(&kept));
            prop_assert_eq!(seen.holds(&other), other == kept);
        }
    }
}
