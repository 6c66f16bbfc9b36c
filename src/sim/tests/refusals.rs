//! The refusals of external-users.md: one row of a table per refusal, with its exact `sf__Error`.

use super::fixture::{Caller, UserRow, seed};
use crate::sim::{Doubt, OrgFacts, SimOptions, SimOrg};

const FREE: &str = "003000000000001";
const BETA: &str = "003000000000002";

/// Rule | user for the contact 003000000000001 | changed cells | `sf__Error`.
const TABLE: &str = "\
R-101 | customer | Email=, Alias=#N/A | REQUIRED_FIELD_MISSING:Required fields are missing: [Email, Alias]:Email Alias --
R-101 profile | customer | ProfileId= | REQUIRED_FIELD_MISSING:Required fields are missing: [ProfileId]:ProfileId --
R-102 | customer | Alias=ninechars | STRING_TOO_LONG:Alias: data value too large: ninechars (max length=8):Alias --
R-104 | customer | Username=nobody | FIELD_INTEGRITY_EXCEPTION:Username must be in the form of an email address (for example, john@acme.com): Username:Username --
R-105 no dot | customer | Username=a@b | FIELD_INTEGRITY_EXCEPTION:Username must be in the form of an email address (for example, john@acme.com): Username:Username --
R-105 blank | customer | Username=a b@c.de | FIELD_INTEGRITY_EXCEPTION:Username must be in the form of an email address (for example, john@acme.com): Username:Username --
R-107 | customer | Username=PORTAL@acme.example | DUPLICATE_USERNAME:Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address).:Username --
R-107 inactive | customer | Username=gone@acme.example | DUPLICATE_USERNAME:Duplicate Username.<br>The username already exists in this or another Salesforce organization. Usernames must be unique across all Salesforce organizations. To resolve, use a different username (it doesn't need to match the user's email address).:Username --
R-110 | customer | CommunityNickname=PIA | DUPLICATE_COMM_NICKNAME:Duplicate Nickname.<br>Another user has already selected this nickname.<br>Please select another.:CommunityNickname --
R-111 | customer | Email=no mail@x.example | INVALID_EMAIL_ADDRESS:Email: invalid email address: no mail@x.example:Email --
R-114 zone | customer | TimeZoneSidKey=Berlin | INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Time Zone: bad value for restricted picklist field: Berlin:TimeZoneSidKey --
R-114 language | customer | LanguageLocaleKey=English | INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Language: bad value for restricted picklist field: English:LanguageLocaleKey --
custom picklist | customer | Region__c=West | INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Region: bad value for restricted picklist field: West:Region__c --
R-118 | customer | FederationIdentifier=FED-1 | FIELD_INTEGRITY_EXCEPTION:The specified Federation ID already exists for this organization: SAML Federation ID:FederationIdentifier --
R-119 shape | customer | ProfileId=BadValue | MALFORMED_ID:Profile ID: id value of incorrect type: BadValue:ProfileId --
R-119 prefix | customer | ContactId=001000000000001 | MALFORMED_ID:Contact ID: id value of incorrect type: 001000000000001:ContactId --
R-119 suffix | customer | ContactId=003000000000001AAB | MALFORMED_ID:Contact ID: id value of incorrect type: 003000000000001AAB:ContactId --
R-121 profile | customer | ProfileId=00e000000000099 | INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--
R-121 contact | customer | ContactId=003000000000099 | INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--
boolean | customer | IsActive=perhaps | INVALID_FIELD:Failed to deserialize field at col 10. Due to, 'perhaps' is not a valid value for the type xsd:boolean:IsActive --
number | customer | Score__c=many | INVALID_FIELD:Failed to deserialize field at col 10. Due to, 'many' is not a valid value for the type xsd:double:Score__c --
R-408 | customer | UserPermissionsKnowledgeUser=true | LICENSE_LIMIT_EXCEEDED:License limit exceeded:UserPermissionsKnowledgeUser --
R-201 | customer | ContactId= | INVALID_CROSS_REFERENCE_KEY:Cannot create a portal user without contact:ContactId --
R-203 | customer | ContactId=003000000000006 | UNKNOWN_EXCEPTION:portal account owner must have a role:--
R-204 | customer | ContactId=003000000000020 | PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:portal user already exists for contact:ContactId --
R-205 | customer | ContactId=003000000000021 | PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:portal user already exists for contact:ContactId --
R-208 | partner | ContactId=003000000000005 | FIELD_INTEGRITY_EXCEPTION:Partner users cannot be created for person accounts: Contact ID:ContactId --
R-209 | customer | ContactId=003000000000007 | ENTITY_IS_DELETED:entity is deleted:--
R-308 | partner | ContactId=003000000000004 | UNKNOWN_EXCEPTION:portal users cannot own partner accounts:--
R-306 partner | partner | ContactId=003000000000003 | UNKNOWN_EXCEPTION:portal account owner must have a role:--
R-306 customer | customer | ContactId=003000000000003 | UNKNOWN_EXCEPTION:portal account owner must have a role:--
R-402 internal | customer | ProfileId=00e000000000009 | FIELD_INTEGRITY_EXCEPTION:Only portal users can be associated with a contact: Contact ID:ContactId --
R-403 | partner | ContactId=003000000000002, ProfileId=00e000000000006 | FIELD_INTEGRITY_EXCEPTION:To create or update users for this profile, go to Setup > Digital Experiences > Settings and select Allow using standard external profiles for self-registration, user creation, and login.:--
R-404 | partner | ContactId=003000000000002, ProfileId=00e000000000007 | LICENSE_LIMIT_EXCEEDED:License Limit Exceeded - Gold Partner:--
R-414 | partner | ContactId=003000000000002, ProfileId=00e000000000008 | FIELD_INTEGRITY_EXCEPTION:Cannot grant or remove a profile with modify all data, without having the modify all data permission yourself.:--
R-502 | customer | PortalRole=User | FIELD_INTEGRITY_EXCEPTION:role type must match user type:PortalRole --
R-503 internal role | partner | ContactId=003000000000002, UserRoleId=00E000000000001 | FIELD_INTEGRITY_EXCEPTION:role type must match user type:UserRoleId --
R-503 other account | partner | UserRoleId=00E000000000002 | FIELD_INTEGRITY_EXCEPTION:role type must match user type:UserRoleId --
R-508 level | partner | ContactId=003000000000002, PortalRole=Executive | FIELD_INTEGRITY_EXCEPTION:role type must match user type:PortalRole --
R-508 unknown | partner | ContactId=003000000000002, PortalRole=Boss | INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Portal Role Level: bad value for restricted picklist field: Boss:PortalRole --
R-508 shared | partner | PortalRole=PersonAccount | FIELD_INTEGRITY_EXCEPTION:role type must match user type:PortalRole --
";

/// The row of one line of the table.
fn spoiled(kind: &str, cells: &str) -> UserRow {
    let row = if kind == "partner" {
        UserRow::partner(FREE)
    } else {
        UserRow::customer(FREE)
    };
    let cells = cells.split(", ").filter_map(|cell| cell.split_once('='));
    cells.fold(row, |row, (name, value)| row.with(name, value))
}

#[tokio::test(start_paused = true)]
async fn each_refusal_has_its_exact_code_and_text() {
    let caller = Caller::new();
    for line in TABLE.lines() {
        let cells: Vec<&str> = line.splitn(4, " | ").collect();
        let row = spoiled(cells[1], cells[2]);
        let error = caller.insert_user(&row).await.expect_err(line);
        assert_eq!(error, cells[3], "{line}");
    }
    assert!(caller.org.users_created().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_org_lets_pass() {
    let cases = [
        ("R-302: the account is no partner", UserRow::partner(FREE)),
        (
            "R-105: an extra @",
            UserRow::customer(FREE).with("Username", "a@b@c.de"),
        ),
        (
            "R-107: taken elsewhere, customer",
            UserRow::customer(FREE).with("Username", "taken@elsewhere.example"),
        ),
        (
            "R-107: taken elsewhere, partner unique in the org",
            UserRow::partner(FREE).with("Username", "taken@elsewhere.example"),
        ),
        (
            "R-118: another case",
            UserRow::customer(FREE).with("FederationIdentifier", "fed-1"),
        ),
        (
            "R-115, R-508: a first user's level",
            UserRow::partner(FREE).with("PortalRole", "Executive"),
        ),
        (
            "R-803: contactless",
            UserRow::customer("").with("ProfileId", "00e000000000005"),
        ),
        (
            "R-207: a person account",
            UserRow::customer("003000000000005"),
        ),
        (
            "R-119: a suffix in lower case",
            UserRow::customer("003000000000001aaa"),
        ),
        (
            "bulk §4: one as true",
            UserRow::customer(FREE).with("IsActive", "1"),
        ),
        (
            "an internal user",
            UserRow::customer("").with("ProfileId", "00e000000000009"),
        ),
    ];
    for (what, row) in cases {
        let result = Caller::new().insert_user(&row).await;
        assert!(result.is_ok(), "{what}: {result:?}");
    }
}

/// Makes the org one that refuses.
type Change = Box<dyn Fn(&mut OrgFacts)>;

#[tokio::test(start_paused = true)]
async fn refusals_that_depend_on_the_org() {
    let partner = || UserRow::partner(BETA);
    let elsewhere = partner().with("Username", "TAKEN@elsewhere.example");
    let cases: Vec<(&str, Change, UserRow, &str)> = vec![
        (
            "R-107",
            Box::new(|org| org.features.unique_partner_usernames = false),
            elsewhere,
            "DUPLICATE_USERNAME:",
        ),
        (
            "R-112",
            Box::new(|org| org.user_email_domains = vec!["acme.example".to_owned()]),
            partner(),
            "FIELD_INTEGRITY_EXCEPTION:Invalid Email Address: Must be in domain(s) acme.example: Email:Email --",
        ),
        (
            "R-601",
            Box::new(|org| org.features.digital_experiences = false),
            partner(),
            "PORTAL_NO_ACCESS:",
        ),
        (
            "R-101 currency",
            Box::new(|org| org.features.multi_currency = true),
            partner(),
            "REQUIRED_FIELD_MISSING:Required fields are missing: [CurrencyIsoCode]:CurrencyIsoCode --",
        ),
        (
            "R-701",
            Box::new(|org| org.running_user = "005000000000002AAA".to_owned()),
            partner(),
            "INSUFFICIENT_ACCESS_OR_READONLY:",
        ),
    ];
    for (what, change, row, expected) in cases {
        let mut seed = seed();
        change(&mut seed.org);
        let error = Caller::of(seed).insert_user(&row).await.expect_err(what);
        assert!(error.starts_with(expected), "{what}: {error}");
    }
    let mut other = seed();
    other.org.features.multi_currency = true;
    let row = partner().with("CurrencyIsoCode", "XXX");
    let error = Caller::of(other).insert_user(&row).await.unwrap_err();
    assert!(
        error.starts_with("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:User Currency"),
        "{error}"
    );
    let mut other = seed();
    other.org.features.standard_external_profiles = true;
    let row = partner().with("ProfileId", "00e000000000006");
    assert!(Caller::of(other).insert_user(&row).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn seats_run_out_row_by_row_in_upload_order() {
    let caller = Caller::new();
    let row = |contact: &str, name: &str, active: &str| {
        UserRow::customer(contact)
            .with("ProfileId", "00e000000000004")
            .with("IsActive", active)
            .called(name)
    };
    let rows = [
        row("003000000000001", "staged", "false"),
        row("003000000000002", "seated", "true"),
        row("003000000000008", "late", ""),
    ];
    let lines: Vec<String> = rows.iter().map(UserRow::line).collect();
    // The name stands last in a row that was renamed, so all rows share the header.
    let csv = format!("{}\n{}\n", rows[0].header(), lines.join("\n"));
    let (job, info) = caller.load("User", "insert", &csv).await;
    assert_eq!(
        (
            info["numberRecordsProcessed"].as_u64(),
            info["numberRecordsFailed"].as_u64()
        ),
        (Some(3), Some(1))
    );
    let text = caller.results(&job, "failedResults").await;
    assert_eq!(
        super::fixture::column(&text, "Username"),
        ["late@user.example"]
    );
    assert_eq!(
        super::fixture::column(&text, "sf__Error"),
        ["LICENSE_LIMIT_EXCEEDED:License Limit Exceeded - Customer Community Plus:--"]
    );
    assert_eq!(
        caller
            .org
            .field("UserLicense", "100000000000004", "UsedLicenses"),
        "1"
    );
}

#[tokio::test(start_paused = true)]
async fn duplicates_in_one_job_let_the_earlier_row_win() {
    let caller = Caller::new();
    let rows = [
        UserRow::customer("003000000000001"),
        UserRow::customer("003000000000001").with("Username", "b@user.example"),
        UserRow::customer("003000000000002").with("Username", "NEW@user.example"),
    ];
    for (number, expected) in [
        (0, ""),
        (1, "PORTAL_USER_ALREADY"),
        (2, "DUPLICATE_USERNAME:"),
    ] {
        let result = caller.insert_user(&rows[number]).await;
        match result {
            Ok(_) => assert_eq!(expected, ""),
            Err(error) => assert!(error.starts_with(expected), "{error}"),
        }
    }
    assert!(caller.org.contacts_with_two_users().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_doubtful_refusal_can_be_switched_off() {
    let options = SimOptions {
        lets_pass: vec![Doubt::InactiveUserKeepsContact, Doubt::DeletedContact],
        ..SimOptions::default()
    };
    let caller = Caller {
        org: SimOrg::new(seed(), options),
    };
    let id = caller
        .insert_user(&UserRow::customer("003000000000021"))
        .await
        .unwrap();
    assert_eq!(
        caller.org.users_of_contact("003000000000021"),
        ["005000000000004AAA", id.as_str()]
    );
    // The other answer the reference allows for a deleted contact.
    let error = caller
        .insert_user(&UserRow::customer("003000000000007").called("x"))
        .await
        .unwrap_err();
    assert!(
        error.starts_with("INVALID_CROSS_REFERENCE_KEY:invalid cross reference id"),
        "{error}"
    );
}
