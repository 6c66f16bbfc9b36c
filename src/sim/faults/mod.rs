//! What goes wrong, and when: a seeded plan of faults.
//!
//! A plan is TOML (`samples/faults/`), read by [`read`] into rules. A request comes in at
//! [`requests`], a closed job at [`jobs`], and each goes on with the faults that strike it;
//! [`users`] says which names the world outside holds. [`deal`] decides when a rule strikes.
//!
//! The same seed, plan and requests give the same faults. Their numbers come from streams of
//! their own, so that a plan without faults leaves every other number as it was.

mod deal;
mod jobs;
mod profiles;
mod read;
mod requests;
mod spots;
mod users;

use read::{JobRule, RequestRule, UserRules};

pub(super) use jobs::{Ending, JobFate, JobFaults};
pub(super) use requests::{Daily, Effect, Encounter, RequestFaults};
pub(super) use users::Elsewhere;

/// What goes wrong, and when. The default is a plan without faults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan {
    pub(super) requests: Vec<RequestRule>,
    pub(super) jobs: Vec<JobRule>,
    pub(super) users: UserRules,
}

/// Why a text is no plan of faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FaultPlanError {
    /// Line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}

impl FaultPlan {
    /// Does nothing go wrong?
    pub fn is_calm(&self) -> bool {
        *self == Self::default()
    }
}
