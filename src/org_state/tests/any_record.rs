//! Records of any kind that meet, come twice and name each other, handed over as a pull would
//! bring them or as a second reading would.

use proptest::prelude::*;

use super::super::records::RoleRecord;
use super::super::{
    AccountRecord, Comparison, ContactRecord, ExternalIdField, ExternalIds, OrgState, Records,
    UserRecord,
};
use super::id;

/// Ids are few, so that records meet, come twice and name each other.
pub(super) const IDS: u32 = 8;

/// A record of any of the four objects.
#[derive(Debug, Clone)]
pub(super) enum Any {
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

pub(super) fn any_record() -> impl Strategy<Value = Any> {
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
pub(super) fn tell<T>(record: &Any, to: &mut T, how: &How<T>) {
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
pub(super) struct How<T> {
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

pub(super) const READ_AGAIN: How<OrgState> = How {
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

pub(super) fn external_ids() -> ExternalIds {
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

pub(super) fn fill(records: &mut Records, all: &[Any]) {
    for record in all {
        tell(record, records, &PULLED);
    }
}
