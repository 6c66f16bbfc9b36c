//! Ids that many rows share, each kept once; a row keeps its number.

use crate::model::id::TypedId;
use crate::org_state::sections::hash::{HashTable, hash_id};

/// The number that stands for no id.
pub(in crate::org_state) const NO_ID: u32 = u32::MAX;

/// Ids in the order in which they first came.
#[derive(Debug)]
pub(in crate::org_state) struct Dictionary<Id> {
    ids: Vec<Id>,
    index: HashTable,
}

impl<Id: TypedId> Dictionary<Id> {
    /// An empty one.
    pub(in crate::org_state) fn new() -> Self {
        Self {
            ids: Vec::new(),
            index: HashTable::with_room_for(0),
        }
    }

    /// The number of an id, a new one where it has none; [`NO_ID`] for none.
    pub(in crate::org_state) fn number(&mut self, id: Option<Id>) -> u32 {
        let Some(id) = id else { return NO_ID };
        let hash = hash_id(id.untyped());
        let known = self
            .index
            .candidates(hash)
            .find(|number| self.ids[*number as usize] == id);
        known.unwrap_or_else(|| {
            let number = u32::try_from(self.ids.len()).unwrap_or(NO_ID);
            self.ids.push(id);
            self.index.insert(hash, number);
            number
        })
    }

    /// All ids; the position is the number.
    pub(in crate::org_state) fn ids(&self) -> &[Id] {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::AccountId;

    #[test]
    fn equal_ids_have_one_number_and_case_counts() {
        let mut dictionary = Dictionary::new();
        let lower = AccountId::parse("001A0000006vm9r").unwrap();
        let upper = AccountId::parse("001A0000006VM9R").unwrap();
        let numbers: Vec<u32> = [Some(lower), Some(upper), None, Some(lower)]
            .into_iter()
            .map(|id| dictionary.number(id))
            .collect();
        assert_eq!(numbers, [0, 1, NO_ID, 0]);
        assert_eq!(dictionary.ids(), [lower, upper]);
    }
}
