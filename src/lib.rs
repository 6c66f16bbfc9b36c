//! `admit` provisions Salesforce external users in bulk.
//!
//! A guided tour: the modules stand below in the order a row walks. [`cli`] is the street door,
//! [`pipeline`] the corridor that calls the seven rooms one after another. A room takes what the
//! room before it returned; rooms never call each other. Behind them stand the words they share,
//! the memory, the telephone, and the rehearsal org at its other end.

// The street door: arguments and settings in, progress and summary out. The only part that prints.
pub mod cli;

// The corridor: one file per walk, each on one screen.
pub mod pipeline;

// Room 1: the bytes of a contacts file become rows.
pub mod intake;

// Room 2: what the org already holds, pulled through the telephone and answered from memory.
pub mod org_state;

// Room 3: a row and the org state become a new user, or a rejection that names every fault.
pub mod validate;

// Room 4: accepted rows become waves of changes, written down before anything is sent.
pub mod plan;

// Room 5: a wave becomes Bulk API 2.0 jobs, sent and waited for.
pub mod upload;

// Room 6: the three result files of a job become one outcome per row.
pub mod results;

// Room 7: outcomes become success.csv, failure.csv and the summary.
pub mod output;

// The words: ids, rows, users, changes, waves, rejections, jobs, outcomes.
pub mod model;

// The memory: an append-only journal that survives a crash.
pub mod journal;

// The telephone: everything that is said to the org.
pub mod salesforce;

// The rehearsal org: the other end of the telephone, in memory.
pub mod sim;
