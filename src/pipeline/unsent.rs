//! A walk that stopped before its last row: every row it knows no end of gets one all the same,
//! so that both files can be written.
//!
//! Three kinds of rows are told apart, because people do different things with them: those that
//! certainly never came into the org, those of a job whose end is not known, and users who are
//! made but still lack a permission set.

use std::ops::Range;
use std::path::Path;

use crate::model::change::ChangeKind;
use crate::model::id::JobId;
use crate::model::wave::SealedWave;
use crate::pipeline::RunError;
use crate::pipeline::execute::Progress;
use crate::pipeline::judge::Judged;
use crate::results::{self, Outcomes, SentKey};

/// Rows of a wave, by position, that have no result: `job` is the one that may have committed
/// them, `why` says what happened where there is none.
pub(super) fn rows(
    (run_folder, wave): (&Path, &SealedWave),
    rows: Range<usize>,
    (job, why): (Option<JobId>, &str),
    outcomes: &mut Outcomes,
) -> Result<(), RunError> {
    let fault = match job {
        Some(job) => results::lost_sight_of(job),
        None => results::never_sent(why),
    };
    match wave.kind {
        ChangeKind::CreateUser => {
            for sealed in &wave.rows[rows] {
                match job {
                    Some(_) => outcomes.leave_in_doubt(sealed.row, &fault)?,
                    None => outcomes.leave_unsent(sealed.row, &fault)?,
                }
            }
        }
        ChangeKind::AssignPermissionSet => {
            for sent in results::sent_rows(wave, rows, run_folder)? {
                if let SentKey::Assignment(_, set) = sent.key {
                    outcomes.leave_unassigned(sent.row, set, fault.clone())?;
                }
            }
        }
    }
    Ok(())
}

/// Everything that was still to come.
pub(super) fn the_rest(progress: &mut Progress, why: &str) -> Result<(), RunError> {
    let fault = results::never_sent(why);
    let Judged {
        plan,
        outcomes,
        tally,
        ..
    } = &mut progress.judged;
    if !progress.sets_begun {
        for (row, set) in plan.wanted_sets() {
            if outcomes.user_of(row).is_some() {
                outcomes.leave_unassigned(row, set, fault.clone())?;
            }
        }
    }
    outcomes.give_up(tally.rows, &fault)?;
    Ok(())
}
