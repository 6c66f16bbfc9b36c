//! An error -> what, where, what to do; a warning -> one line. Both on stderr, or JSON lines.

use std::fmt;
use std::io::Write;

use serde_json::json;

use crate::model::explain::{Exit, Explain};

use super::figures::tame;
use super::near::any_of;

/// Something odd that does not stop a walk; ends in advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Warning {
    /// An `ADMIT_*` variable that means nothing.
    UnknownVariable {
        /// Its name.
        name: String,
        /// Known variables that look like it.
        near: Vec<String>,
    },
    /// No connection: the sample org answers.
    SampleOrg,
    /// The run folder lets others look in, and that cannot be changed.
    OpenFolder {
        /// The folder.
        path: String,
    },
    /// A line of the request log could not be written; there will be no more.
    LogStopped {
        /// Why.
        reason: String,
    },
    /// The summary could not be printed.
    SummaryNotPrinted {
        /// Why.
        reason: String,
    },
}

impl Warning {
    /// A stable code for machines.
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownVariable { .. } => "unknown-variable",
            Self::SampleOrg => "sample-org",
            Self::OpenFolder { .. } => "open-folder",
            Self::LogStopped { .. } => "log-stopped",
            Self::SummaryNotPrinted { .. } => "summary-not-printed",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVariable { name, near } if near.is_empty() => {
                write!(
                    f,
                    "the environment variable {name} means nothing to admit; unset it"
                )
            }
            Self::UnknownVariable { name, near } => {
                let near: Vec<&str> = near.iter().map(String::as_str).collect();
                let near = any_of(&near);
                write!(
                    f,
                    "the environment variable {name} means nothing to admit; use {near}"
                )
            }
            Self::SampleOrg => f.write_str(
                "no org connection: checked against the built-in sample org; set SF_INSTANCE_URL \
                 and SF_ACCESS_TOKEN to check against yours",
            ),
            Self::OpenFolder { path } => {
                write!(f, "others may list the run folder {path}; make it private")
            }
            Self::LogStopped { reason } => {
                write!(
                    f,
                    "the log of requests stopped: {reason}; start again to have one"
                )
            }
            Self::SummaryNotPrinted { reason } => {
                write!(
                    f,
                    "the summary could not be printed: {reason}; read summary.json"
                )
            }
        }
    }
}

/// How stderr speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// To people.
    Text,
    /// To machines: one JSON object a line.
    Json,
}

/// Says an error and returns how the process ends. A closed stderr is nobody's concern.
pub(crate) fn error(out: &mut dyn Write, voice: Voice, error: &dyn Explain) -> Exit {
    let exit = error.exit();
    let _ = match voice {
        Voice::Text => out.write_all(told(error).as_bytes()),
        Voice::Json => {
            let line = json!({
                "event": "error",
                "message": error.to_string(),
                "at": error.place().to_string(),
                "do": error.remedy(),
                "exit": exit.code(),
            });
            writeln!(out, "{line}")
        }
    };
    exit
}

/// An error as people read it: what, where, what to do.
pub fn told(error: &dyn Explain) -> String {
    format!(
        "error: {}\n   at: {}\n   do: {}\n",
        lines(&error.to_string()),
        lines(&error.place().to_string()),
        lines(&error.remedy())
    )
}

/// Says a warning.
pub(crate) fn warning(out: &mut dyn Write, voice: Voice, warning: &Warning) {
    warned(out, voice, warning.code(), &warning.to_string());
}

/// Says a warning that came as an event.
pub(crate) fn warned(out: &mut dyn Write, voice: Voice, code: &str, text: &str) {
    let _ = match voice {
        Voice::Text => writeln!(out, "{}", warning_line(text)),
        Voice::Json => {
            writeln!(
                out,
                "{}",
                json!({"event": "warning", "code": code, "text": text})
            )
        }
    };
}

/// A warning as people read it.
pub(crate) fn warning_line(text: &str) -> String {
    format!("warning: {}", lines(text))
}

/// Keeps the line breaks of a text, indented below its first line, and tames the rest.
fn lines(text: &str) -> String {
    let tamed: Vec<String> = text.lines().map(tame).collect();
    tamed.join("\n       ")
}
