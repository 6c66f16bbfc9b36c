//! What no single record says: owners, generated roles, counts.

use super::super::{AccountRecord, ExternalIds, OrgState, Records, UserRecord};
use super::{
    External, account, built, contact, empty, external_user, id, internal_user, own_role,
    shared_role,
};
use crate::model::id::{AccountId, AccountSlot, ProfileId};
use crate::model::user::{AccountRoles, PortalKind};

const PARTNER: External<'_> = External {
    account: 1,
    profile: 3,
    role: 0,
    user_type: "PowerPartner",
    is_active: true,
};

fn slot(org: &OrgState, nth: u32) -> AccountSlot {
    org.account(AccountId::parse(&id("001", nth)).unwrap())
        .unwrap()
        .slot
}

fn roles(org: &OrgState, nth: u32) -> [AccountRoles; 3] {
    [
        PortalKind::HighVolume,
        PortalKind::Customer,
        PortalKind::Partner,
    ]
    .map(|kind| org.roles(slot(org, nth), kind))
}

#[test]
fn an_owner_is_joined_from_the_users() {
    let mut records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 7);
    internal_user(&mut records, 2, 0);
    external_user(&mut records, 3, &PARTNER.of(1).inactive());
    for nth in 1..=4 {
        account(&mut records, nth, nth);
    }
    let org = built(records);
    let owner = |nth| {
        let owner = org
            .account(AccountId::parse(&id("001", nth)).unwrap())
            .unwrap()
            .owner;
        owner.map(|owner| {
            (
                owner.name().into_owned(),
                owner.has_role,
                owner.is_active,
                owner.is_external,
            )
        })
    };
    assert_eq!(
        owner(1),
        Some(("Ina Internal".to_owned(), true, true, false))
    );
    assert_eq!(
        owner(2),
        Some(("Ina Internal".to_owned(), false, true, false))
    );
    assert_eq!(
        owner(3),
        Some(("User3@Acme.com".to_owned(), false, false, true)),
        "no name kept for these"
    );
    assert_eq!(owner(4), None, "an owner that is not visible");
}

#[test]
fn an_account_with_roles_of_its_own_has_the_full_set_for_that_kind_only() {
    let mut records = empty(ExternalIds::default());
    for nth in 1..=3 {
        account(&mut records, nth, 1);
    }
    own_role(&mut records, 1, 1, "Partner", "Worker");
    own_role(&mut records, 2, 1, "Partner", "Executive");
    own_role(&mut records, 3, 2, "CustomerPortal", "User");
    own_role(&mut records, 4, 9, "Partner", "Worker");
    let org = built(records);
    let (none, full) = (AccountRoles::None, AccountRoles::Full);
    assert_eq!(roles(&org, 1), [none, none, full]);
    assert_eq!(roles(&org, 2), [none, full, none]);
    assert_eq!(roles(&org, 3), [none, none, none]);
    assert_eq!(org.portal_roles(), 4);
    assert!(!org.uses_shared_roles());
    let cases = [
        (1, PortalKind::Partner, "User", true),
        (1, PortalKind::Partner, "worker", true),
        (1, PortalKind::Partner, "Manager", false),
        (1, PortalKind::Partner, "Executive", true),
        (1, PortalKind::Partner, "Boss", false),
        (1, PortalKind::Customer, "User", false),
        (1, PortalKind::HighVolume, "User", false),
        (2, PortalKind::Customer, "User", true),
        (3, PortalKind::Customer, "User", false),
    ];
    for (account, kind, level, has) in cases {
        let found = org.has_role_level(slot(&org, account), kind, level);
        assert_eq!(found, has, "{account} {kind:?} {level}");
    }
}

#[test]
fn an_account_whose_only_user_sits_in_a_shared_role_shares_it() {
    let mut records = empty(ExternalIds::default());
    for nth in 1..=5 {
        account(&mut records, nth, 1);
    }
    shared_role(&mut records, 1, 1, "Partner");
    shared_role(&mut records, 2, 1, "CustomerPortal");
    own_role(&mut records, 3, 4, "Partner", "Worker");
    let customer = External {
        user_type: "PowerCustomerSuccess",
        profile: 4,
        ..PARTNER
    };
    external_user(&mut records, 11, &PARTNER.of(1).role(1));
    external_user(&mut records, 12, &customer.of(2).role(2));
    external_user(&mut records, 13, &PARTNER.of(3).role(1).inactive());
    external_user(&mut records, 14, &PARTNER.of(4).role(1));
    external_user(&mut records, 15, &PARTNER.of(5).role(2));
    let org = built(records);
    let [none, shared, full] = [AccountRoles::None, AccountRoles::Shared, AccountRoles::Full];
    assert_eq!(roles(&org, 1), [none, none, shared]);
    assert_eq!(roles(&org, 2), [none, shared, none]);
    assert_eq!(roles(&org, 3), [none, none, none], "inactive");
    assert_eq!(
        roles(&org, 4),
        [none, none, full],
        "roles of its own count first"
    );
    assert_eq!(roles(&org, 5), [none, none, none], "a role of another kind");
    assert_eq!(org.portal_roles(), 3);
    assert!(org.uses_shared_roles());
    assert_eq!(
        org.role_levels(PortalKind::Customer),
        1,
        "shared roles show no levels"
    );
}

#[test]
fn role_levels_are_those_of_the_account_with_the_newest_roles() {
    let no_roles = built(empty(ExternalIds::default()));
    assert_eq!(no_roles.role_levels(PortalKind::Partner), 1);
    assert_eq!(no_roles.role_levels(PortalKind::HighVolume), 0);
    let mut records = empty(ExternalIds::default());
    for (nth, level) in (1..).zip(["Worker", "Manager", "Executive"]) {
        own_role(&mut records, nth, 1, "Partner", level);
    }
    for (nth, level) in (4..).zip(["Worker", "Manager"]) {
        own_role(&mut records, nth, 2, "Partner", level);
    }
    let org = built(records);
    assert_eq!(org.role_levels(PortalKind::Partner), 2);
    assert_eq!(org.role_levels(PortalKind::Customer), 1);
}

#[test]
fn accounts_with_active_role_based_users_are_counted_for_their_owner() {
    let mut records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 1);
    for nth in 1..=4 {
        account(&mut records, nth, 1);
    }
    let deleted = AccountRecord {
        id: &id("001", 5),
        owner: &id("005", 1),
        is_deleted: true,
        ..Default::default()
    };
    records.account(&deleted).unwrap();
    let high_volume = External {
        user_type: "CspLitePortal",
        profile: 5,
        ..PARTNER
    };
    external_user(&mut records, 11, &PARTNER.of(1));
    external_user(&mut records, 12, &PARTNER.of(1));
    external_user(&mut records, 13, &PARTNER.of(2));
    external_user(&mut records, 14, &high_volume.of(3));
    external_user(&mut records, 15, &PARTNER.of(4).inactive());
    external_user(&mut records, 16, &PARTNER.of(5));
    let org = built(records);
    let account = org
        .account(AccountId::parse(&id("001", 4)).unwrap())
        .unwrap();
    assert_eq!(account.owner.unwrap().role_based_accounts, 2);
}

#[test]
fn a_user_without_an_account_belongs_to_its_contacts_account() {
    let mut records: Records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 1);
    account(&mut records, 1, 1);
    contact(&mut records, 11, 1, "");
    let record = UserRecord {
        id: &id("005", 11),
        contact: &id("003", 11),
        profile: &id("00e", 3),
        user_type: "PowerPartner",
        is_active: true,
        ..Default::default()
    };
    records.user(&record).unwrap();
    let org = built(records);
    let account = org
        .account(AccountId::parse(&id("001", 1)).unwrap())
        .unwrap();
    assert_eq!(account.owner.unwrap().role_based_accounts, 1);
}

#[test]
fn active_users_are_counted_by_profile() {
    let mut records = empty(ExternalIds::default());
    external_user(&mut records, 11, &PARTNER);
    external_user(&mut records, 12, &PARTNER);
    external_user(&mut records, 13, &PARTNER.inactive());
    let org = built(records);
    let count = |nth| {
        org.profile(ProfileId::parse(&id("00e", nth)).unwrap())
            .unwrap()
            .active_users
    };
    assert_eq!((count(3), count(4)), (2, 0));
}
