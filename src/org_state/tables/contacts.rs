//! Contacts, the deleted ones included.

use std::collections::HashMap;

use super::cells::Cells;
use super::dictionary::Dictionary;
use super::order::{order_by_id, reorder};
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
    ids: Vec<ContactId>,
    accounts: Vec<u32>,
    account_ids: Dictionary<AccountId>,
    deleted: Vec<bool>,
    /// Only merged contacts; they are few.
    merged_into: HashMap<ContactId, ContactId>,
    cells: Cells,
    external_ids: Vec<ExternalIdField>,
}

/// What a record's text means.
struct Row {
    id: ContactId,
    account: u32,
    merged_into: Option<ContactId>,
}

impl Contacts {
    /// An empty table of contacts with these external ids.
    pub(crate) fn new(external_ids: Vec<ExternalIdField>) -> Self {
        Self {
            ids: Vec::new(),
            accounts: Vec::new(),
            account_ids: Dictionary::new(),
            deleted: Vec::new(),
            merged_into: HashMap::new(),
            cells: Cells::default(),
            external_ids,
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &ContactRecord<'_>) -> Result<(), RecordFault> {
        let row = self.read(record)?;
        self.cells.push(cells_of(record))?;
        self.ids.push(row.id);
        self.accounts.push(row.account);
        self.deleted.push(record.is_deleted);
        if let Some(survivor) = row.merged_into {
            self.merged_into.insert(row.id, survivor);
        }
        Ok(())
    }

    /// Puts a record in the place of an older version of itself; did it change?
    pub(crate) fn replace(
        &mut self,
        slot: u32,
        record: &ContactRecord<'_>,
    ) -> Result<bool, RecordFault> {
        let row = self.read(record)?;
        let at = slot as usize;
        let same = self.accounts[at] == row.account
            && self.deleted[at] == record.is_deleted
            && self.merged_into(slot) == row.merged_into
            && self.cells.is(slot, cells_of(record));
        if same {
            return Ok(false);
        }
        self.cells.replace(slot, cells_of(record))?;
        self.accounts[at] = row.account;
        self.deleted[at] = record.is_deleted;
        match row.merged_into {
            Some(survivor) => self.merged_into.insert(row.id, survivor),
            None => self.merged_into.remove(&row.id),
        };
        Ok(true)
    }

    /// Marks a contact as deleted; was it not before?
    pub(crate) fn delete(&mut self, slot: u32) -> bool {
        !std::mem::replace(&mut self.deleted[slot as usize], true)
    }

    /// Puts the rows in the order of their ids.
    pub(crate) fn settle(&mut self) {
        if let Some(order) = order_by_id(&self.ids) {
            reorder(&mut self.ids, &order);
            reorder(&mut self.accounts, &order);
            reorder(&mut self.deleted, &order);
            self.cells.reorder(&order);
        }
        self.ids.shrink_to_fit();
        self.accounts.shrink_to_fit();
        self.deleted.shrink_to_fit();
        self.cells.shrink();
    }

    /// Every slot, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> + use<> {
        slots(self.ids.len())
    }

    pub(crate) fn id(&self, slot: u32) -> ContactId {
        self.ids[slot as usize]
    }

    pub(crate) fn account(&self, slot: u32) -> Option<AccountId> {
        self.account_ids.id(self.accounts[slot as usize])
    }

    pub(crate) fn is_deleted(&self, slot: u32) -> bool {
        self.deleted[slot as usize]
    }

    pub(crate) fn merged_into(&self, slot: u32) -> Option<ContactId> {
        self.merged_into.get(&self.id(slot)).copied()
    }

    pub(crate) fn first_name(&self, slot: u32) -> &str {
        self.cells.get(slot, FIRST_NAME)
    }

    pub(crate) fn last_name(&self, slot: u32) -> &str {
        self.cells.get(slot, LAST_NAME)
    }

    pub(crate) fn email(&self, slot: u32) -> &str {
        self.cells.get(slot, EMAIL)
    }

    /// The fields that were pulled as external ids.
    pub(crate) fn external_id_fields(&self) -> &[ExternalIdField] {
        &self.external_ids
    }

    /// The value of the nth external id field.
    pub(crate) fn external_id(&self, slot: u32, nth: usize) -> &str {
        self.cells.get(slot, FIRST_EXTERNAL_ID + nth)
    }

    fn read(&mut self, record: &ContactRecord<'_>) -> Result<Row, RecordFault> {
        assert_eq!(
            record.external_ids.len(),
            self.external_ids.len(),
            "one value per field"
        );
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        Ok(Row {
            id: required(ContactId::parse, record.id, "Id")?,
            account: self.account_ids.number(account),
            merged_into: optional(ContactId::parse, record.merged_into, "MasterRecordId")?,
        })
    }
}

fn cells_of<'a>(record: &ContactRecord<'a>) -> impl Iterator<Item = &'a str> {
    [record.first_name, record.last_name, record.email]
        .into_iter()
        .chain(record.external_ids.iter().copied())
}
