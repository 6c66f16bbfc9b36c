//! The plan while it grows: every accepted change goes to the spill, its key stays in memory.
//!
//! Comes in: checked windows after dealing, in file order. Goes out: a [`Plan`]. Nothing here
//! depends on how windows were cut or on the thread count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::journal::create_private_folder;
use crate::model::id::{LicenseIndex, ProfileId, RowOrdinal};
use crate::model::user::{CheckedRow, CheckedWindow, NewUser, PortalKind, SentColumns};

use super::FOLDER;
use super::error::PlanError;
use super::key::SortKey;
use super::permission_sets::WantedSets;
use super::planned::Plan;
use super::spill::SpillWriter;

/// Where changes wait, under the run folder.
pub(super) const SPILL_FILE: &str = "changes.spill";

/// What the org's settings say about account roles, as far as its roles show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFacts {
    /// Does the org give an account one shared role first?
    pub uses_shared_roles: bool,
    /// Customer roles a new account gets.
    pub customer_levels: u64,
    /// Partner roles a new account gets.
    pub partner_levels: u64,
}

/// Accepted rows by what they get.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanCounts {
    /// By profile, staged users included.
    pub by_profile: BTreeMap<ProfileId, u64>,
    /// By profile, only users that are active from the start.
    pub active_by_profile: BTreeMap<ProfileId, u64>,
    /// By licence, staged users included.
    pub by_license: BTreeMap<LicenseIndex, u64>,
    /// By the kind of user the licence makes.
    pub by_kind: BTreeMap<PortalKind, u64>,
}

/// What rows are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    profile: ProfileId,
    license: LicenseIndex,
    kind: PortalKind,
    takes_seat: bool,
}

impl PlanCounts {
    fn add(&mut self, group: Group, rows: u64) {
        *self.by_profile.entry(group.profile).or_default() += rows;
        *self.by_license.entry(group.license).or_default() += rows;
        *self.by_kind.entry(group.kind).or_default() += rows;
        if group.takes_seat {
            *self.active_by_profile.entry(group.profile).or_default() += rows;
        }
    }
}

/// Counts one row more of a group. A file has a handful of groups: looking through them beats
/// four maps.
fn count(groups: &mut Vec<(Group, u64)>, user: &NewUser) {
    let group = Group {
        profile: user.profile,
        license: user.license,
        kind: user.kind,
        takes_seat: user.takes_seat,
    };
    match groups.iter_mut().find(|(known, _)| *known == group) {
        Some((_, rows)) => *rows += 1,
        None => groups.push((group, 1)),
    }
}

/// A plan that still takes rows.
pub struct Draft {
    pub(super) run_folder: PathBuf,
    pub(super) header: Vec<u8>,
    pub(super) facts: PlanFacts,
    pub(super) spill: SpillWriter,
    pub(super) keys: Vec<SortKey>,
    pub(super) wanted_sets: WantedSets,
    pub(super) counts: PlanCounts,
}

impl Draft {
    /// Starts an empty plan in the run folder, for the accounts of an org; files of an earlier
    /// attempt are written over.
    pub fn create(
        run_folder: &Path,
        columns: &SentColumns,
        facts: PlanFacts,
        account_count: u32,
    ) -> Result<Self, PlanError> {
        let folder = run_folder.join(FOLDER);
        create_private_folder(&folder).map_err(|source| PlanError::DraftUnwritable {
            path: folder.clone(),
            source,
        })?;
        Ok(Self {
            run_folder: run_folder.to_owned(),
            header: columns.header_line(),
            facts,
            spill: SpillWriter::create(folder.join(SPILL_FILE), account_count)?,
            keys: Vec::new(),
            wanted_sets: WantedSets::default(),
            counts: PlanCounts::default(),
        })
    }

    /// Takes the accepted rows of a window; windows come in file order, after dealing.
    pub fn take(&mut self, checked: &CheckedWindow) -> Result<(), PlanError> {
        let mut groups = Vec::new();
        for row in &checked.rows {
            if let CheckedRow::Accepted(user) = row {
                let change = &checked.changes[user.change.start as usize..user.change.end as usize];
                self.take_user(user, change)?;
                count(&mut groups, user);
            }
        }
        for (group, rows) in groups {
            self.counts.add(group, rows);
        }
        let is_accepted = |row: RowOrdinal| {
            let place = checked.rows.binary_search_by_key(&row, CheckedRow::row);
            place.is_ok_and(|place| matches!(checked.rows[place], CheckedRow::Accepted(_)))
        };
        self.wanted_sets.take(checked, is_accepted);
        Ok(())
    }

    /// Ends the draft: rows in wave order, each in its wave.
    pub fn in_waves(self) -> Result<Plan, PlanError> {
        Plan::of(self)
    }

    fn take_user(&mut self, user: &NewUser, change: &[u8]) -> Result<(), PlanError> {
        let place = self.spill.next_place(user.account_slot);
        let key = SortKey::new(user, place, change.len()).ok_or(PlanError::ChangeTooLong {
            line: user.line,
            bytes: change.len(),
        })?;
        self.spill.append(place.part, user.row, change)?;
        self.keys.push(key);
        Ok(())
    }
}
