//! The hash index behind every lookup: from the hash of a key to the slots that may hold it.
//!
//! It keeps 32 bits of an xxh3 hash and a 32-bit slot per entry and never the key: whoever asks
//! compares the key with the record itself. An entry whose record has changed since therefore
//! does no harm, and entries are only ever added.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::fold::fold;
use crate::model::id::RecordId;

/// Longest text that is folded on the stack.
const FOLDED_ON_STACK_MAX: usize = 256;

/// No slot: the bucket is free.
const FREE: u32 = u32::MAX;

/// A hash table with open addressing, at most three quarters full.
#[derive(Debug, Clone)]
pub(super) struct HashIndex {
    /// Hash and slot.
    buckets: Vec<(u32, u32)>,
    entry_count: usize,
}

impl HashIndex {
    /// An empty index that takes that many entries without growing.
    pub(super) fn with_room_for(entry_count: usize) -> Self {
        Self {
            buckets: vec![(0, FREE); entry_count / 3 * 4 + 8],
            entry_count: 0,
        }
    }

    /// Adds an entry; one that is there already stays one.
    pub(super) fn insert(&mut self, hash: u32, slot: u32) {
        if self.candidates(hash).any(|known| known == slot) {
            return;
        }
        if (self.entry_count + 1) * 4 > self.buckets.len() * 3 {
            self.grow();
        }
        self.place(hash, slot);
        self.entry_count += 1;
    }

    /// Slots whose key may be the one that was hashed, in the order they were added.
    pub(super) fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let (before, from_home) = self.buckets.split_at(self.home(hash));
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
        let home = self.home(hash);
        let (before, from_home) = self.buckets.split_at_mut(home);
        if let Some(bucket) = from_home
            .iter_mut()
            .chain(before)
            .find(|bucket| bucket.1 == FREE)
        {
            *bucket = (hash, slot);
        }
    }

    /// Where the search for a hash begins: its share of the table, so that any size will do.
    fn home(&self, hash: u32) -> usize {
        let share = (u64::from(hash) * self.buckets.len() as u64) >> 32;
        usize::try_from(share).unwrap_or(0)
    }
}

/// Hash of a record id; letter case counts.
pub(super) fn hash_id(id: RecordId) -> u32 {
    upper_half(xxh3_64(id.as_15().as_bytes()))
}

/// Hash of a text as it stands.
pub(super) fn hash_text(text: &str) -> u32 {
    upper_half(xxh3_64(text.as_bytes()))
}

/// Hash of a number.
pub(super) fn hash_number(number: f64) -> u32 {
    upper_half(xxh3_64(&number.to_bits().to_le_bytes()))
}

/// Hash of a text, folded.
pub(super) fn hash_folded(text: &str) -> u32 {
    upper_half(folded(text, 0))
}

/// Hash of an id together with a text, folded.
pub(super) fn hash_id_and_folded(id: RecordId, text: &str) -> u32 {
    upper_half(folded(text, xxh3_64(id.as_15().as_bytes())))
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

fn upper_half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_the_order_they_were_added_after_any_growth() {
        // Hashes at both ends of the range and one crowded home: probes wrap round the end.
        let mut index = HashIndex::with_room_for(0);
        let hashes = [u32::MAX, u32::MAX - 1, 0, 1, 1 << 31];
        for slot in 0..500 {
            index.insert(hashes[slot as usize % hashes.len()], slot);
        }
        for (nth, hash) in hashes.into_iter().enumerate() {
            let found: Vec<u32> = index.candidates(hash).collect();
            let added: Vec<u32> = (0..500).skip(nth).step_by(hashes.len()).collect();
            assert_eq!(found, added);
        }
        assert_eq!(index.candidates(7).count(), 0);
    }

    #[test]
    fn the_same_entry_twice_is_one_entry() {
        let mut index = HashIndex::with_room_for(4);
        index.insert(9, 3);
        index.insert(9, 3);
        assert_eq!(index.candidates(9).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn folding_on_the_stack_and_on_the_heap_agree() {
        let long = "A".repeat(FOLDED_ON_STACK_MAX + 1);
        for text in ["ADA@Acme.com", "", "ZOË", &long] {
            assert_eq!(hash_folded(text), hash_text(&text.to_lowercase()), "{text}");
        }
    }

    #[test]
    fn ids_that_differ_only_in_case_hash_apart() {
        let lower = RecordId::parse("003A0000006vm9r").unwrap();
        let upper = RecordId::parse("003A0000006VM9R").unwrap();
        assert_ne!(hash_id(lower), hash_id(upper));
    }
}
