//! From what was typed to a finished walk: settings, run folder, line, runtime, summary. A
//! simulated org lives on simulated time, so that hours of waiting take seconds; a real one on the
//! world's. Either way one thread drives the walk.

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::model::event::Events;
use crate::model::explain::{Exit, Explain};
use crate::model::settings::Settings;
use crate::model::summary::{OrgKind, RunSummary};
use crate::pipeline::{
    self, AccessToken, Clock, Command, CorridorError, Line, Login, Outside, RunError, Walk,
};
use crate::sim::{FaultPlan, Seed, SimOptions, SimOrg};

use super::args::{RehearseArgs, RunArgs, WalkArgs};
use super::confirm::{self, Answer, Confirmation};
use super::connection::{self, Connection};
use super::dial::dial;
use super::error::CliError;
use super::faults;
use super::folders::{leave_no_empty_folder, make_run_folder};
use super::notice::{self, Voice, Warning};
use super::progress::{Progress, Style};
use super::report::{self, Folder};
use super::settings::{Settled, Surroundings, settle};
use super::signals;

/// Runs `check` and says how it ended.
pub(crate) fn check(args: &WalkArgs, around: &Surroundings) -> Exit {
    // It sends nothing, so there is nothing to confirm.
    let command = (Command::Check, Confirmation::Given);
    launch(command, args, FaultPlan::default(), around)
}

/// Runs `rehearse` and says how it ended.
pub(crate) fn rehearse(args: &RehearseArgs, around: &Surroundings) -> Exit {
    // It sends nothing to a real org, so there is nothing to confirm.
    let command = (Command::Rehearse, Confirmation::Given);
    match faults::plan(args.faults.as_deref()) {
        Ok(plan) => launch(command, &args.walk, plan, around),
        Err(problem) => refuse(&[problem.into()], voice(&args.walk)),
    }
}

/// Runs `run` and says how it ended.
pub(crate) fn run(args: &RunArgs, around: &Surroundings) -> Exit {
    match Confirmation::choose(args.yes) {
        Ok(confirmation) => {
            let command = (Command::Run, confirmation);
            launch(command, &args.walk, FaultPlan::default(), around)
        }
        Err(problem) => refuse(&[problem], voice(&args.walk)),
    }
}

pub(super) fn voice(args: &WalkArgs) -> Voice {
    if args.json { Voice::Json } else { Voice::Text }
}

fn launch(
    (command, confirmation): (Command, Confirmation),
    args: &WalkArgs,
    faults: FaultPlan,
    around: &Surroundings,
) -> Exit {
    let voice = voice(args);
    let (settled, connection) = match prepare(command, args, around, voice) {
        Ok(prepared) => prepared,
        Err(problems) => return refuse(&problems, voice),
    };
    let trip = Trip {
        errand: Errand::Begin,
        command,
        settings: settled.settings,
        connection,
        faults,
        confirmation,
        voice,
    };
    walked(trip, around)
}

/// Everything that is settled before a walk begins.
pub(super) struct Trip {
    pub(super) errand: Errand,
    pub(super) command: Command,
    pub(super) settings: Settings,
    pub(super) connection: Connection,
    /// What goes wrong in a simulated org.
    pub(super) faults: FaultPlan,
    pub(super) confirmation: Confirmation,
    pub(super) voice: Voice,
}

/// What is done with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    /// It begins.
    Begin,
    /// It is finished.
    TakeUp,
    /// It is ended.
    Abort,
}

/// Walks to the end, and says how that was.
pub(super) fn walked(trip: Trip, around: &Surroundings) -> Exit {
    let Trip {
        errand,
        command,
        settings,
        connection,
        faults,
        confirmation,
        voice,
    } = trip;
    let style = Style::choose(voice, io::stderr().is_terminal(), &around.variables);
    let progress = Arc::new(Progress::new(style));
    use_threads(settings.threads);
    let (contacts, out) = (settings.contacts.clone(), settings.out.clone());
    let options = SimOptions {
        seed: settings.seed,
        faults,
        ..SimOptions::default()
    };
    let walked = open_line(connection, options).and_then(|(line, clock)| {
        let cancel = CancellationToken::new();
        let desk = Desk {
            progress: progress.clone(),
            cancel: cancel.clone(),
            confirmation,
            voice,
        };
        if command == Command::Run {
            signals::watch(cancel.clone(), progress.clone(), &out)
                .map_err(|error| LaunchError::Door(CliError::Runtime { error }))?;
        }
        let events: Events = progress.clone();
        let outside = Outside {
            line,
            clock,
            events,
            cancel,
            disks: pipeline::machine_disks(),
        };
        on_runtime(clock, drive(settings, (errand, command), outside, desk))
    });
    progress.close();
    match walked {
        Ok(summary) => {
            print_summary(&summary, &contacts, &out, voice);
            report::exit(&summary)
        }
        Err(error) => {
            leave_no_empty_folder(&out);
            notice::error(&mut io::stderr().lock(), voice, error.to_say(command))
        }
    }
}

/// What stands between a walk and the person who started it.
struct Desk {
    progress: Arc<Progress>,
    cancel: CancellationToken,
    confirmation: Confirmation,
    voice: Voice,
}

async fn drive(
    settings: Settings,
    (errand, command): (Errand, Command),
    outside: Outside,
    desk: Desk,
) -> Result<RunSummary, LaunchError> {
    let contacts = settings.contacts.display().to_string();
    let walk = Walk::new(settings, command, outside)?;
    let planned = match (errand, command) {
        (Errand::Begin, Command::Check) => return Ok(pipeline::check(&walk).await?),
        (Errand::Begin, Command::Rehearse) => return Ok(pipeline::rehearse(&walk).await?),
        (Errand::Begin, Command::Run) => pipeline::plan(&walk).await?,
        (Errand::TakeUp, _) => pipeline::take_up(&walk).await?,
        (Errand::Abort, _) => return Ok(pipeline::abort(&walk).await?),
    };
    desk.progress.close();
    confirm::somebody_to_ask(&walk, &planned, desk.confirmation).map_err(LaunchError::Door)?;
    if !planned.is_confirmed() {
        let asking = (desk.confirmation, desk.voice);
        match confirm::confirm(&planned, &contacts, asking, &desk.cancel).await {
            Answer::Wanted => {}
            Answer::Unwanted if desk.cancel.is_cancelled() => {
                return Err(RunError::from(CorridorError::StoppedEarly).into());
            }
            Answer::Unwanted => {
                pipeline::decline(&walk, &planned)?;
                return Err(LaunchError::Door(CliError::NotConfirmed));
            }
        }
    }
    let planned = match pipeline::pilot(&walk, planned).await? {
        (planned, None) => planned,
        (planned, Some(report)) => {
            desk.progress.close();
            let asking = (desk.confirmation, desk.voice);
            match confirm::after_pilot(&report, asking, &desk.cancel).await {
                Answer::Wanted => pipeline::after_pilot(planned)?,
                Answer::Unwanted => {
                    return Err(pipeline::not_after_pilot(&walk, &planned, &report).into());
                }
            }
        }
    };
    Ok(pipeline::provision(&walk, planned).await?)
}

/// What can go wrong between the street door and the end of the walk.
pub(super) enum LaunchError {
    Door(CliError),
    Run(RunError),
}

impl From<RunError> for LaunchError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl LaunchError {
    /// What is said of it. The org of a rehearsal goes with the process, so there is nothing to
    /// finish: only what stopped it is worth knowing.
    fn to_say(&self, command: Command) -> &dyn Explain {
        match self {
            Self::Run(RunError::Corridor(CorridorError::Paused { why, .. }))
                if command == Command::Rehearse =>
            {
                &**why
            }
            Self::Door(_) | Self::Run(_) => self.explain(),
        }
    }

    pub(super) fn explain(&self) -> &dyn Explain {
        match self {
            Self::Door(error) => error,
            Self::Run(error) => error,
        }
    }
}

/// Everything that is decided before a line is opened; warnings are said on the way.
fn prepare(
    command: Command,
    args: &WalkArgs,
    around: &Surroundings,
    voice: Voice,
) -> Result<(Settled, Connection), Vec<CliError>> {
    let connection = match command {
        Command::Check => connection::for_check(args, around),
        Command::Rehearse => connection::for_rehearsal(args),
        Command::Run => connection::for_run(args, around),
    };
    let (mut settled, (connection, warning)) = match (settle(command, args, around), connection) {
        (Ok(settled), Ok(connection)) => (settled, connection),
        (Ok(_), Err(problem)) => return Err(vec![problem]),
        (Err(problems), Ok(_)) => return Err(problems),
        (Err(mut problems), Err(problem)) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    let folder = make_run_folder(&settled).map_err(|problem| vec![problem])?;
    settled.settings.out = folder.path;
    let mut warnings = connection::unknown_variables(&around.variables);
    warnings.extend(folder.warning.into_iter().chain(warning));
    for warning in &warnings {
        notice::warning(&mut io::stderr().lock(), voice, warning);
    }
    Ok((settled, connection))
}

/// Says all problems; an unreadable input alone is not the command line's fault.
pub(super) fn refuse(problems: &[CliError], voice: Voice) -> Exit {
    let mut stderr = io::stderr().lock();
    let exits = problems
        .iter()
        .map(|problem| notice::error(&mut stderr, voice, problem));
    exits
        .reduce(|one, other| if one == other { one } else { Exit::Usage })
        .unwrap_or(Exit::Usage)
}

/// Gives the parallel part its threads. They are the process's, so only the first walk of a
/// process sets them; a second one, as in a test, gets those of the first.
fn use_threads(threads: usize) {
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
}

/// Opens the line to the org, and tells which time its walk lives in.
/// `options` are how a simulated org plays; a real one plays as it likes.
pub(super) fn open_line(
    connection: Connection,
    options: SimOptions,
) -> Result<(Line, Clock), LaunchError> {
    let records = match connection {
        Connection::Real(words) => return Ok((dial(words, options.seed)?, Clock::Real)),
        Connection::SimulatedSample => Seed::sample(),
        Connection::SimulatedFrom(folder) => Seed::from_dir(&folder).map_err(|error| {
            LaunchError::Door(CliError::OrgFolder {
                path: folder.display().to_string(),
                error,
            })
        })?,
    };
    let token = AccessToken::parse(records.access_token()).map_err(RunError::from)?;
    let line = Line {
        transport: Arc::new(SimOrg::new(records, options)),
        login: Login::Token(token),
        kind: OrgKind::Simulated,
    };
    Ok((line, Clock::Simulated))
}

/// Drives a future to its end on this thread, on the clock it lives by.
pub(super) fn on_runtime<T>(
    clock: Clock,
    future: impl Future<Output = Result<T, LaunchError>>,
) -> Result<T, LaunchError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(clock == Clock::Simulated);
    match builder.build() {
        Ok(runtime) => {
            let ended = runtime.block_on(future);
            // A walk that was stopped may leave work on a thread behind; nobody waits for it.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(LaunchError::Door(CliError::Runtime { error })),
    }
}

/// The summary on stdout. A reader who went away has seen enough.
fn print_summary(summary: &RunSummary, contacts: &Path, out: &Path, voice: Voice) {
    let text = match voice {
        Voice::Text => {
            let path = out.display().to_string();
            let has = |name: &str| out.join(name).exists();
            let folder = Folder {
                path: &path,
                has: &has,
            };
            Ok(report::render(
                summary,
                &contacts.display().to_string(),
                &folder,
            ))
        }
        Voice::Json => serde_json::to_string_pretty(summary).map(|json| json + "\n"),
    };
    let printed = text.map_err(io::Error::from).and_then(|text| print(&text));
    if let Err(error) = printed {
        let warning = Warning::SummaryNotPrinted {
            reason: error.to_string(),
        };
        notice::warning(&mut io::stderr().lock(), voice, &warning);
    }
}

/// Writes to stdout; a closed pipe is a quiet end.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
