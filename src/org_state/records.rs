//! What one pull brought, before anything is joined: plain records, pushed one by one.
//!
//! `refresh` fills it from the org's answers. Who has no org at hand (tests of any room) fills it
//! by hand and gets the very same state:
//!
//! ```
//! use admit::model::summary::{OrgIdentity, OrgKind};
//! use admit::org_state::{AccountRecord, ContactRecord, ExternalIds, OrgState, Records};
//!
//! let identity = OrgIdentity {
//!     org_id: "00D000000000001".into(),
//!     instance_url: "https://acme.my.salesforce.com".into(),
//!     username: "integration@acme.com".into(),
//!     user_id: "005000000000001".into(),
//!     kind: OrgKind::Simulated,
//!     api_version: "67.0".into(),
//! };
//! let mut records = Records::of(identity, ExternalIds::default());
//! records.account(&AccountRecord { id: "001000000000001", name: "Acme", ..Default::default() })?;
//! records.contact(&ContactRecord {
//!     id: "003000000000001",
//!     account: "001000000000001",
//!     last_name: "Lovelace",
//!     ..Default::default()
//! })?;
//! let state = OrgState::from_records(records)?;
//! assert_eq!(state.identity().username, "integration@acme.com");
//! # Ok::<(), admit::org_state::OrgStateError>(())
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::OrgStateError;
use super::facts::{FieldFacts, LicenseFacts, SiteFacts, Visibility};
use super::growing::{Growing, Heaps};
use super::selection::Selections;
use crate::model::id::{LicenseId, PermissionSetId, ProfileId};
use crate::model::summary::OrgIdentity;

/// How values of an external id field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// Without regard to case, as the org does unless the field says otherwise.
    Folded,
    /// As stored: the field is case sensitive.
    AsStored,
    /// As a number: `23` and `23.0` are one value; bulk queries answer the second (bulk-api-2 §5).
    Number,
}

/// A field that records can be found by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalIdField {
    /// API name.
    pub name: String,
    /// How its values are compared.
    pub comparison: Comparison,
}

impl ExternalIdField {
    /// Does it hold numbers?
    pub fn is_number(&self) -> bool {
        self.comparison == Comparison::Number
    }
}

/// The external id fields that are pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalIds {
    /// Of Contact.
    pub contact: Vec<ExternalIdField>,
    /// Of Account.
    pub account: Vec<ExternalIdField>,
}

/// A Contact, as text; empty where it has no value.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContactRecord<'a> {
    /// `Id`.
    pub id: &'a str,
    /// `AccountId`.
    pub account: &'a str,
    /// `FirstName`.
    pub first_name: &'a str,
    /// `LastName`.
    pub last_name: &'a str,
    /// `Email`.
    pub email: &'a str,
    /// `IsDeleted`.
    pub is_deleted: bool,
    /// `MasterRecordId`.
    pub merged_into: &'a str,
    /// One value for each field of [`ExternalIds::contact`].
    pub external_ids: &'a [&'a str],
}

impl<'a> ContactRecord<'a> {
    /// Its text, as a row of the table keeps it.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        [
            self.first_name,
            self.last_name,
            self.email,
            self.merged_into,
        ]
        .into_iter()
        .chain(self.external_ids.iter().copied())
    }
}

/// An Account, as text; empty where it has no value.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountRecord<'a> {
    /// `Id`.
    pub id: &'a str,
    /// `Name`.
    pub name: &'a str,
    /// `OwnerId`.
    pub owner: &'a str,
    /// `IsPartner`; false where the org has no such field.
    pub is_partner: bool,
    /// `IsPersonAccount`; false where the org has no such field.
    pub is_person_account: bool,
    /// `PersonContactId`.
    pub person_contact: &'a str,
    /// `IsDeleted`.
    pub is_deleted: bool,
    /// One value for each field of [`ExternalIds::account`].
    pub external_ids: &'a [&'a str],
}

impl<'a> AccountRecord<'a> {
    /// Its text, as a row of the table keeps it.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        [self.name, self.person_contact]
            .into_iter()
            .chain(self.external_ids.iter().copied())
    }
}

/// A User, as text; empty where it has no value.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserRecord<'a> {
    /// `Id`.
    pub id: &'a str,
    /// `Username`.
    pub username: &'a str,
    /// `CommunityNickname`.
    pub nickname: &'a str,
    /// `FederationIdentifier`.
    pub federation_id: &'a str,
    /// First and last name.
    pub name: &'a str,
    /// `ContactId`.
    pub contact: &'a str,
    /// `AccountId`.
    pub account: &'a str,
    /// `ProfileId`.
    pub profile: &'a str,
    /// `UserRoleId`.
    pub role: &'a str,
    /// `UserType`.
    pub user_type: &'a str,
    /// `IsActive`.
    pub is_active: bool,
}

impl<'a> UserRecord<'a> {
    /// Its text, as a row of the table keeps it. An external user is known by its contact's name,
    /// so its own is not kept a second time.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let name = if self.contact.is_empty() {
            self.name
        } else {
            ""
        };
        [self.username, self.nickname, self.federation_id, name].into_iter()
    }
}

/// A `UserRole`, as text; empty where it has no value. Internal roles may be left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleRecord<'a> {
    /// `Id`.
    pub id: &'a str,
    /// `PortalType`: `Partner`, `CustomerPortal` or `None`.
    pub portal_type: &'a str,
    /// `PortalRole`: `Executive`, `Manager`, `Worker` or `PersonAccount`.
    pub portal_role: &'a str,
    /// `PortalAccountId`.
    pub portal_account: &'a str,
    /// `PortalAccountOwnerId`: the owner whose accounts share this role (R-507).
    pub portal_account_owner: &'a str,
}

/// A Profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// `Id`.
    pub id: ProfileId,
    /// `Name`.
    pub name: String,
    /// `UserType`.
    pub user_type: String,
    /// `UserLicenseId`.
    pub license: LicenseId,
}

/// A `PermissionSet` that can be assigned: neither a profile's own nor a group's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionSetRecord {
    /// `Id`.
    pub id: PermissionSetId,
    /// `Name`.
    pub name: String,
    /// `Label`.
    pub label: String,
}

/// Everything one pull brings. Records of the four big objects go straight into the tables, in any
/// order; of a record that comes twice the last counts.
#[derive(Debug)]
pub struct Records {
    /// Which org, which user.
    pub identity: OrgIdentity,
    /// What the running user may see.
    pub visibility: Visibility,
    /// Defaults of the org: User field and value.
    pub org_defaults: Vec<(String, String)>,
    /// Does the org hold several currencies?
    pub is_multi_currency: bool,
    /// The fields of User, in describe order.
    pub user_fields: Vec<FieldFacts>,
    /// The licences.
    pub licenses: Vec<LicenseFacts>,
    /// The profiles.
    pub profiles: Vec<ProfileRecord>,
    /// The permission sets.
    pub permission_sets: Vec<PermissionSetRecord>,
    /// The sites; none at all when the org has no `Network` object.
    pub sites: Option<Vec<SiteFacts>>,
    /// The fields that are read again; those every org shows, unless a describe said more.
    pub(super) selections: Selections,
    pub(super) external_ids: ExternalIds,
    /// The newest `SystemModstamp` of each big object, as far as it is shown: the mark from which
    /// a later refresh can start (R-1304).
    pub(super) newest: BTreeMap<String, String>,
    pub(super) growing: Growing,
}

impl Records {
    /// An org without a single record, all of which the running user may see.
    pub fn of(identity: OrgIdentity, external_ids: ExternalIds) -> Self {
        let visibility = Visibility {
            everything: true,
            running_user: identity.username.clone(),
        };
        Self {
            identity,
            visibility,
            org_defaults: Vec::new(),
            is_multi_currency: false,
            user_fields: Vec::new(),
            licenses: Vec::new(),
            profiles: Vec::new(),
            permission_sets: Vec::new(),
            sites: None,
            selections: Selections::of_any_org(&external_ids),
            newest: BTreeMap::new(),
            growing: Growing::new(&external_ids, Heaps::memory()),
            external_ids,
        }
    }

    /// Takes a contact in.
    ///
    /// # Panics
    /// If it does not bring one value for each external id field.
    pub fn contact(&mut self, record: &ContactRecord<'_>) -> Result<(), OrgStateError> {
        self.growing
            .contacts
            .push(record)
            .map_err(|fault| OrgStateError::of_record("Contact", fault))
    }

    /// Takes an account in.
    ///
    /// # Panics
    /// If it does not bring one value for each external id field.
    pub fn account(&mut self, record: &AccountRecord<'_>) -> Result<(), OrgStateError> {
        self.growing
            .accounts
            .push(record)
            .map_err(|fault| OrgStateError::of_record("Account", fault))
    }

    /// Takes a user in.
    pub fn user(&mut self, record: &UserRecord<'_>) -> Result<(), OrgStateError> {
        self.growing
            .users
            .push(record)
            .map_err(|fault| OrgStateError::of_record("User", fault))
    }

    /// Takes a role in.
    pub fn role(&mut self, record: &RoleRecord<'_>) -> Result<(), OrgStateError> {
        self.growing
            .roles
            .push(record)
            .map_err(|fault| OrgStateError::of_record("UserRole", fault))
    }
}
