//! One row: every check in turn, all faults at once.
//!
//! Comes in: a record, the run's decisions, the org. Goes out: a [`NewUser`] with its encoded
//! change, or a [`Rejected`](crate::model::rejection::Rejected) with everything that is wrong.

use super::draft::Draft;
use super::fields::{self, Known, Scratch, Written};
use super::findings::{Findings, shown};
use super::licence::{self, Grant, ProfileMemo};
use super::sight::{Cell, Sight};
use super::{account, calendar, person};
use crate::model::contact::RecordFault;
use crate::model::id::PermissionSetId;
use crate::model::rejection::{Code, RowWarning};
use crate::model::user::{CheckedRow, CheckedWindow, NewUser};
use crate::org_state::{AccountFacts, ContactFacts};

/// What is kept from row to row: buffers and what was looked up before, never a decision.
#[derive(Debug, Default)]
pub(super) struct Memo<'a> {
    scratch: Scratch,
    profiles: ProfileMemo<'a>,
}

impl Memo<'_> {
    /// Takes over what the next row's cells make, and leaves buffers in its place.
    pub(super) fn prepare(&mut self, draft: &mut Draft) {
        std::mem::swap(&mut self.scratch.draft, draft);
    }
}

/// Checks one row and appends what became of it.
pub(super) fn check<'a>(sight: &Sight<'a>, memo: &mut Memo<'a>, checked: &mut CheckedWindow) {
    let mut findings = Findings::default();
    if let Some(fault) = sight.row.fault() {
        note_unreadable(fault, sight, &mut findings);
        return reject(sight, findings, checked);
    }
    if note_unmended(sight, &mut findings) {
        return reject(sight, findings, checked);
    }
    let person = person::find(sight, &mut findings);
    let grant = licence::grant(sight, &mut memo.profiles, &mut findings);
    person::check_user(&person, grant.map(|grant| grant.profile.id), &mut findings);
    if let Some(account) = &person.account {
        account::check(account, grant.map(|grant| grant.kind), sight, &mut findings);
    }
    let sets = licence::permission_sets(sight, &mut findings);
    if let Some(grant) = grant {
        licence::check_membership(grant, &sets, sight, &mut findings);
    }
    check_end_date(sight, &mut findings);

    let start = checked.changes.len();
    let known = Known { person, grant };
    let written = fields::write(
        sight,
        &known,
        &mut memo.scratch,
        &mut findings,
        &mut checked.changes,
    );
    match (&known.person.contact, &known.person.account, grant) {
        (Some(contact), Some(account), Some(grant)) if findings.is_clean() => {
            let user = new_user(
                sight,
                Parts {
                    contact,
                    account,
                    grant,
                },
                &written,
                start,
                checked,
            );
            accept(user, &sets, &findings, checked);
        }
        _ => {
            checked.changes.truncate(start);
            reject(sight, findings, checked);
        }
    }
}

/// What an accepted row is made of.
struct Parts<'a> {
    contact: &'a ContactFacts<'a>,
    account: &'a AccountFacts<'a>,
    grant: Grant<'a>,
}

fn new_user(
    sight: &Sight<'_>,
    Parts {
        contact,
        account,
        grant,
    }: Parts<'_>,
    written: &Written,
    start: usize,
    checked: &CheckedWindow,
) -> NewUser {
    NewUser {
        row: sight.row.ordinal(),
        line: sight.row.line(),
        contact: contact.id,
        contact_slot: contact.slot,
        account_slot: account.slot,
        profile: grant.profile.id,
        license: grant.profile.license,
        kind: grant.kind,
        roles: sight.org.roles(account.slot, grant.kind),
        takes_seat: written.takes_seat,
        username: written.username,
        nickname: written.nickname,
        nickname_derived: written.nickname_derived,
        federation_id: written.federation_id,
        change: super::offset(start)..super::offset(checked.changes.len()),
    }
}

fn accept(
    user: NewUser,
    sets: &[PermissionSetId],
    findings: &Findings,
    checked: &mut CheckedWindow,
) {
    let (row, line) = (user.row, user.line);
    checked
        .permission_sets
        .extend(sets.iter().map(|set| (row, *set)));
    let warnings = findings.warnings();
    let warnings = warnings.map(|code| RowWarning { row, line, code });
    checked.warnings.extend(warnings);
    checked.rows.push(CheckedRow::Accepted(user));
}

fn reject(sight: &Sight<'_>, findings: Findings, checked: &mut CheckedWindow) {
    let rejected = findings.into_rejected(sight.row.ordinal());
    checked.rows.push(CheckedRow::Rejected(rejected));
}

/// No cell of such a row can be trusted, so nothing else is said of it.
fn note_unreadable(fault: RecordFault, sight: &Sight<'_>, findings: &mut Findings) {
    match fault {
        RecordFault::Width { found } => {
            let wanted = sight.program.headers.len();
            let reason = format!("the record has {found} cells, the header has {wanted} columns");
            findings.fault(Code::RowWidth, reason);
        }
        RecordFault::Encoding { offset } => {
            let what = match sight.row.raw().get(offset as usize) {
                Some(0) => "a NUL character",
                _ => "not text in the encoding of the file",
            };
            // People count from 1.
            let place = u64::from(offset) + 1;
            let reason = format!("byte {place} of the record is {what}");
            findings.fault(Code::RowEncoding, reason);
        }
    }
}

/// A row of failure.csv whose record could not be read holds cells that were padded, cut or
/// replaced. It looks whole, and must not become a user before somebody mended it.
fn note_unmended(sight: &Sight<'_>, findings: &mut Findings) -> bool {
    let keys = &sight.program.columns;
    let holds = |column: Option<usize>, fits: fn(&str) -> bool| {
        column.is_some_and(|column| fits(&sight.value(column)))
    };
    if !holds(keys.earlier_raw, |raw| !raw.trim_ascii().is_empty()) {
        return false;
    }
    let code = if holds(keys.earlier_code, |codes| {
        codes.contains(Code::RowEncoding.as_str())
    }) {
        Code::RowEncoding
    } else {
        Code::RowWidth
    };
    findings.fault_with_fix(
        code,
        "an earlier run could not read the record; its cells were padded, cut or replaced".into(),
        "Write the cells again from `admit__Raw`, then empty that cell".into(),
    );
    true
}

/// Kept for later, so it must be a date today.
fn check_end_date(sight: &Sight<'_>, findings: &mut Findings) {
    let column = sight.program.columns.end_date;
    if let Cell::Text(typed) = sight.cell(column, findings)
        && !calendar::is_date(&typed)
    {
        let reason = format!(
            "EndDate {} is not a date of the form yyyy-MM-dd",
            shown(&typed)
        );
        findings.fault(Code::DateInvalid, reason);
    }
}
