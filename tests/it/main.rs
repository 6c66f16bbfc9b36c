//! Integration tests, one binary: each module is one promise or one part of the public surface.

mod agreement;
mod arrows;
mod contract;
mod determinism;
mod layers;
mod loader;
mod main_job;
mod oracle;
mod served;
mod user_rows;
mod world;
