//! What a run works on: the plan, what became of its rows, and what was learned on the way.
//!
//! Work on it is heavy, so it is done through [`Walk::compute`]; one step at a time, which the lock
//! keeps true.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::journal::Journal;
use crate::model::id::RowOrdinal;
use crate::model::settings::FailuresMax;
use crate::pipeline::Walk;
use crate::pipeline::breaker::Breaker;
use crate::pipeline::kept_plan::KeptLicense;
use crate::plan::Plan;
use crate::results::Outcomes;
use crate::upload::Tempo;

/// The plan and what became of it so far.
pub(super) struct Work {
    pub plan: Plan,
    pub outcomes: Outcomes,
    /// The pace of each wave, by its number.
    pub tempos: BTreeMap<u32, Tempo>,
    pub breaker: Breaker,
    /// Rows that go before all others, in row order; none where there is no pilot, or it is over.
    pub pilot: Option<Vec<RowOrdinal>>,
}

impl Work {
    /// Nothing is sent yet.
    pub(super) fn new(failures_max: Option<FailuresMax>, plan: Plan, outcomes: Outcomes) -> Self {
        Self {
            plan,
            outcomes,
            tempos: BTreeMap::new(),
            breaker: Breaker::new(failures_max),
            pilot: None,
        }
    }

    /// Is the row to be sent now?
    pub(super) fn is_due(&self, row: RowOrdinal) -> bool {
        let is_in_scope = |pilot: &Vec<RowOrdinal>| pilot.binary_search(&row).is_ok();
        self.outcomes.wants_sending(row) && self.pilot.as_ref().is_none_or(is_in_scope)
    }
}

/// A handle to it.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Work>>);

impl Shared {
    pub(super) fn new(work: Work) -> Self {
        Self(Arc::new(Mutex::new(work)))
    }

    /// Looks at it, or changes a little of it, at once.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Work) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does heavy work on it, where the walk does such work.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        walk: &Walk,
        work: impl FnOnce(&mut Work) -> T + Send + 'static,
    ) -> T {
        let shared = self.clone();
        walk.compute(move || shared.with(work)).await
    }
}

/// What executing needs beside the work itself.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub walk: &'a Walk,
    pub journal: &'a Journal,
    pub licenses: &'a [KeptLicense],
    /// When waiting is over.
    pub deadline: Option<Instant>,
}
