//! Generated roles while they come.

use std::io;

use super::dictionary::Dictionary;
use super::finish::{slot_of, write_rows};
use super::order::Order;
use crate::model::id::{AccountId, RoleId};
use crate::model::user::PortalKind;
use crate::org_state::records::RoleRecord;
use crate::org_state::sections::{Kind, Target};
use crate::org_state::tables::{RecordFault, RoleRow, generated};

/// The growing table.
#[derive(Debug)]
pub(in crate::org_state) struct GrowingRoles {
    /// Their account is a number of the dictionary.
    rows: Vec<RoleRow>,
    pub(super) accounts: Dictionary<AccountId>,
}

impl Default for GrowingRoles {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            accounts: Dictionary::new(),
        }
    }
}

impl GrowingRoles {
    /// Records so far.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes in a record, if it is of a generated role.
    pub(in crate::org_state) fn push(
        &mut self,
        record: &RoleRecord<'_>,
    ) -> Result<(), RecordFault> {
        if let Some(generated) = generated(record)? {
            self.rows.push(RoleRow {
                id: generated.id,
                role: generated.role,
                account: self.accounts.number(generated.account),
            });
        }
        Ok(())
    }

    /// Puts the rows in the order of their ids, and their accounts' slots in place of numbers.
    pub(super) fn settle(mut self, accounts: &[u32]) -> SettledRoles {
        for row in &mut self.rows {
            row.account = slot_of(row.account, accounts);
        }
        let order = Order::of(self.rows.len(), |place| self.rows[place as usize].id);
        let rows = (0..order.len()).map(|slot| self.rows[order.place(slot) as usize]);
        SettledRoles(rows.collect())
    }
}

/// The whole table, in the order of role ids.
#[derive(Debug)]
pub(super) struct SettledRoles(pub(super) Vec<RoleRow>);

impl SettledRoles {
    /// The kind of user a shared role is for.
    pub(super) fn shared(&self, id: RoleId) -> Option<PortalKind> {
        let at = self.0.binary_search_by_key(&id, |row| row.id).ok()?;
        self.0[at].role.shared()
    }

    pub(super) fn write(&self, target: &mut Target) -> io::Result<()> {
        write_rows(Kind::RoleRows, self.0.iter().copied(), target)
    }
}
