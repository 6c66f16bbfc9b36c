//! Accounts while they come.

use std::io;

use super::dictionary::Dictionary;
use super::finish::{slot_of, write_rows};
use super::order::Order;
use super::text::{ExternalIdHashes, Heap, write_index};
use crate::model::id::{AccountId, ContactId, UserId};
use crate::org_state::records::{AccountRecord, ExternalIdField};
use crate::org_state::sections::hash::hash_id;
use crate::org_state::sections::spool::Spool;
use crate::org_state::sections::{Kind, Target};
use crate::org_state::tables::{AccountRow, RecordFault, RoleCounts, optional, required};

/// The growing table.
#[derive(Debug)]
pub(in crate::org_state) struct GrowingAccounts {
    /// Their owner is a number of the dictionary.
    rows: Vec<AccountRow>,
    external_ids: ExternalIdHashes,
    heap: Heap,
    pub(super) owners: Dictionary<UserId>,
}

impl GrowingAccounts {
    pub(super) fn new(external_ids: &[ExternalIdField], heap: Spool) -> Self {
        Self {
            rows: Vec::new(),
            external_ids: ExternalIdHashes::of(external_ids.iter().map(|field| field.comparison)),
            heap: Heap::new(heap),
            owners: Dictionary::new(),
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
        record: &AccountRecord<'_>,
    ) -> Result<(), RecordFault> {
        let id = required(AccountId::parse, record.id, "Id")?;
        let owner = optional(UserId::parse, record.owner, "OwnerId")?;
        optional(ContactId::parse, record.person_contact, "PersonContactId")?;
        let row = AccountRow {
            is_known: true,
            is_partner: record.is_partner,
            is_person_account: record.is_person_account,
            is_deleted: record.is_deleted,
            owner: self.owners.number(owner),
            cells: self.heap.push(record.cells())?,
            ..AccountRow::unknown(id)
        };
        self.rows.push(row);
        self.external_ids.push(record.external_ids);
        Ok(())
    }

    pub(super) fn order(&self) -> Order {
        Order::of(self.rows.len(), |place| self.rows[place as usize].id)
    }

    /// The row of a slot.
    pub(super) fn row(&self, slot: u32, order: &Order) -> AccountRow {
        self.rows[order.place(slot) as usize]
    }

    /// The slot of an id.
    pub(super) fn find(&self, id: AccountId, order: &Order) -> Option<u32> {
        order.find(&id, |place| self.rows[place as usize].id)
    }

    /// Writes the sections: the known accounts, behind them the ids others name. `owners` has the
    /// slot of each number of the dictionary.
    pub(super) fn write(
        self,
        (order, unknown): (&Order, &[AccountId]),
        owners: &[u32],
        counts: &[RoleCounts],
        target: &mut Target,
    ) -> io::Result<()> {
        let known = (0..order.len()).map(|slot| {
            let row = self.row(slot, order);
            AccountRow {
                owner: slot_of(row.owner, owners),
                ..row
            }
        });
        let all = known.chain(unknown.iter().map(|id| AccountRow::unknown(*id)));
        let counted = all.zip(counts).map(|(row, counts)| AccountRow {
            counts: *counts,
            ..row
        });
        write_rows(Kind::AccountRows, counted, target)?;
        let ids = (0..order.len()).map(|slot| self.row(slot, order).id);
        let ids = ids.chain(unknown.iter().copied()).zip(0..);
        let entries = ids.map(|(id, slot)| (hash_id(id.record()), slot));
        write_index(Kind::AccountsById, counts.len(), entries, target)?;
        self.external_ids
            .write(Kind::AccountsByExternalId, order, target)?;
        target.spooled(Kind::AccountCells, self.heap.finish()?)
    }
}
