//! The permission sets that accepted rows want, kept small until their users exist.
//!
//! One pair per row and set: 8 bytes, the set by its number. A pair is sent as
//! `AssigneeId,PermissionSetId`; the assignee is known only once the row's user is made, so the
//! draft of this wave names the row's contact instead.

use crate::model::id::{PermissionSetId, RowOrdinal};
use crate::model::user::CheckedWindow;

/// Header of the wave's sealed files, line end included.
pub(super) const SEALED_HEADER: &[u8] = b"AssigneeId,PermissionSetId\n";
/// Header of the wave's draft, line end included.
pub(super) const DRAFT_HEADER: &[u8] = b"ContactId,PermissionSetId\n";

/// Every pair of the plan.
#[derive(Debug, Default)]
pub(super) struct WantedSets {
    /// Each set once, in the order met.
    sets: Vec<PermissionSetId>,
    /// Row and number of the set, in row order.
    pairs: Vec<(RowOrdinal, u32)>,
}

impl WantedSets {
    /// Takes the pairs of a window's rows that are accepted; rows that were rejected after
    /// validation, by the dealer, leave theirs behind.
    pub(super) fn take(
        &mut self,
        checked: &CheckedWindow,
        is_accepted: impl Fn(RowOrdinal) -> bool,
    ) {
        for (row, set) in &checked.permission_sets {
            if is_accepted(*row) {
                let number = self.number_of(*set);
                self.pairs.push((*row, number));
            }
        }
    }

    /// The sets and pairs of a plan that was stored.
    pub(super) fn of(sets: Vec<PermissionSetId>, pairs: Vec<(RowOrdinal, u32)>) -> Self {
        Self { sets, pairs }
    }

    /// Each set once, by its number.
    pub(super) fn sets(&self) -> &[PermissionSetId] {
        &self.sets
    }

    /// Row and number of the set, in row order.
    pub(super) fn pairs(&self) -> &[(RowOrdinal, u32)] {
        &self.pairs
    }

    pub(super) fn count(&self) -> u64 {
        self.pairs.len() as u64
    }

    /// The sets a row wants, in the order it named them.
    pub(super) fn of_row(&self, row: RowOrdinal) -> impl Iterator<Item = PermissionSetId> + '_ {
        let first = self.pairs.partition_point(|(other, _)| *other < row);
        let own = self.pairs[first..]
            .iter()
            .take_while(move |(other, _)| *other == row);
        own.map(|(_, number)| self.sets[*number as usize])
    }

    fn number_of(&mut self, set: PermissionSetId) -> u32 {
        // A run names a handful of sets: looking through them beats hashing.
        let known = self.sets.iter().position(|other| *other == set);
        let place = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}
