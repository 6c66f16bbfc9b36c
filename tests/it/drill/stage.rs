//! A load and an org with one fault, on simulated time: run, resume, abort.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use admit::journal::Entry;
use admit::model::event::{Event, Listener};
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings, Welcome,
};
use admit::model::summary::{OrgKind, RunSummary};
use admit::pipeline::{
    self, AccessToken, Clock, Command, Line, Login, Outside, ResumeSettings, RunError, Walk, login,
};
use admit::salesforce::transport::Transport;
use admit::sim::{FaultPlan, Seed, SimOptions, SimOrg};
use tokio::runtime::{EnterGuard, Runtime};
use tokio_util::sync::CancellationToken;

use super::wire::Wire;
use crate::served::first_rows;
use crate::world::{World, sample};

/// Where runs leave their files.
pub(super) const OUT: &str = "out";

/// How the run proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proves {
    /// A token that lives as long as it lives.
    ByToken,
    /// A login that fetches another token when the org refuses the old one.
    ByLogin,
}

/// Everything a drill needs.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) org: Arc<SimOrg>,
    pub(super) wire: Arc<Wire>,
    pub(super) contacts: PathBuf,
    pub(super) settings: Settings,
    pub(super) proves: Proves,
    warned: Arc<Warned>,
    runtime: Runtime,
}

/// Keeps the codes and texts of warnings.
#[derive(Default)]
struct Warned(Mutex<Vec<(String, String)>>);

impl Listener for Warned {
    fn on(&self, event: &Event) {
        if let Event::Warned { code, text } = event {
            let warning = (code.clone(), text.clone());
            self.0.lock().unwrap().push(warning);
        }
    }
}

impl Stage {
    /// So many rows of the sample file, and a plan of faults by its file name.
    pub(super) fn drill(rows: usize, file: &str) -> Self {
        let path = sample("faults").join(format!("drill-{file}.toml"));
        Self::playing(rows, &std::fs::read_to_string(path).unwrap())
    }

    /// So many rows of the sample file, and a plan of faults.
    pub(super) fn playing(rows: usize, faults: &str) -> Self {
        let world = World::new();
        let contacts = first_rows(&world, "contacts.csv", rows);
        Self::with(world, contacts, faults)
    }

    /// Rows of a file of our own, by contact and profile.
    pub(super) fn with_rows(rows: &[(&str, &str)], faults: &str) -> Self {
        let world = World::new();
        let rows = rows
            .iter()
            .map(|(contact, profile)| format!("{contact},{profile},DACH\n"));
        let text = format!("ContactId,Profile,Region__c\n{}", rows.collect::<String>());
        let contacts = world.file("contacts.csv", text);
        Self::with(world, contacts, faults)
    }

    fn with(world: World, contacts: PathBuf, faults: &str) -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let options = SimOptions {
            faults: FaultPlan::parse(faults).unwrap(),
            ..SimOptions::default()
        };
        let org = Arc::new(SimOrg::new(Seed::sample(), options));
        let settings = Settings {
            contacts: contacts.clone(),
            out: world.path(OUT),
            state_dir: world.path("state"),
            input: InputSettings::default(),
            program: ProgramSettings::default(),
            guard: GuardSettings {
                welcome: Some(Welcome::Now),
                ..GuardSettings::default()
            },
            cache: CacheSettings::default(),
            pacing: PacingSettings::default(),
            stopping: StoppingSettings::default(),
            api_version: "67.0".to_owned(),
            threads: 1,
            seed: 0,
        };
        Self {
            world,
            wire: Arc::new(Wire::to(org.clone())),
            org,
            contacts,
            settings,
            proves: Proves::ByLogin,
            warned: Arc::default(),
            runtime,
        }
    }

    /// What `admit run --yes` does.
    pub(super) fn run(&self) -> Result<RunSummary, RunError> {
        self.runtime.block_on(async {
            let walk = self.walk(self.settings.clone(), Command::Run).await;
            let planned = pipeline::plan(&walk).await?;
            pipeline::provision(&walk, planned).await
        })
    }

    /// What `admit resume` does, in what would be another process.
    pub(super) fn resume(&self) -> Result<RunSummary, RunError> {
        self.runtime.block_on(async {
            let walk = self.again().await;
            let planned = pipeline::take_up(&walk).await?;
            pipeline::provision(&walk, planned).await
        })
    }

    /// What `admit abort` does.
    pub(super) fn abort(&self) -> Result<RunSummary, RunError> {
        self.runtime.block_on(async {
            let walk = self.again().await;
            pipeline::abort(&walk).await
        })
    }

    /// Lets simulated time pass.
    pub(super) fn pass(&self, time: Duration) {
        self.runtime.block_on(tokio::time::advance(time));
    }

    /// Must be held while the org is asked anything, so that it is asked at its own time.
    pub(super) fn at_its_time(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    pub(super) fn journal(&self) -> Vec<Entry> {
        self.world.journal(OUT)
    }

    /// Texts of the warnings of a code.
    pub(super) fn warnings(&self, code: &str) -> Vec<String> {
        let warned = self.warned.0.lock().unwrap();
        let of_code = warned.iter().filter(|(known, _)| known == code);
        of_code.map(|(_, text)| text.clone()).collect()
    }

    async fn again(&self) -> Walk {
        let anew = ResumeSettings {
            state_dir: self.settings.state_dir.clone(),
            pacing: self.settings.pacing.clone(),
            stopping: self.settings.stopping.clone(),
            welcome: None,
            threads: 1,
        };
        let (settings, command) = pipeline::settings_of_run(&self.settings.out, anew).unwrap();
        self.walk(settings, command).await
    }

    async fn walk(&self, settings: Settings, command: Command) -> Walk {
        let outside = Outside {
            line: Line {
                transport: self.wire.clone(),
                login: self.login().await,
                kind: OrgKind::Simulated,
            },
            clock: Clock::Simulated,
            events: self.warned.clone(),
            cancel: CancellationToken::new(),
            disks: pipeline::machine_disks(),
        };
        Walk::new(settings, command, outside).unwrap()
    }

    async fn login(&self) -> Login {
        match self.proves {
            Proves::ByToken => {
                Login::Token(AccessToken::parse(Seed::sample().access_token()).unwrap())
            }
            Proves::ByLogin => {
                let grant = login::Grant::ClientCredentials {
                    client_id: "drill".to_owned(),
                    client_secret: login::Secret::new("not-a-secret"),
                };
                let transport: Arc<dyn Transport> = self.org.clone();
                let source = login::Oauth::new(transport, grant, &self.settings.pacing, 0);
                login::log_in(Arc::new(source)).await.unwrap().0
            }
        }
    }
}
