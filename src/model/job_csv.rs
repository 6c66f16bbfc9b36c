//! Records of CSV as jobs send them and the org returns them: where a cell is, and where a record
//! ends.
//!
//! Commas, cells bare or in quotes with quotes doubled, a line feed behind each record. Comes in:
//! bytes. Goes out: cells of one record. It never copies a cell that holds no quotes, and never
//! reads further than the cell that is asked for.

use std::borrow::Cow;
use std::io::{self, BufRead};

/// A cell of a record, counted from 0; empty past the end.
pub fn cell(record: &[u8], nth: usize) -> Cow<'_, [u8]> {
    let mut rest = record;
    for _ in 0..nth {
        let width = raw_width(rest);
        match rest.get(width) {
            Some(b',') => rest = &rest[width + 1..],
            _ => return Cow::Borrowed(&[]),
        }
    }
    unquoted(&rest[..raw_width(rest)])
}

/// Bytes of the first cell, quotes included.
pub fn raw_width(cells: &[u8]) -> usize {
    let mut is_quoted = false;
    let end = cells.iter().position(|byte| {
        // A doubled quote leaves and enters again, so that only outer quotes matter.
        is_quoted ^= *byte == b'"';
        !is_quoted && matches!(byte, b',' | b'\n')
    });
    end.unwrap_or(cells.len())
}

fn unquoted(raw: &[u8]) -> Cow<'_, [u8]> {
    let inner = raw
        .strip_prefix(b"\"")
        .and_then(|inner| inner.strip_suffix(b"\""));
    match inner {
        Some(inner) if inner.contains(&b'"') => Cow::Owned(undoubled(inner)),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(raw),
    }
}

fn undoubled(inner: &[u8]) -> Vec<u8> {
    let mut cell = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(quote) = rest.iter().position(|byte| *byte == b'"') {
        cell.extend_from_slice(&rest[..=quote]);
        rest = &rest[quote + 1..];
        rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    }
    cell.extend_from_slice(rest);
    cell
}

/// How a record that was read ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordEnd {
    /// With its line end.
    Whole,
    /// With the last byte there is.
    Cut,
}

/// Reads the next record, line end included, in place of what is in `record`; none at the end.
///
/// A line feed ends a record when an even number of quotes stands before it. So most bytes are
/// only searched and counted, and none is looked at for what it means.
pub fn next_record(
    reader: &mut impl BufRead,
    record: &mut Vec<u8>,
) -> io::Result<Option<RecordEnd>> {
    record.clear();
    let mut is_quoted = false;
    loop {
        let start = record.len();
        let read = reader.read_until(b'\n', record)?;
        if read == 0 {
            return Ok((!record.is_empty()).then_some(RecordEnd::Cut));
        }
        let line = &record[start..];
        is_quoted = line
            .iter()
            .fold(is_quoted, |is_quoted, byte| is_quoted ^ (*byte == b'"'));
        if !is_quoted && line.ends_with(b"\n") {
            return Ok(Some(RecordEnd::Whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::user::push_job_cell;

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_was_sent(
            rows in prop::collection::vec(
                prop::collection::vec("[a\", \n\u{e9}]{0,8}", 3..4), 1..6,
            ),
        ) {
            let mut body = Vec::new();
            for cells in &rows {
                for (nth, cell) in cells.iter().enumerate() {
                    if nth > 0 {
                        body.push(b',');
                    }
                    push_job_cell(&mut body, cell);
                }
                body.push(b'\n');
            }
            let (mut reader, mut record) = (body.as_slice(), Vec::new());
            for cells in &rows {
                let end = next_record(&mut reader, &mut record).unwrap();
                prop_assert_eq!(end, Some(RecordEnd::Whole));
                for (nth, sent) in cells.iter().enumerate() {
                    prop_assert_eq!(&*cell(&record, nth), sent.as_bytes());
                }
                prop_assert_eq!(&*cell(&record, cells.len()), b"".as_slice());
            }
            prop_assert_eq!(next_record(&mut reader, &mut record).unwrap(), None);
        }

        #[test]
        fn whatever_the_bytes_are_reading_ends_and_loses_none(bytes: Vec<u8>) {
            let (mut reader, mut record, mut all) = (bytes.as_slice(), Vec::new(), Vec::new());
            while next_record(&mut reader, &mut record).unwrap().is_some() {
                let _ = cell(&record, 2);
                all.extend_from_slice(&record);
            }
            prop_assert_eq!(all, bytes);
        }
    }

    #[test]
    fn a_record_without_its_line_end_is_cut() {
        for cut in ["a,b", "\"a\n", "a,\"b\nc\n"] {
            let (mut reader, mut record) = (cut.as_bytes(), Vec::new());
            let end = next_record(&mut reader, &mut record).unwrap();
            assert_eq!(end, Some(RecordEnd::Cut), "{cut}");
        }
    }
}
