//! The next chunk of a wave: which rows, and so which bytes of its file, one job carries.
//!
//! Comes in: a sealed wave, the first row not yet sent, limits. Goes out: a run of whole records
//! within the limits, cut between two accounts where that is possible. Pure: the same wave and
//! limits give the same chunks, which is what lets a journal be replayed.

use crate::model::wave::SealedWave;

/// Rows of a wave that travel in one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Its first row, as a position in the wave.
    pub first: usize,
    /// Its rows.
    pub rows: usize,
    /// Its first byte in the wave's file.
    pub offset: u64,
    /// Its bytes, header apart.
    pub bytes: u64,
    /// Does it begin with the account its predecessor ended with? Then it may only be sent when
    /// that one has ended, because an account is never in two jobs at once (R-1001).
    pub waits_for_predecessor: bool,
}

/// What a chunk must stay within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Rows, at least 1.
    pub rows_max: usize,
    /// Bytes, header included. One record that alone is longer is a chunk of its own; validation
    /// has seen to it that the org takes it.
    pub bytes_max: u64,
}

/// The chunk that begins with row `first`; none behind the last row.
///
/// An account whose rows do not fit whole moves to the next chunk; one that would fit into no
/// chunk is cut inside.
pub fn next_chunk(wave: &SealedWave, first: usize, limits: &ChunkLimits) -> Option<Chunk> {
    let rows = &wave.rows;
    let offset = rows.get(first)?.offset;
    let end = account_boundary(wave, first, rows_that_fit(wave, first, limits));
    let last = rows[end - 1];
    Some(Chunk {
        first,
        rows: end - first,
        offset,
        bytes: last.offset + u64::from(last.length) - offset,
        waits_for_predecessor: first > 0 && rows[first - 1].account == rows[first].account,
    })
}

/// One past the last row that fits, accounts not regarded; the first row always does.
fn rows_that_fit(wave: &SealedWave, first: usize, limits: &ChunkLimits) -> usize {
    let mut end = first;
    let mut bytes = wave.header.len() as u64;
    let mut next_offset = wave.rows[first].offset;
    for row in wave.rows[first..].iter().take(limits.rows_max.max(1)) {
        assert!(
            row.offset == next_offset,
            "the records of a sealed wave follow each other"
        );
        next_offset += u64::from(row.length);
        bytes += u64::from(row.length);
        if end > first && bytes > limits.bytes_max {
            break;
        }
        end += 1;
    }
    end
}

/// Moves a cut that falls inside an account back to where the account begins, unless the chunk
/// would then be empty.
fn account_boundary(wave: &SealedWave, first: usize, end: usize) -> usize {
    let rows = &wave.rows;
    let Some(next) = rows.get(end) else {
        return end;
    };
    let of_next = rows[first..end]
        .iter()
        .rev()
        .take_while(|row| row.account == next.account);
    match end - of_next.count() {
        begin if begin == first => end,
        begin => begin,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::change::ChangeKind;
    use crate::model::id::{AccountSlot, RowOrdinal};
    use crate::model::wave::{SealedRow, WaveLetter};

    /// A wave of rows `(account, bytes)`.
    pub(in crate::upload) fn wave_of(rows: &[(u32, u32)], header_bytes: usize) -> SealedWave {
        let mut offset = header_bytes as u64;
        let rows = rows.iter().zip(0..).map(|((account, length), row)| {
            let row = SealedRow {
                row: RowOrdinal(row),
                account: AccountSlot(*account),
                offset,
                length: *length,
                nickname_derived: false,
            };
            offset += u64::from(*length);
            row
        });
        SealedWave {
            number: 3,
            kind: ChangeKind::CreateUser,
            letter: WaveLetter::C,
            round: 1,
            file: "plan/03-create-user-c.r1.csv".into(),
            sha256: String::new(),
            rows: rows.collect(),
            header: vec![b'x'; header_bytes],
            role_based: false,
        }
    }

    fn all(wave: &SealedWave, limits: &ChunkLimits) -> Vec<Chunk> {
        let next = |first| next_chunk(wave, first, limits);
        std::iter::successors(next(0), |chunk| next(chunk.first + chunk.rows)).collect()
    }

    fn shape(chunks: &[Chunk]) -> Vec<(usize, bool)> {
        chunks
            .iter()
            .map(|chunk| (chunk.rows, chunk.waits_for_predecessor))
            .collect()
    }

    /// A wave, its limits of rows and bytes; the rows of its chunks, and whether each waits.
    type Case = (&'static [(u32, u32)], usize, u64, &'static [(usize, bool)]);

    #[test]
    fn cuts_fall_between_accounts_where_they_can() {
        let table: &[Case] = &[
            (&[], 3, 1_000, &[]),
            (&[(1, 9), (2, 9)], 3, 1_000, &[(2, false)]),
            // The third row of account 2 does not fit: the account moves.
            (
                &[(1, 9), (2, 9), (2, 9), (2, 9), (3, 9)],
                3,
                1_000,
                &[(1, false), (3, false), (1, false)],
            ),
            // Account 1 fits into no chunk: cut inside, and the rest waits.
            (
                &[(1, 9), (1, 9), (1, 9), (2, 9)],
                2,
                1_000,
                &[(2, false), (2, true)],
            ),
            (
                &[(1, 9), (1, 9), (1, 9), (1, 9), (1, 9)],
                2,
                1_000,
                &[(2, false), (2, true), (1, true)],
            ),
            // Bytes: the header of 10 counts in every chunk.
            (
                &[(1, 45), (2, 45), (3, 45)],
                9,
                100,
                &[(2, false), (1, false)],
            ),
            (
                &[(1, 45), (2, 46), (3, 45)],
                9,
                100,
                &[(1, false), (1, false), (1, false)],
            ),
            // One record longer than allowed is alone.
            (
                &[(1, 9), (1, 500), (1, 9)],
                9,
                100,
                &[(1, false), (1, true), (1, true)],
            ),
        ];
        for (rows, rows_max, bytes_max, expected) in table {
            let limits = ChunkLimits {
                rows_max: *rows_max,
                bytes_max: *bytes_max,
            };
            assert_eq!(
                shape(&all(&wave_of(rows, 10), &limits)),
                *expected,
                "{rows:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn chunks_rejoined_are_the_wave_and_stay_within_limits(
            mut rows in prop::collection::vec((0_u32..12, 1_u32..60), 0..120),
            rows_max in 1_usize..20,
            bytes_max in 20_u64..400,
        ) {
            rows.sort_unstable();
            let wave = wave_of(&rows, 10);
            let limits = ChunkLimits { rows_max, bytes_max };
            let chunks = all(&wave, &limits);
            let (mut row, mut byte) = (0, wave.rows.first().map_or(0, |row| row.offset));
            for chunk in &chunks {
                prop_assert_eq!((chunk.first, chunk.offset), (row, byte));
                row += chunk.rows;
                byte += chunk.bytes;
                prop_assert!((1..=rows_max).contains(&chunk.rows));
                prop_assert!(chunk.bytes + 10 <= bytes_max || chunk.rows == 1);
            }
            prop_assert_eq!(row, wave.rows.len());
            for pair in chunks.windows(2) {
                let cut = pair[1].first;
                let same = wave.rows[cut - 1].account == wave.rows[cut].account;
                prop_assert_eq!(pair[1].waits_for_predecessor, same);
                // An account is cut only when the chunk before the cut holds nothing else.
                let before = &wave.rows[pair[0].first..cut];
                prop_assert!(!same || before.iter().all(|row| row.account == before[0].account));
            }
        }
    }
}
