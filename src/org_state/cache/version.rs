//! A new version of a cache, from its first record to the moment it counts.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use super::base::BaseTable;
use super::folder::{Folder, PART, WriteLock};
use super::pointer::{self, NAME, Pointer, file_name, version_of};
use crate::org_state::error::OrgStateError;
use crate::org_state::growing::{Growing, Heaps};
use crate::org_state::records::Records;
use crate::org_state::sections::container::ContainerWriter;
use crate::org_state::sections::spool::Spool;
use crate::org_state::sections::{Kind, Target};
use crate::org_state::stored::Stored;

/// Told before each step that changes what is on the disk; an error ends the work there, as a
/// kill would.
pub(in crate::org_state) type OnStep<'a> = dyn FnMut(&str) -> io::Result<()> + 'a;

/// The base tables of the big objects.
#[derive(Debug)]
pub(in crate::org_state) struct BaseTables {
    pub(in crate::org_state) contact: BaseTable,
    pub(in crate::org_state) account: BaseTable,
    pub(in crate::org_state) user: BaseTable,
    pub(in crate::org_state) role: BaseTable,
}

/// A version that does not count yet.
#[derive(Debug)]
pub(in crate::org_state) struct NewVersion {
    folder: Folder,
    number: u32,
    /// Said before this pull began; whoever says so later is not yet answered by it.
    was_outdated: bool,
    _lock: WriteLock,
}

impl NewVersion {
    /// Takes the right to write, and removes what a writer that died left behind.
    pub(in crate::org_state) fn begin(
        state_dir: &Path,
        org_id: &str,
    ) -> Result<Self, OrgStateError> {
        let folder = Folder::of(state_dir, org_id);
        folder.make().map_err(OrgStateError::disk)?;
        let lock = folder.lock()?;
        let number = clear(&folder).map_err(OrgStateError::disk)?;
        Ok(Self {
            was_outdated: folder.is_outdated(),
            folder,
            number,
            _lock: lock,
        })
    }

    /// Empty tables whose text goes to disk.
    pub(in crate::org_state) fn growing(&self, records: &Records) -> io::Result<Growing> {
        let spool = |what: &str| {
            let name = self.part(&format!("{what}.cells"));
            let file = self.folder.create(&name)?;
            io::Result::Ok(Spool::file(self.folder.file(&name), file))
        };
        let heaps = Heaps {
            contacts: spool("Contact")?,
            accounts: spool("Account")?,
            users: spool("User")?,
        };
        Ok(Growing::new(&records.external_ids, heaps))
    }

    /// Empty base tables of the fields that are read.
    pub(in crate::org_state) fn base_tables(&self, records: &Records) -> io::Result<BaseTables> {
        let selections = &records.selections;
        let file = |object: &str| self.folder.create(&self.part(&format!("{object}.parquet")));
        Ok(BaseTables {
            contact: BaseTable::begin(file("Contact")?, &selections.contact)?,
            account: BaseTable::begin(file("Account")?, &selections.account)?,
            user: BaseTable::begin(file("User")?, &selections.user)?,
            role: BaseTable::begin(file("UserRole")?, &selections.role)?,
        })
    }

    /// Writes the rest and makes this the version that counts.
    pub(in crate::org_state) fn publish(
        self,
        records: Records,
        base: BaseTables,
        pulled_at: &str,
        on_step: &mut OnStep<'_>,
    ) -> Result<(), OrgStateError> {
        let mut files = self
            .finish_base(base, on_step)
            .map_err(OrgStateError::disk)?;
        let index = self.write_index(records, pulled_at, on_step)?;
        files.extend(index);
        self.make_current(files, on_step)
            .map_err(OrgStateError::disk)
    }

    /// Removes what was written so far; what counts stays.
    pub(in crate::org_state) fn discard(state_dir: &Path, org_id: &str) {
        let folder = Folder::of(state_dir, org_id);
        if let Ok(_lock) = folder.lock() {
            let _ = clear(&folder);
        }
    }

    fn finish_base(
        &self,
        base: BaseTables,
        on_step: &mut OnStep<'_>,
    ) -> io::Result<BTreeMap<String, u64>> {
        let BaseTables {
            contact,
            account,
            user,
            role,
        } = base;
        let tables = [
            ("Contact", contact),
            ("Account", account),
            ("User", user),
            ("UserRole", role),
        ];
        let mut files = BTreeMap::new();
        for (object, table) in tables {
            on_step(object)?;
            let name = file_name(self.number, &format!("{object}.parquet"));
            files.insert(name, table.finish()?);
        }
        Ok(files)
    }

    fn write_index(
        &self,
        records: Records,
        pulled_at: &str,
        on_step: &mut OnStep<'_>,
    ) -> Result<BTreeMap<String, u64>, OrgStateError> {
        let disk = OrgStateError::disk;
        on_step("index").map_err(disk)?;
        let file = self.folder.create(&self.part("index")).map_err(disk)?;
        let container = ContainerWriter::begin(file, self.folder.org_id()).map_err(disk)?;
        let mut target = Target::File(container);
        let mut stored = Stored::settle(records, &mut target)?;
        pulled_at.clone_into(&mut stored.pulled_at);
        let compact = serde_json::to_vec(&stored).map_err(|error| disk(error.into()))?;
        let written = target.section(Kind::Setup, |out| out.write_all(&compact));
        written.map_err(disk)?;
        on_step("header").map_err(disk)?;
        let index_bytes = target.finish().map_err(disk)?;
        on_step("setup").map_err(disk)?;
        let setup_bytes = self.write_setup(&stored).map_err(disk)?;
        Ok(BTreeMap::from([
            (file_name(self.number, "index"), index_bytes),
            (file_name(self.number, "setup.json"), setup_bytes),
        ]))
    }

    /// What is small, for people.
    fn write_setup(&self, stored: &Stored) -> io::Result<u64> {
        let mut text = serde_json::to_vec_pretty(stored)?;
        text.push(b'\n');
        let mut file = self.folder.create(&self.part("setup.json"))?;
        file.write_all(&text)?;
        file.sync_all()?;
        Ok(text.len() as u64)
    }

    fn make_current(
        &self,
        files: BTreeMap<String, u64>,
        on_step: &mut OnStep<'_>,
    ) -> io::Result<()> {
        for name in files.keys() {
            on_step(name)?;
            self.folder.make_whole(name)?;
        }
        on_step("sync")?;
        self.folder.sync()?;
        on_step("pointer")?;
        pointer::write_part(&self.folder, Pointer::to(&self.folder, self.number, files))?;
        on_step("current")?;
        self.folder.make_whole(NAME)?;
        on_step("sync current")?;
        self.folder.sync()?;
        on_step("outdated")?;
        if self.was_outdated {
            self.folder.is_current()?;
        }
        on_step("old versions")?;
        let is_ours = |name: &str| name == NAME || version_of(name) == Some(self.number);
        self.folder.remove_but(is_ours)
    }

    fn part(&self, what: &str) -> String {
        file_name(self.number, what) + PART
    }
}

/// Removes parts and versions that do not count, and says the number of the next version. Where
/// the pointer cannot be read, nobody can use any version: the next one replaces them all.
fn clear(folder: &Folder) -> io::Result<u32> {
    let current = pointer::read(folder).ok().flatten();
    let current = current.map_or(0, |pointer| pointer.version);
    let newest = folder
        .names()?
        .iter()
        .filter_map(|name| version_of(name))
        .max();
    folder.remove_but(|name| {
        name == NAME || (version_of(name) == Some(current) && !name.ends_with(PART))
    })?;
    Ok(newest.unwrap_or(0).max(current) + 1)
}
