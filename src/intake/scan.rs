//! Finds the bytes that mean something in CSV text, 64 bytes at a time.
//!
//! Comes in: text and the bytes to stop at. Goes out: their positions, in order. Plain comparisons
//! and arithmetic, no `unsafe`; what the positions mean is `tokens`' business.

/// Gathers the low bits of eight bytes into the highest byte when multiplied.
const GATHER: u64 = 0x0102_0408_1020_4080;
const WORD: usize = 8;
const BLOCK: usize = 64;

/// Walks over the positions of `N` kinds of bytes. Zero may not be one of them: the last block is
/// filled up with it.
pub(super) struct Scanner<'t, const N: usize> {
    text: &'t [u8],
    /// Where the block behind `hits` starts.
    block: usize,
    /// Positions of the block that are still to be told, one bit each.
    hits: u64,
    /// The bytes looked for.
    wanted: [u8; N],
}

impl<'t, const N: usize> Scanner<'t, N> {
    /// Starts at a position of the text.
    pub(super) fn new(text: &'t [u8], start: usize, wanted: [u8; N]) -> Self {
        let mut scanner = Self {
            text,
            block: start,
            hits: 0,
            wanted,
        };
        scanner.hits = scanner.look(start);
        scanner
    }

    /// The next position, or none when the text ends.
    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            if self.text.len() - self.block <= BLOCK {
                return None;
            }
            self.block += BLOCK;
            self.hits = self.look(self.block);
        }
        let at = self.block + self.hits.trailing_zeros() as usize;
        self.hits &= self.hits - 1;
        Some(at)
    }

    /// The hits of the block that starts here.
    #[inline]
    fn look(&self, start: usize) -> u64 {
        let rest = &self.text[start..];
        if let Some(block) = rest.first_chunk::<BLOCK>() {
            return self.hits_in(block);
        }
        let mut padded = [0; BLOCK];
        padded[..rest.len()].copy_from_slice(rest);
        self.hits_in(&padded)
    }

    /// One bit for each byte that is looked for. In this shape the compiler makes vector code of
    /// the comparisons; measured against word arithmetic and `memchr3`, it is the fastest.
    #[inline]
    fn hits_in(&self, block: &[u8; BLOCK]) -> u64 {
        let mut marks = [0; BLOCK];
        for (mark, byte) in marks.iter_mut().zip(block) {
            let wanted = |found, wanted| found | u8::from(byte == wanted);
            *mark = self.wanted.iter().fold(0, wanted);
        }
        let (words, _) = marks.as_chunks::<WORD>();
        let mut hits = 0;
        for (index, marks) in words.iter().enumerate() {
            let eight = u64::from_le_bytes(*marks).wrapping_mul(GATHER) >> 56;
            hits |= eight << (index * WORD);
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn positions(text: &[u8], start: usize) -> Vec<usize> {
        let mut scanner = Scanner::new(text, start, *b",\n\"");
        std::iter::from_fn(|| scanner.next()).collect()
    }

    proptest! {
        #[test]
        fn every_wanted_byte_is_found_and_no_other(
            text in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), any::<u8>()], 0..300),
            start in 0_usize..300,
        ) {
            let start = start.min(text.len());
            let expected: Vec<usize> =
                (start..text.len()).filter(|&at| b",\n\"".contains(&text[at])).collect();
            prop_assert_eq!(positions(&text, start), expected);
        }
    }

    #[test]
    fn a_text_of_only_wanted_bytes_is_told_byte_by_byte() {
        let text = vec![b'"'; 200];
        assert_eq!(positions(&text, 0), (0..200).collect::<Vec<_>>());
    }
}
