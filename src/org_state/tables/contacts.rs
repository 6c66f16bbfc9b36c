//! Contacts, the deleted ones included.

use std::collections::HashMap;
use std::ops::Range;

use super::cells::{Cells, Start};
use super::dictionary::Dictionary;
use super::order::sort_by_id;
use super::{RecordFault, optional, required, slots};
use crate::model::id::{AccountId, ContactId};
use crate::org_state::records::{ContactRecord, ExternalIdField};

/// Cells of a row; external ids follow in the order of their fields.
const FIRST_NAME: usize = 0;
const LAST_NAME: usize = 1;
const EMAIL: usize = 2;
const FIRST_EXTERNAL_ID: usize = 3;

/// The table.
#[derive(Debug)]
pub(crate) struct Contacts {
    rows: Vec<Row>,
    accounts: Dictionary<AccountId>,
    /// Only merged contacts; they are few.
    merged_into: HashMap<ContactId, ContactId>,
    cells: Cells,
    external_ids: Vec<ExternalIdField>,
}

/// 24 bytes, so that a lookup touches one cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    id: ContactId,
    is_deleted: bool,
    /// In the dictionary of accounts.
    account: u32,
    cells: Start,
}

impl Contacts {
    /// An empty table of contacts with these external ids.
    pub(crate) fn new(external_ids: Vec<ExternalIdField>) -> Self {
        Self {
            rows: Vec::new(),
            accounts: Dictionary::new(),
            merged_into: HashMap::new(),
            cells: Cells::default(),
            external_ids,
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &ContactRecord<'_>) -> Result<(), RecordFault> {
        let merged_into = optional(ContactId::parse, record.merged_into, "MasterRecordId")?;
        let row = self.row(record)?;
        self.rows.push(row);
        self.merge(row.id, merged_into);
        Ok(())
    }

    /// Takes in the newest version of a record whose slot, if it is known, is given. Says the slot
    /// if the record is new or not what it was.
    pub(crate) fn take(
        &mut self,
        known: Option<u32>,
        record: &ContactRecord<'_>,
    ) -> Result<Option<u32>, RecordFault> {
        let Some(slot) = known else {
            self.push(record)?;
            return Ok(self.slots().next_back());
        };
        let merged_into = optional(ContactId::parse, record.merged_into, "MasterRecordId")?;
        let (old, new) = (self.rows[slot as usize], self.row(record)?);
        let is_same = Row {
            cells: old.cells,
            ..new
        } == old
            && self.merged_into(slot) == merged_into
            && self.cells.is(old.cells, cells_of(record));
        self.rows[slot as usize] = new;
        self.merge(new.id, merged_into);
        Ok((!is_same).then_some(slot))
    }

    /// Marks a contact as deleted; was it not before?
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

    pub(crate) fn id(&self, slot: u32) -> ContactId {
        self.rows[slot as usize].id
    }

    pub(crate) fn account(&self, slot: u32) -> Option<AccountId> {
        self.accounts.id(self.rows[slot as usize].account)
    }

    pub(crate) fn is_deleted(&self, slot: u32) -> bool {
        self.rows[slot as usize].is_deleted
    }

    pub(crate) fn merged_into(&self, slot: u32) -> Option<ContactId> {
        self.merged_into.get(&self.id(slot)).copied()
    }

    pub(crate) fn first_name(&self, slot: u32) -> &str {
        self.cell(slot, FIRST_NAME)
    }

    pub(crate) fn last_name(&self, slot: u32) -> &str {
        self.cell(slot, LAST_NAME)
    }

    pub(crate) fn email(&self, slot: u32) -> &str {
        self.cell(slot, EMAIL)
    }

    /// The fields that were pulled as external ids.
    pub(crate) fn external_id_fields(&self) -> &[ExternalIdField] {
        &self.external_ids
    }

    /// The value of the nth external id field.
    pub(crate) fn external_id(&self, slot: u32, nth: usize) -> &str {
        self.cell(slot, FIRST_EXTERNAL_ID + nth)
    }

    fn cell(&self, slot: u32, nth: usize) -> &str {
        self.cells.get(self.rows[slot as usize].cells, nth)
    }

    fn row(&mut self, record: &ContactRecord<'_>) -> Result<Row, RecordFault> {
        assert_eq!(
            record.external_ids.len(),
            self.external_ids.len(),
            "one value per field"
        );
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        Ok(Row {
            id: required(ContactId::parse, record.id, "Id")?,
            is_deleted: record.is_deleted,
            account: self.accounts.number(account),
            cells: self.cells.push(cells_of(record))?,
        })
    }

    fn merge(&mut self, id: ContactId, survivor: Option<ContactId>) {
        match survivor {
            Some(survivor) => self.merged_into.insert(id, survivor),
            // Mostly nothing is merged, and then there is nothing to look for.
            None if self.merged_into.is_empty() => None,
            None => self.merged_into.remove(&id),
        };
    }
}

fn cells_of<'a>(record: &ContactRecord<'a>) -> impl Iterator<Item = &'a str> {
    [record.first_name, record.last_name, record.email]
        .into_iter()
        .chain(record.external_ids.iter().copied())
}
