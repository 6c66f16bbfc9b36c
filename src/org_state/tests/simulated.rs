//! Pulls and re-reads against the simulated org, which shares no code with this room.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use csv::StringRecord;

use super::super::{Matches, OrgState, Wanted, pull, reread};
use super::line::Ear;
use crate::model::event::Events;
use crate::model::id::{AccountId, ContactId, ProfileId};
use crate::model::job::JobState;
use crate::model::settings::PacingSettings;
use crate::model::summary::OrgKind;
use crate::model::user::{AccountRoles, PortalKind};
use crate::salesforce::transport::Body;
use crate::salesforce::{AccessToken, Login, Org};
use crate::sim::{Seed, SimOptions, SimOrg};

const CONTACTS: &str = include_str!("../../../samples/org/Contact.csv");
const ACCOUNTS: &str = include_str!("../../../samples/org/Account.csv");
const USERS: &str = include_str!("../../../samples/org/User.csv");
const FIELDS: &str = include_str!("../../../samples/org/fields.csv");

fn org(seed: Seed) -> Org {
    let token = AccessToken::parse(&seed.org.access_token).unwrap();
    let sim = SimOrg::new(seed, SimOptions::default());
    Org::new(
        Arc::new(sim),
        Login::Token(token),
        &PacingSettings::default(),
        "67.0",
        1,
    )
}

async fn pulled(org: &Org, wanted: &Wanted) -> OrgState {
    let events: Events = Arc::new(Ear::default());
    pull(org, wanted, OrgKind::Simulated, &events)
        .await
        .unwrap()
}

/// The rows of a sample table, each with a way to read a cell by its column; a column that is not
/// there is empty, as it is for the simulated org.
fn each(csv: &str, mut check: impl FnMut(&dyn Fn(&str) -> String)) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let columns = reader.headers().unwrap().clone();
    for row in reader.records() {
        let row: StringRecord = row.unwrap();
        check(&|name: &str| {
            let place = columns.iter().position(|column| column == name);
            place.map_or_else(String::new, |place| row[place].to_owned())
        });
    }
}

/// The sample's external ids of an object.
fn external_ids(object: &str) -> Vec<String> {
    let mut names = Vec::new();
    each(FIELDS, |cell| {
        if cell("object") == object && cell("external_id") == "true" {
            names.push(cell("api_name"));
        }
    });
    names
}

#[tokio::test(start_paused = true)]
async fn every_contact_of_the_sample_org_is_found_again() {
    let wanted = Wanted {
        contact_external_ids: external_ids("Contact"),
        account_external_ids: external_ids("Account"),
    };
    let state = pulled(&org(Seed::sample()), &wanted).await;
    each(CONTACTS, |cell| {
        let id = ContactId::parse(&cell("Id")).unwrap();
        let found = state.contact(id).unwrap();
        assert_eq!(
            found.account,
            AccountId::parse(&cell("AccountId")).ok(),
            "{id}"
        );
        assert_eq!(found.is_deleted, cell("IsDeleted") == "true", "{id}");
        assert_eq!(
            found.merged_into(),
            ContactId::parse(&cell("MasterRecordId")).ok(),
            "{id}"
        );
        let text = [found.first_name(), found.last_name(), found.email()];
        let row = [cell("FirstName"), cell("LastName"), cell("Email")];
        assert_eq!(text.map(Cow::into_owned), row, "{id}");
        for field in external_ids("Contact") {
            let key = cell(&field);
            let by_key = state.contacts_by_external_id(&field, &key.to_lowercase());
            let expected = !key.is_empty() && !found.is_deleted;
            assert_eq!(by_key != Matches::None, expected, "{id} {key}");
        }
    });
}

#[tokio::test(start_paused = true)]
async fn every_account_and_user_of_the_sample_org_is_found_again() {
    let state = pulled(&org(Seed::sample()), &Wanted::default()).await;
    each(ACCOUNTS, |cell| {
        let id = AccountId::parse(&cell("Id")).unwrap();
        let found = state.account(id).unwrap();
        assert_eq!(
            (&*found.name(), found.is_deleted),
            (&*cell("Name"), cell("IsDeleted") == "true")
        );
        assert_eq!(found.is_partner, cell("IsPartner") == "true", "{id}");
        assert_eq!(
            found.is_person_account,
            cell("IsPersonAccount") == "true",
            "{id}"
        );
        assert_eq!(
            found.person_contact,
            ContactId::parse(&cell("PersonContactId")).ok(),
            "{id}"
        );
        assert_eq!(found.owner.unwrap().id.to_string(), cell("OwnerId"), "{id}");
    });
    each(USERS, |cell| {
        let user = state
            .user_by_username(&cell("Username").to_uppercase())
            .unwrap();
        assert_eq!(user.id.to_string(), cell("Id"));
        assert_eq!(user.is_active, cell("IsActive") != "false");
        assert_eq!(user.profile, ProfileId::parse(&cell("ProfileId")).ok());
        assert_eq!(
            state
                .user_by_nickname(&cell("CommunityNickname"))
                .unwrap()
                .id,
            user.id
        );
        if let Ok(contact) = ContactId::parse(&cell("ContactId")) {
            assert_eq!(state.user_of_contact(contact).unwrap().id, user.id);
        }
    });
}

const ORG: &str = r#"
org_id = "00D000000000001"
access_token = "token"
running_user = "005000000000001"
is_sandbox = true
locale = "de_DE"
[features]
person_accounts = true
multi_currency = true
partner_role_levels = 3
"#;

const TABLES: [(&str, &str); 10] = [
    (
        "UserLicense",
        "Id,Name,Status,TotalLicenses\n100000000000001,Salesforce,Active,10\n\
         100000000000002,Partner Community,Active,10\n",
    ),
    (
        "Profile",
        "Id,Name,UserType,UserLicenseId,PermissionsModifyAllData\n\
         00e000000000001,System Administrator,Standard,100000000000001,true\n\
         00e000000000003,Acme Partner,PowerPartner,100000000000002,\n",
    ),
    (
        "UserRole",
        "Id,Name,DeveloperName,PortalType\n00E000000000001,Sales,Sales,None\n",
    ),
    (
        "User",
        "Id,Username,LastName,Email,Alias,CommunityNickname,ProfileId,UserRoleId,IsActive\n\
         005000000000001,admin@acme.example,Admin,a@acme.example,a,a,00e000000000001,\
         00E000000000001,true\n",
    ),
    (
        "Account",
        "Id,Name,OwnerId,IsPartner,IsPersonAccount,PersonContactId\n\
         001000000000001,Alpha,005000000000001,true,false,\n\
         001000000000002,Pat,005000000000001,false,true,003000000000002\n",
    ),
    (
        "Contact",
        "Id,AccountId,LastName,IsDeleted\n003000000000001,001000000000001,Anna,\n\
         003000000000002,001000000000002,Pat,\n003000000000003,001000000000001,Dora,true\n",
    ),
    ("Network", "Id,Name,Status\n0DB000000000001,Partners,Live\n"),
    (
        "NetworkMemberGroup",
        "Id,NetworkId,ParentId,AssignmentStatus\n\
         0DL000000000001,0DB000000000001,00e000000000003,Added\n",
    ),
    (
        "PermissionSet",
        "Id,Name,Label,PermissionsViewAllData,PermissionsManagePartners,PermissionsApiEnabled\n\
         0PS000000000001,Admin,Admin,true,true,true\n\
         0PS000000000002,Extra,Something more,false,false,false\n",
    ),
    (
        "PermissionSetAssignment",
        "Id,PermissionSetId,AssigneeId\n0Pa000000000001,0PS000000000001,005000000000001\n",
    ),
];

fn small() -> Seed {
    Seed::from_texts(ORG, &TABLES).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_org_is_known_as_a_whole() {
    let org = org(small());
    let events: Events = Arc::new(Ear::default());
    let state = pull(&org, &Wanted::default(), OrgKind::Production, &events)
        .await
        .unwrap();
    assert_eq!(state.identity().kind, OrgKind::Sandbox);
    assert_eq!(state.identity().username, "admin@acme.example");
    assert!(state.visibility().everything && state.is_multi_currency());
    assert_eq!(state.org_default("LocaleSidKey"), Some("de_DE"));
    let site = &state.sites().unwrap()[0];
    assert_eq!(
        site.member_profiles,
        [ProfileId::parse("00e000000000003").unwrap()]
    );
    assert!(state.permission_set("something more").is_some());
    let username = state.user_field("username").unwrap();
    assert_eq!((username.length, username.required), (80, true));
    assert!(
        state
            .licenses()
            .iter()
            .any(|license| license.seats_used == 1)
    );
    assert!(
        state
            .contact(ContactId::parse("003000000000003").unwrap())
            .unwrap()
            .is_deleted
    );
}

#[tokio::test(start_paused = true)]
async fn an_org_may_lack_any_feature_and_all_of_them() {
    for lacking in 0..5 {
        let mut seed = small();
        let features = &mut seed.org.features;
        let lacks = |nth| lacking == nth || lacking == 4;
        features.person_accounts = !lacks(0);
        features.partner_licenses = !lacks(1);
        features.customer_licenses = !lacks(1);
        features.multi_currency = !lacks(2);
        features.digital_experiences = !lacks(3);
        let state = pulled(&org(seed), &Wanted::default()).await;
        let account = |id| state.account(AccountId::parse(id).unwrap()).unwrap();
        assert_eq!(
            account("001000000000002").is_person_account,
            !lacks(0),
            "{lacking}"
        );
        assert_eq!(
            account("001000000000002").person_contact.is_some(),
            !lacks(0),
            "{lacking}"
        );
        assert_eq!(
            account("001000000000001").is_partner,
            !lacks(1),
            "{lacking}"
        );
        assert_eq!(state.is_multi_currency(), !lacks(2), "{lacking}");
        assert_eq!(state.sites().is_none(), lacks(3), "{lacking}");
    }
}

/// Inserts one user for a contact, as somebody else would between two reads.
async fn insert_user(org: &Org, contact: ContactId) {
    let job = org.create_ingest_job("User").await.unwrap().id;
    let data = format!(
        "Username,ContactId,LastName,Email,Alias,CommunityNickname,ProfileId,TimeZoneSidKey,\
         LocaleSidKey,LanguageLocaleKey,EmailEncodingKey,CurrencyIsoCode\n\
         anna@alpha.example,{contact},Anna,anna@alpha.example,anna,anna,00e000000000003,\
         Europe/Berlin,en_US,en_US,UTF-8,EUR\n"
    );
    org.put_job_data(job, Body::Bytes(Bytes::from(data)))
        .await
        .unwrap();
    org.close_job(job).await.unwrap();
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let info = org.ingest_job(job).await.unwrap();
        if info.state == JobState::JobComplete {
            assert_eq!(info.failed_count, 0);
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_made_since_the_pull_is_seen_with_its_role_after_a_re_read() {
    let org = org(small());
    let mut state = pulled(&org, &Wanted::default()).await;
    let contact = ContactId::parse("003000000000001").unwrap();
    let account = state
        .account(AccountId::parse("001000000000001").unwrap())
        .unwrap()
        .slot;
    assert!(state.user_of_contact(contact).is_none());
    assert_eq!(
        state.roles(account, PortalKind::Partner),
        AccountRoles::None
    );

    insert_user(&org, contact).await;
    let behind = BTreeSet::from([contact.record()]);
    // The user, and the roles the account got for it.
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 4);
    assert_eq!(
        state.user_of_contact(contact).unwrap().username(),
        "anna@alpha.example"
    );
    assert_eq!(
        state.roles(account, PortalKind::Partner),
        AccountRoles::Full
    );
    assert!(state.has_role_level(account, PortalKind::Partner, "Executive"));
    assert_eq!(state.role_levels(PortalKind::Partner), 3);
    let profile = ProfileId::parse("00e000000000003").unwrap();
    assert_eq!(state.profile(profile).unwrap().active_users, 1);
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 0);
}
