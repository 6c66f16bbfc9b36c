//! Reads single cells back from an encoded change.
//!
//! A change is one CSV record as [`push_job_cell`](crate::model::user::push_job_cell) writes it:
//! commas, cells bare or in quotes with quotes doubled, `\n` at its end.

use std::borrow::Cow;

use crate::model::change::Renewal;
use crate::model::id::RowOrdinal;
use crate::model::user::{push_job_cell, renewed_nickname, renewed_username};

/// Where the username stands: always the first cell
/// ([`SentColumns`](crate::model::user::SentColumns)).
const USERNAME: usize = 0;

/// The username a change gives its user, as renewed if it was.
pub fn username_of(change: &[u8], renewal: Option<Renewal>) -> String {
    let planned = cell(change, USERNAME).into_owned();
    match renewal.and_then(|what| what.username) {
        // Where there is no room for a number, nothing else was sent either.
        Some(number) => renewed_username(&planned, number).unwrap_or(planned),
        None => planned,
    }
}

/// The change with what is renewed of it; every other cell stays byte for byte.
pub(super) fn renewed(change: &[u8], header: &[u8], row: RowOrdinal, what: Renewal) -> Vec<u8> {
    let mut names = header.trim_ascii_end().split(|byte| *byte == b',');
    let nickname = names.position(|name| name == b"CommunityNickname");
    let nickname = nickname.filter(|_| what.nickname);
    let mut record = Vec::with_capacity(change.len() + 8);
    let (mut rest, mut column) = (change, 0);
    loop {
        let width = raw_width(rest);
        if column == USERNAME && what.username.is_some() {
            push_job_cell(&mut record, &username_of(change, Some(what)));
        } else if nickname == Some(column) {
            push_job_cell(&mut record, &renewed_nickname(&cell(rest, 0), row));
        } else {
            record.extend_from_slice(&rest[..width]);
        }
        if rest.get(width) != Some(&b',') {
            record.extend_from_slice(&rest[width..]);
            return record;
        }
        record.push(b',');
        (rest, column) = (&rest[width + 1..], column + 1);
    }
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
