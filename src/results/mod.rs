//! ROOM 6: a job becomes one outcome per row.
//!
//! Comes in: what a job sent (a run of rows of a sealed wave) and the org's three result files.
//! Goes out: one [`Settled`](crate::model::outcome::Settled) per row sent, and [`Outcomes`]: what
//! became of every row of the input, 16 bytes each in memory, with the texts of faults in a file.
//! Rows are joined by key and never by position, because results come in any order (bulk-api-2
//! §3.8). It says which rows may go again and which the org must be asked about, but never talks
//! to the org itself, and never waits.

mod asking;
mod assignments;
mod classify;
mod error;
mod fate;
mod fault_spill;
mod faults;
mod job_files;
mod outcomes;
mod outcomes_file;
mod rejected_file;
mod row_error;
mod settle;
mod settling;
#[cfg(test)]
mod tests;
mod verdict;

pub use asking::{adopt, to_ask};
pub use classify::{Classified, classify};
pub use error::ResultsError;
pub use faults::{EndedJob, lost_sight_of, never_sent};
pub use job_files::{open_results, sent_rows};
pub use outcomes::Outcomes;
pub use rejected_file::{read_rejected, write_rejected};
pub use row_error::parse_row_error;
pub use settle::{
    ResultFile, ResultReaders, SentKey, SentRow, Settlement, settle, settle_without_results,
};
pub use settling::SettleReport;
pub use verdict::RetryPolicy;
