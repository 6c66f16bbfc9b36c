//! The index of a sealed wave on disk: which row stands where in its file.
//!
//! `<sealed file>.idx`: what is small as JSON, then 20 bytes per row. It is on disk before the
//! file it belongs to has its name, and names that file by its digest.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::{Mark, StoredFault, StoredReader, StoredWriter, WaveRecord, digest_of};
use crate::model::change::ChangeKind;
use crate::model::digest::hex;
use crate::model::id::{AccountSlot, RowOrdinal};
use crate::model::wave::{SealedRow, SealedWave, WaveLetter};

use super::error::PlanError;

/// Names the file and the version of its form.
const MARK: Mark = *b"admitix1";

/// How its name ends.
const ENDING: &str = "idx";

/// Bytes per row.
const ROW_BYTES: usize = 20;

/// The bit of a row's length that says that its nickname was derived: changes are far shorter.
const NICKNAME_DERIVED: u32 = 1 << 31;

/// What is small.
#[derive(Serialize, Deserialize)]
struct Head {
    number: u32,
    kind: ChangeKind,
    letter: WaveLetter,
    round: u32,
    sha256: String,
    header: String,
    role_based: bool,
    rows: u64,
}

/// Writes the index of the wave that will stand at `path`.
pub(super) fn store(path: &Path, wave: &SealedWave) -> Result<(), PlanError> {
    let path = path_of(path);
    write(&path, wave).map_err(|source| PlanError::WaveUnwritable { path, source })
}

/// A wave that the journal names, as it was sealed.
pub fn load_sealed(run_folder: &Path, record: &WaveRecord) -> Result<SealedWave, PlanError> {
    let file = run_folder.join(&record.file);
    let index = path_of(&file);
    let (head, rows) = read(&index).map_err(|fault| PlanError::of(fault, &index))?;
    let is_it = head.number == record.wave
        && head.kind == record.kind
        && head.letter == record.letter
        && head.round == record.round
        && head.sha256 == record.sha256
        && head.rows == record.rows;
    if !is_it {
        return Err(PlanError::Changed { path: index });
    }
    let digest = digest_of_all(&file).map_err(|fault| PlanError::of(fault, &file))?;
    if digest != record.sha256 {
        return Err(PlanError::Changed { path: file });
    }
    Ok(SealedWave {
        number: head.number,
        kind: head.kind,
        letter: head.letter,
        round: head.round,
        file: record.file.clone(),
        sha256: head.sha256,
        header: head.header.into_bytes(),
        rows,
        role_based: head.role_based,
    })
}

/// Removes the indexes in a folder.
pub(super) fn clear_away(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.extension().is_some_and(|ending| ending == ENDING) {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn path_of(file: &Path) -> PathBuf {
    let mut path = file.to_owned().into_os_string();
    path.push(".");
    path.push(ENDING);
    PathBuf::from(path)
}

fn write(path: &Path, wave: &SealedWave) -> io::Result<()> {
    let mut file = StoredWriter::create(path.to_owned(), MARK)?;
    file.write_head(&Head {
        number: wave.number,
        kind: wave.kind,
        letter: wave.letter,
        round: wave.round,
        sha256: wave.sha256.clone(),
        header: String::from_utf8_lossy(&wave.header).into_owned(),
        role_based: wave.role_based,
        rows: wave.rows.len() as u64,
    })?;
    for row in &wave.rows {
        let derived = if row.nickname_derived {
            NICKNAME_DERIVED
        } else {
            0
        };
        let mut bytes = [0; ROW_BYTES];
        bytes[..4].copy_from_slice(&row.row.0.to_le_bytes());
        bytes[4..8].copy_from_slice(&row.account.0.to_le_bytes());
        bytes[8..12].copy_from_slice(&(row.length | derived).to_le_bytes());
        bytes[12..].copy_from_slice(&row.offset.to_le_bytes());
        file.write(&bytes)?;
    }
    file.finish()
}

fn read(path: &Path) -> Result<(Head, Vec<SealedRow>), StoredFault> {
    let mut file = StoredReader::open(path, MARK)?;
    let head: Head = file.read_head()?;
    if file.left() != head.rows * ROW_BYTES as u64 {
        return Err(StoredFault::Changed);
    }
    let mut rows = Vec::with_capacity(usize::try_from(head.rows).unwrap_or(0));
    let mut bytes = [0; ROW_BYTES];
    for _ in 0..head.rows {
        file.read(&mut bytes)?;
        let four = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        rows.push(SealedRow {
            row: RowOrdinal(four(0)),
            account: AccountSlot(four(4)),
            offset: u64::from(four(12)) | u64::from(four(16)) << 32,
            length: four(8) & !NICKNAME_DERIVED,
            nickname_derived: four(8) & NICKNAME_DERIVED != 0,
        });
    }
    Ok((head, rows))
}

fn digest_of_all(path: &Path) -> Result<String, StoredFault> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    Ok(hex(&digest_of(&mut file, bytes)?))
}
