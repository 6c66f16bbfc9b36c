//! SOQL over REST.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fixture::{Caller, ORG_TOML, TABLES};
use crate::salesforce::transport::{Body, Method};
use crate::sim::Seed;

#[tokio::test(start_paused = true)]
async fn conditions_select_what_soql_says() {
    let caller = Caller::new();
    let cases: &[(&str, &[&str])] = &[
        ("Id = '001000000000002'", &["Beta"]),
        ("Id = '001000000000002AAA'", &["Beta"]),
        ("Name = 'BETA'", &["Beta"]),
        (
            "Name != 'beta' AND IsPartner = true",
            &["No Role Inc", "Portal Owned"],
        ),
        (
            "Name LIKE '%o%' AND NOT Name LIKE 'No%'",
            &["Portal Owned", "Pat Person"],
        ),
        ("Name LIKE '_eta'", &["Beta"]),
        ("Name LIKE '\\_eta'", &[]),
        (
            "(Name = 'Alpha' OR Name = 'Beta') AND IsPartner = false",
            &["Alpha"],
        ),
        ("Name IN ('Alpha', 'Beta')", &["Alpha", "Beta"]),
        (
            "Id IN ('001000000000002', '001000000000001')",
            &["Alpha", "Beta"],
        ),
        (
            "Name NOT IN ('Alpha','Beta','Pat Person')",
            &["No Role Inc", "Portal Owned"],
        ),
        ("PersonContactId != null", &["Pat Person"]),
        ("PersonContactId = null AND IsPersonAccount = true", &[]),
        ("NumberOfEmployees > 7", &["Alpha"]),
        (
            "NumberOfEmployees >= 7 AND NumberOfEmployees <= 23",
            &["Alpha", "Beta"],
        ),
        ("NumberOfEmployees = 7.0", &["Beta"]),
        ("SystemModstamp < 2026-01-02T00:00:00Z", &["Alpha"]),
        (
            "SystemModstamp >= 2026-01-02T01:00:00+01:00 AND NumberOfEmployees != null",
            &["Beta"],
        ),
        ("Owner.UserRoleId = null", &["No Role Inc"]),
        (
            "Owner.Profile.UserLicense.Name = 'Partner Community'",
            &["Portal Owned"],
        ),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Beta')",
            &["Beta"],
        ),
        ("Id NOT IN (SELECT AccountId FROM Contact)", &[]),
        (
            "Owner.Name = 'Nils Norole' OR Name = 'Alpha'",
            &["Alpha", "No Role Inc"],
        ),
    ];
    for (condition, expected) in cases {
        let records = caller
            .query(&format!("SELECT Name FROM Account WHERE {condition}"))
            .await;
        let names: Vec<&str> = records
            .iter()
            .map(|record| record["Name"].as_str().unwrap())
            .collect();
        assert_eq!(names, *expected, "{condition}");
    }
}

#[tokio::test(start_paused = true)]
async fn order_limit_and_offset_work_with_nulls_first() {
    let caller = Caller::new();
    let cases: &[(&str, &[&str])] = &[
        (
            "ORDER BY Name",
            &["Alpha", "Beta", "No Role Inc", "Pat Person", "Portal Owned"],
        ),
        (
            "ORDER BY Name DESC LIMIT 2",
            &["Portal Owned", "Pat Person"],
        ),
        (
            "ORDER BY NumberOfEmployees DESC NULLS LAST LIMIT 2",
            &["Alpha", "Beta"],
        ),
        ("ORDER BY NumberOfEmployees, Name LIMIT 1", &["No Role Inc"]),
        ("order by name limit 2 offset 1", &["Beta", "No Role Inc"]),
    ];
    for (clause, expected) in cases {
        let records = caller
            .query(&format!("SELECT Name FROM Account {clause}"))
            .await;
        let names: Vec<&str> = records
            .iter()
            .map(|record| record["Name"].as_str().unwrap())
            .collect();
        assert_eq!(names, *expected, "{clause}");
    }
}

#[tokio::test(start_paused = true)]
async fn parents_are_nested_and_a_missing_parent_is_null() {
    let caller = Caller::new();
    let soql = "SELECT id, profile.userlicense.name, Profile.Name, Contact.Account.Name, IsActive, \
                CreatedDate FROM User WHERE Username IN ('portal@acme.example','admin@acme.example')";
    let records = caller.query(soql).await;
    assert_eq!(records[0]["Contact"], Value::Null);
    assert_eq!(records[0]["Profile"]["UserLicense"]["Name"], "Salesforce");
    assert_eq!(records[0]["IsActive"], true);
    assert_eq!(records[0]["CreatedDate"], "2026-01-04T08:00:00.000+0000");
    assert_eq!(records[1]["Contact"]["Account"]["Name"], "Beta");
    assert_eq!(records[1]["Profile"]["Name"], "Acme Partner");
    assert_eq!(records[1]["Profile"]["attributes"]["type"], "Profile");
    let url = "/services/data/v67.0/sobjects/User/005000000000003AAA";
    assert_eq!(records[1]["attributes"]["url"], url);
}

#[tokio::test(start_paused = true)]
async fn counts_come_as_totals_or_as_one_record() {
    let caller = Caller::new();
    let count = caller
        .soql(
            "query",
            "SELECT COUNT() FROM Contact WHERE AccountId != null",
        )
        .await;
    assert_eq!(
        count.json(),
        json!({ "totalSize": 9, "done": true, "records": [] })
    );
    let count = caller.query("SELECT COUNT(AccountId) FROM Contact").await;
    assert_eq!(count[0]["expr0"], 9);
    assert_eq!(count[0]["attributes"]["type"], "AggregateResult");
}

#[tokio::test(start_paused = true)]
async fn query_hides_deleted_records_and_query_all_shows_them() {
    let caller = Caller::new();
    let soql = "SELECT Id, MasterRecordId, IsDeleted FROM Contact WHERE Id = '003000000000007'";
    assert_eq!(caller.soql("query", soql).await.json()["totalSize"], 0);
    let all = caller.soql("queryAll", soql).await.json();
    assert_eq!(all["records"][0]["MasterRecordId"], "003000000000001AAA");
    assert_eq!(all["records"][0]["IsDeleted"], true);
}

/// Objects and fields of external-users.md §13.1, and what outside clients ask (peers.md part 3).
const REFERENCE: &str = "\
SELECT Id, Username, Email, FirstName, LastName, Alias, CommunityNickname, FederationIdentifier, ContactId, AccountId, ProfileId, UserRoleId, PortalRole, UserType, IsActive, IsPortalEnabled, LastLoginDate, CreatedDate, SystemModstamp FROM User
SELECT Id, AccountId, FirstName, LastName, Email, Phone, Title, OwnerId, IsDeleted, MasterRecordId, SystemModstamp, Ext__c, IsPersonAccount FROM Contact
SELECT Id, Name, OwnerId, ParentId, IsPartner, IsCustomerPortal, IsPersonAccount, PersonContactId, IsDeleted, MasterRecordId, SystemModstamp FROM Account
SELECT Id, Name, UserType, UserLicenseId, UserLicense.Name, UserLicense.LicenseDefinitionKey, SystemModstamp FROM Profile
SELECT Id, Name, MasterLabel, LicenseDefinitionKey, Status, TotalLicenses, UsedLicenses, UsedLicensesLastUpdated, MonthlyLoginsEntitlement, MonthlyLoginsUsed FROM UserLicense
SELECT Id, Name, DeveloperName, ParentRoleId, PortalType, PortalRole, PortalAccountId, PortalAccountOwnerId, SystemModstamp FROM UserRole
SELECT Id, Name, Status, UrlPathPrefix, OptionsSendWelcomeEmail, OptionsSelfRegistrationEnabled, SelfRegProfileId, WelcomeEmailTemplateId, ChangePasswordEmailTemplateId, ForgotPasswordEmailTemplateId, EmailSenderAddress, NewSenderAddress FROM Network
SELECT Id, NetworkId, ParentId, AssignmentStatus FROM NetworkMemberGroup
SELECT MemberId, NetworkId, SystemModstamp FROM NetworkMember WHERE NetworkId = '0DB000000000001'
SELECT AssigneeId, PermissionSetId FROM PermissionSetAssignment
SELECT PermissionsManagePartners, PermissionsManageMyExternalUsers, PermissionsManageCssUsers, PermissionsManageInternalUsers, PermissionsManageUsers, PermissionsManageNetworks, PermissionsApiEnabled, PermissionsViewSetup FROM PermissionSet WHERE Id IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '005000000000001AAA')
SELECT Id, UserId, IsFrozen, IsPasswordLocked FROM UserLogin
SELECT UserId, PortalType FROM PersonAccountOwnerPowerUser
SELECT Id, IsSandbox, LanguageLocaleKey, TimeZoneSidKey, DefaultLocaleSidKey, InstanceName FROM Organization
SELECT Id, Name, OwnerId, Owner.UserRoleId, Owner.IsActive, Owner.UserType FROM Account
SELECT AccountId FROM Contact WHERE Owner.UserType NOT IN ('Standard')
SELECT Id, Username, ContactId, Profile.UserLicense.Name, Profile.UserType FROM User WHERE ContactId = null
SELECT Id, Username, LastLoginDate FROM User WHERE IsActive = true AND ContactId != null AND CreatedDate < 2026-01-05T00:00:00Z
SELECT COUNT() FROM UserRole WHERE PortalAccountId != null
SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization
SELECT IsPersonAccount FROM Account LIMIT 1
SELECT COUNT(Id) FROM Contact
";

#[tokio::test(start_paused = true)]
async fn every_read_of_the_reference_is_understood() {
    let caller = Caller::new();
    for soql in REFERENCE.lines() {
        let reply = caller.soql("query", soql).await;
        assert_eq!(reply.status, 200, "{soql}: {}", reply.text);
    }
    let rights = caller.query(REFERENCE.lines().nth(10).unwrap()).await;
    assert_eq!(rights.len(), 1);
    assert_eq!(rights[0]["PermissionsManagePartners"], true);
    let scratch = caller
        .soql("query", "SELECT Id FROM ScratchOrgInfo limit 1")
        .await;
    assert_eq!(scratch.error().1, "INVALID_TYPE");
}

/// Query | code | part of the message.
const ERRORS: &str = "\
SELECT Id, Foo FROM Account | INVALID_FIELD | ERROR at Row:1:Column:12
SELECT Id, Foo FROM Account | INVALID_FIELD | No such column 'Foo' on entity 'Account'
SELECT Id FROM Foo | INVALID_TYPE | ERROR at Row:1:Column:16
SELECT Id FROM Foo | INVALID_TYPE | sObject type 'Foo' is not supported
SELECT Id FROM Account WHERE Owner.Foo = 'x' | INVALID_FIELD | No such column 'Foo' on entity 'User'
SELECT Foo.Id FROM Account | INVALID_FIELD | Didn't understand relationship 'Foo'
SELECT FROM Account | MALFORMED_QUERY | unexpected token: 'FROM'
SELECT Id FROM Account WHERE | MALFORMED_QUERY | unexpected token: '<EOF>'
SELECT Id FROM Account LIMIT x | MALFORMED_QUERY | unexpected token: 'x'
SELECT Id FROM Account WHERE Name = 'x | MALFORMED_QUERY | unexpected token
SELECT Id FROM Account GROUP BY Id | MALFORMED_QUERY | unexpected token: 'GROUP'
SELECT Id FROM User WHERE IsActive = 'true' | INVALID_FIELD | must be of type boolean
SELECT Id FROM User WHERE Username = 5 | INVALID_FIELD | must be of type string
SELECT Id FROM User WHERE Id = 'zz' | INVALID_QUERY_FILTER_OPERATOR | invalid ID field: zz
";

#[tokio::test(start_paused = true)]
async fn errors_have_code_marker_and_place() {
    let caller = Caller::new();
    for line in ERRORS.lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let (status, found, message) = caller.soql("query", cells[0]).await.error();
        assert_eq!((status, found.as_str()), (400, cells[1]), "{line}");
        assert!(message.contains(cells[2]), "{line}: {message}");
    }
    let deep = format!("SELECT Id FROM User WHERE {}Id = null", "(".repeat(5_000));
    assert_eq!(
        caller.soql("query", &deep).await.error().1,
        "MALFORMED_QUERY"
    );
}

/// An org with enough contacts for several pages.
pub(super) fn crowd(count: usize) -> Seed {
    let mut contacts = String::from("Id,LastName\n");
    for number in 0..count {
        let _ = writeln!(contacts, "003000000{number:06},Crowd {number}");
    }
    let mut tables: Vec<(&str, &str)> = TABLES
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "Contact"))
        .collect();
    tables.push(("Contact", &contacts));
    Seed::from_texts(ORG_TOML, &tables).unwrap()
}

#[tokio::test(start_paused = true)]
async fn pages_of_a_rest_query_hold_2000_rows_or_what_the_header_asks() {
    let caller = Caller::of(crowd(4_500));
    let mut reply = caller.soql("query", "SELECT Id FROM Contact").await.json();
    let mut sizes = Vec::new();
    loop {
        sizes.push(reply["records"].as_array().unwrap().len());
        assert_eq!(reply["totalSize"], 4_500);
        let Some(next) = reply["nextRecordsUrl"].as_str() else {
            break;
        };
        assert!(next.starts_with("/services/data/v67.0/query/01g"), "{next}");
        assert_eq!(reply["done"], false);
        reply = caller.get(next).await.json();
    }
    assert_eq!(sizes, [2_000, 2_000, 500]);
    assert_eq!(reply["done"], true);
    for (asked, expected) in [("batchSize=250", 250), ("batchSize=10", 200)] {
        let path = "/services/data/v67.0/query/?q=SELECT+Id+FROM+Contact";
        let headers = [("sforce-query-options", asked)];
        let reply = caller
            .send(Method::Get, path, &headers, Body::Empty)
            .await
            .json();
        assert_eq!(reply["records"].as_array().unwrap().len(), expected);
    }
    let gone = caller
        .get("/services/data/v67.0/query/01gSIM000000099-2000")
        .await;
    assert_eq!(gone.error().1, "INVALID_QUERY_LOCATOR");
}
