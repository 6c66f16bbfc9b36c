//! Events -> bars on a terminal, plain lines elsewhere, JSON lines for machines. All on stderr.

mod bars;
mod json;
mod lines;

use std::collections::BTreeMap;

use crate::model::event::{Event, Listener, RunStage};

use super::notice::Voice;
use bars::Bars;
use json::JsonLines;
use lines::Lines;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Bars that move; on terminals only.
    Bars {
        /// With colours.
        colours: bool,
    },
    /// A line when a stage begins and ends, and seldom between.
    Lines,
    /// One JSON object for each event.
    Json,
}

impl Style {
    /// The style that fits: `--json`, what stderr is, and what the environment wants.
    pub(crate) fn choose(
        voice: Voice,
        stderr_is_terminal: bool,
        variables: &BTreeMap<String, String>,
    ) -> Self {
        let is = |name: &str| variables.get(name).map_or("", String::as_str);
        match voice {
            Voice::Json => Self::Json,
            // A dumb terminal cannot move its cursor.
            Voice::Text if !stderr_is_terminal || is("TERM") == "dumb" => Self::Lines,
            // Any value but an empty one counts (https://no-color.org).
            Voice::Text => Self::Bars {
                colours: is("NO_COLOR").is_empty(),
            },
        }
    }
}

/// Whoever shows the progress of this process.
pub(crate) enum Progress {
    /// On a terminal.
    Bars(Bars),
    /// In a log.
    Lines(Lines),
    /// For a machine.
    Json(JsonLines),
}

impl Progress {
    /// Begins to show progress on stderr.
    pub(crate) fn new(style: Style) -> Self {
        match style {
            Style::Bars { colours } => Self::Bars(Bars::new(colours)),
            Style::Lines => Self::Lines(Lines::new(Box::new(std::io::stderr()))),
            Style::Json => Self::Json(JsonLines::new(Box::new(std::io::stderr()))),
        }
    }

    /// Takes bars off the terminal, so that what comes next stands on lines of its own.
    pub(crate) fn close(&self) {
        match self {
            Self::Bars(bars) => bars.close(),
            Self::Lines(_) | Self::Json(_) => {}
        }
    }
}

impl Listener for Progress {
    fn on(&self, event: &Event) {
        match self {
            Self::Bars(bars) => bars.on(event),
            Self::Lines(lines) => lines.on(event),
            Self::Json(json) => json.on(event),
        }
    }
}

/// What a stage counts.
fn units(stage: RunStage) -> (&'static str, &'static str) {
    match stage {
        RunStage::Pull => ("record", "records"),
        RunStage::Plan => ("change", "changes"),
        RunStage::Validate | RunStage::Provision | RunStage::Write => ("row", "rows"),
    }
}

#[cfg(test)]
mod tests;
