//! The small objects, read over REST: who we are, licences, profiles, sites, permission sets.

use super::error::OrgStateError;
use super::facts::{FieldFacts, LicenseFacts, PicklistFacts, SiteFacts, SiteStatus};
use super::records::{PermissionSetRecord, ProfileRecord};
use crate::model::id::{IdFault, LicenseId, NetworkId, PermissionSetId, ProfileId, UserId};
use crate::model::limits::SEATS_UNLIMITED;
use crate::model::summary::OrgKind;
use crate::salesforce::{Describe, DescribeField, Org, OrgError, QueryRecord};

/// The locale keys of User.
const LOCALE_FIELDS: [&str; 4] = [
    "TimeZoneSidKey",
    "LocaleSidKey",
    "LanguageLocaleKey",
    "EmailEncodingKey",
];

/// The currency fields of User; both default to the corporate currency.
const CURRENCY_FIELDS: [&str; 2] = ["CurrencyIsoCode", "DefaultCurrencyIsoCode"];

/// Assignment statuses under which a group's users are members of a site or will be shortly
/// letters only, in lower case, because the reference gives labels.
const MEMBER_STATUSES: [&str; 4] = ["added", "addcalculated", "waitingforadd", ""];

/// What `Organization` says.
pub(super) struct Organization {
    pub(super) kind: OrgKind,
    /// User field and the org's default for it.
    pub(super) defaults: Vec<(String, String)>,
}

/// Asks the org about itself. It has no default e-mail encoding to ask for.
pub(super) async fn organization(org: &Org, hint: OrgKind) -> Result<Organization, OrgStateError> {
    const SOQL: &str = "SELECT Id, IsSandbox, TimeZoneSidKey, DefaultLocaleSidKey, \
                        LanguageLocaleKey FROM Organization";
    let records = ask(org, "Organization", SOQL).await?;
    let record = records.first().ok_or(OrgStateError::OrganizationHidden)?;
    let kind = match (hint, record.boolean("IsSandbox")) {
        (OrgKind::Simulated, _) => OrgKind::Simulated,
        (_, true) => OrgKind::Sandbox,
        (_, false) => OrgKind::Production,
    };
    let fields = [
        ("TimeZoneSidKey", "TimeZoneSidKey"),
        ("LocaleSidKey", "DefaultLocaleSidKey"),
        ("LanguageLocaleKey", "LanguageLocaleKey"),
    ];
    let defaults = fields.map(|(user, own)| (user.to_owned(), record.text(own).to_owned()));
    Ok(Organization {
        kind,
        defaults: defaults
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    })
}

/// The corporate currency, as the default of the currency fields of User. `CurrencyType` exists
/// only in orgs with several currencies
/// ([source](https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_currencytype.htm)).
pub(super) async fn corporate_currency(
    org: &Org,
    objects: &[String],
) -> Result<Vec<(String, String)>, OrgStateError> {
    const SOQL: &str = "SELECT IsoCode, IsCorporate FROM CurrencyType";
    if !objects.iter().any(|object| object == "CurrencyType") {
        return Ok(Vec::new());
    }
    let records = ask(org, "CurrencyType", SOQL).await?;
    let corporate = records.iter().find(|record| record.boolean("IsCorporate"));
    Ok(corporate.map_or_else(Vec::new, |record| {
        let code = record.text("IsoCode");
        CURRENCY_FIELDS
            .map(|field| (field.to_owned(), code.to_owned()))
            .into()
    }))
}

/// What the describe of User marks as default of the fields an org can have a default for. They
/// stand behind what the org says of itself, which is found first.
pub(super) fn described_defaults(fields: &[DescribeField]) -> Vec<(String, String)> {
    let has_default = |field: &&DescribeField| {
        LOCALE_FIELDS
            .iter()
            .chain(&CURRENCY_FIELDS)
            .any(|name| *name == field.name)
    };
    let default = |field: &DescribeField| {
        let mut values = field.picklist_values.iter();
        let value = values.find(|value| value.default_value && value.active)?;
        Some((field.name.clone(), value.value.clone()))
    };
    fields
        .iter()
        .filter(has_default)
        .filter_map(default)
        .collect()
}

/// The licences and their seats.
pub(super) async fn licenses(org: &Org) -> Result<Vec<LicenseFacts>, OrgStateError> {
    const SOQL: &str = "SELECT Id, Name, Status, TotalLicenses, UsedLicenses FROM UserLicense";
    let records = ask(org, "UserLicense", SOQL).await?;
    let license = |record: &QueryRecord| {
        Ok(LicenseFacts {
            id: id(LicenseId::parse, record, "UserLicense", "Id")?,
            name: record.text("Name").to_owned(),
            is_active: record.text("Status") == "Active",
            seats_total: seats(record.number("TotalLicenses")),
            seats_used: count(record.number("UsedLicenses")),
        })
    };
    records.iter().map(license).collect()
}

/// The profiles; each decides a licence.
pub(super) async fn profiles(org: &Org) -> Result<Vec<ProfileRecord>, OrgStateError> {
    const SOQL: &str = "SELECT Id, Name, UserType, UserLicenseId FROM Profile";
    let records = ask(org, "Profile", SOQL).await?;
    let profile = |record: &QueryRecord| {
        Ok(ProfileRecord {
            id: id(ProfileId::parse, record, "Profile", "Id")?,
            name: record.text("Name").to_owned(),
            user_type: record.text("UserType").to_owned(),
            license: id(LicenseId::parse, record, "Profile", "UserLicenseId")?,
        })
    };
    // The org's own system profiles may have no licence.
    let licensed = records
        .iter()
        .filter(|record| !record.text("UserLicenseId").is_empty());
    licensed.map(profile).collect()
}

/// Permission sets that can be assigned: neither a profile's own nor the sum of a group.
pub(super) async fn permission_sets(
    org: &Org,
    describe: &Describe,
) -> Result<Vec<PermissionSetRecord>, OrgStateError> {
    let group = if describe.fields.iter().any(|field| field.name == "Type") {
        ", Type"
    } else {
        ""
    };
    let soql =
        format!("SELECT Id, Name, Label{group} FROM PermissionSet WHERE IsOwnedByProfile = false");
    let records = ask(org, "PermissionSet", &soql).await?;
    let assignable = records
        .iter()
        .filter(|record| record.text("Type") != "Group");
    let set = |record: &QueryRecord| {
        Ok(PermissionSetRecord {
            id: id(PermissionSetId::parse, record, "PermissionSet", "Id")?,
            name: record.text("Name").to_owned(),
            label: record.text("Label").to_owned(),
        })
    };
    assignable.map(set).collect()
}

/// May the running user see every record? Only the two permissions that say so in one word are
/// asked for, where the describe has them. The narrower rights that add up to the
/// same are taken for less: a needless warning is better than a false "not found".
pub(super) async fn sees_everything(
    org: &Org,
    user: UserId,
    describe: &Describe,
) -> Result<bool, OrgStateError> {
    let rights = ["PermissionsViewAllData", "PermissionsModifyAllData"];
    let has = |right: &&str| describe.fields.iter().any(|field| field.name == **right);
    let rights: Vec<&str> = rights.into_iter().filter(has).collect();
    if rights.is_empty() {
        return Ok(false);
    }
    let soql = format!(
        "SELECT {} FROM PermissionSet WHERE Id IN (SELECT PermissionSetId FROM \
         PermissionSetAssignment WHERE AssigneeId = '{user}')",
        rights.join(", ")
    );
    let records = ask(org, "PermissionSet", &soql).await?;
    Ok(records
        .iter()
        .any(|record| rights.iter().any(|right| record.boolean(right))))
}

/// The sites and who is a member by profile or permission set; none without Digital Experiences,
/// whose objects are then missing.
pub(super) async fn sites(
    org: &Org,
    objects: &[String],
) -> Result<Option<Vec<SiteFacts>>, OrgStateError> {
    const SITES: &str = "SELECT Id, Name, Status, OptionsSendWelcomeEmail FROM Network";
    const MEMBERS: &str = "SELECT NetworkId, ParentId, AssignmentStatus FROM NetworkMemberGroup";
    if !objects.iter().any(|object| object == "Network") {
        return Ok(None);
    }
    let networks = match org.query(SITES).await {
        Ok(records) => records,
        Err(error) if is_unknown_object(&error) => return Ok(None),
        Err(source) => {
            return Err(OrgStateError::Org {
                object: "Network",
                source,
            });
        }
    };
    let members = ask(org, "NetworkMemberGroup", MEMBERS).await?;
    networks
        .iter()
        .map(|network| site(network, &members))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn site(network: &QueryRecord, members: &[QueryRecord]) -> Result<SiteFacts, OrgStateError> {
    let mut site = SiteFacts {
        id: id(NetworkId::parse, network, "Network", "Id")?,
        name: network.text("Name").to_owned(),
        status: match network.text("Status") {
            "Live" => SiteStatus::Live,
            "UnderConstruction" => SiteStatus::UnderConstruction,
            // A status that is not known is taken for one in which members are locked out.
            _ => SiteStatus::DownForMaintenance,
        },
        sends_welcome_mail: network.boolean("OptionsSendWelcomeEmail"),
        member_profiles: Vec::new(),
        member_permission_sets: Vec::new(),
    };
    for group in members {
        let of_site = NetworkId::parse(group.text("NetworkId")) == Ok(site.id);
        let status = group
            .text("AssignmentStatus")
            .replace(' ', "")
            .to_ascii_lowercase();
        if !of_site || !MEMBER_STATUSES.contains(&status.as_str()) {
            continue;
        }
        let parent = group.text("ParentId");
        // Members by anything else than these two are none we could make.
        if let Ok(profile) = ProfileId::parse(parent) {
            site.member_profiles.push(profile);
        } else if let Ok(set) = PermissionSetId::parse(parent) {
            site.member_permission_sets.push(set);
        }
    }
    site.member_profiles.sort_unstable();
    site.member_permission_sets.sort_unstable();
    Ok(site)
}

/// A field of User as the describe shows it. Required on insert is what is createable, not
/// nillable and not defaulted (bulk-api-2 §7.2).
pub(super) fn user_field(field: &DescribeField) -> FieldFacts {
    let is_picklist = matches!(field.field_type.as_str(), "picklist" | "multipicklist");
    let values = field.picklist_values.iter();
    FieldFacts {
        api_name: field.name.clone(),
        label: field.label.clone(),
        kind: field.field_type.clone(),
        length: field.length as usize,
        createable: field.createable,
        required: field.createable && !field.nillable && !field.defaulted_on_create,
        scale: field.scale,
        // Integers count their digits elsewhere.
        precision: field.precision.max(field.digits),
        picklist: is_picklist.then(|| PicklistFacts {
            restricted: field.restricted_picklist,
            values: values
                .map(|value| (value.value.clone(), value.active))
                .collect(),
        }),
    }
}

async fn ask(
    org: &Org,
    object: &'static str,
    soql: &str,
) -> Result<Vec<QueryRecord>, OrgStateError> {
    org.query(soql)
        .await
        .map_err(|source| OrgStateError::Org { object, source })
}

fn id<Id>(
    parse: fn(&str) -> Result<Id, IdFault>,
    record: &QueryRecord,
    object: &'static str,
    column: &'static str,
) -> Result<Id, OrgStateError> {
    parse(record.text(column)).map_err(|source| OrgStateError::RecordUnreadable {
        object,
        column,
        source,
    })
}

/// Some licences are unlimited and say so with a negative number.
fn seats(total: Option<f64>) -> u64 {
    match total {
        Some(total) if total < 0.0 => SEATS_UNLIMITED,
        total => count(total),
    }
}

fn count(number: Option<f64>) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are whole and small; a negative one becomes none"
    )]
    number.map_or(0, |number| number as u64)
}

fn is_unknown_object(error: &OrgError) -> bool {
    if let OrgError::Refused { said, .. } | OrgError::NotFound { said, .. } = error {
        said.code == "INVALID_TYPE"
    } else {
        false
    }
}
