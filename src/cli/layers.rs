//! Who said what: a setting's text by flag, environment or settings file, the first that speaks
//! wins. Names are one: `--lanes`, `ADMIT_LANES` and the key `lanes` are the same setting.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::explain::Place;

use super::args::WalkArgs;
use super::config_file::{ConfigFile, Section};

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident = $text:literal in $scope:ident;)+) => {
        /// A setting with one value, whoever says it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Setting { $($(#[$doc])* $name,)+ }

        impl Setting {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name, as a key of the settings file.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Where in the settings file it may stand.
            pub(crate) fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)+ }
            }
        }
    };
}

/// Where in the settings file a setting may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Nowhere: flag and environment only.
    Outside,
    /// At the top level only.
    Top,
    /// At the top level and in a program.
    Program,
}

settings! {
    /// The settings file.
    Config = "config" in Outside;
    /// The section of the settings file.
    Program = "program" in Outside;
    /// The run folder.
    Out = "out" in Outside;
    /// Caches and ledgers.
    StateDir = "state-dir" in Top;
    /// How old the org's cached state may be.
    MaxAge = "max-age" in Top;
    /// The org's cached state is used as it is: said for each walk.
    Offline = "offline" in Outside;
    /// Profile of rows that name none.
    Profile = "profile" in Program;
    /// The site.
    Site = "site" in Program;
    /// Pattern of derived usernames.
    UsernamePattern = "username-pattern" in Program;
    /// What to do with a username that is taken after all.
    UsernameOnConflict = "username-on-conflict" in Program;
    /// Whether the org accepts standard external profiles.
    StandardProfiles = "standard-profiles" in Program;
    /// The org it must be.
    ExpectOrg = "expect-org" in Program;
    /// When new users get their welcome mail: said for each run, so no file may say it.
    Welcome = "welcome" in Outside;
    /// Code page of the input.
    Encoding = "encoding" in Top;
    /// Delimiter of the input.
    Delimiter = "delimiter" in Top;
    /// Outputs begin with a byte order mark.
    Bom = "bom" in Top;
    /// A Data Loader mapping file.
    Sdl = "sdl" in Top;
    /// Rows of one job.
    RowsPerJob = "rows-per-job" in Top;
    /// Minutes a job should take at most.
    JobMinutes = "job-minutes" in Top;
    /// Jobs at once.
    Lanes = "lanes" in Top;
    /// Requests per second.
    RequestsPerSecond = "requests-per-second" in Top;
    /// Percent of the org's daily allowances that is left to others.
    Reserve = "reserve" in Top;
    /// First wait between two looks at a job.
    PollMs = "poll-ms" in Top;
    /// Longest time to wait for the end.
    Wait = "wait" in Top;
    /// Refusals for one reason that are too many.
    MaxFailures = "max-failures" in Program;
    /// Hours of the day in which jobs are begun.
    Window = "window" in Top;
    /// Rows that go first: said for each run.
    Pilot = "pilot" in Outside;
    /// API version.
    ApiVersion = "api-version" in Top;
    /// Threads of the parallel part.
    Threads = "threads" in Top;
    /// Seed of everything random.
    Seed = "seed" in Top;
}

impl Setting {
    /// Its environment variable.
    pub(crate) fn variable(self) -> String {
        format!("ADMIT_{}", self.name().to_uppercase().replace('-', "_"))
    }
}

/// Who said a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag, with its dashes.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// A key of the settings file.
    Key {
        /// The file, as named.
        path: String,
        /// Line, from 1.
        line: u64,
        /// The key.
        key: String,
    },
}

impl Source {
    /// Where it stands, for an error.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Flag(flag) => Place::Setting(format!("flag {flag}")),
            Self::Variable(name) => Place::Setting(format!("environment variable {name}")),
            Self::Key { path, line, .. } => Place::line(path, *line),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) | Self::Key { key: name, .. } => {
                write!(f, "`{name}`")
            }
        }
    }
}

/// A value, still text, and who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The text.
    pub(crate) text: String,
    /// Who.
    pub(crate) by: Source,
}

/// All who may speak, strongest first.
pub(crate) struct Layers<'a> {
    /// The command line.
    pub(crate) args: &'a WalkArgs,
    /// The environment.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// The settings file; empty when there is none.
    pub(crate) file: &'a ConfigFile,
    /// The program chosen in it.
    pub(crate) program: Option<&'a Section>,
}

impl Layers<'_> {
    /// What counts for a setting: flag, environment, program, top level of the file.
    pub(crate) fn said(&self, setting: Setting) -> Option<Said> {
        outside_file(self.args, self.variables, setting)
            .or_else(|| {
                self.program
                    .and_then(|section| section.values.get(&setting))
                    .cloned()
            })
            .or_else(|| self.file.top.values.get(&setting).cloned())
    }
}

/// What flag or environment say: all there is before the settings file is found.
pub(crate) fn outside_file(
    args: &WalkArgs,
    variables: &BTreeMap<String, String>,
    setting: Setting,
) -> Option<Said> {
    if let Some(text) = args.typed(setting) {
        let by = Source::Flag(format!("--{}", setting.name()));
        return Some(Said {
            text: text.to_owned(),
            by,
        });
    }
    let own = variable(variables, &setting.variable());
    match setting {
        // `sf` has a variable of its own for this one; ours is the more specific.
        Setting::ApiVersion => own.or_else(|| variable(variables, "SF_ORG_API_VERSION")),
        _ => own,
    }
}

/// A variable's value; an empty one counts as not set, as CI systems write "no value" so.
pub(crate) fn variable(variables: &BTreeMap<String, String>, name: &str) -> Option<Said> {
    let text = variables.get(name).filter(|text| !text.is_empty())?;
    Some(Said {
        text: text.clone(),
        by: Source::Variable(name.to_owned()),
    })
}
