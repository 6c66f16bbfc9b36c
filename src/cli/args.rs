//! Exactly what was typed. Nothing is checked here beyond the shape of the command line:
//! values stay text until `settings` reads them, so that all problems can be named at once.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::help_pages::{
    ABORTING, CHECKED_SAMPLE, CONNECTION, EXIT_CODES, NO_SAMPLE, PULLED_SAMPLE, RESUMING, SENDING,
};
use super::layers::Setting;
use super::pace_args::PaceArgs;
use super::resume_args::ResumeArgs;
use super::sim_args::{SERVING, SimArgs};

const EXAMPLES: &str = "\
Examples:
  admit rehearse samples/contacts.csv
  admit check partners.csv --profile 'Partner Community User' --site 'Partner Central'
  admit run partners.csv --profile 'Partner Community User' --site 'Partner Central'
  admit explain account-owner-without-role";

const VARIABLES: &str = "\
Environment (an empty variable counts as not set):
  ADMIT_CONFIG, ADMIT_PROGRAM, ADMIT_OUT, ADMIT_STATE_DIR, ADMIT_MAX_AGE, ADMIT_OFFLINE (true or false), ADMIT_PROFILE, ADMIT_SITE,
  ADMIT_USERNAME_PATTERN, ADMIT_USERNAME_ON_CONFLICT, ADMIT_STANDARD_PROFILES,
  ADMIT_ENCODING, ADMIT_DELIMITER, ADMIT_BOM (true or false), ADMIT_SDL, ADMIT_ROWS_PER_JOB,
  ADMIT_JOB_MINUTES, ADMIT_LANES,
  ADMIT_REQUESTS_PER_SECOND, ADMIT_RESERVE, ADMIT_POLL_MS, ADMIT_API_VERSION (or SF_ORG_API_VERSION),
  ADMIT_WAIT, ADMIT_MAX_FAILURES, ADMIT_WINDOW, ADMIT_PILOT,
  ADMIT_EXPECT_ORG, ADMIT_WELCOME, ADMIT_THREADS, ADMIT_SEED
                       as the flag of that name
  NO_COLOR             no colours
  XDG_STATE_HOME       where the default state folder lies";

const CONFIG_FILE: &str = "\
Settings file (a flag beats the environment, which beats the file):
  lanes = 6
  time-zone = \"Europe/Berlin\"

  [program.partners]                 # chosen by --program partners
  profile = \"Partner Community User\"
  role = \"User\"
  site = \"Partner Central\"
  expect-org = \"00D5g0000000ABCEA2\"
  username-pattern = \"{email}.partners\"
  set = { Department = \"Sales\" }

  [org.prod]                         # chosen by --target-org prod
  client-id = \"3MVG9...\"
  username = \"admit@acme.com\"
  jwt-key-file = \"admit.key\"
  login-url = \"https://login.salesforce.com\"

  Top level: state-dir, max-age, encoding, delimiter, bom, sdl, map, rows-per-job, job-minutes,
  lanes, requests-per-second, reserve, poll-ms, wait, window, api-version, threads, seed, and all
  keys of a program.
  Program: profile, role, time-zone, locale, language, email-encoding, username-pattern,
  username-on-conflict, site, standard-profiles, expect-org, max-failures, set.
  Org: instance-url, client-id, username, jwt-key-file, login-url, audience-url, and where
  secrets are: access-token, client-secret, sfdx-auth-url, each with -file or -env.";

/// Provisions Salesforce external users in bulk.
///
/// Takes a file of contacts, proves against the org which of them can become users, and says
/// of every other row what is wrong and how to mend it.
#[derive(Debug, Parser)]
#[command(name = "admit", version, arg_required_else_help = true, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a file against the org: what would be sent, what not and why. Sends nothing
    #[command(after_help = format!("{CONNECTION}\n{CHECKED_SAMPLE}"), after_long_help = format!("{CONNECTION}\n{CHECKED_SAMPLE}\n\n{VARIABLES}\n\n{CONFIG_FILE}\n\n{EXIT_CODES}"))]
    Check(WalkArgs),
    /// The main job: make the users in a real org. Shows its plan and asks first
    #[command(after_help = SENDING, after_long_help = format!("{SENDING}\n\n{CONNECTION}\n{NO_SAMPLE}\n\n{VARIABLES}\n\n{CONFIG_FILE}\n\n{EXIT_CODES}"))]
    Run(RunArgs),
    /// Finish a run that stopped early, by its journal alone
    #[command(after_help = RESUMING, after_long_help = format!("{RESUMING}\n\n{CONNECTION}\n{NO_SAMPLE}\n\n{EXIT_CODES}"))]
    Resume(ResumeArgs),
    /// End a run that stopped early: stop its jobs in the org, settle what was done, write the files
    #[command(after_help = ABORTING, after_long_help = format!("{ABORTING}\n\n{CONNECTION}\n{NO_SAMPLE}\n\n{EXIT_CODES}"))]
    Abort(ResumeArgs),
    /// Run a file against the simulated org, on simulated time. Never talks to a real org
    #[command(after_long_help = format!("{VARIABLES}\n\n{CONFIG_FILE}\n\n{EXIT_CODES}"))]
    Rehearse(RehearseArgs),
    /// What admit keeps of an org between commands: read it, look at it, delete it
    #[command(subcommand)]
    Org(OrgCommand),
    /// Serve the simulated org on this machine, so that any Salesforce client can talk to it
    #[command(after_help = SERVING, after_long_help = format!("{SERVING}\n\n{EXIT_CODES}"))]
    Sim(SimArgs),
    /// Explain a code of failure.csv: cause, proof, fix, source
    Explain(ExplainArgs),
}

/// What `run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    /// Go on without asking
    #[arg(long, help_heading = "Before sending")]
    pub(crate) yes: bool,
}

/// What `rehearse` takes.
#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    /// What goes wrong: calm, busy, stormy, hostile, or a file [default: calm]
    #[arg(long, value_name = "PLAN", help_heading = "Org")]
    pub(crate) faults: Option<String>,
}

/// What `check`, `rehearse` and `run` take.
#[derive(Debug, Default, Args)]
pub(crate) struct WalkArgs {
    /// The contacts file: CSV with a header line
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The run folder, new or empty [default: admit-runs/<UTC time>-<file name>]
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) out: Option<String>,
    /// Where caches and ledgers live [default: ~/.local/state/admit]
    #[arg(long, value_name = "DIR", help_heading = "Settings")]
    pub(crate) state_dir: Option<String>,
    /// Settings file [default: admit.toml in the working directory, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub(crate) config: Option<String>,
    /// The section [program.NAME] of the settings file
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    pub(crate) program: Option<String>,
    /// Summary as JSON on stdout, progress and errors as JSON lines on stderr
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Code page of the file, such as windows-1252 [default: UTF-8, or UTF-16 by its BOM]
    #[arg(long, value_name = "LABEL", help_heading = "Reading the file")]
    pub(crate) encoding: Option<String>,
    /// comma, semicolon, tab, pipe or one character [default: found in the header]
    #[arg(long, value_name = "NAME", help_heading = "Reading the file")]
    pub(crate) delimiter: Option<String>,
    /// A column means this field; may be repeated
    #[arg(long, value_name = "Header=Field", help_heading = "Reading the file")]
    pub(crate) map: Vec<String>,
    /// A Data Loader mapping file
    #[arg(long, value_name = "FILE", help_heading = "Reading the file")]
    pub(crate) sdl: Option<String>,
    /// Write output files with a byte order mark, for spreadsheets
    #[arg(long, help_heading = "Output")]
    pub(crate) bom: bool,

    /// Profile, by name or id, of rows that name none
    #[arg(long, value_name = "NAME", help_heading = "What users get")]
    pub(crate) profile: Option<String>,
    /// Value of a User field where the row has none; may be repeated
    #[arg(long, value_name = "Field=Value", help_heading = "What users get")]
    pub(crate) set: Vec<String>,
    /// The Experience Cloud site they become members of [default: the org's only one]
    #[arg(long, value_name = "NAME", help_heading = "What users get")]
    pub(crate) site: Option<String>,
    /// Makes usernames from {email} {first} {last} {contactid} {account} [default: {email}]
    #[arg(long, value_name = "PATTERN", help_heading = "What users get")]
    pub(crate) username_pattern: Option<String>,
    /// Where the org says that a username is taken: report it, or suffix a number and send again [default: report]
    #[arg(long, value_name = "ANSWER", help_heading = "What users get")]
    pub(crate) username_on_conflict: Option<String>,
    /// Does the org accept standard external profiles: unknown, refused or allowed [default: unknown]
    #[arg(long, value_name = "ANSWER", help_heading = "What users get")]
    pub(crate) standard_profiles: Option<String>,

    /// The org this must be, by its id: any other is refused
    #[arg(long, value_name = "00D...", help_heading = "Before sending")]
    pub(crate) expect_org: Option<String>,
    /// May the org mail the new users: now, later (a step of its own) or never
    #[arg(long, value_name = "WHEN", help_heading = "Before sending")]
    pub(crate) welcome: Option<String>,

    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// Threads that validate [default: one per core]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) threads: Option<String>,
    /// Seed of everything random [default: 0]
    #[arg(long, value_name = "N", help_heading = "Pace")]
    pub(crate) seed: Option<String>,

    /// Wait so many minutes for the end, then leave; what runs in the org goes on, `resume` takes it up
    #[arg(short = 'w', long, value_name = "MINUTES", help_heading = "Stopping")]
    pub(crate) wait: Option<String>,
    /// Stop after N refusals in a row for one reason, or when more than P% of the rows are refused
    #[arg(long, value_name = "N|P%", help_heading = "Stopping")]
    pub(crate) max_failures: Option<String>,
    /// Begin jobs only in these hours, local time, such as 20:00-06:00
    #[arg(long, value_name = "FROM-TO", help_heading = "Stopping")]
    pub(crate) window: Option<String>,
    /// Send N rows of all kinds first, show what became of them, and ask before the rest
    #[arg(long, value_name = "N", help_heading = "Before sending")]
    pub(crate) pilot: Option<String>,

    /// A simulated org seeded from this folder, instead of the built-in sample
    #[arg(long, value_name = "DIR", help_heading = "Org")]
    pub(crate) org: Option<PathBuf>,
    /// A real org: a section [org.ALIAS] of the settings file, or an alias the `sf` command knows
    #[arg(
        short = 'o',
        long,
        value_name = "ALIAS",
        conflicts_with = "org",
        help_heading = "Org"
    )]
    pub(crate) target_org: Option<String>,
    /// How old the org's cached state may be, such as 90s, 15m, 2h; older is read anew [default: 15m]
    #[arg(long, value_name = "DURATION", help_heading = "Org")]
    pub(crate) max_age: Option<String>,
    /// Use the org's cached state however old it is; a check then asks the org nothing
    #[arg(long, help_heading = "Org")]
    pub(crate) offline: bool,
    /// API version [default: 67.0]
    #[arg(long, value_name = "VERSION", help_heading = "Org")]
    pub(crate) api_version: Option<String>,
}

/// What `org` does.
#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Read the org and keep what it holds, for the checks and runs that follow
    #[command(after_help = format!("{CONNECTION}\n{PULLED_SAMPLE}"))]
    Pull(OrgPullArgs),
    /// Say what is kept of which orgs: age, counts, size, and whether it is sound
    Status(OrgStatusArgs),
    /// Delete what is kept of an org; runs and their files stay
    Forget(OrgForgetArgs),
}

/// What `org pull` takes.
#[derive(Debug, Args)]
pub(crate) struct OrgPullArgs {
    /// Read this external id field too, such as `Contact.Badge__c`; may be repeated
    #[arg(long, value_name = "Object.Field")]
    pub(crate) external_id: Vec<String>,
    #[command(flatten)]
    pub(crate) place: OrgPlaceArgs,
    /// A simulated org seeded from this folder, instead of the built-in sample
    #[arg(long, value_name = "DIR")]
    pub(crate) org: Option<PathBuf>,
    /// A real org: a section [org.ALIAS] of the settings file, or an alias the `sf` command knows
    #[arg(short = 'o', long, value_name = "ALIAS", conflicts_with = "org")]
    pub(crate) target_org: Option<String>,
    /// API version [default: 67.0]
    #[arg(long, value_name = "VERSION")]
    pub(crate) api_version: Option<String>,
    /// Requests per second [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_second: Option<String>,
    /// First wait between two looks at a job, in milliseconds [default: 2000]
    #[arg(long, value_name = "N")]
    pub(crate) poll_ms: Option<String>,
}

/// What `org status` takes.
#[derive(Debug, Args)]
pub(crate) struct OrgStatusArgs {
    #[command(flatten)]
    pub(crate) place: OrgPlaceArgs,
}

/// What `org forget` takes.
#[derive(Debug, Args)]
pub(crate) struct OrgForgetArgs {
    /// The org's id [default: the only org of which anything is kept]
    #[arg(value_name = "ORG-ID")]
    pub(crate) org_id: Option<String>,
    #[command(flatten)]
    pub(crate) place: OrgPlaceArgs,
}

/// What all commands about an org take.
#[derive(Debug, Args)]
pub(crate) struct OrgPlaceArgs {
    /// Where caches and ledgers live [default: ~/.local/state/admit]
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<String>,
    /// Settings file [default: admit.toml in the working directory, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<String>,
    /// What is said on stdout as JSON, progress and errors as JSON lines on stderr
    #[arg(long)]
    pub(crate) json: bool,
}

impl OrgPlaceArgs {
    /// What was typed, as a walk would be told it.
    pub(crate) fn settings(&self) -> WalkArgs {
        WalkArgs {
            state_dir: self.state_dir.clone(),
            config: self.config.clone(),
            json: self.json,
            ..WalkArgs::default()
        }
    }
}

impl OrgPullArgs {
    /// What was typed, as a walk would be told it.
    pub(crate) fn settings(&self) -> WalkArgs {
        WalkArgs {
            api_version: self.api_version.clone(),
            pace: PaceArgs {
                requests_per_second: self.requests_per_second.clone(),
                poll_ms: self.poll_ms.clone(),
                ..PaceArgs::default()
            },
            org: self.org.clone(),
            target_org: self.target_org.clone(),
            ..self.place.settings()
        }
    }
}

/// What `explain` takes.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code of the column `admit__Code`
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// List all codes; so does leaving out CODE
    #[arg(long, conflicts_with = "code")]
    pub(crate) list: bool,
}

impl WalkArgs {
    /// What was typed for a setting, if anything.
    pub(crate) fn typed(&self, setting: Setting) -> Option<&str> {
        let text = match setting {
            Setting::Config => &self.config,
            Setting::Program => &self.program,
            Setting::Out => &self.out,
            Setting::StateDir => &self.state_dir,
            Setting::MaxAge => &self.max_age,
            Setting::Offline => return self.offline.then_some("true"),
            Setting::Profile => &self.profile,
            Setting::Site => &self.site,
            Setting::UsernamePattern => &self.username_pattern,
            Setting::UsernameOnConflict => &self.username_on_conflict,
            Setting::StandardProfiles => &self.standard_profiles,
            Setting::ExpectOrg => &self.expect_org,
            Setting::Welcome => &self.welcome,
            Setting::Encoding => &self.encoding,
            Setting::Delimiter => &self.delimiter,
            Setting::Bom => return self.bom.then_some("true"),
            Setting::Sdl => &self.sdl,
            Setting::RowsPerJob => &self.pace.rows_per_job,
            Setting::JobMinutes => &self.pace.job_minutes,
            Setting::Lanes => &self.pace.lanes,
            Setting::RequestsPerSecond => &self.pace.requests_per_second,
            Setting::Reserve => &self.pace.reserve,
            Setting::PollMs => &self.pace.poll_ms,
            Setting::Wait => &self.wait,
            Setting::MaxFailures => &self.max_failures,
            Setting::Window => &self.window,
            Setting::Pilot => &self.pilot,
            Setting::ApiVersion => &self.api_version,
            Setting::Threads => &self.threads,
            Setting::Seed => &self.seed,
        };
        text.as_deref()
    }
}
