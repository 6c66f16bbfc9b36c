//! What goes wrong between the rooms, or keeps a walk from going on.

mod explain;

use std::path::PathBuf;

use crate::journal::StoredFault;
use crate::model::id::OrgId;
use crate::pipeline::RunError;

/// What goes wrong between the rooms.
#[derive(Debug, thiserror::Error)]
pub enum CorridorError {
    /// The run folder, or the org's folder in the state folder, cannot be made.
    #[error("the folder cannot be made: {source}")]
    Folder {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input cannot be copied into the run folder.
    #[error("the input cannot be copied into the run folder: {source}")]
    Copy {
        /// Where the copy should be.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The input is not the file any more that was read at the start.
    #[error("the input changed while the run was going on")]
    InputChanged {
        /// Its path.
        path: PathBuf,
    },
    /// The org is not the one it has to be.
    #[error("the org is {found}, and {expected} was expected")]
    AnotherOrg {
        /// The org at the other end.
        found: OrgId,
        /// The org that `--expect-org` names.
        expected: OrgId,
    },
    /// A field the file needs is not cached, and the org is not to be asked.
    #[error("the field {field} is not in the cached state of the org")]
    NotCached {
        /// Object and field.
        field: String,
    },
    /// Another run works on this org.
    #[error("another run works on this org: {holder}")]
    OrgTaken {
        /// The lock.
        path: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The lock that keeps two runs apart cannot be had.
    #[error("the lock that keeps two runs of one org apart cannot be had: {source}")]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody asked the run to stop before it sent anything.
    #[error("the run was stopped before anything was sent")]
    StoppedEarly,
    /// Somebody asked the run to stop while it was sending.
    #[error("the run was stopped before its last row")]
    Stopped,
    /// The time that `--wait` gives is over.
    #[error("the run did not end in the time it was waited for")]
    WaitOver,
    /// The org's allowance of the day is down to what is left to others.
    #[error(
        "{used} of the org's {max} API calls of a day are used: {percent} % are left to others"
    )]
    ReserveReached {
        /// Calls used.
        used: u64,
        /// Calls of a day.
        max: u64,
        /// The reserve, in percent.
        percent: u64,
    },
    /// The org refuses more than `--max-failures` allows.
    #[error("the org refused {refused} of {of} rows, the last with {code}")]
    TooManyFailures {
        /// The code that came last.
        code: String,
        /// Rows refused.
        refused: u64,
        /// Rows they are counted against.
        of: u64,
    },
    /// The org said of one row what holds for all.
    #[error("the org refuses every such row with {code}: {reason}")]
    OrgRefusesAll {
        /// The code.
        code: String,
        /// What it said.
        reason: String,
        /// What to do.
        fix: String,
    },
    /// The rest is not to follow the pilot.
    #[error(
        "the pilot is over, and the rest was not to follow: {failed} of its {rows} rows failed"
    )]
    PilotEnded {
        /// Rows that failed.
        failed: u64,
        /// Rows of the pilot.
        rows: u64,
    },
    /// The same chunk came to nothing again and again.
    #[error("a job could not be sent, several times over: {why}")]
    CannotSend {
        /// What happened the last time.
        why: String,
    },
    /// A wave was sent round after round, and rows of it want sending all the same.
    #[error("the wave {wave} did not come to its end in {rounds} rounds")]
    WaveWithoutEnd {
        /// Its name.
        wave: String,
        /// Rounds of it that were sent.
        rounds: u32,
    },
    /// A run that sends stopped before its last row; its journal holds where everything stands.
    #[error("{why}")]
    Paused {
        /// The run folder.
        folder: PathBuf,
        /// Jobs that go on in the org.
        running: Vec<String>,
        /// What stopped it.
        why: Box<RunError>,
    },
    /// A run that was taken up may not begin to send.
    #[error("{why}")]
    NotBegun {
        /// The run folder.
        folder: PathBuf,
        /// What keeps it.
        why: Box<RunError>,
    },
    /// Another run of this org was never finished.
    #[error("an earlier run of this org is not finished")]
    Unfinished {
        /// Its folder.
        run: PathBuf,
    },
    /// There is no run to take up.
    #[error("no run is waiting to be finished")]
    NothingToResume {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The folder holds no run.
    #[error("this is not the folder of a run: {source}")]
    NotARun {
        /// The file that is missing.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The run is over.
    #[error("this run is finished, with exit code {exit}")]
    AlreadyEnded {
        /// Its folder.
        run: PathBuf,
        /// Its exit code.
        exit: u8,
    },
    /// A file of a run is not as the run left it.
    #[error("a file of the run is missing or was changed")]
    RunFileDamaged {
        /// The file.
        path: PathBuf,
    },
    /// A file of a run is there, and the system does not let us read it.
    #[error("a file of the run cannot be read: {source}")]
    RunFileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The org at the other end is not the run's.
    #[error("the run belongs to org {expected}, and this is {found}")]
    RunOfAnotherOrg {
        /// The run's folder.
        run: PathBuf,
        /// The org at the other end.
        found: String,
        /// The run's org.
        expected: String,
    },
    /// The running user is not the run's: it may not see the run's jobs.
    #[error("the run belongs to user {expected}, and this is {found}")]
    RunOfAnotherUser {
        /// The run's folder.
        run: PathBuf,
        /// The running user.
        found: String,
        /// The run's user.
        expected: String,
    },
    /// The plan on disk is not the one that was sealed.
    #[error("the plan is not the one that the run sealed")]
    PlanChanged {
        /// The run's folder.
        run: PathBuf,
    },
}

impl CorridorError {
    /// Why a file that a run left is not to be had.
    pub(super) fn of(source: std::io::Error, path: PathBuf) -> Self {
        match StoredFault::from(source) {
            StoredFault::Unreadable(source) => Self::RunFileUnreadable { path, source },
            StoredFault::Changed => Self::RunFileDamaged { path },
        }
    }
}
