//! A run that is ended before its last row: every row it knows no end of gets one all the same, so
//! that both files can be written.

use crate::pipeline::RunError;
use crate::pipeline::work::Work;
use crate::results;

/// Everything that was still to come.
/// `rows` are those of the input.
pub(super) fn the_rest(work: &mut Work, rows: u64, why: &str) -> Result<(), RunError> {
    let fault = results::never_sent(why);
    let Work { plan, outcomes, .. } = work;
    for (row, set) in plan.wanted_sets() {
        if outcomes.has_user(row) && outcomes.wants_assignment(row, set) {
            outcomes.leave_unassigned(row, set, fault.clone())?;
        }
    }
    outcomes.give_up(rows, &fault)?;
    Ok(())
}
