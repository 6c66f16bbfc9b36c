//! The base tables: records as the org holds them, in compact rows.
//!
//! Comes in: one record after the other, as text. Goes out: rows of fixed size in the order of
//! record ids, their text beside them in one heap; a record's place there is its slot. A record
//! that comes to be known later gets the slot after the last, so slots never move. Nothing joined
//! is stored here (R-1305).

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

use std::ops::Range;

use cells::HeapFull;

use crate::model::id::IdFault;

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
fn slots(count: usize) -> Range<u32> {
    0..u32::try_from(count).unwrap_or(u32::MAX)
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
