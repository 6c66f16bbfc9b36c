//! Rows the results leave open: which the org is asked about, and what its answer makes of them.

use std::path::PathBuf;

use crate::model::change::AskedKey;
use crate::model::outcome::RowOutcome;

use super::{contact_id, pair, refused, sent, set_id, settled, user_id};
use crate::results::{ResultsError, Settlement, adopt, settle_without_results, to_ask};

fn settlement(outcomes: impl IntoIterator<Item = RowOutcome>) -> Settlement {
    let rows = (0..).zip(outcomes);
    Settlement {
        rows: rows.map(|(row, outcome)| settled(row, outcome)).collect(),
        ..Settlement::default()
    }
}

fn open_ends() -> Vec<RowOutcome> {
    vec![
        RowOutcome::Created(user_id(0)),
        RowOutcome::Unprocessed,
        RowOutcome::Unaccounted,
        refused("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:there:--"),
        refused("DUPLICATE_USERNAME:taken:Username --"),
        refused("DUPLICATE_COMM_NICKNAME:taken:CommunityNickname --"),
        refused("FIELD_INTEGRITY_EXCEPTION:in use:FederationIdentifier --"),
        refused("FIELD_INTEGRITY_EXCEPTION:This Federation ID is already in use.:--"),
        refused("FIELD_INTEGRITY_EXCEPTION:Username must be in the form:Username --"),
        refused("UNABLE_TO_LOCK_ROW:locked:--"),
    ]
}

#[test]
fn the_org_is_asked_about_rows_without_a_result_and_rows_an_earlier_try_may_have_made() {
    let asked = |whole: bool, earlier: bool| {
        let rows: Vec<_> = (0..10).map(sent).collect();
        to_ask(&rows, &settlement(open_ends()), whole, &|_| earlier)
    };
    let users = |rows: &[u32]| -> Vec<_> {
        let keys = rows.iter().map(|row| AskedKey::User(contact_id(*row)));
        keys.collect()
    };
    assert_eq!(
        asked(true, false),
        users(&[1, 2]),
        "a first refusal is the org's own word"
    );
    let not_made = users(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(asked(true, true), not_made);
    assert_eq!(
        asked(false, false),
        not_made,
        "a success may be missing from results that do not add up"
    );
    let lost = [sent(0), sent(1)];
    let keys = to_ask(&lost, &settle_without_results(&lost), false, &|_| false);
    assert_eq!(keys, users(&[0, 1]), "of a lost job, every row");
    let pairs = [pair(0, 5), pair(1, 6)];
    let ends = settlement([RowOutcome::Created(user_id(0)), RowOutcome::Unaccounted]);
    let keys = to_ask(&pairs, &ends, true, &|_| false);
    assert_eq!(keys, [AskedKey::Assignment(user_id(1), set_id(6))]);
}

fn answers(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn a_user_of_the_username_sent_is_ours_and_one_of_another_is_not() {
    let line = |row, username: &str| format!("{},{},{username}\n", user_id(row), contact_id(row));
    let text = format!(
        "Id,ContactId,Username\n{}{}{}{}{}",
        line(2, "U2@X.org"),
        line(3, "u3@x.org"),
        line(4, "someone@x.org"),
        line(1, "u1@x.org"),
        line(77, "u77@x.org"),
    );
    let (_folder, path) = answers(&text);
    let rows: Vec<_> = (0..10).map(sent).collect();
    let mut ends = settlement(open_ends());
    adopt(&mut ends, &rows, &path).unwrap();
    let expected = settlement(open_ends());
    assert_eq!(
        ends.rows[2].outcome,
        RowOutcome::Created(user_id(2)),
        "whatever its case"
    );
    for row in [1, 3] {
        let made = RowOutcome::Created(user_id(u32::try_from(row).unwrap()));
        assert_eq!(ends.rows[row].outcome, made);
    }
    let RowOutcome::Failed(error) = &ends.rows[4].outcome else {
        panic!("the contact has another user")
    };
    assert_eq!(error.code, "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT");
    assert!(error.message.contains(&user_id(4).to_string()) && error.message.contains("someone@"));
    for row in [0, 5, 6, 7, 8, 9] {
        assert_eq!(
            ends.rows[row], expected.rows[row],
            "nothing was found, nothing changes"
        );
    }
}

#[test]
fn an_assignment_that_is_there_was_made() {
    let text = format!(
        "AssigneeId,PermissionSetId,Id\n{},{},x\n",
        user_id(0),
        set_id(5)
    );
    let (_folder, path) = answers(&text);
    let rows = [pair(0, 5), pair(1, 5)];
    let mut ends = settle_without_results(&rows);
    adopt(&mut ends, &rows, &path).unwrap();
    assert_eq!(ends.rows[0].outcome, RowOutcome::Created(user_id(0)));
    assert_eq!(ends.rows[1].outcome, RowOutcome::Unaccounted);
}

#[test]
fn answers_without_records_change_nothing_and_unreadable_ones_are_errors() {
    let rows = [sent(0)];
    for text in ["", "Id,ContactId,Username\n"] {
        let (_folder, path) = answers(text);
        let mut ends = settle_without_results(&rows);
        adopt(&mut ends, &rows, &path).unwrap();
        assert_eq!(ends, settle_without_results(&rows));
    }
    let told = |text: &str| {
        let (_folder, path) = answers(text);
        adopt(&mut settle_without_results(&rows), &rows, &path).unwrap_err()
    };
    let missing = told("Id,Username\n005,u\n");
    assert!(matches!(
        missing,
        ResultsError::ColumnMissing {
            column: "ContactId",
            ..
        }
    ));
    let broken = told("Id,ContactId,Username\n005\n");
    assert!(matches!(broken, ResultsError::ResultBroken { .. }));
}
