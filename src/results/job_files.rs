//! What a job sent and what came back, as files of the run folder.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use crate::model::change::ChangeKind;
use crate::model::id::{ContactId, IdFault, PermissionSetId, UserId};
use crate::model::job_csv::cell;
use crate::model::wave::SealedWave;

use super::error::ResultsError;
use super::settle::{ResultFile, ResultReaders, SentKey, SentRow};

/// The rows of a job with their keys, read back from the byte range that was sent. `rows` are
/// positions in the wave.
pub fn sent_rows(
    wave: &SealedWave,
    rows: Range<usize>,
    run_folder: &Path,
) -> Result<Vec<SentRow>, ResultsError> {
    let path = run_folder.join(&wave.file);
    let damaged = || ResultsError::SealedDamaged { path: path.clone() };
    let sealed = wave.rows.get(rows).ok_or_else(damaged)?;
    let Some((first, last)) = sealed.first().zip(sealed.last()) else {
        return Ok(Vec::new());
    };
    let bytes = last.offset + u64::from(last.length) - first.offset;
    let body =
        read_range(&path, first.offset, bytes).map_err(|source| ResultsError::Unreadable {
            path: path.clone(),
            source,
        })?;

    let columns = key_columns(wave).ok_or_else(damaged)?;
    let mut sent = Vec::with_capacity(sealed.len());
    for row in sealed {
        // The index says where each record stands, so only the cells that are wanted are read.
        let start = usize::try_from(row.offset - first.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(row.length as usize);
        let record = body.get(start..end).ok_or_else(damaged)?;
        let key = key_of(wave.kind, record, &columns);
        sent.push(SentRow {
            row: row.row,
            key: key.ok_or_else(damaged)?,
            username: match wave.kind {
                ChangeKind::CreateUser => username_of(record),
                ChangeKind::AssignPermissionSet => String::new(),
            },
            nickname_derived: row.nickname_derived,
        });
    }
    Ok(sent)
}

/// Opens the three result files of a job; a file without bytes stands for a 204.
pub fn open_results(
    successful: &Path,
    failed: &Path,
    unprocessed: &Path,
) -> Result<ResultReaders<'static>, ResultsError> {
    Ok(ResultReaders {
        successful: open(successful)?,
        failed: open(failed)?,
        unprocessed: open(unprocessed)?,
    })
}

fn open(path: &Path) -> Result<ResultFile<'static>, ResultsError> {
    let file = File::open(path).map_err(|source| ResultsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    Ok(ResultFile {
        name: path.display().to_string(),
        reader: Box::new(file),
    })
}

fn read_range(path: &Path, offset: u64, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut body = Vec::new();
    file.take(bytes).read_to_end(&mut body)?;
    Ok(body)
}

/// Places of the key's cells in a record of the wave.
fn key_columns(wave: &SealedWave) -> Option<Vec<usize>> {
    let names: &[&str] = match wave.kind {
        ChangeKind::CreateUser => &["ContactId"],
        ChangeKind::AssignPermissionSet => &["AssigneeId", "PermissionSetId"],
    };
    let header: Vec<&[u8]> = wave
        .header
        .trim_ascii_end()
        .split(|byte| *byte == b',')
        .collect();
    names
        .iter()
        .map(|name| header.iter().position(|cell| *cell == name.as_bytes()))
        .collect()
}

/// The username sent: always the first cell ([`SentColumns`](crate::model::user::SentColumns)).
fn username_of(record: &[u8]) -> String {
    String::from_utf8_lossy(&cell(record, 0)).into_owned()
}

fn key_of(kind: ChangeKind, record: &[u8], columns: &[usize]) -> Option<SentKey> {
    match kind {
        ChangeKind::CreateUser => {
            parsed(record, *columns.first()?, ContactId::parse).map(SentKey::Contact)
        }
        ChangeKind::AssignPermissionSet => Some(SentKey::Assignment(
            parsed(record, *columns.first()?, UserId::parse)?,
            parsed(record, *columns.get(1)?, PermissionSetId::parse)?,
        )),
    }
}

fn parsed<Id>(
    record: &[u8],
    column: usize,
    parse: impl Fn(&str) -> Result<Id, IdFault>,
) -> Option<Id> {
    parse(std::str::from_utf8(&cell(record, column)).ok()?).ok()
}
