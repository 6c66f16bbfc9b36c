//! `admit sim --seed-from`: what a cache keeps of an org -> the seed of a simulated one.
//!
//! A cache knows records, licences, profiles, sites, external ids and the fields of User. What it
//! does not keep is as in the sample org: switches nobody can read, allowances, role levels. The
//! running user has every right, but sees all records only where it did at the pull. What it never
//! does is ask the org, or write.

use std::path::Path;

use toml::{Table, Value};

use crate::model::summary::OrgKind;
use crate::pipeline::{self, Kept};
use crate::sim::{Seed, SeedError};

use super::error::CliError;
use super::launch::LaunchError;

/// Picklists of User whose values differ from org to org.
const PICKLISTS: [&str; 4] = [
    "TimeZoneSidKey",
    "LocaleSidKey",
    "LanguageLocaleKey",
    "EmailEncodingKey",
];

/// Field types that `fields.csv` knows by the name a describe gives them; any other is text.
const TYPES: [&str; 13] = [
    "string", "textarea", "email", "phone", "url", "picklist", "boolean", "int", "double",
    "percent", "currency", "date", "datetime",
];

/// Rights of the running user that decide what it may do, but not what it sees.
const RIGHTS: [&str; 9] = [
    "PermissionsApiEnabled",
    "PermissionsViewSetup",
    "PermissionsManageUsers",
    "PermissionsManageInternalUsers",
    "PermissionsManagePartners",
    "PermissionsManageMyExternalUsers",
    "PermissionsManageCssUsers",
    "PermissionsManageNetworks",
    "PermissionsResetPasswords",
];

/// Rights of who sees every record.
const SIGHT: [&str; 3] = [
    "PermissionsViewAllData",
    "PermissionsModifyAllData",
    "PermissionsViewAllUsers",
];

/// The permission set that gives the running user its rights, made up like its assignment.
const OWN_SET: &str = "0PS0000000SIM01";

/// Reads a cache and makes a seed of it.
pub(super) fn seed(place: &Path) -> Result<Seed, LaunchError> {
    let kept = pipeline::kept_records(place)?;
    let mut tables = small_tables(&kept);
    for table in &kept.tables {
        tables.push((table.object.to_owned(), of_seed(table.object, &table.csv)));
    }
    let tables: Vec<(&str, &str)> = tables
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Seed::from_texts(&org_toml(&kept), &tables).map_err(|error: SeedError| {
        LaunchError::Door(CliError::CacheNoOrg {
            path: place.display().to_string(),
            error,
        })
    })
}

/// A table under the names a seed gives its columns: the display name of a user is what the org
/// makes of its last name.
fn of_seed(object: &str, csv: &str) -> String {
    let Some((header, records)) = csv.split_once('\n').filter(|_| object == "User") else {
        return csv.to_owned();
    };
    let names = header.split(',').map(|name| match name {
        "Name" => "LastName",
        other => other,
    });
    format!("{}\n{records}", names.collect::<Vec<_>>().join(","))
}

fn org_toml(kept: &Kept) -> String {
    let default = |field: &str| {
        let mut defaults = kept.org_defaults.iter();
        defaults
            .find(|(name, _)| name == field)
            .map(|(_, value)| value)
    };
    let id = &kept.identity.org_id;
    let mut org = Table::new();
    let mut set = |name: &str, value: Value| drop(org.insert(name.to_owned(), value));
    set("org_id", id.clone().into());
    set("name", format!("Copy of {id}").into());
    set(
        "is_sandbox",
        (kept.identity.kind == OrgKind::Sandbox).into(),
    );
    set("instance_url", kept.identity.instance_url.clone().into());
    set(
        "access_token",
        format!("{id}!simulated-token-not-a-secret").into(),
    );
    set("running_user", kept.identity.user_id.clone().into());
    for (name, field) in [
        ("time_zone", "TimeZoneSidKey"),
        ("locale", "LocaleSidKey"),
        ("language", "LanguageLocaleKey"),
        ("currency", "CurrencyIsoCode"),
    ] {
        if let Some(value) = default(field) {
            set(name, value.clone().into());
        }
    }
    set("currencies", values(kept, "CurrencyIsoCode").into());
    set("features", features(kept).into());
    org.to_string()
}

/// What the records show to be switched on; the rest as in the sample.
fn features(kept: &Kept) -> Table {
    let has = |object: &str, field: &str| {
        let mut tables = kept.tables.iter();
        tables.any(|table| table.object == object && table.fields.iter().any(|name| name == field))
    };
    let shares_roles = kept
        .tables
        .iter()
        .filter(|table| table.object == "UserRole")
        .any(|table| has_value(&table.csv, "PortalAccountOwnerId"));
    let switches = [
        ("digital_experiences", kept.sites.is_some()),
        ("person_accounts", has("Account", "IsPersonAccount")),
        ("partner_licenses", has("Account", "IsPartner")),
        ("multi_currency", kept.is_multi_currency),
        ("shared_roles", shares_roles),
        ("unique_partner_usernames", false),
    ];
    let mut features = Table::new();
    for (name, is_on) in switches {
        features.insert(name.to_owned(), is_on.into());
    }
    for name in ["customer_role_levels", "partner_role_levels"] {
        features.insert(name.to_owned(), 3.into());
    }
    features
}

/// Has any record a value there?
fn has_value(csv: &str, field: &str) -> bool {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader
        .headers()
        .ok()
        .and_then(|names| names.iter().position(|name| name == field));
    let Some(at) = at else { return false };
    let mut records = reader.records().map_while(Result::ok);
    records.any(|record| record.get(at).is_some_and(|value| !value.is_empty()))
}

/// The active values of a picklist of User, parted as a list.
fn values(kept: &Kept, field: &str) -> Vec<String> {
    let of_field = kept.user_fields.iter().find(|one| one.api_name == field);
    let values = of_field.and_then(|field| field.picklist.as_ref());
    let active = values
        .into_iter()
        .flat_map(|list| list.values.iter().filter(|(_, is_active)| *is_active));
    active.map(|(value, _)| value.clone()).collect()
}

/// Everything but the big objects: by name, as text.
fn small_tables(kept: &Kept) -> Vec<(String, String)> {
    let mut tables = vec![
        ("fields".to_owned(), custom_fields(kept)),
        ("UserLicense".to_owned(), licenses(kept)),
        ("Profile".to_owned(), profiles(kept)),
        ("PermissionSet".to_owned(), permission_sets(kept)),
        ("PermissionSetAssignment".to_owned(), assignment(kept)),
    ];
    if kept.sites.is_some() {
        tables.push(("Network".to_owned(), sites(kept)));
        tables.push(("NetworkMemberGroup".to_owned(), members(kept)));
    }
    for name in PICKLISTS {
        let field = kept.user_fields.iter().find(|field| field.api_name == name);
        if let Some(list) = field.and_then(|field| field.picklist.as_ref()) {
            let values = list.values.iter();
            let rows = values.map(|(value, is_active)| {
                vec![value.clone(), value.clone(), is_active.to_string()]
            });
            let text = csv_of(&["key", "label", "active"], rows);
            tables.push((format!("picklists/{name}"), text));
        }
    }
    tables
}

/// Custom fields of User, and the external ids.
fn custom_fields(kept: &Kept) -> String {
    let is_custom = |name: &str| name.ends_with("__c");
    let user = kept.user_fields.iter();
    let user = user
        .filter(|field| is_custom(&field.api_name))
        .map(|field| {
            let kind = TYPES.iter().find(|kind| **kind == field.kind);
            let restricted = field.picklist.as_ref().is_some_and(|list| list.restricted);
            vec![
                "User".to_owned(),
                field.api_name.clone(),
                field.label.clone(),
                kind.map_or("string", |kind| kind).to_owned(),
                field.length.to_string(),
                field.createable.to_string(),
                (!field.required).to_string(),
                "false".to_owned(),
                restricted.to_string(),
                values(kept, &field.api_name).join(";"),
            ]
        });
    let keys = [
        ("Contact", &kept.external_ids.contact),
        ("Account", &kept.external_ids.account),
    ];
    let keys = keys.into_iter().flat_map(|(object, fields)| {
        let fields = fields.iter().filter(|field| is_custom(&field.name));
        fields.map(move |field| {
            let kind = if field.is_number() {
                "double"
            } else {
                "string"
            };
            let cells = [
                object,
                &field.name,
                &field.name,
                kind,
                "255",
                "true",
                "true",
                "true",
                "false",
                "",
            ];
            cells.map(str::to_owned).to_vec()
        })
    });
    let header = [
        "object",
        "api_name",
        "label",
        "type",
        "length",
        "createable",
        "nillable",
        "external_id",
        "restricted",
        "values",
    ];
    csv_of(&header, user.chain(keys))
}

fn licenses(kept: &Kept) -> String {
    let rows = kept.licenses.iter().map(|license| {
        let status = if license.is_active {
            "Active"
        } else {
            "Disabled"
        };
        let total = license.seats_bought().map_or(-1, u64::cast_signed);
        vec![
            license.id.to_string(),
            license.name.clone(),
            license.name.clone(),
            status.to_owned(),
            total.to_string(),
        ]
    });
    csv_of(
        &["Id", "Name", "MasterLabel", "Status", "TotalLicenses"],
        rows,
    )
}

fn profiles(kept: &Kept) -> String {
    let rows = kept.profiles.iter().map(|profile| {
        vec![
            profile.id.to_string(),
            profile.name.clone(),
            profile.user_type.clone(),
            profile.license.to_string(),
        ]
    });
    csv_of(&["Id", "Name", "UserType", "UserLicenseId"], rows)
}

/// Those that can be assigned, and one that holds the running user's rights.
fn permission_sets(kept: &Kept) -> String {
    let mut header = vec!["Id", "Name", "Label", "IsOwnedByProfile"];
    header.extend(RIGHTS);
    header.extend(SIGHT);
    let row = |words: [&str; 4], rights: bool, sight: bool| {
        let words = words.map(str::to_owned).into_iter();
        let rights = RIGHTS.map(|_| rights.to_string());
        let sight = SIGHT.map(|_| sight.to_string());
        words.chain(rights).chain(sight).collect::<Vec<String>>()
    };
    let own = row(
        [OWN_SET, "X00eSimulated", "X00eSimulated", "true"],
        true,
        kept.visibility.everything,
    );
    let others = kept.permission_sets.iter().map(|set| {
        let id = set.id.to_string();
        row([&id, &set.name, &set.label, "false"], false, false)
    });
    csv_of(&header, std::iter::once(own).chain(others))
}

fn assignment(kept: &Kept) -> String {
    let row = ["0Pa0000000SIM01", &kept.identity.user_id, OWN_SET];
    let header = ["Id", "AssigneeId", "PermissionSetId"];
    csv_of(&header, std::iter::once(row.map(str::to_owned).to_vec()))
}

fn sites(kept: &Kept) -> String {
    let sites = kept.sites.iter().flatten();
    let rows = sites.map(|site| {
        vec![
            site.id.to_string(),
            site.name.clone(),
            format!("{:?}", site.status),
            site.sends_welcome_mail.to_string(),
        ]
    });
    csv_of(&["Id", "Name", "Status", "OptionsSendWelcomeEmail"], rows)
}

fn members(kept: &Kept) -> String {
    let parents = kept.sites.iter().flatten().flat_map(|site| {
        let profiles = site.member_profiles.iter().map(ToString::to_string);
        let sets = site.member_permission_sets.iter().map(ToString::to_string);
        profiles.chain(sets).map(|parent| (site.id, parent))
    });
    let rows = parents.enumerate().map(|(nth, (site, parent))| {
        vec![
            format!("0DL{nth:012}"),
            site.to_string(),
            parent,
            "Added".to_owned(),
        ]
    });
    csv_of(&["Id", "NetworkId", "ParentId", "AssignmentStatus"], rows)
}

fn csv_of(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Memory takes everything, and the rows are as wide as their header.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
