//! How fast a run goes: what every process of it is told anew.

use clap::Args;

/// How fast jobs and requests follow each other: what may change from one process to the next.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PaceArgs {
    /// Rows of a job, at first and at most [default: 50 into role-based licences, 10000 into the
    /// others at first, then as many as the org takes in --job-minutes]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) rows_per_job: Option<String>,
    /// Minutes a job should take at most: where the org is slow, jobs are smaller [default: 2]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) job_minutes: Option<String>,
    /// Jobs at once, where several may be [default: 4]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) lanes: Option<String>,
    /// Requests per second [default: 10]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) requests_per_second: Option<String>,
    /// Percent of the org's daily API calls and batches that is left to others [default: 10]
    #[arg(long, value_name = "PERCENT", help_heading = "Pace")]
    pub(crate) reserve: Option<String>,
    /// First wait between two looks at a job, in milliseconds [default: 2000]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) poll_ms: Option<String>,
}
