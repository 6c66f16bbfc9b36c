//! How every error speaks to the operator: where it happened, what to do, how the process ends.
//!
//! `Display` of an error says what happened, lower case, no full stop. This trait says the rest.

use std::borrow::Cow;
use std::fmt;

/// Where an error happened. Never holds a token, a password or personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, with line (from 1) and column header where known.
    File {
        /// The path as the operator gave it.
        path: String,
        /// Line, counted from 1; the header is line 1.
        line: Option<u64>,
        /// The column's header.
        column: Option<String>,
    },
    /// A flag, setting or environment variable.
    Setting(String),
    /// A request to the org: method and path, without host, query values or secrets.
    Request(String),
    /// A Bulk API 2.0 job.
    Job(String),
    /// Inside the program.
    Program,
}

impl Place {
    /// A file as a whole.
    pub fn file(path: impl fmt::Display) -> Self {
        Self::File { path: path.to_string(), line: None, column: None }
    }

    /// A line of a file.
    pub fn line(path: impl fmt::Display, line: u64) -> Self {
        Self::File { path: path.to_string(), line: Some(line), column: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => {
                f.write_str(path)?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                if let Some(column) = column {
                    write!(f, ", column `{column}`")?;
                }
                Ok(())
            }
            Self::Setting(name) => f.write_str(name),
            Self::Request(what) => write!(f, "request {what}"),
            Self::Job(id) => write!(f, "job {id}"),
            Self::Program => f.write_str("admit itself"),
        }
    }
}

/// How the process ends; the numbers are a promise to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Every row as asked.
    Done = 0,
    /// A bug in admit.
    Bug = 1,
    /// Command line or settings.
    Usage = 2,
    /// Finished, some rows rejected or failed.
    SomeRows = 3,
    /// Stopped early; `resume` will finish.
    Stopped = 4,
    /// The input cannot be read.
    Input = 5,
    /// The org refused us: login, permission.
    Org = 6,
    /// The journal or the cache cannot be trusted.
    Memory = 7,
    /// A safety guard refused; nothing was sent.
    Guard = 8,
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// What an error tells the operator beside its sentence.
pub trait Explain: std::error::Error {
    /// File, line and column; job; flag; request without secrets.
    fn place(&self) -> Place;
    /// One imperative sentence.
    fn remedy(&self) -> Cow<'static, str>;
    /// How the process ends.
    fn exit(&self) -> Exit;
}
