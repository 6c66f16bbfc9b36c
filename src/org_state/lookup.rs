//! Read-only answers: does this contact exist, has it a user, is this username taken.
//!
//! The interface is what validation needs and nothing else; what lies behind it may be memory or
//! a mapped index. No lookup asks the org, and none that is asked per row allocates.

use super::error::OrgStateError;
use super::facts::{
    AccountFacts, ContactFacts, FieldFacts, LicenseFacts, Matches, OwnerFacts, ProfileFacts,
    SiteFacts, UserFacts, Visibility,
};
use super::index::Index;
use super::joined::Joined;
use super::records::{ExternalIdField, Records};
use super::selection::Selections;
use super::small::{Fields, PermissionSets, Profiles};
use super::tables::{Tables, UserKind, level_of};
use crate::model::id::{
    AccountId, AccountSlot, ContactId, ContactSlot, PermissionSetId, ProfileId, UserId,
};
use crate::model::summary::OrgIdentity;
use crate::model::user::{AccountRoles, PortalKind};

/// What the org holds, as of one pull and the re-reads since.
#[derive(Debug)]
pub struct OrgState {
    identity: OrgIdentity,
    visibility: Visibility,
    org_defaults: Vec<(String, String)>,
    is_multi_currency: bool,
    licenses: Vec<LicenseFacts>,
    sites: Option<Vec<SiteFacts>>,
    user_fields: Fields,
    profiles: Profiles,
    permission_sets: PermissionSets,
    pub(super) selections: Selections,
    pub(super) tables: Tables,
    pub(super) index: Index,
    joined: Joined,
}

impl OrgState {
    /// Sorts, indexes and joins what was pulled.
    pub fn from_records(records: Records) -> Result<Self, OrgStateError> {
        let Records {
            mut tables,
            mut licenses,
            mut sites,
            ..
        } = records;
        tables.settle();
        let index = Index::build(&tables);
        let joined = Joined::join(&tables, &index);
        licenses.sort_by_key(|license| license.id);
        licenses.dedup_by_key(|license| license.id);
        if let Some(sites) = &mut sites {
            sites.sort_by(|left, right| (&left.name, left.id).cmp(&(&right.name, right.id)));
        }
        let mut profiles = Profiles::join(records.profiles, &licenses)?;
        profiles.count_active_users(|profile| joined.active_users(profile));
        Ok(Self {
            identity: records.identity,
            visibility: records.visibility,
            org_defaults: records.org_defaults,
            is_multi_currency: records.is_multi_currency,
            licenses,
            sites,
            user_fields: Fields::of(records.user_fields),
            profiles,
            permission_sets: PermissionSets::of(records.permission_sets),
            selections: records.selections,
            tables,
            index,
            joined,
        })
    }

    /// Joins again after records changed.
    pub(super) fn join_again(&mut self) {
        self.joined = Joined::join(&self.tables, &self.index);
        self.profiles
            .count_active_users(|profile| self.joined.active_users(profile));
    }

    /// Which org, which user.
    pub fn identity(&self) -> &OrgIdentity {
        &self.identity
    }

    /// What the running user may see.
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }

    /// A contact by id, deleted ones included.
    pub fn contact(&self, id: ContactId) -> Option<ContactFacts<'_>> {
        let contacts = &self.tables.contacts;
        let slot = self.index.contact(id, contacts)?;
        Some(ContactFacts {
            slot: ContactSlot(slot),
            id,
            account: contacts.account(slot),
            is_deleted: contacts.is_deleted(slot),
            merged_into: contacts.merged_into(slot),
            first_name: contacts.first_name(slot),
            last_name: contacts.last_name(slot),
            email: contacts.email(slot),
        })
    }

    /// Contacts (not deleted) whose `field` holds `value`. Text is compared folded, unless the
    /// field is case sensitive; numbers as numbers. An empty value finds nothing.
    ///
    /// # Panics
    /// If the field was not pulled.
    pub fn contacts_by_external_id(&self, field: &str, value: &str) -> Matches<ContactId> {
        let contacts = &self.tables.contacts;
        let nth = position(contacts.external_id_fields(), field);
        let found = self.index.contacts_by_external_id(nth, value, contacts);
        let found = found.filter(|slot| !contacts.is_deleted(*slot));
        Matches::of(found.map(|slot| contacts.id(slot)))
    }

    /// Contacts (not deleted) of the account with that e-mail, folded. An empty one finds nothing.
    pub fn contacts_by_email(&self, account: AccountId, email: &str) -> Matches<ContactId> {
        let contacts = &self.tables.contacts;
        let found = self.index.contacts_by_email(account, email, contacts);
        let found = found.filter(|slot| !contacts.is_deleted(*slot));
        Matches::of(found.map(|slot| contacts.id(slot)))
    }

    /// An account by id, deleted ones included.
    pub fn account(&self, id: AccountId) -> Option<AccountFacts<'_>> {
        let accounts = &self.tables.accounts;
        let slot = self.index.account(id, accounts)?;
        Some(AccountFacts {
            slot: AccountSlot(slot),
            id,
            name: accounts.name(slot),
            is_partner: accounts.is_partner(slot),
            is_person_account: accounts.is_person_account(slot),
            person_contact: accounts.person_contact(slot),
            is_deleted: accounts.is_deleted(slot),
            owner: accounts.owner(slot).and_then(|owner| self.owner(owner)),
        })
    }

    fn owner(&self, id: UserId) -> Option<OwnerFacts<'_>> {
        let users = &self.tables.users;
        let slot = self.index.user(id, users)?;
        let name = users.name(slot);
        Some(OwnerFacts {
            id,
            name: if name.is_empty() {
                users.username(slot)
            } else {
                name
            },
            has_role: users.has_role(slot),
            is_active: users.is_active(slot),
            is_external: users.kind(slot) != UserKind::Internal,
            role_based_accounts: self.joined.role_based_accounts(slot),
        })
    }

    /// Accounts (not deleted) whose `field` holds `value`, compared as for contacts.
    ///
    /// # Panics
    /// If the field was not pulled.
    pub fn accounts_by_external_id(&self, field: &str, value: &str) -> Matches<AccountId> {
        let accounts = &self.tables.accounts;
        let nth = position(accounts.external_id_fields(), field);
        let found = self.index.accounts_by_external_id(nth, value, accounts);
        let found = found.filter(|slot| !accounts.is_deleted(*slot));
        Matches::of(found.map(|slot| accounts.id(slot)))
    }

    /// Generated roles the account has for that kind of user.
    pub fn roles(&self, account: AccountSlot, kind: PortalKind) -> AccountRoles {
        self.joined.roles(account.0, kind)
    }

    /// Does the account have that level (`Executive`, `Manager`, `User`) for that kind?
    pub fn has_role_level(&self, account: AccountSlot, kind: PortalKind, level: &str) -> bool {
        level_of(level).is_some_and(|level| self.joined.has_level(account.0, kind, level))
    }

    /// Levels of generated roles in this org for that kind, as far as existing roles show
    /// 1 when none exist yet, 0 for a kind without account roles.
    pub fn role_levels(&self, kind: PortalKind) -> u64 {
        self.joined.role_levels(kind)
    }

    /// Generated roles in the org now.
    pub fn portal_roles(&self) -> u64 {
        self.joined.portal_roles()
    }

    /// Does the org make shared roles first, as far as existing roles show?
    pub fn uses_shared_roles(&self) -> bool {
        self.joined.uses_shared_roles()
    }

    /// The user of a contact, active or not; an active one first.
    pub fn user_of_contact(&self, contact: ContactId) -> Option<UserFacts<'_>> {
        let users = &self.tables.users;
        let linked = self.index.users_of_contact(contact, users);
        linked
            .min_by_key(|slot| (!users.is_active(*slot), *slot))
            .map(|slot| self.user_at(slot))
    }

    /// The user of that username, compared folded.
    pub fn user_by_username(&self, username: &str) -> Option<UserFacts<'_>> {
        let slot = self.index.user_by_username(username, &self.tables.users)?;
        Some(self.user_at(slot))
    }

    /// The user of that nickname, compared folded.
    pub fn user_by_nickname(&self, nickname: &str) -> Option<UserFacts<'_>> {
        let slot = self.index.user_by_nickname(nickname, &self.tables.users)?;
        Some(self.user_at(slot))
    }

    /// The user of that federation id, compared as stored.
    pub fn user_by_federation_id(&self, federation_id: &str) -> Option<UserFacts<'_>> {
        let slot = self
            .index
            .user_by_federation_id(federation_id, &self.tables.users)?;
        Some(self.user_at(slot))
    }

    fn user_at(&self, slot: u32) -> UserFacts<'_> {
        let users = &self.tables.users;
        UserFacts {
            id: users.id(slot),
            username: users.username(slot),
            is_active: users.is_active(slot),
            profile: users.profile(slot),
            contact: users.contact(slot),
        }
    }

    /// A profile by id.
    pub fn profile(&self, id: ProfileId) -> Option<&ProfileFacts> {
        self.profiles.by_id(id)
    }

    /// Profiles of that name, compared folded.
    pub fn profiles_by_name(&self, name: &str) -> Matches<&ProfileFacts> {
        self.profiles.by_name(name)
    }

    /// Is there an active licence that an external profile takes?
    pub fn has_external_license(&self) -> bool {
        let external = self.profiles.all().iter().filter(|one| one.kind.is_some());
        external
            .filter_map(|profile| self.licenses.get(usize::from(profile.license.0)))
            .any(|license| license.is_active)
    }

    /// The licences, in a fixed order; [`LicenseIndex`] points here.
    ///
    /// [`LicenseIndex`]: crate::model::id::LicenseIndex
    pub fn licenses(&self) -> &[LicenseFacts] {
        &self.licenses
    }

    /// A permission set by name, else by label, compared folded; none where several share it.
    pub fn permission_set(&self, name: &str) -> Option<PermissionSetId> {
        self.permission_sets.by_name_or_label(name)
    }

    /// The sites the running user sees, by name; none at all when the org has no `Network` object.
    pub fn sites(&self) -> Option<&[SiteFacts]> {
        self.sites.as_deref()
    }

    /// A field of User by API name, compared without regard to case.
    pub fn user_field(&self, api_name: &str) -> Option<&FieldFacts> {
        self.user_fields.by_name(api_name)
    }

    /// Every field of User, in describe order.
    pub fn user_fields(&self) -> &[FieldFacts] {
        self.user_fields.all()
    }

    /// The org's default for one of the four locale keys or the currency, if it has one.
    pub fn org_default(&self, api_name: &str) -> Option<&str> {
        let mut defaults = self.org_defaults.iter();
        let default = defaults.find(|(name, _)| name.eq_ignore_ascii_case(api_name))?;
        Some(&default.1)
    }

    /// Does the org hold several currencies?
    pub fn is_multi_currency(&self) -> bool {
        self.is_multi_currency
    }
}

/// Which of the pulled fields that is.
fn position(fields: &[ExternalIdField], name: &str) -> usize {
    let found = fields
        .iter()
        .position(|field| field.name.eq_ignore_ascii_case(name));
    assert!(
        found.is_some(),
        "the external id field {name} was not pulled"
    );
    found.unwrap_or(0)
}
