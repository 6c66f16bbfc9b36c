//! The folder of one org's cache: names, lock, what is in it, and its end.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Index, unreadable, verify};
use crate::model::summary::OrgIdentity;
use crate::org_state::error::OrgStateError;
use crate::org_state::facts::Visibility;
use crate::org_state::records::ExternalIds;

/// The cache's folder in that of its org.
const FOLDER: &str = "cache";

/// Held by whoever writes.
const LOCK: &str = "cache.lock";

/// There when the org was changed by us since the pull.
const OUTDATED: &str = "outdated";

/// How the names of files end that are not whole yet.
pub(super) const PART: &str = ".part";

/// What a cache is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CachedOrg {
    /// Which org, and who pulled it.
    pub identity: OrgIdentity,
    /// What that user may see.
    pub visibility: Visibility,
    /// When the pull began, RFC 3339.
    pub pulled_at: String,
    /// The newest `SystemModstamp` of each big object, as far as it is shown.
    pub newest: BTreeMap<String, String>,
    /// Records by object.
    pub counts: BTreeMap<String, u64>,
    /// The external id fields that were pulled.
    pub external_ids: ExternalIds,
    /// Bytes on disk.
    pub bytes: u64,
    /// Has a run of ours changed the org since?
    pub is_outdated: bool,
}

/// The folder of an org's cache.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
    org_id: String,
}

/// The right to write to a folder; given back when dropped.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: File,
}

impl Folder {
    pub(super) fn of(state_dir: &Path, org_id: &str) -> Self {
        Self {
            path: state_dir.join(org_id).join(FOLDER),
            org_id: org_id.to_owned(),
        }
    }

    /// The folder of a cache that somebody names by itself, or by the folder of its org.
    pub(super) fn at(place: &Path) -> Self {
        let org = match place.parent() {
            Some(org) if place.ends_with(FOLDER) => org,
            _ => place,
        };
        let org_id = org.file_name().unwrap_or_default();
        Self {
            path: org.join(FOLDER),
            org_id: org_id.to_string_lossy().into_owned(),
        }
    }

    pub(super) fn org_id(&self) -> &str {
        &self.org_id
    }

    /// The path of a file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the folder, closed to others: it holds personal data, and whoever could write here
    /// could harm who maps it.
    pub(super) fn make(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path)
    }

    /// Takes the right to write, or says that somebody has it.
    pub(super) fn lock(&self) -> Result<WriteLock, OrgStateError> {
        let path = self.file(LOCK);
        let failed = |source| OrgStateError::disk(source);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = private(&mut options).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OrgStateError::CacheBusy { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Makes a file that is not there yet, for its owner only.
    pub(super) fn create(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        private(&mut options).open(self.file(name))
    }

    /// Renames a part to its whole name.
    pub(super) fn make_whole(&self, name: &str) -> io::Result<()> {
        fs::rename(self.file(&format!("{name}{PART}")), self.file(name))
    }

    /// Waits until names are on the disk too.
    pub(super) fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }

    /// Has the org been changed by us since the pull?
    pub(super) fn is_outdated(&self) -> bool {
        self.file(OUTDATED).exists()
    }

    /// The org is what was pulled again.
    pub(super) fn is_current(&self) -> io::Result<()> {
        match fs::remove_file(self.file(OUTDATED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Names of files, sorted.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// Removes files that nobody needs any more; one that cannot be removed now is removed by the
    /// next writer.
    pub(super) fn remove_but(&self, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        for name in self.names()? {
            if name != LOCK && name != OUTDATED && !keep(&name) {
                let _ = fs::remove_file(self.file(&name));
            }
        }
        Ok(())
    }
}

/// Files of a cache hold personal data: only their owner may look.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// An org's id, and what its cache is, or why it cannot be used.
pub type Listed = (String, Result<CachedOrg, OrgStateError>);

/// The ids of all orgs that have a cache, and what each is; reads every byte of it, so that what
/// is called sound is. A cache that cannot be used is an error of its own.
pub fn list(state_dir: &Path) -> Result<Vec<Listed>, OrgStateError> {
    let mut found = Vec::new();
    for org_id in org_ids(state_dir)? {
        let folder = Folder::of(state_dir, &org_id);
        match Index::current(&folder) {
            Ok(None) => {}
            Ok(Some(index)) => {
                let about = verify(&index, &folder).map(|()| index.about(&folder));
                found.push((org_id, about));
            }
            Err(error) => found.push((org_id, Err(error))),
        }
    }
    Ok(found)
}

/// The folders that may hold a cache, sorted.
pub(super) fn org_ids(state_dir: &Path) -> Result<Vec<String>, OrgStateError> {
    let entries = match fs::read_dir(state_dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(state_dir, source)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| unreadable(state_dir, source))?;
        found.extend(entry.file_name().into_string());
    }
    found.sort();
    Ok(found)
}

/// Says that the org is about to be changed, so that its cache is not taken for fresh afterwards;
/// on the disk before anything is sent.
pub fn outdate(state_dir: &Path, org_id: &str) -> Result<(), OrgStateError> {
    let folder = Folder::of(state_dir, org_id);
    let mark = || {
        folder.make()?;
        match folder.create(OUTDATED) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(file) => file.sync_all().and_then(|()| folder.sync()),
        }
    };
    mark().map_err(OrgStateError::disk)
}

/// Deletes the cache of an org; was there one?
pub fn forget(state_dir: &Path, org_id: &str) -> Result<bool, OrgStateError> {
    let folder = Folder::of(state_dir, org_id);
    if !folder.path.is_dir() {
        return Ok(false);
    }
    let lock = folder.lock()?;
    fs::remove_dir_all(&folder.path).map_err(OrgStateError::disk)?;
    drop(lock);
    // The org's folder may hold what is not ours to delete; then it stays.
    let _ = fs::remove_dir(state_dir.join(org_id));
    Ok(true)
}
