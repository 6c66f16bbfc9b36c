//! The tables: records as the org holds them, and the indexes that find them.
//!
//! A table reads rows of fixed size, in the order of record ids, from its section; the rows' text
//! stands in a section of its own, touched only when it is asked for. A record's place is its
//! slot. Records that were read again since lie beside the sections and come first; one that came
//! to be known later gets the slot after the last, so slots never move.
//!
//! An index holds hashes and slots only: every hit is compared with the record, so what a record
//! once was finds nothing.

mod accounts;
mod contacts;
mod keys;
mod roles;
mod rows;
mod take;
mod user_row;
mod users;

pub(crate) use accounts::{AccountRow, Accounts, NAME as ACCOUNT_NAME, PERSON_CONTACT, RoleCounts};
pub(crate) use contacts::{
    ContactRow, Contacts, EMAIL, FIRST_NAME, LAST_NAME, MERGED_INTO, email_hash,
};
pub(crate) use keys::external_id_hash;
pub(crate) use roles::{PortalRole, RoleRow, Roles, generated, level_of};
pub(crate) use rows::{Row, put_id};
pub(crate) use user_row::{UserKind, UserRow, user_kind};
pub(crate) use users::{NAME as USER_NAME, USER_PROFILE_BYTES, USERNAME, Users, federation_hash};

use std::io;

use super::records::ExternalIds;
use super::sections::Sections;
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
    /// Reads sections in place.
    pub(super) fn over(sections: &Sections, external_ids: &ExternalIds) -> Self {
        Self {
            contacts: Contacts::over(sections, external_ids.contact.clone()),
            accounts: Accounts::over(sections, external_ids.account.clone()),
            users: Users::over(sections),
            roles: Roles::over(sections),
        }
    }
}

/// Why a table did not take a record.
#[derive(Debug)]
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
    /// The disk did not take it.
    Disk(io::Error),
}

/// Reads an id the record must have.
pub(super) fn required<Id>(
    parse: fn(&str) -> Result<Id, IdFault>,
    text: &str,
    column: &'static str,
) -> Result<Id, RecordFault> {
    parse(text).map_err(|fault| RecordFault::Id { column, fault })
}

/// Reads an id that is empty where the record has none.
pub(super) fn optional<Id>(
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
