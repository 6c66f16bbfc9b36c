//! Where it happened, what to do, how the process ends.

use std::borrow::Cow;
use std::path::Path;

use crate::model::explain::{Exit, Explain, Place};
use crate::pipeline::{CorridorError, RunError};

impl Explain for CorridorError {
    fn place(&self) -> Place {
        match self {
            Self::Folder { path, .. }
            | Self::Copy { path, .. }
            | Self::InputChanged { path }
            | Self::OrgTaken { path, .. }
            | Self::Lock { path, .. }
            | Self::Paused { folder: path, .. }
            | Self::NotBegun { folder: path, .. }
            | Self::Unfinished { run: path }
            | Self::NothingToResume { path }
            | Self::NotARun { path, .. }
            | Self::AlreadyEnded { run: path, .. }
            | Self::RunFileDamaged { path }
            | Self::RunFileUnreadable { path, .. }
            | Self::RunOfAnotherOrg { run: path, .. }
            | Self::RunOfAnotherUser { run: path, .. }
            | Self::PlanChanged { run: path } => Place::file(path.display()),
            Self::WaitOver => Place::Setting("--wait".to_owned()),
            Self::ReserveReached { .. } => Place::Setting("--reserve".to_owned()),
            Self::TooManyFailures { .. } => Place::Setting("--max-failures".to_owned()),
            Self::PilotEnded { .. } => Place::Setting("--pilot".to_owned()),
            Self::AnotherOrg { .. } => Place::Setting("--expect-org".to_owned()),
            Self::NotCached { .. } => Place::Setting("--offline".to_owned()),
            Self::StoppedEarly
            | Self::Stopped
            | Self::OrgRefusesAll { .. }
            | Self::CannotSend { .. }
            | Self::WaveWithoutEnd { .. } => Place::Program,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "a list, one sentence for each variant"
    )]
    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Folder { .. } | Self::Copy { .. } => {
                "Choose folders on a disk with room that you may write to, with `--out DIR` and \
                 `--state-dir DIR`."
            }
            Self::InputChanged { path } => {
                return format!(
                    "Put {} back as it was; the run folder's jobs/ holds what the org answered so \
                     far.",
                    path.display()
                )
                .into();
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
            Self::WaitOver => "Come back later, or wait longer with `--wait`.",
            Self::ReserveReached { .. } => {
                "Wait until the allowance has room again, which comes back over 24 hours, or leave \
                 less to others with `--reserve`."
            }
            Self::TooManyFailures { code, .. } => {
                return format!(
                    "Look at the failed rows under jobs/ and at `admit explain {code}`, and mend \
                     the reason in the org; `--max-failures` with `admit resume` counts anew."
                )
                .into();
            }
            Self::OrgRefusesAll { fix, .. } => return fix.clone().into(),
            Self::PilotEnded { .. } => {
                "Look at the failed rows under jobs/; going on sends the rest all the same."
            }
            Self::CannotSend { .. } => "Check the network and the state of the org's instance.",
            Self::WaveWithoutEnd { .. } => {
                "Look at the failed rows under jobs/; this should not happen, please report it."
            }
            Self::Paused {
                folder,
                running,
                why,
            } => return paused(folder, running, why).into(),
            Self::NotBegun { folder, why } => {
                let run = folder.display();
                return format!(
                    "{} Nothing was sent; go on with `admit resume {run}`.",
                    why.remedy()
                )
                .into();
            }
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
            Self::RunFileUnreadable { .. } => {
                "Mend the permissions of the run folder or its disk, then `admit resume` again; \
                 nothing was sent meanwhile."
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
            | Self::RunFileUnreadable { .. }
            | Self::CannotSend { .. }
            | Self::WaveWithoutEnd { .. } => Exit::Stopped,
            Self::NotBegun { why, .. } => why.exit(),
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
        why.before_resuming()
    )
}
