//! What scripted orgs answer to a whole pull: one that lacks every feature, one that has all.

use serde_json::{Value, json};

use super::super::ExternalIds;
use super::super::selection::{Describes, Selections};
use super::id;
use super::line::Script;
use crate::salesforce::{Describe, DescribeField};

pub(super) const CONTACT: &[&str] = &[
    "Id",
    "AccountId",
    "FirstName",
    "LastName",
    "Email",
    "IsDeleted",
    "MasterRecordId",
];

const ACCOUNT: &[&str] = &["Id", "Name", "OwnerId", "IsDeleted"];

const ACCOUNT_FEATURES: &[&str] = &["IsPartner", "IsPersonAccount", "PersonContactId"];

const USER: &[&str] = &[
    "Id",
    "Username",
    "ProfileId",
    "UserType",
    "IsActive",
    "Name",
];

const USER_FEATURES: &[&str] = &[
    "ContactId",
    "AccountId",
    "UserRoleId",
    "CommunityNickname",
    "FederationIdentifier",
    "CurrencyIsoCode",
];

const ROLE: &[&str] = &[
    "Id",
    "PortalType",
    "PortalRole",
    "PortalAccountId",
    "PortalAccountOwnerId",
];

/// The selections of an org that lacks nothing.
pub(super) fn selections_of_a_full_org() -> Selections {
    let describe = |names: &[&[&str]]| Describe {
        fields: names
            .iter()
            .flat_map(|names| names.iter())
            .map(|name| DescribeField {
                name: (*name).to_owned(),
                ..DescribeField::default()
            })
            .collect(),
    };
    let describes = Describes {
        contact: describe(&[CONTACT]),
        account: describe(&[ACCOUNT, ACCOUNT_FEATURES]),
        user: describe(&[USER, USER_FEATURES]),
        role: describe(&[ROLE]),
    };
    Selections::shown(&describes, &ExternalIds::default()).unwrap()
}

/// What every org answers: who asks, licences and profiles.
fn basics() -> Script {
    let user = json!({
        "user_id": id("005", 1),
        "organization_id": id("00D", 1),
        "preferred_username": "integration@acme.com",
    });
    let license = |nth, status: &str, total: i32| {
        json!({"Id": id("100", nth), "Name": "Some", "Status": status,
            "TotalLicenses": total, "UsedLicenses": 0})
    };
    let profile = |nth, user_type: &str, license| {
        json!({"Id": id("00e", nth), "Name": "Some", "UserType": user_type,
            "UserLicenseId": id("100", license)})
    };
    let licenses = json!([license(1, "Active", 10), license(2, "Disabled", -1)]);
    let profiles = json!([profile(1, "Standard", 2), profile(3, "PowerPartner", 1)]);
    Script::default()
        .say("oauth2/userinfo", &user)
        .records("FROM UserLicense", &licenses)
        .records("FROM Profile", &profiles)
}

/// The names of the org's objects.
fn objects(names: &[&str]) -> Value {
    let names: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"sobjects": names})
}

/// An org that has none of the features and no external user.
pub(super) fn plain() -> Script {
    let [account, contact, user] = [id("001", 1), id("003", 1), id("005", 1)];
    let (profile, role) = (id("00e", 1), id("00E", 1));
    let person: &[&str] = &[
        &contact,
        &account,
        "",
        "Lovelace",
        "ada@acme.com",
        "false",
        "",
    ];
    let integration: &[&str] = &[
        &user,
        "integration@acme.com",
        &profile,
        "Standard",
        "true",
        "Ina",
    ];
    basics()
        .describe("Contact", CONTACT)
        .describe("Account", ACCOUNT)
        .describe("User", USER)
        .describe("UserRole", &["Id", "Name"])
        .describe("PermissionSet", &["Id", "Name", "Label"])
        .say("sobjects", &objects(&["Contact", "Account"]))
        .records(
            "FROM Organization",
            &json!([{"Id": id("00D", 1), "IsSandbox": false}]),
        )
        .bulk("Account", ACCOUNT, &[&[&account, "Acme", &user, "false"]])
        .bulk("Contact", CONTACT, &[person])
        .bulk("User", USER, &[integration])
        .bulk("UserRole", &["Id"], &[&[&role]])
}

/// An org that has all of them: contact 1 was merged into 2, who is a partner user.
pub(super) fn full() -> Script {
    let account_fields = [ACCOUNT, ACCOUNT_FEATURES].concat();
    let user_fields = [USER, USER_FEATURES].concat();
    let [account, contact, survivor] = [id("001", 1), id("003", 1), id("003", 2)];
    let [owner, partner] = [id("005", 1), id("005", 2)];
    let [internal, external] = [id("00e", 1), id("00e", 3)];
    let [inside, outside] = [id("00E", 1), id("00E", 2)];
    let merged: &[&str] = &[&contact, &account, "", "Lovelace", "", "true", &survivor];
    let ina: &[&str] = &[
        &owner,
        "ina@acme.com",
        &internal,
        "Standard",
        "true",
        "Ina",
        "",
        "",
        &inside,
        "ina",
        "",
        "EUR",
    ];
    let ada: &[&str] = &[
        &partner,
        "ada@acme.com",
        &external,
        "PowerPartner",
        "true",
        "Ada",
        &survivor,
        &account,
        &outside,
        "ada",
        "Fed1",
        "EUR",
    ];
    full_setup()
        .describe("Contact", CONTACT)
        .describe("Account", &account_fields)
        .say("sobjects/User/describe", &describe_of_user(&user_fields))
        .describe("UserRole", ROLE)
        .say("sobjects", &objects(&["Network", "CurrencyType"]))
        .bulk(
            "Account",
            &account_fields,
            &[&[&account, "Acme", &owner, "false", "true", "false", ""]],
        )
        .bulk("Contact", CONTACT, &[merged])
        .bulk("User", &user_fields, &[ina, ada])
        .bulk(
            "UserRole",
            ROLE,
            &[
                &[&inside, "None", "", "", ""],
                &[&outside, "Partner", "Worker", &account, ""],
            ],
        )
}

fn full_setup() -> Script {
    let organization = json!({"Id": id("00D", 1), "IsSandbox": true,
        "TimeZoneSidKey": "Europe/Paris", "DefaultLocaleSidKey": "fr_FR",
        "LanguageLocaleKey": "fr"});
    let currency = |code: &str, is_corporate| json!({"IsoCode": code, "IsCorporate": is_corporate});
    let member = |parent: String, status: &str| {
        let site = id("0DB", 1);
        json!({"NetworkId": site, "ParentId": parent, "AssignmentStatus": status})
    };
    let members = json!([
        member(id("00e", 3), "Added"),
        member(id("0PS", 1), "Waiting for Add"),
        member(id("00e", 1), "Failed Add"),
    ]);
    let site = json!({"Id": id("0DB", 1), "Name": "Partners", "Status": "UnderConstruction",
        "OptionsSendWelcomeEmail": true});
    let set = |nth, name: &str, kind: &str| {
        let set = id("0PS", nth);
        json!({"Id": set, "Name": name, "Label": name, "Type": kind})
    };
    let sets = json!([set(1, "Base", "Regular"), set(2, "Sum", "Group")]);
    let rights = [false, true].map(|right| json!({"PermissionsViewAllData": right}));
    basics()
        .describe(
            "PermissionSet",
            &["Id", "Name", "Label", "Type", "PermissionsViewAllData"],
        )
        .records("FROM Organization", &json!([organization]))
        .records(
            "FROM CurrencyType",
            &json!([currency("USD", false), currency("EUR", true)]),
        )
        .records("FROM NetworkMemberGroup", &members)
        .records("FROM Network", &json!([site]))
        .records("IsOwnedByProfile", &sets)
        .records("PermissionsViewAllData", &json!(rights))
}

fn describe_of_user(names: &[&str]) -> Value {
    let mut fields: Vec<Value> = names
        .iter()
        .map(|name| json!({"name": name, "type": "string"}))
        .collect();
    let values = json!([{"value": "ISO-8859-1", "active": true},
        {"value": "UTF-8", "active": true, "defaultValue": true}]);
    fields.push(json!({"name": "EmailEncodingKey", "type": "picklist", "picklistValues": values}));
    json!({"fields": fields})
}

/// What an org answers of a Contact with external ids; the rest is [`plain`].
pub(super) fn with_external_ids() -> Script {
    let field = |name: &str, kind: &str, key: bool| {
        let mut field = json!({"name": name, "type": kind});
        field["externalId"] = json!(key);
        field
    };
    let standard = CONTACT.iter().map(|name| field(name, "string", false));
    let keys = [
        field("Erp__c", "string", true),
        field("No__c", "double", true),
    ];
    let others = [field("Plain__c", "string", false)];
    let fields: Vec<Value> = standard.chain(keys).chain(others).collect();
    let columns = [CONTACT, &["No__c", "Erp__c"]].concat();
    let contact = id("003", 1);
    let person: &[&str] = &[&contact, "", "", "Lovelace", "", "false", "", "23.0", "E-1"];
    let mut script = Script::default()
        .say("sobjects/Contact/describe", &json!({"fields": fields}))
        .bulk("Contact", &columns, &[person]);
    script.append(plain());
    script
}
