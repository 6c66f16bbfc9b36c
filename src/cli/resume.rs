//! `resume` and `abort`: which run is meant, and what may be told anew. What shaped its plan stands
//! in its folder.

use std::path::{Path, PathBuf};

use crate::model::explain::Exit;
use crate::pipeline::{self, Command, CorridorError, ResumeSettings, RunError};
use crate::sim::FaultPlan;

use super::confirm::Confirmation;
use super::connection;
use super::launch::{self, Errand, Trip};
use super::layers::Setting;
use super::notice;
use super::resume_args::ResumeArgs;
use super::settings::{self, Desk, Surroundings, settle_some};
use super::stopping::stopping_anew;
use super::values;

/// Where runs are looked for when none is named.
const RUNS: &str = "admit-runs";

/// Finishes a run that stopped, or ends it.
pub(crate) fn obey(errand: Errand, args: &ResumeArgs, around: &Surroundings) -> Exit {
    let words = args.settings();
    let voice = launch::voice(&words);
    let anew = match settle_some(&words, around, |desk| told_anew(desk, around)) {
        Ok(anew) => anew,
        Err(problems) => return launch::refuse(&problems, voice),
    };
    let (connection, warning) = match connection::for_run(&words, around) {
        Ok(connection) => connection,
        Err(problem) => return launch::refuse(&[problem], voice),
    };
    let mut stderr = std::io::stderr().lock();
    for warning in connection::unknown_variables(&around.variables)
        .iter()
        .chain(&warning)
    {
        notice::warning(&mut stderr, voice, warning);
    }
    let run = found(args.run.as_deref(), around)
        .and_then(|folder| pipeline::settings_of_run(&folder, anew));
    let (settings, command) = match run {
        Ok((settings, Command::Run)) => (settings, Command::Run),
        // The org of a rehearsal went with its process.
        Ok((settings, Command::Check | Command::Rehearse)) => {
            let path = settings.out;
            let error = RunError::from(CorridorError::NothingToResume { path });
            return notice::error(&mut stderr, voice, &error);
        }
        Err(error) => return notice::error(&mut stderr, voice, &error),
    };
    drop(stderr);
    // Only a plan that was never confirmed, or a pilot that was cut, needs an answer: most do not.
    let confirmation =
        Confirmation::choose(args.yes || errand == Errand::Abort).unwrap_or(Confirmation::Nobody);
    let trip = Trip {
        errand,
        command,
        settings,
        connection,
        faults: FaultPlan::default(),
        confirmation,
        voice,
    };
    launch::walked(trip, around)
}

/// A variable or a file says what new runs do: what was decided of this one stands in its folder,
/// and only a person decides otherwise.
fn told_anew(desk: &mut Desk<'_>, around: &Surroundings) -> ResumeSettings {
    ResumeSettings {
        state_dir: settings::state_dir(desk, around),
        pacing: settings::pacing(desk),
        stopping: stopping_anew(desk),
        welcome: desk.typed(Setting::Welcome, None, values::welcome),
        threads: settings::threads(desk, around),
    }
}

fn found(named: Option<&Path>, around: &Surroundings) -> Result<PathBuf, RunError> {
    match named {
        Some(folder) => Ok(folder.to_owned()),
        None => pipeline::newest_unfinished(&around.folder.join(RUNS)),
    }
}
