//! Tables while they grow: one record after the other comes in as text, in any order, and in the
//! end the sections of a state go out, sorted, indexed and joined.
//!
//! Memory holds a few dozen bytes for each record: its row and the hashes it is found by. Text
//! goes to the heap at once, which may lie on disk. Of a record that comes twice the last counts.

mod accounts;
mod contacts;
mod dictionary;
mod finish;
mod join;
mod order;
mod roles;
mod text;
mod users;

pub(super) use finish::finish;

use std::collections::BTreeMap;

use accounts::GrowingAccounts;
use contacts::GrowingContacts;
use roles::GrowingRoles;
use users::GrowingUsers;

use super::records::ExternalIds;
use super::sections::spool::Spool;

/// All tables.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) contacts: GrowingContacts,
    pub(super) accounts: GrowingAccounts,
    pub(super) users: GrowingUsers,
    pub(super) roles: GrowingRoles,
}

/// Where the text of contacts, accounts and users goes.
pub(super) struct Heaps {
    pub(super) contacts: Spool,
    pub(super) accounts: Spool,
    pub(super) users: Spool,
}

impl Heaps {
    /// To memory.
    pub(super) fn memory() -> Self {
        Self {
            contacts: Spool::memory(),
            accounts: Spool::memory(),
            users: Spool::memory(),
        }
    }
}

impl Growing {
    /// Empty tables of records with these external ids.
    pub(super) fn new(external_ids: &ExternalIds, heaps: Heaps) -> Self {
        Self {
            contacts: GrowingContacts::new(&external_ids.contact, heaps.contacts),
            accounts: GrowingAccounts::new(&external_ids.account, heaps.accounts),
            users: GrowingUsers::new(heaps.users),
            roles: GrowingRoles::default(),
        }
    }

    /// Records so far, by object; those that came twice count twice.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let counts = [
            ("Contact", self.contacts.len()),
            ("Account", self.accounts.len()),
            ("User", self.users.len()),
            ("UserRole", self.roles.len()),
        ];
        counts
            .into_iter()
            .map(|(object, count)| (object.to_owned(), count as u64))
            .collect()
    }
}
