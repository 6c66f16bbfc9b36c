//! The joins of a whole pull: what no single record says (R-1305).

use super::finish::slot_of;
use super::order::Order;
use super::roles::SettledRoles;
use super::users::{GrowingUsers, is_number};
use super::{GrowingAccounts, GrowingContacts};
use crate::model::id::{AccountId, ContactId, TypedId, UserId};
use crate::org_state::joined::{add_level, role_based_position};
use crate::org_state::tables::{PortalRole, RoleCounts, UserKind};

/// Slots of the accounts that any table names: known ones first, then those of which there is no
/// record, each part in the order of ids. The same for users.
pub(super) struct Slots<Id> {
    pub(super) order: Order,
    pub(super) unknown: Vec<Id>,
}

impl<Id: TypedId> Slots<Id> {
    /// Finds who is named and not known.
    pub(super) fn of(
        order: Order,
        named: &[&[Id]],
        find: impl Fn(Id, &Order) -> Option<u32>,
    ) -> Self {
        let named = named.iter().copied().flatten().copied();
        let mut unknown: Vec<Id> = named.filter(|id| find(*id, &order).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        Self { order, unknown }
    }

    /// All slots.
    pub(super) fn count(&self) -> usize {
        self.order.len() as usize + self.unknown.len()
    }

    /// The slot of each of these ids.
    pub(super) fn slots(&self, ids: &[Id], find: impl Fn(Id, &Order) -> Option<u32>) -> Vec<u32> {
        let unknown = |id: &Id| {
            let at = self.unknown.binary_search(id).ok()?;
            u32::try_from(at).ok()?.checked_add(self.order.len())
        };
        let slot = |id: &Id| find(*id, &self.order).or_else(|| unknown(id));
        ids.iter().map(|id| slot(id).unwrap_or(u32::MAX)).collect()
    }
}

/// What roles and users add up to, for every account slot.
pub(super) fn count_roles_and_users(
    accounts: usize,
    roles: &SettledRoles,
    users: &Members<'_>,
) -> Vec<RoleCounts> {
    let mut counts = vec![RoleCounts::default(); accounts];
    for row in &roles.0 {
        if let PortalRole::OfAccount { kind, level } = row.role
            && let Some(counts) = counts.get_mut(row.account as usize)
        {
            add_level(counts, kind, level);
        }
    }
    for slot in 0..users.order.len() {
        let row = users.table.row(slot, users.order);
        let UserKind::Portal(kind) = row.kind else {
            continue;
        };
        let Some(position) = role_based_position(kind).filter(|_| row.is_active) else {
            continue;
        };
        let account = users.account(row.account, row.contact);
        if let Some(counts) = account.and_then(|account| counts.get_mut(account as usize)) {
            counts.role_based += 1;
            counts.shared[position] += u32::from(row.shared_role == Some(kind));
        }
    }
    counts
}

/// Users, and what says to which account each belongs.
pub(super) struct Members<'a> {
    pub(super) table: &'a GrowingUsers,
    pub(super) order: &'a Order,
    /// The slot of each number of the users' dictionary of accounts.
    pub(super) accounts: &'a [u32],
    pub(super) contacts: (&'a GrowingContacts, &'a Order),
    /// The slot of each number of the contacts' dictionary of accounts.
    pub(super) contact_accounts: &'a [u32],
}

impl Members<'_> {
    /// Without `AccountId` in the describe the contact says it.
    fn account(&self, number: u32, contact: Option<ContactId>) -> Option<u32> {
        if is_number(number) {
            return self.accounts.get(number as usize).copied();
        }
        let (contacts, order) = self.contacts;
        let number = contacts.account_of(contact?, order)?;
        self.contact_accounts.get(number as usize).copied()
    }
}

/// How many accounts with active role-based users each user owns.
pub(super) fn count_by_owner(
    accounts: (&GrowingAccounts, &Slots<AccountId>),
    counts: &[RoleCounts],
    (owners, users): (&[u32], &Slots<UserId>),
) -> Vec<u32> {
    let (table, slots) = accounts;
    let mut sums = vec![0; users.count()];
    for (slot, counts) in (0..slots.order.len()).zip(counts) {
        let row = table.row(slot, &slots.order);
        let owner = slot_of(row.owner, owners);
        if counts.role_based > 0
            && !row.is_deleted
            && let Some(sum) = sums.get_mut(owner as usize)
        {
            *sum += 1;
        }
    }
    sums
}

/// Active users of every profile, by its number.
pub(super) fn count_by_profile(users: &GrowingUsers, order: &Order) -> Vec<u64> {
    let mut active = vec![0; users.profiles.ids().len()];
    for slot in 0..order.len() {
        let row = users.row(slot, order);
        if let Some(active) = active
            .get_mut(row.profile as usize)
            .filter(|_| row.is_active)
        {
            *active += 1;
        }
    }
    active
}
