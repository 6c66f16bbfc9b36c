//! `current.json`: which version counts.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::folder::{Folder, PART};
use super::{of_container, unreadable};
use crate::org_state::error::OrgStateError;
use crate::org_state::sections::container::{ContainerFault, FORMAT};

/// The file's name.
pub(super) const NAME: &str = "current.json";

/// Which version counts, and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pointer {
    /// The format of the index.
    format: u32,
    org_id: String,
    /// Counted from 1.
    pub(super) version: u32,
    /// Files and their bytes.
    files: BTreeMap<String, u64>,
    /// CRC-32 of this object's text with this field 0.
    crc: u32,
}

/// What every format has.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

impl Pointer {
    pub(super) fn to(folder: &Folder, version: u32, files: BTreeMap<String, u64>) -> Self {
        Self {
            format: FORMAT,
            org_id: folder.org_id().to_owned(),
            version,
            files,
            crc: 0,
        }
    }

    /// The name of the index it points to.
    pub(super) fn index_name(&self) -> String {
        file_name(self.version, "index")
    }

    /// The name of the base table of an object.
    pub(super) fn base_name(&self, object: &str) -> String {
        file_name(self.version, &format!("{object}.parquet"))
    }

    /// Bytes of the version.
    pub(super) fn bytes(&self) -> u64 {
        self.files.values().sum()
    }

    fn checksum(&self) -> u32 {
        let unsigned = Self {
            crc: 0,
            ..self.clone()
        };
        crc32fast::hash(&serde_json::to_vec(&unsigned).unwrap_or_default())
    }
}

/// The name of a version's file.
pub(super) fn file_name(version: u32, what: &str) -> String {
    format!("v{version:08}.{what}")
}

/// The version a file belongs to.
pub(super) fn version_of(name: &str) -> Option<u32> {
    name.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The pointer, if there is one.
pub(super) fn read(folder: &Folder) -> Result<Option<Pointer>, OrgStateError> {
    let path = folder.file(NAME);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(source) => return Err(unreadable(&path, source)),
    };
    let fault = |fault| Err(of_container(fault, &path, folder.org_id()));
    match serde_json::from_slice::<AnyFormat>(&text) {
        Ok(AnyFormat { format }) if format != FORMAT => {
            return fault(ContainerFault::Format(format));
        }
        Ok(_) => {}
        Err(_) => return fault(ContainerFault::Torn("it is not readable")),
    }
    match serde_json::from_slice::<Pointer>(&text) {
        Ok(pointer) if pointer.crc != pointer.checksum() => {
            fault(ContainerFault::Torn("it fails its checksum"))
        }
        Ok(pointer) if pointer.org_id != folder.org_id() => {
            fault(ContainerFault::Foreign(pointer.org_id))
        }
        Ok(pointer) => Ok(Some(pointer)),
        Err(_) => fault(ContainerFault::Torn("it is not readable")),
    }
}

/// Writes the pointer beside the one that counts, and waits until it is on the disk.
pub(super) fn write_part(folder: &Folder, mut pointer: Pointer) -> io::Result<()> {
    pointer.crc = pointer.checksum();
    let mut text = serde_json::to_vec(&pointer)?;
    text.push(b'\n');
    let mut file = folder.create(&format!("{NAME}{PART}"))?;
    file.write_all(&text)?;
    file.sync_all()
}
