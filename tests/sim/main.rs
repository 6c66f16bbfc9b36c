//! Whole runs against a simulated org, by seed: on one thread, on a paused clock, with everything
//! going wrong that a plan of faults holds. After each, the promises of a run are looked at from
//! outside: in its files and in the org.
//!
//! `ADMIT_SIM_SEEDS` says how many seeds are played (each with every profile of faults), and
//! `ADMIT_SIM_FIRST` where they begin: a failure names its seed, and the command that plays it
//! alone. With `ADMIT_SIM_KEEP` the folders of its runs stay in the temporary folder.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; most of this stands outside of test functions"
)]

mod cuts;
mod dice;
mod every_seed;
mod line;
mod order;
mod outputs;
mod promises;
mod rehearsal;
mod story;
mod tries;
