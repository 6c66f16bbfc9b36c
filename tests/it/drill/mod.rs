//! The fault drill: one thing goes wrong, and the run ends as if it had not.
//!
//! Every test is a load into the simulated org with one injected fault. What must hold afterwards
//! stands in `proof`; the eight faults that no peer survives all of come first, in `survived`.

mod blind;
mod polls;
mod proof;
mod settled;
mod socket;
mod stage;
mod stopped;
mod survived;
mod wire;
