//! The one layout of the org's state: named runs of bytes, in memory or in a mapped file.
//!
//! Comes in: rows, heaps of text and hash indexes, each written once. Goes out: the same bytes,
//! for the tables to read in place. A state that was just pulled and one that was opened from
//! disk are read by the same code; only where the bytes lie differs. All numbers are
//! little-endian. Nothing here knows what a record is.

pub(super) mod cells;
pub(super) mod container;
pub(super) mod hash;
pub(super) mod index;
pub(super) mod map;
pub(super) mod section;
pub(super) mod spool;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;

use container::ContainerWriter;
use section::Section;
use spool::Spooled;

/// What a section holds. The numbers stand in files: added, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u16)]
pub(super) enum Kind {
    /// What is small, as JSON.
    Setup = 1,
    /// Rows of contacts.
    ContactRows = 10,
    /// Their text.
    ContactCells = 11,
    /// Hash index.
    ContactsById = 12,
    /// Hash index, by account and e-mail.
    ContactsByEmail = 13,
    /// Hash index, one for each field.
    ContactsByExternalId = 14,
    /// Rows of accounts, and of ids that other records name as their account.
    AccountRows = 20,
    /// Their text.
    AccountCells = 21,
    /// Hash index.
    AccountsById = 22,
    /// Hash index, one for each field.
    AccountsByExternalId = 24,
    /// Rows of users, and of ids that accounts name as their owner.
    UserRows = 30,
    /// Their text.
    UserCells = 31,
    /// Hash index.
    UsersById = 32,
    /// Hash index.
    UsersByUsername = 33,
    /// Hash index.
    UsersByNickname = 34,
    /// Hash index.
    UsersByFederationId = 35,
    /// Hash index, by contact.
    UsersByContact = 36,
    /// Profiles that users have.
    UserProfiles = 37,
    /// Rows of generated roles.
    RoleRows = 40,
}

/// A section's name: its kind, and its number where there are several of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: u16,
    pub(super) nth: u16,
}

impl Key {
    /// The nth of its kind.
    pub(super) fn nth(kind: Kind, nth: usize) -> Self {
        Self {
            kind: kind as u16,
            nth: u16::try_from(nth).unwrap_or(u16::MAX),
        }
    }
}

impl From<Kind> for Key {
    fn from(kind: Kind) -> Self {
        Self::nth(kind, 0)
    }
}

/// Every section of a state.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    /// The bytes, and where in the file they begin.
    sections: BTreeMap<Key, (Bytes, u64)>,
    file: Option<Arc<File>>,
}

impl Sections {
    pub(super) fn of(sections: BTreeMap<Key, (Bytes, u64)>) -> Self {
        Self {
            sections,
            file: None,
        }
    }

    /// The same, each mapped by itself from the file they were found in.
    pub(super) fn within(self, file: File) -> Self {
        Self {
            file: Some(Arc::new(file)),
            ..self
        }
    }

    /// A section; empty where it was not written.
    pub(super) fn get(&self, key: impl Into<Key>) -> Section {
        let Some((bytes, offset)) = self.sections.get(&key.into()) else {
            return Section::default();
        };
        let file = self.file.clone();
        let mapped = file.and_then(|file| Section::mapped(file, *offset, bytes.len()).ok());
        mapped.unwrap_or_else(|| bytes.clone().into())
    }
}

/// Where sections are written to.
#[derive(Debug)]
pub(super) enum Target {
    /// Memory: the state is used by this process only.
    Memory(BTreeMap<Key, Bytes>),
    /// A file that others open too.
    File(ContainerWriter),
}

impl Target {
    /// Memory, with nothing in it yet.
    pub(super) fn memory() -> Self {
        Self::Memory(BTreeMap::new())
    }

    /// What was written to memory; nothing where it went to a file.
    pub(super) fn sections(self) -> Sections {
        match self {
            Self::Memory(sections) => {
                let sections = sections.into_iter();
                Sections::of(sections.map(|(key, bytes)| (key, (bytes, 0))).collect())
            }
            Self::File(_) => Sections::default(),
        }
    }

    /// Ends a file and waits until it is on the disk. Says its bytes; none in memory.
    pub(super) fn finish(self) -> io::Result<u64> {
        match self {
            Self::Memory(_) => Ok(0),
            Self::File(file) => file.finish(),
        }
    }

    /// Writes one section.
    pub(super) fn section(
        &mut self,
        key: impl Into<Key>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Memory(sections) => {
                let mut bytes = Vec::new();
                write(&mut bytes)?;
                sections.insert(key.into(), Bytes::from(bytes));
                Ok(())
            }
            Self::File(file) => file.section(key.into(), write),
        }
    }

    /// Takes over a section that grew elsewhere.
    pub(super) fn spooled(&mut self, key: impl Into<Key>, spooled: Spooled) -> io::Result<()> {
        match (self, spooled) {
            (Self::Memory(sections), Spooled::Memory(bytes)) => {
                sections.insert(key.into(), Bytes::from(bytes));
                Ok(())
            }
            (Self::File(file), spooled) => file.spooled(key.into(), spooled),
            (Self::Memory(_), Spooled::File { .. }) => Err(io::Error::other(
                "a section on disk cannot become one in memory",
            )),
        }
    }
}
