//! Who goes first: which wave each accepted row belongs to. Pure.
//!
//! New account roles are what takes locks; adding users to accounts that have their roles does
//! not (R-1001..R-1003). So the one user that makes an account's roles goes in a wave with one
//! lane. Customer and partner roles of an account are made separately.
//!
//! Whether an inactive user makes roles is not known: R-507 speaks of the first *active* user.
//! Either answer works here: an active row is chosen before a staged one, and where all rows
//! are staged one of them goes first all the same.

use crate::model::change::ChangeKind;
use crate::model::id::RowOrdinal;
use crate::model::user::{AccountRoles, PortalKind};
use crate::model::wave::WaveLetter;

use super::key::SortKey;

/// Bytes of one permission-set assignment: two ids, a comma and a line end.
const ASSIGNMENT_BYTES: u64 = 18 + 1 + 18 + 1;

/// The waves of users, in the order they are sent. C is two waves, because their jobs differ
/// in size by two orders of magnitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UserWave {
    /// The first user of each account without roles.
    A,
    /// The second user of each account with one shared role.
    B,
    /// Every other user of a role-based licence.
    RoleBasedRest,
    /// Every user of a high-volume licence.
    HighVolume,
}

impl UserWave {
    pub(super) const ALL: [Self; 4] = [Self::A, Self::B, Self::RoleBasedRest, Self::HighVolume];

    /// Where users of this kind go unless they have to go first.
    pub(super) fn rest_of(kind: PortalKind) -> Self {
        if kind.is_role_based() {
            Self::RoleBasedRest
        } else {
            Self::HighVolume
        }
    }

    pub(super) fn letter(self) -> WaveLetter {
        match self {
            Self::A => WaveLetter::A,
            Self::B => WaveLetter::B,
            Self::RoleBasedRest | Self::HighVolume => WaveLetter::C,
        }
    }

    pub(super) fn is_role_based(self) -> bool {
        self != Self::HighVolume
    }
}

/// A wave of the plan: what it does, how much of it, how it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWave {
    /// Position among the run's waves, from 1.
    pub number: u32,
    /// What its changes do.
    pub kind: ChangeKind,
    /// Which of the kind's waves.
    pub letter: WaveLetter,
    /// Are its users in account roles? Such jobs start small.
    pub role_based: bool,
    /// Changes in it.
    pub changes: u64,
    /// Bytes of its changes, header apart.
    pub bytes: u64,
}

impl PlannedWave {
    /// As people read it: `create-user A`, `create-user C, high volume`.
    pub fn name(&self) -> String {
        let kind = self.kind.as_str();
        match (self.kind, self.letter) {
            (ChangeKind::AssignPermissionSet, _) => kind.to_owned(),
            (ChangeKind::CreateUser, WaveLetter::A) => format!("{kind} A"),
            (ChangeKind::CreateUser, WaveLetter::B) => format!("{kind} B"),
            (ChangeKind::CreateUser, WaveLetter::C) if self.role_based => format!("{kind} C"),
            (ChangeKind::CreateUser, WaveLetter::C) => format!("{kind} C, high volume"),
        }
    }

    /// Path of its draft under the run folder.
    pub fn draft_file(&self) -> String {
        format!("{}.draft.csv", self.stem())
    }

    /// Path of its sealed file of a round under the run folder.
    pub fn sealed_file(&self, round: u32) -> String {
        format!("{}.r{round}.csv", self.stem())
    }

    /// Which users it holds; none for the permission-set wave.
    pub(super) fn users(&self) -> Option<UserWave> {
        let is_same = |users: &UserWave| {
            users.letter() == self.letter && users.is_role_based() == self.role_based
        };
        match self.kind {
            ChangeKind::CreateUser => UserWave::ALL.into_iter().find(is_same),
            ChangeKind::AssignPermissionSet => None,
        }
    }

    fn stem(&self) -> String {
        format!(
            "plan/{:02}-{}-{}",
            self.number,
            self.kind.as_str(),
            self.letter.as_str()
        )
    }
}

/// The waves that hold anything, numbered from 1.
pub(super) fn numbered(keys: &[SortKey], wanted_sets: u64) -> Vec<PlannedWave> {
    let mut waves = Vec::new();
    for users in UserWave::ALL {
        let (changes, bytes) = size_of(keys, users);
        if changes > 0 {
            waves.push(PlannedWave {
                number: next_number(&waves),
                kind: ChangeKind::CreateUser,
                letter: users.letter(),
                role_based: users.is_role_based(),
                changes,
                bytes,
            });
        }
    }
    if wanted_sets > 0 {
        waves.push(permission_set_wave(next_number(&waves), wanted_sets));
    }
    waves
}

fn next_number(waves: &[PlannedWave]) -> u32 {
    waves.last().map_or(1, |wave| wave.number + 1)
}

/// Assignments make no roles, so they go several at a time, in large jobs.
pub(super) fn permission_set_wave(number: u32, changes: u64) -> PlannedWave {
    PlannedWave {
        number,
        kind: ChangeKind::AssignPermissionSet,
        letter: WaveLetter::C,
        role_based: false,
        changes,
        bytes: changes * ASSIGNMENT_BYTES,
    }
}

/// Fills waves A and B: for each account and kind that needs a user to go first and has none,
/// rows move forward from a later wave: one, or as many as the wave has lost. `is_lost` names rows
/// that made no user and never will. Keys must be in order. Returns how many rows moved.
///
/// Called with nothing lost it assigns the waves of a new plan; called between two waves it
/// promotes the next row where the one that went first was refused (design §7), then two, four and
/// so on: an account of which the org refuses everything is over in a few rounds. More than one
/// row of an account takes no lock of another, because these waves have one lane.
pub(super) fn fill_first_waves(
    keys: &mut [SortKey],
    uses_shared_roles: bool,
    is_lost: &dyn Fn(RowOrdinal) -> bool,
) -> u64 {
    let mut moved = 0;
    for account in keys.chunk_by_mut(|a, b| a.account() == b.account()) {
        for kind in [PortalKind::Customer, PortalKind::Partner] {
            for wave in waves_needed(roles_of(account, kind), uses_shared_roles) {
                moved += fill(account, kind, *wave, is_lost);
            }
        }
    }
    moved
}

/// Changes and bytes of one wave.
pub(super) fn size_of(keys: &[SortKey], users: UserWave) -> (u64, u64) {
    let held = keys.iter().filter(|key| key.wave() == users);
    held.fold((0, 0), |(changes, bytes), key| {
        (changes + 1, bytes + u64::from(key.length()))
    })
}

/// Accounts that will get the full set of roles of this kind. In an org with
/// shared roles an account's only user gets the owner's shared role instead, which is not counted:
/// it is one per owner, and may exist. Keys must be in order.
pub(super) fn accounts_getting_roles(
    keys: &[SortKey],
    kind: PortalKind,
    uses_shared_roles: bool,
) -> u64 {
    let gets_roles = |account: &[SortKey]| {
        let users = account.iter().filter(|key| key.kind() == kind).count();
        match roles_of(account, kind) {
            Some(AccountRoles::None) if uses_shared_roles => users >= 2,
            Some(AccountRoles::None | AccountRoles::Shared) => users >= 1,
            Some(AccountRoles::Full) | None => false,
        }
    };
    let accounts = keys.chunk_by(|a, b| a.account() == b.account());
    accounts.map(|account| u64::from(gets_roles(account))).sum()
}

/// Roles of this kind the account has; none when no row of it is of this kind.
fn roles_of(account: &[SortKey], kind: PortalKind) -> Option<AccountRoles> {
    account
        .iter()
        .find(|key| key.kind() == kind)
        .map(SortKey::roles)
}

fn waves_needed(roles: Option<AccountRoles>, uses_shared_roles: bool) -> &'static [UserWave] {
    match (roles, uses_shared_roles) {
        (Some(AccountRoles::None), true) => &[UserWave::A, UserWave::B],
        (Some(AccountRoles::None), false) => &[UserWave::A],
        (Some(AccountRoles::Shared), _) => &[UserWave::B],
        (Some(AccountRoles::Full) | None, _) => &[],
    }
}

/// Makes sure that a row of this kind stands in this wave, if one is left that can; how many moved.
fn fill(
    account: &mut [SortKey],
    kind: PortalKind,
    wave: UserWave,
    is_lost: &dyn Fn(RowOrdinal) -> bool,
) -> u64 {
    let mut lost = 0;
    for key in account.iter().filter(|key| key.kind() == kind) {
        match (key.wave() == wave, is_lost(key.row())) {
            (true, true) => lost += 1,
            (true, false) => return 0,
            (false, _) => {}
        }
    }
    let (wanted, mut moved) = (lost.max(1), 0);
    for is_staged in [false, true] {
        let later = account.iter_mut().filter(|key| {
            let may_move = key.kind() == kind && key.wave() > wave;
            may_move && key.is_staged() == is_staged && !is_lost(key.row())
        });
        for next in later.take(wanted - moved) {
            next.set_wave(wave);
            moved += 1;
        }
    }
    moved as u64
}
