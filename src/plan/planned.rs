//! The finished plan: its waves, its numbers, its digest; writes any wave as draft or sealed.
//!
//! The digest is SHA-256 over the checksum of the spill, the columns, and the rows of each wave in
//! order: the same input, org state and options give the same digest on any machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha256};

use crate::model::change::Renewal;
use crate::model::digest::hex;
use crate::model::id::{LicenseIndex, PermissionSetId, RowOrdinal, UserId};
use crate::model::user::PortalKind;
use crate::model::wave::SealedWave;

use super::FOLDER;
use super::accepted::AcceptedChanges;
use super::draft::{Draft, PlanCounts, PlanFacts};
use super::error::PlanError;
use super::gather::{GatherLimits, Source, gather};
use super::key::SortKey;
use super::permission_sets::{self, WantedSets};
use super::pilot;
use super::plan_file;
use super::record::{contact_of, renewed};
use super::seal::{Drafting, Sealing};
use super::spill::Spill;
use super::wave_index;
use super::waves::{
    PlannedWave, accounts_getting_roles, fill_first_waves, numbered, permission_set_wave, size_of,
};

/// Everything that will be sent, in waves.
pub struct Plan {
    pub(super) run_folder: PathBuf,
    pub(super) header: Vec<u8>,
    pub(super) facts: PlanFacts,
    pub(super) spill: Spill,
    pub(super) keys: Vec<SortKey>,
    pub(super) wanted_sets: WantedSets,
    pub(super) counts: PlanCounts,
    pub(super) waves: Vec<PlannedWave>,
    pub(super) digest: String,
    pub(super) gather_limits: GatherLimits,
}

impl Plan {
    /// The plan of a draft: rows in wave order, each in its wave.
    pub(super) fn of(draft: Draft) -> Result<Self, PlanError> {
        let (spill, checksum) = draft.spill.finish()?;
        let mut keys = draft.keys;
        keys.shrink_to_fit();
        // Orders are unique, so the result does not depend on how threads share the work.
        keys.par_sort_unstable_by_key(SortKey::order);
        fill_first_waves(&mut keys, draft.facts.uses_shared_roles, &|_| false);
        let waves = numbered(&keys, draft.wanted_sets.count());
        let digest = digest_of(checksum, &draft.header, &waves, &keys, &draft.wanted_sets);
        Ok(Self {
            run_folder: draft.run_folder,
            header: draft.header,
            facts: draft.facts,
            spill,
            keys,
            wanted_sets: draft.wanted_sets,
            counts: draft.counts,
            waves,
            digest,
            gather_limits: GatherLimits::default(),
        })
    }

    /// Was a plan ever begun in this run folder? Nothing of it is read.
    pub fn has_begun(run_folder: &Path) -> bool {
        run_folder.join(FOLDER).exists()
    }

    /// The waves that hold anything, in the order they are sent.
    pub fn waves(&self) -> &[PlannedWave] {
        &self.waves
    }

    /// SHA-256 of the plan, in hex; the same whatever the thread count.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Rows that will be sent.
    pub fn accepted(&self) -> u64 {
        self.keys.len() as u64
    }

    /// Accepted rows by profile, licence and kind.
    pub fn counts(&self) -> &PlanCounts {
        &self.counts
    }

    /// Users per licence among the rows that `is_counted` names, such as those created.
    pub fn by_license(
        &self,
        is_counted: &dyn Fn(RowOrdinal) -> bool,
    ) -> BTreeMap<LicenseIndex, u64> {
        let mut counts = BTreeMap::new();
        for key in self.keys.iter().filter(|key| is_counted(key.row())) {
            *counts.entry(key.license()).or_default() += 1;
        }
        counts
    }

    /// Rows of a wave of users that take a seat and that `keep` lets pass, per licence.
    pub fn seats_wanted(
        &self,
        wave: &PlannedWave,
        keep: &dyn Fn(RowOrdinal) -> bool,
    ) -> BTreeMap<LicenseIndex, u64> {
        let mut counts = BTreeMap::new();
        for key in self.taking_seats(wave, keep) {
            *counts.entry(key.license()).or_default() += 1;
        }
        counts
    }

    /// Those rows of one licence, in input order, which is the order seats are dealt in.
    pub fn rows_wanting_seats(
        &self,
        wave: &PlannedWave,
        license: LicenseIndex,
        keep: &dyn Fn(RowOrdinal) -> bool,
    ) -> Vec<RowOrdinal> {
        let keys = self.taking_seats(wave, keep);
        let mut rows: Vec<_> = keys
            .filter(|key| key.license() == license)
            .map(SortKey::row)
            .collect();
        rows.sort_unstable();
        rows
    }

    fn taking_seats(
        &self,
        wave: &PlannedWave,
        keep: &dyn Fn(RowOrdinal) -> bool,
    ) -> impl Iterator<Item = &SortKey> {
        let users = wave.users();
        self.keys
            .iter()
            .filter(move |key| Some(key.wave()) == users && !key.is_staged() && keep(key.row()))
    }

    /// Is there a row for which this holds?
    pub fn has_row(&self, holds: &dyn Fn(RowOrdinal) -> bool) -> bool {
        self.keys.iter().any(|key| holds(key.row()))
    }

    /// Is there such a row in this wave of users?
    pub fn wave_has_row(&self, wave: &PlannedWave, holds: &dyn Fn(RowOrdinal) -> bool) -> bool {
        let users = wave.users();
        let mut keys = self.keys.iter();
        keys.any(|key| Some(key.wave()) == users && holds(key.row()))
    }

    /// Rows of all kinds that go before the others, in row order.
    pub fn pilot(&self, count: usize) -> Vec<RowOrdinal> {
        pilot::rows(&self.keys, count)
    }

    /// Every permission set a row wants, in the order of assignments.
    pub fn wanted_sets(&self) -> impl Iterator<Item = (RowOrdinal, PermissionSetId)> + '_ {
        self.keys.iter().flat_map(|key| {
            let sets = self.wanted_sets.of_row(key.row());
            sets.map(|set| (key.row(), set))
        })
    }

    /// Portal roles that will appear: levels times accounts that get them (R-504..R-507).
    pub fn roles_new(&self) -> u64 {
        let shared = self.facts.uses_shared_roles;
        let accounts = |kind| accounts_getting_roles(&self.keys, kind, shared);
        accounts(PortalKind::Customer) * self.facts.customer_levels
            + accounts(PortalKind::Partner) * self.facts.partner_levels
    }

    /// Removes the spilled changes and what was stored beside them; the plan can do nothing more.
    /// Sealed waves stay. What cannot be removed stays too.
    pub fn clear_away(&self) {
        let _ = std::fs::remove_file(self.spill.path());
        let _ = std::fs::remove_file(plan_file::path_of(&self.run_folder));
        wave_index::clear_away(&self.run_folder.join(FOLDER));
    }

    /// The encoded changes of the accepted rows, in input order.
    pub fn accepted_changes(&self) -> Result<AcceptedChanges<'_>, PlanError> {
        AcceptedChanges::open(&self.spill, &self.keys)
    }

    /// Moves the next row of an account forward where the row that went first is lost: it made
    /// no user and never will; where that one is lost too, the next two, and so on. Call it before
    /// a wave is sealed. Returns how many rows moved; they are then part of the earlier wave, to be
    /// sealed as a further round of it.
    pub fn promote(&mut self, is_lost: &dyn Fn(RowOrdinal) -> bool) -> u64 {
        let moved = fill_first_waves(&mut self.keys, self.facts.uses_shared_roles, is_lost);
        for wave in &mut self.waves {
            if let Some(users) = wave.users() {
                (wave.changes, wave.bytes) = size_of(&self.keys, users);
            }
        }
        moved
    }

    /// Writes what would be sent, one file for each wave.
    ///
    /// The draft of the permission-set wave has the columns `ContactId,PermissionSetId`: its
    /// users do not exist yet, so each is named by the contact it will be made for.
    pub fn write_drafts(&self) -> Result<(), PlanError> {
        let draft_of = |wave: &PlannedWave| {
            let header = match wave.users() {
                Some(_) => &self.header[..],
                None => permission_sets::DRAFT_HEADER,
            };
            let draft = Drafting::start(&self.run_folder, wave, header)?;
            Ok((wave.users(), draft))
        };
        let drafts: Result<Vec<_>, PlanError> = self.waves.iter().map(draft_of).collect();
        let mut drafts = drafts?;
        let scratch = self.run_folder.join(FOLDER).join("drafts");
        gather(&self.source(), |_| true, &scratch, &mut |key, change| {
            for (users, draft) in &mut drafts {
                match users {
                    Some(users) if key.wave() == *users => draft.write(change)?,
                    Some(_) => {}
                    None => self.draft_assignments(draft, key, change)?,
                }
            }
            Ok(())
        })?;
        let mut drafts = drafts.into_iter();
        drafts.try_for_each(|(_, draft)| draft.finish())
    }

    /// Writes the rows of a wave of users that `keep` lets pass, ready to be sent; `renewal` says
    /// what is renewed of a row that clashed before. The result may hold no rows; then there is
    /// nothing to send.
    ///
    /// # Panics
    /// When the wave is the permission-set wave, which [`Plan::seal_permission_sets`] seals.
    pub fn seal(
        &self,
        wave: &PlannedWave,
        round: u32,
        keep: &dyn Fn(RowOrdinal) -> bool,
        renewal: &dyn Fn(RowOrdinal) -> Option<Renewal>,
    ) -> Result<SealedWave, PlanError> {
        let users = wave.users();
        assert!(
            users.is_some(),
            "a permission-set wave needs the ids of its users"
        );
        let fits = |key: &SortKey| Some(key.wave()) == users && keep(key.row());
        let mut sealing = Sealing::start(&self.run_folder, wave, round, &self.header)?;
        sealing.reserve(self.keys.iter().filter(|key| fits(key)).count());
        let scratch = sealing.path().to_owned();
        gather(
            &self.source(),
            fits,
            &scratch,
            &mut |key, change| match renewal(key.row()) {
                None => sealing.push(key, change),
                Some(what) => sealing.push(key, &renewed(change, &self.header, key.row(), what)),
            },
        )?;
        sealing.finish()
    }

    /// Writes the assignments whose user `assignee` names, ready to be sent; none when there
    /// are none. `assignee` answers for each wanted pair: no user for a row that has none, and
    /// in a later round no user for an assignment that is settled.
    pub fn seal_permission_sets(
        &self,
        number: u32,
        round: u32,
        assignee: &dyn Fn(RowOrdinal, PermissionSetId) -> Option<UserId>,
    ) -> Result<Option<SealedWave>, PlanError> {
        let wave = permission_set_wave(number, self.wanted_sets.count());
        let header = permission_sets::SEALED_HEADER;
        let mut sealing = Sealing::start(&self.run_folder, &wave, round, header)?;
        for key in &self.keys {
            for set in self.wanted_sets.of_row(key.row()) {
                if let Some(user) = assignee(key.row(), set) {
                    sealing.push(key, format!("{user},{set}\n").as_bytes())?;
                }
            }
        }
        if sealing.is_empty() {
            return Ok(None);
        }
        sealing.finish().map(Some)
    }

    fn draft_assignments(
        &self,
        draft: &mut Drafting,
        key: &SortKey,
        change: &[u8],
    ) -> Result<(), PlanError> {
        let contact = contact_of(change);
        let mut sets = self.wanted_sets.of_row(key.row());
        sets.try_for_each(|set| draft.write(format!("{contact},{set}\n").as_bytes()))
    }

    fn source(&self) -> Source<'_> {
        Source {
            spill: &self.spill,
            keys: &self.keys,
            limits: self.gather_limits,
        }
    }

    #[cfg(test)]
    pub(super) fn with_gather_limits(mut self, limits: GatherLimits) -> Self {
        self.gather_limits = limits;
        self
    }
}

/// The plan's digest, in hex.
pub(super) fn digest_of(
    checksum: u128,
    header: &[u8],
    waves: &[PlannedWave],
    keys: &[SortKey],
    wanted_sets: &WantedSets,
) -> String {
    let mut digest = Sha256::new();
    digest.update(checksum.to_le_bytes());
    digest.update(header);
    for wave in waves {
        digest.update(wave.name());
        for key in keys {
            let row = key.row();
            match wave.users() {
                Some(users) if key.wave() == users => digest.update(row.0.to_le_bytes()),
                Some(_) => {}
                None => wanted_sets.of_row(row).for_each(|set| {
                    digest.update(row.0.to_le_bytes());
                    digest.update(set.to_string());
                }),
            }
        }
    }
    hex(&digest.finalize())
}
