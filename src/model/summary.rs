//! The numbers of a plan and of a run, as the summary prints them and `summary.json` keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which org, who, and what kind: named in every prompt, plan and log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgIdentity {
    /// `00D...`, 18 characters.
    pub org_id: String,
    /// Scheme and host, no path, no secrets.
    pub instance_url: String,
    /// The running user's username.
    pub username: String,
    /// The running user's id.
    pub user_id: String,
    /// What kind of org it is.
    pub kind: OrgKind,
    /// API version in use, such as `67.0`.
    pub api_version: String,
}

/// What kind of org a run talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OrgKind {
    /// Real people.
    Production,
    /// A copy.
    Sandbox,
    /// The built-in simulated org: nothing leaves this process.
    Simulated,
}

impl OrgKind {
    /// As every prompt, plan and log names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "PRODUCTION",
            Self::Sandbox => "SANDBOX",
            Self::Simulated => "SIMULATED",
        }
    }
}

/// One wave of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaveForecast {
    /// Such as `create-user A`.
    pub name: String,
    /// Changes in it.
    pub changes: u64,
    /// Jobs it will take.
    pub jobs: u64,
    /// Jobs at once.
    pub lanes: u32,
    /// The draft file under the run folder.
    pub draft: String,
}

/// Seats of one licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatForecast {
    /// The licence's name.
    pub license: String,
    /// Seats bought.
    pub total: u64,
    /// Seats in use before.
    pub used_before: u64,
    /// Seats this plan takes.
    pub taken: u64,
    /// Rows rejected for want of a seat.
    pub short: u64,
}

/// A profile the plan gives users, and who has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileUse {
    /// Its name.
    pub profile: String,
    /// Active users that have it now.
    pub active_now: u64,
    /// Users the plan adds.
    pub added: u64,
}

/// What `check` prints and every run shows before it sends (design §7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSummary {
    /// Rows in the file.
    pub rows: u64,
    /// Rows that will be sent.
    pub accepted: u64,
    /// Rows that will not.
    pub rejected: u64,
    /// Rejected rows by code; a row counts under each of its codes.
    pub by_code: BTreeMap<String, u64>,
    /// Warnings by code.
    pub warnings: BTreeMap<String, u64>,
    /// The waves, in order.
    pub waves: Vec<WaveForecast>,
    /// Seats by licence, licences in use only.
    pub seats: Vec<SeatForecast>,
    /// Profiles in use.
    pub profiles: Vec<ProfileUse>,
    /// User fields that are sent.
    pub columns_sent: Vec<String>,
    /// Headers that only pass through to the outputs.
    pub columns_passed_through: Vec<String>,
    /// Defaults in use, `Field=value (where from)`.
    pub defaults: Vec<String>,
    /// Portal roles that will appear.
    pub roles_new: u64,
    /// Portal roles that exist.
    pub roles_existing: u64,
    /// Welcome mails the org will send.
    pub mails: u64,
    /// The site the users become members of.
    pub site: String,
    /// API calls the run will take, roughly.
    pub api_calls: u64,
    /// Shortest and longest likely duration, in seconds.
    pub duration_s: (u64, u64),
    /// SHA-256 over the plan's drafts, in hex.
    pub digest: String,
}

/// Seconds of each stage, by the run's own clock.
pub type StageTimings = BTreeMap<String, f64>;

/// What a finished run prints and keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// `check`, `rehearse` or `run`.
    pub command: String,
    /// Version of admit.
    pub version: String,
    /// The org.
    pub org: OrgIdentity,
    /// Why it ended before its last row; none when it went to its end.
    pub stopped: Option<String>,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// How long it took in seconds, by the run's own clock: simulated in a rehearsal.
    pub duration_s: f64,
    /// The plan.
    pub plan: PlanSummary,
    /// Rows by how they ended: `created`, `rejected`, `failed`, `unprocessed`, `unaccounted`,
    /// `would-send`.
    pub outcomes: BTreeMap<String, u64>,
    /// Rows of failure.csv by code; a row counts under each of its codes.
    pub failures_by_code: BTreeMap<String, u64>,
    /// Users created, by licence.
    pub created_by_license: BTreeMap<String, u64>,
    /// Seats in use after the run, by licence.
    pub seats_used_after: BTreeMap<String, u64>,
    /// Ingest jobs closed.
    pub jobs: u64,
    /// HTTP requests sent.
    pub api_calls: u64,
    /// Bytes of job data sent.
    pub bytes_sent: u64,
    /// Seconds by stage, by the run's own clock.
    pub timings_s: StageTimings,
    /// SHA-256 of the input, in hex.
    pub input_sha256: String,
}
