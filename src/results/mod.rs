//! ROOM 6: a job becomes one outcome per row.
//!
//! Comes in: what a job sent (a run of rows of a sealed wave) and the org's three result files.
//! Goes out: one [`Settled`](crate::model::outcome::Settled) per row sent, and [`Outcomes`]: what
//! became of every row of the input, 16 bytes each in memory, with the texts of faults in a file.
//! Rows are joined by key and never by position, because results come in any order (bulk-api-2
//! §3.8). It never talks to the org and never decides whether to send again.

mod classify;
mod error;
mod fate;
mod fault_spill;
mod faults;
mod job_files;
mod outcomes;
mod row_error;
mod settle;
#[cfg(test)]
mod tests;

pub use classify::{Classified, classify};
pub use error::ResultsError;
pub use faults::{lost_sight_of, never_sent};
pub use job_files::{open_results, sent_rows};
pub use outcomes::Outcomes;
pub use row_error::parse_row_error;
pub use settle::{ResultFile, ResultReaders, SentKey, SentRow, Settlement, settle};
