//! Contacts, the deleted ones included.

use super::keys::{external_id_hash, is_external_id};
use super::rows::{ID_BYTES, Row, Table, put_id, stored_id, word_at};
use crate::model::id::{AccountId, ContactId};
use crate::org_state::fold::eq_folded;
use crate::org_state::records::ExternalIdField;
use crate::org_state::sections::cells::Text;
use crate::org_state::sections::hash::{NO_KEY, hash_id, hash_id_and_folded};
use crate::org_state::sections::index::HashIndex;
use crate::org_state::sections::{Key, Kind, Sections};

/// Cells of a row; external ids follow in the order of their fields.
pub(crate) const FIRST_NAME: usize = 0;
pub(crate) const LAST_NAME: usize = 1;
pub(crate) const EMAIL: usize = 2;
pub(crate) const MERGED_INTO: usize = 3;
const FIRST_EXTERNAL_ID: usize = 4;

const DELETED: u8 = 1;

/// Where a row has its account, behind id and flags.
const ACCOUNT: usize = ID_BYTES + 1;
/// Where it says where its text starts.
const CELLS: usize = ACCOUNT + 4;

/// A contact without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContactRow {
    pub(crate) id: ContactId,
    pub(crate) is_deleted: bool,
    /// Its account's slot.
    pub(crate) account: u32,
    pub(crate) cells: u32,
}

impl Row for ContactRow {
    const BYTES: usize = CELLS + 4;

    #[inline]
    fn read(bytes: &[u8]) -> Self {
        Self {
            id: stored_id(bytes),
            is_deleted: bytes[ID_BYTES] & DELETED > 0,
            account: word_at(bytes, ACCOUNT),
            cells: word_at(bytes, CELLS),
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        put_id(Some(self.id), to);
        to.push(u8::from(self.is_deleted) * DELETED);
        to.extend_from_slice(&self.account.to_le_bytes());
        to.extend_from_slice(&self.cells.to_le_bytes());
    }

    fn cells(&self) -> u32 {
        self.cells
    }

    fn with_cells(self, cells: u32) -> Self {
        Self { cells, ..self }
    }
}

/// The table and its indexes.
#[derive(Debug)]
pub(crate) struct Contacts {
    table: Table<ContactRow>,
    by_id: HashIndex,
    by_email: HashIndex,
    /// One for each field.
    by_external_id: Vec<HashIndex>,
    external_ids: Vec<ExternalIdField>,
}

impl Contacts {
    pub(super) fn over(sections: &Sections, external_ids: Vec<ExternalIdField>) -> Self {
        let nth = |nth| HashIndex::over(sections.get(Key::nth(Kind::ContactsByExternalId, nth)));
        Self {
            table: Table::over(sections, Kind::ContactRows, Kind::ContactCells),
            by_id: HashIndex::over(sections.get(Kind::ContactsById)),
            by_email: HashIndex::over(sections.get(Kind::ContactsByEmail)),
            by_external_id: (0..external_ids.len()).map(nth).collect(),
            external_ids,
        }
    }

    /// Gives back the memory that lookups took; of texts only, or all of it.
    pub(crate) fn let_go(&mut self, texts_only: bool) {
        self.table.let_texts_go();
        self.by_email.let_go();
        if !texts_only {
            self.table.let_go();
            self.by_id.let_go();
            self.by_external_id.iter_mut().for_each(HashIndex::let_go);
        }
    }

    /// The slot and row of an id.
    #[inline]
    pub(crate) fn find(&self, id: ContactId) -> Option<(u32, ContactRow)> {
        let packed = id.record().packed();
        let mut candidates = self.by_id.candidates(hash_id(id.record()));
        let slot = candidates.find(|slot| self.table.has_id(*slot, 0, packed))?;
        Some((slot, self.table.row(slot)?))
    }

    /// The same where the slot is known already; none where it is another's.
    #[inline]
    pub(crate) fn find_at(&self, slot: u32, id: ContactId) -> Option<(u32, ContactRow)> {
        let is = self.table.has_id(slot, 0, id.record().packed());
        is.then(|| self.table.row(slot))
            .flatten()
            .map(|row| (slot, row))
    }

    /// Contacts (not deleted) of that account with that e-mail.
    pub(crate) fn by_email<'a>(
        &'a self,
        account: (u32, AccountId),
        email: &'a str,
    ) -> impl Iterator<Item = ContactId> + 'a {
        let (slot, id) = account;
        let candidates = self.by_email.candidates(email_hash(Some(id), email));
        candidates.filter_map(move |contact| {
            let row = self.table.row(contact)?;
            let is = row.account == slot
                && !row.is_deleted
                && !email.is_empty()
                && eq_folded(&self.table.text(contact).cell(EMAIL), email);
            is.then_some(row.id)
        })
    }

    /// Contacts (not deleted) whose nth external id is that value.
    pub(crate) fn by_external_id<'a>(
        &'a self,
        nth: usize,
        value: &'a str,
    ) -> impl Iterator<Item = ContactId> + 'a {
        let comparison = self.external_ids[nth].comparison;
        let candidates = self.by_external_id[nth].candidates(external_id_hash(comparison, value));
        candidates.filter_map(move |slot| {
            let row = self.table.row(slot)?;
            let stored = self.table.text(slot).cell(FIRST_EXTERNAL_ID + nth);
            let is = !row.is_deleted && is_external_id(comparison, &stored, value);
            is.then_some(row.id)
        })
    }

    /// Brings the buckets of the hash of an id near; what it returns means nothing.
    #[inline]
    pub(crate) fn touch_id(&self, hash: u32) -> u64 {
        self.by_id.touch(hash)
    }

    /// The first slot that may have an id of that hash; none is the last number there is.
    #[inline]
    pub(crate) fn first_of(&self, hash: u32) -> u32 {
        self.by_id.first(hash)
    }

    /// Brings a row near; its account as it was at the last join of everything.
    #[inline]
    pub(crate) fn touch(&self, slot: u32) -> (u32, u8) {
        self.table.touch(slot, ACCOUNT)
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

    /// Takes in the newest version of a record; is it new, or not what it was?
    pub(crate) fn put<'a>(
        &mut self,
        slot: Option<u32>,
        row: ContactRow,
        account: Option<AccountId>,
        cells: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let (slot, is_changed) = self.table.put(slot, row, cells);
        if is_changed {
            self.by_id.add(hash_id(row.id.record()), slot);
            let text = self.table.text(slot);
            self.by_email
                .add(email_hash(account, &text.cell(EMAIL)), slot);
            let fields = self.external_ids.iter().zip(&mut self.by_external_id);
            for (nth, (field, index)) in fields.enumerate() {
                let value = text.cell(FIRST_EXTERNAL_ID + nth);
                index.add(external_id_hash(field.comparison, &value), slot);
            }
        }
        is_changed
    }

    /// Marks a contact as deleted; was it not before?
    pub(crate) fn delete(&mut self, id: ContactId) -> bool {
        let found = self.find(id).filter(|(_, row)| !row.is_deleted);
        if let Some((slot, _)) = found {
            self.table.change(slot, |row| ContactRow {
                is_deleted: true,
                ..row
            });
        }
        found.is_some()
    }
}

/// What a contact is found by when a file names neither id nor external id.
pub(crate) fn email_hash(account: Option<AccountId>, email: &str) -> u32 {
    match account {
        Some(account) if !email.is_empty() => hash_id_and_folded(account.record(), email),
        _ => NO_KEY,
    }
}
