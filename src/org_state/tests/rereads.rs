//! Records read again, and what that does to the answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::{
    Comparison, ContactRecord, ExternalIdField, ExternalIds, Matches, OrgState, Records, reread,
};
use super::line::Script;
use super::{External, account, built, contact, empty, external_user, id, internal_user, own_role};
use crate::model::id::{AccountId, ContactId, ContactSlot, RecordId};
use crate::model::limits::{REREAD_RECORDS_MAX, SOQL_URI_BYTES_MAX};
use crate::model::user::{AccountRoles, PortalKind};

const PARTNER: External<'_> = External {
    account: 1,
    profile: 3,
    role: 0,
    user_type: "PowerPartner",
    is_active: true,
};

fn contact_id(nth: u32) -> ContactId {
    ContactId::parse(&id("003", nth)).unwrap()
}

fn account_id(nth: u32) -> AccountId {
    AccountId::parse(&id("001", nth)).unwrap()
}

fn ids<const N: usize>(of: [(&str, u32); N]) -> BTreeSet<RecordId> {
    of.map(|(prefix, nth)| RecordId::parse(&id(prefix, nth)).unwrap())
        .into()
}

/// Account 1 of owner 1, who has no role; contacts 11 and 12 there; contact 12 has a user.
fn small() -> Records {
    let mut records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 0);
    account(&mut records, 1, 1);
    contact(&mut records, 11, 1, "ada@acme.com");
    contact(&mut records, 12, 1, "bob@acme.com");
    external_user(&mut records, 12, &PARTNER);
    records
}

fn contact_json(nth: u32, account: u32, email: &str) -> Value {
    json!({"Id": id("003", nth), "AccountId": id("001", account), "FirstName": null,
        "LastName": "Lovelace", "Email": email, "IsDeleted": false})
}

fn account_json(nth: u32, owner: u32) -> Value {
    json!({"Id": id("001", nth), "Name": "Acme", "OwnerId": id("005", owner), "IsDeleted": false})
}

fn owner_json(nth: u32, role: Option<u32>) -> Value {
    let role = role.map(|role| id("00E", role));
    json!({"Id": id("005", nth), "Username": format!("internal{nth}@acme.com"),
        "CommunityNickname": format!("internal{nth}"), "Name": "Ina Internal",
        "ProfileId": id("00e", 1), "UserRoleId": role, "UserType": "Standard", "IsActive": true})
}

fn user_json(nth: u32, contact: Option<u32>, account: u32) -> Value {
    let contact = contact.map(|contact| id("003", contact));
    json!({"Id": id("005", nth), "Username": format!("User{nth}@Acme.com"),
        "CommunityNickname": format!("Nick{nth}"), "FederationIdentifier": format!("Fed{nth}"),
        "ContactId": contact, "AccountId": id("001", account), "ProfileId": id("00e", 3),
        "UserType": "PowerPartner", "IsActive": true})
}

/// Every field a user can have is read here, as in an org with Digital Experiences.
fn with_portal(mut records: Records) -> OrgState {
    records.selections = super::orgs::selections_of_a_full_org();
    built(records)
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_got_a_role_a_minute_ago_changes_the_verdict() {
    let mut state = with_portal(small());
    let owner_has_role = |state: &OrgState| {
        state
            .account(account_id(1))
            .unwrap()
            .owner
            .unwrap()
            .has_role
    };
    assert!(!owner_has_role(&state));
    let (org, _) = Script::default()
        .records("FROM Account ", &json!([account_json(1, 1)]))
        .records("FROM User WHERE Id", &json!([owner_json(1, Some(7))]))
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("001", 1)])).await.unwrap(),
        1
    );
    assert!(owner_has_role(&state));
    assert_eq!(
        reread(&mut state, &org, &ids([("001", 1)])).await.unwrap(),
        0,
        "nothing new"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_owner_is_read_with_the_account() {
    let mut state = with_portal(small());
    let (org, script) = Script::default()
        .records("FROM Account ", &json!([account_json(1, 2)]))
        .records("FROM User WHERE Id", &json!([owner_json(2, Some(7))]))
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("001", 1)])).await.unwrap(),
        2
    );
    let owner = state.account(account_id(1)).unwrap().owner.unwrap();
    assert_eq!(
        (owner.id.to_string()[..15].to_owned(), owner.has_role),
        (id("005", 2), true)
    );
    assert!(script.asked("FROM User WHERE Id")[0].contains(&id("005", 2)));
}

#[tokio::test(start_paused = true)]
async fn new_contacts_get_the_slots_after_the_last_in_the_order_of_their_ids() {
    let mut state = with_portal(small());
    let records = json!([
        contact_json(9, 1, "z@acme.com"),
        contact_json(3, 1, "y@acme.com")
    ]);
    let (org, _) = Script::default()
        .records("FROM Contact ", &records)
        .records("FROM Account ", &json!([account_json(1, 1)]))
        .records("FROM User WHERE Id", &json!([owner_json(1, None)]))
        .org();
    let behind = ids([("003", 3), ("003", 9)]);
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 2);
    let slot = |nth| state.contact(contact_id(nth)).unwrap().slot;
    assert_eq!([11, 12, 3, 9].map(slot), [0, 1, 2, 3].map(ContactSlot));
    assert_eq!(
        state.contacts_by_email(account_id(1), "Y@acme.com"),
        Matches::One(contact_id(3))
    );
}

#[tokio::test(start_paused = true)]
async fn a_changed_contact_is_found_by_what_it_is_and_not_by_what_it_was() {
    let mut records = empty(ExternalIds {
        contact: vec![ExternalIdField {
            name: "No__c".to_owned(),
            comparison: Comparison::Number,
        }],
        account: Vec::new(),
    });
    let record = ContactRecord {
        id: &id("003", 11),
        account: &id("001", 1),
        email: "ada@acme.com",
        external_ids: &["23.0"],
        ..Default::default()
    };
    records.contact(&record).unwrap();
    let mut state = built(records);
    let by_email =
        |state: &OrgState, account, email| state.contacts_by_email(account_id(account), email);
    assert_eq!(
        by_email(&state, 1, "ada@acme.com"),
        Matches::One(contact_id(11))
    );

    let mut changed = contact_json(11, 2, "ada@acme.org");
    changed["No__c"] = json!(24);
    let (org, _) = Script::default()
        .records("FROM Contact ", &json!([changed]))
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("003", 11)])).await.unwrap(),
        1
    );
    assert_eq!(by_email(&state, 1, "ada@acme.com"), Matches::None);
    assert_eq!(
        by_email(&state, 2, "ADA@acme.org"),
        Matches::One(contact_id(11))
    );
    assert_eq!(state.contacts_by_external_id("No__c", "23"), Matches::None);
    assert_eq!(
        state.contacts_by_external_id("No__c", "24"),
        Matches::One(contact_id(11))
    );
}

#[tokio::test(start_paused = true)]
async fn a_contact_that_is_not_answered_any_more_is_deleted() {
    let mut state = with_portal(small());
    let (org, _) = Script::default()
        .records("FROM Account ", &json!([account_json(1, 1)]))
        .records("FROM User WHERE Id", &json!([owner_json(1, None)]))
        .org();
    let behind = ids([("003", 11), ("003", 99)]);
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 1);
    assert!(state.contact(contact_id(11)).unwrap().is_deleted);
    assert!(
        state.contact(contact_id(99)).is_none(),
        "it never was known"
    );
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_user_that_lost_its_contact_frees_it_and_another_takes_it() {
    let mut state = with_portal(small());
    let script = || {
        Script::default()
            .records(
                "FROM Contact ",
                &json!([contact_json(12, 1, "bob@acme.com")]),
            )
            .records("FROM Account ", &json!([account_json(1, 1)]))
    };
    let (org, script_) = script()
        .records(
            "FROM User WHERE Id",
            &json!([owner_json(1, None), user_json(12, None, 1)]),
        )
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("003", 12)])).await.unwrap(),
        1
    );
    assert!(state.user_of_contact(contact_id(12)).is_none());
    let asked = script_.asked("FROM User WHERE Id");
    assert!(
        asked[0].contains(&id("005", 12)),
        "the user it had is read too"
    );

    let (org, _) = script()
        .records(
            "FROM User WHERE Id",
            &json!([owner_json(1, None), user_json(12, None, 1)]),
        )
        .records(
            "FROM User WHERE ContactId",
            &json!([user_json(20, Some(12), 1)]),
        )
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("003", 12)])).await.unwrap(),
        1
    );
    let user = state.user_of_contact(contact_id(12)).unwrap();
    assert_eq!(user.username(), "User20@Acme.com");
    assert_eq!(
        state.user_by_username("user20@acme.com").unwrap().id,
        user.id
    );
}

#[tokio::test(start_paused = true)]
async fn roles_an_account_got_since_are_seen() {
    let mut records = small();
    own_role(&mut records, 5, 1, "Partner", "Worker");
    let mut state = with_portal(records);
    let slot = state.account(account_id(1)).unwrap().slot;
    assert_eq!(state.roles(slot, PortalKind::Customer), AccountRoles::None);
    let role = |nth, kind: &str, level: &str| {
        json!({"Id": id("00E", nth), "PortalType": kind, "PortalRole": level,
            "PortalAccountId": id("001", 1)})
    };
    let roles = json!([
        role(5, "Partner", "Worker"),
        role(6, "Partner", "Manager"),
        role(7, "CustomerPortal", "Worker"),
    ]);
    let (org, _) = Script::default()
        .records("FROM Account ", &json!([account_json(1, 1)]))
        .records("FROM User WHERE Id", &json!([owner_json(1, None)]))
        .records("FROM UserRole ", &roles)
        .org();
    assert_eq!(
        reread(&mut state, &org, &ids([("001", 1)])).await.unwrap(),
        2
    );
    assert_eq!(state.roles(slot, PortalKind::Customer), AccountRoles::Full);
    assert!(state.has_role_level(slot, PortalKind::Partner, "Manager"));
    assert_eq!(state.portal_roles(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_request_is_longer_than_a_uri_may_be_and_no_id_is_left_out() {
    let mut state = with_portal(small());
    let count = u32::try_from(REREAD_RECORDS_MAX).unwrap();
    let behind: BTreeSet<RecordId> = (0..count)
        .map(|nth| RecordId::parse(&id("003", nth)).unwrap())
        .collect();
    let (org, script) = Script::default().org();
    reread(&mut state, &org, &behind).await.unwrap();
    for (field, prefix) in [
        ("FROM Contact WHERE Id", "'003"),
        ("FROM User WHERE ContactId", "'003"),
    ] {
        let asked = script.asked(field);
        let listed: usize = asked
            .iter()
            .map(|request| request.matches(prefix).count())
            .sum();
        assert_eq!(listed, REREAD_RECORDS_MAX);
        let encoded = |request: &String| -> usize {
            request
                .bytes()
                .map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 })
                .sum()
        };
        assert!(
            asked
                .iter()
                .all(|request| encoded(request) <= SOQL_URI_BYTES_MAX)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn ids_of_other_objects_and_none_at_all_cost_no_request() {
    let mut state = with_portal(small());
    let (org, _) = Script::default().org();
    let behind = ids([("00e", 1), ("100", 1)]);
    assert_eq!(reread(&mut state, &org, &behind).await.unwrap(), 0);
    assert_eq!(reread(&mut state, &org, &BTreeSet::new()).await.unwrap(), 0);
    assert_eq!(org.requests_sent(), 0);
}
