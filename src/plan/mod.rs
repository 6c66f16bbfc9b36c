//! ROOM 4: accepted rows become waves of changes, written down.
//!
//! Comes in: checked windows, in file order. Goes out: a [`Plan`], whose waves are written as
//! drafts (what a `check` shows) or sealed (what a job sends). The encoded changes wait in one
//! spill file in the run folder; memory holds 24 bytes per accepted row, 8 per wanted permission
//! set, and one part of the changes while a wave is written. Plan and sealed waves are stored for a
//! later process, which finds them as they were or is told that they changed. It never talks to
//! the org, and what validation encoded is what is sent: only a username or a derived nickname
//! that others turned out to have is renewed, by rule.

mod accepted;
mod draft;
mod error;
mod gather;
mod key;
mod permission_sets;
mod pilot;
mod plan_file;
mod planned;
mod record;
mod seal;
mod spill;
#[cfg(test)]
mod tests;
mod wave_index;
mod waves;

pub use accepted::AcceptedChanges;
pub use draft::{Draft, PlanCounts, PlanFacts};
pub use error::PlanError;
pub use planned::Plan;
pub use record::username_of;
pub use wave_index::load_sealed;
pub use waves::PlannedWave;

/// The folder under the run folder that holds drafts, sealed waves and the spill.
const FOLDER: &str = "plan";
