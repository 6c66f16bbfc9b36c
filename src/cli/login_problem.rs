//! What can be wrong with a login before anybody is asked for a token. Names, never values.

use std::borrow::Cow;
use std::io;

use crate::model::explain::{Exit, Explain, Place};

use super::layers::Source;

/// A login that is not exactly one.
#[derive(Debug, thiserror::Error)]
pub enum LoginProblem {
    /// Part of what a login needs.
    #[error("{} set and {} not", listed(present), listed(missing))]
    Half {
        /// Who said it.
        place: Place,
        /// What is there.
        present: Vec<&'static str>,
        /// What is missing.
        missing: Vec<&'static str>,
    },
    /// One login and more.
    #[error("{} set, which is more than one login", listed(names))]
    Several {
        /// Who said it.
        place: Place,
        /// All of it.
        names: Vec<&'static str>,
    },
    /// A secret in the settings file.
    #[error("the settings file holds a secret: `{key}`")]
    Inline {
        /// The file.
        path: String,
        /// Line, from 1.
        line: u64,
        /// Its key.
        key: String,
    },
    /// A key or secret that stands in a file that cannot be read.
    #[error("the login's file cannot be read: {error}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A variable that a section names and nobody has set.
    #[error("{by} names the variable `{name}`, which is not set")]
    Variable {
        /// Who named it.
        by: Source,
        /// The variable.
        name: String,
    },
    /// A secret that is in two places.
    #[error("a file and {by} both say where the secret is")]
    FileAndVariable {
        /// The key that names the variable.
        by: Source,
    },
    /// A rehearsal in a real org.
    #[error("a rehearsal never talks to a real org")]
    Rehearsal,
}

impl Explain for LoginProblem {
    fn place(&self) -> Place {
        match self {
            Self::Half { place, .. } | Self::Several { place, .. } => place.clone(),
            Self::Inline { path, line, .. } => Place::line(path, *line),
            Self::File { path, .. } => Place::file(path),
            Self::Variable { by, .. } | Self::FileAndVariable { by } => by.place(),
            Self::Rehearsal => Place::Setting("flag --target-org".to_owned()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Half {
                present, missing, ..
            } => format!("Set {} too, or unset {}.", quoted(missing), quoted(present)).into(),
            Self::Several { .. } => {
                "Leave one: instance URL and token; client id, secret and instance URL; client id, \
                 username, JWT key and login URL; or an auth URL."
                    .into()
            }
            Self::Inline { key, .. } => format!(
                "Move it into a file of its own and name that with `{key}-file`, or name an \
                 environment variable with `{key}-env`; then change the secret."
            )
            .into(),
            Self::File { .. } => "Name a file that you may read.".into(),
            Self::Variable { name, .. } => {
                format!("Set `{name}`, or name the variable that holds the secret.").into()
            }
            Self::FileAndVariable { .. } => "Keep one of the two.".into(),
            Self::Rehearsal => {
                "Leave `--target-org` out, or look at the real org with `admit check`.".into()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// `` `A` and `B` are ``.
fn listed(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", quoted(names))
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, start)) if !start.is_empty() => format!("{} and {end}", start.join(", ")),
        _ => names.concat(),
    }
}
