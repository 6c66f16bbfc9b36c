//! The hash index behind every lookup: from the hash of a key to the slots that may hold it.
//!
//! It keeps a hash and a slot per entry and never the key: whoever asks compares the key with the
//! record itself. An entry whose record has changed since therefore does no harm, and entries are
//! only ever added.
//!
//! ```text
//! 0    8  buckets that a search can begin at
//! 8   56  zero
//! 64   8  for each bucket: slot 4, hash 4; a free one is all ones
//! ```
//!
//! Entries are in the order of their hashes, each where the search for it begins or as soon behind
//! as there is room; the last ones may lie behind the buckets that searches begin at. So a search
//! ends at the first greater hash, after two or three buckets whether it finds anything or not.
//! Hash tables of the usual kind end at a gap only: three quarters full, that takes nine buckets
//! and often a third line of the processor's memory for what is not there, as most is not.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::hash::{FREE, NO_KEY, home};
use super::section::Section;

/// Bytes of a bucket: slot and hash.
const BUCKET_BYTES: usize = 8;

/// Buckets that the processor brings near together, and that the header takes.
const LINE_BUCKETS: usize = 64 / BUCKET_BYTES;

/// Buckets that most searches end in: one in fourteen goes on further.
const FEW_BUCKETS: usize = 5;

/// A free bucket: greater than any other.
const GAP: u64 = u64::MAX;

/// Bytes that are encoded at a time.
const ENCODED_AT_ONCE: usize = 1 << 15;

/// Writes the section that a [`HashIndex`] reads, from hashes and slots in any order.
pub(in crate::org_state) fn write(
    mut entries: Vec<(u32, u32)>,
    out: &mut dyn Write,
) -> io::Result<()> {
    entries.sort_unstable();
    let home_count = entries.len() / 3 * 4 + LINE_BUCKETS;
    let mut bytes = Vec::with_capacity(ENCODED_AT_ONCE + BUCKET_BYTES);
    bytes.extend_from_slice(&(home_count as u64).to_le_bytes());
    bytes.resize(LINE_BUCKETS * BUCKET_BYTES, 0);
    let mut put = |bucket: u64| {
        bytes.extend_from_slice(&bucket.to_le_bytes());
        if bytes.len() < ENCODED_AT_ONCE {
            return Ok(());
        }
        let written = out.write_all(&bytes);
        bytes.clear();
        written
    };
    let mut place = 0;
    for (hash, slot) in entries {
        let home = home(hash, home_count);
        (place..home).try_for_each(|_| put(GAP))?;
        put(key_of(hash) | u64::from(slot))?;
        place = place.max(home) + 1;
    }
    (place..home_count).try_for_each(|_| put(GAP))?;
    out.write_all(&bytes)
}

/// A written index, and what was added since.
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
    /// nothing.
    #[inline]
    pub(in crate::org_state) fn touch(&self, hash: u32) -> u64 {
        let buckets = self.search(hash);
        let few = buckets.first_chunk::<FEW_BUCKETS>();
        few.map_or(0, |[first, .., last]| bucket_of(*first) | bucket_of(*last))
    }

    /// The first slot whose key may be the one that was hashed; none is the last number there is.
    ///
    /// All of a few buckets are compared: at which of them a search ends cannot be foreseen, and
    /// a processor that guessed wrongly begins the searches behind it anew.
    #[inline]
    pub(in crate::org_state) fn first(&self, hash: u32) -> u32 {
        let key = key_of(hash);
        match self.search(hash).first_chunk::<FEW_BUCKETS>() {
            Some(few) if bucket_of(few[FEW_BUCKETS - 1]) >= key && self.added.is_empty() => {
                let least = few.iter().fold(GAP, |least, bucket| {
                    let bucket = bucket_of(*bucket);
                    least.min(if bucket < key { GAP } else { bucket })
                });
                // The slot of a free bucket is none.
                let is_found = hash_of(least) == hash;
                if is_found { slot_of(least) } else { FREE }
            }
            Some(_) | None => self.first_of_many(hash),
        }
    }

    #[inline(never)]
    fn first_of_many(&self, hash: u32) -> u32 {
        self.candidates(hash).next().unwrap_or(FREE)
    }

    /// Slots whose key may be the one that was hashed: the written ones by slot, then those that
    /// were added, by slot.
    #[inline]
    pub(in crate::org_state) fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> + '_ {
        let key = key_of(hash);
        let written = self
            .search(hash)
            .iter()
            .map(|bucket| bucket_of(*bucket))
            .skip_while(move |bucket| *bucket < key)
            .take_while(move |bucket| hash_of(*bucket) == hash && *bucket != GAP)
            .map(slot_of);
        let added = (!self.added.is_empty()).then(|| self.added.range((hash, 0)..=(hash, FREE)));
        written.chain(added.into_iter().flatten().map(|(_, slot)| *slot))
    }

    /// The buckets from the one on where the search for a hash begins.
    #[inline]
    fn search(&self, hash: u32) -> &[[u8; BUCKET_BYTES]] {
        let buckets = self.written.as_chunks::<BUCKET_BYTES>().0;
        let Some((header, buckets)) = buckets.split_first_chunk::<LINE_BUCKETS>() else {
            return &[];
        };
        // A damaged header may say anything.
        let home_count = usize::try_from(u64::from_le_bytes(header[0])).unwrap_or(0);
        let home = home(hash, home_count.min(buckets.len()));
        buckets.get(home..).unwrap_or_default()
    }
}

fn bucket_of(bytes: [u8; BUCKET_BYTES]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// The least bucket of a hash.
fn key_of(hash: u32) -> u64 {
    u64::from(hash) << u32::BITS
}

fn hash_of(bucket: u64) -> u32 {
    (bucket >> u32::BITS) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn slot_of(bucket: u64) -> u32 {
    bucket as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(entries: Vec<(u32, u32)>) -> HashIndex {
        let mut section = Vec::new();
        write(entries, &mut section).unwrap();
        HashIndex::over(section.into())
    }

    #[test]
    fn entries_are_found_by_slot_wherever_they_crowd() {
        // Hashes at both ends of the range: many lie behind the buckets that searches begin at.
        let hashes = [u32::MAX, u32::MAX - 1, 2, 1, 1 << 31];
        let entries = (0..500).map(|slot| (hashes[slot as usize % hashes.len()], slot));
        let index = written(entries.rev().collect());
        for (nth, hash) in hashes.into_iter().enumerate() {
            let added: Vec<u32> = (0..500).skip(nth).step_by(hashes.len()).collect();
            assert_eq!(index.candidates(hash).collect::<Vec<_>>(), added);
            assert_eq!(index.first(hash), added[0]);
        }
        assert_eq!(index.candidates(7).count(), 0);
        assert_eq!(index.first(7), u32::MAX);
    }

    proptest! {
        #[test]
        fn what_was_written_is_found_and_nothing_else(
            hashes in prop::collection::vec(
                prop_oneof![1..40u32, any::<u32>(), u32::MAX - 3..=u32::MAX], 0..200
            ),
            others in prop::collection::vec(any::<u32>(), 20)
        ) {
            let entries: Vec<(u32, u32)> = hashes.iter().copied().zip(0..).collect();
            let index = written(entries.clone());
            for hash in hashes.iter().chain(&others) {
                let wanted = entries.iter().filter(|(known, _)| known == hash);
                let wanted: Vec<u32> = wanted.map(|(_, slot)| *slot).collect();
                prop_assert_eq!(index.candidates(*hash).collect::<Vec<_>>(), wanted);
            }
        }
    }

    #[test]
    fn what_is_added_to_a_written_index_is_found_behind_the_rest_and_once() {
        let mut index = written(vec![(9, 3)]);
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
        for bytes in [
            vec![],
            vec![0; 7],
            vec![0; 64],
            vec![0; 200],
            vec![0xff; 200],
        ] {
            let index = HashIndex::over(bytes.into());
            for hash in [1, u32::MAX] {
                assert!(index.candidates(hash).count() <= 25);
            }
        }
    }
}
