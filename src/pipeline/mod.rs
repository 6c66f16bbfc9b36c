//! CORRIDOR: the only part that knows every room; it calls them in the order a row walks.
//!
//! Comes in: a [`Walk`], which holds all that is needed from outside. Goes out: a run folder and
//! its [`RunSummary`](crate::model::summary::RunSummary). Nothing here prints, and nothing here
//! decides about a row: rooms decide, the corridor carries.

mod ending;
mod error;
mod execute;
mod forecast;
mod gate;
mod judge;
mod lock;
mod opening;
mod org;
mod provision;
mod seats;
mod state;
mod unsent;
mod walk;
mod write;

pub use error::{CorridorError, RunError};
pub use org::{KeptOrg, PullSettings, age_s, forget_org, kept_orgs, kept_records, pull_org};
pub use provision::{Ended, Planned, check, decline, plan, provision, rehearse};
pub use walk::{Clock, Command, Line, Outside, Walk};

pub use crate::org_state::{CachedOrg, Kept};
pub use crate::salesforce::{AccessToken, Login};
pub use crate::validate::rules::{self, Rule};
