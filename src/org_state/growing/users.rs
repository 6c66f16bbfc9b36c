//! Users while they come.

use std::io;

use super::dictionary::{Dictionary, NO_ID};
use super::finish::{slot_of, write_rows};
use super::order::Order;
use super::text::{Hashes, Heap, write_index};
use crate::model::id::{AccountId, ContactId, ProfileId, RoleId, UserId};
use crate::model::user::PortalKind;
use crate::org_state::records::UserRecord;
use crate::org_state::sections::hash::{NO_KEY, hash_folded, hash_id};
use crate::org_state::sections::spool::Spool;
use crate::org_state::sections::{Kind, Target};
use crate::org_state::tables::{
    RecordFault, USER_PROFILE_BYTES, UserRow, federation_hash, optional, put_id, required,
    user_kind,
};

/// The growing table.
#[derive(Debug)]
pub(in crate::org_state) struct GrowingUsers {
    /// Their account and profile are numbers of the dictionaries.
    rows: Vec<UserRow>,
    /// Numbers of the dictionary, one for each row.
    role_numbers: Vec<u32>,
    usernames: Hashes,
    nicknames: Hashes,
    federation_ids: Hashes,
    heap: Heap,
    pub(super) accounts: Dictionary<AccountId>,
    pub(super) profiles: Dictionary<ProfileId>,
    roles: Dictionary<RoleId>,
}

impl GrowingUsers {
    pub(super) fn new(heap: Spool) -> Self {
        Self {
            rows: Vec::new(),
            role_numbers: Vec::new(),
            usernames: Hashes::default(),
            nicknames: Hashes::default(),
            federation_ids: Hashes::default(),
            heap: Heap::new(heap),
            accounts: Dictionary::new(),
            profiles: Dictionary::new(),
            roles: Dictionary::new(),
        }
    }

    /// Records so far.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes in a record.
    pub(in crate::org_state) fn push(
        &mut self,
        record: &UserRecord<'_>,
    ) -> Result<(), RecordFault> {
        let id = required(UserId::parse, record.id, "Id")?;
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        let profile = optional(ProfileId::parse, record.profile, "ProfileId")?;
        let role = optional(RoleId::parse, record.role, "UserRoleId")?;
        let contact = optional(ContactId::parse, record.contact, "ContactId")?;
        self.rows.push(UserRow {
            is_known: true,
            kind: user_kind(record.user_type),
            is_active: record.is_active,
            has_role: role.is_some(),
            contact,
            account: self.accounts.number(account),
            profile: self.profiles.number(profile),
            cells: self.heap.push(record.cells())?,
            ..UserRow::unknown(id)
        });
        self.role_numbers.push(self.roles.number(role));
        self.usernames.push(hash_folded(record.username));
        self.nicknames.push(hash_folded(record.nickname));
        self.federation_ids
            .push(federation_hash(record.federation_id));
        Ok(())
    }

    /// Says of each user in which kind of shared role it sits; the roles must all be there.
    pub(super) fn join_roles(&mut self, shared: impl Fn(RoleId) -> Option<PortalKind>) {
        let shared: Vec<_> = self.roles.ids().iter().map(|role| shared(*role)).collect();
        for (row, role) in self.rows.iter_mut().zip(&self.role_numbers) {
            row.shared_role = shared.get(*role as usize).copied().flatten();
        }
        self.role_numbers = Vec::new();
    }

    pub(super) fn order(&self) -> Order {
        Order::of(self.rows.len(), |place| self.rows[place as usize].id)
    }

    /// The row of a slot.
    pub(super) fn row(&self, slot: u32, order: &Order) -> UserRow {
        self.rows[order.place(slot) as usize]
    }

    /// The slot of an id.
    pub(super) fn find(&self, id: UserId, order: &Order) -> Option<u32> {
        order.find(&id, |place| self.rows[place as usize].id)
    }

    /// Writes the sections: the known users, behind them the ids accounts name as owners.
    /// `accounts` has the slot of each number of the dictionary.
    pub(super) fn write(
        self,
        (order, unknown): (&Order, &[UserId]),
        accounts: &[u32],
        (owned, active): (&[u32], &[u64]),
        target: &mut Target,
    ) -> io::Result<()> {
        self.write_profiles(active, target)?;
        let known = (0..order.len()).map(|slot| {
            let row = self.row(slot, order);
            UserRow {
                account: slot_of(row.account, accounts),
                ..row
            }
        });
        let all = known.chain(unknown.iter().map(|id| UserRow::unknown(*id)));
        let counted = all.zip(owned).map(|(row, owned)| UserRow {
            owned: *owned,
            ..row
        });
        write_rows(Kind::UserRows, counted, target)?;
        let ids = (0..order.len()).map(|slot| self.row(slot, order).id);
        let ids = ids.chain(unknown.iter().copied()).zip(0..);
        let entries = ids.map(|(id, slot)| (hash_id(id.record()), slot));
        write_index(Kind::UsersById, owned.len(), entries, target)?;
        let contact = |row: UserRow| row.contact.map_or(NO_KEY, |id| hash_id(id.record()));
        let external = self.rows.iter().filter(|row| row.contact.is_some()).count();
        let entries = (0..order.len()).map(|slot| (contact(self.row(slot, order)), slot));
        write_index(Kind::UsersByContact, external, entries, target)?;
        self.usernames.write(Kind::UsersByUsername, order, target)?;
        self.nicknames.write(Kind::UsersByNickname, order, target)?;
        self.federation_ids
            .write(Kind::UsersByFederationId, order, target)?;
        target.spooled(Kind::UserCells, self.heap.finish()?)
    }

    fn write_profiles(&self, active: &[u64], target: &mut Target) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(active.len() * USER_PROFILE_BYTES);
        for (profile, active) in self.profiles.ids().iter().zip(active) {
            put_id(Some(*profile), &mut bytes);
            bytes.extend_from_slice(&active.to_le_bytes());
        }
        target.section(Kind::UserProfiles, |out| out.write_all(&bytes))
    }
}

/// Is that a number of a dictionary?
pub(super) fn is_number(number: u32) -> bool {
    number != NO_ID
}
