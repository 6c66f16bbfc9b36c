//! Accounts, the deleted ones included.

use super::cells::Cells;
use super::dictionary::Dictionary;
use super::order::{order_by_id, reorder};
use super::{RecordFault, optional, required, slots};
use crate::model::id::{AccountId, ContactId, UserId};
use crate::org_state::records::{AccountRecord, ExternalIdField};

/// Cells of a row; external ids follow in the order of their fields.
const NAME: usize = 0;
const FIRST_EXTERNAL_ID: usize = 1;

/// The table.
#[derive(Debug)]
pub(crate) struct Accounts {
    ids: Vec<AccountId>,
    owners: Vec<u32>,
    owner_ids: Dictionary<UserId>,
    person_contacts: Vec<Option<ContactId>>,
    flags: Vec<Flags>,
    cells: Cells,
    external_ids: Vec<ExternalIdField>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flags {
    is_partner: bool,
    is_person_account: bool,
    is_deleted: bool,
}

/// What a record's text means.
struct Row {
    id: AccountId,
    owner: u32,
    person_contact: Option<ContactId>,
    flags: Flags,
}

impl Accounts {
    /// An empty table of accounts with these external ids.
    pub(crate) fn new(external_ids: Vec<ExternalIdField>) -> Self {
        Self {
            ids: Vec::new(),
            owners: Vec::new(),
            owner_ids: Dictionary::new(),
            person_contacts: Vec::new(),
            flags: Vec::new(),
            cells: Cells::default(),
            external_ids,
        }
    }

    /// Adds a record behind the last.
    pub(crate) fn push(&mut self, record: &AccountRecord<'_>) -> Result<(), RecordFault> {
        let row = self.read(record)?;
        self.cells.push(cells_of(record))?;
        self.ids.push(row.id);
        self.owners.push(row.owner);
        self.person_contacts.push(row.person_contact);
        self.flags.push(row.flags);
        Ok(())
    }

    /// Puts a record in the place of an older version of itself; did it change?
    pub(crate) fn replace(
        &mut self,
        slot: u32,
        record: &AccountRecord<'_>,
    ) -> Result<bool, RecordFault> {
        let row = self.read(record)?;
        let at = slot as usize;
        let same = self.owners[at] == row.owner
            && self.person_contacts[at] == row.person_contact
            && self.flags[at] == row.flags
            && self.cells.is(slot, cells_of(record));
        if same {
            return Ok(false);
        }
        self.cells.replace(slot, cells_of(record))?;
        self.owners[at] = row.owner;
        self.person_contacts[at] = row.person_contact;
        self.flags[at] = row.flags;
        Ok(true)
    }

    /// Marks an account as deleted; was it not before?
    pub(crate) fn delete(&mut self, slot: u32) -> bool {
        !std::mem::replace(&mut self.flags[slot as usize].is_deleted, true)
    }

    /// Puts the rows in the order of their ids.
    pub(crate) fn settle(&mut self) {
        if let Some(order) = order_by_id(&self.ids) {
            reorder(&mut self.ids, &order);
            reorder(&mut self.owners, &order);
            reorder(&mut self.person_contacts, &order);
            reorder(&mut self.flags, &order);
            self.cells.reorder(&order);
        }
        self.ids.shrink_to_fit();
        self.owners.shrink_to_fit();
        self.person_contacts.shrink_to_fit();
        self.flags.shrink_to_fit();
        self.cells.shrink();
    }

    /// Every slot, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u32> + use<> {
        slots(self.ids.len())
    }

    pub(crate) fn id(&self, slot: u32) -> AccountId {
        self.ids[slot as usize]
    }

    pub(crate) fn owner(&self, slot: u32) -> Option<UserId> {
        self.owner_ids.id(self.owners[slot as usize])
    }

    pub(crate) fn person_contact(&self, slot: u32) -> Option<ContactId> {
        self.person_contacts[slot as usize]
    }

    pub(crate) fn is_partner(&self, slot: u32) -> bool {
        self.flags[slot as usize].is_partner
    }

    pub(crate) fn is_person_account(&self, slot: u32) -> bool {
        self.flags[slot as usize].is_person_account
    }

    pub(crate) fn is_deleted(&self, slot: u32) -> bool {
        self.flags[slot as usize].is_deleted
    }

    pub(crate) fn name(&self, slot: u32) -> &str {
        self.cells.get(slot, NAME)
    }

    /// The fields that were pulled as external ids.
    pub(crate) fn external_id_fields(&self) -> &[ExternalIdField] {
        &self.external_ids
    }

    /// The value of the nth external id field.
    pub(crate) fn external_id(&self, slot: u32, nth: usize) -> &str {
        self.cells.get(slot, FIRST_EXTERNAL_ID + nth)
    }

    fn read(&mut self, record: &AccountRecord<'_>) -> Result<Row, RecordFault> {
        assert_eq!(
            record.external_ids.len(),
            self.external_ids.len(),
            "one value per field"
        );
        let owner = optional(UserId::parse, record.owner, "OwnerId")?;
        Ok(Row {
            id: required(AccountId::parse, record.id, "Id")?,
            owner: self.owner_ids.number(owner),
            person_contact: optional(ContactId::parse, record.person_contact, "PersonContactId")?,
            flags: Flags {
                is_partner: record.is_partner,
                is_person_account: record.is_person_account,
                is_deleted: record.is_deleted,
            },
        })
    }
}

fn cells_of<'a>(record: &AccountRecord<'a>) -> impl Iterator<Item = &'a str> {
    std::iter::once(record.name).chain(record.external_ids.iter().copied())
}
