//! The text of a table: the cells of every row in one heap.
//!
//! A row's cells stand one after the other, each behind its length, and the row keeps where they
//! start. Lengths are written as ASCII (six bits a byte), so the heap is one valid `String` and a
//! cell is a slice of it: reading neither checks nor copies.

/// Bits of a length byte that carry the length.
const LENGTH_BITS: u32 = 6;

/// Set in a length byte when another follows.
const MORE: u8 = 1 << LENGTH_BITS;

/// Where the cells of a row start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start(u32);

/// The heap has reached 4 GiB, which is as far as a [`Start`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeapFull;

/// Rows of text cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    heap: String,
}

impl Cells {
    /// Adds the cells of a row.
    pub(crate) fn push<'a>(
        &mut self,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<Start, HeapFull> {
        let start = u32::try_from(self.heap.len()).map_err(|_| HeapFull)?;
        for cell in cells {
            self.push_length(cell.len());
            self.heap.push_str(cell);
        }
        Ok(Start(start))
    }

    /// One cell of a row, counted from 0.
    pub(crate) fn get(&self, row: Start, cell: usize) -> &str {
        let mut at = row.0 as usize;
        for _ in 0..cell {
            let (start, length) = self.length_at(at);
            at = start + length;
        }
        let (start, length) = self.length_at(at);
        &self.heap[start..start + length]
    }

    /// Does the row hold these cells?
    pub(crate) fn is<'a>(&self, row: Start, cells: impl IntoIterator<Item = &'a str>) -> bool {
        let mut at = row.0 as usize;
        cells.into_iter().all(|cell| {
            let (start, length) = self.length_at(at);
            at = start + length;
            self.heap[start..at] == *cell
        })
    }

    /// Gives back room that was kept for more rows.
    pub(crate) fn shrink(&mut self) {
        self.heap.shrink_to_fit();
    }

    fn push_length(&mut self, mut length: usize) {
        loop {
            let low = u8::try_from(length % usize::from(MORE)).unwrap_or(0);
            length >>= LENGTH_BITS;
            if length == 0 {
                self.heap.push(char::from(low));
                return;
            }
            self.heap.push(char::from(low | MORE));
        }
    }

    /// Where the cell behind the length at `at` starts, and its length.
    fn length_at(&self, mut at: usize) -> (usize, usize) {
        let bytes = self.heap.as_bytes();
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = bytes[at];
            length |= usize::from(byte % MORE) << shift;
            at += 1;
            if byte < MORE {
                return (at, length);
            }
            shift += LENGTH_BITS;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_row_holds_its_own_cells_and_no_others() {
        let mut cells = Cells::default();
        let [ada, zoe] = [["Ada", "Lovelace"], ["Zoë", ""]].map(|row| cells.push(row).unwrap());
        assert_eq!((cells.get(ada, 0), cells.get(ada, 1)), ("Ada", "Lovelace"));
        assert_eq!((cells.get(zoe, 0), cells.get(zoe, 1)), ("Zoë", ""));
        assert!(cells.is(zoe, ["Zoë", ""]) && !cells.is(zoe, ["Zoë", "x"]));
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_went_in(
            rows in prop::collection::vec(prop::array::uniform3("\\PC{0,300}"), 1..20)
        ) {
            let mut cells = Cells::default();
            let mut starts = Vec::new();
            for row in &rows {
                starts.push(cells.push(row.iter().map(String::as_str)).unwrap());
            }
            for (start, row) in starts.into_iter().zip(&rows) {
                for (cell, text) in row.iter().enumerate() {
                    prop_assert_eq!(cells.get(start, cell), text);
                }
            }
        }
    }
}
