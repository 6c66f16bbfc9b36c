//! Which line of the file has a key: one flat table for each thing a row can have once.
//!
//! Comes in: keys that are hashes, or dense numbers, each with its line. Goes out: the line that
//! has a key. A table is one run of words with open addressing, so that the places of many keys
//! can be brought near before the first of them is asked for. It never forgets a key.

use std::hint::black_box;

/// Lines by keys of so many words.
#[derive(Debug)]
pub(super) struct Lines<const WORDS: usize> {
    places: Vec<Place<WORDS>>,
    count: usize,
}

/// A key and its line; free where the line is 0, which no file has.
#[derive(Debug, Clone, Copy)]
struct Place<const WORDS: usize> {
    key: [u32; WORDS],
    line: u32,
}

/// Where the place of a key is that is not there yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreePlace(usize);

/// So many places on from where a search begins, few searches have not ended.
const NEXT_TOUCHED: usize = 3;

/// Places of a table with its first key.
const PLACES_FIRST: usize = 1024;

impl<const WORDS: usize> Place<WORDS> {
    const FREE: Self = Self {
        key: [0; WORDS],
        line: 0,
    };
}

impl<const WORDS: usize> Default for Lines<WORDS> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            count: 0,
        }
    }
}

impl<const WORDS: usize> Lines<WORDS> {
    /// The line that has the key, or the place that is free for it until another key is noted.
    #[inline]
    pub(super) fn get(&mut self, key: [u32; WORDS]) -> Result<u32, FreePlace> {
        // At most three quarters full, so that every search ends.
        if (self.count + 1) * 4 > self.places.len() * 3 {
            self.grow();
        }
        self.find(key)
    }

    /// Notes a key that no line has yet in the place that is free for it.
    #[inline]
    pub(super) fn insert(&mut self, FreePlace(at): FreePlace, key: [u32; WORDS], line: u32) {
        let line = line.max(1);
        self.places[at] = Place { key, line };
        self.count += 1;
    }

    /// Brings a key's place near, and those a search goes on to.
    #[inline]
    pub(super) fn touch(&self, key: [u32; WORDS]) {
        let home = self.home(key);
        let line = |at: usize| self.places.get(at).map_or(0, |place| place.line);
        black_box(line(home) | line(home + NEXT_TOUCHED));
    }

    #[inline]
    fn find(&self, key: [u32; WORDS]) -> Result<u32, FreePlace> {
        let mut at = self.home(key);
        loop {
            let place = &self.places[at];
            if place.line == 0 {
                return Err(FreePlace(at));
            }
            if place.key == key {
                return Ok(place.line);
            }
            at += 1;
            if at == self.places.len() {
                at = 0;
            }
        }
    }

    fn grow(&mut self) {
        let room = PLACES_FIRST.max(self.places.len() * 2);
        let old = std::mem::replace(&mut self.places, vec![Place::FREE; room]);
        for place in old.into_iter().filter(|place| place.line > 0) {
            if let Err(FreePlace(at)) = self.find(place.key) {
                self.places[at] = place;
            }
        }
    }

    /// Where the search for a key begins: its share of the table.
    fn home(&self, key: [u32; WORDS]) -> usize {
        let number = key.iter().take(2).fold(0, |number, word| {
            // The odd number closest to 2^32 divided by the golden ratio.
            (number ^ word).wrapping_mul(0x9E37_79B1)
        });
        let share = (u64::from(number) * self.places.len() as u64) >> u32::BITS;
        usize::try_from(share).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_line_however_the_table_grows() {
        let mut lines = Lines::default();
        let key = |number: u32| [number.wrapping_mul(0x0101_0101), number >> 3, 7];
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
