//! `--faults`: a name or a file -> a plan of faults for the simulated org.

use crate::sim::FaultPlan;

use super::error::CliError;

/// The plan that was asked for; without the flag nothing goes wrong. A name stands for the plan
/// compiled in, even where a file is called like it.
pub(super) fn plan(asked: Option<&str>) -> Result<FaultPlan, CliError> {
    let Some(asked) = asked else {
        return Ok(FaultPlan::default());
    };
    if let Some(plan) = FaultPlan::named(asked) {
        return Ok(plan);
    }
    let path = asked.to_owned();
    let text = match std::fs::read_to_string(asked) {
        Ok(text) => text,
        Err(error) => return Err(CliError::FaultsUnreadable { path, error }),
    };
    FaultPlan::parse(&text).map_err(|error| CliError::FaultsPlan { path, error })
}
