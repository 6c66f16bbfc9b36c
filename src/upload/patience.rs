//! Asking on through an outage.
//!
//! The telephone repeats a question a few times; where a job is closed that is not enough, because
//! its rows are in the org whether it answers or not. Here the question is asked again, less and
//! less often, until the org answers or was silent for as long as a job is waited for. What the
//! org refuses is final.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Desk;
use crate::model::limits::NOT_FOUND_BELIEVED;
use crate::salesforce::{OrgError, poll_waits};

/// What came of asking.
pub(super) enum Heard<T> {
    /// An answer.
    Answer(T),
    /// The org does not have it, said more than once: right after a job was made, or while its
    /// instance moves, an org may say so of a job that is there.
    Gone(OrgError),
}

/// Asks until there is an answer.
pub(super) async fn patiently<T>(
    desk: &Desk<'_>,
    question: impl AsyncFn() -> Result<T, OrgError>,
) -> Result<Heard<T>, OrgError> {
    let began = Instant::now();
    let silence_max = Duration::from_millis(desk.pacing.job_wait_ms);
    let mut waits = poll_waits(desk.pacing);
    let mut not_found = 0;
    loop {
        match question().await {
            Ok(answer) => return Ok(Heard::Answer(answer)),
            Err(error @ OrgError::NotFound { .. }) => {
                not_found += 1;
                if not_found >= NOT_FOUND_BELIEVED {
                    return Ok(Heard::Gone(error));
                }
            }
            Err(error) if passes(&error) && began.elapsed() < silence_max => not_found = 0,
            Err(error) => return Err(error),
        }
        let left = silence_max.saturating_sub(began.elapsed());
        sleep(waits.next().map_or(left, |wait| wait.min(left))).await;
    }
}

/// May the same question be answered later? Only for questions: they change nothing.
pub(super) fn passes(error: &OrgError) -> bool {
    match error {
        OrgError::Busy { .. }
        | OrgError::Unreachable { .. }
        | OrgError::Ambiguous { .. }
        // A proxy or a maintenance page in the org's place.
        | OrgError::Malformed { .. } => true,
        OrgError::Address { .. }
        | OrgError::Login(_)
        | OrgError::Token { .. }
        | OrgError::SessionRefused { .. }
        | OrgError::PermissionDenied { .. }
        | OrgError::LimitExceeded { .. }
        | OrgError::NotFound { .. }
        | OrgError::VersionGone { .. }
        | OrgError::Redirected { .. }
        | OrgError::Refused { .. }
        | OrgError::Distrusted { .. }
        | OrgError::QueryFailed { .. }
        | OrgError::QueryUnfinished { .. }
        | OrgError::Disk { .. } => false,
    }
}
