//! Accounts, the deleted ones included.
//!
//! Other records may name an account that no record of is known. Such an id has a row too, so
//! that a slot stands for any account there is; it is passed over by every lookup.

use std::collections::HashMap;

use super::keys::{external_id_hash, is_external_id};
use super::rows::{ID_BYTES, Row, Table, flags, put_id, stored_id, word_at};
use crate::model::id::AccountId;
use crate::org_state::records::ExternalIdField;
use crate::org_state::sections::cells::Text;
use crate::org_state::sections::hash::hash_id;
use crate::org_state::sections::index::HashIndex;
use crate::org_state::sections::{Key, Kind, Sections};

/// Cells of a row; external ids follow in the order of their fields.
pub(crate) const NAME: usize = 0;
pub(crate) const PERSON_CONTACT: usize = 1;
const FIRST_EXTERNAL_ID: usize = 2;

const DELETED: u8 = 1;
const PARTNER: u8 = 2;
const PERSON_ACCOUNT: u8 = 4;
const KNOWN: u8 = 128;

/// Where a row has its owner, behind id and flags; other numbers follow.
const OWNER: usize = ID_BYTES + 1;
/// Where it has the levels of its roles, behind five numbers.
const LEVELS: usize = OWNER + 5 * 4;

/// An account without its text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four fields of the record, independent of each other"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccountRow {
    pub(crate) id: AccountId,
    /// Is there a record, and not only others that name it?
    pub(crate) is_known: bool,
    pub(crate) is_partner: bool,
    pub(crate) is_person_account: bool,
    pub(crate) is_deleted: bool,
    /// Its owner's slot.
    pub(crate) owner: u32,
    pub(crate) cells: u32,
    /// As of the last join of everything; [`Accounts::counts`] is what counts now.
    pub(crate) counts: RoleCounts,
}

/// What the roles and users of an account add up to; found by joining, and kept up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RoleCounts {
    /// Levels of the account's own roles: bit 0-2 customer, 3-5 partner.
    pub(crate) levels: u8,
    /// Active users of that kind that sit in a shared role: customer, partner.
    pub(crate) shared: [u32; 2],
    /// Active role-based users.
    pub(crate) role_based: u32,
}

impl Row for AccountRow {
    const BYTES: usize = LEVELS + 1;

    #[inline]
    fn read(bytes: &[u8]) -> Self {
        let word = |at| word_at(bytes, at);
        let (flags, levels) = (bytes[ID_BYTES], bytes[LEVELS]);
        Self {
            id: stored_id(bytes),
            is_known: flags & KNOWN > 0,
            is_partner: flags & PARTNER > 0,
            is_person_account: flags & PERSON_ACCOUNT > 0,
            is_deleted: flags & DELETED > 0,
            owner: word(OWNER),
            cells: word(OWNER + 4),
            counts: RoleCounts {
                levels,
                shared: [word(OWNER + 8), word(OWNER + 12)],
                role_based: word(OWNER + 16),
            },
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        put_id(Some(self.id), to);
        to.push(flags([
            (self.is_deleted, DELETED),
            (self.is_partner, PARTNER),
            (self.is_person_account, PERSON_ACCOUNT),
            (self.is_known, KNOWN),
        ]));
        let RoleCounts {
            levels,
            shared: [customer, partner],
            role_based,
        } = self.counts;
        for word in [self.owner, self.cells, customer, partner, role_based] {
            to.extend_from_slice(&word.to_le_bytes());
        }
        to.push(levels);
    }

    fn cells(&self) -> u32 {
        self.cells
    }

    fn with_cells(self, cells: u32) -> Self {
        Self { cells, ..self }
    }
}

impl AccountRow {
    /// An id that others name.
    pub(crate) fn unknown(id: AccountId) -> Self {
        Self {
            id,
            is_known: false,
            is_partner: false,
            is_person_account: false,
            is_deleted: false,
            owner: u32::MAX,
            cells: u32::MAX,
            counts: RoleCounts::default(),
        }
    }
}

/// The table and its indexes.
#[derive(Debug)]
pub(crate) struct Accounts {
    table: Table<AccountRow>,
    by_id: HashIndex,
    /// One for each field.
    by_external_id: Vec<HashIndex>,
    external_ids: Vec<ExternalIdField>,
    /// Counts that changed since the last join of everything.
    counts: HashMap<u32, RoleCounts>,
}

impl Accounts {
    pub(super) fn over(sections: &Sections, external_ids: Vec<ExternalIdField>) -> Self {
        let nth = |nth| HashIndex::over(sections.get(Key::nth(Kind::AccountsByExternalId, nth)));
        Self {
            table: Table::over(sections, Kind::AccountRows, Kind::AccountCells),
            by_id: HashIndex::over(sections.get(Kind::AccountsById)),
            by_external_id: (0..external_ids.len()).map(nth).collect(),
            external_ids,
            counts: HashMap::new(),
        }
    }

    /// Gives back the memory that lookups took; of texts only, or all of it.
    pub(crate) fn let_go(&mut self, texts_only: bool) {
        self.table.let_texts_go();
        if !texts_only {
            self.table.let_go();
            self.by_id.let_go();
            self.by_external_id.iter_mut().for_each(HashIndex::let_go);
        }
    }

    /// Slots there are.
    pub(crate) fn count(&self) -> u32 {
        self.table.count()
    }

    /// The slot and row of an id, whether a record is known or not.
    #[inline]
    pub(crate) fn find_any(&self, id: AccountId) -> Option<(u32, AccountRow)> {
        let packed = id.record().packed();
        let mut candidates = self.by_id.candidates(hash_id(id.record()));
        let slot = candidates.find(|slot| self.table.has_id(*slot, 0, packed))?;
        Some((slot, self.table.row(slot)?))
    }

    /// The slot and row of a known account.
    #[inline]
    pub(crate) fn find(&self, id: AccountId) -> Option<(u32, AccountRow)> {
        self.find_any(id).filter(|(_, row)| row.is_known)
    }

    /// The slot of an id; a new one where it has none.
    pub(crate) fn slot_for(&mut self, id: Option<AccountId>) -> u32 {
        let Some(id) = id else { return u32::MAX };
        if let Some((slot, _)) = self.find_any(id) {
            return slot;
        }
        let row = AccountRow::unknown(id);
        let (slot, _) = self.table.put(None, row, std::iter::empty());
        self.by_id.add(hash_id(id.record()), slot);
        slot
    }

    #[inline]
    pub(crate) fn row(&self, slot: u32) -> Option<AccountRow> {
        self.table.row(slot)
    }

    /// The id of a slot.
    #[inline]
    pub(crate) fn id(&self, slot: u32) -> Option<AccountId> {
        self.table.id(slot)
    }

    /// Brings a row near; its owner as it was at the last join of everything.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) -> (u32, u8) {
        self.table.touch(slot, OWNER)
    }

    /// The text of a slot.
    #[inline]
    pub(crate) fn text(&self, slot: u32) -> Text<'_> {
        self.table.text(slot)
    }

    /// The fields that were pulled as external ids.
    pub(crate) fn external_id_fields(&self) -> &[ExternalIdField] {
        &self.external_ids
    }

    /// Accounts (not deleted) whose nth external id is that value.
    pub(crate) fn by_external_id<'a>(
        &'a self,
        nth: usize,
        value: &'a str,
    ) -> impl Iterator<Item = AccountId> + 'a {
        let comparison = self.external_ids[nth].comparison;
        let candidates = self.by_external_id[nth].candidates(external_id_hash(comparison, value));
        candidates.filter_map(move |slot| {
            let row = self.table.row(slot)?;
            let stored = self.table.text(slot).cell(FIRST_EXTERNAL_ID + nth);
            let is = row.is_known && !row.is_deleted && is_external_id(comparison, &stored, value);
            is.then_some(row.id)
        })
    }

    /// What the roles and users of an account add up to now.
    #[inline]
    pub(crate) fn counts(&self, slot: u32) -> RoleCounts {
        let stored = || self.table.row(slot).map(|row| row.counts);
        if self.counts.is_empty() {
            return stored().unwrap_or_default();
        }
        let changed = self.counts.get(&slot).copied();
        changed.or_else(stored).unwrap_or_default()
    }

    /// Keeps new counts of an account.
    pub(crate) fn set_counts(&mut self, slot: u32, counts: RoleCounts) {
        self.counts.insert(slot, counts);
    }

    /// Takes in the newest version of a record; is it new, or not what it was?
    pub(crate) fn put<'a>(
        &mut self,
        slot: Option<u32>,
        row: AccountRow,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let (slot, is_changed) = self.table.put(slot, row, cells);
        if is_changed {
            self.by_id.add(hash_id(row.id.record()), slot);
            let text = self.table.text(slot);
            let fields = self.external_ids.iter().zip(&mut self.by_external_id);
            for (nth, (field, index)) in fields.enumerate() {
                let value = text.cell(FIRST_EXTERNAL_ID + nth);
                index.add(external_id_hash(field.comparison, &value), slot);
            }
        }
        is_changed
    }

    /// Marks an account as deleted.
    pub(crate) fn delete(&mut self, slot: u32) {
        self.table.change(slot, |row| AccountRow {
            is_deleted: true,
            ..row
        });
    }
}
