//! A job is closed -> its fate: what will go wrong while the org works on it and when its result
//! files are read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::ingest::{ResultFile, shuffle};
use super::deal::{Dealer, mixed};
use super::read::JobRule;

const MINUTE_MS: u64 = 60_000;

/// For ever: longer than any client waits.
const EVER_MINUTES: u64 = 10 * 366 * 24 * 60;

/// Why the org gives a job up when its batches have timed out too often (bulk-api-2.md §3.7). The
/// words are [unverified].
const GIVEN_UP: &str =
    "InternalServerError : The batch timed out and the maximum number of retries was reached";

/// How many rows: so many, or a share of all, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub(in crate::sim) enum Extent {
    Rows(u32),
    Share(f64),
}

/// What goes wrong with a closed job.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub(super) enum Mishap {
    /// Rows that find a record locked, chosen by the seed.
    LockRows { rows: Extent },
    /// Stays `InProgress` so much longer; without minutes, for ever.
    Stick { minutes: Option<u64> },
    /// Failed after the first rows.
    Fail {
        rows: Extent,
        message: Option<String>,
    },
    /// Aborted after the first rows by somebody else.
    Abort { rows: Extent },
    /// Gone after the first rows: neither job nor results are there any more.
    Vanish { rows: Extent },
    /// Created rows that stand in no result file.
    LoseRows { rows: Extent },
    /// Created rows that stand in successfulResults twice.
    RepeatRows { rows: Extent },
    /// Created rows that stand in failedResults too.
    FailRowsToo { rows: Extent },
    /// Created rows that stand in unprocessedrecords instead.
    UnprocessRows { rows: Extent },
}

/// How a job ends before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Ending {
    Fail(String),
    Abort,
    Vanish,
}

/// What is wrong about created rows in the result files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Lie {
    Lost,
    Twice,
    FailedToo,
    Unprocessed,
}

/// What will go wrong with one job. The default is nothing.
#[derive(Debug, Clone, Default)]
pub(in crate::sim) struct JobFate {
    seed: u64,
    locks: Option<Extent>,
    /// How much longer the job is `InProgress`.
    pub(in crate::sim) stuck_ms: u64,
    end: Option<(Extent, Ending)>,
    lies: Vec<(Lie, Extent)>,
}

/// The rules about jobs, at work.
#[derive(Debug, Default)]
pub(in crate::sim) struct JobFaults {
    rules: Vec<(JobRule, Dealer)>,
    pub(in crate::sim) played: BTreeMap<&'static str, u64>,
}

impl JobFaults {
    pub(in crate::sim) fn new(rules: Vec<JobRule>, seed: u64) -> Self {
        let rules = rules.into_iter().enumerate();
        let rules = rules.map(|(number, rule)| {
            // A stream that no rule about requests has.
            let dealer = Dealer::new(rule.timing, mixed(!seed), number);
            (rule, dealer)
        });
        Self {
            rules: rules.collect(),
            played: BTreeMap::new(),
        }
    }

    /// The fate of a job that is closed now. Several rules may strike the same job; it ends only
    /// once, by the first that ends it.
    pub(in crate::sim) fn fate(&mut self, object: &str, up_ms: u64) -> JobFate {
        let mut fate = JobFate::default();
        for (rule, dealer) in &mut self.rules {
            let others = rule.object.as_ref();
            if others.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(object)) {
                continue;
            }
            // Every rule sees every job, so that turns count jobs; a job ends only once.
            let strikes = dealer.strikes(up_ms, false);
            if strikes && (fate.end.is_none() || rule.mishap.ending().is_none()) {
                *self.played.entry(rule.mishap.name()).or_default() += 1;
                fate.seed ^= dealer.draw();
                fate.suffer(&rule.mishap);
            }
        }
        fate
    }
}

impl Extent {
    /// How many of so many.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a number of rows, from a share between 0 and 1"
    )]
    fn of(self, count: usize) -> usize {
        match self {
            Self::Rows(rows) => (rows as usize).min(count),
            Self::Share(share) => {
                ((count as f64 * share).round() as usize).clamp(1.min(count), count)
            }
        }
    }
}

impl Mishap {
    /// As a plan spells it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::LockRows { .. } => "lock-rows",
            Self::Stick { .. } => "stick",
            Self::Fail { .. } => "fail",
            Self::Abort { .. } => "abort",
            Self::Vanish { .. } => "vanish",
            Self::LoseRows { .. } => "lose-rows",
            Self::RepeatRows { .. } => "repeat-rows",
            Self::FailRowsToo { .. } => "fail-rows-too",
            Self::UnprocessRows { .. } => "unprocess-rows",
        }
    }

    /// The rows it is about.
    pub(super) fn rows(&self) -> Option<Extent> {
        match self {
            Self::Stick { .. } => None,
            Self::LockRows { rows }
            | Self::Fail { rows, .. }
            | Self::Abort { rows }
            | Self::Vanish { rows }
            | Self::LoseRows { rows }
            | Self::RepeatRows { rows }
            | Self::FailRowsToo { rows }
            | Self::UnprocessRows { rows } => Some(*rows),
        }
    }

    fn ending(&self) -> Option<Ending> {
        match self {
            Self::Fail { message, .. } => {
                let message = message.as_deref().unwrap_or(GIVEN_UP);
                Some(Ending::Fail(message.to_owned()))
            }
            Self::Abort { .. } => Some(Ending::Abort),
            Self::Vanish { .. } => Some(Ending::Vanish),
            Self::LockRows { .. }
            | Self::Stick { .. }
            | Self::LoseRows { .. }
            | Self::RepeatRows { .. }
            | Self::FailRowsToo { .. }
            | Self::UnprocessRows { .. } => None,
        }
    }
}

impl JobFate {
    fn suffer(&mut self, mishap: &Mishap) {
        match mishap {
            Mishap::LockRows { rows } => self.locks = Some(*rows),
            Mishap::Stick { minutes } => {
                self.stuck_ms = minutes.unwrap_or(EVER_MINUTES).saturating_mul(MINUTE_MS);
            }
            Mishap::Fail { rows, .. } | Mishap::Abort { rows } | Mishap::Vanish { rows } => {
                self.end = mishap.ending().map(|ending| (*rows, ending));
            }
            Mishap::LoseRows { rows } => self.lies.push((Lie::Lost, *rows)),
            Mishap::RepeatRows { rows } => self.lies.push((Lie::Twice, *rows)),
            Mishap::FailRowsToo { rows } => self.lies.push((Lie::FailedToo, *rows)),
            Mishap::UnprocessRows { rows } => self.lies.push((Lie::Unprocessed, *rows)),
        }
    }

    /// How many of so many rows the org works on.
    pub(in crate::sim) fn rows_worked(&self, count: usize) -> usize {
        self.end.as_ref().map_or(count, |(rows, _)| rows.of(count))
    }

    /// How the job ends, if before its time.
    pub(in crate::sim) fn ending(&self) -> Option<&Ending> {
        self.end.as_ref().map(|(_, ending)| ending)
    }

    /// Rows that will find a record locked.
    pub(in crate::sim) fn locked(&self, count: usize) -> BTreeSet<usize> {
        let rows = self.locks.map_or(0, |rows| rows.of(count));
        let all: Vec<usize> = (0..count).collect();
        self.chosen(&all, rows, 0).into_iter().collect()
    }

    /// Changes which rows stand in a result file. `written` are the rows the org wrote.
    pub(in crate::sim) fn bend(&self, file: ResultFile, rows: &mut Vec<usize>, written: &[usize]) {
        for (salt, (lie, extent)) in self.lies.iter().enumerate() {
            let struck = self.chosen(written, extent.of(written.len()), 1 + salt as u64);
            match (lie, file) {
                (Lie::Lost | Lie::Unprocessed, ResultFile::Successful) => {
                    rows.retain(|row| !struck.contains(row));
                }
                (Lie::Twice, ResultFile::Successful)
                | (Lie::FailedToo, ResultFile::Failed)
                | (Lie::Unprocessed, ResultFile::Unprocessed) => rows.extend(struck),
                (Lie::Lost | Lie::Twice, ResultFile::Failed | ResultFile::Unprocessed)
                | (Lie::FailedToo, ResultFile::Successful | ResultFile::Unprocessed)
                | (Lie::Unprocessed, ResultFile::Failed) => {}
            }
        }
    }

    fn chosen(&self, among: &[usize], count: usize, salt: u64) -> Vec<usize> {
        let mut among = among.to_vec();
        shuffle(&mut among, self.seed ^ mixed(salt));
        among.truncate(count);
        among
    }
}
