//! Ids that many rows share, each kept once; a row keeps its number.

use crate::model::id::{AccountId, ProfileId, RecordId, RoleId, UserId};
use crate::org_state::hash::{HashIndex, hash_id};

/// The number that stands for no id.
pub(crate) const NO_ID: u32 = u32::MAX;

/// A typed id that can be kept in a dictionary.
pub(crate) trait Entry: Copy + PartialEq {
    /// The id without its type.
    fn untyped(self) -> RecordId;
}

macro_rules! entries {
    ($($name:ident)+) => {$(
        impl Entry for $name {
            fn untyped(self) -> RecordId {
                self.record()
            }
        }
    )+};
}

entries!(AccountId ProfileId RoleId UserId);

/// Ids in the order in which they first came.
#[derive(Debug)]
pub(crate) struct Dictionary<Id> {
    ids: Vec<Id>,
    index: HashIndex,
}

impl<Id: Entry> Dictionary<Id> {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            ids: Vec::new(),
            index: HashIndex::with_room_for(0),
        }
    }

    /// The number of an id, a new one where it has none; [`NO_ID`] for none.
    pub(crate) fn number(&mut self, id: Option<Id>) -> u32 {
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

    /// The id a number stands for.
    pub(crate) fn id(&self, number: u32) -> Option<Id> {
        self.ids.get(number as usize).copied()
    }

    /// All ids; the position is the number.
    pub(crate) fn ids(&self) -> &[Id] {
        &self.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(dictionary.id(1), Some(upper));
        assert_eq!(dictionary.id(NO_ID), None);
    }
}
