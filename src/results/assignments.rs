//! How far the assignments of permission sets are: one bit each, and a count for the few that were
//! tried and go again. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::id::{PermissionSetId, RowOrdinal};

/// Rows per word of a set of rows.
const WORD_BITS: usize = u64::BITS as usize;

/// Every assignment that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Assignments {
    /// Those with a last word, good or bad: for each set the rows, one bit each.
    over: BTreeMap<PermissionSetId, Vec<u64>>,
    /// Those that go again, and how often they went.
    tried: BTreeMap<(RowOrdinal, PermissionSetId), u8>,
}

/// As files keep them.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredAssignments {
    over: Vec<(PermissionSetId, Vec<u64>)>,
    tried: Vec<(u32, PermissionSetId, u8)>,
}

impl Assignments {
    /// Is the last word on it spoken?
    pub(super) fn is_over(&self, row: RowOrdinal, set: PermissionSetId) -> bool {
        let (word, bit) = place_of(row);
        let rows = self.over.get(&set);
        rows.and_then(|rows| rows.get(word))
            .is_some_and(|word| word & bit != 0)
    }

    /// How often it went.
    pub(super) fn tries(&self, row: RowOrdinal, set: PermissionSetId) -> u8 {
        self.tried.get(&(row, set)).copied().unwrap_or(0)
    }

    /// The most that any went that goes again.
    pub(super) fn tries_max(&self) -> u8 {
        self.tried.values().copied().max().unwrap_or(0)
    }

    /// It went so often and goes again.
    pub(super) fn go_again(&mut self, row: RowOrdinal, set: PermissionSetId, tries: u8) {
        self.tried.insert((row, set), tries);
    }

    /// This was the last word on it.
    pub(super) fn end(&mut self, row: RowOrdinal, set: PermissionSetId) {
        let (word, bit) = place_of(row);
        let rows = self.over.entry(set).or_default();
        if word >= rows.len() {
            rows.resize(word + 1, 0);
        }
        rows[word] |= bit;
        self.tried.remove(&(row, set));
    }

    /// None goes again.
    pub(super) fn give_up(&mut self) {
        for (row, set) in std::mem::take(&mut self.tried).into_keys() {
            self.end(row, set);
        }
    }

    pub(super) fn to_stored(&self) -> StoredAssignments {
        let over = self.over.iter().map(|(set, rows)| (*set, rows.clone()));
        let tried = self.tried.iter();
        StoredAssignments {
            over: over.collect(),
            tried: tried
                .map(|((row, set), tries)| (row.0, *set, *tries))
                .collect(),
        }
    }

    pub(super) fn of_stored(stored: StoredAssignments) -> Self {
        let tried = stored.tried.into_iter();
        Self {
            over: stored.over.into_iter().collect(),
            tried: tried
                .map(|(row, set, tries)| ((RowOrdinal(row), set), tries))
                .collect(),
        }
    }
}

fn place_of(row: RowOrdinal) -> (usize, u64) {
    let row = row.0 as usize;
    (row / WORD_BITS, 1 << (row % WORD_BITS))
}
