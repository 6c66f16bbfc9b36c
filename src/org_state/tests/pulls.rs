//! Whole pulls, from a scripted org: orgs that lack features, answers that are odd.

use std::sync::Arc;

use serde_json::json;

use super::super::selection::{Describes, Selections};
use super::super::{ExternalIds, Matches, OrgState, OrgStateError, SiteStatus, Wanted, pull};
use super::id;
use super::line::{Ear, Script};
use crate::model::event::{Event, Events, RunStage};
use crate::model::explain::{Exit, Explain};
use crate::model::id::{AccountId, ContactId, ProfileId};
use crate::model::summary::OrgKind;
use crate::salesforce::{Describe, DescribeField};

const CONTACT: &[&str] = &[
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
    let license = json!([{"Id": id("100", 1), "Name": "Partner Community", "Status": "Active",
        "TotalLicenses": 10, "UsedLicenses": 3}, {"Id": id("100", 2), "Name": "Odd",
        "Status": "Disabled", "TotalLicenses": -1, "UsedLicenses": 0}]);
    let profiles = json!([{"Id": id("00e", 1), "Name": "Standard User", "UserType": "Standard",
        "UserLicenseId": id("100", 2)}, {"Id": id("00e", 3), "Name": "ACME Partner",
        "UserType": "PowerPartner", "UserLicenseId": id("100", 1)}]);
    Script::default()
        .say(
            "oauth2/userinfo",
            &json!({"user_id": id("005", 1), "organization_id": id("00D", 1),
                "preferred_username": "integration@acme.com"}),
        )
        .records("FROM UserLicense", &license)
        .records("FROM Profile", &profiles)
}

/// An org that has none of the features and no external user.
fn plain() -> Script {
    basics()
        .describe("Contact", CONTACT)
        .describe("Account", ACCOUNT)
        .describe("User", USER)
        .describe("UserRole", &["Id", "Name"])
        .describe("PermissionSet", &["Id", "Name", "Label"])
        .say("sobjects", &json!({"sobjects": [{"name": "Contact"}, {"name": "Account"}]}))
        .records("FROM Organization", &json!([{"Id": id("00D", 1), "IsSandbox": false}]))
        .bulk("Account", &format!("Id,Name,OwnerId,IsDeleted\n{},Acme,{},false\n", id("001", 1), id("005", 1)))
        .bulk("Contact", &format!("Id,AccountId,FirstName,LastName,Email,IsDeleted,MasterRecordId\n{},{},,Lovelace,ada@acme.com,false,\n", id("003", 1), id("001", 1)))
        .bulk("User", &format!("Id,Username,Name,ProfileId,UserType,IsActive\n{},integration@acme.com,Ina,{},Standard,true\n", id("005", 1), id("00e", 1)))
        .bulk("UserRole", &format!("Id\n{}\n", id("00E", 1)))
}

async fn pulled(script: Script) -> Result<OrgState, OrgStateError> {
    let events: Events = Arc::new(Ear::default());
    pull(
        &script.org().0,
        &Wanted::default(),
        OrgKind::Production,
        &events,
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn an_org_without_any_of_the_features_is_pulled() {
    let (org, script) = plain().org();
    let ear = Arc::new(Ear::default());
    let events: Events = ear.clone();
    let state = pull(&org, &Wanted::default(), OrgKind::Production, &events)
        .await
        .unwrap();

    assert_eq!(state.identity().kind, OrgKind::Production);
    assert_eq!(state.identity().username, "integration@acme.com");
    assert_eq!(state.identity().api_version, "67.0");
    assert!(
        !state.visibility().everything,
        "no right in the describe, no proof"
    );
    assert_eq!((state.sites(), state.is_multi_currency()), (None, false));
    assert_eq!(state.org_default("TimeZoneSidKey"), None);
    let account = state
        .account(AccountId::parse(&id("001", 1)).unwrap())
        .unwrap();
    assert!(!account.is_partner && !account.is_person_account);
    assert!(!account.owner.unwrap().has_role);
    let contact = ContactId::parse(&id("003", 1)).unwrap();
    assert_eq!(state.contact(contact).unwrap().account, Some(account.id));
    assert!(state.user_of_contact(contact).is_none());
    assert_eq!(state.portal_roles(), 0);
    let seats: Vec<u64> = state
        .licenses()
        .iter()
        .map(|license| license.seats_total)
        .collect();
    assert_eq!(seats, [10, 0]);
    assert!(script.asked("FROM Network").is_empty() && script.asked("Permissions").is_empty());

    let events = ear.0.lock().unwrap();
    let records: u64 = events
        .iter()
        .map(|event| match event {
            Event::StageAdvanced {
                stage: RunStage::Pull,
                by,
            } => *by,
            _ => 0,
        })
        .sum();
    assert_eq!(records, 4);
    assert_eq!(
        events[0],
        Event::StageStarted {
            stage: RunStage::Pull,
            total: None
        }
    );
    assert_eq!(
        events.last(),
        Some(&Event::StageEnded {
            stage: RunStage::Pull
        })
    );
}

/// An org that has all of them.
fn full() -> Script {
    let both = |left: &[&'static str], right: &[&'static str]| [left, right].concat();
    let organization = json!([{"Id": id("00D", 1), "IsSandbox": true,
        "TimeZoneSidKey": "Europe/Paris", "DefaultLocaleSidKey": "fr_FR",
        "LanguageLocaleKey": "fr"}]);
    let currencies = json!([{"IsoCode": "USD", "IsCorporate": false},
        {"IsoCode": "EUR", "IsCorporate": true}]);
    let member = |parent: String, status: &str| {
        json!({"NetworkId": id("0DB", 1),
        "ParentId": parent, "AssignmentStatus": status})
    };
    let sets = json!([{"Id": id("0PS", 1), "Name": "Base", "Label": "Base", "Type": "Regular"},
        {"Id": id("0PS", 2), "Name": "Sum", "Label": "Sum", "Type": "Group"}]);
    basics()
        .describe("Contact", CONTACT)
        .describe("Account", &both(ACCOUNT, ACCOUNT_FEATURES))
        .describe("User", &both(USER, USER_FEATURES))
        .describe("UserRole", ROLE)
        .describe("PermissionSet", &["Id", "Name", "Label", "Type", "PermissionsViewAllData"])
        .say("sobjects", &json!({"sobjects": [{"name": "Network"}, {"name": "CurrencyType"}]}))
        .records("FROM Organization", &organization)
        .records("FROM CurrencyType", &currencies)
        .records("FROM NetworkMemberGroup", &json!([
            member(id("00e", 3), "Added"), member(id("0PS", 1), "Waiting for Add"),
            member(id("00e", 1), "Failed Add"),
        ]))
        .records("FROM Network", &json!([{"Id": id("0DB", 1), "Name": "Partners",
            "Status": "UnderConstruction", "OptionsSendWelcomeEmail": true}]))
        .records("IsOwnedByProfile", &sets)
        .records("PermissionsViewAllData", &json!([{"PermissionsViewAllData": false},
            {"PermissionsViewAllData": true}]))
        .bulk("Account", &format!("IsDeleted,Id,Name,OwnerId,IsPartner,IsPersonAccount,PersonContactId\nfalse,{},Acme,{},true,false,\n", id("001", 1), id("005", 1)))
        .bulk("Contact", &format!("Id,AccountId,FirstName,LastName,Email,IsDeleted,MasterRecordId\n{},{},,Lovelace,,true,{}\n", id("003", 1), id("001", 1), id("003", 2)))
        .bulk("User", &format!("Id,Username,CommunityNickname,FederationIdentifier,Name,ContactId,AccountId,ProfileId,UserRoleId,UserType,IsActive\n{},ina@acme.com,ina,,Ina,,,{},{},Standard,true\n{},ada@acme.com,ada,Fed1,Ada,{},{},{},{},PowerPartner,true\n", id("005", 1), id("00e", 1), id("00E", 1), id("005", 2), id("003", 2), id("001", 1), id("00e", 3), id("00E", 2)))
        .bulk("UserRole", &format!("Id,PortalType,PortalRole,PortalAccountId,PortalAccountOwnerId\n{},None,,,\n{},Partner,Worker,{},\n", id("00E", 1), id("00E", 2), id("001", 1)))
}

#[tokio::test(start_paused = true)]
async fn an_org_with_all_of_the_features_is_pulled() {
    let state = pulled(full()).await.unwrap();
    assert_eq!(state.identity().kind, OrgKind::Sandbox);
    assert!(state.visibility().everything && state.is_multi_currency());
    let defaults = [
        "TimeZoneSidKey",
        "LocaleSidKey",
        "LanguageLocaleKey",
        "CurrencyIsoCode",
    ]
    .map(|field| state.org_default(field).unwrap_or_default());
    assert_eq!(defaults, ["Europe/Paris", "fr_FR", "fr", "EUR"]);
    let account = state
        .account(AccountId::parse(&id("001", 1)).unwrap())
        .unwrap();
    assert!(account.is_partner);
    let owner = account.owner.unwrap();
    assert_eq!(
        (owner.name, owner.has_role, owner.role_based_accounts),
        ("Ina", true, 1)
    );
    let merged = state
        .contact(ContactId::parse(&id("003", 1)).unwrap())
        .unwrap();
    let survivor = ContactId::parse(&id("003", 2)).unwrap();
    assert_eq!(
        (merged.is_deleted, merged.merged_into),
        (true, Some(survivor))
    );
    assert_eq!(
        state.user_of_contact(survivor).unwrap().username,
        "ada@acme.com"
    );
    assert_eq!(
        state.user_by_federation_id("Fed1").unwrap().username,
        "ada@acme.com"
    );
    assert_eq!(state.portal_roles(), 1);
    assert!(state.permission_set("base").is_some());
    assert!(
        state.permission_set("sum").is_none(),
        "a group's sum cannot be assigned"
    );
    let [site] = state.sites().unwrap() else {
        panic!("one site")
    };
    assert_eq!(
        (site.status, site.sends_welcome_mail),
        (SiteStatus::UnderConstruction, true)
    );
    assert_eq!(
        site.member_profiles,
        [ProfileId::parse(&id("00e", 3)).unwrap()]
    );
    assert_eq!(
        site.member_permission_sets.len(),
        1,
        "a member in a moment is one"
    );
}

#[tokio::test(start_paused = true)]
async fn the_simulated_org_is_known_by_the_hint() {
    let events: Events = Arc::new(Ear::default());
    let state = pull(
        &full().org().0,
        &Wanted::default(),
        OrgKind::Simulated,
        &events,
    )
    .await;
    assert_eq!(state.unwrap().identity().kind, OrgKind::Simulated);
}

/// A script in which the describe of Contact has external ids.
fn with_external_ids() -> Script {
    let field = |name: &str, kind: &str, is_key: bool| json!({"name": name, "type": kind, "externalId": is_key});
    let standard = CONTACT.iter().map(|name| field(name, "string", false));
    let keys = [
        field("Erp__c", "string", true),
        field("No__c", "double", true),
    ];
    let others = [field("Plain__c", "string", false)];
    let fields: Vec<_> = standard.chain(keys).chain(others).collect();
    basics()
        .say("sobjects/Contact/describe", &json!({"fields": fields}))
        .bulk("Contact", &format!("Id,AccountId,FirstName,LastName,Email,IsDeleted,MasterRecordId,No__c,Erp__c\n{},,,Lovelace,,false,,23.0,E-1\n", id("003", 1)))
}

#[tokio::test(start_paused = true)]
async fn external_ids_the_file_names_are_pulled_and_compared_by_their_type() {
    let rest = plain();
    let mut script = with_external_ids();
    script.append(rest);
    let wanted = Wanted {
        contact_external_ids: ["no__c", "Erp__c", "NO__C"].map(str::to_owned).into(),
        account_external_ids: Vec::new(),
    };
    let events: Events = Arc::new(Ear::default());
    let state = pull(&script.org().0, &wanted, OrgKind::Production, &events)
        .await
        .unwrap();
    let ada = Matches::One(ContactId::parse(&id("003", 1)).unwrap());
    assert_eq!(state.contacts_by_external_id("No__c", "23"), ada);
    assert_eq!(state.contacts_by_external_id("erp__c", "e-1"), ada);
}

#[tokio::test(start_paused = true)]
async fn a_header_that_names_no_external_id_is_refused_with_those_there_are() {
    let cases = [
        (true, "Plain__c", "it has Erp__c, No__c"),
        (true, "Gone__c", "it has Erp__c, No__c"),
        (false, "Gone__c", "it has none"),
    ];
    for (has_keys, field, existing) in cases {
        let mut script = if has_keys {
            with_external_ids()
        } else {
            Script::default()
        };
        script.append(plain());
        let wanted = Wanted {
            contact_external_ids: vec![field.to_owned()],
            account_external_ids: Vec::new(),
        };
        let events: Events = Arc::new(Ear::default());
        let pulled = pull(&script.org().0, &wanted, OrgKind::Production, &events).await;
        let error = pulled.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the column `Contact.{field}` names no external id field of Contact; {existing}"
            )
        );
        assert_eq!(error.exit(), Exit::Input);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_trusted_stops_the_pull() {
    let columns = "AccountId,FirstName,LastName,Email,IsDeleted,MasterRecordId";
    let cases = [
        (
            Script::default().describe("Contact", &["Id", "AccountId", "LastName"]),
            "the running user may not read Contact.FirstName",
        ),
        (
            Script::default().bulk("Contact", &format!("{columns}\n,,,,,\n")),
            "the org's answer about Contact has no column Id",
        ),
        (
            Script::default().bulk("Contact", &format!("Id,{columns}\n0032,,,,,,\n")),
            "the org's answer about Contact is not understood: Id has 4 characters, an id has 15 \
             or 18",
        ),
        (
            Script::default().records("FROM Organization", &json!([])),
            "the running user may not read the Organization record",
        ),
        (
            Script::default().records("FROM UserLicense", &json!([])),
            "the licence of profile 00e000000000003AAA is not among those the running user may read",
        ),
    ];
    for (mut script, message) in cases {
        script.append(plain());
        let error = pulled(script).await.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.exit(), Exit::Org);
    }
}
