//! Picklist keys seen before.
//!
//! Comes in: keys that fitted as they were typed. Goes out: whether a key is one of them. Decides
//! nothing: what is not held is looked up.

/// Keys seen lately, each in the one place its shape gives it; a newer one takes the place over.
/// What is not held is looked up, so nothing but time depends on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen([String; SEEN_PLACES]);

/// Places for keys: columns of keys hold few different ones.
const SEEN_PLACES: usize = 32;

impl Seen {
    pub(super) fn holds(&self, key: &str) -> bool {
        self.0[Self::place(key)] == *key
    }

    pub(super) fn keep(&mut self, key: &str) {
        let place = &mut self.0[Self::place(key)];
        place.clear();
        place.push_str(key);
    }

    fn place(key: &str) -> usize {
        let bytes = key.as_bytes();
        let byte = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(*byte));
        let last = bytes.len().saturating_sub(1);
        (bytes.len() + byte(0) * 5 + byte(last / 2) * 3 + byte(last) * 7) % SEEN_PLACES
    }
}
