//! Walks inside this process, on simulated time, against an org that outlives each of them: one
//! walk stops, the next takes its run up.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use admit::model::event::{Event, Listener};
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings,
};
use admit::model::summary::{OrgKind, RunSummary};
use admit::pipeline::{
    self, AccessToken, Clock, Command, CorridorError, Line, Login, Outside, ResumeSettings,
    RunError, Walk,
};
use admit::salesforce::transport::{Method, Request, Response, SendError, Sent, Transport};
use admit::sim::{FaultPlan, Seed, SimOptions, SimOrg};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// Trouble on the line to the simulated org.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    /// All is well.
    None,
    /// From the nth close of a job on, nothing comes back and nobody can be asked.
    NoAnswerToClose(usize),
    /// From the nth creation of a job on, the org refuses.
    RefusedJob(usize),
    /// Whenever seats are counted again, so many are free, of each licence.
    SeatsLeft(u64),
    /// From the nth count of seats on none is free, until another one.
    NoSeats { from: usize, until: usize },
}

/// An org, and a line to it that may be troubled.
pub(crate) struct TroubledOrg {
    pub(crate) org: SimOrg,
    /// What is there in its place until records are read again by id.
    pulled: Option<SimOrg>,
    was_read_again: AtomicBool,
    trouble: Mutex<Trouble>,
    met: AtomicUsize,
}

impl TroubledOrg {
    /// The sample org.
    pub(crate) fn new(trouble: Trouble) -> Arc<Self> {
        Self::playing(trouble, FaultPlan::default())
    }

    /// The sample org, playing a plan of faults.
    pub(crate) fn playing(trouble: Trouble, faults: FaultPlan) -> Arc<Self> {
        Self::of(Seed::sample(), trouble, faults)
    }

    /// An org like the sample's, playing a plan of faults.
    pub(crate) fn of(seed: Seed, trouble: Trouble, faults: FaultPlan) -> Arc<Self> {
        let options = SimOptions {
            faults,
            ..SimOptions::default()
        };
        Arc::new(Self {
            org: SimOrg::new(seed, options),
            pulled: None,
            was_read_again: AtomicBool::new(false),
            trouble: Mutex::new(trouble),
            met: AtomicUsize::new(0),
        })
    }

    /// An org that is mended after it was pulled, before the first record is read again.
    pub(crate) fn mended(pulled: Seed, mended: Seed) -> Arc<Self> {
        let org = |seed| SimOrg::new(seed, SimOptions::default());
        Arc::new(Self {
            org: org(mended),
            pulled: Some(org(pulled)),
            was_read_again: AtomicBool::new(false),
            trouble: Mutex::new(Trouble::None),
            met: AtomicUsize::new(0),
        })
    }

    /// The org that answers a request.
    fn now_there(&self, request: &Request) -> &SimOrg {
        if request.path.contains("Account%20WHERE%20Id%20IN") {
            self.was_read_again.store(true, Ordering::Relaxed);
        }
        let pulled = self.pulled.as_ref();
        pulled
            .filter(|_| !self.was_read_again.load(Ordering::Relaxed))
            .unwrap_or(&self.org)
    }

    /// The line is mended, or troubled in another way.
    pub(crate) fn now(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
        self.met.store(0, Ordering::Relaxed);
    }

    fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap()
    }

    /// The nth such request, from 1.
    fn meet(&self) -> usize {
        self.met.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn spoil(&self, request: &Request) -> Option<Result<Response, SendError>> {
        let lost = || {
            let what = "the line is dead".to_owned();
            Err(SendError {
                sent: Sent::Maybe,
                what,
            })
        };
        let is_job = request.path.contains("/jobs/ingest");
        match (self.trouble(), request.method) {
            (Trouble::NoAnswerToClose(nth), Method::Patch) if is_job => {
                (self.meet() >= nth).then(lost)
            }
            (Trouble::NoAnswerToClose(nth), Method::Get) if is_job => {
                let closed = self.met.load(Ordering::Relaxed);
                (closed >= nth && !request.path.ends_with("Results")).then(lost)
            }
            (Trouble::RefusedJob(nth), Method::Post) if is_job => (self.meet() >= nth).then(|| {
                let body = r#"[{"errorCode":"INVALIDENTITY","message":"no"}]"#;
                Ok(json(400, body.to_owned()))
            }),
            _ => None,
        }
    }
}

fn json(status: u16, body: String) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: stream::once(async { Ok(Bytes::from(body)) }).boxed(),
    }
}

impl Transport for TroubledOrg {
    fn address(&self) -> &str {
        self.org.address()
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move {
            if let Some(answer) = self.spoil(&request) {
                return answer;
            }
            let counts_seats = request
                .path
                .contains("query?q=SELECT%20Id%2C%20TotalLicenses");
            let response = self.now_there(&request).send(request).await?;
            match self.trouble() {
                Trouble::SeatsLeft(left) if counts_seats => Ok(crowded(response, left).await),
                Trouble::NoSeats { from, until }
                    if counts_seats && (from..until).contains(&self.meet()) =>
                {
                    Ok(crowded(response, 0).await)
                }
                _ => Ok(response),
            }
        })
    }
}

/// The answer to a count of seats, with so many free.
async fn crowded(response: Response, left: u64) -> Response {
    let pieces: Vec<Bytes> = response.body.try_collect().await.unwrap();
    let mut page: serde_json::Value = serde_json::from_slice(&pieces.concat()).unwrap();
    for record in page["records"].as_array_mut().unwrap() {
        let total = record["TotalLicenses"].as_u64().unwrap();
        record["UsedLicenses"] = total.saturating_sub(left).into();
    }
    json(200, page.to_string())
}

/// Keeps what a walk said.
#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl Listener for Said {
    fn on(&self, event: &Event) {
        match event {
            Event::Said(text) | Event::Warned { text, .. } => {
                self.0.lock().unwrap().push(text.clone());
            }
            _ => {}
        }
    }
}

/// How runs of a test are paced and stopped.
pub(crate) struct Rehearsal<'w> {
    pub(crate) world: &'w World,
    pub(crate) org: Arc<TroubledOrg>,
    pub(crate) pacing: PacingSettings,
    pub(crate) stopping: StoppingSettings,
    said: Arc<Said>,
}

impl<'w> Rehearsal<'w> {
    /// Jobs of ten rows, one after another.
    pub(crate) fn on(world: &'w World, org: Arc<TroubledOrg>) -> Self {
        Self {
            world,
            org,
            pacing: PacingSettings {
                rows_per_job: Some(10),
                lanes: 1,
                ..PacingSettings::default()
            },
            stopping: StoppingSettings::default(),
            said: Arc::default(),
        }
    }

    /// What the walks said so far.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.0.lock().unwrap().clone()
    }

    fn outside(&self) -> Outside {
        let token = Seed::sample().access_token().to_owned();
        Outside {
            line: Line {
                transport: self.org.clone(),
                login: Login::Token(AccessToken::parse(&token).unwrap()),
                kind: OrgKind::Simulated,
            },
            clock: Clock::Simulated,
            events: self.said.clone(),
            cancel: CancellationToken::new(),
            disks: pipeline::machine_disks(),
        }
    }

    /// A walk that begins a run of a file in the folder `out`.
    pub(crate) fn begins(&self, contacts: &Path, out: &str) -> Walk {
        let settings = Settings {
            contacts: contacts.to_owned(),
            out: self.world.path(out),
            state_dir: self.world.path("state"),
            input: InputSettings::default(),
            program: ProgramSettings::default(),
            guard: GuardSettings::default(),
            cache: CacheSettings::default(),
            stopping: self.stopping.clone(),
            pacing: self.pacing.clone(),
            api_version: "67.0".to_owned(),
            threads: 1,
            seed: 0,
        };
        Walk::new(settings, Command::Rehearse, self.outside()).unwrap()
    }

    /// A walk that goes on with the run in the folder `out`.
    pub(crate) fn goes_on(&self, out: &str) -> Walk {
        let anew = ResumeSettings {
            state_dir: self.world.path("state"),
            pacing: self.pacing.clone(),
            stopping: self.stopping.clone(),
            welcome: None,
            threads: 1,
        };
        let found = pipeline::settings_of_run(&self.world.path(out), anew).unwrap();
        Walk::new(found.0, found.1, self.outside()).unwrap()
    }

    /// Runs a file from its beginning.
    pub(crate) async fn run(&self, contacts: &Path, out: &str) -> Result<RunSummary, RunError> {
        pipeline::rehearse(&self.begins(contacts, out)).await
    }

    /// Finishes the run in the folder `out`.
    pub(crate) async fn resume(&self, out: &str) -> Result<RunSummary, RunError> {
        let walk = self.goes_on(out);
        let planned = pipeline::take_up(&walk).await?;
        pipeline::provision(&walk, planned).await
    }

    /// Ends the run in the folder `out`.
    pub(crate) async fn abort(&self, out: &str) -> Result<RunSummary, RunError> {
        pipeline::abort(&self.goes_on(out)).await
    }
}

/// Drives a future on a clock that jumps over every wait.
pub(crate) fn in_simulated_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// Why a run stopped that is not finished.
pub(crate) fn why_paused(ended: Result<RunSummary, RunError>) -> RunError {
    match ended {
        Err(RunError::Corridor(CorridorError::Paused { why, .. })) => *why,
        Err(other) => panic!("not paused: {other}"),
        Ok(_) => panic!("the run came to its end"),
    }
}
