//! Read-only answers: does this contact exist, has it a user, is this username taken.
//!
//! The interface is what validation needs and nothing else; what lies behind it may be memory or
//! a mapped index.

use std::borrow::Cow;

use crate::model::id::{
    AccountId, AccountSlot, ContactId, ContactSlot, LicenseId, LicenseIndex, NetworkId,
    PermissionSetId, ProfileId, UserId,
};
use crate::model::summary::OrgIdentity;
use crate::model::user::{AccountRoles, PortalKind};

/// What a search by something that need not be unique found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matches<T> {
    /// Nothing.
    None,
    /// Exactly one.
    One(T),
    /// Several; how many.
    Many(usize),
}

/// A Contact as the org holds it.
#[derive(Debug, Clone, Copy)]
pub struct ContactFacts<'a> {
    /// Its place here.
    pub slot: ContactSlot,
    /// Its id.
    pub id: ContactId,
    /// Its account; none for a private contact.
    pub account: Option<AccountId>,
    /// In the recycle bin?
    pub is_deleted: bool,
    /// Where it was merged into.
    pub merged_into: Option<ContactId>,
    /// First name, possibly empty.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// E-mail, possibly empty.
    pub email: &'a str,
}

/// An Account as the org holds it, with the facts joined to it.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Its place here.
    pub slot: AccountSlot,
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: &'a str,
    /// Enabled as partner? False too in orgs without partner licences.
    pub is_partner: bool,
    /// A person account?
    pub is_person_account: bool,
    /// The contact half of a person account.
    pub person_contact: Option<ContactId>,
    /// In the recycle bin?
    pub is_deleted: bool,
    /// Who owns it; none when the owner is not visible.
    pub owner: Option<OwnerFacts<'a>>,
}

/// The owner of an account.
#[derive(Debug, Clone, Copy)]
pub struct OwnerFacts<'a> {
    /// User id.
    pub id: UserId,
    /// Display name, or the username where the name is not known.
    pub name: &'a str,
    /// Has a role?
    pub has_role: bool,
    /// Active?
    pub is_active: bool,
    /// An external user?
    pub is_external: bool,
    /// Accounts with role-based users this owner owns.
    pub role_based_accounts: u32,
}

/// A User as the org holds it.
#[derive(Debug, Clone, Copy)]
pub struct UserFacts<'a> {
    /// User id.
    pub id: UserId,
    /// Username, as stored.
    pub username: &'a str,
    /// Active?
    pub is_active: bool,
    /// Its profile.
    pub profile: ProfileId,
    /// Its contact, for external users.
    pub contact: Option<ContactId>,
}

/// A Profile and the licence it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFacts {
    /// Profile id.
    pub id: ProfileId,
    /// Its name.
    pub name: String,
    /// The kind of external user it makes; none for internal profiles.
    pub kind: Option<PortalKind>,
    /// `UserType`, as the org spells it.
    pub user_type: String,
    /// The licence it takes.
    pub license: LicenseIndex,
    /// One of the standard external profiles, by its name.
    pub is_standard: bool,
    /// Active users that have it.
    pub active_users: u64,
}

/// A `UserLicense`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseFacts {
    /// Its id.
    pub id: LicenseId,
    /// Its name, such as `Partner Community`.
    pub name: String,
    /// `Status` is `Active`?
    pub is_active: bool,
    /// Seats bought.
    pub seats_total: u64,
    /// Seats in use.
    pub seats_used: u64,
}

/// `Network.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteStatus {
    /// Published.
    Live,
    /// Preview; never returns after publishing.
    UnderConstruction,
    /// Offline.
    DownForMaintenance,
}

/// An Experience Cloud site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFacts {
    /// Its id.
    pub id: NetworkId,
    /// Its name.
    pub name: String,
    /// Its status.
    pub status: SiteStatus,
    /// Does it mail new members?
    pub sends_welcome_mail: bool,
    /// Profiles whose users are members.
    pub member_profiles: Vec<ProfileId>,
    /// Permission sets whose assignees are members.
    pub member_permission_sets: Vec<PermissionSetId>,
}

/// A field of User as this running user's describe shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFacts {
    /// API name, as Salesforce spells it.
    pub api_name: String,
    /// Label.
    pub label: String,
    /// `type` of the describe: `string`, `boolean`, `picklist`, `date`, `double`, ...
    pub kind: String,
    /// Longest value in characters; 0 where length is not what limits it.
    pub length: usize,
    /// May be written on insert?
    pub createable: bool,
    /// Required on insert: createable, not nillable, not defaulted.
    pub required: bool,
    /// Digits after the point, for numbers.
    pub scale: u32,
    /// Digits in all, for numbers; 0 where unknown.
    pub precision: u32,
    /// Values of a picklist; none for other types.
    pub picklist: Option<PicklistFacts>,
}

/// Values of a picklist field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicklistFacts {
    /// Are other values refused?
    pub restricted: bool,
    /// Keys, with whether each is active; sorted by key.
    pub values: Vec<(String, bool)>,
}

impl PicklistFacts {
    /// Is this key there, active or not?
    pub fn has(&self, key: &str) -> bool {
        self.values.binary_search_by(|(value, _)| value.as_str().cmp(key)).is_ok()
    }
}

/// What the running user may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visibility {
    /// Everything: View All Data, or the narrower rights that add up to it.
    pub everything: bool,
    /// The running user's name, for "not found, or not visible to <user>".
    pub running_user: String,
}

/// What the org holds, as of one pull.
#[derive(Debug)]
pub struct OrgState {}

impl OrgState {
    /// Which org, which user.
    pub fn identity(&self) -> &OrgIdentity {
        todo!()
    }

    /// What the running user may see.
    pub fn visibility(&self) -> &Visibility {
        todo!()
    }

    /// A contact by id, deleted ones included.
    pub fn contact(&self, _id: ContactId) -> Option<ContactFacts<'_>> {
        todo!()
    }

    /// Contacts (not deleted) whose `field` holds `value`; the field must have been pulled.
    pub fn contacts_by_external_id(&self, _field: &str, _value: &str) -> Matches<ContactId> {
        todo!()
    }

    /// Contacts (not deleted) of the account with that e-mail, folded.
    pub fn contacts_by_email(&self, _account: AccountId, _email: &str) -> Matches<ContactId> {
        todo!()
    }

    /// An account by id, deleted ones included.
    pub fn account(&self, _id: AccountId) -> Option<AccountFacts<'_>> {
        todo!()
    }

    /// Accounts (not deleted) whose `field` holds `value`; the field must have been pulled.
    pub fn accounts_by_external_id(&self, _field: &str, _value: &str) -> Matches<AccountId> {
        todo!()
    }

    /// Generated roles the account has for that kind of user.
    pub fn roles(&self, _account: AccountSlot, _kind: PortalKind) -> AccountRoles {
        todo!()
    }

    /// Does the account have that level (`Executive`, `Manager`, `User`) for that kind?
    pub fn has_role_level(&self, _account: AccountSlot, _kind: PortalKind, _level: &str) -> bool {
        todo!()
    }

    /// Levels of generated roles in this org for that kind, as far as existing roles show
    /// 1 when none exist yet.
    pub fn role_levels(&self, _kind: PortalKind) -> u64 {
        todo!()
    }

    /// Generated roles in the org now.
    pub fn portal_roles(&self) -> u64 {
        todo!()
    }

    /// Does the org make shared roles first, as far as existing roles show?
    pub fn uses_shared_roles(&self) -> bool {
        todo!()
    }

    /// The user of a contact, active or not.
    pub fn user_of_contact(&self, _contact: ContactId) -> Option<UserFacts<'_>> {
        todo!()
    }

    /// The user of that username, compared folded.
    pub fn user_by_username(&self, _username: &str) -> Option<UserFacts<'_>> {
        todo!()
    }

    /// The user of that nickname, compared folded.
    pub fn user_by_nickname(&self, _nickname: &str) -> Option<UserFacts<'_>> {
        todo!()
    }

    /// The user of that federation id, compared as stored.
    pub fn user_by_federation_id(&self, _federation_id: &str) -> Option<UserFacts<'_>> {
        todo!()
    }

    /// A profile by id.
    pub fn profile(&self, _id: ProfileId) -> Option<&ProfileFacts> {
        todo!()
    }

    /// Profiles of that name, compared folded.
    pub fn profiles_by_name(&self, _name: &str) -> Matches<&ProfileFacts> {
        todo!()
    }

    /// The licences, in a fixed order; [`LicenseIndex`] points here.
    pub fn licenses(&self) -> &[LicenseFacts] {
        todo!()
    }

    /// A permission set by name or label, compared folded.
    pub fn permission_set(&self, _name: &str) -> Option<PermissionSetId> {
        todo!()
    }

    /// The sites the running user sees; none at all when the org has no `Network` object.
    pub fn sites(&self) -> Option<&[SiteFacts]> {
        todo!()
    }

    /// A field of User by API name, compared without regard to case.
    pub fn user_field(&self, _api_name: &str) -> Option<&FieldFacts> {
        todo!()
    }

    /// Every field of User, in describe order.
    pub fn user_fields(&self) -> &[FieldFacts] {
        todo!()
    }

    /// The org's default for one of the four locale keys or the currency, if it has one.
    pub fn org_default(&self, _api_name: &str) -> Option<&str> {
        todo!()
    }

    /// Does the org hold several currencies?
    pub fn is_multi_currency(&self) -> bool {
        todo!()
    }
}

/// Folds text for comparison without regard to case; borrows where nothing changes.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}
