//! Bars on a terminal. They show counts only: indicatif measures the wall's time, and a rehearsal
//! lives in another.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::model::event::{Event, RunStage};

use super::super::figures::tame;
use super::super::notice::warning_line;
use super::units;

/// How often a spinner turns by itself, to show that the process lives.
const TICK: Duration = Duration::from_millis(120);

const COUNTED: &str = "{prefix:>15} {bar:30} {human_pos} of {human_len} {msg}";
const COUNTED_COLOURS: &str =
    "{prefix:>15.bold} {bar:30.cyan/dim} {human_pos} of {human_len} {msg}";
const OPEN: &str = "{prefix:>15} {spinner} {human_pos} {msg}";
const OPEN_COLOURS: &str = "{prefix:>15.bold} {spinner:.cyan} {human_pos} {msg}";

/// One bar for each stage, kept until all stages ended.
pub(crate) struct Bars {
    screen: MultiProgress,
    colours: bool,
    stages: Mutex<BTreeMap<RunStage, ProgressBar>>,
}

impl Bars {
    /// An empty screen.
    pub(super) fn new(colours: bool) -> Self {
        Self {
            screen: MultiProgress::new(),
            colours,
            stages: Mutex::default(),
        }
    }

    /// Shows one event.
    pub(super) fn on(&self, event: &Event) {
        match event {
            Event::StageStarted { stage, total } => self.start(*stage, *total),
            Event::StageAdvanced { stage, by } => self.with(*stage, |bar| bar.inc(*by)),
            Event::StageEnded { stage } => self.with(*stage, |bar| {
                bar.set_message(units(*stage).1);
                bar.disable_steady_tick();
                bar.abandon();
            }),
            Event::JobChanged { job, rows, state } => self.with(RunStage::Provision, |bar| {
                bar.set_message(format!("rows; job {job}, {rows} rows: {}", tame(state)));
            }),
            Event::Warned { text, .. } => {
                // Printed above the bars; a terminal that went away is nobody's concern.
                let _ = self.screen.println(warning_line(text));
            }
            Event::Said(_) => {}
        }
    }

    /// Takes all bars away: the cursor would stay at the end of the last one, and what is printed
    /// next says more than they do.
    pub(super) fn close(&self) {
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        for bar in stages.values() {
            bar.disable_steady_tick();
        }
        // A terminal that went away is nobody's concern.
        let _ = self.screen.clear();
    }

    fn start(&self, stage: RunStage, total: Option<u64>) {
        let (bar, template) = match (total, self.colours) {
            (Some(total), false) => (ProgressBar::new(total), COUNTED),
            (Some(total), true) => (ProgressBar::new(total), COUNTED_COLOURS),
            (None, false) => (ProgressBar::new_spinner(), OPEN),
            (None, true) => (ProgressBar::new_spinner(), OPEN_COLOURS),
        };
        let bar = self.screen.add(bar);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(stage.as_str());
        bar.set_message(units(stage).1);
        bar.enable_steady_tick(TICK);
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        stages.insert(stage, bar);
    }

    fn with(&self, stage: RunStage, act: impl FnOnce(&ProgressBar)) {
        let stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = stages.get(&stage) {
            act(bar);
        }
    }
}
