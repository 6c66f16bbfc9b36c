//! What happens during a run, for whoever shows it. Rooms emit, the street door prints.

use std::sync::Arc;

/// Something a person may want to see as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A stage began; `total` counts its units where known.
    StageStarted {
        /// Which.
        stage: RunStage,
        /// How many units it has, if that is known beforehand.
        total: Option<u64>,
    },
    /// So many more units of the stage are done.
    StageAdvanced {
        /// Which.
        stage: RunStage,
        /// Units done since the last such event.
        by: u64,
    },
    /// The stage ended.
    StageEnded {
        /// Which.
        stage: RunStage,
    },
    /// A job changed state in the org.
    JobChanged {
        /// The job's id.
        job: String,
        /// Its rows.
        rows: u64,
        /// What it is doing: a job state, or what admit does with it.
        state: String,
    },
    /// Something to know, ending in advice.
    Warned {
        /// Stable code.
        code: String,
        /// The sentence.
        text: String,
    },
    /// A line for the log and for people who watch closely.
    Said(String),
}

/// The stages of a run that take time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunStage {
    /// Pulling the org's state; units are records.
    Pull,
    /// Reading and validating the file; units are rows.
    Validate,
    /// Sorting and writing the plan; units are changes.
    Plan,
    /// Uploading and settling; units are rows.
    Provision,
    /// Writing the output files; units are rows.
    Write,
}

impl RunStage {
    /// As people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "reading the org",
            Self::Validate => "validating",
            Self::Plan => "planning",
            Self::Provision => "provisioning",
            Self::Write => "writing files",
        }
    }
}

/// Who is told.
pub trait Listener: Send + Sync {
    /// Called on the thread where it happened; must return quickly.
    fn on(&self, event: &Event);
}

/// A shared handle to whoever listens.
pub type Events = Arc<dyn Listener>;
