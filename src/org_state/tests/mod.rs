//! Tests of the room: small orgs made by hand, then whole pulls from the simulated org.

mod agreement;
mod any_record;
mod cached;
mod joins;
mod line;
mod lookups;
mod orgs;
mod pulls;
mod rereads;
mod simulated;
mod small;

use super::{
    AccountRecord, ContactRecord, ExternalIds, LicenseFacts, OrgState, ProfileRecord, Records,
    RoleRecord, UserRecord,
};
use crate::model::id::{LicenseId, ProfileId};
use crate::model::summary::{OrgIdentity, OrgKind};

/// The profiles of every small org: number, name, `UserType`.
const PROFILES: [(u32, &str, &str); 6] = [
    (1, "System Administrator", "Standard"),
    (2, "Partner Community User", "PowerPartner"),
    (3, "ACME Partner", "PowerPartner"),
    (4, "ACME Customer Plus", "PowerCustomerSuccess"),
    (5, "ACME Customer", "CSPLitePortal"),
    (6, "acme partner", "PowerPartner"),
];

/// The nth id with that prefix, 15 characters.
fn id(prefix: &str, nth: u32) -> String {
    format!("{prefix}{nth:012}")
}

fn identity() -> OrgIdentity {
    OrgIdentity {
        org_id: id("00D", 1),
        instance_url: "https://acme.my.salesforce.com".to_owned(),
        username: "integration@acme.com".to_owned(),
        user_id: id("005", 1),
        kind: OrgKind::Simulated,
        api_version: "67.0".to_owned(),
    }
}

/// An org with [`PROFILES`], each taking the one licence there is, and no other record.
fn empty(external_ids: ExternalIds) -> Records {
    let mut records = Records::of(identity(), external_ids);
    let license = LicenseId::parse(&id("100", 1)).unwrap();
    records.licenses = vec![LicenseFacts {
        id: license,
        name: "Partner Community".to_owned(),
        is_active: true,
        seats_total: 10,
        seats_used: 1,
    }];
    records.profiles = PROFILES
        .into_iter()
        .map(|(nth, name, user_type)| ProfileRecord {
            id: ProfileId::parse(&id("00e", nth)).unwrap(),
            name: name.to_owned(),
            user_type: user_type.to_owned(),
            license,
        })
        .collect();
    records
}

fn account(records: &mut Records, nth: u32, owner: u32) {
    let (id, owner) = (id("001", nth), id("005", owner));
    records
        .account(&AccountRecord {
            id: &id,
            name: "Acme",
            owner: &owner,
            ..Default::default()
        })
        .unwrap();
}

fn contact(records: &mut Records, nth: u32, account: u32, email: &str) {
    let (id, account) = (id("003", nth), id("001", account));
    let record = ContactRecord {
        id: &id,
        account: &account,
        last_name: "Lovelace",
        email,
        ..Default::default()
    };
    records.contact(&record).unwrap();
}

/// An internal user; the role is none for 0.
fn internal_user(records: &mut Records, nth: u32, role: u32) {
    let username = format!("internal{nth}@acme.com");
    let record = UserRecord {
        id: &id("005", nth),
        username: &username,
        nickname: &format!("internal{nth}"),
        name: "Ina Internal",
        profile: &id("00e", 1),
        role: &if role == 0 {
            String::new()
        } else {
            id("00E", role)
        },
        user_type: "Standard",
        is_active: true,
        ..Default::default()
    };
    records.user(&record).unwrap();
}

/// What an external user is, beside its number, which is its contact's too.
#[derive(Clone, Copy)]
struct External<'a> {
    account: u32,
    profile: u32,
    role: u32,
    user_type: &'a str,
    is_active: bool,
}

impl External<'_> {
    fn of(self, account: u32) -> Self {
        Self { account, ..self }
    }

    fn role(self, role: u32) -> Self {
        Self { role, ..self }
    }

    fn inactive(self) -> Self {
        Self {
            is_active: false,
            ..self
        }
    }
}

fn external_user(records: &mut Records, nth: u32, external: &External<'_>) {
    let username = format!("User{nth}@Acme.com");
    let record = UserRecord {
        id: &id("005", nth),
        username: &username,
        nickname: &format!("Nick{nth}"),
        federation_id: &format!("Fed{nth}"),
        name: "Ada Lovelace",
        contact: &id("003", nth),
        account: &id("001", external.account),
        profile: &id("00e", external.profile),
        role: &if external.role == 0 {
            String::new()
        } else {
            id("00E", external.role)
        },
        user_type: external.user_type,
        is_active: external.is_active,
    };
    records.user(&record).unwrap();
}

/// A role an account has of its own.
fn own_role(records: &mut Records, nth: u32, account: u32, portal_type: &str, level: &str) {
    let record = RoleRecord {
        id: &id("00E", nth),
        portal_type,
        portal_role: level,
        portal_account: &id("001", account),
        portal_account_owner: "",
    };
    records.role(&record).unwrap();
}

/// A role the accounts of an owner share.
fn shared_role(records: &mut Records, nth: u32, owner: u32, portal_type: &str) {
    let record = RoleRecord {
        id: &id("00E", nth),
        portal_type,
        portal_role: "PersonAccount",
        portal_account: "",
        portal_account_owner: &id("005", owner),
    };
    records.role(&record).unwrap();
}

fn built(records: Records) -> OrgState {
    OrgState::from_records(records).unwrap()
}
