//! What comes with a user: derived fields, roles, seats, members; and what updates do.

use serde_json::Value;

use super::fixture::{Caller, UserRow, column, seed};
use crate::sim::Seed;

const ALPHA: &str = "001000000000001AAA";

/// Two free contacts of the account Alpha.
const FIRST: &str = "003000000000001";
const SECOND: &str = "003000000000008";

async fn roles(caller: &Caller, condition: &str) -> Vec<(String, String)> {
    let soql = format!("SELECT Name, PortalRole FROM UserRole WHERE {condition} ORDER BY Id");
    let text = |record: &Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let records = caller.query(&soql).await;
    records
        .iter()
        .map(|record| (text(record, "Name"), text(record, "PortalRole")))
        .collect()
}

fn with_levels(customer: u8, partner: u8, shared: bool) -> Seed {
    let mut seed = seed();
    seed.org.features.customer_role_levels = customer;
    seed.org.features.partner_role_levels = partner;
    seed.org.features.shared_roles = shared;
    seed
}

fn field(caller: &Caller, user: &str, name: &str) -> String {
    caller.org.field("User", user, name)
}

async fn update(caller: &Caller, csv: &str) -> Vec<String> {
    let (job, info) = caller.load("User", "update", csv).await;
    assert_eq!(info["state"], "JobComplete", "{info}");
    column(&caller.results(&job, "failedResults").await, "sf__Error")
}

#[tokio::test(start_paused = true)]
async fn the_platform_derives_defaults_and_counts() {
    let caller = Caller::new();
    let row = UserRow::customer(FIRST).with("FirstName", "Änne");
    let id = caller.insert_user(&row).await.unwrap();
    assert!(id.starts_with("005") && id.len() == 18);
    let expected = [
        ("AccountId", ALPHA),
        ("UserType", "CspLitePortal"),
        ("Name", "Änne New"),
        ("IsActive", "true"),
        ("IsPortalEnabled", "true"),
        ("DigestFrequency", "D"),
        ("DefaultGroupNotificationFrequency", "N"),
        ("UserRoleId", ""),
        ("ContactId", "003000000000001AAA"),
        ("CreatedById", "005000000000001AAA"),
    ];
    for (name, value) in expected {
        assert_eq!(field(&caller, &id, name), value, "{name}");
    }
    assert!(field(&caller, &id, "CommunityNickname").starts_with("User"));
    assert_eq!(
        caller
            .org
            .field("UserLicense", "100000000000002", "UsedLicenses"),
        "1"
    );
    assert_eq!(
        caller.org.field("Account", ALPHA, "IsCustomerPortal"),
        "true"
    );
    assert_eq!(caller.org.users_created(), [id]);
}

#[tokio::test(start_paused = true)]
async fn a_partner_user_joins_the_sites_of_its_profile_and_permission_sets() {
    let caller = Caller::new();
    let partner = caller.insert_user(&UserRow::partner(FIRST)).await.unwrap();
    let customer = caller
        .insert_user(&UserRow::customer(SECOND).called("c"))
        .await
        .unwrap();
    let members = caller
        .query("SELECT MemberId, NetworkId FROM NetworkMember")
        .await;
    assert_eq!(
        members.len(),
        1,
        "the customer profile is only waiting to be added"
    );
    assert_eq!(members[0]["MemberId"], partner.as_str());
    assert_eq!(
        caller.org.field("Account", ALPHA, "IsPartner"),
        "false",
        "R-302"
    );

    let csv = format!("AssigneeId,PermissionSetId\n{customer},0PS000000000002\n");
    let (_, info) = caller.load("PermissionSetAssignment", "insert", &csv).await;
    assert_eq!(info["numberRecordsFailed"], 0);
    let (job, _) = caller.load("PermissionSetAssignment", "insert", &csv).await;
    let errors = column(&caller.results(&job, "failedResults").await, "sf__Error");
    assert!(errors[0].starts_with("DUPLICATE_VALUE:"), "{errors:?}");
    assert_eq!(caller.query("SELECT Id FROM NetworkMember").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_first_user_of_a_kind_generates_the_accounts_roles() {
    let caller = Caller::of(with_levels(1, 3, false));
    let condition = format!("PortalAccountId = '{ALPHA}'");
    let id = caller.insert_user(&UserRow::partner(FIRST)).await.unwrap();
    let own = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    let partner = [
        own(("Alpha Partner Executive", "Executive")),
        own(("Alpha Partner Manager", "Manager")),
        own(("Alpha Partner User", "User")),
    ];
    assert_eq!(roles(&caller, &condition).await, partner);
    assert_eq!(field(&caller, &id, "PortalRole"), "User");
    let chain = "SELECT UserRole.ParentRole.ParentRole.ParentRole.Name FROM User WHERE Id = ";
    let chain = caller.query(&format!("{chain}'{id}'")).await;
    let owner_role = &chain[0]["UserRole"]["ParentRole"]["ParentRole"]["ParentRole"]["Name"];
    assert_eq!(
        owner_role, "Sales",
        "the chain ends at the account owner's role"
    );

    let row = UserRow::partner(SECOND)
        .with("PortalRole", "Manager")
        .called("m");
    let second = caller.insert_user(&row).await.unwrap();
    assert_eq!(field(&caller, &second, "PortalRole"), "Manager");
    assert_eq!(roles(&caller, &condition).await.len(), 3);

    let row = UserRow::customer("003000000000009")
        .with("ProfileId", "00e000000000004")
        .called("p");
    caller.insert_user(&row).await.unwrap();
    let all = roles(&caller, &condition).await;
    assert_eq!(
        all[3],
        own(("Alpha Customer User", "User")),
        "customers have roles of their own"
    );
}

#[tokio::test(start_paused = true)]
async fn with_shared_roles_the_set_appears_at_the_second_user() {
    let caller = Caller::of(with_levels(1, 2, true));
    let first = caller.insert_user(&UserRow::partner(FIRST)).await.unwrap();
    let shared = roles(&caller, "PortalAccountOwnerId != null").await;
    assert_eq!(
        shared,
        [(
            "admin Partner Person Account".to_owned(),
            "PersonAccount".to_owned()
        )]
    );
    assert_eq!(field(&caller, &first, "PortalRole"), "PersonAccount");
    let own = format!("PortalAccountId = '{ALPHA}'");
    assert!(roles(&caller, &own).await.is_empty());

    let second = caller
        .insert_user(&UserRow::partner(SECOND).called("s"))
        .await
        .unwrap();
    assert_eq!(roles(&caller, &own).await.len(), 2);
    for user in [&first, &second] {
        assert_eq!(field(&caller, user, "PortalRole"), "User");
        let role = field(&caller, user, "UserRoleId");
        assert_eq!(
            caller.org.field("UserRole", &role, "Name"),
            "Alpha Partner User"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn deactivating_frees_the_seat_and_keeps_the_contact() {
    let caller = Caller::new();
    let plus = |contact: &str| UserRow::customer(contact).with("ProfileId", "00e000000000004");
    let first = caller.insert_user(&plus(FIRST)).await.unwrap();
    let used = || {
        caller
            .org
            .field("UserLicense", "100000000000004", "UsedLicenses")
    };
    assert!(
        update(&caller, &format!("Id,IsActive\n{first},false\n"))
            .await
            .is_empty()
    );
    assert_eq!(used(), "0");
    assert_eq!(field(&caller, &first, "ContactId"), "003000000000001AAA");

    caller.insert_user(&plus(SECOND).called("s")).await.unwrap();
    let errors = update(&caller, &format!("Id,IsActive\n{first},true\n")).await;
    let full = "LICENSE_LIMIT_EXCEEDED:License Limit Exceeded - Customer Community Plus:--";
    assert_eq!(errors, [full]);
    let errors = update(&caller, "Id,IsActive\n005000000000001,false\n").await;
    assert_eq!(
        errors,
        ["FIELD_INTEGRITY_EXCEPTION:Cannot de-activate self: Active:IsActive --"]
    );
    assert_eq!(used(), "1");
}

#[tokio::test(start_paused = true)]
async fn disabling_frees_the_contact_for_good() {
    let caller = Caller::new();
    let id = caller.insert_user(&UserRow::customer(FIRST)).await.unwrap();
    assert!(
        update(&caller, &format!("Id,IsPortalEnabled\n{id},false\n"))
            .await
            .is_empty()
    );
    for (name, value) in [("IsActive", "false"), ("ContactId", ""), ("AccountId", "")] {
        assert_eq!(field(&caller, &id, name), value, "{name}");
    }
    assert_ne!(field(&caller, &id, "Username"), "new@user.example");
    assert!(caller.org.users_of_contact(FIRST).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_contactless_user_gets_its_contact_before_its_licence() {
    let caller = Caller::new();
    let row = UserRow::customer("").with("ProfileId", "00e000000000005");
    let id = caller.insert_user(&row).await.unwrap();
    let relicense = format!("Id,ProfileId\n{id},00e000000000003\n");
    let errors = update(&caller, &relicense).await;
    assert!(
        errors[0].contains("Cannot create a portal user without contact"),
        "{errors:?}"
    );
    let taken = update(&caller, &format!("Id,ContactId\n{id},003000000000020\n")).await;
    assert!(
        taken[0].starts_with("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:"),
        "{taken:?}"
    );

    assert!(
        update(&caller, &format!("Id,ContactId\n{id},{FIRST}\n"))
            .await
            .is_empty()
    );
    assert_eq!(field(&caller, &id, "AccountId"), ALPHA);
    assert!(update(&caller, &relicense).await.is_empty());
    assert_eq!(field(&caller, &id, "UserType"), "PowerPartner");
    assert_eq!(field(&caller, &id, "PortalRole"), "User");
    let used = |license: &str| caller.org.field("UserLicense", license, "UsedLicenses");
    assert_eq!(
        (used("100000000000005"), used("100000000000003")),
        ("0".into(), "2".into())
    );
    let errors = update(&caller, &format!("Id,ProfileId\n{id},00e000000000004\n")).await;
    assert!(
        errors[0].starts_with("FIELD_INTEGRITY_EXCEPTION:"),
        "{errors:?}"
    );
    let errors = update(&caller, &format!("Id,ContactId\n{id},{SECOND}\n")).await;
    assert!(
        errors[0].starts_with("FIELD_INTEGRITY_EXCEPTION:The contact"),
        "{errors:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn plain_fields_change_and_unique_ones_are_watched() {
    let caller = Caller::new();
    let id = "005000000000003AAA";
    let csv =
        format!("Id,LastName,Username,CommunityNickname\n{id},Port,PORTAL@acme.example,pia\n");
    assert!(
        update(&caller, &csv).await.is_empty(),
        "its own names are free to it"
    );
    assert_eq!(field(&caller, id, "Name"), "Pia Port");
    assert!(field(&caller, id, "SystemModstamp").starts_with("2026-01-05T08:00:0"));
    let errors = update(&caller, &format!("Id,Username\n{id},admin@acme.example\n")).await;
    assert!(errors[0].starts_with("DUPLICATE_USERNAME:"), "{errors:?}");
    let errors = update(&caller, &format!("Id,Email\n{id},#N/A\n")).await;
    assert!(
        errors[0].starts_with("REQUIRED_FIELD_MISSING:"),
        "{errors:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn taking_the_partner_switch_back_disables_its_users() {
    let caller = Caller::new();
    let (_, info) = caller
        .load("Account", "update", "Id,IsPartner\n001000000000002,false\n")
        .await;
    assert_eq!(info["numberRecordsFailed"], 0);
    assert_eq!(field(&caller, "005000000000003", "IsActive"), "false");
    assert!(
        roles(&caller, "PortalAccountId = '001000000000002'")
            .await
            .is_empty()
    );
    let (job, _) = caller
        .load("Account", "update", "Id,IsPartner\n001000000000001,true\n")
        .await;
    assert!(column(&caller.results(&job, "failedResults").await, "sf__Error").is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_same_calls_give_the_same_org() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let caller = Caller::of(with_levels(2, 3, true));
        for (contact, name) in [(FIRST, "a"), (SECOND, "b"), (FIRST, "c")] {
            let _ = caller
                .insert_user(&UserRow::partner(contact).called(name))
                .await;
        }
        let users = caller
            .query("SELECT Id, Username, UserRoleId, SystemModstamp FROM User")
            .await;
        let roles = caller
            .query("SELECT Id, Name, ParentRoleId, CreatedDate FROM UserRole")
            .await;
        seen.push((users, roles, caller.org.requests()));
    }
    assert_eq!(seen[0], seen[1]);
}
