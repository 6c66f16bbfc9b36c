//! Why an entry cannot follow those before it.

use super::job_step::JobStep;

/// An entry that cannot follow the entries before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The run is not as far, or further, for such an entry.
    #[error("{entry} cannot stand here: {why}")]
    OutOfPlace {
        /// The entry's name.
        entry: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// A job cannot take this step.
    #[error("a job of wave {wave} cannot go from {from:?} to {to:?}")]
    Step {
        /// The wave's number.
        wave: u32,
        /// Where it stood.
        from: JobStep,
        /// Where the entry puts it.
        to: JobStep,
    },
    /// No job of that id is known.
    #[error("job {job} was never created")]
    UnknownJob {
        /// The id.
        job: String,
    },
    /// Rows are sent twice, or are no rows of the wave.
    #[error("rows {first}..{end} of wave {wave} cannot be sent: {why}")]
    Rows {
        /// The wave's number.
        wave: u32,
        /// First row.
        first: u64,
        /// One past the last row.
        end: u64,
        /// What is wrong.
        why: &'static str,
    },
}
