//! Facts that no record holds: found by joining.
//!
//! A role change of an account's owner touches the User only (R-1305), so whatever depends on two
//! objects is joined. A pull joins everything once; when single records are read again, the sums
//! they are part of are kept up to date one by one, because joining ten million contacts anew for
//! one mended owner would take longer than the run.

use serde::{Deserialize, Serialize};

use super::tables::{PortalRole, RoleCounts, RoleRow, Tables, UserKind, UserRow};
use crate::model::user::{AccountRoles, PortalKind};

/// Kinds that have account roles; the position in arrays by kind.
const ROLE_BASED: [PortalKind; 2] = [PortalKind::Customer, PortalKind::Partner];

/// Levels of an account's own roles.
const LEVELS_MAX: u8 = 3;

/// What the generated roles of an org add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct RoleTotals {
    /// Levels by kind, as the account shows whose roles are the newest by id.
    pub(super) levels: [u64; 2],
    /// Is there any shared role?
    pub(super) has_shared: bool,
}

/// Where a kind stands in arrays by kind; none for a kind without account roles.
pub(super) fn role_based_position(kind: PortalKind) -> Option<usize> {
    ROLE_BASED.iter().position(|role_based| *role_based == kind)
}

/// The account has a role of its own of that level.
pub(super) fn add_level(counts: &mut RoleCounts, kind: PortalKind, level: u8) {
    if let Some(kind) = role_based_position(kind) {
        counts.levels |= 1 << (level.min(LEVELS_MAX - 1) + LEVELS_MAX * u8::from(kind > 0));
    }
}

/// The levels an account has for that kind, a bit each.
pub(super) fn levels(counts: RoleCounts, kind: PortalKind) -> u8 {
    role_based_position(kind).map_or(0, |kind| {
        (counts.levels >> (LEVELS_MAX * u8::from(kind > 0))) & ((1 << LEVELS_MAX) - 1)
    })
}

/// The generated roles an account has for that kind.
///
/// One active user in a shared role is enough: with two the org would have made the account its
/// own roles, and then those count.
pub(super) fn account_roles(counts: RoleCounts, kind: PortalKind) -> AccountRoles {
    let shared = role_based_position(kind).is_some_and(|kind| counts.shared[kind] > 0);
    if levels(counts, kind) > 0 {
        AccountRoles::Full
    } else if shared {
        AccountRoles::Shared
    } else {
        AccountRoles::None
    }
}

/// Sums up all roles. Levels by kind are those of the account whose roles are the newest by id:
/// the setting counts for new accounts only, so older accounts may show another. One
/// where there is none yet.
pub(super) fn role_totals<I: Iterator<Item = RoleRow>>(roles: impl Fn() -> I) -> RoleTotals {
    let own = |row: &RoleRow| match row.role {
        PortalRole::OfAccount { kind, level } => {
            role_based_position(kind).map(|position| (position, kind, level))
        }
        PortalRole::Shared { .. } => None,
    };
    let mut newest: [Option<RoleRow>; 2] = [None; 2];
    let mut has_shared = false;
    for row in roles() {
        has_shared |= row.role.shared().is_some();
        if let Some((position, ..)) = own(&row)
            && newest[position].is_none_or(|newest| newest.id < row.id)
        {
            newest[position] = Some(row);
        }
    }
    let mut counts = [RoleCounts::default(); 2];
    for row in roles() {
        if let Some((position, kind, level)) = own(&row)
            && newest[position].is_some_and(|newest| newest.account == row.account)
        {
            add_level(&mut counts[position], kind, level);
        }
    }
    let levels = [0, 1].map(|position| {
        let levels = levels(counts[position], ROLE_BASED[position]);
        u64::from(levels.count_ones().max(1))
    });
    RoleTotals { levels, has_shared }
}

impl Tables {
    /// Takes a user out of all sums it is part of, before its record changes.
    pub(super) fn leave(&mut self, user: &UserRow) {
        self.count(user, false);
    }

    /// Puts a user into all sums it is part of, after its record changed.
    pub(super) fn enter(&mut self, user: &UserRow) {
        self.count(user, true);
    }

    fn count(&mut self, user: &UserRow, more: bool) {
        if !user.is_known || !user.is_active {
            return;
        }
        if self.users.profile(user.profile).is_some() {
            self.users.count_active(user.profile, more);
        }
        let UserKind::Portal(kind) = user.kind else {
            return;
        };
        if let Some(position) = role_based_position(kind)
            && let Some(account) = self.account_of(user)
        {
            let is_shared = user.shared_role == Some(kind);
            self.count_member(account, is_shared.then_some(position), more);
        }
    }

    /// Without `AccountId` in the describe the contact says it.
    fn account_of(&self, user: &UserRow) -> Option<u32> {
        if user.account != u32::MAX {
            return Some(user.account);
        }
        let (_, contact) = self.contacts.find(user.contact?)?;
        Some(contact.account).filter(|account| *account != u32::MAX)
    }

    fn count_member(&mut self, account: u32, shared: Option<usize>, more: bool) {
        let step = |count: u32| {
            if more {
                count.saturating_add(1)
            } else {
                count.saturating_sub(1)
            }
        };
        let before = self.accounts.counts(account);
        let mut counts = before;
        counts.role_based = step(counts.role_based);
        if let Some(kind) = shared {
            counts.shared[kind] = step(counts.shared[kind]);
        }
        self.accounts.set_counts(account, counts);
        if (before.role_based > 0) != (counts.role_based > 0) {
            self.count_for_owner(account, more);
        }
    }

    /// The account's owner owns one account with role-based users more or less; call it for an
    /// account that has, or had, such users.
    pub(super) fn count_for_owner(&mut self, account: u32, more: bool) {
        let row = self.accounts.row(account);
        let owner = row.filter(|row| row.is_known && !row.is_deleted);
        if let Some(owner) = owner
            .map(|row| row.owner)
            .filter(|owner| *owner != u32::MAX)
        {
            self.users.count_owned(owner, more);
        }
    }
}
