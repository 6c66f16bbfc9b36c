//! ROOM 4: accepted rows become waves of changes, written down.
//!
//! Comes in: checked windows, in file order. Goes out: a [`Plan`], whose waves are written as
//! drafts (what a `check` shows) or sealed (what a job sends). The encoded changes wait in one
//! spill file in the run folder; memory holds 24 bytes per accepted row, 8 per wanted permission
//! set, and one bucket of changes while a wave is written. It never talks to the org and never
//! changes a record: what validation encoded is what is sent.

mod draft;
mod error;
mod gather;
mod key;
mod permission_sets;
mod planned;
mod record;
mod seal;
mod spill;
#[cfg(test)]
mod tests;
mod waves;

pub use draft::{Draft, PlanCounts, PlanFacts};
pub use error::PlanError;
pub use planned::Plan;
pub use record::username_of;
pub use spill::AcceptedChanges;
pub use waves::PlannedWave;

/// The folder under the run folder that holds drafts, sealed waves and the spill.
const FOLDER: &str = "plan";
