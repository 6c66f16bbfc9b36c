//! Records that were read again: each goes into its table, and the sums it is part of follow.

use super::roles::generated;
use super::{AccountRow, ContactRow, RecordFault, Tables, UserRow, optional, required, user_kind};
use crate::model::id::{AccountId, ContactId, ProfileId, RoleId, UserId};
use crate::org_state::joined::add_level;
use crate::org_state::records::{AccountRecord, ContactRecord, RoleRecord, UserRecord};
use crate::org_state::tables::PortalRole;

impl Tables {
    /// Takes in the newest version of a contact; is it new, or not what it was?
    pub(in crate::org_state) fn take_contact(
        &mut self,
        record: &ContactRecord<'_>,
    ) -> Result<(ContactId, bool), RecordFault> {
        let id = required(ContactId::parse, record.id, "Id")?;
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        optional(ContactId::parse, record.merged_into, "MasterRecordId")?;
        // Users whose account only the contact says move with it.
        let users: Vec<UserRow> = self.users.of_contact(id).map(|(_, user)| user).collect();
        for user in &users {
            self.leave(user);
        }
        let row = ContactRow {
            id,
            is_deleted: record.is_deleted,
            account: self.accounts.slot_for(account),
            cells: 0,
        };
        let slot = self.contacts.find(id).map(|(slot, _)| slot);
        let is_changed = self.contacts.put(slot, row, account, record.cells());
        for user in &users {
            self.enter(user);
        }
        Ok((id, is_changed))
    }

    /// Takes in the newest version of an account; is it new, or not what it was?
    pub(in crate::org_state) fn take_account(
        &mut self,
        record: &AccountRecord<'_>,
    ) -> Result<(AccountId, bool), RecordFault> {
        let id = required(AccountId::parse, record.id, "Id")?;
        let owner = optional(UserId::parse, record.owner, "OwnerId")?;
        optional(ContactId::parse, record.person_contact, "PersonContactId")?;
        let known = self.accounts.find_any(id);
        let has_users = known.filter(|(slot, _)| self.accounts.counts(*slot).role_based > 0);
        if let Some((slot, _)) = has_users {
            self.count_for_owner(slot, false);
        }
        let row = AccountRow {
            is_known: true,
            is_partner: record.is_partner,
            is_person_account: record.is_person_account,
            is_deleted: record.is_deleted,
            owner: self.users.slot_for(owner),
            // What it was joined to stays; the sums of now stand elsewhere.
            counts: known.map_or_else(Default::default, |(_, row)| row.counts),
            ..AccountRow::unknown(id)
        };
        let slot = known.map(|(slot, _)| slot);
        let is_changed = self.accounts.put(slot, row, record.cells());
        if let Some((slot, _)) = has_users {
            self.count_for_owner(slot, true);
        }
        Ok((id, is_changed))
    }

    /// Marks an account as deleted; was it known, and not deleted before?
    pub(in crate::org_state) fn delete_account(&mut self, id: AccountId) -> bool {
        let found = self.accounts.find(id).filter(|(_, row)| !row.is_deleted);
        if let Some((slot, _)) = found {
            if self.accounts.counts(slot).role_based > 0 {
                self.count_for_owner(slot, false);
            }
            self.accounts.delete(slot);
        }
        found.is_some()
    }

    /// Takes in the newest version of a user; is it new, or not what it was?
    pub(in crate::org_state) fn take_user(
        &mut self,
        record: &UserRecord<'_>,
    ) -> Result<bool, RecordFault> {
        let id = required(UserId::parse, record.id, "Id")?;
        let account = optional(AccountId::parse, record.account, "AccountId")?;
        let profile = optional(ProfileId::parse, record.profile, "ProfileId")?;
        let role = optional(RoleId::parse, record.role, "UserRoleId")?;
        let contact = optional(ContactId::parse, record.contact, "ContactId")?;
        let known = self.users.find_any(id);
        let row = UserRow {
            is_known: true,
            kind: user_kind(record.user_type),
            is_active: record.is_active,
            has_role: role.is_some(),
            shared_role: role
                .and_then(|role| self.roles.find(role))
                .and_then(|role| role.role.shared()),
            contact,
            account: self.accounts.slot_for(account),
            profile: self.users.profile_number(profile),
            // What it was joined to stays; the sum of now stands elsewhere.
            owned: known.map_or(0, |(_, row)| row.owned),
            ..UserRow::unknown(id)
        };
        if let Some((_, old)) = known {
            self.leave(&old);
        }
        let slot = known.map(|(slot, _)| slot);
        let is_changed = self.users.put(slot, row, record.cells());
        self.enter(&row);
        Ok(is_changed)
    }

    /// Takes in a role; is it a generated one that is new?
    pub(in crate::org_state) fn take_role(
        &mut self,
        record: &RoleRecord<'_>,
    ) -> Result<bool, RecordFault> {
        let Some(generated) = generated(record)? else {
            return Ok(false);
        };
        let account = self.accounts.slot_for(generated.account);
        let is_new = self.roles.put(super::RoleRow {
            id: generated.id,
            role: generated.role,
            account,
        });
        if let PortalRole::OfAccount { kind, level } = generated.role {
            let mut counts = self.accounts.counts(account);
            add_level(&mut counts, kind, level);
            self.accounts.set_counts(account, counts);
        }
        Ok(is_new)
    }
}
