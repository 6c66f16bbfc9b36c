//! A journal on disk is read again: lines, then entries, then the state of the run.
//!
//! The last line may be torn, because a process or its machine can die while it writes; it is left
//! out. Anything else that does not fit means that the file was changed or that a disk lies, and is
//! refused.

use std::fs;
use std::path::Path;

use super::entry::{Line, LineFault};
use super::error::JournalError;
use super::replay::RunState;
use super::{Entry, FILE_NAME};

/// A journal that was read.
#[derive(Debug)]
pub struct Found {
    /// Where the run stands.
    pub state: RunState,
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Sound lines.
    pub(super) lines: u64,
    /// Bytes they take.
    pub(super) sound_bytes: u64,
    /// Bytes behind them, of a line that was never written whole.
    pub(super) torn_bytes: u64,
}

/// Reads the journal of a run folder.
pub fn read(folder: &Path) -> Result<Found, JournalError> {
    let path = folder.join(FILE_NAME);
    let bytes = fs::read(&path).map_err(|source| JournalError::Unreadable {
        path: path.clone(),
        source,
    })?;
    let damaged = |line: u64, fault| JournalError::Damaged {
        path: path.clone(),
        line,
        fault,
    };
    let mut found = Found {
        state: RunState::default(),
        entries: Vec::new(),
        lines: 0,
        sound_bytes: 0,
        torn_bytes: 0,
    };
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let number = found.lines + 1;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let text = end.map(|end| String::from_utf8_lossy(&rest[..end]));
        let decoded = text.map_or(Err(LineFault::Shape), |text| Line::decode(&text));
        let line = match decoded {
            Ok(line) => line,
            Err(_) if is_torn(rest, end) => {
                found.torn_bytes = rest.len() as u64;
                break;
            }
            Err(fault) => return Err(damaged(number, fault)),
        };
        if line.seq != found.lines {
            return Err(damaged(number, LineFault::Gap));
        }
        let taken = found.state.take(&line.entry);
        taken.map_err(|illegal| JournalError::Impossible {
            path: path.clone(),
            line: number,
            illegal,
        })?;
        found.entries.push(line.entry);
        found.lines += 1;
        let length = end.map_or(rest.len(), |end| end + 1);
        found.sound_bytes += length as u64;
        rest = &rest[length..];
    }
    Ok(found)
}

/// Was this never written whole? Lines are written in one piece and end with their line end, so
/// one that has it was whole once, and whatever followed from it may have been done. Only a machine
/// that loses its power before a flush can leave the end of a line without its beginning: zeros
/// stand there, which no line of ours holds.
fn is_torn(rest: &[u8], end: Option<usize>) -> bool {
    end.is_none_or(|end| end + 1 == rest.len() && rest.contains(&0))
}
