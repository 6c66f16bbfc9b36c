//! THE MEMORY: an append-only file in the run folder that says where everything stood.
//!
//! Comes in: entries, in the order things happen. Goes out: one line per entry, flushed to disk
//! before anything irreversible, and the state of the run they add up to. An entry that cannot
//! follow those before it is refused, while running as well as when the file is read again.

mod disk;
mod entry;
mod error;
mod held;
mod illegal;
mod job_step;
mod private;
mod read;
mod records;
mod replay;
mod stored;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use disk::{Disk, Disks, machine_disks};
pub use entry::{Entry, Line, LineFault};
pub use error::JournalError;
pub(crate) use held::{Held, Holder, NotHeld};
pub use illegal::Illegal;
pub use job_step::{JobRecord, JobStep, Proof};
pub(crate) use private::{PartFile, create_private, create_private_folder, open_private};
pub use read::{Found, read};
pub use records::{Decision, Opened, PlanRecord, WaveRecord};
pub use replay::RunState;
pub(crate) use stored::{Mark, StoredFault, StoredReader, StoredWriter, digest_into, digest_of};

/// The file's name in the run folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// The file in the run folder that is held by whoever writes the journal.
const LOCK_NAME: &str = "run.lock";

/// Says what time it is, RFC 3339; injected, because a rehearsal has a time of its own.
pub type Now = Box<dyn Fn() -> String + Send + Sync>;

/// The open journal of one run.
pub struct Journal {
    path: PathBuf,
    now: Now,
    tail: Mutex<Tail>,
    /// Keeps every other process from writing it.
    _held: Held,
}

struct Tail {
    disk: Box<dyn Disk>,
    next_seq: u64,
    state: RunState,
    /// A line may have been written in part: nothing may follow it.
    is_torn: bool,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({})", self.path.display())
    }
}

impl Journal {
    /// Starts the journal of a new run; the file must not exist.
    pub fn create(folder: &Path, now: Now, disks: &Disks) -> Result<Self, JournalError> {
        let held = hold(folder, &now)?;
        let path = folder.join(FILE_NAME);
        let opened = open_private(OpenOptions::new().append(true).create_new(true), &path);
        let file = opened.map_err(|source| unwritable(&path, source))?;
        let tail = Tail::of(disks(file), (0, RunState::default()));
        Ok(Self::on(path, now, tail, held))
    }

    /// Reads a journal and goes on with it, with nobody else at it: it is read once it is held,
    /// so that nothing another process writes meanwhile is overlooked, or cut off with a torn last
    /// line.
    pub fn reopen(folder: &Path, now: Now, disks: &Disks) -> Result<(Self, Found), JournalError> {
        let held = hold(folder, &now)?;
        let found = read(folder)?;
        let path = folder.join(FILE_NAME);
        let reopened = File::options().append(true).open(&path).and_then(|file| {
            if found.torn_bytes > 0 {
                file.set_len(found.sound_bytes)?;
                file.sync_all()?;
            }
            Ok(file)
        });
        let file = reopened.map_err(|source| unwritable(&path, source))?;
        let tail = Tail::of(disks(file), (found.lines, found.state.clone()));
        Ok((Self::on(path, now, tail, held), found))
    }

    fn on(path: PathBuf, now: Now, tail: Tail, held: Held) -> Self {
        Self {
            path,
            now,
            tail: Mutex::new(tail),
            _held: held,
        }
    }

    /// Appends one entry; returns once the line is written, and on disk where the entry is the
    /// last thing known before something irreversible.
    pub fn record(&self, entry: Entry) -> Result<(), JournalError> {
        let mut tail = self.tail();
        let tail = &mut *tail;
        if tail.is_torn {
            let source = std::io::Error::other("an earlier line was not written whole");
            return Err(unwritable(&self.path, source));
        }
        tail.state
            .take(&entry)
            .map_err(|illegal| JournalError::Impossible {
                path: self.path.clone(),
                line: tail.next_seq + 1,
                illegal,
            })?;
        let to_disk = entry.precedes_the_irreversible();
        let line = Line::new(tail.next_seq, (self.now)(), entry);
        tail.is_torn = true;
        tail.disk
            .append(line.encode().as_bytes())
            .map_err(|source| unwritable(&self.path, source))?;
        if to_disk {
            tail.disk
                .flush_to_disk()
                .map_err(|source| unwritable(&self.path, source))?;
        }
        tail.is_torn = false;
        tail.next_seq += 1;
        Ok(())
    }

    /// Where the run stands now.
    pub fn state(&self) -> RunState {
        self.tail().state.clone()
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    fn of(disk: Box<dyn Disk>, (next_seq, state): (u64, RunState)) -> Self {
        Self {
            disk,
            next_seq,
            state,
            is_torn: false,
        }
    }
}

/// Takes the journal of a run folder for this process, or says who has it.
fn hold(folder: &Path, now: &Now) -> Result<Held, JournalError> {
    let path = folder.join(LOCK_NAME);
    let mut held = Held::take(&path).map_err(|why| match why {
        NotHeld::Taken(holder) => JournalError::Taken {
            path: path.clone(),
            holder,
        },
        NotHeld::Refused(source) => JournalError::NotHeld { path, source },
    })?;
    // It is held with or without a name in it, and a full disk says so by itself.
    let _ = held.sign(&Holder::of(folder, now()));
    Ok(held)
}

fn unwritable(path: &Path, source: std::io::Error) -> JournalError {
    let path = path.to_owned();
    JournalError::Unwritable { path, source }
}

#[cfg(test)]
mod tests;
