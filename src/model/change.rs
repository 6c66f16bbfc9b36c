//! A change: one write to one record of the org for one or more rows.

use serde::{Deserialize, Serialize};

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
