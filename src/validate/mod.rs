//! ROOM 3: rows and the org's state become new users or rejections.
//!
//! Comes in: windows of rows, the org's state, what the run supplies. Goes out: for every row, in
//! file order, the encoded change that will be sent, or a rejection with every fault. The walk is
//! [`prepare`] once, [`in_parts`] per window, and a [`Dealer`] that takes the windows in file order.
//! This room is pure: it never asks the org, the clock or chance, and its answer does not depend
//! on how many threads it ran on.

pub mod rules;

mod account;
mod address;
mod calendar;
mod derive;
mod draft;
mod error;
mod fields;
mod file;
mod findings;
mod licence;
mod lines;
mod person;
mod program;
mod row;
mod seats;
mod seen;
mod sight;
mod slots;
mod supply;
mod username;
mod value;

#[cfg(test)]
mod tests;

pub use error::{GateErrors, GateFault, GateWarning};
pub use file::Dealer;
pub use program::{Program, prepare};

use std::hint::black_box;
use std::ops::Range;

use rayon::prelude::*;

use crate::model::contact::Window;
use crate::model::user::{CheckedRow, CheckedWindow};
use crate::org_state::{Asked, OrgState, TOUCHED_AT_ONCE};
use draft::Draft;
use row::Memo;
use sight::Sight;

/// Rows one of several threads takes at a time; a single thread takes them all. Every row is judged
/// by itself, so that nothing depends on it.
const ROWS_AT_A_TIME: usize = 1024;

/// Bytes set aside for one change, so that buffers seldom grow.
const CHANGE_BYTES_USUAL: usize = 200;

/// Checks every row of a window, in parallel: one entry per row, as the threads leave them in parts
/// of the window, in file order. They take over the memory of parts that are done with: fresh
/// memory costs as much as writing it.
///
/// # Panics
/// Only by a bug: when a row was neither accepted nor rejected.
pub fn in_parts(
    mut rooms: Vec<CheckedWindow>,
    window: &Window,
    program: &Program,
    org: &OrgState,
) -> Vec<CheckedWindow> {
    let (count, sheet) = (window.records.len(), Sheet::of(window));
    let rows_of_part = match rayon::current_num_threads() {
        1 => count.max(1),
        _ => ROWS_AT_A_TIME,
    };
    rooms.resize_with(count.div_ceil(rows_of_part), CheckedWindow::default);
    let judge = |(part, room): (usize, &mut CheckedWindow)| {
        room.clear();
        let start = part * rows_of_part;
        let rows = start..count.min(start + rows_of_part);
        some(rows, sheet, program, org, room);
    };
    rooms.par_iter_mut().enumerate().for_each(judge);
    let judged: usize = rooms.iter().map(|part| part.rows.len()).sum();
    assert_eq!(judged, count, "every row is accepted or rejected");
    rooms
}

/// The parts of a window as one.
pub fn in_one(mut parts: Vec<CheckedWindow>) -> CheckedWindow {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let mut whole = CheckedWindow::default();
    whole
        .rows
        .reserve(parts.iter().map(|part| part.rows.len()).sum());
    whole
        .changes
        .reserve(parts.iter().map(|part| part.changes.len()).sum());
    for part in parts {
        let old = whole.changes.len();
        whole.changes.extend_from_slice(&part.changes);
        whole
            .rows
            .extend(part.rows.into_iter().map(|row| moved(row, old)));
        whole.permission_sets.extend(part.permission_sets);
        whole.warnings.extend(part.warnings);
    }
    whole
}

/// Checks single rows again, after the records behind their rejections were re-read, and puts
/// the new answers into the window. `indices` are positions in the window, ascending.
pub fn rows(
    window: &Window,
    indices: &[usize],
    program: &Program,
    org: &OrgState,
    checked: &mut CheckedWindow,
) {
    let sheet = Sheet::of(window);
    let mut again = CheckedWindow::default();
    some(indices.iter().copied(), sheet, program, org, &mut again);
    let is_again = |row| {
        again
            .rows
            .binary_search_by_key(&row, CheckedRow::row)
            .is_ok()
    };
    checked.warnings.retain(|warning| !is_again(warning.row));
    checked.permission_sets.retain(|(row, _)| !is_again(*row));
    let old = checked.changes.len();
    checked.changes.extend_from_slice(&again.changes);
    checked.warnings.extend(again.warnings);
    checked.permission_sets.extend(again.permission_sets);
    for (index, row) in indices.iter().zip(again.rows) {
        checked.rows[*index] = moved(row, old);
    }
    checked.warnings.sort_by_key(|warning| warning.row);
    checked.permission_sets.sort_by_key(|(row, _)| *row);
}

/// A window, and its text where it is UTF-8 throughout: so nearly always, and one check of all
/// of it is much cheaper than one of each row.
#[derive(Clone, Copy)]
struct Sheet<'w> {
    window: &'w Window,
    text: Option<&'w str>,
}

impl<'w> Sheet<'w> {
    fn of(window: &'w Window) -> Self {
        let text = simdutf8::basic::from_utf8(&window.text).ok();
        Self { window, text }
    }
}

/// Checks some rows of a window and appends what became of them.
fn some(
    indices: impl Iterator<Item = usize>,
    Sheet { window, text }: Sheet<'_>,
    program: &Program,
    org: &OrgState,
    checked: &mut CheckedWindow,
) {
    let mut memo = Memo::default();
    checked.rows.reserve(indices.size_hint().0);
    checked
        .changes
        .reserve(indices.size_hint().0 * CHANGE_BYTES_USUAL);
    let mut indices = indices.peekable();
    let mut rows = Vec::with_capacity(TOUCHED_AT_ONCE);
    let mut few = Vec::with_capacity(TOUCHED_AT_ONCE);
    let mut drafts = vec![Draft::default(); TOUCHED_AT_ONCE];
    while indices.peek().is_some() {
        few.clear();
        rows.clear();
        rows.extend(
            indices
                .by_ref()
                .take(TOUCHED_AT_ONCE)
                .map(|index| window.row(index)),
        );
        black_box(rows.iter().fold(0, |all, row| all | row.touch()));
        few.extend(rows.iter().map(|row| Sight::of(*row, text, program, org)));
        prepare_lookups(&mut few, &mut drafts, org);
        for (sight, draft) in few.iter().zip(&mut drafts) {
            memo.prepare(draft);
            row::check(sight, &mut memo, checked);
        }
    }
}

/// Brings near what is looked up for rows that name all of it; one that does not is none the
/// worse. `drafts` are buffers, one for each row.
fn prepare_lookups(few: &mut [Sight<'_>], drafts: &mut [Draft], org: &OrgState) {
    let mut asked = [Asked::default(); TOUCHED_AT_ONCE];
    for ((sight, draft), asked) in few.iter().zip(drafts).zip(&mut asked) {
        draft.fill(sight);
        *asked = Asked {
            contact: sight.contact,
            username: &draft.username,
            nickname: &draft.nickname,
        };
    }
    for (sight, leads) in few.iter_mut().zip(org.leads(&asked)) {
        sight.leads = leads;
    }
}

/// The same row with its change so many bytes further on.
fn moved(row: CheckedRow, by: usize) -> CheckedRow {
    match row {
        CheckedRow::Accepted(mut user) => {
            let Range { start, end } = user.change;
            user.change = offset(start as usize + by)..offset(end as usize + by);
            CheckedRow::Accepted(user)
        }
        rejected @ CheckedRow::Rejected(_) => rejected,
    }
}

/// A place in a window's changes. Windows hold a few megabytes of text, so their changes never
/// come near 4 GiB.
fn offset(bytes: usize) -> u32 {
    let offset = u32::try_from(bytes);
    assert!(offset.is_ok(), "the changes of one window stay below 4 GiB");
    offset.unwrap_or(u32::MAX)
}
