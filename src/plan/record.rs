//! Reads single cells back from an encoded change.
//!
//! A change is one CSV record as [`push_job_cell`](crate::model::user::push_job_cell) writes it:
//! commas, cells bare or in quotes with quotes doubled, `\n` at its end.

use std::borrow::Cow;

/// The username a change gives its user: always the first cell
/// ([`SentColumns`](crate::model::user::SentColumns)).
pub fn username_of(change: &[u8]) -> String {
    cell(change, 0).into_owned()
}

/// The contact of a change: always the second cell.
pub(super) fn contact_of(change: &[u8]) -> Cow<'_, str> {
    cell(change, 1)
}

/// One cell of a change; empty past its end.
fn cell(change: &[u8], column: usize) -> Cow<'_, str> {
    let mut rest = change;
    for _ in 0..column {
        let width = raw_width(rest);
        match rest.get(width) {
            Some(b',') => rest = &rest[width + 1..],
            _ => return Cow::Borrowed(""),
        }
    }
    let raw = String::from_utf8_lossy(&rest[..raw_width(rest)]);
    match raw
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
    {
        Some(inner) => Cow::Owned(inner.replace("\"\"", "\"")),
        None => raw,
    }
}

/// Bytes of the first cell, quotes included.
fn raw_width(cells: &[u8]) -> usize {
    let mut is_quoted = false;
    let end = cells.iter().position(|byte| {
        // A doubled quote leaves and enters again, so that only outer quotes matter.
        is_quoted ^= *byte == b'"';
        !is_quoted && matches!(byte, b',' | b'\n')
    });
    end.unwrap_or(cells.len())
}
