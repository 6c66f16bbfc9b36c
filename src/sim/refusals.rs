//! What the org says when it refuses a row: code, message and fields, as external-users.md gives
//! them. One function per refusal, so that a text stands in exactly one place.

use super::doubts::Doubt;
use super::schema::Field;

/// One refused row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) fields: Vec<String>,
    pub(super) doubt: Option<Doubt>,
}

impl Refusal {
    /// As `sf__Error` prints it: `CODE:message:fields --` (bulk-api-2.md §3.8).
    pub(super) fn row_error(&self) -> String {
        let fields = self.fields.join(" ");
        let blank = if fields.is_empty() { "" } else { " " };
        format!("{}:{}:{fields}{blank}--", self.code, self.message)
    }

    fn on(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }

    fn doubtful(mut self, doubt: Doubt) -> Self {
        self.doubt = Some(doubt);
        self
    }
}

fn refusal(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal {
        code,
        message: message.into(),
        fields: Vec::new(),
        doubt: None,
    }
}

fn integrity(message: impl Into<String>) -> Refusal {
    refusal("FIELD_INTEGRITY_EXCEPTION", message)
}

///
pub(super) fn required(fields: Vec<String>) -> Refusal {
    let names = fields.join(", ");
    let mut refusal = refusal(
        "REQUIRED_FIELD_MISSING",
        format!("Required fields are missing: [{names}]"),
    );
    refusal.fields = fields;
    refusal
}

///
pub(super) fn too_long(field: &Field, value: &str) -> Refusal {
    let message = format!(
        "{}: data value too large: {value} (max length={})",
        field.label, field.length
    );
    refusal("STRING_TOO_LONG", message)
        .on(&field.name)
        .doubtful(Doubt::TooLongText)
}

///
pub(super) fn username_form() -> Refusal {
    let message = "Username must be in the form of an email address (for example, john@acme.com): \
                   Username";
    integrity(message).on("Username")
}

///
pub(super) fn duplicate_username() -> Refusal {
    let message = "Duplicate Username.<br>The username already exists in this or another \
                   Salesforce organization. Usernames must be unique across all Salesforce \
                   organizations. To resolve, use a different username (it doesn't need to match \
                   the user's email address).";
    refusal("DUPLICATE_USERNAME", message).on("Username")
}

///
pub(super) fn duplicate_nickname() -> Refusal {
    let message = "Duplicate Nickname.<br>Another user has already selected this \
                   nickname.<br>Please select another.";
    refusal("DUPLICATE_COMM_NICKNAME", message)
        .on("CommunityNickname")
        .doubtful(Doubt::NicknameText)
}

///
pub(super) fn invalid_email(field: &Field, value: &str) -> Refusal {
    let message = format!("{}: invalid email address: {value}", field.label);
    refusal("INVALID_EMAIL_ADDRESS", message).on(&field.name)
}

///
pub(super) fn email_domain(domains: &[String]) -> Refusal {
    let domains = domains.join(", ");
    integrity(format!(
        "Invalid Email Address: Must be in domain(s) {domains}: Email"
    ))
    .on("Email")
}

///
pub(super) fn bad_picklist_value(field: &Field, value: &str) -> Refusal {
    let message = format!(
        "{}: bad value for restricted picklist field: {value}",
        field.label
    );
    refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message)
        .on(&field.name)
        .doubtful(Doubt::PicklistLabel)
}

///
pub(super) fn duplicate_federation_id() -> Refusal {
    let message =
        "The specified Federation ID already exists for this organization: SAML Federation ID";
    integrity(message).on("FederationIdentifier")
}

///
pub(super) fn malformed_id(field: &Field, value: &str) -> Refusal {
    let message = format!("{}: id value of incorrect type: {value}", field.label);
    refusal("MALFORMED_ID", message).on(&field.name)
}

/// no field is named.
pub(super) fn unknown_reference() -> Refusal {
    refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

/// bulk-api-2.md §3.8: a cell that is no value of its field's type.
pub(super) fn unreadable_cell(column: usize, value: &str, xsd: &str, field: &Field) -> Refusal {
    let message = format!(
        "Failed to deserialize field at col {column}. Due to, '{value}' is not a valid value for \
         the type xsd:{xsd}"
    );
    refusal("INVALID_FIELD", message).on(&field.name)
}

/// bulk-api-2.md §3.10: cells without a header, misplaced quotes.
pub(super) fn malformed_row(fault: &str) -> Refusal {
    refusal("INVALID_FIELD", format!("Failed to read the row: {fault}"))
        .doubtful(Doubt::MalformedRow)
}

///
pub(super) fn no_contact() -> Refusal {
    let message = "Cannot create a portal user without contact";
    refusal("INVALID_CROSS_REFERENCE_KEY", message).on("ContactId")
}

///
pub(super) fn owner_without_role() -> Refusal {
    refusal("UNKNOWN_EXCEPTION", "portal account owner must have a role")
}

/// the same message, which is why it misleads.
pub(super) fn contact_without_account() -> Refusal {
    owner_without_role().doubtful(Doubt::ContactWithoutAccount)
}

///
pub(super) fn contact_occupied() -> Refusal {
    let message = "portal user already exists for contact";
    refusal("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT", message).on("ContactId")
}

///
pub(super) fn contact_occupied_by_inactive() -> Refusal {
    contact_occupied().doubtful(Doubt::InactiveUserKeepsContact)
}

///
pub(super) fn person_account_partner() -> Refusal {
    integrity("Partner users cannot be created for person accounts: Contact ID")
        .on("ContactId")
        .doubtful(Doubt::PersonAccountPartner)
}

///
pub(super) fn deleted_contact() -> Refusal {
    refusal("ENTITY_IS_DELETED", "entity is deleted").doubtful(Doubt::DeletedContact)
}

///
pub(super) fn external_owner() -> Refusal {
    refusal(
        "UNKNOWN_EXCEPTION",
        "portal users cannot own partner accounts",
    )
}

///
pub(super) fn contact_on_internal_user() -> Refusal {
    integrity("Only portal users can be associated with a contact: Contact ID")
        .on("ContactId")
        .doubtful(Doubt::ContactOnInternalUser)
}

///
pub(super) fn standard_profile() -> Refusal {
    integrity(
        "To create or update users for this profile, go to Setup > Digital Experiences > Settings \
         and select Allow using standard external profiles for self-registration, user creation, \
         and login.",
    )
}

///
pub(super) fn inactive_license(license: &str) -> Refusal {
    no_seat(license).doubtful(Doubt::InactiveLicense)
}

///
pub(super) fn no_seat(license: &str) -> Refusal {
    refusal(
        "LICENSE_LIMIT_EXCEEDED",
        format!("License Limit Exceeded - {license}"),
    )
}

///
pub(super) fn no_feature_license(field: &str) -> Refusal {
    refusal("LICENSE_LIMIT_EXCEEDED", "License limit exceeded").on(field)
}

///
pub(super) fn upgrade_pair() -> Refusal {
    integrity("The user cannot change to a profile of this license: Profile ID")
        .on("ProfileId")
        .doubtful(Doubt::UpgradePair)
}

///
pub(super) fn stronger_profile() -> Refusal {
    integrity(
        "Cannot grant or remove a profile with modify all data, without having the modify all \
         data permission yourself.",
    )
}

///
pub(super) fn role_on_high_volume(field: &str) -> Refusal {
    role_mismatch(field).doubtful(Doubt::HighVolumeRole)
}

///
pub(super) fn role_mismatch(field: &str) -> Refusal {
    integrity("role type must match user type").on(field)
}

///
pub(super) fn role_level_missing() -> Refusal {
    role_mismatch("PortalRole").doubtful(Doubt::PortalRoleLevel)
}

///
pub(super) fn sites_off() -> Refusal {
    refusal(
        "PORTAL_NO_ACCESS",
        "portal access is not enabled for this organization",
    )
    .doubtful(Doubt::SitesOffText)
}

///
pub(super) fn permission_missing() -> Refusal {
    refusal(
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "insufficient access rights on object id",
    )
    .doubtful(Doubt::PermissionMissing)
}

///
pub(super) fn license_before_contact() -> Refusal {
    no_contact().doubtful(Doubt::LicenseBeforeContact)
}

/// A contact changes only where there was none (external-users.md §1.1).
pub(super) fn contact_fixed() -> Refusal {
    integrity("The contact of a portal user cannot be changed: Contact ID")
        .on("ContactId")
        .doubtful(Doubt::ContactFixed)
}

///
pub(super) fn deactivate_self() -> Refusal {
    integrity("Cannot de-activate self: Active").on("IsActive")
}

///
pub(super) fn contact_has_user() -> Refusal {
    refusal(
        "DELETE_FAILED",
        "the contact is associated with a portal user",
    )
    .doubtful(Doubt::DeleteContactWithUser)
}

/// A unique field of Contact or Account that is taken.
pub(super) fn duplicate_value(field: &str, holder: &str) -> Refusal {
    let message =
        format!("duplicate value found: {field} duplicates value on record with id: {holder}");
    refusal("DUPLICATE_VALUE", message)
}

/// The same permission set for the same user again.
pub(super) fn duplicate_assignment() -> Refusal {
    refusal(
        "DUPLICATE_VALUE",
        "the user already has this permission set",
    )
    .on("PermissionSetId")
    .doubtful(Doubt::DuplicateAssignment)
}

/// An upsert key that several records share (bulk-api-2.md §2.4, HTTP 300).
pub(super) fn ambiguous_key(field: &str) -> Refusal {
    let message = format!("{field}: more than one record found for external id field");
    refusal("DUPLICATE_EXTERNAL_ID", message).on(field)
}

/// R-1001: another transaction holds a record this row needs.
pub(super) fn locked_row() -> Refusal {
    refusal(
        "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access to this record or 1 records",
    )
}
