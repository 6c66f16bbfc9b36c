//! The cache on disk: one org's state, kept for the next command.
//!
//! ```text
//! <state>/<org id>/cache/
//!     current.json                which version counts, with a checksum
//!     v00000007.index             what lookups read: mapped, never read whole
//!     v00000007.Contact.parquet   base tables, as the org answered; any tool opens them
//!     v00000007.Account.parquet   (User, UserRole)
//!     v00000007.setup.json        what is small
//!     cache.lock                  one writer at a time
//!     outdated                    there when a run of ours changed the org since
//! ```
//!
//! A version is written beside the others, synced, renamed, and only then named in
//! `current.json`, which is renamed last; the old version is removed afterwards. So whoever reads
//! finds a whole version at every moment, and a process that dies leaves at worst parts that the
//! next writer removes. Versions are never changed: who has one open keeps it.

mod base;
mod folder;
mod kept;
mod pointer;
mod version;

pub(super) use base::BaseTable;
pub use folder::{CachedOrg, Listed, forget, list, outdate};
pub use kept::{Kept, KeptTable, kept};
pub(super) use version::{BaseTables, NewVersion};

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::error::OrgStateError;
use super::lookup::OrgState;
use super::sections::container::{self, ContainerFault};
use super::sections::{Kind, Sections, map};
use super::stored::Stored;
use bytes::Bytes;
use folder::Folder;
use pointer::Pointer;

/// How often a reader looks again when a writer removes the version it was about to open.
const TRIES_MAX: u32 = 5;

/// A cache that was opened.
#[derive(Debug)]
pub struct Cached {
    /// The state, read from the mapped index.
    pub state: OrgState,
    /// What it is.
    pub about: CachedOrg,
}

/// Opens the cache of an org, if there is one. Costs the same for every size.
pub fn open(state_dir: &Path, org_id: &str) -> Result<Option<Cached>, OrgStateError> {
    let folder = Folder::of(state_dir, org_id);
    let Some(index) = Index::current(&folder)? else {
        return Ok(None);
    };
    let about = index.about(&folder);
    let state = OrgState::over(&index.sections, index.stored)?;
    Ok(Some(Cached { state, about }))
}

/// Opens the cache of the org that was pulled from that address.
pub fn at_address(state_dir: &Path, address: &str) -> Result<Cached, OrgStateError> {
    let mut at_address = Vec::new();
    let mut broken = None;
    for org_id in folder::org_ids(state_dir)? {
        match Index::current(&Folder::of(state_dir, &org_id)) {
            Ok(Some(index)) if is_same(&index.stored.identity.instance_url, address) => {
                at_address.push(org_id);
            }
            Ok(_) => {}
            Err(error) => broken = Some(error),
        }
    }
    let found = match (at_address.as_slice(), broken) {
        ([org_id], _) => open(state_dir, org_id)?,
        // It may be the one that is sought.
        ([], Some(error)) => return Err(error),
        ([], None) => None,
        ([..], _) => {
            let address = address.to_owned();
            return Err(OrgStateError::CacheAmbiguous {
                address,
                orgs: at_address,
            });
        }
    };
    let address = address.to_owned();
    found.ok_or(OrgStateError::CacheMissing { address })
}

fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/')
        .eq_ignore_ascii_case(other.trim_end_matches('/'))
}

/// An index whose header is sound.
struct Index {
    pointer: Pointer,
    file: Bytes,
    sections: Sections,
    stored: Stored,
}

impl Index {
    /// Opens the version that counts now.
    fn current(folder: &Folder) -> Result<Option<Self>, OrgStateError> {
        let mut tries = 0;
        loop {
            let Some(pointer) = pointer::read(folder)? else {
                return Ok(None);
            };
            let path = folder.file(&pointer.index_name());
            match File::open(&path) {
                Ok(file) => return Self::open(pointer, &path, file, folder).map(Some),
                // A writer was faster: the pointer names another version by now.
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < TRIES_MAX => {
                    tries += 1;
                }
                Err(source) => return Err(unreadable(&path, source)),
            }
        }
    }

    fn open(
        pointer: Pointer,
        path: &Path,
        on_disk: File,
        folder: &Folder,
    ) -> Result<Self, OrgStateError> {
        let file = map::map(&on_disk).map_err(|source| unreadable(path, source))?;
        let fault = |fault| of_container(fault, path, folder.org_id());
        let sections = container::open(&file, folder.org_id()).map_err(fault)?;
        let sections = sections.within(on_disk);
        let stored = serde_json::from_slice(&sections.get(Kind::Setup));
        let stored =
            stored.map_err(|_| fault(ContainerFault::Torn("its setup is not readable")))?;
        Ok(Self {
            pointer,
            file,
            sections,
            stored,
        })
    }

    fn about(&self, folder: &Folder) -> CachedOrg {
        CachedOrg {
            identity: self.stored.identity.clone(),
            visibility: self.stored.visibility.clone(),
            pulled_at: self.stored.pulled_at.clone(),
            newest: self.stored.newest.clone(),
            counts: self.stored.counts.clone(),
            external_ids: self.stored.external_ids.clone(),
            bytes: self.pointer.bytes(),
            is_outdated: folder.is_outdated(),
        }
    }
}

/// Reads all of an index and compares every checksum.
fn verify(index: &Index, folder: &Folder) -> Result<(), OrgStateError> {
    let path = folder.file(&index.pointer.index_name());
    container::verify(&index.file, folder.org_id())
        .map_err(|fault| of_container(fault, &path, folder.org_id()))
}

fn of_container(fault: ContainerFault, path: &Path, org_id: &str) -> OrgStateError {
    let path = PathBuf::from(path);
    match fault {
        ContainerFault::Torn(what) => OrgStateError::CacheDamaged {
            path,
            what: what.to_owned(),
        },
        ContainerFault::Format(found) => OrgStateError::CacheFormat {
            path,
            found,
            ours: container::FORMAT,
        },
        ContainerFault::Foreign(found) => OrgStateError::CacheForeign {
            path,
            found,
            expected: org_id.to_owned(),
        },
    }
}

fn unreadable(path: &Path, source: io::Error) -> OrgStateError {
    OrgStateError::CacheUnreadable {
        path: path.to_owned(),
        source,
    }
}
