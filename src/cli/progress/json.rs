//! One JSON object a line for each event, with names that stay.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::model::event::{Event, RunStage};

/// Progress as JSON lines.
pub(crate) struct JsonLines {
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    done: BTreeMap<RunStage, u64>,
}

impl JsonLines {
    /// Lines to this place.
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            state: Mutex::new(State {
                out,
                done: BTreeMap::new(),
            }),
        }
    }

    /// Writes one event.
    pub(super) fn on(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = state.line(event);
        // A closed pipe ends the talk, not the run.
        let _ = writeln!(state.out, "{line}");
    }
}

impl State {
    fn line(&mut self, event: &Event) -> Value {
        match event {
            Event::StageStarted { stage, total } => {
                self.done.insert(*stage, 0);
                json!({"event": "stage-started", "stage": name(*stage), "total": total})
            }
            Event::StageAdvanced { stage, by } => {
                let done = self.done.entry(*stage).or_default();
                *done += by;
                json!({"event": "stage-advanced", "stage": name(*stage), "done": done})
            }
            Event::StageEnded { stage } => {
                let done = self.done.remove(stage).unwrap_or_default();
                json!({"event": "stage-ended", "stage": name(*stage), "done": done})
            }
            Event::JobChanged { job, rows, state } => {
                json!({"event": "job", "job": job, "rows": rows, "state": state})
            }
            Event::Warned { code, text } => {
                json!({"event": "warning", "code": code, "text": text})
            }
            Event::Said(text) => json!({"event": "log", "text": text}),
        }
    }
}

/// Stable names; those for people may change.
fn name(stage: RunStage) -> &'static str {
    match stage {
        RunStage::Pull => "pull",
        RunStage::Validate => "validate",
        RunStage::Plan => "plan",
        RunStage::Provision => "provision",
        RunStage::Write => "write",
    }
}
