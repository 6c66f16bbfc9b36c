//! CORRIDOR: the only part that knows every room; it calls them in the order a row walks.
//!
//! Comes in: a [`Walk`], which holds all that is needed from outside. Goes out: a run folder and
//! its [`RunSummary`](crate::model::summary::RunSummary). Nothing here prints, and nothing here
//! decides about a row: rooms decide, the corridor carries.

mod breaker;
mod chunk_line;
mod corridor_error;
mod ending;
mod error;
mod execute;
mod forecast;
mod gate;
mod job_end;
mod judge;
mod kept_plan;
mod late;
mod lock;
mod opening;
mod org;
mod pilot;
mod provision;
mod resume;
mod run_file;
mod seats;
mod state;
mod stopping;
mod under_way;
mod unsent;
mod walk;
mod work;
mod write;

pub use corridor_error::CorridorError;
pub use error::RunError;
pub use org::{KeptOrg, PullSettings, age_s, forget_org, kept_orgs, kept_records, pull_org};
pub use pilot::{PilotReport, after_pilot, has_pilot, not_after_pilot, pilot};
pub use provision::{Planned, check, decline, pause, plan, provision, rehearse};
pub use resume::{abort, newest_unfinished, settings as settings_of_run, take_up};
pub use run_file::ResumeSettings;
pub use walk::{Clock, Command, Line, Outside, Walk};

pub use crate::journal::machine_disks;
pub use crate::org_state::{CachedOrg, Kept};
pub use crate::salesforce::{AccessToken, Login, OrgError, login};
pub use crate::validate::rules::{self, Rule};
