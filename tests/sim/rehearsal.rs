//! A story is rehearsed by one process after another until it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use admit::model::event::{Event, Listener};
use admit::model::explain::{Exit, Explain as _};
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, Settings, StoppingSettings,
};
use admit::model::summary::{OrgKind, RunSummary};
use admit::pipeline::{
    self, AccessToken, Clock, Command, CorridorError, Line, Login, Outside, ResumeSettings,
    RunError, Walk,
};
use admit::sim::{FaultPlan, SimOptions, SimOrg};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::line::{Cut, Surroundings, WatchedLine};
use crate::story::Story;

/// Processes a run may need; those past the first half are not told to leave early.
const PROCESSES_MAX: usize = 20;

struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event) {}
}

/// A story on its stage.
pub(crate) struct Rehearsal<'s> {
    pub(crate) story: &'s Story,
    pub(crate) around: Arc<Surroundings>,
    folder: TempDir,
}

/// How one process ended.
pub(crate) enum Ended {
    Whole,
    /// For now; it is to be taken up.
    Stopped,
    /// It was cut.
    Dead,
}

impl<'s> Rehearsal<'s> {
    /// Call it inside the runtime.
    pub(crate) fn new(story: &'s Story, plan: FaultPlan) -> Self {
        let is_kept = std::env::var_os("ADMIT_SIM_KEEP").is_some();
        let folder = tempfile::Builder::new()
            .prefix(&format!("sim-{}-", story.seed))
            .disable_cleanup(is_kept)
            .tempdir()
            .unwrap();
        std::fs::write(folder.path().join("contacts.csv"), &story.file).unwrap();
        let options = SimOptions {
            seed: story.faults_seed,
            faults: plan,
            ..SimOptions::default()
        };
        Self {
            story,
            around: Surroundings::new(SimOrg::new(story.org.clone(), options), story.seats_left),
            folder,
        }
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub(crate) fn org(&self) -> &SimOrg {
        &self.around.org
    }

    /// One process after another, until the run ends; how many it took.
    pub(crate) async fn to_the_end(&self) -> Result<usize, String> {
        for process in 0..PROCESSES_MAX {
            let waits = process < PROCESSES_MAX / 2;
            match self.process(None, waits).await? {
                Ended::Whole => return Ok(process + 1),
                Ended::Stopped => {}
                Ended::Dead => unreachable!("nobody cuts it"),
            }
        }
        Err(format!("it did not end in {PROCESSES_MAX} processes"))
    }

    /// One process: the first begins the run, others take it up. `waits` is whether it leaves
    /// when its time is over.
    pub(crate) async fn process(&self, cut: Option<Cut>, waits: bool) -> Result<Ended, String> {
        self.around.begin(cut);
        let ended = tokio::select! {
            biased;
            () = self.around.death.notified() => Ended::Dead,
            ended = self.walk(waits) => match ended {
                // What a dying process says, nobody hears.
                _ if self.around.is_dead() => Ended::Dead,
                Ok(_) => Ended::Whole,
                Err(error) => stopped(&error)?,
            },
        };
        if let (Ended::Dead, Some(Cut::PowerLoss(_))) = (&ended, cut) {
            self.lose_power();
        }
        Ok(ended)
    }

    async fn walk(&self, waits: bool) -> Result<RunSummary, RunError> {
        let opened = admit::journal::read(&self.out());
        let is_open = opened.is_ok_and(|found| found.state.opened().is_some());
        if !is_open {
            // Nothing was begun: the folder is nobody's run.
            let _ = std::fs::remove_dir_all(self.out());
            let walk = Walk::new(self.settings(waits), Command::Rehearse, self.outside())?;
            return pipeline::rehearse(&walk).await;
        }
        let settings = self.settings(waits);
        let anew = ResumeSettings {
            state_dir: settings.state_dir,
            pacing: settings.pacing,
            stopping: settings.stopping,
            welcome: None,
            threads: settings.threads,
        };
        let (settings, command) = pipeline::settings_of_run(&self.out(), anew)?;
        let walk = Walk::new(settings, command, self.outside())?;
        let planned = pipeline::take_up(&walk).await?;
        pipeline::provision(&walk, planned).await
    }

    fn settings(&self, waits: bool) -> Settings {
        let folder = self.folder.path();
        Settings {
            contacts: folder.join("contacts.csv"),
            out: self.out(),
            state_dir: folder.join("state"),
            input: InputSettings::default(),
            program: self.story.program.clone(),
            guard: GuardSettings::default(),
            cache: CacheSettings::default(),
            pacing: self.story.pacing.clone(),
            stopping: StoppingSettings {
                wait_ms: self.story.wait_ms.filter(|_| waits),
                ..StoppingSettings::default()
            },
            api_version: "67.0".to_owned(),
            threads: 1,
            seed: self.story.jitter_seed,
        }
    }

    fn outside(&self) -> Outside {
        let token = AccessToken::parse(self.story.org.access_token()).unwrap();
        Outside {
            line: Line {
                transport: Arc::new(WatchedLine(self.around.clone())),
                login: Login::Token(token),
                kind: OrgKind::Simulated,
            },
            clock: Clock::Simulated,
            events: Arc::new(Silent),
            cancel: CancellationToken::new(),
            disks: self.around.disks(),
        }
    }

    /// The journal as a disk without power leaves it.
    fn lose_power(&self) {
        let path = self.out().join(admit::journal::FILE_NAME);
        let Ok(journal) = std::fs::File::options().write(true).open(path) else {
            return;
        };
        journal.set_len(self.around.flushed_bytes()).unwrap();
    }
}

/// A run may stop for what an operator can wait out, and for nothing else; one that is over is
/// whole.
fn stopped(error: &RunError) -> Result<Ended, String> {
    if let RunError::Corridor(CorridorError::AlreadyEnded { .. }) = error {
        return Ok(Ended::Whole);
    }
    match error.exit() {
        Exit::Stopped | Exit::Org => Ok(Ended::Stopped),
        Exit::Done
        | Exit::Bug
        | Exit::Usage
        | Exit::SomeRows
        | Exit::Input
        | Exit::Memory
        | Exit::Guard => Err(format!("it ended with {error} ({error:?})")),
    }
}

/// Plays on a thread of its own time.
pub(crate) fn in_simulated_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// Every file below a folder with its bytes, in the order of names.
pub(crate) fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.push((path.strip_prefix(folder).unwrap().to_owned(), bytes));
            }
        }
    }
    files.sort();
    files
}
