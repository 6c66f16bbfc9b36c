//! A change: one write to one record of the org for one or more rows.

use serde::{Deserialize, Serialize};

use super::id::{ContactId, PermissionSetId, UserId};

/// The kinds of change a wave can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Insert a User on a Contact.
    CreateUser,
    /// Insert a `PermissionSetAssignment` for a user made before.
    AssignPermissionSet,
}

impl ChangeKind {
    /// As file names and summaries spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateUser => "create-user",
            Self::AssignPermissionSet => "assign-permission-set",
        }
    }

    /// The object its jobs write.
    pub fn object(self) -> &'static str {
        match self {
            Self::CreateUser => "User",
            Self::AssignPermissionSet => "PermissionSetAssignment",
        }
    }
}

/// A record the org is asked for, because what became of its row is not known otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AskedKey {
    /// The user of a contact.
    User(ContactId),
    /// The assignment of a permission set to a user.
    Assignment(UserId, PermissionSetId),
}

/// What of a row's change is renewed before it is sent again, because others have it already.
/// It is worked out from the change as it was planned, so the same row is renewed the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Renewal {
    /// The derived nickname gets another ending.
    pub nickname: bool,
    /// The username gets this number, from 2 on; none: it stays as planned.
    pub username: Option<u8>,
}
