//! Accounts, the deleted ones included.

use std::ops::Range;

use super::cells::{Cells, Start};
use super::dictionary::Dictionary;
use super::order::sort_by_id;
use super::{RecordFault, optional, required, slots};
use crate::model::id::{AccountId, ContactId, UserId};
use crate::org_state::records::{AccountRecord, ExternalIdField};

/// Cells of a row; external ids follow in the order of their fields.
const NAME: usize = 0;
const FIRST_EXTERNAL_ID: usize = 1;

/// The table.
#[derive(Debug)]
pub(crate) struct Accounts {
    rows: Vec<Row>,
    owners: Dictionary<UserId>,
    cells: Cells,
    external_ids: Vec<ExternalIdField>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    id: AccountId,
    is_partner: bool,
    is_person_account: bool,
    is_deleted: bool,
    person_contact: Option<ContactId>,
    /// In the dictionary of owners.
    owner: u32,
    cells: Start,
}

impl Accounts {
    /// An empty table of accounts with these external ids.
    pub(crate) fn new(external_ids: Vec<ExternalIdField>) -> Self {
        Self {
            rows: Vec::new(),
            owners: Dictionary::new(),
            cells: Cells::default(),
            external_ids,
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &AccountRecord<'_>) -> Result<(), RecordFault> {
        let row = self.row(record)?;
        self.rows.push(row);
        Ok(())
    }

    /// Takes in the newest version of a record whose slot, if it is known, is given. Says the slot
    /// if the record is new or not what it was.
    pub(crate) fn take(
        &mut self,
        known: Option<u32>,
        record: &AccountRecord<'_>,
    ) -> Result<Option<u32>, RecordFault> {
        let Some(slot) = known else {
            self.push(record)?;
            return Ok(self.slots().next_back());
        };
        let (old, new) = (self.rows[slot as usize], self.row(record)?);
        let is_same = Row {
            cells: old.cells,
            ..new
        } == old
            && self.cells.is(old.cells, cells_of(record));
        self.rows[slot as usize] = new;
        Ok((!is_same).then_some(slot))
    }

    /// Marks an account as deleted; was it not before?
    pub(crate) fn delete(&mut self, slot: u32) -> bool {
        !std::mem::replace(&mut self.rows[slot as usize].is_deleted, true)
    }

    /// Puts the rows in the order of their ids.
    pub(crate) fn settle(&mut self) {
        sort_by_id(&mut self.rows, |row| row.id);
        self.cells.shrink();
    }

    /// Every slot, in order.
    pub(crate) fn slots(&self) -> Range<u32> {
        slots(self.rows.len())
    }

    pub(crate) fn id(&self, slot: u32) -> AccountId {
        self.rows[slot as usize].id
    }

    pub(crate) fn owner(&self, slot: u32) -> Option<UserId> {
        self.owners.id(self.rows[slot as usize].owner)
    }

    pub(crate) fn person_contact(&self, slot: u32) -> Option<ContactId> {
        self.rows[slot as usize].person_contact
    }

    pub(crate) fn is_partner(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_partner
    }

    pub(crate) fn is_person_account(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_person_account
    }

    pub(crate) fn is_deleted(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_deleted
    }

    pub(crate) fn name(&self, slot: u32) -> &str {
        self.cells.get(self.rows[slot as usize].cells, NAME)
    }

    /// The fields that were pulled as external ids.
    pub(crate) fn external_id_fields(&self) -> &[ExternalIdField] {
        &self.external_ids
    }

    /// The value of the nth external id field.
    pub(crate) fn external_id(&self, slot: u32, nth: usize) -> &str {
        self.cells
            .get(self.rows[slot as usize].cells, FIRST_EXTERNAL_ID + nth)
    }

    fn row(&mut self, record: &AccountRecord<'_>) -> Result<Row, RecordFault> {
        assert_eq!(
            record.external_ids.len(),
            self.external_ids.len(),
            "one value per field"
        );
        let owner = optional(UserId::parse, record.owner, "OwnerId")?;
        Ok(Row {
            id: required(AccountId::parse, record.id, "Id")?,
            is_partner: record.is_partner,
            is_person_account: record.is_person_account,
            is_deleted: record.is_deleted,
            person_contact: optional(ContactId::parse, record.person_contact, "PersonContactId")?,
            owner: self.owners.number(owner),
            cells: self.cells.push(cells_of(record))?,
        })
    }
}

fn cells_of<'a>(record: &AccountRecord<'a>) -> impl Iterator<Item = &'a str> {
    std::iter::once(record.name).chain(record.external_ids.iter().copied())
}
