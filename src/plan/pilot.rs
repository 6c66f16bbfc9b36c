//! The rows of a pilot: a few of every kind, so that what goes wrong shows early. Pure.

use std::collections::BTreeMap;

use crate::model::id::RowOrdinal;

use super::key::SortKey;

/// So many rows, in row order, spread over licences, kinds of users, what roles their accounts
/// have, and staged users: one of each kind in turn, in the order of the plan.
pub(super) fn rows(keys: &[SortKey], count: usize) -> Vec<RowOrdinal> {
    let mut kinds: BTreeMap<_, Vec<RowOrdinal>> = BTreeMap::new();
    for key in keys {
        let kind = (key.license(), key.wave(), key.is_staged());
        let rows = kinds.entry(kind).or_default();
        if rows.len() < count {
            rows.push(key.row());
        }
    }
    let turns = (0..count).flat_map(|turn| kinds.values().filter_map(move |rows| rows.get(turn)));
    let mut chosen: Vec<RowOrdinal> = turns.take(count).copied().collect();
    chosen.sort_unstable();
    chosen
}
