//! Plain lines for logs and pipes: when a stage begins and ends, and between at most every tenth
//! of it and every few seconds.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::event::{Event, RunStage};

use super::super::figures::{count, counted};
use super::super::notice::{Voice, warned};
use super::units;

/// Shortest time between two lines of a stage whose end is known.
const GAP: Duration = Duration::from_secs(3);

/// Shortest time between two lines of a stage that counts into the open.
const GAP_OPEN: Duration = Duration::from_secs(10);

/// Progress as lines.
pub(crate) struct Lines {
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    stages: BTreeMap<RunStage, Counted>,
}

/// How far a stage is.
struct Counted {
    total: Option<u64>,
    done: u64,
    said: u64,
    said_at: Instant,
}

impl Lines {
    /// Lines to this place.
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            state: Mutex::new(State {
                out,
                stages: BTreeMap::new(),
            }),
        }
    }

    /// Shows one event.
    pub(super) fn on(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StageStarted { stage, total } => state.start(*stage, *total),
            Event::StageAdvanced { stage, by } => state.advance(*stage, *by),
            Event::StageEnded { stage } => state.end(*stage),
            Event::Warned { code, text } => warned(&mut state.out, Voice::Text, code, text),
            // The run log has these.
            Event::JobChanged { .. } | Event::Said(_) => {}
        }
    }
}

impl State {
    fn start(&mut self, stage: RunStage, total: Option<u64>) {
        let counted = Counted {
            total,
            done: 0,
            said: 0,
            said_at: Instant::now(),
        };
        self.stages.insert(stage, counted);
        match total {
            Some(total) => self.say(&format!("{}: {}", stage.as_str(), amount(stage, total))),
            None => self.say(stage.as_str()),
        }
    }

    fn advance(&mut self, stage: RunStage, by: u64) {
        let now = Instant::now();
        let Some(counted) = self.stages.get_mut(&stage) else {
            return;
        };
        counted.done += by;
        if !counted.is_due(now) {
            return;
        }
        counted.said = counted.done;
        counted.said_at = now;
        let so_far = match counted.total {
            Some(total) => {
                let percent = counted.done * 100 / total.max(1);
                format!("{} of {} ({percent} %)", count(counted.done), count(total))
            }
            None => format!("{} so far", amount(stage, counted.done)),
        };
        self.say(&format!("{}: {so_far}", stage.as_str()));
    }

    fn end(&mut self, stage: RunStage) {
        let Some(counted) = self.stages.remove(&stage) else {
            return;
        };
        let done = match counted.done {
            0 => String::new(),
            done => format!(", {}", amount(stage, done)),
        };
        self.say(&format!("{}: done{done}", stage.as_str()));
    }

    /// A closed pipe ends the talk, not the run.
    fn say(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
    }
}

impl Counted {
    fn is_due(&self, now: Instant) -> bool {
        let waited = now.saturating_duration_since(self.said_at);
        match self.total {
            Some(total) => {
                let tenth = |done: u64| done * 10 / total.max(1);
                waited >= GAP && self.done < total && tenth(self.done) > tenth(self.said)
            }
            None => waited >= GAP_OPEN,
        }
    }
}

fn amount(stage: RunStage, number: u64) -> String {
    let (one, several) = units(stage);
    counted(number, one, several)
}
