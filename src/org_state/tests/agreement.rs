//! A state in memory, the same state from a mapped file, and one that came to be it record by
//! record: every lookup answers the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::cache::open;
use super::super::records::RoleRecord;
use super::super::{
    AccountRecord, Asked, Comparison, ContactRecord, ExternalIdField, ExternalIds, OrgState,
    Records, UserRecord,
};
use super::cached::keep;
use super::{empty, id, identity};
use crate::model::id::{AccountId, AccountSlot, ContactId, ProfileId};
use crate::model::user::PortalKind;

/// Ids are few, so that records meet, come twice and name each other.
const IDS: u32 = 8;

/// A record of any of the four objects.
#[derive(Debug, Clone)]
enum Any {
    Contact {
        nth: u32,
        account: Option<u32>,
        email: u32,
        is_deleted: bool,
        merged_into: Option<u32>,
        key: u32,
    },
    Account {
        nth: u32,
        owner: Option<u32>,
        is_partner: bool,
        is_deleted: bool,
        key: u32,
    },
    User {
        nth: u32,
        name: u32,
        contact: Option<u32>,
        account: Option<u32>,
        profile: u32,
        role: Option<u32>,
        kind: usize,
        is_active: bool,
    },
    Role {
        nth: u32,
        is_partner: bool,
        level: usize,
        account: Option<u32>,
    },
}

fn nth() -> impl Strategy<Value = u32> {
    0..IDS
}

fn maybe() -> impl Strategy<Value = Option<u32>> {
    prop::option::weighted(0.8, nth())
}

fn any_record() -> impl Strategy<Value = Any> {
    let contact = (
        nth(),
        maybe(),
        nth(),
        prop::bool::weighted(0.2),
        maybe(),
        nth(),
    )
        .prop_map(
            |(nth, account, email, is_deleted, merged_into, key)| Any::Contact {
                nth,
                account,
                email,
                is_deleted,
                merged_into: merged_into.filter(|_| is_deleted),
                key,
            },
        );
    let account = (
        nth(),
        maybe(),
        any::<bool>(),
        prop::bool::weighted(0.2),
        nth(),
    )
        .prop_map(|(nth, owner, is_partner, is_deleted, key)| Any::Account {
            nth,
            owner,
            is_partner,
            is_deleted,
            key,
        });
    let user = (
        (nth(), nth(), maybe(), prop::option::of(nth())),
        (
            1..6_u32,
            maybe(),
            0..USER_TYPES.len(),
            prop::bool::weighted(0.8),
        ),
    )
        .prop_map(
            |((nth, name, contact, account), (profile, role, kind, is_active))| Any::User {
                nth,
                name,
                contact,
                account,
                profile,
                role,
                kind,
                is_active,
            },
        );
    let role = (nth(), any::<bool>(), 0..LEVELS.len(), maybe()).prop_map(
        |(nth, is_partner, level, account)| Any::Role {
            nth,
            is_partner,
            level,
            account,
        },
    );
    prop_oneof![contact, account, user, role]
}

const USER_TYPES: [&str; 5] = [
    "Standard",
    "PowerPartner",
    "PowerCustomerSuccess",
    "CSPLitePortal",
    "Guest",
];

const LEVELS: [&str; 3] = ["Worker", "Manager", "Executive"];

fn or_none(prefix: &str, nth: Option<u32>) -> String {
    nth.map_or_else(String::new, |nth| id(prefix, nth))
}

/// Hands a record over as the text it would come as.
#[expect(clippy::too_many_lines, reason = "four records, written out")]
fn tell<T>(record: &Any, to: &mut T, how: &How<T>) {
    match record {
        Any::Contact {
            nth,
            account,
            email,
            is_deleted,
            merged_into,
            key,
        } => (how.contact)(
            to,
            &ContactRecord {
                id: &id("003", *nth),
                account: &or_none("001", *account),
                first_name: "Ada",
                last_name: &format!("Lovelace {key}"),
                email: &format!("C{email}@acme.com"),
                is_deleted: *is_deleted,
                merged_into: &or_none("003", *merged_into),
                external_ids: &[&format!("K{key}")],
            },
        ),
        Any::Account {
            nth,
            owner,
            is_partner,
            is_deleted,
            key,
        } => (how.account)(
            to,
            &AccountRecord {
                id: &id("001", *nth),
                name: &format!("Acme {key}"),
                owner: &or_none("005", *owner),
                is_partner: *is_partner,
                is_deleted: *is_deleted,
                external_ids: &[&key.to_string()],
                ..Default::default()
            },
        ),
        Any::User {
            nth,
            name,
            contact,
            account,
            profile,
            role,
            kind,
            is_active,
        } => (how.user)(
            to,
            &UserRecord {
                id: &id("005", *nth),
                username: &format!("U{nth}@acme.com"),
                nickname: &format!("Nick{nth}"),
                federation_id: &if *name == 0 {
                    String::new()
                } else {
                    format!("Fed{nth}")
                },
                name: &format!("User {name}"),
                contact: &or_none("003", *contact),
                account: &or_none("001", *account),
                profile: &id("00e", *profile),
                role: &or_none("00E", *role),
                user_type: USER_TYPES[*kind],
                is_active: *is_active,
            },
        ),
        Any::Role {
            nth,
            is_partner,
            level,
            account,
        } => (how.role)(
            to,
            &RoleRecord {
                id: &id("00E", *nth),
                portal_type: if *is_partner {
                    "Partner"
                } else {
                    "CustomerPortal"
                },
                portal_role: LEVELS[*level],
                portal_account: &or_none("001", *account),
                portal_account_owner: &id("005", 1),
            },
        ),
    }
}

/// Who takes records.
struct How<T> {
    contact: fn(&mut T, &ContactRecord<'_>),
    account: fn(&mut T, &AccountRecord<'_>),
    user: fn(&mut T, &UserRecord<'_>),
    role: fn(&mut T, &RoleRecord<'_>),
}

const PULLED: How<Records> = How {
    contact: |records, record| records.contact(record).unwrap(),
    account: |records, record| records.account(record).unwrap(),
    user: |records, record| records.user(record).unwrap(),
    role: |records, record| records.role(record).unwrap(),
};

const READ_AGAIN: How<OrgState> = How {
    contact: |state, record| {
        state.tables.take_contact(record).unwrap();
    },
    account: |state, record| {
        state.tables.take_account(record).unwrap();
    },
    user: |state, record| {
        state.tables.take_user(record).unwrap();
    },
    role: |state, record| {
        state.tables.take_role(record).unwrap();
    },
};

fn external_ids() -> ExternalIds {
    let field = |name: &str, comparison| {
        vec![ExternalIdField {
            name: name.to_owned(),
            comparison,
        }]
    };
    ExternalIds {
        contact: field("Key__c", Comparison::Folded),
        account: field("Number__c", Comparison::Number),
    }
}

fn fill(records: &mut Records, all: &[Any]) {
    for record in all {
        tell(record, records, &PULLED);
    }
}

/// Every answer that does not depend on where a record stands.
fn answers(state: &OrgState) -> Vec<String> {
    let mut said = Vec::new();
    let mut say = |what: &dyn std::fmt::Debug| said.push(format!("{what:?}"));
    let kinds = [
        PortalKind::Partner,
        PortalKind::Customer,
        PortalKind::HighVolume,
    ];
    for nth in 0..IDS {
        let contact = ContactId::parse(&id("003", nth)).unwrap();
        let account = AccountId::parse(&id("001", nth)).unwrap();
        say(&state.contact(contact).map(|contact| {
            (
                contact.account,
                contact.is_deleted,
                contact.merged_into(),
                [contact.first_name(), contact.last_name(), contact.email()],
            )
        }));
        say(&state
            .user_of_contact(contact)
            .map(|user| (user.id, user.is_active)));
        say(&state.account(account).map(|account| {
            let owner = account.owner.map(|owner| {
                let facts = (owner.has_role, owner.is_active, owner.is_external);
                (owner.id, owner.name(), facts, owner.role_based_accounts)
            });
            (
                account.name(),
                account.is_partner,
                account.is_deleted,
                owner,
            )
        }));
        for kind in kinds {
            let slot = state.account(account).map(|account| account.slot);
            say(&slot.map(|slot| {
                let levels = ["User", "Manager", "Executive"];
                let levels = levels.map(|level| state.has_role_level(slot, kind, level));
                (state.roles(slot, kind), levels)
            }));
        }
        say(&state
            .user_by_username(&format!("u{nth}@ACME.com"))
            .map(|user| {
                (
                    user.id,
                    user.username().into_owned(),
                    user.profile,
                    user.contact,
                )
            }));
        say(&state
            .user_by_nickname(&format!("nick{nth}"))
            .map(|user| user.id));
        say(&state
            .user_by_federation_id(&format!("Fed{nth}"))
            .map(|user| user.id));
        say(&state.contacts_by_external_id("key__c", &format!("k{nth}")));
        say(&state.accounts_by_external_id("Number__c", &format!("{nth}.0")));
        for email in 0..IDS {
            say(&state.contacts_by_email(account, &format!("c{email}@ACME.com")));
        }
    }
    for profile in 1..6 {
        let profile = state.profile(ProfileId::parse(&id("00e", profile)).unwrap());
        say(&profile.map(|profile| profile.active_users));
    }
    say(&(state.portal_roles(), state.uses_shared_roles()));
    say(&kinds.map(|kind| state.role_levels(kind)));
    said
}

/// Where a lookup finds something, the leads said that it may.
fn assert_leads_agree(state: &OrgState) {
    let texts = |nth| (format!("u{nth}@acme.com"), format!("nick{nth}"));
    let texts: Vec<_> = (0..IDS).map(texts).collect();
    let asked = (0..).zip(&texts).map(|(nth, (username, nickname))| Asked {
        contact: ContactId::parse(&id("003", nth)).ok(),
        username,
        nickname,
    });
    let asked: Vec<Asked<'_>> = asked.collect();
    for (row, leads) in asked.iter().zip(state.leads(&asked)) {
        let contact = row.contact.unwrap();
        let found = [
            state.contact(contact),
            state.contact_by_lead(contact, &leads),
        ];
        let [found, by_lead] = found.map(|found| found.map(|found| (found.slot, found.account)));
        assert_eq!(found, by_lead);
        assert!(leads.user || state.user_of_contact(contact).is_none());
        assert!(leads.username || state.user_by_username(row.username).is_none());
        assert!(leads.nickname || state.user_by_nickname(row.nickname).is_none());
    }
}

fn slots(state: &OrgState) -> BTreeSet<AccountSlot> {
    let accounts = (0..IDS).map(|nth| AccountId::parse(&id("001", nth)).unwrap());
    let known: Vec<AccountSlot> = accounts
        .filter_map(|account| Some(state.account(account)?.slot))
        .collect();
    let distinct: BTreeSet<AccountSlot> = known.iter().copied().collect();
    assert_eq!(distinct.len(), known.len(), "no two accounts share a slot");
    distinct
}

fn records() -> impl Strategy<Value = Vec<Any>> {
    prop::collection::vec(any_record(), 0..60)
}

/// A role of the table never becomes another one, and roles that are shared are not read again:
/// later versions of such records are left out.
fn without_changed_roles(first: &[Any], later: Vec<Any>) -> Vec<Any> {
    let is_old = |nth: u32| {
        let mut known = first.iter();
        known.any(|record| matches!(record, Any::Role { nth: known, .. } if *known == nth))
    };
    let mut seen = BTreeSet::new();
    later
        .into_iter()
        .filter(|record| match record {
            Any::Role { nth, account, .. } => {
                account.is_some() && !is_old(*nth) && seen.insert(*nth)
            }
            Any::Contact { .. } | Any::Account { .. } | Any::User { .. } => true,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn memory_and_a_mapped_file_answer_the_same(all in records()) {
        let mut in_memory = empty(external_ids());
        fill(&mut in_memory, &all);
        let in_memory = OrgState::from_records(in_memory).unwrap();
        let home = tempfile::tempdir().unwrap();
        let (kept, _) = keep(home.path(), empty(external_ids()), |to| fill(to, &all), None);
        kept.unwrap();
        let mapped = open(home.path(), &identity().org_id).unwrap().unwrap().state;
        prop_assert_eq!(answers(&in_memory), answers(&mapped));
        prop_assert_eq!(slots(&in_memory), slots(&mapped));
        assert_leads_agree(&in_memory);
        assert_leads_agree(&mapped);
    }

    #[test]
    fn records_read_again_one_by_one_add_up_to_what_a_whole_pull_would_bring(
        first in records(), later in records()
    ) {
        let later = without_changed_roles(&first, later);
        let mut state = empty(external_ids());
        fill(&mut state, &first);
        let mut state = OrgState::from_records(state).unwrap();
        // Roles first, as their users' kinds rest on them.
        let (roles, others): (Vec<Any>, Vec<Any>) = later
            .into_iter()
            .partition(|record| matches!(record, Any::Role { .. }));
        let later: Vec<Any> = roles.into_iter().chain(others).collect();
        for record in &later {
            tell(record, &mut state, &READ_AGAIN);
        }
        state.sum_up();
        let mut whole = empty(external_ids());
        fill(&mut whole, &first);
        fill(&mut whole, &later);
        let whole = OrgState::from_records(whole).unwrap();
        prop_assert_eq!(answers(&state), answers(&whole));
        slots(&state);
        assert_leads_agree(&state);
    }
}
