//! The facts that lookups answer with: a contact, an account and its owner, a user, a profile.
//!
//! Plain data, borrowed where it is text. Whether a fact was stored or joined cannot be seen here.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::id::{
    AccountId, AccountSlot, ContactId, ContactSlot, LicenseId, LicenseIndex, NetworkId,
    PermissionSetId, ProfileId, UserId,
};
use crate::model::limits::SEATS_UNLIMITED;
use crate::model::user::PortalKind;

use super::sections::cells::Text;
use super::tables::{ACCOUNT_NAME, EMAIL, FIRST_NAME, LAST_NAME, MERGED_INTO, USER_NAME, USERNAME};

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

impl<T> Matches<T> {
    /// Counts what a search found.
    pub(super) fn of(mut found: impl Iterator<Item = T>) -> Self {
        match (found.next(), found.count()) {
            (None, _) => Self::None,
            (Some(only), 0) => Self::One(only),
            (Some(_), others) => Self::Many(others + 1),
        }
    }
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
    /// Its account's place; no place at all for a private contact.
    pub(super) account_slot: AccountSlot,
    /// In the recycle bin?
    pub is_deleted: bool,
    /// Touched only when it is asked for: most rows bring their own.
    pub(super) text: Text<'a>,
}

impl<'a> ContactFacts<'a> {
    /// First name, possibly empty.
    pub fn first_name(&self) -> Cow<'a, str> {
        self.text.cell(FIRST_NAME)
    }

    /// Last name.
    pub fn last_name(&self) -> Cow<'a, str> {
        self.text.cell(LAST_NAME)
    }

    /// E-mail, possibly empty.
    pub fn email(&self) -> Cow<'a, str> {
        self.text.cell(EMAIL)
    }

    /// Where it was merged into.
    pub fn merged_into(&self) -> Option<ContactId> {
        ContactId::parse(&self.text.cell(MERGED_INTO)).ok()
    }
}

/// An Account as the org holds it, with the facts joined to it.
#[derive(Debug, Clone, Copy)]
pub struct AccountFacts<'a> {
    /// Its place here.
    pub slot: AccountSlot,
    /// Its id.
    pub id: AccountId,
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
    pub(super) text: Text<'a>,
}

impl<'a> AccountFacts<'a> {
    /// Its name.
    pub fn name(&self) -> Cow<'a, str> {
        self.text.cell(ACCOUNT_NAME)
    }
}

/// The owner of an account.
#[derive(Debug, Clone, Copy)]
pub struct OwnerFacts<'a> {
    /// User id.
    pub id: UserId,
    /// Has a role?
    pub has_role: bool,
    /// Active?
    pub is_active: bool,
    /// An external user?
    pub is_external: bool,
    /// Accounts with role-based users this owner owns.
    pub role_based_accounts: u32,
    pub(super) text: Text<'a>,
}

impl<'a> OwnerFacts<'a> {
    /// Display name, or the username where the name is not known.
    pub fn name(&self) -> Cow<'a, str> {
        let name = self.text.cell(USER_NAME);
        if name.is_empty() {
            self.text.cell(USERNAME)
        } else {
            name
        }
    }
}

/// A User as the org holds it.
#[derive(Debug, Clone, Copy)]
pub struct UserFacts<'a> {
    /// User id.
    pub id: UserId,
    /// Active?
    pub is_active: bool,
    /// Its profile; the org's own system users may have none.
    pub profile: Option<ProfileId>,
    /// Its contact, for external users.
    pub contact: Option<ContactId>,
    /// Touched only when it is asked for: most rows have no user yet.
    pub(super) text: Text<'a>,
}

impl<'a> UserFacts<'a> {
    /// Username, as stored.
    pub fn username(&self) -> Cow<'a, str> {
        self.text.cell(USERNAME)
    }
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl LicenseFacts {
    /// Seats bought; none where there is no limit.
    pub fn seats_bought(&self) -> Option<u64> {
        (self.seats_total != SEATS_UNLIMITED).then_some(self.seats_total)
    }
}

/// `Network.Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteStatus {
    /// Published.
    Live,
    /// Preview; never returns after publishing.
    UnderConstruction,
    /// Offline.
    DownForMaintenance,
}

/// An Experience Cloud site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PicklistFacts {
    /// Are other values refused?
    pub restricted: bool,
    /// Keys, with whether each is active; sorted by key.
    pub values: Vec<(String, bool)>,
}

impl PicklistFacts {
    /// Is this key there, active or not?
    pub fn has(&self, key: &str) -> bool {
        self.values
            .binary_search_by(|(value, _)| value.as_str().cmp(key))
            .is_ok()
    }
}

/// What the running user may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// Everything: View All Data, or the narrower rights that add up to it.
    pub everything: bool,
    /// The running user's name, for "not found, or not visible to `user`".
    pub running_user: String,
}
