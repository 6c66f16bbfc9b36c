//! What a walk needs from outside: settings, the line to the org, clock, compute, listeners.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::journal::{self, Disks, create_private_folder};
use crate::model::event::{Event, Events, Listener, RunStage};
use crate::model::settings::Settings;
use crate::model::summary::{OrgKind, StageTimings};
use crate::output::RunLog;
use crate::pipeline::{CorridorError, RunError};
use crate::salesforce::transport::Transport;
use crate::salesforce::{Login, Org};

/// What the operator asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Validate and plan; nothing is sent.
    Check,
    /// The whole run against the simulated org.
    Rehearse,
    /// The main job: the whole run against a real org.
    Run,
}

impl Command {
    /// As typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Rehearse => "rehearse",
            Self::Run => "run",
        }
    }
}

/// The line to an org.
pub struct Line {
    /// Carries requests.
    pub transport: Arc<dyn Transport>,
    /// Proves who we are.
    pub login: Login,
    /// What kind of org the operator expects; production and sandbox are told apart by asking.
    pub kind: OrgKind,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({:?})", self.kind)
    }
}

/// Which time a walk lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The world's; heavy work goes to a thread of its own.
    Real,
    /// tokio's paused clock from a fixed date; heavy work holds the thread, so that the simulated
    /// time cannot move meanwhile and the order of events is fixed.
    Simulated,
}

/// What a walk is given from outside beside its settings.
pub struct Outside {
    /// The line to the org.
    pub line: Line,
    /// Which time it lives in.
    pub clock: Clock,
    /// Who is told what happens.
    pub events: Events,
    /// Asks the walk to stop: jobs in flight are finished, nothing new is sent.
    pub cancel: CancellationToken,
    /// What the journal is written to.
    pub disks: Disks,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outside({:?}, {:?})", self.line, self.clock)
    }
}

/// Where simulated time begins.
const SIMULATED_ORIGIN: &str = "2026-01-05T08:00:00Z";

/// Dates for the run's files.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallClock {
    kind: Clock,
    origin: Timestamp,
    started: Instant,
}

impl WallClock {
    /// Starts counting now; must be made inside the runtime that will run the walk.
    fn start(kind: Clock) -> Self {
        let origin = match kind {
            Clock::Real => Timestamp::now(),
            Clock::Simulated => SIMULATED_ORIGIN.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        };
        Self {
            kind,
            origin,
            started: Instant::now(),
        }
    }

    /// The date and time, RFC 3339 with milliseconds.
    pub(super) fn now(self) -> String {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or_default();
        let now = self.origin.checked_add(elapsed).unwrap_or(self.origin);
        format!("{now:.3}")
    }

    /// Minutes since midnight: of the place the process runs in, or of the simulated day.
    pub(super) fn minute_of_day(self) -> u16 {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or_default();
        let now = self.origin.checked_add(elapsed).unwrap_or(self.origin);
        let zone = match self.kind {
            Clock::Real => TimeZone::system(),
            Clock::Simulated => TimeZone::UTC,
        };
        let time = now.to_zoned(zone).time();
        let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
        u16::try_from(minute).unwrap_or_default()
    }

    /// Time since the walk began.
    pub(super) fn elapsed(self) -> Duration {
        self.started.elapsed()
    }
}

/// One execution, with everything it needs from outside.
pub struct Walk {
    pub(super) settings: Settings,
    pub(super) command: Command,
    pub(super) org: Org,
    pub(super) kind: OrgKind,
    pub(super) clock: WallClock,
    pub(super) events: Events,
    pub(super) cancel: CancellationToken,
    pub(super) disks: Disks,
    stages: Mutex<StageClock>,
}

/// Seconds of each stage, by the run's own clock.
#[derive(Default)]
struct StageClock {
    began: BTreeMap<RunStage, Duration>,
    took_s: StageTimings,
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Walk({:?} {})",
            self.command,
            self.settings.contacts.display()
        )
    }
}

impl Walk {
    /// Opens the run folder and the line; nothing is sent yet. Call it inside the runtime.
    pub fn new(settings: Settings, command: Command, outside: Outside) -> Result<Self, RunError> {
        let Outside {
            line,
            clock,
            events,
            cancel,
            disks,
        } = outside;
        make_private_folder(&settings.out)?;
        let clock = WallClock::start(clock);
        let log = RunLog::open(&settings.out, Box::new(move || clock.now()))?;
        let org = Org::new(
            line.transport,
            line.login,
            &settings.pacing,
            &settings.api_version,
            settings.seed,
        );
        let events: Events = Arc::new(Both(events, Arc::new(log)));
        let stages = Mutex::default();
        Ok(Self {
            settings,
            command,
            org,
            kind: line.kind,
            clock,
            events,
            cancel,
            disks,
            stages,
        })
    }

    /// The run folder.
    pub(super) fn folder(&self) -> &Path {
        &self.settings.out
    }

    /// The clock as the journal wants it.
    pub(super) fn journal_clock(&self) -> journal::Now {
        let clock = self.clock;
        Box::new(move || clock.now())
    }

    /// Does CPU and file work: on a thread of its own in real time, in place in simulated time.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        match self.clock.kind {
            Clock::Simulated => work(),
            Clock::Real => on_a_thread(work).await,
        }
    }

    /// Seconds of the stages that ended.
    pub(super) fn timings(&self) -> StageTimings {
        self.stages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .took_s
            .clone()
    }

    /// Tells whoever listens.
    pub(super) fn say(&self, event: &Event) {
        self.events.on(event);
    }

    /// Says something that ends in advice.
    pub(super) fn warn(&self, code: &str, text: &str) {
        self.say(&Event::Warned {
            code: code.to_owned(),
            text: text.to_owned(),
        });
    }

    /// The watch of a stage starts; whoever does the work says that it began.
    pub(super) fn start_watch(&self, stage: RunStage) {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.began.insert(stage, self.clock.elapsed());
    }

    /// The watch of a stage stops.
    pub(super) fn stop_watch(&self, stage: RunStage) {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(began) = stages.began.remove(&stage) {
            let took = self.clock.elapsed().saturating_sub(began);
            stages
                .took_s
                .insert(stage.as_str().to_owned(), seconds(took));
        }
    }

    /// A stage begins.
    pub(super) fn begin(&self, stage: RunStage, total: Option<u64>) {
        self.start_watch(stage);
        self.say(&Event::StageStarted { stage, total });
    }

    /// A stage got on.
    pub(super) fn advance(&self, stage: RunStage, by: u64) {
        self.say(&Event::StageAdvanced { stage, by });
    }

    /// A stage is over.
    pub(super) fn end(&self, stage: RunStage) {
        self.stop_watch(stage);
        self.say(&Event::StageEnded { stage });
    }
}

/// Seconds to the millisecond, as summaries give them.
pub(super) fn seconds(duration: Duration) -> f64 {
    let ms = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
    f64::from(ms) / 1000.0
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that hands work to a thread"
)]
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// Files of a run hold personal data: only their owner may look.
pub(super) fn make_private_folder(folder: &Path) -> Result<(), CorridorError> {
    create_private_folder(folder).map_err(|source| CorridorError::Folder {
        path: folder.to_owned(),
        source,
    })
}

struct Both(Events, Events);

impl Listener for Both {
    fn on(&self, event: &Event) {
        self.0.on(event);
        self.1.on(event);
    }
}
