//! Tests of the room: results made up as the org writes them, and what they settle to.

mod asking;
mod classify;
mod outcomes;
mod retries;
mod settle;
mod stored;

use crate::model::id::{ContactId, JobId, PermissionSetId, RowOrdinal, UserId};
use crate::model::outcome::{RowError, RowOutcome, Settled};

use crate::model::settings::UsernameConflict;

use super::{EndedJob, Outcomes, RetryPolicy, SentKey, SentRow, SettleReport, parse_row_error};

fn contact_id(number: u32) -> ContactId {
    ContactId::parse(&format!("003A{number:011}")).unwrap()
}

fn user_id(number: u32) -> UserId {
    UserId::parse(&format!("005A{number:011}")).unwrap()
}

fn set_id(number: u32) -> PermissionSetId {
    PermissionSetId::parse(&format!("0PSA{number:011}")).unwrap()
}

fn job_id(number: u32) -> JobId {
    JobId::parse(&format!("750A{number:011}")).unwrap()
}

/// A job of which the org said nothing.
fn silent(number: u32) -> EndedJob<'static> {
    EndedJob {
        id: job_id(number),
        said: None,
    }
}

fn sent(row: u32) -> SentRow {
    SentRow {
        row: RowOrdinal(row),
        key: SentKey::Contact(contact_id(row)),
        username: format!("u{row}@x.org"),
        nickname_derived: false,
    }
}

fn pair(row: u32, set: u32) -> SentRow {
    SentRow {
        row: RowOrdinal(row),
        key: SentKey::Assignment(user_id(row), set_id(set)),
        username: String::new(),
        nickname_derived: false,
    }
}

const REPORT: RetryPolicy = RetryPolicy {
    username_on_conflict: UsernameConflict::Report,
};

/// Settles these rows as those of one job.
fn settle_job(outcomes: &mut Outcomes, job: u32, rows: &[Settled]) -> SettleReport {
    let sent: Vec<_> = rows.iter().map(|settled| sent(settled.row.0)).collect();
    outcomes.settle(silent(job), &sent, rows, REPORT).unwrap()
}

fn settled(row: u32, outcome: RowOutcome) -> Settled {
    Settled {
        row: RowOrdinal(row),
        outcome,
    }
}

fn refused(text: &str) -> RowOutcome {
    RowOutcome::Failed(parse_row_error(text))
}

#[test]
fn an_error_cell_is_taken_apart_into_code_message_and_fields() {
    let cases = [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            (
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [Name]",
                "Name",
            ),
        ),
        (
            "INVALID_FIELD:Failed to deserialize field at col 3. Due to, '2003-04-98' is not a \
             valid value for the type xsd:date:CloseDate --",
            (
                "INVALID_FIELD",
                "Failed to deserialize field at col 3. Due to, '2003-04-98' is not a valid value \
                 for the type xsd:date",
                "CloseDate",
            ),
        ),
        (
            "UNKNOWN_EXCEPTION:portal account owner must have a role:--",
            (
                "UNKNOWN_EXCEPTION",
                "portal account owner must have a role",
                "",
            ),
        ),
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Email, ProfileId]:Email, \
             ProfileId --",
            (
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [Email, ProfileId]",
                "Email, ProfileId",
            ),
        ),
        (
            "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to 1 records: 001A0000006Vm9r --",
            (
                "UNABLE_TO_LOCK_ROW",
                "unable to obtain exclusive access to 1 records: 001A0000006Vm9r",
                "",
            ),
        ),
        ("DUPLICATE_USERNAME", ("DUPLICATE_USERNAME", "", "")),
        ("it went wrong", ("UNREADABLE_ERROR", "it went wrong", "")),
        ("", ("UNREADABLE_ERROR", "", "")),
    ];
    for (text, (code, message, fields)) in cases {
        let expected = RowError {
            code: code.into(),
            message: message.into(),
            fields: fields.into(),
        };
        assert_eq!(parse_row_error(text), expected, "{text}");
    }
}
