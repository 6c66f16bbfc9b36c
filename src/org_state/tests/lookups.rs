//! Every lookup of a record or of what is stored on it.

use super::super::{
    AccountRecord, Asked, Comparison, ContactRecord, ExternalIdField, ExternalIds, Matches,
    OrgState, UserFacts, UserRecord,
};
use super::{External, account, built, contact, empty, external_user, id, internal_user};
use crate::model::id::{AccountId, ContactId, ContactSlot};

fn contact_id(nth: u32) -> ContactId {
    ContactId::parse(&id("003", nth)).unwrap()
}

fn account_id(nth: u32) -> AccountId {
    AccountId::parse(&id("001", nth)).unwrap()
}

fn fields(names: [(&str, Comparison); 3]) -> Vec<ExternalIdField> {
    names
        .map(|(name, comparison)| ExternalIdField {
            name: name.to_owned(),
            comparison,
        })
        .into()
}

#[test]
fn a_contact_is_found_by_its_id_with_all_that_is_known_of_it() {
    let mut records = empty(ExternalIds::default());
    contact(&mut records, 2, 7, "ada@acme.com");
    let (merged, survivor) = (id("003", 1), id("003", 2));
    let record = ContactRecord {
        id: &merged,
        first_name: "Zoë",
        is_deleted: true,
        merged_into: &survivor,
        ..Default::default()
    };
    records.contact(&record).unwrap();
    let org = built(records);

    let ada = org.contact(contact_id(2)).unwrap();
    assert_eq!((ada.slot, ada.id), (ContactSlot(1), contact_id(2)));
    assert_eq!((ada.account, ada.is_deleted), (Some(account_id(7)), false));
    assert_eq!(
        (&*ada.first_name(), &*ada.last_name(), &*ada.email()),
        ("", "Lovelace", "ada@acme.com")
    );
    let gone = org.contact(contact_id(1)).unwrap();
    assert_eq!(
        (gone.slot, gone.account, &*gone.first_name()),
        (ContactSlot(0), None, "Zoë")
    );
    assert_eq!(
        (gone.is_deleted, gone.merged_into()),
        (true, Some(contact_id(2)))
    );
    assert!(org.contact(contact_id(3)).is_none());
    assert!(
        org.account(account_id(7)).is_none(),
        "an account that is not visible"
    );
}

#[test]
fn ids_that_differ_only_in_case_are_two_records() {
    let mut records = empty(ExternalIds::default());
    for (id, last_name) in [("003A0000006vm9R", "lower"), ("003A0000006VM9R", "upper")] {
        records
            .contact(&ContactRecord {
                id,
                last_name,
                ..Default::default()
            })
            .unwrap();
    }
    let org = built(records);
    let name = |id: &str| {
        org.contact(ContactId::parse(id).unwrap())
            .map(|found| found.last_name().into_owned())
    };
    assert_eq!(name("003A0000006vm9R"), Some("lower".to_owned()));
    assert_eq!(name("003A0000006VM9R"), Some("upper".to_owned()));
    assert_eq!(name("003A0000006Vm9R"), None);
}

#[test]
fn slots_follow_the_ids_whatever_the_order_of_arrival_and_the_last_version_counts() {
    let arrivals: [&[(u32, &str)]; 3] = [
        &[(1, "a"), (2, "b"), (3, "c")],
        &[(3, "c"), (1, "a"), (2, "b")],
        &[(2, "old"), (3, "c"), (1, "old"), (2, "b"), (1, "a")],
    ];
    for arrival in arrivals {
        let mut records = empty(ExternalIds::default());
        for (nth, email) in arrival {
            contact(&mut records, *nth, 1, email);
        }
        let org = built(records);
        for (slot, (nth, email)) in (0..).zip([(1, "a"), (2, "b"), (3, "c")]) {
            let found = org.contact(contact_id(nth)).unwrap();
            assert_eq!(
                (found.slot, &*found.email()),
                (ContactSlot(slot), email),
                "{arrival:?}"
            );
        }
    }
}

#[test]
fn contacts_are_found_by_external_id_and_several_are_counted() {
    let external_ids = ExternalIds {
        contact: fields([
            ("Erp__c", Comparison::Folded),
            ("Key__c", Comparison::AsStored),
            ("No__c", Comparison::Number),
        ]),
        account: Vec::new(),
    };
    let mut records = empty(external_ids);
    let rows: [(u32, bool, [&str; 3]); 5] = [
        (1, false, ["E-1", "aB", "23.0"]),
        (2, false, ["e-2", "Ab", "24"]),
        (3, true, ["E-1", "aB", "23"]),
        (4, false, ["E-2", "", ""]),
        (5, false, ["É-5", "x", "1.5E7"]),
    ];
    for (nth, is_deleted, external_ids) in &rows {
        let record = ContactRecord {
            id: &id("003", *nth),
            is_deleted: *is_deleted,
            external_ids,
            ..Default::default()
        };
        records.contact(&record).unwrap();
    }
    let org = built(records);
    let cases = [
        ("Erp__c", "e-1", Matches::One(contact_id(1))),
        ("ERP__C", "E-1", Matches::One(contact_id(1))),
        ("Erp__c", "E-2", Matches::Many(2)),
        ("Erp__c", "é-5", Matches::One(contact_id(5))),
        ("Erp__c", "E-9", Matches::None),
        ("Key__c", "aB", Matches::One(contact_id(1))),
        ("Key__c", "Ab", Matches::One(contact_id(2))),
        ("Key__c", "ab", Matches::None),
        ("Key__c", "", Matches::None),
        ("No__c", "23", Matches::One(contact_id(1))),
        ("No__c", "24.00", Matches::One(contact_id(2))),
        ("No__c", "15000000", Matches::One(contact_id(5))),
        ("No__c", "", Matches::None),
        ("No__c", "x", Matches::None),
    ];
    for (field, value, expected) in cases {
        assert_eq!(
            org.contacts_by_external_id(field, value),
            expected,
            "{field} {value}"
        );
    }
}

#[test]
fn accounts_are_found_by_external_id() {
    let field = ExternalIdField {
        name: "Erp__c".to_owned(),
        comparison: Comparison::Folded,
    };
    let mut records = empty(ExternalIds {
        contact: Vec::new(),
        account: vec![field],
    });
    for (nth, is_deleted, erp) in [
        (1, false, "A"),
        (2, true, "A"),
        (3, false, "B"),
        (4, false, "b"),
    ] {
        let record = AccountRecord {
            id: &id("001", nth),
            is_deleted,
            external_ids: &[erp],
            ..Default::default()
        };
        records.account(&record).unwrap();
    }
    let org = built(records);
    assert_eq!(
        org.accounts_by_external_id("Erp__c", "a"),
        Matches::One(account_id(1))
    );
    assert_eq!(org.accounts_by_external_id("Erp__c", "B"), Matches::Many(2));
    assert_eq!(org.accounts_by_external_id("Erp__c", "C"), Matches::None);
}

#[test]
#[should_panic(expected = "was not pulled")]
fn asking_for_an_external_id_that_was_not_pulled_is_a_bug() {
    built(empty(ExternalIds::default())).contacts_by_external_id("Erp__c", "1");
}

#[test]
fn contacts_are_found_by_account_and_folded_email() {
    let mut records = empty(ExternalIds::default());
    contact(&mut records, 1, 1, "Ada@Acme.com");
    contact(&mut records, 2, 2, "ada@acme.com");
    contact(&mut records, 3, 3, "ada@acme.com");
    contact(&mut records, 4, 3, "ADA@ACME.COM");
    contact(&mut records, 5, 4, "");
    let record = ContactRecord {
        id: &id("003", 6),
        account: &id("001", 1),
        email: "ada@acme.com",
        is_deleted: true,
        ..Default::default()
    };
    records.contact(&record).unwrap();
    let org = built(records);
    let cases = [
        (1, "ada@acme.com", Matches::One(contact_id(1))),
        (2, "ADA@acme.com", Matches::One(contact_id(2))),
        (3, "ada@acme.com", Matches::Many(2)),
        (4, "", Matches::None),
        (4, "ada@acme.com", Matches::None),
        (9, "ada@acme.com", Matches::None),
    ];
    for (account, email, expected) in cases {
        assert_eq!(
            org.contacts_by_email(account_id(account), email),
            expected,
            "{account} {email}"
        );
    }
}

fn with_users() -> OrgState {
    let mut records = empty(ExternalIds::default());
    internal_user(&mut records, 1, 1);
    let mut partner = External {
        account: 1,
        profile: 3,
        role: 0,
        user_type: "PowerPartner",
        is_active: true,
    };
    external_user(&mut records, 2, &partner);
    partner.is_active = false;
    external_user(&mut records, 3, &partner);
    built(records)
}

#[test]
fn leads_say_where_a_search_would_find_nothing_and_doubt_what_was_not_asked() {
    let mut records = empty(ExternalIds::default());
    let (user, contact) = (id("005", 1), id("003", 1));
    let record = UserRecord {
        id: &user,
        username: "ZOË@Acme.com",
        nickname: "Zoë",
        contact: &contact,
        ..Default::default()
    };
    records.user(&record).unwrap();
    let org = built(records);
    let asked = [
        Asked {
            contact: Some(contact_id(1)),
            username: "zoë@acme.com",
            nickname: "zoë",
        },
        Asked {
            contact: Some(contact_id(2)),
            username: "zoe@acme.com",
            nickname: "zoe",
        },
        Asked::default(),
    ];
    let leads = org.leads(&asked);
    let said = |nth: usize| [leads[nth].user, leads[nth].username, leads[nth].nickname];
    assert_eq!(
        [said(0), said(1), said(2)],
        [[true; 3], [false; 3], [true; 3]]
    );
}

#[test]
fn users_are_found_by_contact_username_nickname_and_federation_id() {
    let org = with_users();
    let username = |found: Option<UserFacts<'_>>| found.map(|user| user.id.to_string());
    let [second, third] = [2, 3].map(|nth| {
        let user = org.user_of_contact(contact_id(nth)).unwrap();
        assert_eq!(user.contact, Some(contact_id(nth)));
        assert_eq!(
            (&*user.username(), user.is_active),
            (&*format!("User{nth}@Acme.com"), nth == 2)
        );
        Some(user.id.to_string())
    });
    assert!(org.user_of_contact(contact_id(9)).is_none());
    let cases = [
        (username(org.user_by_username("user2@acme.com")), &second),
        (username(org.user_by_username("USER3@ACME.COM")), &third),
        (username(org.user_by_username("user4@acme.com")), &None),
        (username(org.user_by_username("")), &None),
        (username(org.user_by_nickname("nick2")), &second),
        (username(org.user_by_nickname("NICK3")), &third),
        (username(org.user_by_nickname("")), &None),
        (username(org.user_by_federation_id("Fed2")), &second),
        (username(org.user_by_federation_id("fed2")), &None),
        (username(org.user_by_federation_id("")), &None),
    ];
    for (nth, (found, expected)) in cases.iter().enumerate() {
        assert_eq!(found, *expected, "case {nth}");
    }
}

#[test]
fn a_system_user_without_a_profile_is_a_user_all_the_same() {
    let mut records = empty(ExternalIds::default());
    let record = UserRecord {
        id: &id("005", 1),
        username: "autoproc@acme",
        user_type: "AutomatedProcess",
        is_active: true,
        ..Default::default()
    };
    records.user(&record).unwrap();
    let org = built(records);
    assert_eq!(org.user_by_username("AutoProc@acme").unwrap().profile, None);
}

#[test]
fn of_two_users_of_one_contact_the_active_one_is_named() {
    let mut records = empty(ExternalIds::default());
    for (nth, is_active) in [(1, false), (2, true), (3, false)] {
        let record = UserRecord {
            id: &id("005", nth),
            contact: &id("003", 1),
            profile: &id("00e", 3),
            user_type: "PowerPartner",
            is_active,
            ..Default::default()
        };
        records.user(&record).unwrap();
    }
    let org = built(records);
    let user = org.user_of_contact(contact_id(1)).unwrap();
    assert_eq!(user.id.to_string()[..15], id("005", 2));
}

#[test]
fn a_record_with_a_damaged_id_says_which_object_and_field() {
    let mut records = empty(ExternalIds::default());
    let record = ContactRecord {
        id: "003",
        ..Default::default()
    };
    let error = records.contact(&record).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the org's answer about Contact is not understood: Id has 3 characters, an id has 15 or 18"
    );
    account(&mut records, 1, 1);
    assert!(
        built(records)
            .account(account_id(1))
            .unwrap()
            .owner
            .is_none(),
        "not visible"
    );
}
