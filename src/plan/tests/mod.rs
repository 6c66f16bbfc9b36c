//! Tests of the room: rows made up for planning, and what they become.

mod files;
mod stored;
mod waves;

use std::path::Path;

use proptest::prelude::*;

use crate::model::id::{
    AccountSlot, ContactId, ContactSlot, LicenseIndex, PermissionSetId, ProfileId, RowOrdinal,
    UserId,
};
use crate::model::rejection::{Code, Fault, Rejected, Retry};
use crate::model::user::{
    AccountRoles, CheckedRow, CheckedWindow, FoldedKey, NewUser, PortalKind, SentColumns,
    push_job_cell,
};
use crate::model::wave::SealedWave;

use super::{Draft, Plan, PlanFacts};

/// Accounts of the org, so that rows are spread over parts of the spill; rows of the tests may be
/// of accounts that came to light later.
const ACCOUNTS: u32 = 5;

/// One accepted row, as far as planning looks at it.
#[derive(Debug, Clone, Copy)]
struct Row {
    account: u32,
    contact: u32,
    kind: PortalKind,
    roles: AccountRoles,
    is_staged: bool,
}

fn row(account: u32, contact: u32, kind: PortalKind, roles: AccountRoles) -> Row {
    Row {
        account,
        contact,
        kind,
        roles,
        is_staged: false,
    }
}

fn user(ordinal: u32, row: Row, change: std::ops::Range<u32>) -> NewUser {
    NewUser {
        row: RowOrdinal(ordinal),
        line: u64::from(ordinal) + 2,
        contact: contact_id(row.contact),
        contact_slot: ContactSlot(row.contact),
        account_slot: AccountSlot(row.account),
        profile: ProfileId::parse("00eA0000006Vm9r").unwrap(),
        license: LicenseIndex(u16::from(row.kind == PortalKind::Partner)),
        kind: row.kind,
        roles: row.roles,
        takes_seat: !row.is_staged,
        username: FoldedKey(u128::from(ordinal)),
        nickname: FoldedKey(u128::from(ordinal)),
        nickname_derived: ordinal % 2 == 1,
        federation_id: None,
        change,
    }
}

fn contact_id(slot: u32) -> ContactId {
    ContactId::parse(&format!("003A{slot:011}")).unwrap()
}

fn user_id(row: RowOrdinal) -> UserId {
    UserId::parse(&format!("005A{:011}", row.0)).unwrap()
}

fn set_id(number: u32) -> PermissionSetId {
    PermissionSetId::parse(&format!("0PSA{number:011}")).unwrap()
}

fn change_of(ordinal: u32, row: Row) -> Vec<u8> {
    let mut line = Vec::new();
    push_job_cell(&mut line, &format!("u\"{ordinal}\",x@example.com"));
    line.push(b',');
    push_job_cell(&mut line, &contact_id(row.contact).to_string());
    line.push(b',');
    push_job_cell(&mut line, &"n\n".repeat(ordinal as usize % 7));
    line.push(b'\n');
    line
}

fn window(first: u32, rows: &[Row]) -> CheckedWindow {
    let mut checked = CheckedWindow::default();
    for (ordinal, row) in (first..).zip(rows) {
        let start = u32::try_from(checked.changes.len()).unwrap();
        checked.changes.extend(change_of(ordinal, *row));
        let end = u32::try_from(checked.changes.len()).unwrap();
        checked
            .rows
            .push(CheckedRow::Accepted(user(ordinal, *row, start..end)));
    }
    checked
}

fn reject(window: &mut CheckedWindow, index: usize) {
    let row = window.rows[index].row();
    let fault = Fault {
        code: Code::NoSeat.to_string(),
        reason: String::new(),
        fix: String::new(),
        retry: Retry::AfterFix,
    };
    let faults = vec![(Code::NoSeat, fault)];
    window.rows[index] = CheckedRow::Rejected(Rejected {
        row,
        faults,
        behind: Vec::new(),
    });
}

fn facts(uses_shared_roles: bool) -> PlanFacts {
    PlanFacts {
        uses_shared_roles,
        customer_levels: 1,
        partner_levels: 3,
    }
}

fn columns() -> SentColumns {
    SentColumns::with(["AboutMe".to_owned()])
}

fn plan_of(folder: &Path, windows: &[CheckedWindow], uses_shared_roles: bool) -> Plan {
    let facts = facts(uses_shared_roles);
    let mut draft = Draft::create(folder, &columns(), facts, ACCOUNTS).unwrap();
    for window in windows {
        draft.take(window).unwrap();
    }
    draft.in_waves().unwrap()
}

/// The changes of the first so many rows.
fn changes_of(plan: &Plan, rows: u32) -> Vec<Option<Vec<u8>>> {
    let mut changes = plan.accepted_changes().unwrap();
    let mut change_of = |row| changes.of(RowOrdinal(row)).unwrap().map(<[u8]>::to_vec);
    (0..rows).map(&mut change_of).collect()
}

fn partners(count: u32) -> Vec<Row> {
    let partner = |contact| {
        row(
            count - contact,
            contact,
            PortalKind::Partner,
            AccountRoles::None,
        )
    };
    (0..count).map(partner).collect()
}

fn any_row() -> impl Strategy<Value = Row> {
    (0_u32..6, 0_u32..40, 0_u8..3, any::<bool>()).prop_map(|(account, contact, kind, is_staged)| {
        let kind = [
            PortalKind::HighVolume,
            PortalKind::Customer,
            PortalKind::Partner,
        ][usize::from(kind)];
        // Roles are a fact of the account and the kind, so all its rows agree.
        let roles = [AccountRoles::None, AccountRoles::Shared, AccountRoles::Full]
            [(account as usize + kind as usize) % 3];
        Row {
            account,
            contact,
            kind,
            roles,
            is_staged,
        }
    })
}

fn rows_of(sealed: &SealedWave) -> Vec<u32> {
    sealed.rows.iter().map(|row| row.row.0).collect()
}
