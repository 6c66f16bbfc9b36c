//! Reads single cells back from an encoded change.
//!
//! A change is one CSV record as [`push_job_cell`](crate::model::user::push_job_cell) writes it:
//! commas, cells bare or in quotes with quotes doubled, `\n` at its end.

use std::borrow::Cow;

use crate::model::change::Renewal;
use crate::model::id::RowOrdinal;
use crate::model::job_csv::{self, raw_width};
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
    // Changes are encoded from text, so nothing is ever replaced here.
    match job_csv::cell(change, column) {
        Cow::Borrowed(cell) => String::from_utf8_lossy(cell),
        Cow::Owned(cell) => Cow::Owned(String::from_utf8_lossy(&cell).into_owned()),
    }
}
