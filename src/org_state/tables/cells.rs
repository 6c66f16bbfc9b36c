//! The text of a table: every cell of every row in one heap, one offset per row.
//!
//! A row's cells stand one after the other, each behind its length. Lengths are written as ASCII
//! (six bits a byte), so the heap is one valid `String` and a cell is a slice of it: reading
//! neither checks nor copies.

use super::order::reorder;

/// Bits of a length byte that carry the length.
const LENGTH_BITS: u32 = 6;

/// Set in a length byte when another follows.
const MORE: u8 = 1 << LENGTH_BITS;

/// The heap has reached 4 GiB, which is as far as a row's offset goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeapFull;

/// Rows of text cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    heap: String,
    starts: Vec<u32>,
}

impl Cells {
    /// Adds a row.
    pub(crate) fn push<'a>(
        &mut self,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), HeapFull> {
        let start = self.append(cells)?;
        self.starts.push(start);
        Ok(())
    }

    /// Gives a row other cells; what it held before stays behind in the heap.
    pub(crate) fn replace<'a>(
        &mut self,
        row: u32,
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), HeapFull> {
        let start = self.append(cells)?;
        self.starts[row as usize] = start;
        Ok(())
    }

    /// One cell of a row; both counted from 0.
    pub(crate) fn get(&self, row: u32, cell: usize) -> &str {
        let mut at = self.starts[row as usize] as usize;
        for _ in 0..cell {
            let (start, length) = self.length_at(at);
            at = start + length;
        }
        let (start, length) = self.length_at(at);
        &self.heap[start..start + length]
    }

    /// Does the row hold these cells?
    pub(crate) fn is<'a>(&self, row: u32, cells: impl IntoIterator<Item = &'a str>) -> bool {
        let mut at = self.starts[row as usize] as usize;
        cells.into_iter().all(|cell| {
            let (start, length) = self.length_at(at);
            at = start + length;
            self.heap[start..at] == *cell
        })
    }

    /// Puts the rows in this order and gives back spare room.
    pub(crate) fn reorder(&mut self, order: &[u32]) {
        reorder(&mut self.starts, order);
    }

    /// Gives back room that was kept for more rows.
    pub(crate) fn shrink(&mut self) {
        self.heap.shrink_to_fit();
        self.starts.shrink_to_fit();
    }

    fn append<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<u32, HeapFull> {
        let start = u32::try_from(self.heap.len()).map_err(|_| HeapFull)?;
        for cell in cells {
            let mut length = cell.len();
            loop {
                let low = length % usize::from(MORE);
                length >>= LENGTH_BITS;
                let more = if length > 0 { MORE } else { 0 };
                self.heap
                    .push(char::from(u8::try_from(low).unwrap_or(0) | more));
                if more == 0 {
                    break;
                }
            }
            self.heap.push_str(cell);
        }
        Ok(start)
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
    fn a_replaced_row_holds_its_new_cells_and_the_others_theirs() {
        let mut cells = Cells::default();
        cells.push(["Ada", "Lovelace"]).unwrap();
        cells.push(["Zoë", ""]).unwrap();
        cells.replace(0, ["Augusta", "King"]).unwrap();
        assert_eq!((cells.get(0, 0), cells.get(0, 1)), ("Augusta", "King"));
        assert_eq!((cells.get(1, 0), cells.get(1, 1)), ("Zoë", ""));
        assert!(cells.is(1, ["Zoë", ""]) && !cells.is(1, ["Zoë", "x"]));
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_went_in(
            rows in prop::collection::vec(prop::array::uniform3("\\PC{0,300}"), 1..20)
        ) {
            let mut cells = Cells::default();
            for row in &rows {
                cells.push(row.iter().map(String::as_str)).unwrap();
            }
            for (nth, row) in (0..).zip(&rows) {
                for (cell, text) in row.iter().enumerate() {
                    prop_assert_eq!(cells.get(nth, cell), text);
                }
            }
        }
    }
}
