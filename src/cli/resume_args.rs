//! What `resume` and `abort` are told: which run, how fast, how long. What shapes a plan is not
//! among it: that stands in the run's folder.

use std::path::PathBuf;

use clap::Args;

use super::args::{OrgPlaceArgs, WalkArgs};
use super::pace_args::PaceArgs;

/// What `resume` and `abort` take.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The run's folder [default: the newest below admit-runs that is not finished]
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: OrgPlaceArgs,
    /// The org, by its name in admit.toml or in the `sf` command [default: the environment]
    #[arg(short = 'o', long, value_name = "ALIAS")]
    pub(crate) target_org: Option<String>,
    /// Go on without asking, where the plan was never confirmed or a pilot was cut
    #[arg(long)]
    pub(crate) yes: bool,
    /// What of welcome mails, where the org would send some now: now, later or never
    /// [default: what the run was told]
    #[arg(long, value_name = "WHEN")]
    pub(crate) welcome: Option<String>,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// Wait so many minutes for the end, then leave; what runs in the org goes on
    #[arg(short = 'w', long, value_name = "MINUTES", help_heading = "Stopping")]
    pub(crate) wait: Option<String>,
    /// Stop after N refusals in a row for one reason, or when more than P% of the rows are
    /// refused, counted from now on [default: what the run was told, with its own count]
    #[arg(long, value_name = "N|P%", help_heading = "Stopping")]
    pub(crate) max_failures: Option<String>,
    /// Begin jobs only in these hours, local time, such as 20:00-06:00
    #[arg(long, value_name = "FROM-TO", help_heading = "Stopping")]
    pub(crate) window: Option<String>,
}

impl ResumeArgs {
    /// What was typed, as a walk would be told it.
    pub(crate) fn settings(&self) -> WalkArgs {
        WalkArgs {
            pace: self.pace.clone(),
            target_org: self.target_org.clone(),
            wait: self.wait.clone(),
            welcome: self.welcome.clone(),
            max_failures: self.max_failures.clone(),
            window: self.window.clone(),
            ..self.place.settings()
        }
    }
}
