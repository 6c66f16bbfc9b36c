//! What became of every row of the input, from rejection to the last job.
//!
//! Comes in: rejections and settled rows, in any order; a later word on a row replaces an
//! earlier one, except that a user once made stays made. Goes out: the [`RowEnd`] of any row, and
//! counts. Memory holds 16 bytes per row; the texts of faults are in a file of the run folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::id::{JobId, PermissionSetId, RowOrdinal, UserId};
use crate::model::outcome::{RowEnd, RowOutcome, Settled, Stage};
use crate::model::rejection::{Fault, Rejected};

use super::error::ResultsError;
use super::fate::{Fate, PackedUser};
use super::fault_spill::FaultSpill;
use super::faults::{fault_of, lacking};
use super::settle::{SentKey, SentRow};

/// Where the texts of faults are kept, under the run folder.
const SPILL_FILE: &str = "plan/faults.spill";

/// What a user lacks, as kept in the spill.
#[derive(Serialize, Deserialize)]
struct Lacks {
    /// The job that made the user.
    job: u32,
    /// Permission set ids and what went wrong with each.
    sets: Vec<(String, Fault)>,
}

/// The fates of all rows.
pub struct Outcomes {
    fates: Vec<Fate>,
    jobs: Vec<JobId>,
    spill: FaultSpill,
    by_code: BTreeMap<String, u64>,
}

impl Outcomes {
    /// Starts with nothing known; the file of an earlier attempt is emptied.
    pub fn create(run_folder: &Path) -> Result<Self, ResultsError> {
        Ok(Self {
            fates: Vec::new(),
            jobs: Vec::new(),
            spill: FaultSpill::create(run_folder.join(SPILL_FILE))?,
            by_code: BTreeMap::new(),
        })
    }

    /// Removes the spilled texts; nothing can be asked any more. What cannot be removed stays.
    pub fn clear_away(self) {
        self.spill.remove();
    }

    /// The row is not sent.
    pub fn reject(&mut self, rejected: &Rejected) -> Result<(), ResultsError> {
        let faults: Vec<&Fault> = rejected.faults.iter().map(|(_, fault)| fault).collect();
        self.fail(rejected.row, Stage::Rejected, &faults)
    }

    /// The row was accepted but never reached the org, for a reason that is not its own.
    pub fn leave_unsent(&mut self, row: RowOrdinal, why: &Fault) -> Result<(), ResultsError> {
        self.fail(row, Stage::Unprocessed, &[why])
    }

    /// The row went into a job whose end is not known: its user may exist.
    pub fn leave_in_doubt(&mut self, row: RowOrdinal, why: &Fault) -> Result<(), ResultsError> {
        self.fail(row, Stage::Unaccounted, &[why])
    }

    /// Every row, of so many in all, of which nothing is known was never sent. Returns how many
    /// they are; they share one text.
    pub fn leave_rest_unsent(&mut self, rows: u64, why: &Fault) -> Result<u64, ResultsError> {
        let faults = self.spill.append(&[why])?;
        let fate = Fate::Faulty {
            stage: Stage::Unprocessed,
            faults,
        };
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.fates.resize(rows.max(self.fates.len()), Fate::Open);
        let mut count = 0;
        for open in self.fates.iter_mut().filter(|fate| **fate == Fate::Open) {
            *open = fate;
            count += 1;
        }
        if count > 0 {
            *self.by_code.entry(why.code.clone()).or_default() += count;
        }
        Ok(count)
    }

    /// The user of a row did not get a permission set, or may not have got it.
    pub fn leave_unassigned(
        &mut self,
        row: RowOrdinal,
        set: PermissionSetId,
        why: Fault,
    ) -> Result<(), ResultsError> {
        self.assign(row, set, Some(why))
    }

    /// A job that makes users has an answer for these rows.
    pub fn settle(&mut self, job: JobId, rows: &[Settled]) -> Result<(), ResultsError> {
        let place = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        self.jobs.push(job);
        for Settled { row, outcome } in rows {
            if self.user_of(*row).is_some() {
                continue;
            }
            match outcome {
                RowOutcome::Created(user) => {
                    let user = PackedUser::pack(*user);
                    self.replace(
                        *row,
                        Fate::Created {
                            user,
                            job: place.to_le_bytes(),
                        },
                        &[],
                    )?;
                }
                other => {
                    let (stage, fault) = fault_of(job, other);
                    self.fail(*row, stage, &[&fault])?;
                }
            }
        }
        Ok(())
    }

    /// A job that assigns permission sets has an answer; `sent` and `rows` are what was settled,
    /// side by side. A user who lacks a set ends in failure.csv, with the user's id in the reason;
    /// when a later round assigns the set, the row is a success again.
    ///
    /// # Panics
    /// When the two differ in length or in their rows.
    pub fn settle_permission_sets(
        &mut self,
        job: JobId,
        sent: &[SentRow],
        rows: &[Settled],
    ) -> Result<(), ResultsError> {
        assert_eq!(sent.len(), rows.len(), "one outcome per assignment sent");
        for (sent, settled) in sent.iter().zip(rows) {
            assert_eq!(sent.row, settled.row, "outcomes stand in the order sent");
            if let SentKey::Assignment(_, set) = sent.key {
                let is_assigned = matches!(settled.outcome, RowOutcome::Created(_));
                let why = (!is_assigned).then(|| fault_of(job, &settled.outcome).1);
                self.assign(sent.row, set, why)?;
            }
        }
        Ok(())
    }

    /// The user made for a row.
    pub fn user_of(&self, row: RowOrdinal) -> Option<UserId> {
        match self.fate(row) {
            Fate::Created { user, .. } | Fate::Lacking { user, .. } => Some(user.unpack()),
            Fate::Open | Fate::Faulty { .. } => None,
        }
    }

    /// Is nothing known of the row yet?
    pub fn is_open(&self, row: RowOrdinal) -> bool {
        self.fate(row) == Fate::Open
    }

    /// The stage of a row that has no user and an answer; none where a user was made or nothing
    /// is known yet.
    pub fn failed_at(&self, row: RowOrdinal) -> Option<Stage> {
        match self.fate(row) {
            Fate::Faulty { stage, .. } => Some(stage),
            Fate::Open | Fate::Created { .. } | Fate::Lacking { .. } => None,
        }
    }

    /// How the row ends, as things stand; `username` is asked for only where a user was made.
    pub fn end_of(
        &mut self,
        row: RowOrdinal,
        username: impl FnOnce() -> String,
    ) -> Result<RowEnd, ResultsError> {
        Ok(match self.fate(row) {
            Fate::Open => RowEnd::WouldSend,
            Fate::Faulty { stage, faults } => RowEnd::Failure {
                stage,
                faults: self.spill.read(faults)?,
            },
            Fate::Created { user, job } => {
                let job = self.jobs[u32::from_le_bytes(job) as usize].to_string();
                RowEnd::Success {
                    user: user.unpack(),
                    username: username(),
                    job,
                }
            }
            Fate::Lacking { lacks, .. } => {
                let lacks: Lacks = self.spill.read(lacks)?;
                let faults = lacks.sets.into_iter().map(|(_, fault)| fault).collect();
                RowEnd::Failure {
                    stage: Stage::Failed,
                    faults,
                }
            }
        })
    }

    /// Rows by how they end, of so many rows in all: `created`, `rejected`, `failed`,
    /// `unprocessed`, `unaccounted`, `would-send`. A user who lacks a permission set is `failed`.
    pub fn counts(&self, rows: u64) -> BTreeMap<String, u64> {
        let names = [
            "created",
            "rejected",
            "failed",
            "unprocessed",
            "unaccounted",
            "would-send",
        ];
        let mut counts: BTreeMap<String, u64> =
            names.into_iter().map(|name| (name.to_owned(), 0)).collect();
        let mut known = 0;
        for fate in &self.fates {
            let name = match fate {
                Fate::Open => continue,
                Fate::Created { .. } => "created",
                Fate::Faulty { stage, .. } => stage.as_str(),
                Fate::Lacking { .. } => Stage::Failed.as_str(),
            };
            known += 1;
            *counts.entry(name.to_owned()).or_default() += 1;
        }
        counts.insert("would-send".to_owned(), rows.saturating_sub(known));
        counts
    }

    /// Rows of failure.csv by code; a row counts once under each of its codes.
    pub fn by_code(&self) -> &BTreeMap<String, u64> {
        &self.by_code
    }

    /// The user of a row has a permission set, or lacks it for this reason.
    fn assign(
        &mut self,
        row: RowOrdinal,
        set: PermissionSetId,
        lacks_it: Option<Fault>,
    ) -> Result<(), ResultsError> {
        let (user, mut lacks) = match self.fate(row) {
            Fate::Created { user, job } => (
                user,
                Lacks {
                    job: u32::from_le_bytes(job),
                    sets: Vec::new(),
                },
            ),
            Fate::Lacking { user, lacks } => (user, self.spill.read(lacks)?),
            // Without a user there was nothing to assign to: the row's own fault says it all.
            Fate::Open | Fate::Faulty { .. } => return Ok(()),
        };
        let set = set.to_string();
        lacks.sets.retain(|(other, _)| *other != set);
        if let Some(fault) = lacks_it {
            let fault = lacking(user.unpack(), &set, fault);
            lacks.sets.push((set, fault));
        }
        let fate = if lacks.sets.is_empty() {
            Fate::Created {
                user,
                job: lacks.job.to_le_bytes(),
            }
        } else {
            Fate::Lacking {
                user,
                lacks: self.spill.append(&lacks)?,
            }
        };
        let faults: Vec<&Fault> = lacks.sets.iter().map(|(_, fault)| fault).collect();
        self.replace(row, fate, &faults)
    }

    fn fail(
        &mut self,
        row: RowOrdinal,
        stage: Stage,
        faults: &[&Fault],
    ) -> Result<(), ResultsError> {
        let fate = Fate::Faulty {
            stage,
            faults: self.spill.append(&faults)?,
        };
        self.replace(row, fate, faults)
    }

    /// Puts a fate in the place of an older one and keeps the counts by code true.
    fn replace(
        &mut self,
        row: RowOrdinal,
        fate: Fate,
        faults: &[&Fault],
    ) -> Result<(), ResultsError> {
        let old: Vec<Fault> = match self.fate(row) {
            Fate::Open | Fate::Created { .. } => Vec::new(),
            Fate::Faulty { faults, .. } => self.spill.read(faults)?,
            Fate::Lacking { lacks, .. } => {
                let lacks: Lacks = self.spill.read(lacks)?;
                lacks.sets.into_iter().map(|(_, fault)| fault).collect()
            }
        };
        for code in codes_of(old.iter()) {
            if let Some(count) = self.by_code.get_mut(code) {
                *count -= 1;
                if *count == 0 {
                    self.by_code.remove(code);
                }
            }
        }
        for code in codes_of(faults.iter().copied()) {
            *self.by_code.entry(code.to_owned()).or_default() += 1;
        }
        let place = row.0 as usize;
        if place >= self.fates.len() {
            self.fates.resize(place + 1, Fate::Open);
        }
        self.fates[place] = fate;
        Ok(())
    }

    fn fate(&self, row: RowOrdinal) -> Fate {
        self.fates
            .get(row.0 as usize)
            .copied()
            .unwrap_or(Fate::Open)
    }
}

fn codes_of<'a>(faults: impl Iterator<Item = &'a Fault>) -> BTreeSet<&'a str> {
    faults.map(|fault| fault.code.as_str()).collect()
}
