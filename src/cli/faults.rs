//! `--faults`: a name or a file -> a plan of faults for the simulated org.

use std::borrow::Cow;
use std::io;

use crate::model::explain::{Exit, Explain, Place};
use crate::sim::{FaultPlan, FaultPlanError};

/// Why there is no plan of faults.
#[derive(Debug, thiserror::Error)]
pub enum FaultsProblem {
    /// Neither a known name nor a file that can be read.
    #[error("the plan of faults cannot be read: {error}")]
    Unreadable {
        /// As typed.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The file is no plan of faults.
    #[error("the plan of faults is not valid: {error}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong, and where.
        #[source]
        error: FaultPlanError,
    },
}

impl Explain for FaultsProblem {
    fn place(&self) -> Place {
        match self {
            Self::Unreadable { path, .. } => Place::file(path),
            Self::Invalid { path, error } => Place::line(path, error.line),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Unreadable { .. } => format!(
                "Name {} or a readable file with `--faults`.",
                FaultPlan::NAMES.join(", ")
            )
            .into(),
            Self::Invalid { .. } => {
                "Correct the line; `docs/simulated-org.md` says what a plan may hold.".into()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// The plan that was asked for; without the flag nothing goes wrong. A name stands for the plan
/// compiled in, even where a file is called like it.
pub(super) fn plan(asked: Option<&str>) -> Result<FaultPlan, FaultsProblem> {
    let Some(asked) = asked else {
        return Ok(FaultPlan::default());
    };
    if let Some(plan) = FaultPlan::named(asked) {
        return Ok(plan);
    }
    let path = asked.to_owned();
    let text = match std::fs::read_to_string(asked) {
        Ok(text) => text,
        Err(error) => return Err(FaultsProblem::Unreadable { path, error }),
    };
    FaultPlan::parse(&text).map_err(|error| FaultsProblem::Invalid { path, error })
}
