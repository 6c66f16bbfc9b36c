//! What can go wrong while the org's state is read.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use super::tables::RecordFault;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::{IdFault, ProfileId};
use crate::salesforce::OrgError;

/// The org's state could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OrgStateError {
    /// The telephone.
    #[error("reading {object} from the org: {source}")]
    Org {
        /// The object that was read.
        object: &'static str,
        /// What went wrong.
        source: OrgError,
    },
    /// A header names a field that is no external id.
    #[error(
        "the column `{object}.{field}` names no external id field of {object}; {}",
        those(existing)
    )]
    ExternalIdUnknown {
        /// Contact or Account.
        object: &'static str,
        /// The field the header names.
        field: String,
        /// The external id fields there are.
        existing: Vec<String>,
    },
    /// A field without which we would say false things.
    #[error("the running user may not read {object}.{field}")]
    FieldHidden {
        /// The object.
        object: &'static str,
        /// The field.
        field: &'static str,
    },
    /// No row for the org itself.
    #[error("the running user may not read the Organization record")]
    OrganizationHidden,
    /// A profile's licence is not among the licences the org listed.
    #[error("the licence of profile {profile} is not among those the running user may read")]
    LicenseHidden {
        /// The profile.
        profile: ProfileId,
    },
    /// An answer without a column that was asked for.
    #[error("the org's answer about {object} has no column {column}")]
    ColumnMissing {
        /// The object.
        object: &'static str,
        /// The column.
        column: String,
    },
    /// A record with an id that is none.
    #[error("the org's answer about {object} is not understood: {column} {source}")]
    RecordUnreadable {
        /// The object.
        object: &'static str,
        /// The field.
        column: &'static str,
        /// What is wrong with it.
        source: IdFault,
    },
    /// The cache cannot be written.
    #[error("the cached state of the org cannot be written: {source}")]
    CacheUnwritten {
        /// What the system said.
        source: io::Error,
    },
    /// The cache is cut short or damaged.
    #[error("the cached state of the org cannot be trusted: {what}")]
    CacheDamaged {
        /// The file.
        path: PathBuf,
        /// What gave it away.
        what: String,
    },
    /// The cache was written by another admit.
    #[error("the cached state of the org has format {found}, this admit reads format {ours}")]
    CacheFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        ours: u32,
    },
    /// The cache of one org in the place of another's.
    #[error("the cached state is of org {found}, not of org {expected}")]
    CacheForeign {
        /// The file.
        path: PathBuf,
        /// The org it is of.
        found: String,
        /// The org whose place it takes.
        expected: String,
    },
    /// The cache cannot be opened.
    #[error("the cached state of the org cannot be read: {source}")]
    CacheUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing is cached of the org.
    #[error("nothing is cached of the org at {address}")]
    CacheMissing {
        /// Its address.
        address: String,
    },
    /// A folder that holds no cache.
    #[error("no org is cached there")]
    CacheNotThere {
        /// The folder.
        path: PathBuf,
    },
    /// Several orgs were pulled from one address.
    #[error("several orgs are cached that answered at {address}: {}", orgs.join(", "))]
    CacheAmbiguous {
        /// The address.
        address: String,
        /// Their ids.
        orgs: Vec<String>,
    },
    /// Somebody is writing the cache.
    #[error("another admit is refreshing the cached state of this org")]
    CacheBusy {
        /// The lock.
        path: PathBuf,
    },
    /// More text than one table holds.
    #[error("the text of all {object} records passes 16 GiB")]
    TooLarge {
        /// The object.
        object: &'static str,
    },
}

impl OrgStateError {
    /// A record of that object which its table did not take.
    pub(super) fn of_record(object: &'static str, fault: RecordFault) -> Self {
        match fault {
            RecordFault::Disk(source) => Self::disk(source),
            RecordFault::Id { column, fault } => Self::RecordUnreadable {
                object,
                column,
                source: fault,
            },
            RecordFault::Full => Self::TooLarge { object },
        }
    }

    /// The disk did not take the cache.
    pub(super) fn disk(source: io::Error) -> Self {
        Self::CacheUnwritten { source }
    }
}

impl Explain for OrgStateError {
    fn place(&self) -> Place {
        match self {
            Self::Org { source, .. } => source.place(),
            Self::ExternalIdUnknown { object, field, .. } => Place::Setting(format!(
                "the column `{object}.{field}` of the contacts file"
            )),
            Self::FieldHidden { object, .. } => Place::Request(format!("describe {object}")),
            Self::OrganizationHidden => Place::Request("query Organization".to_owned()),
            Self::LicenseHidden { .. } => Place::Request("query UserLicense".to_owned()),
            Self::ColumnMissing { object, .. }
            | Self::RecordUnreadable { object, .. }
            | Self::TooLarge { object } => Place::Request(format!("query {object}")),
            Self::CacheUnwritten { .. } => Place::Setting("flag --state-dir".to_owned()),
            Self::CacheMissing { .. } | Self::CacheAmbiguous { .. } => {
                Place::Setting("flag --offline".to_owned())
            }
            Self::CacheDamaged { path, .. }
            | Self::CacheFormat { path, .. }
            | Self::CacheForeign { path, .. }
            | Self::CacheUnreadable { path, .. }
            | Self::CacheNotThere { path }
            | Self::CacheBusy { path } => Place::file(path.display()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Org { source, .. } => return source.remedy(),
            Self::ExternalIdUnknown { .. } => {
                "Name the column after one of these fields, or leave it out with another header."
            }
            Self::FieldHidden { .. } => {
                "Give the running user read access to this field by field-level security."
            }
            Self::OrganizationHidden | Self::LicenseHidden { .. } => {
                "Give the running user the permission View Setup and Configuration."
            }
            Self::ColumnMissing { .. } | Self::RecordUnreadable { .. } => {
                "Check that no proxy changes the org's answers; if none does, report this as a bug."
            }
            Self::CacheUnwritten { .. } => {
                "Make room on that disk, or name another folder with `--state-dir`; the cache that \
                 was there before still stands."
            }
            Self::CacheDamaged { .. } | Self::CacheFormat { .. } => {
                "Read the org anew with `admit org pull`, which replaces it."
            }
            Self::CacheForeign { .. } => {
                "Delete it with `admit org forget ORG-ID`, naming the org whose folder it lies \
                 in, then read the org anew with `admit org pull`."
            }
            Self::CacheUnreadable { .. } => {
                "Make the state folder readable, or delete the cache with `admit org forget`."
            }
            Self::CacheMissing { .. } => {
                "Read the org once with `admit org pull`, or leave out `--offline`."
            }
            Self::CacheNotThere { .. } => {
                "Read the org with `admit org pull`, then name the folder of its id in the state folder."
            }
            Self::CacheAmbiguous { .. } => {
                "Delete the one that is not meant with `admit org forget ORG-ID`."
            }
            Self::CacheBusy { .. } => {
                "Wait until it is done, or use the state that is there with `--offline`."
            }
            Self::TooLarge { .. } => {
                "Use a running user that sees only the records this programme is about."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Org { source, .. } => source.exit(),
            Self::ExternalIdUnknown { .. } => Exit::Input,
            Self::CacheDamaged { .. }
            | Self::CacheFormat { .. }
            | Self::CacheForeign { .. }
            | Self::CacheUnreadable { .. } => Exit::Memory,
            Self::CacheUnwritten { .. }
            | Self::CacheMissing { .. }
            | Self::CacheNotThere { .. }
            | Self::CacheAmbiguous { .. } => Exit::Usage,
            Self::CacheBusy { .. } => Exit::Guard,
            Self::FieldHidden { .. }
            | Self::OrganizationHidden
            | Self::LicenseHidden { .. }
            | Self::ColumnMissing { .. }
            | Self::RecordUnreadable { .. }
            | Self::TooLarge { .. } => Exit::Org,
        }
    }
}

fn those(existing: &[String]) -> String {
    if existing.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has {}", existing.join(", "))
    }
}
