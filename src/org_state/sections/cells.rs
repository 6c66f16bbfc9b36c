//! The text of a table: the cells of every row in one heap.
//!
//! A row's cells stand one after the other, each behind its length, and the row keeps where they
//! start. Rows start at multiples of four bytes, so that a 32-bit start reaches 16 GiB. The heap
//! may lie in a file that was damaged: whatever it holds, reading ends in a text, at worst an
//! empty one.

use std::borrow::Cow;

use super::section::Section;

/// Bits of a length byte that carry the length.
const LENGTH_BITS: u32 = 7;

/// Set in a length byte when another follows.
const MORE: u8 = 1 << LENGTH_BITS;

/// Length bytes of one cell at most: more would pass any text there is.
const LENGTH_BYTES_MAX: u32 = 5;

/// Bytes that hold the cells of most rows.
const BYTES_USUAL: usize = 256;

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
    Stored(&'a Section, usize),
    /// Read again since.
    Fresh(&'a [String]),
}

impl<'a> Text<'a> {
    /// The cells of a row of the heap.
    pub(in crate::org_state) fn at(heap: &'a Section, start: u32) -> Self {
        Self::Stored(heap, (start as usize).saturating_mul(ALIGNMENT))
    }

    /// One cell, counted from 0.
    pub(in crate::org_state) fn cell(self, nth: usize) -> Cow<'a, str> {
        match self {
            Self::Fresh(cells) => Cow::Borrowed(cells.get(nth).map_or("", String::as_str)),
            Self::Stored(heap, start) => stored(heap, start, nth),
        }
    }

    /// Are these the cells?
    pub(in crate::org_state) fn is<'b>(self, cells: impl IntoIterator<Item = &'b str>) -> bool {
        let mut cells = cells.into_iter().enumerate();
        cells.all(|(nth, cell)| self.cell(nth) == cell)
    }
}

/// One cell of the heap. Of a file little is read at first, and more where the cell goes on.
fn stored(heap: &Section, start: usize, nth: usize) -> Cow<'_, str> {
    let mut room = BYTES_USUAL;
    loop {
        match heap.some(start, room) {
            Cow::Borrowed(bytes) => {
                let cell = nth_cell(bytes, nth).unwrap_or_default();
                return Cow::Borrowed(std::str::from_utf8(cell).unwrap_or_default());
            }
            Cow::Owned(bytes) => match nth_cell(&bytes, nth) {
                None if bytes.len() == room => room = room.saturating_mul(BYTES_USUAL),
                cell => {
                    let cell = std::str::from_utf8(cell.unwrap_or_default());
                    return Cow::Owned(cell.unwrap_or_default().to_owned());
                }
            },
        }
    }
}

/// A cell of the row that starts the bytes; none where they end before it does.
fn nth_cell(mut rest: &[u8], nth: usize) -> Option<&[u8]> {
    for _ in 0..nth {
        next_cell(&mut rest)?;
    }
    next_cell(&mut rest)
}

/// Takes the cell in front off the heap.
fn next_cell<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (mut length, mut shift) = (0, 0);
    while let Some((byte, behind)) = rest.split_first() {
        length |= usize::from(byte % MORE) << shift;
        *rest = behind;
        shift += LENGTH_BITS;
        if *byte < MORE || shift == LENGTH_BITS * LENGTH_BYTES_MAX {
            let (cell, behind) = rest.split_at_checked(length)?;
            *rest = behind;
            return Some(cell);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &heap).unwrap();
            let file = Arc::new(file.reopen().unwrap());
            let mapped = Section::mapped(file, 0, heap.len()).unwrap();
            let heap = Section::from(heap);
            for (start, row) in starts.into_iter().zip(&rows) {
                for (nth, cell) in row.iter().enumerate() {
                    prop_assert_eq!(&*Text::at(&mapped, start).cell(nth), cell);
                }
                let text = Text::at(&heap, start);
                for (nth, cell) in row.iter().enumerate() {
                    prop_assert_eq!(&*text.cell(nth), cell);
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
            let _ = Text::at(&Section::from(heap), start).cell(nth).len();
        }
    }
}
