//! Facts that no record holds: found by joining the tables whenever one of them changed.
//!
//! A role change of an account's owner touches the User only (R-1305), so whatever depends on two
//! objects is joined here and stored on neither.

use std::collections::HashMap;

use super::index::Index;
use super::tables::{NO_ID, PortalRole, Tables, UserKind, Users};
use crate::model::id::{AccountId, ContactId, ProfileId, RoleId};
use crate::model::user::{AccountRoles, PortalKind};

/// Kinds that have account roles; the position in arrays by kind.
const ROLE_BASED: [PortalKind; 2] = [PortalKind::Customer, PortalKind::Partner];

/// Levels of an account's own roles.
const LEVELS_MAX: u8 = 3;

/// The joined facts.
#[derive(Debug)]
pub(super) struct Joined {
    /// By account slot.
    account_roles: Vec<RoleSet>,
    /// By user slot: accounts with role-based users the user owns.
    role_based_accounts: Vec<u32>,
    active_users: HashMap<ProfileId, u64>,
    /// By kind.
    role_levels: [u64; 2],
    portal_roles: u64,
    uses_shared_roles: bool,
}

/// The generated roles of one account: bit 0-2 customer levels, 3-5 partner levels, 6 and 7 a
/// user of that kind in a shared role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct RoleSet(u8);

impl RoleSet {
    const SHARED: u8 = 2 * LEVELS_MAX;

    fn add_level(&mut self, kind: usize, level: u8) {
        self.0 |= 1 << (level.min(LEVELS_MAX - 1) + LEVELS_MAX * u8::from(kind > 0));
    }

    fn add_shared(&mut self, kind: usize) {
        self.0 |= 1 << (Self::SHARED + u8::from(kind > 0));
    }

    fn levels(self, kind: usize) -> u8 {
        (self.0 >> (LEVELS_MAX * u8::from(kind > 0))) & ((1 << LEVELS_MAX) - 1)
    }

    fn of(self, kind: usize) -> AccountRoles {
        if self.levels(kind) > 0 {
            AccountRoles::Full
        } else if self.0 >> (Self::SHARED + u8::from(kind > 0)) & 1 > 0 {
            AccountRoles::Shared
        } else {
            AccountRoles::None
        }
    }
}

impl Joined {
    /// Joins everything; linear in users, accounts and roles.
    pub(super) fn join(tables: &Tables, index: &Index) -> Self {
        let mut account_roles = vec![RoleSet::default(); tables.accounts.slots().len()];
        add_own_roles(&mut account_roles, tables, index);
        let has_role_based_user = add_users(&mut account_roles, tables, index);
        Self {
            account_roles,
            role_based_accounts: count_by_owner(&has_role_based_user, tables, index),
            active_users: count_by_profile(&tables.users),
            role_levels: newest_levels(tables),
            portal_roles: tables.roles.rows().len() as u64,
            uses_shared_roles: tables
                .roles
                .rows()
                .any(|row| shared_kind(tables, row).is_some()),
        }
    }

    pub(super) fn roles(&self, account: u32, kind: PortalKind) -> AccountRoles {
        let roles = self
            .account_roles
            .get(account as usize)
            .copied()
            .unwrap_or_default();
        position(kind).map_or(AccountRoles::None, |kind| roles.of(kind))
    }

    pub(super) fn has_level(&self, account: u32, kind: PortalKind, level: u8) -> bool {
        let roles = self
            .account_roles
            .get(account as usize)
            .copied()
            .unwrap_or_default();
        position(kind).is_some_and(|kind| roles.levels(kind) >> level & 1 > 0)
    }

    /// High-volume users have no account roles, so no levels either.
    pub(super) fn role_levels(&self, kind: PortalKind) -> u64 {
        position(kind).map_or(0, |kind| self.role_levels[kind])
    }

    pub(super) fn portal_roles(&self) -> u64 {
        self.portal_roles
    }

    pub(super) fn uses_shared_roles(&self) -> bool {
        self.uses_shared_roles
    }

    pub(super) fn role_based_accounts(&self, user: u32) -> u32 {
        self.role_based_accounts
            .get(user as usize)
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn active_users(&self, profile: ProfileId) -> u64 {
        self.active_users.get(&profile).copied().unwrap_or(0)
    }
}

fn position(kind: PortalKind) -> Option<usize> {
    ROLE_BASED.iter().position(|role_based| *role_based == kind)
}

/// Levels by the roles that were made for the account itself.
fn add_own_roles(account_roles: &mut [RoleSet], tables: &Tables, index: &Index) {
    let slots = account_slots(tables.roles.account_ids(), tables, index);
    for row in tables.roles.rows() {
        let PortalRole::OfAccount { kind, level } = tables.roles.role(row) else {
            continue;
        };
        let account = slots
            .get(tables.roles.account_number(row) as usize)
            .copied()
            .flatten();
        if let (Some(account), Some(kind)) = (account, position(kind)) {
            account_roles[account as usize].add_level(kind, level);
        }
    }
}

/// Shared roles by the active users that sit in them; says which accounts have an active
/// role-based user at all.
///
/// One such user is enough: with two the org would have made the account its own roles, and then
/// those count.
fn add_users(account_roles: &mut [RoleSet], tables: &Tables, index: &Index) -> Vec<bool> {
    let users = &tables.users;
    let slots = account_slots(users.account_ids(), tables, index);
    let shared = shared_roles(tables);
    let shared: Vec<Option<PortalKind>> = users
        .role_ids()
        .iter()
        .map(|role| shared.get(role).copied())
        .collect();
    let mut has_role_based_user = vec![false; account_roles.len()];
    for slot in users.slots().filter(|slot| users.is_active(*slot)) {
        let UserKind::Portal(kind) = users.kind(slot) else {
            continue;
        };
        let account = match users.account_number(slot) {
            // Without `AccountId` in the describe the contact says it.
            NO_ID => account_of_contact(users.contact(slot), tables, index),
            number => slots[number as usize],
        };
        let (Some(account), Some(kind)) = (account, position(kind)) else {
            continue;
        };
        has_role_based_user[account as usize] = true;
        let role = shared
            .get(users.role_number(slot) as usize)
            .copied()
            .flatten();
        if role == Some(ROLE_BASED[kind]) {
            account_roles[account as usize].add_shared(kind);
        }
    }
    has_role_based_user
}

fn account_of_contact(contact: Option<ContactId>, tables: &Tables, index: &Index) -> Option<u32> {
    let contact = index.contact(contact?, &tables.contacts)?;
    index.account(tables.contacts.account(contact)?, &tables.accounts)
}

fn shared_roles(tables: &Tables) -> HashMap<RoleId, PortalKind> {
    let rows = tables.roles.rows();
    rows.filter_map(|row| Some((tables.roles.id(row), shared_kind(tables, row)?)))
        .collect()
}

fn shared_kind(tables: &Tables, row: u32) -> Option<PortalKind> {
    match tables.roles.role(row) {
        PortalRole::Shared { kind } => Some(kind),
        PortalRole::OfAccount { .. } => None,
    }
}

/// How many accounts with active role-based users each user owns.
fn count_by_owner(has_role_based_user: &[bool], tables: &Tables, index: &Index) -> Vec<u32> {
    let mut counts = vec![0; tables.users.slots().len()];
    for account in tables
        .accounts
        .slots()
        .filter(|slot| has_role_based_user[*slot as usize])
    {
        let owner = tables
            .accounts
            .owner(account)
            .filter(|_| !tables.accounts.is_deleted(account));
        if let Some(owner) = owner.and_then(|owner| index.user(owner, &tables.users)) {
            counts[owner as usize] += 1;
        }
    }
    counts
}

fn count_by_profile(users: &Users) -> HashMap<ProfileId, u64> {
    let mut counts = vec![0; users.profile_ids().len()];
    for slot in users.slots().filter(|slot| users.is_active(*slot)) {
        if let Some(count) = counts.get_mut(users.profile_number(slot) as usize) {
            *count += 1;
        }
    }
    users.profile_ids().iter().copied().zip(counts).collect()
}

/// Levels by kind, as the account shows whose roles are the newest by id: the setting counts for
/// new accounts only, so older accounts may show another. One where there is none yet.
fn newest_levels(tables: &Tables) -> [u64; 2] {
    let mut newest = [None; 2];
    for row in tables.roles.rows() {
        if let PortalRole::OfAccount { kind, .. } = tables.roles.role(row)
            && let Some(kind) = position(kind)
        {
            newest[kind] = Some(tables.roles.account_number(row));
        }
    }
    let mut levels = [RoleSet::default(); 2];
    for row in tables.roles.rows() {
        if let PortalRole::OfAccount { kind, level } = tables.roles.role(row)
            && let Some(kind) = position(kind)
            && newest[kind] == Some(tables.roles.account_number(row))
        {
            levels[kind].add_level(kind, level);
        }
    }
    [0, 1].map(|kind| u64::from(levels[kind].levels(kind).count_ones().max(1)))
}

/// The slot of each of these accounts, as far as it is known.
fn account_slots(ids: &[AccountId], tables: &Tables, index: &Index) -> Vec<Option<u32>> {
    ids.iter()
        .map(|id| index.account(*id, &tables.accounts))
        .collect()
}
