//! The base tables: records as the org holds them, in compact columns.
//!
//! Comes in: one record after the other, as text. Goes out: columns, in the order of record ids;
//! a record's place there is its slot. A record that comes to be known later gets the slot after
//! the last, so slots never move. Nothing joined is stored here (R-1305).

mod accounts;
mod cells;
mod contacts;
mod dictionary;
mod order;
mod roles;
mod users;

pub(crate) use accounts::Accounts;
pub(crate) use contacts::Contacts;
pub(crate) use dictionary::NO_ID;
pub(crate) use roles::{PortalRole, Roles, level_of};
pub(crate) use users::{UserKind, Users};

use crate::model::id::IdFault;
use cells::HeapFull;

/// All of them.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) contacts: Contacts,
    pub(crate) accounts: Accounts,
    pub(crate) users: Users,
    pub(crate) roles: Roles,
}

impl Tables {
    /// Puts every table in the order of its ids.
    pub(crate) fn settle(&mut self) {
        self.contacts.settle();
        self.accounts.settle();
        self.users.settle();
        self.roles.settle();
    }
}

/// Why a table did not take a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecordFault {
    /// A text that should be an id.
    Id {
        /// The field.
        column: &'static str,
        /// What is wrong with it.
        fault: IdFault,
    },
    /// No room left.
    Full,
}

impl From<HeapFull> for RecordFault {
    fn from(HeapFull: HeapFull) -> Self {
        Self::Full
    }
}

/// Slots of a table, in order.
fn slots(count: usize) -> impl Iterator<Item = u32> {
    (0..u32::MAX).take(count)
}

/// Reads an id the record must have.
fn required<Id>(
    parse: fn(&str) -> Result<Id, IdFault>,
    text: &str,
    column: &'static str,
) -> Result<Id, RecordFault> {
    parse(text).map_err(|fault| RecordFault::Id { column, fault })
}

/// Reads an id that is empty where the record has none.
fn optional<Id>(
    parse: fn(&str) -> Result<Id, IdFault>,
    text: &str,
    column: &'static str,
) -> Result<Option<Id>, RecordFault> {
    if text.is_empty() {
        Ok(None)
    } else {
        required(parse, text, column).map(Some)
    }
}
