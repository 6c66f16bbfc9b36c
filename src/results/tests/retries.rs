//! Which rows go again, how often, and with what renewed.

use crate::model::change::Renewal;
use crate::model::id::RowOrdinal;
use crate::model::outcome::{RowEnd, RowOutcome, Stage};
use crate::model::rejection::Fault;
use crate::model::settings::UsernameConflict;

use super::{pair, refused, sent, set_id, settle_job, settled, silent, user_id};
use crate::results::{Outcomes, RetryPolicy, SentRow, SettleReport, never_sent};

const SUFFIX: RetryPolicy = RetryPolicy {
    username_on_conflict: UsernameConflict::Suffix,
};
const ROW: RowOrdinal = RowOrdinal(0);

fn renewal(nickname: bool, username: Option<u8>) -> Renewal {
    Renewal { nickname, username }
}

fn last_fault(outcomes: &mut Outcomes, row: u32) -> (Stage, Fault) {
    match outcomes.end_of(RowOrdinal(row), |_| String::new()).unwrap() {
        Some(RowEnd::Failure { stage, mut faults }) => (stage, faults.remove(0)),
        end => panic!("{end:?} is no failure"),
    }
}

/// Settles row 0 with one outcome after another, as long as it wants to be sent.
fn sent_until_over(
    outcomes: &mut Outcomes,
    sent: &SentRow,
    outcome: &RowOutcome,
    policy: RetryPolicy,
) -> u32 {
    let mut times = 0;
    while outcomes.wants_sending(ROW) {
        times += 1;
        let rows = [settled(0, outcome.clone())];
        let report = outcomes.settle(silent(times), std::slice::from_ref(sent), &rows, policy);
        assert_eq!(
            report.unwrap().again,
            u64::from(outcomes.wants_sending(ROW)),
            "the report says what the row wants"
        );
        assert_eq!(
            outcomes.failed_at(ROW).is_some(),
            !outcomes.wants_sending(ROW)
        );
    }
    times
}

#[test]
fn a_row_is_sent_as_often_as_its_error_allows_and_five_times_at_most() {
    let cases = [
        (refused("UNABLE_TO_LOCK_ROW:locked:--"), 5),
        (refused("SERVER_UNAVAILABLE:busy:--"), 5),
        (
            refused("UNKNOWN_EXCEPTION:An unexpected error ErrorId 1:--"),
            3,
        ),
        (RowOutcome::Unprocessed, 5),
        (RowOutcome::Unaccounted, 5),
        (refused("REQUEST_LIMIT_EXCEEDED:later:--"), 1),
        (
            refused("LICENSE_LIMIT_EXCEEDED:License Limit Exceeded - X:--"),
            1,
        ),
        (
            refused("PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT:there:--"),
            1,
        ),
        (refused("DUPLICATE_USERNAME:taken:Username --"), 1),
        (
            refused("DUPLICATE_COMM_NICKNAME:taken:CommunityNickname --"),
            1,
        ),
        (refused("SOMETHING_NEW:who knows:--"), 1),
    ];
    for (outcome, times) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut outcomes = Outcomes::create(folder.path()).unwrap();
        assert_eq!(outcomes.tries(ROW), 0);
        let policy = super::REPORT;
        let sent = sent_until_over(&mut outcomes, &sent(0), &outcome, policy);
        assert_eq!(sent, times, "{outcome:?}");
        assert_eq!(u32::from(outcomes.tries(ROW)), times);
        assert_eq!(outcomes.renewal_of(ROW), None);
    }
}

#[test]
fn a_row_that_goes_again_and_succeeds_is_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    settle_job(&mut outcomes, 1, &[settled(0, RowOutcome::Unprocessed)]);
    assert_eq!(outcomes.failed_at(ROW), None, "it is not over");
    settle_job(
        &mut outcomes,
        2,
        &[settled(0, RowOutcome::Created(user_id(0)))],
    );
    assert!(!outcomes.wants_sending(ROW));
    assert!(outcomes.by_code().is_empty());
    assert_eq!(outcomes.counts(1)["created"], 1);
}

#[test]
fn a_derived_nickname_is_renewed_once_and_a_given_one_never() {
    let clash = refused("DUPLICATE_COMM_NICKNAME:taken:CommunityNickname --");
    for (nickname_derived, times) in [(true, 2), (false, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let mut outcomes = Outcomes::create(folder.path()).unwrap();
        let sent = SentRow {
            nickname_derived,
            ..sent(0)
        };
        assert_eq!(sent_until_over(&mut outcomes, &sent, &clash, SUFFIX), times);
        let renewed = nickname_derived.then_some(renewal(true, None));
        assert_eq!(outcomes.renewal_of(ROW), renewed);
        assert_eq!(
            last_fault(&mut outcomes, 0).1.code,
            "DUPLICATE_COMM_NICKNAME"
        );
    }
}

#[test]
fn a_taken_username_is_numbered_where_that_is_wanted_and_proposed_where_not() {
    let taken = refused("DUPLICATE_USERNAME:taken:Username --");
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    assert_eq!(
        sent_until_over(&mut outcomes, &sent(0), &taken, super::REPORT),
        1
    );
    let fix = last_fault(&mut outcomes, 0).1.fix;
    assert!(fix.contains("u0.2@x.org"), "{fix}");

    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    let rows = [settled(0, taken.clone())];
    for number in 2..=5 {
        outcomes
            .settle(silent(1), &[sent(0)], &rows, SUFFIX)
            .unwrap();
        assert_eq!(outcomes.renewal_of(ROW), Some(renewal(false, Some(number))));
        assert!(outcomes.wants_sending(ROW));
    }
    outcomes
        .settle(silent(1), &[sent(0)], &rows, SUFFIX)
        .unwrap();
    assert!(!outcomes.wants_sending(ROW), "the fifth time was the last");
}

#[test]
fn a_nickname_and_a_username_may_both_be_renewed_and_stay_so_with_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    let sent = [SentRow {
        nickname_derived: true,
        ..sent(0)
    }];
    let clashes = ["DUPLICATE_COMM_NICKNAME:x:--", "DUPLICATE_USERNAME:x:--"];
    for clash in clashes {
        let rows = [settled(0, refused(clash))];
        outcomes.settle(silent(1), &sent, &rows, SUFFIX).unwrap();
    }
    let created = [settled(0, RowOutcome::Created(user_id(0)))];
    outcomes.settle(silent(2), &sent, &created, SUFFIX).unwrap();
    let mut told = None;
    let end = outcomes.end_of(ROW, |renewal| {
        told = renewal;
        "u0.2@x.org".into()
    });
    assert!(matches!(end.unwrap(), Some(RowEnd::Success { .. })));
    assert_eq!(told, Some(renewal(true, Some(2))));
}

#[test]
fn giving_up_ends_what_wanted_to_go_again_with_its_last_fault() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    let locked = settled(0, refused("UNABLE_TO_LOCK_ROW:locked:--"));
    let created = settled(1, RowOutcome::Created(user_id(1)));
    settle_job(&mut outcomes, 1, &[locked, created]);
    let row = settled(1, refused("UNABLE_TO_LOCK_ROW:locked:--"));
    outcomes
        .settle_permission_sets(silent(2), &[pair(1, 7)], &[row])
        .unwrap();
    assert_eq!(
        outcomes.give_up(3, &never_sent("It was aborted")).unwrap(),
        1
    );
    assert!((0..3).all(|row| !outcomes.wants_sending(RowOrdinal(row))));
    assert!(!outcomes.wants_assignment(RowOrdinal(1), set_id(7)));
    assert_eq!(last_fault(&mut outcomes, 0).1.code, "UNABLE_TO_LOCK_ROW");
    assert_eq!(last_fault(&mut outcomes, 2).0, Stage::Unprocessed);
    assert_eq!(outcomes.failed_at(ROW), Some(Stage::Failed));
}

#[test]
fn a_job_reports_what_it_came_to_and_what_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    let rows = [
        settled(0, RowOutcome::Created(user_id(0))),
        settled(1, refused("UNABLE_TO_LOCK_ROW:x:--")),
        settled(2, refused("PORTAL_NO_ACCESS:off:--")),
        settled(3, refused("INVALID_FIELD:x:AccountId --")),
        settled(4, RowOutcome::Unprocessed),
        settled(5, RowOutcome::Unaccounted),
        settled(
            6,
            refused("UNKNOWN_EXCEPTION:group membership operation already in progress:--"),
        ),
    ];
    let report = settle_job(&mut outcomes, 1, &rows);
    let code = |text: &str| Some(text.to_owned());
    let expected = SettleReport {
        created: 1,
        failed: 4,
        unprocessed: 1,
        unaccounted: 1,
        locked: 2,
        again: 4,
        stops_run: report.stops_run.clone(),
        last_words: vec![None, code("PORTAL_NO_ACCESS"), code("INVALID_FIELD")],
    };
    assert_eq!(report, expected);
    let first = report.stops_run.map(|fault| fault.code);
    assert_eq!(first, code("PORTAL_NO_ACCESS"), "the first that stops it");
}

#[test]
fn an_assignment_goes_again_until_it_is_made_or_was_tried_five_times() {
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Outcomes::create(folder.path()).unwrap();
    assert!(
        !outcomes.wants_assignment(ROW, set_id(7)),
        "no user, no assignment"
    );
    settle_job(
        &mut outcomes,
        1,
        &[settled(0, RowOutcome::Created(user_id(0)))],
    );
    let mut assign = |set: u32, outcome: RowOutcome| {
        let rows = [settled(0, outcome)];
        let report = outcomes.settle_permission_sets(silent(2), &[pair(0, set)], &rows);
        let wants = outcomes.wants_assignment(ROW, set_id(set));
        assert_eq!(report.unwrap().again, u64::from(wants));
        wants
    };
    let locked = || refused("UNABLE_TO_LOCK_ROW:locked:--");
    let duplicate = || refused("DUPLICATE_VALUE:there:--");
    let times = (1..9).find(|_| !assign(7, locked()));
    assert_eq!(times, Some(5));
    assert!(!assign(8, RowOutcome::Created(user_id(0))));
    assert!(!assign(9, duplicate()), "the first try: not ours");
    assert!(assign(10, RowOutcome::Unaccounted));
    assert!(!assign(10, duplicate()), "an earlier try made it");
    assert!(assign(11, RowOutcome::Unprocessed));
    let end = outcomes.end_of(ROW, |_| String::new()).unwrap();
    let Some(RowEnd::Failure { faults, .. }) = end else {
        panic!("it lacks some")
    };
    let lacks = |set| {
        let id = set_id(set).to_string();
        faults.iter().any(|fault| fault.reason.contains(&id))
    };
    assert_eq!(
        [7, 8, 9, 10, 11].map(lacks),
        [true, false, true, false, true]
    );
    assert!(outcomes.wants_assignment(ROW, set_id(12)), "never tried");
}
