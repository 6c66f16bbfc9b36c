//! Everything a run may be told, complete: no Options that a default would fill.
//!
//! `cli::settings` builds it from flags, environment and file; rooms only read it. A setting
//! whose absence means something (no profile for the run) stays an `Option` and says what.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::id::OrgId;

/// Settings of one walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The contacts file.
    pub contacts: PathBuf,
    /// The run folder; created, or empty.
    pub out: PathBuf,
    /// Where caches and ledgers live.
    pub state_dir: PathBuf,
    /// How to read the file.
    pub input: InputSettings,
    /// What users get when their row does not say.
    pub program: ProgramSettings,
    /// What must hold before anything is sent.
    pub guard: GuardSettings,
    /// How old the org's state may be.
    pub cache: CacheSettings,
    /// How fast, how many at once, how long to wait.
    pub pacing: PacingSettings,
    /// When a run stops, or pauses, before its last row.
    pub stopping: StoppingSettings,
    /// API version in the form `67.0`.
    pub api_version: String,
    /// Threads of the parallel part.
    pub threads: usize,
    /// Seed of everything that is random: backoff jitter, and the simulated org.
    pub seed: u64,
}

/// How old the org's state may be that a walk begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// A cached state that is older is pulled anew, in milliseconds.
    pub max_age_ms: u64,
    /// Use the cached state as it is; a check then asks the org nothing at all.
    pub offline: bool,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            max_age_ms: 15 * 60_000,
            offline: false,
        }
    }
}

/// How to read the contacts file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InputSettings {
    /// A label such as `windows-1252`; none means UTF-8, or UTF-16 by its BOM.
    pub encoding: Option<String>,
    /// The cell delimiter; none means detected in the header.
    pub delimiter: Option<u8>,
    /// `--map Header=Field`, in the order given.
    pub maps: Vec<(String, String)>,
    /// A Data Loader mapping file.
    pub sdl: Option<PathBuf>,
    /// Write a byte order mark even when the input had none.
    pub output_bom: bool,
}

/// What users get when their row does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramSettings {
    /// Profile by name or id; none means every row must name one.
    pub profile: Option<String>,
    /// `--set Field=Value`, by User API name (or `PortalRole`), in the order given.
    pub set: Vec<(String, String)>,
    /// Pattern of a derived username; `{email}`, `{first}`, `{last}`, `{contactid}`, `{account}`.
    pub username_pattern: String,
    /// What to do with a username that somebody in another org has.
    pub username_on_conflict: UsernameConflict,
    /// Site by name; none means the org's only one.
    pub site: Option<String>,
    /// Whether the org is known to refuse standard external profiles.
    pub standard_profiles: StandardProfiles,
    /// Accounts with role-based users one owner may own.
    pub owner_accounts_max: u32,
}

/// What must hold before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuardSettings {
    /// The org it has to be; none means any.
    pub expect_org: Option<OrgId>,
    /// What was said about welcome mails; none means nothing, so none may go out.
    pub welcome: Option<Welcome>,
}

/// When a run stops, or pauses, before its last row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoppingSettings {
    /// Longest time to wait for the run's end, in milliseconds; none means as long as it takes.
    /// What runs in the org then goes on running.
    pub wait_ms: Option<u64>,
    /// How many refusals are too many; none means as many as there are.
    pub failures_max: Option<FailuresMax>,
    /// Do refusals that earlier processes of the run met not count?
    pub counts_anew: bool,
    /// The hours of the day in which jobs are begun; none means all.
    pub window: Option<DailyWindow>,
    /// Rows that go first, alone, to be looked at before the rest; none means no pilot.
    pub pilot_rows: Option<u32>,
}

/// How many refusals for one reason are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailuresMax {
    /// So many rows in a row, in the order sent.
    InARow(u64),
    /// More than so many percent of the rows sent so far.
    Percent(u8),
}

/// Hours of the day, in local time, minutes from midnight; it may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyWindow {
    /// It opens.
    pub from_minute: u16,
    /// It closes.
    pub to_minute: u16,
}

impl DailyWindow {
    /// Minutes until it is open at this minute of the day; 0 when it is.
    pub fn minutes_until_open(self, minute: u16) -> u16 {
        const DAY: u16 = 24 * 60;
        let since_open = (minute + DAY - self.from_minute) % DAY;
        let length = (self.to_minute + DAY - self.from_minute) % DAY;
        if since_open < length || length == 0 {
            0
        } else {
            DAY - since_open
        }
    }
}

/// When new users are to get their welcome mail (design §9). The org sends it by itself as soon
/// as a user becomes a member of a live site that mails new members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Welcome {
    /// At once.
    Now,
    /// In a step of its own, later; so not now.
    Later,
    /// Not at all.
    Never,
}

impl Welcome {
    /// As `--welcome` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Later => "later",
            Self::Never => "never",
        }
    }
}

/// What is known of the org setting "Allow using standard external profiles".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StandardProfiles {
    /// Not known: such rows are sent with a warning.
    Unknown,
    /// Known to be off: such rows are rejected.
    Refused,
    /// Known to be on: nothing is said.
    Allowed,
}

/// What to do when the org says that a username is taken, which where usernames are unique across
/// orgs no check can know before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsernameConflict {
    /// The row fails, with a free-looking username to choose.
    #[default]
    Report,
    /// The row goes again with a number in its username.
    Suffix,
}

/// How fast, how many at once, how long to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacingSettings {
    /// Requests per second, all of them.
    pub requests_per_second: u32,
    /// Jobs in flight in waves that may have several.
    pub lanes: u32,
    /// Rows of a job at first and at most; smaller only after jobs that met locks or that the org
    /// gave up. None means 50 role-based, 10,000 high-volume at first, then as large as the org
    /// takes them in `job_minutes`.
    pub rows_per_job: Option<u32>,
    /// Minutes a job should take at most: where the org is slow, jobs are cut smaller.
    pub job_minutes: u64,
    /// Bytes of one job's data.
    pub job_bytes_max: u64,
    /// First wait between two polls of a job, in milliseconds.
    pub poll_first_ms: u64,
    /// Longest wait between two polls, in milliseconds.
    pub poll_longest_ms: u64,
    /// Longest wait for one job's end, in milliseconds; a time-out is not a failure.
    pub job_wait_ms: u64,
    /// Attempts of one request that may be repeated, the first included.
    pub attempts_max: u32,
    /// First wait before an attempt is repeated, in milliseconds; doubles, with jitter.
    pub backoff_first_ms: u64,
    /// Longest such wait, in milliseconds.
    pub backoff_longest_ms: u64,
    /// Time-out of one request, in milliseconds.
    pub request_timeout_ms: u64,
    /// Percent of the org's allowances of a day that a run leaves alone: others work there too.
    pub reserve_percent: u64,
}

impl Default for PacingSettings {
    fn default() -> Self {
        Self {
            requests_per_second: 10,
            lanes: 4,
            rows_per_job: None,
            job_minutes: 2,
            job_bytes_max: super::limits::JOB_BYTES_MAX,
            poll_first_ms: 2_000,
            poll_longest_ms: 30_000,
            job_wait_ms: 24 * 3_600_000,
            attempts_max: 5,
            backoff_first_ms: 500,
            backoff_longest_ms: 60_000,
            request_timeout_ms: 600_000,
            reserve_percent: 10,
        }
    }
}

impl Default for ProgramSettings {
    fn default() -> Self {
        Self {
            profile: None,
            set: Vec::new(),
            username_pattern: "{email}".to_owned(),
            username_on_conflict: UsernameConflict::Report,
            site: None,
            standard_profiles: StandardProfiles::Unknown,
            owner_accounts_max: super::limits::OWNER_ACCOUNTS_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_span_midnight() {
        let night = DailyWindow {
            from_minute: 20 * 60,
            to_minute: 6 * 60,
        };
        let until = |hour: u16, minute: u16| night.minutes_until_open(hour * 60 + minute);
        assert_eq!(
            [
                until(19, 59),
                until(20, 0),
                until(23, 59),
                until(0, 0),
                until(5, 59)
            ],
            [1, 0, 0, 0, 0]
        );
        assert_eq!([until(6, 0), until(12, 0)], [14 * 60, 8 * 60]);
        let day = DailyWindow {
            from_minute: 9 * 60,
            to_minute: 17 * 60,
        };
        assert_eq!(day.minutes_until_open(17 * 60), 16 * 60);
        assert_eq!(day.minutes_until_open(10 * 60), 0);
        let always = DailyWindow {
            from_minute: 60,
            to_minute: 60,
        };
        assert_eq!(always.minutes_until_open(0), 0);
    }
}
