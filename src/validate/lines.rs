//! Which line of the file has a key: one flat table for each thing a row can have once.
//!
//! Comes in: keys that are hashes, each with its line. Goes out: the line that has a key. A table is
//! one run of numbers with open addressing, so that the places of many keys can be brought near
//! before the first of them is asked for. It never forgets a key.

use std::hint::black_box;

use crate::model::user::FoldedKey;

/// Lines by keys. Of a key 96 bits are kept: with its line it takes 16 bytes, and ten million rows
/// meet by chance less than once in 10^15 runs.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// A key and below it its line, which is never 0; free where all of it is 0.
    places: Vec<u128>,
    count: usize,
}

/// Where the place of a key is that is not there yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreePlace(usize);

/// So many places on from where a search begins, few searches have not ended.
const NEXT_TOUCHED: usize = 3;

/// Places of a table with its first key.
const PLACES_FIRST: usize = 1024;

impl Lines {
    /// No key yet, and room for so many before the table grows. Memory is taken as it fills.
    pub(super) fn with_room_for(keys: usize) -> Self {
        Self {
            places: vec![0; (keys + 1).div_ceil(3).saturating_mul(4)],
            count: 0,
        }
    }

    /// The line that has the key, or the place that is free for it until another key is noted.
    #[inline]
    pub(super) fn get(&mut self, key: FoldedKey) -> Result<u32, FreePlace> {
        // At most three quarters full, so that every search ends.
        if (self.count + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        self.find(kept(key))
    }

    /// Notes a key that no line has yet in the place that is free for it.
    #[inline]
    pub(super) fn insert(&mut self, FreePlace(at): FreePlace, key: FoldedKey, line: u32) {
        self.places[at] = kept(key) | u128::from(line.max(1));
        self.count += 1;
    }

    /// Brings a key's place near, and those a search goes on to.
    #[inline]
    pub(super) fn touch(&self, key: FoldedKey) {
        let home = self.home(kept(key));
        let line = |at: usize| self.places.get(at).map_or(0, |place| line_of(*place));
        black_box(line(home) | line(home + NEXT_TOUCHED));
    }

    #[inline]
    fn find(&self, key: u128) -> Result<u32, FreePlace> {
        let mut at = self.home(key);
        loop {
            let place = self.places[at];
            if place == 0 {
                return Err(FreePlace(at));
            }
            if key_of(place) == key {
                return Ok(line_of(place));
            }
            at += 1;
            if at == self.places.len() {
                at = 0;
            }
        }
    }

    fn grow(&mut self) {
        let room = PLACES_FIRST.max(self.places.len() * 2);
        let old = std::mem::replace(&mut self.places, vec![0; room]);
        for place in old.into_iter().filter(|place| *place > 0) {
            if let Err(FreePlace(at)) = self.find(key_of(place)) {
                self.places[at] = place;
            }
        }
    }

    /// Where the search for a key begins: its share of the table.
    #[inline]
    fn home(&self, key: u128) -> usize {
        // The odd number closest to 2^64 divided by the golden ratio.
        let mixed = word(key >> u64::BITS)
            .wrapping_add(word(key))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let share = ((mixed >> u32::BITS) * self.places.len() as u64) >> u32::BITS;
        usize::try_from(share).unwrap_or(0)
    }
}

/// What is kept of a key.
fn kept(FoldedKey(key): FoldedKey) -> u128 {
    key_of(key)
}

fn key_of(place: u128) -> u128 {
    place & !u128::from(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower part is meant")]
fn line_of(place: u128) -> u32 {
    place as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower part is meant")]
fn word(key: u128) -> u64 {
    key as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_line_however_the_table_grows() {
        for room in [0, 1, 100, 5000] {
            let mut lines = Lines::with_room_for(room);
            let key = |number: u32| FoldedKey(u128::from(number) << 32 | 7);
            for number in 0..5000 {
                let free = lines.get(key(number)).unwrap_err();
                lines.insert(free, key(number), number + 2);
                lines.touch(key(number));
            }
            for number in 0..5000 {
                assert_eq!(lines.get(key(number)).unwrap(), number + 2);
            }
        }
    }
}
