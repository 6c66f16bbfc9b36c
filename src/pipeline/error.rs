//! What can end a walk: the rooms' errors, and the corridor's own few.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::intake::IntakeError;
use crate::journal::JournalError;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::OrgId;
use crate::org_state::OrgStateError;
use crate::output::OutputError;
use crate::plan::PlanError;
use crate::results::ResultsError;
use crate::salesforce::OrgError;
use crate::upload::UploadError;
use crate::validate::GateErrors;

/// A walk that could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The contacts file cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The org's state cannot be had.
    #[error(transparent)]
    OrgState(#[from] OrgStateError),
    /// The run gate is closed.
    #[error(transparent)]
    Gate(#[from] GateErrors),
    /// The plan cannot be written.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Uploading stopped.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The org refused something outside jobs.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// Results cannot be read.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The files cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The corridor's own.
    #[error(transparent)]
    Corridor(#[from] CorridorError),
}

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

impl RunError {
    /// Whoever knows more about it.
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Intake(error) => error,
            Self::OrgState(error) => error,
            Self::Gate(error) => error,
            Self::Plan(error) => error,
            Self::Upload(error) => error,
            Self::Org(error) => error,
            Self::Results(error) => error,
            Self::Output(error) => error,
            Self::Journal(error) => error,
            Self::Corridor(error) => error,
        }
    }
}

impl Explain for RunError {
    fn place(&self) -> Place {
        self.inner().place()
    }

    fn remedy(&self) -> Cow<'static, str> {
        self.inner().remedy()
    }

    fn exit(&self) -> Exit {
        self.inner().exit()
    }
}

impl Explain for CorridorError {
    fn place(&self) -> Place {
        match self {
            Self::Folder { path, .. }
            | Self::Copy { path, .. }
            | Self::InputChanged { path }
            | Self::OrgTaken { path, .. }
            | Self::Lock { path, .. }
            | Self::Paused { folder: path, .. }
            | Self::Unfinished { run: path }
            | Self::NothingToResume { path }
            | Self::NotARun { path, .. }
            | Self::AlreadyEnded { run: path, .. }
            | Self::RunFileDamaged { path }
            | Self::RunOfAnotherOrg { run: path, .. }
            | Self::RunOfAnotherUser { run: path, .. }
            | Self::PlanChanged { run: path } => Place::file(path.display()),
            Self::WaitOver => Place::Setting("--wait".to_owned()),
            Self::ReserveReached { .. } => Place::Setting("--reserve".to_owned()),
            Self::TooManyFailures { .. } => Place::Setting("--max-failures".to_owned()),
            Self::PilotEnded { .. } => Place::Setting("--pilot".to_owned()),
            Self::Stopped | Self::OrgRefusesAll { .. } | Self::CannotSend { .. } => Place::Program,
            Self::AnotherOrg { .. } => Place::Setting("--expect-org".to_owned()),
            Self::NotCached { .. } => Place::Setting("--offline".to_owned()),
            Self::StoppedEarly => Place::Program,
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Folder { .. } | Self::Copy { .. } => {
                "Choose folders on a disk with room that you may write to, with `--out DIR` and \
                 `--state-dir DIR`."
            }
            Self::InputChanged { .. } => {
                "Put the file back as it was and run again; the run folder's jobs/ holds what the \
                 org answered so far."
            }
            Self::AnotherOrg { .. } => {
                "Connect to the org that is meant, or correct `--expect-org` (`expect-org` in the \
                 settings file)."
            }
            Self::NotCached { field } => {
                return format!(
                    "Read it with `admit org pull --external-id {field}`, or leave out `--offline`."
                )
                .into();
            }
            Self::OrgTaken { .. } => "Wait until that run has ended, or stop it, then run again.",
            Self::Lock { .. } => {
                "Choose a state folder on a local disk that you may write to with `--state-dir`."
            }
            Self::StoppedEarly => "Run the file again; nothing of it is in the org.",
            Self::Stopped => "Nothing more was sent.",
            Self::WaitOver => "What runs in the org goes on.",
            Self::ReserveReached { .. } => {
                "Wait until the allowance has room again, which comes back over 24 hours, or leave \
                 less to others with `--reserve`."
            }
            Self::TooManyFailures { code, .. } => {
                return format!(
                    "Look at the failed rows under jobs/ and at `admit explain {code}`; mend the \
                     reason in the org, or allow more with `--max-failures`."
                )
                .into();
            }
            Self::OrgRefusesAll { fix, .. } => return fix.clone().into(),
            Self::PilotEnded { .. } => {
                "Look at the failed rows under jobs/; going on sends the rest all the same."
            }
            Self::CannotSend { .. } => "Check the network and the state of the org's instance.",
            Self::Paused {
                folder,
                running,
                why,
            } => return paused(folder, running, why).into(),
            Self::Unfinished { run } => {
                let run = run.display();
                return format!(
                    "Finish it with `admit resume {run}`, or end it with `admit abort {run}`; then \
                     run again."
                )
                .into();
            }
            Self::NothingToResume { .. } => "Name the run's folder: `admit resume DIR`.",
            Self::NotARun { .. } => {
                "Name the folder that `admit run` printed; it holds run.json and journal.jsonl."
            }
            Self::AlreadyEnded { .. } => {
                "Its success.csv and failure.csv are written; give failure.csv to `admit run` for \
                 the rows that are worth it."
            }
            Self::RunFileDamaged { .. } | Self::PlanChanged { .. } => {
                "Put the run folder back as the run left it, from a backup if need be; without it \
                 the run cannot be finished. `admit run` with the input then rejects every contact \
                 that has its user already."
            }
            Self::RunOfAnotherOrg { .. } => "Connect to the org of the run.",
            Self::RunOfAnotherUser { .. } => "Connect as the user who began the run.",
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::InputChanged { .. } => Exit::Input,
            Self::AnotherOrg { .. } | Self::OrgTaken { .. } | Self::Unfinished { .. } => {
                Exit::Guard
            }
            Self::StoppedEarly
            | Self::Stopped
            | Self::WaitOver
            | Self::ReserveReached { .. }
            | Self::TooManyFailures { .. }
            | Self::OrgRefusesAll { .. }
            | Self::PilotEnded { .. }
            | Self::CannotSend { .. } => Exit::Stopped,
            Self::Paused { why, .. } => match why.exit() {
                // Something may be in the org already: nothing was refused before it was sent.
                Exit::Guard | Exit::Usage | Exit::Input => Exit::Stopped,
                exit => exit,
            },
            Self::RunFileDamaged { .. }
            | Self::RunOfAnotherOrg { .. }
            | Self::RunOfAnotherUser { .. }
            | Self::PlanChanged { .. } => Exit::Memory,
            Self::NothingToResume { .. } | Self::NotARun { .. } | Self::AlreadyEnded { .. } => {
                Exit::Usage
            }
            Self::Folder { .. }
            | Self::Copy { .. }
            | Self::NotCached { .. }
            | Self::Lock { .. } => Exit::Usage,
        }
    }
}

/// What to do about the reason, then how to finish.
fn paused(folder: &Path, running: &[String], why: &RunError) -> String {
    let jobs = match running {
        [] => "No job of it runs in the org.".to_owned(),
        [one] => format!("Job {one} goes on in the org."),
        many => format!("Jobs {} go on in the org.", many.join(", ")),
    };
    let run = folder.display();
    format!(
        "{} {jobs} Finish the run with `admit resume {run}`, or end it with `admit abort {run}`; no \
         row is sent twice.",
        why.remedy()
    )
}
