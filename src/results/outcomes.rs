//! What became of every row of the input, from rejection to the last job.
//!
//! Comes in: rejections and settled rows, in any order; a later word on a row replaces an
//! earlier one, except that a user once made stays made. Goes out: the [`RowEnd`] of any row, and
//! counts. Memory holds 16 bytes per row; the texts of faults are in a file of the run folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::change::Renewal;
use crate::model::id::{JobId, PermissionSetId, RowOrdinal, UserId};
use crate::model::outcome::{RowEnd, Stage};
use crate::model::rejection::{Fault, Rejected};

use super::assignments::Assignments;
use super::error::ResultsError;
use super::fate::{Fate, PackedJob};
use super::fault_spill::FaultSpill;
use super::faults::lacking;
use super::outcomes_file;
use super::settle::{SentKey, SentRow};

/// Where the texts of faults are kept, under the run folder.
pub(super) const SPILL_FILE: &str = "plan/faults.spill";

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
    pub(super) fates: Vec<Fate>,
    pub(super) jobs: Vec<JobId>,
    pub(super) spill: FaultSpill,
    pub(super) by_code: BTreeMap<String, u64>,
    /// What was renewed of rows that clashed: few.
    pub(super) renewals: BTreeMap<RowOrdinal, Renewal>,
    pub(super) assignments: Assignments,
}

impl Outcomes {
    /// Starts with nothing known; the file of an earlier attempt is emptied.
    pub fn create(run_folder: &Path) -> Result<Self, ResultsError> {
        Ok(Self {
            fates: Vec::new(),
            jobs: Vec::new(),
            spill: FaultSpill::create(run_folder.join(SPILL_FILE))?,
            by_code: BTreeMap::new(),
            renewals: BTreeMap::new(),
            assignments: Assignments::default(),
        })
    }

    /// Removes the spilled texts and what was stored beside them; nothing can be asked any more.
    /// What cannot be removed stays.
    pub fn clear_away(&self) {
        let _ = std::fs::remove_file(outcomes_file::path_of(self.spill.path()));
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

    /// Nothing goes again: rows that wanted to keep their last fault, and every row, of so many in
    /// all, of which nothing is known was never sent. Returns how many the latter are; they share
    /// one text.
    pub fn give_up(&mut self, rows: u64, why: &Fault) -> Result<u64, ResultsError> {
        let unsent = Fate::Faulty {
            stage: Stage::Unprocessed,
            tries: 0,
            again: false,
            faults: self.spill.append(&[why])?,
        };
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        self.fates.resize(rows.max(self.fates.len()), Fate::Open);
        let mut count = 0;
        for fate in &mut self.fates {
            match fate {
                Fate::Open => {
                    *fate = unsent;
                    count += 1;
                }
                Fate::Faulty { again, .. } => *again = false,
                Fate::Created { .. } | Fate::Lacking { .. } => {}
            }
        }
        self.assignments.give_up();
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
        self.assignments.end(row, set);
        self.assign(row, set, Some(why))
    }

    /// The user made for a row.
    pub fn user_of(&self, row: RowOrdinal) -> Option<UserId> {
        match self.fate(row) {
            Fate::Created { user, .. } | Fate::Lacking { user, .. } => Some(user.unpack()),
            Fate::Open | Fate::Faulty { .. } => None,
        }
    }

    /// Was a user made for a row?
    pub fn has_user(&self, row: RowOrdinal) -> bool {
        match self.fate(row) {
            Fate::Created { .. } | Fate::Lacking { .. } => true,
            Fate::Open | Fate::Faulty { .. } => false,
        }
    }

    /// Is the row to be sent: for the first time, or again?
    pub fn wants_sending(&self, row: RowOrdinal) -> bool {
        match self.fate(row) {
            Fate::Open => true,
            Fate::Faulty { again, .. } => again,
            Fate::Created { .. } | Fate::Lacking { .. } => false,
        }
    }

    /// Is a permission set to be assigned to the user of a row: for the first time, or again?
    pub fn wants_assignment(&self, row: RowOrdinal, set: PermissionSetId) -> bool {
        self.has_user(row) && !self.assignments.is_over(row, set)
    }

    /// How often the row was sent without making a user.
    pub fn tries(&self, row: RowOrdinal) -> u8 {
        match self.fate(row) {
            Fate::Faulty { tries, .. } => tries,
            Fate::Open | Fate::Created { .. } | Fate::Lacking { .. } => 0,
        }
    }

    /// Was a row of a job sent before, in another one?
    pub fn was_sent(&self, sent: &SentRow) -> bool {
        let tries = match sent.key {
            SentKey::Contact(_) => self.tries(sent.row),
            SentKey::Assignment(_, wanted) => self.assignments.tries(sent.row, wanted),
        };
        tries > 0
    }

    /// How often the most tried assignment went that goes again.
    pub fn assignment_tries_max(&self) -> u8 {
        self.assignments.tries_max()
    }

    /// What is renewed of the row, or was when its user was made.
    pub fn renewal_of(&self, row: RowOrdinal) -> Option<Renewal> {
        self.renewals.get(&row).copied()
    }

    /// The stage of a row that has no user and never will; none where a user was made, nothing is
    /// known yet, or the row goes again.
    pub fn failed_at(&self, row: RowOrdinal) -> Option<Stage> {
        match self.fate(row) {
            Fate::Faulty {
                stage,
                again: false,
                ..
            } => Some(stage),
            Fate::Faulty { again: true, .. }
            | Fate::Open
            | Fate::Created { .. }
            | Fate::Lacking { .. } => None,
        }
    }

    /// How the row ends, as things stand; none where nothing is known of it. `username` is asked
    /// for only where a user was made, and told what was renewed of the row.
    pub fn end_of(
        &mut self,
        row: RowOrdinal,
        username: impl FnOnce(Option<Renewal>) -> String,
    ) -> Result<Option<RowEnd>, ResultsError> {
        Ok(Some(match self.fate(row) {
            Fate::Open => return Ok(None),
            Fate::Faulty { stage, faults, .. } => RowEnd::Failure {
                stage,
                faults: self.spill.read(faults)?,
            },
            Fate::Created { user, job } => {
                let job = self.jobs[u32::from_le_bytes(job) as usize].to_string();
                RowEnd::Success {
                    user: user.unpack(),
                    username: username(self.renewal_of(row)),
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
        }))
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

    /// What speaks against these rows, by code; a row counts once under each of its codes.
    pub fn codes_of(&mut self, rows: &[RowOrdinal]) -> Result<BTreeMap<String, u64>, ResultsError> {
        let mut counts = BTreeMap::new();
        for row in rows {
            let faults = self.faults_of(*row)?;
            for code in codes_of(faults.iter()) {
                *counts.entry(code.to_owned()).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// Takes up a job whose rows are settled; its position, as fates keep it.
    pub(super) fn add_job(&mut self, job: JobId) -> PackedJob {
        let place = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        self.jobs.push(job);
        place.to_le_bytes()
    }

    /// The user of a row has a permission set, or lacks it for this reason.
    pub(super) fn assign(
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
            tries: self.tries(row),
            again: false,
            faults: self.spill.append(&faults)?,
        };
        self.replace(row, fate, faults)
    }

    /// Puts a fate in the place of an older one and keeps the counts by code true.
    pub(super) fn replace(
        &mut self,
        row: RowOrdinal,
        fate: Fate,
        faults: &[&Fault],
    ) -> Result<(), ResultsError> {
        let old = self.faults_of(row)?;
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

    fn faults_of(&mut self, row: RowOrdinal) -> Result<Vec<Fault>, ResultsError> {
        Ok(match self.fate(row) {
            Fate::Open | Fate::Created { .. } => Vec::new(),
            Fate::Faulty { faults, .. } => self.spill.read(faults)?,
            Fate::Lacking { lacks, .. } => {
                let lacks: Lacks = self.spill.read(lacks)?;
                lacks.sets.into_iter().map(|(_, fault)| fault).collect()
            }
        })
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
