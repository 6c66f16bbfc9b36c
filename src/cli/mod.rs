//! STREET DOOR: the only part that prints.
//!
//! Comes in: what was typed, the environment, `admit.toml`. Goes out: the summary on stdout,
//! everything else on stderr, and an exit code. It decides nothing about rows; it settles what a
//! walk may be told, opens the line and lets the corridor walk.

mod args;
mod config_file;
mod confirm;
mod connection;
mod dial;
mod error;
mod explain;
mod faults;
mod figures;
mod folders;
mod help_pages;
mod launch;
mod layers;
mod login;
mod login_problem;
mod near;
mod notice;
mod org;
mod org_problem;
mod pace_args;
mod page;
mod pairs;
mod progress;
mod report;
mod resume;
mod resume_args;
mod seed_from;
mod settings;
mod signals;
mod sim;
mod sim_args;
mod stopping;
mod values;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::model::explain::Exit;

use args::{Cli, Command, ExplainArgs};
use launch::Errand;
use notice::Voice;
use settings::Surroundings;

pub use error::CliError;
pub use faults::FaultsProblem;
pub use layers::Source;
pub use login_problem::LoginProblem;
pub use notice::told;
pub use org_problem::OrgProblem;

/// Does what was typed, the program's name first, and returns the exit code.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let exit = match Cli::try_parse_from(words) {
        Ok(cli) => obey(cli.command),
        Err(answer) => answer_in_place(&answer),
    };
    ExitCode::from(exit.code())
}

fn obey(command: Command) -> Exit {
    let around = Surroundings::of_process();
    match command {
        Command::Check(args) => launch::check(&args, &around),
        Command::Run(args) => launch::run(&args, &around),
        Command::Rehearse(args) => launch::rehearse(&args, &around),
        Command::Resume(args) => resume::obey(Errand::TakeUp, &args, &around),
        Command::Abort(args) => resume::obey(Errand::Abort, &args, &around),
        Command::Org(command) => org::obey(&command, &around),
        Command::Sim(args) => sim::serve(&args),
        Command::Explain(args) => explain(&args),
    }
}

fn explain(args: &ExplainArgs) -> Exit {
    let text = match &args.code {
        Some(code) => explain::code(code),
        None => Ok(explain::list()),
    };
    match text {
        Ok(text) => say(&text),
        Err(error) => notice::error(&mut io::stderr().lock(), Voice::Text, &error),
    }
}

/// Help and version are answers; anything else clap says is a usage error.
fn answer_in_place(answer: &clap::Error) -> Exit {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        // A closed stderr is nobody's concern.
        let _ = io::stderr().lock().write_all(text.as_bytes());
        Exit::Usage
    } else {
        say(&text)
    }
}

fn say(text: &str) -> Exit {
    match launch::print(text) {
        Ok(()) => Exit::Done,
        // Nothing was asked for but this text.
        Err(_) => Exit::Bug,
    }
}

#[cfg(test)]
mod tests;
