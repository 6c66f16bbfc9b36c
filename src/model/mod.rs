//! THE WORDS everyone uses: ids, rows, users, changes, waves, rejections, jobs, outcomes.
//!
//! Plain data and pure functions over it. Nothing here knows the clock, a file, a socket or
//! another part of this crate, so every room can speak these words to every other.

pub mod allowance;
pub mod change;
pub mod columns;
pub mod contact;
pub mod digest;
pub mod event;
pub mod explain;
pub mod id;
pub mod job;
pub mod job_csv;
pub mod limits;
pub mod outcome;
pub mod rejection;
pub mod settings;
pub mod summary;
pub mod user;
pub mod wave;
