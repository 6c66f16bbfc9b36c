//! Picklist keys seen before.
//!
//! Comes in: keys that fitted as they were typed. Goes out: whether a key is one of them. Decides
//! nothing: what is not held is looked up.

/// Keys seen lately, each in the one place its shape gives it; a newer one takes the place over.
/// What is not held is looked up, so nothing but time depends on it.
#[derive(Debug, Clone)]
pub(super) struct Seen([String; SEEN_PLACES]);

/// Bits of a place's number: columns of keys hold few different ones, and two that share a place
/// would push each other out again and again.
const PLACE_BITS: u32 = 6;

/// Places for keys.
const SEEN_PLACES: usize = 1 << PLACE_BITS;

impl Default for Seen {
    fn default() -> Self {
        Self(std::array::from_fn(|_| String::new()))
    }
}

impl Seen {
    #[inline]
    pub(super) fn holds(&self, key: &str) -> bool {
        self.0[Self::place(key)] == *key
    }

    pub(super) fn keep(&mut self, key: &str) {
        let place = &mut self.0[Self::place(key)];
        place.clear();
        place.push_str(key);
    }

    /// Four bytes of the key and its length, well mixed.
    #[inline]
    fn place(key: &str) -> usize {
        let bytes = key.as_bytes();
        let byte = |at: usize| bytes.get(at).map_or(0, |byte| u32::from(*byte));
        let last = bytes.len().saturating_sub(1);
        let shape = byte(0) | byte(last / 2) << 8 | byte(last) << 16 | byte(last / 3 * 2) << 24;
        // The odd number closest to 2^32 divided by the golden ratio.
        let length = u32::from(last.to_le_bytes()[0]);
        let mixed = (shape ^ byte(1) ^ length).wrapping_mul(0x9E37_79B1);
        (mixed >> (u32::BITS - PLACE_BITS)) as usize
    }
}
