//! run.log: what happened, one line each, with its time.
//!
//! Comes in: events, on whatever thread they happen. Goes out: lines appended to the run folder's
//! log. Progress in between is not logged: a stage's end says how much was done.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::journal::Now;
use crate::journal::open_private;
use crate::model::event::{Event, Listener, RunStage};

use super::error::OutputError;

const FILE_NAME: &str = "run.log";

/// The open log of a run.
pub struct RunLog {
    path: PathBuf,
    now: Now,
    state: Mutex<State>,
}

struct State {
    file: File,
    /// Units done of each stage under way.
    done: BTreeMap<RunStage, u64>,
    /// The first line that could not be written: a listener has nobody to tell.
    fault: Option<io::Error>,
}

impl RunLog {
    /// Opens the log; lines of an earlier start of the same run stay.
    pub fn open(run_folder: &Path, now: Now) -> Result<Self, OutputError> {
        let path = run_folder.join(FILE_NAME);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        match open_private(&mut options, &path) {
            Ok(file) => {
                let state = Mutex::new(State {
                    file,
                    done: BTreeMap::new(),
                    fault: None,
                });
                Ok(Self { path, now, state })
            }
            Err(source) => Err(OutputError::Folder {
                path: run_folder.to_owned(),
                source,
            }),
        }
    }

    /// Says whether every line was written.
    pub fn finish(&self) -> Result<(), OutputError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.fault.take() {
            None => Ok(()),
            Some(source) => Err(OutputError::Unwritable {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl Listener for RunLog {
    fn on(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(text) = state.line_of(event) else {
            return;
        };
        let text = text.replace(char::is_control, " ");
        // One write per line, so that lines of several threads never mix.
        let line = format!("{} {text}\n", (self.now)());
        if let Err(error) = state.file.write_all(line.as_bytes()) {
            state.fault.get_or_insert(error);
        }
    }
}

impl State {
    fn line_of(&mut self, event: &Event) -> Option<String> {
        Some(match event {
            Event::StageStarted { stage, total } => {
                self.done.insert(*stage, 0);
                match total {
                    Some(total) => format!("{}: started, {total} to do", stage.as_str()),
                    None => format!("{}: started", stage.as_str()),
                }
            }
            Event::StageAdvanced { stage, by } => {
                *self.done.entry(*stage).or_default() += by;
                return None;
            }
            Event::StageEnded { stage } => {
                let done = self.done.remove(stage).unwrap_or(0);
                format!("{}: ended, {done} done", stage.as_str())
            }
            Event::JobChanged { job, rows, state } => format!("job {job}: {rows} rows, {state}"),
            Event::Warned { code, text } => format!("warning {code}: {text}"),
            Event::Said(text) => text.clone(),
        })
    }
}
