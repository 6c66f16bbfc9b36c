//! Integration tests, one binary: each module is one promise or one part of the public surface.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; helpers are outside of test functions"
)]

mod agreement;
mod arrows;
mod contract;
mod determinism;
#[cfg(unix)]
mod disk_full;
mod door;
mod drill;
mod faults;
mod help;
mod hours_and_seats;
mod in_memory;
#[cfg(unix)]
mod killed;
mod lanes;
mod layers;
mod loader;
mod logins;
mod main_job;
mod messages;
mod nasty;
mod oracle;
mod org_cache;
mod org_like;
mod reread;
mod rounds;
#[cfg(unix)]
mod run_folder;
mod run_gate;
mod run_over_http;
mod run_stopped;
mod seeded;
mod served;
mod sim_socket;
mod symptoms;
#[cfg(unix)]
mod taken_up;
mod tls;
mod told;
mod user_rows;
mod waiting;
mod waves_matter;
mod world;
