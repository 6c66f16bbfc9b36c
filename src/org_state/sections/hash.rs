//! The hashes of keys, and a table in memory from the hash of a key to what may have it.
//!
//! 32 bits of an xxh3 hash stand for a key, in memory and in the indexes of files: whoever asks
//! compares the key with the record itself.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::model::id::RecordId;
use crate::org_state::fold::fold;

/// Longest text that is folded on the stack.
const FOLDED_ON_STACK_MAX: usize = 256;

/// No slot: the bucket is free.
pub(super) const FREE: u32 = u32::MAX;

/// The hash of no key: where a record has none.
pub(in crate::org_state) const NO_KEY: u32 = 0;

/// A hash table with open addressing, at most three quarters full.
#[derive(Debug, Clone)]
pub(in crate::org_state) struct HashTable {
    /// Hash and slot.
    buckets: Vec<(u32, u32)>,
    entry_count: usize,
}

impl HashTable {
    /// An empty table that takes that many entries without growing.
    pub(in crate::org_state) fn with_room_for(entry_count: usize) -> Self {
        Self {
            buckets: vec![(0, FREE); entry_count / 3 * 4 + 8],
            entry_count: 0,
        }
    }

    /// Adds an entry that is not there yet.
    pub(in crate::org_state) fn insert(&mut self, hash: u32, slot: u32) {
        if (self.entry_count + 1) * 4 > self.buckets.len() * 3 {
            self.grow();
        }
        self.place(hash, slot);
        self.entry_count += 1;
    }

    /// Slots whose key may be the one that was hashed, in the order they were added.
    pub(in crate::org_state) fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let (before, from_home) = self.buckets.split_at(home(hash, self.buckets.len()));
        from_home
            .iter()
            .chain(before)
            .take_while(|(_, slot)| *slot != FREE)
            .filter(move |(known, _)| *known == hash)
            .map(|(_, slot)| *slot)
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.buckets);
        self.buckets = vec![(0, FREE); old.len() * 2];
        // Entries of one hash stay in their order: a probe that wrapped round the end is found
        // at the start of the table, so the walk begins behind the first gap.
        let gap = old.iter().position(|(_, slot)| *slot == FREE).unwrap_or(0);
        for (hash, slot) in old[gap..].iter().chain(&old[..gap]) {
            if *slot != FREE {
                self.place(*hash, *slot);
            }
        }
    }

    fn place(&mut self, hash: u32, slot: u32) {
        let home = home(hash, self.buckets.len());
        let (before, from_home) = self.buckets.split_at_mut(home);
        if let Some(bucket) = from_home
            .iter_mut()
            .chain(before)
            .find(|bucket| bucket.1 == FREE)
        {
            *bucket = (hash, slot);
        }
    }
}

/// Where the search for a hash begins: its share of the table, so that any size will do.
#[inline]
pub(super) fn home(hash: u32, bucket_count: usize) -> usize {
    let share = (u64::from(hash) * bucket_count as u64) >> 32;
    usize::try_from(share).unwrap_or(0)
}

/// Hash of a record id; letter case counts.
pub(in crate::org_state) fn hash_id(id: RecordId) -> u32 {
    upper_half(xxh3_64(id.as_bytes()))
}

/// Hash of a text as it stands.
pub(in crate::org_state) fn hash_text(text: &str) -> u32 {
    upper_half(xxh3_64(text.as_bytes()))
}

/// Hash of a number.
pub(in crate::org_state) fn hash_number(number: f64) -> u32 {
    upper_half(xxh3_64(&number.to_bits().to_le_bytes()))
}

/// Hash of a text, folded.
pub(in crate::org_state) fn hash_folded(text: &str) -> u32 {
    upper_half(folded(text, 0))
}

/// The same of a text in lower case, in half the time; the hash of no key for no text.
#[inline]
pub(in crate::org_state) fn hash_lower(text: &str) -> u32 {
    match text {
        "" => NO_KEY,
        text if text.is_ascii() => hash_text(text),
        text => hash_folded(text),
    }
}

/// Hash of an id together with a text, folded.
pub(in crate::org_state) fn hash_id_and_folded(id: RecordId, text: &str) -> u32 {
    upper_half(folded(text, xxh3_64(id.as_bytes())))
}

fn folded(text: &str, seed: u64) -> u64 {
    let mut buffer = [0; FOLDED_ON_STACK_MAX];
    match buffer.get_mut(..text.len()) {
        Some(place) if text.is_ascii() => {
            place.copy_from_slice(text.as_bytes());
            place.make_ascii_lowercase();
            xxh3_64_with_seed(place, seed)
        }
        _ => xxh3_64_with_seed(fold(text).as_bytes(), seed),
    }
}

/// Never the hash of no key.
fn upper_half(hash: u64) -> u32 {
    ((hash >> 32) as u32).max(NO_KEY + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_the_order_they_were_added_after_any_growth() {
        // Hashes at both ends of the range and one crowded home: probes wrap round the end.
        let mut table = HashTable::with_room_for(0);
        let hashes = [u32::MAX, u32::MAX - 1, 2, 1, 1 << 31];
        for slot in 0..500 {
            table.insert(hashes[slot as usize % hashes.len()], slot);
        }
        for (nth, hash) in hashes.into_iter().enumerate() {
            let added: Vec<u32> = (0..500).skip(nth).step_by(hashes.len()).collect();
            assert_eq!(table.candidates(hash).collect::<Vec<_>>(), added);
        }
        assert_eq!(table.candidates(7).count(), 0);
    }

    #[test]
    fn folding_on_the_stack_and_on_the_heap_agree() {
        let long = "A".repeat(FOLDED_ON_STACK_MAX + 1);
        for text in ["ADA@Acme.com", "", "ZOË", &long] {
            let lower = text.to_lowercase();
            assert_eq!(hash_folded(text), hash_text(&lower), "{text}");
            if !text.is_empty() {
                assert_eq!(hash_folded(text), hash_lower(&lower), "{text}");
            }
        }
    }

    #[test]
    fn ids_that_differ_only_in_case_hash_apart() {
        let lower = RecordId::parse("003A0000006vm9r").unwrap();
        let upper = RecordId::parse("003A0000006VM9R").unwrap();
        assert_ne!(hash_id(lower), hash_id(upper));
    }
}
