//! Rows of the contacts file as they came: text spans of a window, nothing interpreted.
//!
//! A window owns the decoded bytes of a run of records; a [`ContactRow`] is a view of one record.
//! Raw spans keep quotes and white space, because outputs repeat cells byte for byte.

use std::borrow::Cow;
use std::ops::Range;

use super::id::RowOrdinal;

/// How a cell was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// No quotes: the raw span is the value.
    Bare,
    /// In quotes, none inside: the value is the raw span less its first and last byte.
    Quoted,
    /// In quotes with doubled quotes inside.
    Escaped,
}

/// One cell: its raw span in the window's text, quotes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How it was written.
    pub quoting: Quoting,
}

/// What is wrong with a record as text; such a row is rejected, the file goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFault {
    /// More or fewer cells than the header has columns.
    Width {
        /// Cells found.
        found: u32,
    },
    /// Bytes that are not text in the file's encoding, or a NUL character.
    Encoding {
        /// Offset of the first such byte from the start of the record, in decoded bytes.
        offset: u32,
    },
}

/// One record: where it stood and which cells it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Line of the file its first byte is on, from 1.
    pub line: u64,
    /// The record's bytes in the window's text, line end excluded.
    pub bytes: Range<u32>,
    /// Its cells, as positions in the window's cell list.
    pub cells: Range<u32>,
    /// What is wrong with it as text, if anything.
    pub fault: Option<RecordFault>,
}

/// A run of consecutive records with the text they are made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Window {
    /// Ordinal of the first record.
    pub first_row: u32,
    /// Decoded bytes: UTF-8, except inside records with [`RecordFault::Encoding`].
    pub text: Vec<u8>,
    /// Every cell of every record, in order.
    pub cells: Vec<Cell>,
    /// The records, in file order.
    pub records: Vec<Record>,
}

impl Window {
    /// The rows, in file order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = ContactRow<'_>> {
        (0..self.records.len()).map(|index| self.row(index))
    }

    /// The row at a position of this window.
    pub fn row(&self, index: usize) -> ContactRow<'_> {
        ContactRow {
            window: self,
            index,
        }
    }
}

/// One record of the contacts file.
#[derive(Debug, Clone, Copy)]
pub struct ContactRow<'w> {
    window: &'w Window,
    index: usize,
}

impl<'w> ContactRow<'w> {
    /// Its ordinal in the file.
    pub fn ordinal(&self) -> RowOrdinal {
        RowOrdinal(self.window.first_row + u32::try_from(self.index).unwrap_or(u32::MAX))
    }

    /// The line it starts on, from 1.
    pub fn line(&self) -> u64 {
        self.record().line
    }

    /// What is wrong with it as text.
    pub fn fault(&self) -> Option<RecordFault> {
        self.record().fault
    }

    /// How many cells it has.
    pub fn cell_count(&self) -> usize {
        self.record().cells.len()
    }

    /// The whole record as bytes, line end excluded.
    pub fn raw(&self) -> &'w [u8] {
        let bytes = &self.record().bytes;
        &self.window.text[bytes.start as usize..bytes.end as usize]
    }

    /// One cell as it stands in the file, quotes included; empty past the record's end.
    pub fn raw_cell(&self, column: usize) -> &'w [u8] {
        self.cell(column).map_or(&[], |cell| self.span(cell))
    }

    /// One cell's value, unquoted; empty past the record's end. Bytes that are not UTF-8 come
    /// out as U+FFFD: such a row carries [`RecordFault::Encoding`] and is never sent.
    pub fn value(&self, column: usize) -> Cow<'w, str> {
        let Some(cell) = self.cell(column) else {
            return Cow::Borrowed("");
        };
        let raw = self.span(cell);
        match cell.quoting {
            Quoting::Bare => text(raw),
            Quoting::Quoted => text(&raw[1..raw.len() - 1]),
            Quoting::Escaped => {
                let inner = text(&raw[1..raw.len() - 1]);
                Cow::Owned(inner.replace("\"\"", "\""))
            }
        }
    }

    /// The cells as text; none where the record's bytes are no UTF-8. `whole` is the text of the
    /// window where all of that is UTF-8: then the record is not checked again.
    pub fn text(&self, whole: Option<&'w str>) -> Option<RowText<'w>> {
        let Record { bytes, cells, .. } = self.record();
        let (text, start) = match whole {
            Some(whole) => (whole, 0),
            None => (std::str::from_utf8(self.raw()).ok()?, bytes.start),
        };
        Some(RowText {
            text,
            start,
            cells: &self.window.cells[cells.start as usize..cells.end as usize],
        })
    }

    /// Brings the record near before it is read; what it returns means nothing.
    pub fn touch(&self) -> u8 {
        /// Bytes the processor brings near together.
        const LINE: usize = 64;
        let lines = self.raw().iter().step_by(LINE);
        lines.fold(0, |all, byte| all | byte)
    }

    fn record(&self) -> &'w Record {
        &self.window.records[self.index]
    }

    fn cell(&self, column: usize) -> Option<Cell> {
        let cells = &self.record().cells;
        let cells = &self.window.cells[cells.start as usize..cells.end as usize];
        cells.get(column).copied()
    }

    fn span(&self, cell: Cell) -> &'w [u8] {
        &self.window.text[cell.start as usize..cell.end as usize]
    }
}

/// The cells of a record that is known to be text: each is read without being checked again.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowText<'w> {
    text: &'w str,
    /// Where the text starts in its window: it may be all of that.
    start: u32,
    cells: &'w [Cell],
}

impl<'w> RowText<'w> {
    /// One cell's value, unquoted; empty past the record's end.
    #[inline]
    pub fn value(&self, column: usize) -> Cow<'w, str> {
        match self.as_it_stands(column) {
            Some(value) => Cow::Borrowed(value),
            None => self.unescaped(column),
        }
    }

    /// The same where the text holds the value as it is; none where quotes in it are doubled.
    #[inline]
    pub fn as_it_stands(&self, column: usize) -> Option<&'w str> {
        let Some(cell) = self.cells.get(column) else {
            return Some("");
        };
        let quote = match cell.quoting {
            Quoting::Bare => 0,
            Quoting::Quoted => 1,
            Quoting::Escaped => return None,
        };
        let (start, end) = (cell.start - self.start, cell.end - self.start);
        Some(&self.text[(start + quote) as usize..(end - quote) as usize])
    }

    /// Doubled quotes become one. Rare: apart, so that reading other cells stays short.
    #[cold]
    fn unescaped(&self, column: usize) -> Cow<'w, str> {
        let Cell { start, end, .. } = self.cells[column];
        let (start, end) = ((start - self.start) as usize, (end - self.start) as usize);
        Cow::Owned(self.text[start + 1..end - 1].replace("\"\"", "\""))
    }
}

/// Bytes as text. The first try is all it ever takes, and much cheaper than the second.
fn text(raw: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed)
}
