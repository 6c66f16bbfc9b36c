//! The text of a table: the cells of every row in one heap.
//!
//! A row's cells stand one after the other, each behind its length, and the row keeps where they
//! start. Rows start at multiples of four bytes, so that a 32-bit start reaches 16 GiB. The heap
//! may lie in a file that was damaged: whatever it holds, reading ends in a text, at worst an
//! empty one.

/// Bits of a length byte that carry the length.
const LENGTH_BITS: u32 = 7;

/// Set in a length byte when another follows.
const MORE: u8 = 1 << LENGTH_BITS;

/// Length bytes of one cell at most: more would pass any text there is.
const LENGTH_BYTES_MAX: u32 = 5;

/// Bytes a row starts at a multiple of.
pub(in crate::org_state) const ALIGNMENT: usize = 4;

/// Puts the cells of a row behind each other into an empty buffer, and fills up to the next start.
pub(in crate::org_state) fn encode<'a>(
    cells: impl IntoIterator<Item = &'a str>,
    into: &mut Vec<u8>,
) {
    for cell in cells {
        let mut length = cell.len();
        while length >= usize::from(MORE) {
            into.push(length.to_le_bytes()[0] | MORE);
            length >>= LENGTH_BITS;
        }
        into.push(length.to_le_bytes()[0]);
        into.extend_from_slice(cell.as_bytes());
    }
    into.resize(into.len().next_multiple_of(ALIGNMENT), 0);
}

/// The cells of a row, wherever they are.
#[derive(Debug, Clone, Copy)]
pub(in crate::org_state) enum Text<'a> {
    /// In the heap, from the row's start on.
    Stored(&'a [u8]),
    /// Read again since.
    Fresh(&'a [String]),
}

impl<'a> Text<'a> {
    /// The cells of a row of the heap.
    pub(in crate::org_state) fn at(heap: &'a [u8], start: u32) -> Self {
        let start = (start as usize).saturating_mul(ALIGNMENT);
        Self::Stored(heap.get(start..).unwrap_or_default())
    }

    /// One cell, counted from 0.
    pub(in crate::org_state) fn cell(self, nth: usize) -> &'a str {
        match self {
            Self::Fresh(cells) => cells.get(nth).map_or("", String::as_str),
            Self::Stored(mut rest) => {
                let mut cell = next_cell(&mut rest);
                for _ in 0..nth {
                    cell = next_cell(&mut rest);
                }
                std::str::from_utf8(cell).unwrap_or_default()
            }
        }
    }

    /// Are these the cells?
    pub(in crate::org_state) fn is<'b>(self, cells: impl IntoIterator<Item = &'b str>) -> bool {
        let mut cells = cells.into_iter();
        match self {
            Self::Fresh(known) => cells.eq(known.iter().map(String::as_str)),
            Self::Stored(mut rest) => cells.all(|cell| next_cell(&mut rest) == cell.as_bytes()),
        }
    }
}

/// Takes the cell in front off the heap.
fn next_cell<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (mut length, mut shift) = (0, 0);
    while let Some((byte, behind)) = rest.split_first() {
        length |= usize::from(byte % MORE) << shift;
        *rest = behind;
        shift += LENGTH_BITS;
        if *byte < MORE || shift == LENGTH_BITS * LENGTH_BYTES_MAX {
            break;
        }
    }
    let (cell, behind) = rest.split_at_checked(length).unwrap_or_default();
    *rest = behind;
    cell
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heap(rows: &[Vec<String>]) -> (Vec<u8>, Vec<u32>) {
        let (mut heap, mut starts) = (Vec::new(), Vec::new());
        for row in rows {
            starts.push(u32::try_from(heap.len() / ALIGNMENT).unwrap());
            let mut cells = Vec::new();
            encode(row.iter().map(String::as_str), &mut cells);
            heap.extend(cells);
        }
        (heap, starts)
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_went_in(
            rows in prop::collection::vec(prop::collection::vec("\\PC{0,300}", 3), 1..20)
        ) {
            let (heap, starts) = heap(&rows);
            for (start, row) in starts.into_iter().zip(&rows) {
                let text = Text::at(&heap, start);
                for (nth, cell) in row.iter().enumerate() {
                    prop_assert_eq!(text.cell(nth), cell);
                }
                prop_assert!(text.is(row.iter().map(String::as_str)));
                prop_assert!(Text::Fresh(row).is(row.iter().map(String::as_str)));
                let other = [row[0].as_str(), "other", row[2].as_str()];
                prop_assert_eq!(text.is(other), row[1] == "other");
            }
        }

        #[test]
        fn a_damaged_heap_ends_in_a_text(
            heap in prop::collection::vec(any::<u8>(), 0..64), start in 0..20u32, nth in 0..5usize
        ) {
            let _ = Text::at(&heap, start).cell(nth).len();
        }
    }
}
