//! What can go wrong while the org's state is read.

use std::borrow::Cow;

use super::tables::RecordFault;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::{IdFault, ProfileId};

/// The org's state could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OrgStateError {
    /// The org answered a record whose id is none.
    #[error("the org answered a {object} whose {column} {source}")]
    RecordUnreadable {
        /// The object.
        object: &'static str,
        /// The field.
        column: &'static str,
        /// What is wrong with it.
        source: IdFault,
    },
    /// More text than one table holds.
    #[error("the org holds more {object} records than fit: their text passes 4 GiB")]
    TooLarge {
        /// The object.
        object: &'static str,
    },
    /// A profile's licence is not among the licences the org listed.
    #[error("the licence of profile {profile} is not among those the running user may see")]
    LicenseInvisible {
        /// The profile.
        profile: ProfileId,
    },
}

impl OrgStateError {
    /// A record of that object which its table did not take.
    pub(super) fn of_record(object: &'static str, fault: RecordFault) -> Self {
        match fault {
            RecordFault::Id { column, fault } => Self::RecordUnreadable {
                object,
                column,
                source: fault,
            },
            RecordFault::Full => Self::TooLarge { object },
        }
    }
}

impl Explain for OrgStateError {
    fn place(&self) -> Place {
        match self {
            Self::RecordUnreadable { object, .. } | Self::TooLarge { object } => {
                Place::Request(format!("query {object}"))
            }
            Self::LicenseInvisible { .. } => Place::Request("query UserLicense".to_owned()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::RecordUnreadable { .. } => {
                "Run the command again; if it stays, report it with the object and the field."
                    .into()
            }
            Self::TooLarge { .. } => {
                "Use a running user that sees only the accounts and contacts of this programme."
                    .into()
            }
            Self::LicenseInvisible { .. } => {
                "Give the running user the permission View Setup and Configuration.".into()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Org
    }
}
