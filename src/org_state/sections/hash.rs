//! The hash index behind every lookup: from the hash of a key to the slots that may hold it.
//!
//! It keeps 32 bits of an xxh3 hash and a 32-bit slot per entry and never the key: whoever asks
//! compares the key with the record itself. An entry whose record has changed since therefore
//! does no harm, and entries are only ever added. A [`HashTable`] grows in memory; written down
//! it is a section, which a [`HashIndex`] reads in place.

use std::collections::BTreeSet;
use std::io::{self, Write};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::model::id::RecordId;
use crate::org_state::fold::fold;
use crate::org_state::sections::section::Section;

/// Longest text that is folded on the stack.
const FOLDED_ON_STACK_MAX: usize = 256;

/// No slot: the bucket is free.
const FREE: u32 = u32::MAX;

/// The hash of no key: where a record has none.
pub(in crate::org_state) const NO_KEY: u32 = 0;

/// Bytes of a bucket: hash and slot.
const BUCKET_BYTES: usize = 8;

/// Buckets that the processor brings near together.
const LINE_BUCKETS: usize = 64 / BUCKET_BYTES;

/// Buckets that are encoded at a time.
const BUCKETS_AT_ONCE: usize = 4096;

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

    /// Writes the section that a [`HashIndex`] reads.
    pub(in crate::org_state) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(BUCKETS_AT_ONCE * BUCKET_BYTES);
        for buckets in self.buckets.chunks(BUCKETS_AT_ONCE) {
            bytes.clear();
            for (hash, slot) in buckets {
                bytes.extend_from_slice(&hash.to_le_bytes());
                bytes.extend_from_slice(&slot.to_le_bytes());
            }
            out.write_all(&bytes)?;
        }
        Ok(())
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

/// A written hash table, and what was added since.
#[derive(Debug, Clone, Default)]
pub(in crate::org_state) struct HashIndex {
    written: Section,
    /// Hash and slot.
    added: BTreeSet<(u32, u32)>,
}

impl HashIndex {
    /// Reads a section in place.
    pub(in crate::org_state) fn over(written: Section) -> Self {
        Self {
            written,
            added: BTreeSet::new(),
        }
    }

    /// Gives back the memory that lookups took.
    pub(in crate::org_state) fn let_go(&mut self) {
        self.written.let_go();
    }

    /// Adds an entry; one that is there already stays one.
    pub(in crate::org_state) fn add(&mut self, hash: u32, slot: u32) {
        if hash != NO_KEY && !self.candidates(hash).any(|known| known == slot) {
            self.added.insert((hash, slot));
        }
    }

    /// Brings the buckets near in which the search for a hash begins; what it returns means
    /// nothing. Most searches go on into the next line of the processor's memory.
    #[inline]
    pub(in crate::org_state) fn touch(&self, hash: u32) -> u64 {
        let buckets = self.written.as_chunks::<BUCKET_BYTES>().0;
        let home = home(hash, buckets.len());
        let near = |at: usize| {
            let bucket = buckets.get(at);
            bucket.map_or(0, |bucket| u64::from_le_bytes(*bucket))
        };
        near(home) | near(home + LINE_BUCKETS)
    }

    /// The first slot whose key may be the one that was hashed; none is the last number there is.
    #[inline]
    pub(in crate::org_state) fn first(&self, hash: u32) -> u32 {
        self.candidates(hash).next().unwrap_or(FREE)
    }

    /// Slots whose key may be the one that was hashed: the written ones in the order they were
    /// written, then those that were added, by slot.
    #[inline]
    pub(in crate::org_state) fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let buckets = self.written.as_chunks::<BUCKET_BYTES>().0;
        let (before, from_home) = buckets
            .split_at_checked(home(hash, buckets.len()))
            .unwrap_or_default();
        let written = from_home
            .iter()
            .chain(before)
            .map(|bucket| u64::from_le_bytes(*bucket))
            .take_while(|bucket| slot_of(*bucket) != FREE)
            .filter(move |bucket| hash_of(*bucket) == hash)
            .map(slot_of);
        let added = (!self.added.is_empty()).then(|| self.added.range((hash, 0)..=(hash, FREE)));
        written.chain(added.into_iter().flatten().map(|(_, slot)| *slot))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn hash_of(bucket: u64) -> u32 {
    bucket as u32
}

fn slot_of(bucket: u64) -> u32 {
    (bucket >> 32) as u32
}

/// Where the search for a hash begins: its share of the table, so that any size will do.
fn home(hash: u32, bucket_count: usize) -> usize {
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

    fn written(table: &HashTable) -> HashIndex {
        let mut section = Vec::new();
        table.write(&mut section).unwrap();
        HashIndex::over(section.into())
    }

    #[test]
    fn entries_are_found_in_the_order_they_were_added_after_any_growth_and_once_written() {
        // Hashes at both ends of the range and one crowded home: probes wrap round the end.
        let mut table = HashTable::with_room_for(0);
        let hashes = [u32::MAX, u32::MAX - 1, 2, 1, 1 << 31];
        for slot in 0..500 {
            table.insert(hashes[slot as usize % hashes.len()], slot);
        }
        let index = written(&table);
        for (nth, hash) in hashes.into_iter().enumerate() {
            let added: Vec<u32> = (0..500).skip(nth).step_by(hashes.len()).collect();
            assert_eq!(table.candidates(hash).collect::<Vec<_>>(), added);
            assert_eq!(index.candidates(hash).collect::<Vec<_>>(), added);
            assert_eq!(index.first(hash), added[0]);
        }
        assert_eq!(index.candidates(7).count(), 0);
        assert_eq!(index.first(7), u32::MAX);
    }

    #[test]
    fn what_is_added_to_a_written_index_is_found_behind_the_rest_and_once() {
        let mut table = HashTable::with_room_for(4);
        table.insert(9, 3);
        let mut index = written(&table);
        for (hash, slot) in [(9, 3), (9, 5), (9, 4), (9, 5), (NO_KEY, 6)] {
            index.add(hash, slot);
        }
        assert_eq!(index.candidates(9).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(index.candidates(NO_KEY).count(), 0);
        index.add(8, 7);
        assert_eq!(
            [8, 9, NO_KEY].map(|hash| index.first(hash)),
            [7, 3, u32::MAX]
        );
    }

    #[test]
    fn a_damaged_index_ends() {
        for bytes in [vec![], vec![0; 7], vec![0; 64], vec![0xff; 64]] {
            let index = HashIndex::over(bytes.into());
            assert!(index.candidates(1).count() <= 8);
        }
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
