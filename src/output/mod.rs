//! ROOM 7: outcomes become files.
//!
//! Comes in: every row of the input with its end, and the summary of the run. Goes out:
//! success.csv and failure.csv, which together hold every row once with its original cells,
//! summary.json, and run.log. Files appear under their names only when they are whole, and only
//! their owner can read them. It decides nothing: what a row's end is, was said before.

mod csv;
mod error;
mod log;
mod summary;
#[cfg(test)]
mod tests;
mod whole_file;

pub use csv::{OutputFormat, RowCounts, RowWriter};
pub use error::OutputError;
pub use log::RunLog;
pub use summary::write_summary;
