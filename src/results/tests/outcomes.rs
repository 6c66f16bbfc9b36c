//! The last word on each row, and the counts that go with it.

use std::path::Path;

use crate::model::id::RowOrdinal;
use crate::model::outcome::{RowEnd, RowOutcome, Stage};
use crate::model::rejection::{Code, Fault, Rejected, Retry};

use super::{job_id, refused, set_id, settle_job, settled, silent, user_id};
use crate::results::Outcomes;
use crate::results::faults::fault_of;

fn fault(code: Code) -> (Code, Fault) {
    let fault = Fault {
        code: code.to_string(),
        reason: format!("{code} it is"),
        fix: "mend it".into(),
        retry: Retry::AfterFix,
    };
    (code, fault)
}

fn rejected(row: u32, codes: &[Code]) -> Rejected {
    let faults = codes.iter().map(|code| fault(*code)).collect();
    Rejected {
        row: RowOrdinal(row),
        faults,
        behind: Vec::new(),
    }
}

fn end_if_known(outcomes: &mut Outcomes, row: u32) -> Option<RowEnd> {
    outcomes
        .end_of(RowOrdinal(row), |_| format!("u{row}@x.org"))
        .unwrap()
}

fn end_of(outcomes: &mut Outcomes, row: u32) -> RowEnd {
    end_if_known(outcomes, row).unwrap()
}

fn reasons(end: RowEnd) -> (Stage, Vec<String>) {
    let RowEnd::Failure { stage, faults } = end else {
        panic!("{end:?} is no failure")
    };
    (
        stage,
        faults.into_iter().map(|fault| fault.reason).collect(),
    )
}

#[test]
fn a_row_without_a_result_says_what_was_asked_and_what_to_do() {
    let (_, fault) = fault_of(silent(1), &RowOutcome::Unaccounted);
    assert!(fault.reason.contains("asked by ContactId"), "{fault:?}");
    for words in ["Look in the org", "ContactId", "`admit run` again", "safe"] {
        assert!(fault.fix.contains(words), "{words}: {fault:?}");
    }
    assert_eq!(fault.retry, Retry::Now);
}

/// One row of each end, the first of them only in a second round.
fn two_rounds(folder: &Path) -> Outcomes {
    let mut outcomes = Outcomes::create(folder).unwrap();
    outcomes
        .reject(&rejected(
            1,
            &[Code::NoSeat, Code::FieldTooLong, Code::NoSeat],
        ))
        .unwrap();
    let first = [
        settled(6, RowOutcome::Created(user_id(6))),
        settled(0, refused("UNABLE_TO_LOCK_ROW:locked:--")),
        settled(3, refused("DUPLICATE_USERNAME:taken:Username --")),
        settled(4, RowOutcome::Unprocessed),
        settled(5, RowOutcome::Unaccounted),
    ];
    settle_job(&mut outcomes, 1, &first);
    assert_eq!(outcomes.by_code()["UNABLE_TO_LOCK_ROW"], 1);
    let created = settled(0, RowOutcome::Created(user_id(0)));
    settle_job(
        &mut outcomes,
        2,
        &[created, settled(6, RowOutcome::Unaccounted)],
    );
    outcomes
}

#[test]
fn each_row_ends_as_last_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = two_rounds(folder.path());
    let created = |row: u32, job| RowEnd::Success {
        user: user_id(row),
        username: format!("u{row}@x.org"),
        job: job_id(job).to_string(),
    };
    assert_eq!(end_of(&mut outcomes, 0), created(0, 2));
    assert_eq!(
        end_of(&mut outcomes, 6),
        created(6, 1),
        "a user once made stays made"
    );
    assert_eq!(end_if_known(&mut outcomes, 2), None);
    assert_eq!(end_if_known(&mut outcomes, 99), None);
    let told = ["no-seat it is", "field-too-long it is", "no-seat it is"].map(str::to_owned);
    assert_eq!(
        reasons(end_of(&mut outcomes, 1)),
        (Stage::Rejected, told.to_vec())
    );
    let (stage, untried) = reasons(end_of(&mut outcomes, 4));
    assert_eq!(stage, Stage::Unprocessed);
    assert!(untried[0].contains(&job_id(1).to_string()));
    assert_eq!(reasons(end_of(&mut outcomes, 5)).0, Stage::Unaccounted);
    assert_eq!(outcomes.failed_at(RowOrdinal(3)), Some(Stage::Failed));
    assert_eq!(outcomes.failed_at(RowOrdinal(6)), None);
    assert_eq!(outcomes.user_of(RowOrdinal(0)), Some(user_id(0)));
    assert_eq!(outcomes.user_of(RowOrdinal(3)), None);
}

#[test]
fn counts_follow_the_last_word_on_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = two_rounds(folder.path());
    let expected = [
        ("created", 2),
        ("failed", 1),
        ("rejected", 1),
        ("unaccounted", 1),
        ("unprocessed", 1),
        ("would-send", 2),
    ];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(outcomes.counts(8), expected.into());
    let expected = [
        ("DUPLICATE_USERNAME", 1),
        ("field-too-long", 1),
        ("no-seat", 1),
        ("unaccounted", 1),
        ("unprocessed", 1),
    ];
    assert_eq!(
        *outcomes.by_code(),
        expected.map(|(code, n)| (code.to_owned(), n)).into()
    );
}

#[test]
fn a_user_who_lacks_a_permission_set_is_a_failure_that_names_it_until_it_is_assigned() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    settle_job(
        &mut outcomes,
        1,
        &[settled(0, RowOutcome::Created(user_id(0)))],
    );
    let pair = |set| super::pair(0, set);
    let locked = || settled(0, refused("UNABLE_TO_LOCK_ROW:locked:--"));
    outcomes
        .settle_permission_sets(silent(2), &[pair(7), pair(8)], &[locked(), locked()])
        .unwrap();
    let (stage, told) = reasons(end_of(&mut outcomes, 0));
    assert_eq!((stage, told.len()), (Stage::Failed, 2));
    assert!(told[0].contains(&user_id(0).to_string()) && told[0].contains(&set_id(7).to_string()));
    assert_eq!(outcomes.by_code()["UNABLE_TO_LOCK_ROW"], 1);
    assert_eq!(
        outcomes.user_of(RowOrdinal(0)),
        Some(user_id(0)),
        "the user exists all the same"
    );
    assert_eq!(outcomes.counts(1)["failed"], 1);
    let RowEnd::Failure { faults, .. } = end_of(&mut outcomes, 0) else {
        panic!("a failure")
    };
    assert!(faults.iter().all(|fault| fault.retry == Retry::Never));

    let assigned = || settled(0, RowOutcome::Created(user_id(0)));
    outcomes
        .settle_permission_sets(silent(3), &[pair(7)], &[assigned()])
        .unwrap();
    assert_eq!(reasons(end_of(&mut outcomes, 0)).1.len(), 1);
    outcomes
        .settle_permission_sets(silent(3), &[pair(8)], &[assigned()])
        .unwrap();
    let RowEnd::Success { job, .. } = end_of(&mut outcomes, 0) else {
        panic!("a success")
    };
    assert_eq!(job, job_id(1).to_string(), "the job that made the user");
    assert!(outcomes.by_code().is_empty());
}

#[test]
fn faults_of_any_length_come_back_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    let long = |row: u32| {
        let mut rejected = rejected(row, &[Code::ValueInvalid]);
        rejected.faults[0].1.reason = format!("{row}{}", "é\"\n".repeat(row as usize * 7));
        rejected
    };
    for row in 0..300 {
        outcomes.reject(&long(row)).unwrap();
    }
    for row in (0..300).rev().chain([5, 290, 6]) {
        let expected = long(row).faults[0].1.reason.clone();
        assert_eq!(reasons(end_of(&mut outcomes, row)).1, [expected]);
    }
}
