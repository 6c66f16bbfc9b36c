//! Rows that were taken out of the plan before they were sent, as a file of the run folder: a
//! later process cannot find out again what the org was like at that time.
//!
//! One JSON object per line, on disk under its name or not there at all.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::journal::{PartFile, StoredFault};
use crate::model::digest::hex;
use crate::model::id::{RecordId, RowOrdinal};
use crate::model::rejection::{Code, Fault, Rejected};

use super::error::ResultsError;

/// One line.
#[derive(Serialize, Deserialize)]
struct Line {
    row: u32,
    faults: Vec<(Code, Fault)>,
    behind: Vec<String>,
}

/// Writes the rows to a file; its SHA-256, in hex, which proves it later.
pub fn write_rejected(path: &Path, rows: &[Rejected]) -> Result<String, ResultsError> {
    let mut hasher = Sha256::new();
    let mut write = || -> io::Result<()> {
        let mut part = PartFile::create(path.to_owned())?;
        for rejected in rows {
            let mut line = serde_json::to_vec(&Line {
                row: rejected.row.0,
                faults: rejected.faults.clone(),
                behind: rejected.behind.iter().map(RecordId::to_string).collect(),
            })?;
            line.push(b'\n');
            hasher.update(&line);
            part.write_all(&line)?;
        }
        part.publish_durably()
    };
    write().map_err(|source| ResultsError::Unwritable {
        path: path.to_owned(),
        source,
    })?;
    Ok(hex(&hasher.finalize()))
}

/// The rows that [`write_rejected`] wrote, if the file still is what it was.
pub fn read_rejected(path: &Path, sha256: &str) -> Result<Vec<Rejected>, ResultsError> {
    read(path, sha256).map_err(|fault| ResultsError::of(fault, path))
}

fn read(path: &Path, sha256: &str) -> Result<Vec<Rejected>, StoredFault> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    if hex(&Sha256::digest(&bytes)) != sha256 {
        return Err(StoredFault::Changed);
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| rejected(line).ok_or(StoredFault::Changed))
        .collect()
}

fn rejected(line: &[u8]) -> Option<Rejected> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let behind = line.behind.iter().map(|id| RecordId::parse(id).ok());
    Some(Rejected {
        row: RowOrdinal(line.row),
        faults: line.faults,
        behind: behind.collect::<Option<_>>()?,
    })
}
