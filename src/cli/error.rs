//! What can be wrong before a walk begins: the command line, the environment, the settings file,
//! the folders named there.

use std::borrow::Cow;
use std::io;

use crate::model::explain::{Exit, Explain, Place};
use crate::sim::{SeedError, ServeError};

use super::faults::FaultsProblem;
use super::layers::Source;
use super::login_problem::LoginProblem;
use super::near::any_of;
use super::org_problem::OrgProblem;

/// A problem at the street door. Nothing has been sent when one of these is said.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A value that cannot be used.
    #[error("{by} is `{value}`, which is not {wants}")]
    Value {
        /// Who said it.
        by: Source,
        /// What was said.
        value: String,
        /// What would do, with its article.
        wants: Cow<'static, str>,
    },
    /// One source names a field twice.
    #[error("{by} gives `{field}` twice")]
    Twice {
        /// Who.
        by: Source,
        /// The field or header.
        field: String,
    },
    /// A field that cannot have one value for every row.
    #[error("{by} sets `{field}`, which cannot be the same for every user")]
    NotCommon {
        /// Who said it.
        by: Source,
        /// The field.
        field: String,
    },
    /// A field that has a setting of its own.
    #[error("{by} sets `{field}`, which has a setting of its own")]
    OwnSetting {
        /// Who said it.
        by: Source,
        /// The field.
        field: String,
        /// The setting's flag.
        flag: &'static str,
    },
    /// The contacts file is not there or not a file.
    #[error("the contacts file cannot be read: {reason}")]
    Contacts {
        /// As typed.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The Data Loader mapping file cannot be read.
    #[error("the mapping file cannot be read: {error}")]
    Sdl {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The settings file cannot be read.
    #[error("the settings file cannot be read: {error}")]
    ConfigUnreadable {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The settings file is not TOML.
    #[error("the settings file is not valid TOML: {message}")]
    ConfigSyntax {
        /// The file.
        path: String,
        /// Line, from 1.
        line: u64,
        /// What the parser says.
        message: String,
    },
    /// A key of the settings file that means nothing there.
    #[error("the settings file has a key `{key}` that admit does not know {inside}")]
    UnknownKey {
        /// The file.
        path: String,
        /// Line, from 1.
        line: u64,
        /// The key.
        key: String,
        /// `at the top level`, `in a program`.
        inside: &'static str,
        /// Known keys that look like it.
        near: Vec<&'static str>,
    },
    /// A key of the top level inside a section.
    #[error("the key `{key}` stands inside a section")]
    MisplacedKey {
        /// The file.
        path: String,
        /// Line, from 1.
        line: u64,
        /// The key.
        key: String,
    },
    /// A program that the settings file does not have.
    #[error("{by} names the program `{name}`, which the settings file does not have")]
    ProgramUnknown {
        /// Who named it.
        by: Source,
        /// The name.
        name: String,
        /// The programs there are.
        known: Vec<String>,
    },
    /// The run folder holds something already.
    #[error("the run folder is not empty")]
    OutTaken {
        /// The folder.
        path: String,
    },
    /// A folder cannot be made or read.
    #[error("the folder cannot be used: {error}")]
    Folder {
        /// The folder.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// No place for the state folder is known.
    #[error("there is no place for the state folder: neither a home folder nor XDG_STATE_HOME")]
    NoStateDir,
    /// The login to a real org.
    #[error(transparent)]
    Login(#[from] LoginProblem),
    /// `run` without an org.
    #[error("there is no org to send to")]
    NoConnection,
    /// `run` with a simulated org.
    #[error("`--org` names a simulated org, and `run` sends to a real one")]
    RunOnSimulated,
    /// Nobody can be asked whether the plan is wanted.
    #[error("somebody has to want what is sent, and there is no terminal to ask at")]
    NobodyToAsk,
    /// The plan is not wanted.
    #[error("the plan was not confirmed: nothing was sent")]
    NotConfirmed,
    /// The folder of a simulated org cannot become one.
    #[error("the simulated org cannot be seeded: {}", with_causes(error))]
    OrgFolder {
        /// The folder.
        path: String,
        /// What is wrong with it.
        #[source]
        error: SeedError,
    },
    /// The plan of faults.
    #[error(transparent)]
    Faults(#[from] FaultsProblem),
    /// What a cache keeps cannot become a simulated org.
    #[error(
        "the cached state cannot become a simulated org: {}",
        with_causes(error)
    )]
    CacheNoOrg {
        /// The cache.
        path: String,
        /// What is wrong with it.
        #[source]
        error: SeedError,
    },
    /// The simulated org cannot be served.
    #[error("{error}")]
    Serve {
        /// Why not.
        #[source]
        error: ServeError,
    },
    /// The log of requests cannot be written.
    #[error("the log cannot be written: {error}")]
    Log {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A command about an org.
    #[error(transparent)]
    Org(#[from] OrgProblem),
    /// The system refuses what a runtime needs.
    #[error("the system gives no resources to run: {error}")]
    Runtime {
        /// What it said.
        #[source]
        error: io::Error,
    },
    /// A code that `explain` does not know.
    #[error("there is no code `{code}`")]
    UnknownCode {
        /// As typed.
        code: String,
        /// Codes that look like it.
        near: Vec<&'static str>,
    },
}

impl Explain for CliError {
    fn place(&self) -> Place {
        match self {
            Self::Value { by, .. }
            | Self::Twice { by, .. }
            | Self::NotCommon { by, .. }
            | Self::OwnSetting { by, .. }
            | Self::ProgramUnknown { by, .. } => by.place(),
            Self::Contacts { path, .. }
            | Self::ConfigUnreadable { path, .. }
            | Self::Sdl { path, .. }
            | Self::OutTaken { path }
            | Self::OrgFolder { path, .. }
            | Self::CacheNoOrg { path, .. }
            | Self::Log { path, .. }
            | Self::Folder { path, .. } => Place::file(path),
            Self::Serve {
                error: ServeError::Tls { path, .. },
            } => Place::file(path.display().to_string()),
            Self::Serve {
                error: ServeError::Port { .. },
            } => Place::Setting("flag --port".to_owned()),
            Self::Faults(problem) => problem.place(),
            Self::Org(problem) => problem.place(),
            Self::Runtime { .. } => Place::Program,
            Self::ConfigSyntax { path, line, .. }
            | Self::UnknownKey { path, line, .. }
            | Self::MisplacedKey { path, line, .. } => Place::line(path, *line),
            Self::NoStateDir => Place::Setting("flag --state-dir".to_owned()),
            Self::Login(problem) => problem.place(),
            Self::NoConnection => Place::Setting("flag --target-org".to_owned()),
            Self::RunOnSimulated => Place::Setting("flag --org".to_owned()),
            Self::NobodyToAsk | Self::NotConfirmed => Place::Setting("flag --yes".to_owned()),
            Self::UnknownCode { .. } => Place::Setting("argument CODE".to_owned()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Value { by, wants, .. } => format!("Give {by} {wants}.").into(),
            Self::Twice { field, .. } => format!("Keep one of the two values of `{field}`.").into(),
            Self::NotCommon { field, .. } => {
                format!("Remove it here, and give the file a column `{field}` if needed.").into()
            }
            Self::OwnSetting { flag, .. } => format!("Use `{flag}` instead.").into(),
            Self::Contacts { .. } => "Name a CSV file that exists and that you may read.".into(),
            Self::Sdl { .. } => "Name a readable file with `--sdl`.".into(),
            Self::ConfigUnreadable { .. } => {
                "Name another file with `--config`, or make this one readable.".into()
            }
            Self::ConfigSyntax { .. } => "Correct the line; texts stand in double quotes.".into(),
            Self::UnknownKey { near, .. } if near.is_empty() => {
                "Remove the key; `admit check --help` lists the known ones.".into()
            }
            Self::UnknownKey { near, .. } => format!("Write {} instead.", any_of(near)).into(),
            Self::MisplacedKey { key, .. } => {
                format!("Move `{key}` to the top of the file, above the first section.").into()
            }
            Self::ProgramUnknown { name, known, .. } if known.is_empty() => {
                format!("Add a section `[program.{name}]` to the settings file.").into()
            }
            Self::ProgramUnknown { known, .. } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                format!("Name one of its programs: {}.", any_of(&known)).into()
            }
            Self::OutTaken { .. } => {
                "Name a new or empty folder with `--out`; each run has its own.".into()
            }
            Self::Folder { .. } => "Name a folder you may write to.".into(),
            Self::NoStateDir => "Name one with `--state-dir`.".into(),
            Self::Login(problem) => problem.remedy(),
            Self::NoConnection => {
                "Name the org with `--target-org ALIAS`, or set `SF_INSTANCE_URL` and \
                 `SF_ACCESS_TOKEN` or another login; to try it without an org, use `admit rehearse`."
                    .into()
            }
            Self::RunOnSimulated => "Use `admit rehearse` with `--org`, or leave it out.".into(),
            Self::NobodyToAsk => {
                "Look at the plan with `admit check`, then say `--yes`.".into()
            }
            Self::NotConfirmed => {
                "Run again and answer as asked, or with `--yes`, when the plan is what you want."
                    .into()
            }
            Self::CacheNoOrg { .. } => "Read the org anew with `admit org pull`.".into(),
            Self::OrgFolder { .. } => "Correct `org.toml` and the CSV file of each object.".into(),
            Self::Serve {
                error: ServeError::Port { .. },
            } => "Name another with `--port`, or leave it out for any free one.".into(),
            Self::Serve {
                error: ServeError::Tls { .. },
            } => "Name a PEM certificate with `--tls-cert` and its key with `--tls-key`.".into(),
            Self::Log { .. } => "Name a file you may write to with `--log`, or `-`.".into(),
            Self::Org(problem) => problem.remedy(),
            Self::Faults(problem) => problem.remedy(),
            Self::Runtime { .. } => {
                "Raise the limit of open files and processes, then run again.".into()
            }
            Self::UnknownCode { near, .. } if near.is_empty() => {
                "Run `admit explain --list` to see all codes.".into()
            }
            Self::UnknownCode { near, .. } => format!(
                "Try {}, or see all codes with `admit explain --list`.",
                any_of(near)
            )
            .into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Contacts { .. } => Exit::Input,
            // Not the operator's doing and not the org's: nothing a flag would mend.
            Self::Runtime { .. } => Exit::Bug,
            Self::NobodyToAsk | Self::NotConfirmed => Exit::Guard,
            Self::Value { .. }
            | Self::Twice { .. }
            | Self::NotCommon { .. }
            | Self::OwnSetting { .. }
            | Self::Sdl { .. }
            | Self::ConfigUnreadable { .. }
            | Self::ConfigSyntax { .. }
            | Self::UnknownKey { .. }
            | Self::MisplacedKey { .. }
            | Self::ProgramUnknown { .. }
            | Self::OutTaken { .. }
            | Self::Folder { .. }
            | Self::NoStateDir
            | Self::Login(_)
            | Self::NoConnection
            | Self::RunOnSimulated
            | Self::OrgFolder { .. }
            | Self::Faults(_)
            | Self::CacheNoOrg { .. }
            | Self::Org(_)
            | Self::Serve { .. }
            | Self::Log { .. }
            | Self::UnknownCode { .. } => Exit::Usage,
        }
    }
}

/// An error and what caused it, as one sentence.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(error.to_string().trim_end());
        cause = error.source();
    }
    text
}
