//! A settled job changes the fates of its rows: made, at an end, or going again.
//!
//! Comes in: what a job sent and what became of it, side by side. Goes out: a [`SettleReport`].
//! The same settlements in the same order give the same fates, which is what a resumed run lives
//! by; so nothing here looks at a clock, a file but the spill of faults, or chance.

use crate::model::outcome::{RowOutcome, Settled};
use crate::model::rejection::Fault;

use super::classify::classify;
use super::error::ResultsError;
use super::fate::{Fate, PackedUser};
use super::faults::EndedJob;
use super::outcomes::Outcomes;
use super::settle::{SentKey, SentRow};
use super::verdict::{RetryPolicy, Tried, Verdict, on_assignment, on_user};

/// What a job came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettleReport {
    /// Rows the org wrote.
    pub created: u64,
    /// Rows it refused.
    pub failed: u64,
    /// Rows it never tried.
    pub unprocessed: u64,
    /// Rows without a result.
    pub unaccounted: u64,
    /// Refused because of a lock, among the failed.
    pub locked: u64,
    /// Rows that want to be sent again.
    pub again: u64,
    /// The first fault that every other row would meet too: the run had better stop.
    pub stops_run: Option<Fault>,
    /// The rows the org has said its last word of, in the order sent: its code where it refused
    /// the row, nothing where it wrote it.
    pub last_words: Vec<Option<String>>,
}

impl SettleReport {
    /// Rows that were settled.
    pub fn rows(&self) -> u64 {
        self.created + self.failed + self.unprocessed + self.unaccounted
    }

    fn count(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Created(_) => self.created += 1,
            RowOutcome::Unprocessed => self.unprocessed += 1,
            RowOutcome::Unaccounted => self.unaccounted += 1,
            RowOutcome::Failed(error) => {
                self.failed += 1;
                let classified = classify(error);
                self.locked += u64::from(classified.is_locked);
                if classified.stops_run && self.stops_run.is_none() {
                    self.stops_run = Some(classified.fault);
                }
            }
        }
    }

    /// The row will not go again.
    fn hear_last_word(&mut self, outcome: &RowOutcome) {
        match outcome {
            RowOutcome::Created(_) => self.last_words.push(None),
            RowOutcome::Failed(error) => self.last_words.push(Some(error.code.clone())),
            RowOutcome::Unprocessed | RowOutcome::Unaccounted => {}
        }
    }
}

impl Outcomes {
    /// A job that makes users has an answer for these rows; `sent` and `rows` are what was
    /// settled, side by side. A user once made stays made.
    ///
    /// # Panics
    /// When the two differ in length or in their rows.
    pub fn settle(
        &mut self,
        job: EndedJob<'_>,
        sent: &[SentRow],
        rows: &[Settled],
        policy: RetryPolicy,
    ) -> Result<SettleReport, ResultsError> {
        let place = self.add_job(job.id);
        let mut report = SettleReport::default();
        for (sent, settled) in side_by_side(sent, rows) {
            report.count(&settled.outcome);
            if self.has_user(sent.row) {
                continue;
            }
            if let RowOutcome::Created(user) = settled.outcome {
                let user = PackedUser::pack(user);
                self.replace(sent.row, Fate::Created { user, job: place }, &[])?;
                report.hear_last_word(&settled.outcome);
                continue;
            }
            let tried = Tried {
                tries: self.tries(sent.row).saturating_add(1),
                renewal: self.renewal_of(sent.row).unwrap_or_default(),
            };
            let verdict = on_user(job, &settled.outcome, (sent, tried), policy);
            report.again += u64::from(verdict.again);
            if !verdict.again {
                report.hear_last_word(&settled.outcome);
            }
            self.apply(sent, tried, &verdict)?;
        }
        Ok(report)
    }

    /// A job that assigns permission sets has an answer; `sent` and `rows` are what was settled,
    /// side by side. A user who lacks a set ends in failure.csv, with the user's id in the reason;
    /// when a later round assigns the set, the row is a success again.
    ///
    /// # Panics
    /// When the two differ in length or in their rows.
    pub fn settle_permission_sets(
        &mut self,
        job: EndedJob<'_>,
        sent: &[SentRow],
        rows: &[Settled],
    ) -> Result<SettleReport, ResultsError> {
        let mut report = SettleReport::default();
        for (sent, settled) in side_by_side(sent, rows) {
            report.count(&settled.outcome);
            let SentKey::Assignment(_, wanted) = sent.key else {
                continue;
            };
            let tries = self.assignments.tries(sent.row, wanted).saturating_add(1);
            let verdict = on_assignment(job, &settled.outcome, tries);
            if verdict.as_ref().is_some_and(|verdict| verdict.again) {
                self.assignments.go_again(sent.row, wanted, tries);
                report.again += 1;
            } else {
                self.assignments.end(sent.row, wanted);
            }
            self.assign(sent.row, wanted, verdict.map(|verdict| verdict.fault))?;
        }
        Ok(report)
    }

    fn apply(
        &mut self,
        sent: &SentRow,
        tried: Tried,
        verdict: &Verdict,
    ) -> Result<(), ResultsError> {
        if verdict.renewal != tried.renewal {
            self.renewals.insert(sent.row, verdict.renewal);
        }
        let fault = &verdict.fault;
        let fate = Fate::Faulty {
            stage: verdict.stage,
            tries: tried.tries,
            again: verdict.again,
            faults: self.spill.append(&[fault])?,
        };
        self.replace(sent.row, fate, &[fault])
    }
}

fn side_by_side<'a>(
    sent: &'a [SentRow],
    rows: &'a [Settled],
) -> impl Iterator<Item = (&'a SentRow, &'a Settled)> {
    assert_eq!(sent.len(), rows.len(), "one outcome per row sent");
    sent.iter().zip(rows).inspect(|(sent, settled)| {
        assert_eq!(sent.row, settled.row, "outcomes stand in the order sent");
    })
}
