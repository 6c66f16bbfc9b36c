//! A small org with one of everything a rule can stumble over.

use super::org::id;
use crate::model::id::{LicenseId, NetworkId, PermissionSetId, ProfileId};
use crate::model::summary::{OrgIdentity, OrgKind};
use crate::org_state::{
    AccountRecord, Comparison, ContactRecord, ExternalIdField, ExternalIds, FieldFacts,
    LicenseFacts, PermissionSetRecord, PicklistFacts, ProfileRecord, Records, RoleRecord,
    SiteFacts, SiteStatus, UserRecord,
};

pub(super) fn profile(number: u32) -> ProfileId {
    ProfileId::parse(&id("00e", number)).unwrap()
}

/// Accounts 1..=9 and their contacts 11, 21, ...; see the comments.
pub(super) fn records() -> Records {
    let identity = OrgIdentity {
        org_id: "00D000000000001".into(),
        instance_url: "https://acme.my.salesforce.com".into(),
        username: "integration@acme.com".into(),
        user_id: id("005", 1),
        kind: OrgKind::Simulated,
        api_version: "67.0".into(),
    };
    let external = |name: &str| ExternalIdField {
        name: name.into(),
        comparison: Comparison::Folded,
    };
    let external_ids = ExternalIds {
        contact: vec![external("Crm__c")],
        account: vec![external("Erp__c")],
    };
    let mut records = Records::of(identity, external_ids);
    records.user_fields = user_fields();
    records.org_defaults = [
        ("TimeZoneSidKey", "Europe/Berlin"),
        ("LocaleSidKey", "de_DE"),
        ("LanguageLocaleKey", "de"),
        ("EmailEncodingKey", "UTF-8"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    licenses_and_profiles(&mut records);
    site(&mut records);
    users_and_roles(&mut records);
    accounts(&mut records);
    contacts(&mut records);
    records
}

fn licenses_and_profiles(records: &mut Records) {
    let license = |number: u32| LicenseId::parse(&id("100", number)).unwrap();
    for (number, name, is_active, seats_total, seats_used) in [
        (1, "Partner Community", true, 100, 10),
        (2, "Customer Community", true, 100, 10),
        (3, "Customer Community Plus", true, 100, 10),
        (4, "Lapsed Community", false, 100, 0),
        (5, "Scarce Community", true, 3, 1),
        (6, "Salesforce", true, 10, 5),
    ] {
        records.licenses.push(LicenseFacts {
            id: license(number),
            name: name.into(),
            is_active,
            seats_total,
            seats_used,
        });
    }
    for (number, name, user_type, of_license) in [
        (1, "Acme Partner", "PowerPartner", 1),
        (2, "Acme Customer", "CspLitePortal", 2),
        (3, "Acme Plus", "PowerCustomerSuccess", 3),
        (4, "Lapsed Customer", "CspLitePortal", 4),
        (5, "Scarce Customer", "CspLitePortal", 5),
        (6, "System Administrator", "Standard", 6),
        (7, "Twin", "CspLitePortal", 2),
        (8, "Twin", "CspLitePortal", 2),
        (9, "Outsider", "CspLitePortal", 2),
        (10, "Customer Community User", "CspLitePortal", 2),
    ] {
        records.profiles.push(ProfileRecord {
            id: profile(number),
            name: name.into(),
            user_type: user_type.into(),
            license: license(of_license),
        });
    }
}

fn site(records: &mut Records) {
    let set = |number: u32| PermissionSetId::parse(&id("0PS", number)).unwrap();
    for (number, name) in [(1, "Site_Member"), (2, "Reports")] {
        records.permission_sets.push(PermissionSetRecord {
            id: set(number),
            name: name.into(),
            label: name.replace('_', " "),
        });
    }
    let members = [1, 2, 3, 4, 5, 7, 8, 10].map(profile).to_vec();
    let site = |number: u32, name: &str, status| SiteFacts {
        id: NetworkId::parse(&id("0DB", number)).unwrap(),
        name: name.into(),
        status,
        sends_welcome_mail: true,
        member_profiles: members.clone(),
        member_permission_sets: vec![set(1)],
    };
    records.sites = Some(vec![
        site(1, "Portal", SiteStatus::Live),
        site(2, "Draft", SiteStatus::UnderConstruction),
    ]);
}

/// Users 1 the integration, 2 an owner with role, 3 without, 4 inactive with role, 5 a partner
/// user; 91 and 92 occupy contacts 91 (active) and 92 (inactive), 22 is a
/// partner user of account 2.
fn users_and_roles(records: &mut Records) {
    let role = id("00E", 1);
    let internal = |number: u32, name: &'static str, role: &'static str, is_active| {
        (number, name, role, "", "Standard", 6, is_active)
    };
    let role: &'static str = role.leak();
    for (number, name, role, contact, user_type, of_profile, is_active) in [
        internal(1, "integration", "", true),
        internal(2, "olivia", role, true),
        internal(3, "norole", "", true),
        internal(4, "gone", role, false),
        (5, "partner.owner", role, "", "PowerPartner", 1, true),
        (91, "taken", role, "91", "CspLitePortal", 2, true),
        (92, "asleep", role, "92", "CspLitePortal", 2, false),
        (22, "partner.user", role, "22", "PowerPartner", 1, true),
    ] {
        let contact = if contact.is_empty() {
            String::new()
        } else {
            id("003", number)
        };
        let account = match number {
            22 => id("001", 2),
            91 | 92 => id("001", 1),
            _ => String::new(),
        };
        records
            .user(&UserRecord {
                id: &id("005", number),
                username: &format!("{name}@acme.com"),
                nickname: &format!("nick.{name}"),
                federation_id: &format!("FED-{name}"),
                name,
                contact: &contact,
                account: &account,
                profile: &id("00e", of_profile),
                role,
                user_type,
                is_active,
            })
            .unwrap();
    }
    // Account 2 has partner roles of two levels, made long ago.
    for (number, level) in [(21, "Manager"), (22, "Worker")] {
        records
            .role(&RoleRecord {
                id: &id("00E", number),
                portal_type: "Partner",
                portal_role: level,
                portal_account: &id("001", 2),
                portal_account_owner: "",
            })
            .unwrap();
    }
}

/// 1 partner, 2 partner with roles, 3 no partner, 4 owner without role, 5 owner inactive, 6 owner
/// external, 7 a person account, 8 deleted, 9 customer only.
fn accounts(records: &mut Records) {
    for (number, owner, is_partner) in [
        (1, 2, true),
        (2, 2, true),
        (3, 2, false),
        (4, 3, true),
        (5, 4, true),
        (6, 5, true),
        (7, 2, false),
        (8, 2, true),
        (9, 2, false),
    ] {
        let person = if number == 7 {
            id("003", 71)
        } else {
            String::new()
        };
        records
            .account(&AccountRecord {
                id: &id("001", number),
                name: &format!("Account {number}"),
                owner: &id("005", owner),
                is_partner,
                is_person_account: number == 7,
                person_contact: &person,
                is_deleted: number == 8,
                external_ids: &[&format!("ERP-{number}")],
            })
            .unwrap();
    }
}

/// Contact n1 belongs to account n; 12 and 13 share an e-mail, 14 has none, 15 is private, 16
/// deleted, 17 merged into 11, 18 has no last name of Latin letters, 91 and 92 have users; 100 to
/// 199 are plain contacts of account 1.
fn contacts(records: &mut Records) {
    let plain = [
        11, 21, 31, 41, 51, 61, 71, 81, 91, 22, 12, 13, 14, 15, 16, 17, 18, 92,
    ];
    for number in plain.into_iter().chain(100..200) {
        let account = match number {
            91 | 92 | 100.. => 1,
            _ => number / 10,
        };
        let email = match number {
            12 | 13 => "shared@example.com".to_owned(),
            14 => String::new(),
            _ => format!("c{number}@example.com"),
        };
        records
            .contact(&ContactRecord {
                id: &id("003", number),
                account: &if number == 15 {
                    String::new()
                } else {
                    id("001", account)
                },
                first_name: if number == 18 { "" } else { "Jörg" },
                last_name: if number == 18 {
                    "田中"
                } else {
                    "Müller-Lüdenscheidt"
                },
                email: &email,
                is_deleted: matches!(number, 16 | 17),
                merged_into: &if number == 17 {
                    id("003", 11)
                } else {
                    String::new()
                },
                external_ids: &[&match number {
                    12 | 13 => "CRM-TWIN".to_owned(),
                    _ => format!("CRM-{number}"),
                }],
            })
            .unwrap();
    }
}

pub(super) fn field(name: &str, kind: &str, length: usize) -> FieldFacts {
    FieldFacts {
        api_name: name.into(),
        label: name.into(),
        kind: kind.into(),
        length,
        createable: true,
        required: false,
        scale: 0,
        precision: 0,
        picklist: None,
    }
}

fn picklist(name: &str, keys: &[(&str, bool)]) -> FieldFacts {
    let values = keys
        .iter()
        .map(|(key, active)| ((*key).to_owned(), *active))
        .collect();
    let picklist = Some(PicklistFacts {
        restricted: true,
        values,
    });
    FieldFacts {
        picklist,
        ..field(name, "picklist", 40)
    }
}

fn user_fields() -> Vec<FieldFacts> {
    let text = |name: &str, length| field(name, "string", length);
    let locked = |name: &str| FieldFacts {
        createable: false,
        ..field(name, "string", 80)
    };
    vec![
        text("Username", 80),
        text("LastName", 80),
        text("FirstName", 40),
        locked("Name"),
        locked("UserType"),
        field("Email", "email", 128),
        text("Alias", 8),
        text("CommunityNickname", 40),
        text("FederationIdentifier", 512),
        picklist(
            "TimeZoneSidKey",
            &[("America/New_York", true), ("Europe/Berlin", true)],
        ),
        picklist(
            "LocaleSidKey",
            &[("de_DE", true), ("en_US", true), ("old", false)],
        ),
        picklist(
            "LanguageLocaleKey",
            &[("de", true), ("en_US", true), ("th", false)],
        ),
        picklist("EmailEncodingKey", &[("ISO-8859-1", true), ("UTF-8", true)]),
        picklist(
            "PortalRole",
            &[("Executive", true), ("Manager", true), ("User", true)],
        ),
        field("ProfileId", "reference", 18),
        field("ContactId", "reference", 18),
        field("UserRoleId", "reference", 18),
        field("ManagerId", "reference", 18),
        field("IsActive", "boolean", 0),
        field("IsPortalEnabled", "boolean", 0),
        text("Title", 80),
        FieldFacts {
            label: "Partner Tier".into(),
            ..picklist("Tier__c", &[("Gold", true), ("Silver", true)])
        },
        FieldFacts {
            precision: 6,
            scale: 2,
            ..field("Budget__c", "currency", 0)
        },
        field("Headcount__c", "int", 0),
        field("Vip__c", "boolean", 0),
        field("Since__c", "date", 0),
        field("Seen__c", "datetime", 0),
        FieldFacts {
            kind: "multipicklist".into(),
            ..picklist("Topics__c", &[("Red", true), ("Blue", true)])
        },
    ]
    .into_iter()
    .map(|mut facts| {
        // The describe brings values in the org's order; lookups want them sorted.
        if let Some(picklist) = &mut facts.picklist {
            picklist.values.sort();
        }
        facts
    })
    .collect()
}
