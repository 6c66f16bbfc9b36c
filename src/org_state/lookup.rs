//! Read-only answers: does this contact exist, has it a user, is this username taken.
//!
//! The interface is what validation needs and nothing else; what lies behind it may be memory or
//! a mapped index. No lookup asks the org, and none that is asked per row allocates.

use std::collections::BTreeSet;

use super::error::OrgStateError;
use super::facts::{
    AccountFacts, ContactFacts, FieldFacts, LicenseFacts, Matches, OwnerFacts, ProfileFacts,
    SiteFacts, UserFacts, Visibility,
};
use super::joined::{RoleTotals, account_roles, levels, role_based_position, role_totals};
use super::records::{ExternalIdField, Records};
use super::sections::{Sections, Target};
use super::selection::Selections;
use super::small::{Fields, PermissionSets, Profiles};
use super::stored::Stored;
use super::tables::{AccountRow, ContactRow, PERSON_CONTACT, Tables, UserKind, UserRow, level_of};
use super::touch::Leads;
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
    roles: RoleTotals,
}

impl OrgState {
    /// Sorts, indexes and joins what was pulled.
    pub fn from_records(records: Records) -> Result<Self, OrgStateError> {
        let mut target = Target::memory();
        let stored = Stored::settle(records, &mut target)?;
        Self::over(&target.sections(), stored)
    }

    /// The state whose sections these are.
    pub(super) fn over(sections: &Sections, stored: Stored) -> Result<Self, OrgStateError> {
        let mut profiles = Profiles::join(stored.profiles, &stored.licenses)?;
        let tables = Tables::over(sections, &stored.external_ids);
        profiles.count_active_users(tables.users.active_by_profile());
        Ok(Self {
            identity: stored.identity,
            visibility: stored.visibility,
            org_defaults: stored.org_defaults,
            is_multi_currency: stored.is_multi_currency,
            licenses: stored.licenses,
            sites: stored.sites,
            user_fields: Fields::of(stored.user_fields),
            profiles,
            permission_sets: PermissionSets::of(stored.permission_sets),
            selections: Selections::of_fields(&stored.fields, &stored.external_ids),
            tables,
            roles: stored.roles,
        })
    }

    /// Sums up again what single records do not, after some of them changed.
    pub(super) fn sum_up(&mut self) {
        let active = self.tables.users.active_by_profile();
        self.profiles.count_active_users(active);
        if self.tables.roles.has_new() {
            self.roles = role_totals(|| self.tables.roles.all());
        }
    }

    /// Gives back the memory that texts took where they are read through a mapping, and their
    /// indexes: few are asked for, but each brings its neighbours along.
    pub fn let_texts_go(&mut self) {
        self.let_go(true);
    }

    /// Gives back the memory that lookups took. They find what they found before, only slower.
    pub fn let_records_go(&mut self) {
        self.let_go(false);
    }

    fn let_go(&mut self, texts_only: bool) {
        self.tables.contacts.let_go(texts_only);
        self.tables.accounts.let_go(texts_only);
        self.tables.users.let_go(texts_only);
    }

    /// Takes over the seats of licences as they are now. Which licences there are stays: profiles
    /// point at them.
    pub(super) fn set_seats(&mut self, now: &[LicenseFacts]) {
        for license in &mut self.licenses {
            if let Some(now) = now.iter().find(|now| now.id == license.id) {
                license.clone_from(now);
            }
        }
    }

    /// Which org, which user.
    pub fn identity(&self) -> &OrgIdentity {
        &self.identity
    }

    /// What the running user may see.
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }

    /// Accounts there are: their slots are numbered from 0.
    pub fn account_count(&self) -> u32 {
        self.tables.accounts.count()
    }

    /// A contact by id, deleted ones included.
    pub fn contact(&self, id: ContactId) -> Option<ContactFacts<'_>> {
        let (slot, row) = self.tables.contacts.find(id)?;
        Some(self.contact_facts(id, slot, row))
    }

    /// The same with a lead from [`OrgState::leads`] for that very contact: found sooner.
    pub fn contact_by_lead(&self, id: ContactId, lead: &Leads) -> Option<ContactFacts<'_>> {
        let contacts = &self.tables.contacts;
        let at_once = contacts.find_at(lead.contact.0, id);
        let (slot, row) = at_once.or_else(|| contacts.find(id))?;
        Some(self.contact_facts(id, slot, row))
    }

    fn contact_facts(&self, id: ContactId, slot: u32, row: ContactRow) -> ContactFacts<'_> {
        ContactFacts {
            slot: ContactSlot(slot),
            id,
            account: self.tables.accounts.id(row.account),
            account_slot: AccountSlot(row.account),
            is_deleted: row.is_deleted,
            text: self.tables.contacts.text(slot),
        }
    }

    /// Contacts (not deleted) whose `field` holds `value`. Text is compared folded, unless the
    /// field is case sensitive; numbers as numbers. An empty value finds nothing.
    ///
    /// # Panics
    /// If the field was not pulled.
    pub fn contacts_by_external_id(&self, field: &str, value: &str) -> Matches<ContactId> {
        let contacts = &self.tables.contacts;
        let nth = position(contacts.external_id_fields(), field);
        Matches::of(contacts.by_external_id(nth, value))
    }

    /// Contacts (not deleted) of the account with that e-mail, folded. An empty one finds nothing.
    pub fn contacts_by_email(&self, account: AccountId, email: &str) -> Matches<ContactId> {
        match self.tables.accounts.find_any(account) {
            Some((slot, _)) => Matches::of(self.tables.contacts.by_email((slot, account), email)),
            None => Matches::None,
        }
    }

    /// An account by id, deleted ones included.
    pub fn account(&self, id: AccountId) -> Option<AccountFacts<'_>> {
        let (slot, row) = self.tables.accounts.find(id)?;
        Some(self.account_facts(slot, row))
    }

    /// The account of a contact, deleted ones included; none where no record of it is known.
    pub fn account_of(&self, contact: &ContactFacts<'_>) -> Option<AccountFacts<'_>> {
        let AccountSlot(slot) = contact.account_slot;
        let row = self.tables.accounts.row(slot)?;
        row.is_known.then(|| self.account_facts(slot, row))
    }

    fn account_facts(&self, slot: u32, row: AccountRow) -> AccountFacts<'_> {
        let text = self.tables.accounts.text(slot);
        let person_contact = || ContactId::parse(&text.cell(PERSON_CONTACT)).ok();
        AccountFacts {
            slot: AccountSlot(slot),
            id: row.id,
            is_partner: row.is_partner,
            is_person_account: row.is_person_account,
            person_contact: row.is_person_account.then(person_contact).flatten(),
            is_deleted: row.is_deleted,
            owner: self.owner(row.owner),
            text,
        }
    }

    fn owner(&self, slot: u32) -> Option<OwnerFacts<'_>> {
        let users = &self.tables.users;
        let row = users.row(slot).filter(|row| row.is_known)?;
        Some(OwnerFacts {
            id: row.id,
            has_role: row.has_role,
            is_active: row.is_active,
            is_external: row.kind != UserKind::Internal,
            role_based_accounts: users.owned(slot),
            text: users.text(slot),
        })
    }

    /// The owners of accounts, those of whom no record is known included.
    pub(super) fn owners_of(&self, accounts: &BTreeSet<AccountId>) -> BTreeSet<UserId> {
        let rows = accounts
            .iter()
            .filter_map(|id| self.tables.accounts.find(*id));
        let owners = rows.filter_map(|(_, row)| self.tables.users.row(row.owner));
        owners.map(|owner| owner.id).collect()
    }

    /// Accounts (not deleted) whose `field` holds `value`, compared as for contacts.
    ///
    /// # Panics
    /// If the field was not pulled.
    pub fn accounts_by_external_id(&self, field: &str, value: &str) -> Matches<AccountId> {
        let accounts = &self.tables.accounts;
        let nth = position(accounts.external_id_fields(), field);
        Matches::of(accounts.by_external_id(nth, value))
    }

    /// Generated roles the account has for that kind of user.
    pub fn roles(&self, account: AccountSlot, kind: PortalKind) -> AccountRoles {
        account_roles(self.tables.accounts.counts(account.0), kind)
    }

    /// Does the account have that level (`Executive`, `Manager`, `User`) for that kind?
    pub fn has_role_level(&self, account: AccountSlot, kind: PortalKind, level: &str) -> bool {
        let levels = levels(self.tables.accounts.counts(account.0), kind);
        level_of(level).is_some_and(|level| levels >> level & 1 > 0)
    }

    /// Levels of generated roles in this org for that kind, as far as existing roles show
    /// 1 when none exist yet, 0 for a kind without account roles.
    pub fn role_levels(&self, kind: PortalKind) -> u64 {
        role_based_position(kind).map_or(0, |kind| self.roles.levels[kind])
    }

    /// Generated roles in the org now.
    pub fn portal_roles(&self) -> u64 {
        self.tables.roles.count()
    }

    /// Does the org make shared roles first, as far as existing roles show?
    pub fn uses_shared_roles(&self) -> bool {
        self.roles.has_shared
    }

    /// The user of a contact, active or not; an active one first.
    pub fn user_of_contact(&self, contact: ContactId) -> Option<UserFacts<'_>> {
        let linked = self.tables.users.of_contact(contact);
        linked
            .min_by_key(|(_, user)| (!user.is_active, user.id))
            .map(|user| self.user_facts(user))
    }

    /// The user of that username, compared folded.
    pub fn user_by_username(&self, username: &str) -> Option<UserFacts<'_>> {
        let user = self.tables.users.by_username(username)?;
        Some(self.user_facts(user))
    }

    /// The user of that nickname, compared folded.
    pub fn user_by_nickname(&self, nickname: &str) -> Option<UserFacts<'_>> {
        let user = self.tables.users.by_nickname(nickname)?;
        Some(self.user_facts(user))
    }

    /// The user of that federation id, compared as stored.
    pub fn user_by_federation_id(&self, federation_id: &str) -> Option<UserFacts<'_>> {
        let user = self.tables.users.by_federation_id(federation_id)?;
        Some(self.user_facts(user))
    }

    fn user_facts(&self, (slot, row): (u32, UserRow)) -> UserFacts<'_> {
        UserFacts {
            id: row.id,
            is_active: row.is_active,
            profile: self.tables.users.profile(row.profile),
            contact: row.contact,
            text: self.tables.users.text(slot),
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
