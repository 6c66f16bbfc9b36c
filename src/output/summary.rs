//! summary.json: the numbers of a run, for scripts.
//!
//! Keys stand in a fixed order, so that two runs can be compared line by line.

use std::io;
use std::path::Path;

use crate::model::summary::RunSummary;

use super::error::OutputError;
use super::whole_file::WholeFile;

const FILE_NAME: &str = "summary.json";

/// Writes the summary into the run folder; an older one is replaced.
pub fn write_summary(run_folder: &Path, summary: &RunSummary) -> Result<(), OutputError> {
    let mut text =
        serde_json::to_string_pretty(summary).map_err(|error| OutputError::Unwritable {
            path: run_folder.join(FILE_NAME),
            source: io::Error::from(error),
        })?;
    text.push('\n');
    let mut file = WholeFile::create(run_folder, FILE_NAME)?;
    file.write(text.as_bytes())?;
    file.publish()
}
