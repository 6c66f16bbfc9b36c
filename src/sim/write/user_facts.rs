//! What a user row means: its profile, licence, contact, account and owner, looked up once.

use super::super::org::Org;
use super::super::roles;
use super::super::schema::Kind;
use super::cells::Draft;

/// Users by what their profile makes of them (external-users.md §4.1, `UserType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserKind {
    /// Works inside the org; needs no contact.
    Internal,
    /// `CspLitePortal`: no account role.
    HighVolume,
    /// `PowerCustomerSuccess`: account roles of type `CustomerPortal`.
    Customer,
    /// `PowerPartner`: account roles of type Partner.
    Partner,
}

impl UserKind {
    /// The kind of a profile. `UserType` is compared folded, since its case varies.
    pub(crate) fn of_profile(org: &Org, profile: u32) -> Self {
        match org
            .get(Kind::Profile, profile, "UserType")
            .to_ascii_lowercase()
            .as_str()
        {
            "cspliteportal" => Self::HighVolume,
            "powercustomersuccess" | "customersuccess" => Self::Customer,
            "powerpartner" => Self::Partner,
            _ => Self::Internal,
        }
    }

    /// The `UserRole.PortalType` of its account roles; `None` without account roles.
    pub(crate) fn portal_type(self) -> Option<&'static str> {
        match self {
            Self::Internal | Self::HighVolume => None,
            Self::Customer => Some("CustomerPortal"),
            Self::Partner => Some("Partner"),
        }
    }

    /// Logs in to sites only.
    pub(crate) fn is_external(self) -> bool {
        self != Self::Internal
    }
}

/// A user row and everything it points at.
#[derive(Debug)]
pub(super) struct UserFacts<'a> {
    pub(super) draft: &'a Draft,
    pub(super) kind: UserKind,
    pub(super) profile: Option<u32>,
    pub(super) license: Option<u32>,
    /// Deleted contacts too.
    pub(super) contact: Option<u32>,
    pub(super) account: Option<u32>,
    /// The account's owner.
    pub(super) owner: Option<u32>,
    /// Takes a seat.
    pub(super) active: bool,
}

impl<'a> UserFacts<'a> {
    /// Looks up what the row points at; whatever is not there stays `None`.
    pub(super) fn new(org: &Org, draft: &'a Draft) -> Self {
        let contact = draft.given(org, "ContactId");
        let profile = draft.given(org, "ProfileId");
        let active = draft.given(org, "IsActive") != Some("false");
        Self::pointing_at(org, draft, contact, profile, active)
    }

    /// The same for an existing user: what the row leaves out is read from its record.
    pub(super) fn of_record(org: &Org, draft: &'a Draft, row: u32) -> Self {
        let now = |name: &str| {
            let given = draft.mentioned(org, name);
            given
                .unwrap_or_else(|| org.get(Kind::User, row, name))
                .to_owned()
        };
        let (contact, profile) = (now("ContactId"), now("ProfileId"));
        let active = now("IsActive") == "true";
        Self::pointing_at(org, draft, Some(&contact), Some(&profile), active)
    }

    fn pointing_at(
        org: &Org,
        draft: &'a Draft,
        contact: Option<&str>,
        profile: Option<&str>,
        active: bool,
    ) -> Self {
        let profile = profile.and_then(|id| org.find(Kind::Profile, id));
        let contact = contact.and_then(|id| org.find(Kind::Contact, id));
        let account = contact.map(|row| org.get(Kind::Contact, row, "AccountId"));
        let account = account.and_then(|id| org.find(Kind::Account, id));
        let owner = account.map(|row| org.get(Kind::Account, row, "OwnerId"));
        Self {
            draft,
            kind: profile.map_or(UserKind::Internal, |row| UserKind::of_profile(org, row)),
            license: profile.and_then(|row| org.license_of_profile(row)),
            profile,
            contact,
            account,
            owner: owner.and_then(|id| org.find(Kind::User, id)),
            active,
        }
    }

    /// Name of the licence; empty when the profile has none.
    pub(super) fn license_name<'o>(&self, org: &'o Org) -> &'o str {
        self.license
            .map_or("", |row| org.get(Kind::UserLicense, row, "Name"))
    }

    /// Only External Identity users may be without a contact.
    pub(super) fn may_be_contactless(&self, org: &Org) -> bool {
        self.license_name(org)
            .to_ascii_lowercase()
            .starts_with("external identity")
    }

    /// The account's roles for this kind of user.
    pub(super) fn account_roles(&self, org: &Org) -> Vec<u32> {
        match (self.account, self.kind.portal_type()) {
            (Some(account), Some(portal_type)) => roles::of_account(org, account, portal_type),
            _ => Vec::new(),
        }
    }
}
