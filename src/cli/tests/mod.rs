//! Tests of the street door, by what a person meets.

mod arguments;
mod explaining;
mod notices;
mod settings;
mod settings_refused;
mod summary;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser;

use super::args::{Cli, Command, WalkArgs};
use super::error::CliError;
use super::settings::{Settled, Surroundings, settle};
use crate::pipeline;

/// A folder with a contacts file, and surroundings that know nothing else.
struct Desk {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("contacts.csv"), "ContactId\n").unwrap();
        Self {
            folder,
            variables: BTreeMap::new(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// With an environment variable.
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With this `admit.toml`.
    fn config(self, text: &str) -> Self {
        std::fs::write(self.path().join("admit.toml"), text).unwrap();
        self
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            variables: self.variables.clone(),
            home: Some("/home/ada".into()),
            folder: self.path().to_path_buf(),
            now: "2026-01-05T08:00:00.25Z".parse().unwrap(),
            cores: 3,
        }
    }

    /// Settles `admit check contacts.csv` with these flags.
    fn settle(&self, flags: &[&str]) -> Result<Settled, Vec<CliError>> {
        let contacts = self.path().join("contacts.csv");
        settle(
            pipeline::Command::Check,
            &walk_args(contacts.to_str().unwrap(), flags),
            &self.surroundings(),
        )
    }

    /// The problems, each as error and remedy.
    fn problems(&self, flags: &[&str]) -> Vec<String> {
        use crate::model::explain::Explain as _;
        let problems = self.settle(flags).err().unwrap_or_default();
        let folder = format!("{}/", self.path().display());
        let told = |problem: &CliError| {
            format!("{problem} @ {} -> {}", problem.place(), problem.remedy()).replace(&folder, "")
        };
        problems.iter().map(told).collect()
    }
}

fn walk_args(contacts: &str, flags: &[&str]) -> WalkArgs {
    let words = ["admit", "check", contacts]
        .into_iter()
        .chain(flags.iter().copied());
    match Cli::try_parse_from(words).unwrap().command {
        Command::Check(args) => args,
        Command::Rehearse(_)
        | Command::Org(_)
        | Command::Run(_)
        | Command::Resume(_)
        | Command::Abort(_)
        | Command::Sim(_)
        | Command::Explain(_) => {
            unreachable!("check was typed")
        }
    }
}
