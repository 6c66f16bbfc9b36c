//! Contacts while they come.

use std::io;

use super::dictionary::Dictionary;
use super::finish::{slot_of, write_rows};
use super::order::Order;
use super::text::{ExternalIdHashes, Hashes, Heap, write_index};
use crate::model::id::{AccountId, ContactId};
use crate::org_state::records::{ContactRecord, ExternalIdField};
use crate::org_state::sections::hash::hash_id;
use crate::org_state::sections::spool::Spool;
use crate::org_state::sections::{Kind, Target};
use crate::org_state::tables::{ContactRow, RecordFault, email_hash, optional, required};

/// The growing table.
#[derive(Debug)]
pub(in crate::org_state) struct GrowingContacts {
    /// Their account is a number of the dictionary.
    rows: Vec<ContactRow>,
    emails: Hashes,
    external_ids: ExternalIdHashes,
    heap: Heap,
    pub(super) accounts: Dictionary<AccountId>,
}

impl GrowingContacts {
    pub(super) fn new(external_ids: &[ExternalIdField], heap: Spool) -> Self {
        Self {
            rows: Vec::new(),
            emails: Hashes::default(),
            external_ids: ExternalIdHashes::of(external_ids.iter().map(|field| field.comparison)),
            heap: Heap::new(heap),
            accounts: Dictionary::new(),
        }
    }

    /// Records so far.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes in a record.
    ///
    /// # Panics
    /// If it does not bring one value for each external id field.
    pub(in crate::org_state) fn push(
        &mut self,
        record: &ContactRecord<'_>,
    ) -> Result<(), RecordFault> {
        let id = required(ContactId::parse, record.id, "Id")?;
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        optional(ContactId::parse, record.merged_into, "MasterRecordId")?;
        let cells = self.heap.push(record.cells())?;
        self.rows.push(ContactRow {
            id,
            is_deleted: record.is_deleted,
            account: self.accounts.number(account),
            cells,
        });
        self.emails.push(email_hash(account, record.email));
        self.external_ids.push(record.external_ids);
        Ok(())
    }

    pub(super) fn order(&self) -> Order {
        Order::of(self.rows.len(), |place| self.rows[place as usize].id)
    }

    /// The account of a contact, as a number of the dictionary.
    pub(super) fn account_of(&self, id: ContactId, order: &Order) -> Option<u32> {
        let slot = order.find(&id, |place| self.rows[place as usize].id)?;
        Some(self.rows[order.place(slot) as usize].account)
    }

    /// Writes the sections; `accounts` has the slot of each number of the dictionary.
    pub(super) fn write(
        self,
        order: &Order,
        accounts: &[u32],
        target: &mut Target,
    ) -> io::Result<()> {
        drop(self.accounts);
        let at = |slot| self.rows[order.place(slot) as usize];
        let rows = (0..order.len()).map(|slot| {
            let row = at(slot);
            ContactRow {
                account: slot_of(row.account, accounts),
                ..row
            }
        });
        write_rows(Kind::ContactRows, rows, target)?;
        let ids = (0..order.len()).map(|slot| (hash_id(at(slot).id.record()), slot));
        write_index(Kind::ContactsById, ids.len(), ids, target)?;
        drop(self.rows);
        self.emails.write(Kind::ContactsByEmail, order, target)?;
        drop(self.emails);
        self.external_ids
            .write(Kind::ContactsByExternalId, order, target)?;
        target.spooled(Kind::ContactCells, self.heap.finish()?)
    }
}
