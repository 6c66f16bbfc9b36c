//! What failure.csv says of a row that was sent: refused, never tried, without a result, or
//! with a user that lacks something. Pure.

use crate::model::id::{JobId, UserId};
use crate::model::outcome::{RowOutcome, Stage};
use crate::model::rejection::{Fault, Retry};

use super::classify::classify;

/// A job that is over, as reasons tell of it.
#[derive(Debug, Clone, Copy)]
pub struct EndedJob<'a> {
    /// Its id.
    pub id: JobId,
    /// What the org said of it at its end, if anything: why it gave the job up.
    pub said: Option<&'a str>,
}

/// The stage and the fault of an outcome that is no success.
pub(super) fn fault_of(job: EndedJob<'_>, outcome: &RowOutcome) -> (Stage, Fault) {
    match outcome {
        RowOutcome::Failed(error) => (Stage::Failed, classify(error).fault),
        RowOutcome::Unprocessed => (Stage::Unprocessed, unprocessed(job)),
        // A success never comes here; taken for one it would be lost, so it is to be asked about.
        RowOutcome::Unaccounted | RowOutcome::Created(_) => {
            (Stage::Unaccounted, unaccounted(job.id))
        }
    }
}

/// The run ended before the row was sent, or before its job was closed: it is not in the org.
pub fn never_sent(why: &str) -> Fault {
    Fault {
        code: Stage::Unprocessed.as_str().to_owned(),
        reason: format!("{why}, so this row is not in the org."),
        fix: "Give this file to `admit run` again.".into(),
        retry: Retry::Now,
    }
}

/// The run lost sight of a job that the org may have worked off (R-1013).
pub fn lost_sight_of(job: JobId) -> Fault {
    Fault {
        code: Stage::Unaccounted.as_str().to_owned(),
        reason: format!("The end of job {job} is not known: this row may be in the org."),
        fix: format!(
            "Before sending the row again, look for its user, or at the job's results with `sf \
             data bulk results --job-id {job}` (kept 7 days)."
        ),
        retry: Retry::AfterFix,
    }
}

/// R-1008: a job that fails leaves the rest of its rows untried.
fn unprocessed(job: EndedJob<'_>) -> Fault {
    let EndedJob { id, said } = job;
    let why = said.map(|said| format!(": {}", said.trim_end_matches('.')));
    let why = why.unwrap_or_default();
    Fault {
        code: Stage::Unprocessed.as_str().to_owned(),
        reason: format!("Job {id} ended before the org tried this row{why}."),
        fix: "Send the row again; if it persists, use smaller jobs with `--rows-per-job`.".into(),
        retry: Retry::Now,
    }
}

/// R-1013: nobody is told so before the org was asked for the records, and had none.
fn unaccounted(job: JobId) -> Fault {
    Fault {
        code: Stage::Unaccounted.as_str().to_owned(),
        reason: format!(
            "Job {job} ended without a result for this row; asked by ContactId, the org named no \
             user."
        ),
        fix: "Look in the org for a user of this ContactId, then give the row to `admit run` \
              again: that is safe, because a contact who has a user is refused before anything is \
              sent."
            .into(),
        retry: Retry::Now,
    }
}

/// The fault of an assignment, told of the user who lacks it. The row itself is never worth
/// sending again, because its contact has a user now.
pub(super) fn lacking(user: UserId, set: &str, fault: Fault) -> Fault {
    // What these say is meant for a row whose user was to be made; here the user is there.
    let why = if fault.code == Stage::Unprocessed.as_str() {
        "The assignment was not sent.".to_owned()
    } else if fault.code == Stage::Unaccounted.as_str() {
        "Whether the assignment was made is not known.".to_owned()
    } else {
        fault.reason
    };
    Fault {
        code: fault.code,
        reason: format!("User {user} was created, but lacks permission set {set}. {why}"),
        fix: format!("Assign permission set {set} to user {user}; do not send the row again."),
        retry: Retry::Never,
    }
}
