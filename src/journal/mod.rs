//! THE MEMORY: an append-only file in the run folder that says where everything stood.
//!
//! Comes in: entries, in the order things happen. Goes out: one line per entry, flushed to disk
//! before anything irreversible. It never interprets what it writes; `replay` does that.

mod entry;
mod error;
mod private;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use entry::{Entry, Line, LineFault};
pub use error::JournalError;
pub(crate) use private::{PartFile, create_private, create_private_folder, open_private};

/// The file's name in the run folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// Says what time it is, RFC 3339; injected, because a rehearsal has a time of its own.
pub type Now = Box<dyn Fn() -> String + Send + Sync>;

/// The open journal of one run.
pub struct Journal {
    path: PathBuf,
    now: Now,
    tail: Mutex<Tail>,
}

struct Tail {
    file: File,
    next_seq: u64,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({})", self.path.display())
    }
}

impl Journal {
    /// Starts the journal of a new run; the file must not exist.
    pub fn create(folder: &Path, now: Now) -> Result<Self, JournalError> {
        let path = folder.join(FILE_NAME);
        let file = open_private(OpenOptions::new().write(true).create_new(true), &path).map_err(
            |source| JournalError::Unwritable {
                path: path.clone(),
                source,
            },
        )?;
        Ok(Self {
            path,
            now,
            tail: Mutex::new(Tail { file, next_seq: 0 }),
        })
    }

    /// Appends one entry; returns once the line is written, and on disk where the entry is the
    /// last thing known before something irreversible.
    pub fn record(&self, entry: Entry) -> Result<(), JournalError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let to_disk = entry.precedes_the_irreversible();
        let line = Line::new(tail.next_seq, (self.now)(), entry);
        let unwritable = |source| JournalError::Unwritable {
            path: self.path.clone(),
            source,
        };
        tail.file
            .write_all(line.encode().as_bytes())
            .map_err(unwritable)?;
        if to_disk {
            tail.file.sync_data().map_err(unwritable)?;
        }
        tail.next_seq += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_in_order_with_their_times() {
        let folder = tempfile::tempdir().unwrap();
        let journal =
            Journal::create(folder.path(), Box::new(|| "2026-01-05T08:00:00Z".into())).unwrap();
        journal
            .record(Entry::JobClosing { job: "750A".into() })
            .unwrap();
        journal
            .record(Entry::OutputsWritten {
                success: 3,
                failure: 1,
            })
            .unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        let lines: Vec<Line> = text
            .lines()
            .map(|line| Line::decode(line).unwrap())
            .collect();
        assert_eq!(
            lines.iter().map(|line| line.seq).collect::<Vec<_>>(),
            [0, 1]
        );
        assert_eq!(
            lines[1].entry,
            Entry::OutputsWritten {
                success: 3,
                failure: 1
            }
        );
    }

    #[test]
    fn a_second_run_never_writes_over_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let now = || -> Now { Box::new(|| "2026-01-05T08:00:00Z".into()) };
        let _first = Journal::create(folder.path(), now()).unwrap();
        assert!(matches!(
            Journal::create(folder.path(), now()),
            Err(JournalError::Unwritable { .. })
        ));
    }

    #[test]
    fn a_damaged_line_is_told_from_a_sound_one() {
        let sound = Line::new(4, "t".into(), Entry::JobClosing { job: "750A".into() }).encode();
        assert!(Line::decode(sound.trim_end()).is_ok());
        let damaged = sound.replace("750A", "750B");
        assert_eq!(Line::decode(damaged.trim_end()), Err(LineFault::Checksum));
        assert_eq!(Line::decode(&sound[..20]), Err(LineFault::Shape));
        let newer = sound.replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(Line::decode(newer.trim_end()), Err(LineFault::Version(2)));
    }
}
