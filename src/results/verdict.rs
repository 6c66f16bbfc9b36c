//! What follows from one outcome: is it the last word on the row, or does the row go again, and
//! with what renewed? Pure.

use crate::model::change::Renewal;
use crate::model::limits::ROW_TRIES_MAX;
use crate::model::outcome::{RowOutcome, Stage};
use crate::model::rejection::Fault;
use crate::model::settings::UsernameConflict;
use crate::model::user::renewed_username;

use super::classify::classify;
use super::faults::{EndedJob, fault_of};
use super::settle::SentRow;

/// The org has a user of that username, or another org has.
const USERNAME_TAKEN: &str = "DUPLICATE_USERNAME";
/// The org has a user of that nickname.
const NICKNAME_TAKEN: &str = "DUPLICATE_COMM_NICKNAME";
/// A record of these values is there already, such as an assignment.
const VALUE_TAKEN: &str = "DUPLICATE_VALUE";

/// Number of the first renewed username, and of the last one that is tried.
const USERNAME_NUMBERS: (u8, u8) = (2, 6);

/// What a run decided about rows that may go again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// What to do with a username that is taken.
    pub username_on_conflict: UsernameConflict,
}

/// What was done with a row so far, this time included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried {
    /// How often it was sent.
    pub(super) tries: u8,
    /// What was renewed of it.
    pub(super) renewal: Renewal,
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Where the row ends if this is the last word on it.
    pub(super) stage: Stage,
    /// What failure.csv says then.
    pub(super) fault: Fault,
    /// Is the row to be sent again?
    pub(super) again: bool,
    /// What is renewed of it from now on.
    pub(super) renewal: Renewal,
}

/// What follows for a row whose user was not made.
pub(super) fn on_user(
    job: EndedJob<'_>,
    outcome: &RowOutcome,
    (sent, tried): (&SentRow, Tried),
    policy: RetryPolicy,
) -> Verdict {
    let (stage, mut fault) = fault_of(job, outcome);
    let mut renewal = tried.renewal;
    let again = tried.tries < ROW_TRIES_MAX
        && match outcome {
            RowOutcome::Failed(error) if error.code == NICKNAME_TAKEN => {
                let renews = sent.nickname_derived && !renewal.nickname;
                renewal.nickname |= renews;
                renews
            }
            RowOutcome::Failed(error) if error.code == USERNAME_TAKEN => {
                let number = next_number(renewal, sent, policy);
                renewal.username = number.or(renewal.username);
                number.is_some()
            }
            other => goes_unchanged(other, tried.tries),
        };
    if let RowOutcome::Failed(error) = outcome
        && error.code == USERNAME_TAKEN
        && policy.username_on_conflict == UsernameConflict::Report
        && let Some(other) = renewed_username(&sent.username, USERNAME_NUMBERS.0)
    {
        fault.fix = format!(
            "Choose another username, such as {other} if it is free; it does not have to be the \
             e-mail address."
        );
    }
    Verdict {
        stage,
        fault,
        again,
        renewal,
    }
}

/// What follows for an assignment; nothing where the user has the permission set now.
pub(super) fn on_assignment(job: EndedJob<'_>, outcome: &RowOutcome, tries: u8) -> Option<Verdict> {
    match outcome {
        RowOutcome::Created(_) => return None,
        // An earlier try of ours whose result was lost made it.
        RowOutcome::Failed(error) if error.code == VALUE_TAKEN && tries > 1 => return None,
        RowOutcome::Failed(_) | RowOutcome::Unprocessed | RowOutcome::Unaccounted => {}
    }
    let (stage, fault) = fault_of(job, outcome);
    Some(Verdict {
        stage,
        fault,
        again: tries < ROW_TRIES_MAX && goes_unchanged(outcome, tries),
        renewal: Renewal::default(),
    })
}

/// May the very same row go again?
fn goes_unchanged(outcome: &RowOutcome, tries: u8) -> bool {
    match outcome {
        RowOutcome::Created(_) => false,
        RowOutcome::Failed(error) => u32::from(tries) <= classify(error).retries_max,
        // The org never tried it; or it was asked and has no record of it.
        RowOutcome::Unprocessed | RowOutcome::Unaccounted => true,
    }
}

fn next_number(renewal: Renewal, sent: &SentRow, policy: RetryPolicy) -> Option<u8> {
    let (first, last) = USERNAME_NUMBERS;
    match policy.username_on_conflict {
        UsernameConflict::Report => None,
        UsernameConflict::Suffix => {
            let number = renewal.username.map_or(first, |number| number + 1);
            let has_room = renewed_username(&sent.username, number).is_some();
            (number <= last && has_room).then_some(number)
        }
    }
}
