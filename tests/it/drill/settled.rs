//! Rows whose results say too little, or something odd: what the org is asked, and what becomes of
//! them.

use std::sync::Arc;

use admit::journal::Entry;
use admit::model::settings::UsernameConflict;
use admit::sim::SimOrg;
use futures_util::future::BoxFuture;

use super::proof::{End, assert_over};
use super::stage::Stage;
use super::wire::Kind;
use crate::loader::Loader;

/// Contacts of high-volume users of the sample org: one job carries them all.
const CUSTOMERS: [(&str, &str); 10] = [
    ("0035g000010p1DF", "Acme Customer"),
    ("0035g000010p1EpAAI", "Acme Customer"),
    ("0035g000010p1FRAAY", "Acme Customer"),
    ("0035g000010p1IbAAI", "Acme Customer"),
    ("0035g000010p1LJAAY", "Acme Customer"),
    ("0035g000010p1LRAAY", "Acme Customer"),
    ("0035g000010p1LjAAI", "Acme Customer"),
    ("0035g000010p1NJAAY", "Acme Customer"),
    ("0035g000010p1PJAAY", "Acme Customer"),
    ("0035g000010p1PjAAI", "Acme Customer"),
];
/// A partner: their usernames are unique across orgs.
const PARTNER: [(&str, &str); 1] = [("0035g000010p2vgAAA", "Acme Partner")];

/// How the rows of a drill end that needs nobody.
fn settled(stage: &Stage) -> Vec<End> {
    if let Err(error) = stage.run() {
        panic!("the run stopped: {error}");
    }
    let _now = stage.at_its_time();
    assert_over(stage)
}

fn created(ends: &[End]) -> usize {
    ends.iter()
        .filter(|end| matches!(end, End::Success { .. }))
        .count()
}

/// What failure.csv says of the only row.
fn the_failure(ends: &[End]) -> (&str, &str, &str, &str) {
    match ends {
        [
            End::Failure {
                stage,
                code,
                reason,
                fix,
            },
        ] => (stage, code, reason, fix),
        other => panic!("not one failure: {other:?}"),
    }
}

/// Counts of the entries of each settled job: created, failed, unprocessed, unaccounted; and was
/// the org asked about its rows?
fn jobs(stage: &Stage) -> Vec<([u64; 4], bool)> {
    let mut asked = false;
    let mut jobs = Vec::new();
    for entry in stage.journal() {
        match entry {
            Entry::OrgAsked { .. } => asked = true,
            Entry::RowsSettled {
                created,
                failed,
                unprocessed,
                unaccounted,
                ..
            } => {
                jobs.push(([created, failed, unprocessed, unaccounted], asked));
                asked = false;
            }
            _ => {}
        }
    }
    jobs
}

#[test]
fn a_job_that_vanished_after_half_its_rows_is_asked_for_and_the_rest_goes_again() {
    let gone = "[[job]]\nnth = 1\ndo = { vanish = { rows = 4 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, gone);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([4, 0, 0, 6], true), ([6, 0, 0, 0], false)]);
    assert_eq!(stage.warnings("job-lost").len(), 1);
}

#[test]
fn a_job_that_failed_after_half_its_rows_is_read_and_the_rest_goes_again() {
    let failed = "[[job]]\nnth = 1\ndo = { fail = { rows = 4 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, failed);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([4, 0, 6, 0], true), ([6, 0, 0, 0], false)]);
}

#[test]
fn rows_without_a_result_are_asked_for_and_not_sent_again() {
    let missing = "[[job]]\nnth = 1\ndo = { lose-rows = { rows = 3 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, missing);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([10, 0, 0, 0], true)]);
    assert_eq!(stage.wire.count(Kind::Create), 1);
}

#[test]
fn rows_that_stand_twice_are_settled_once() {
    let twice = "[[job]]\nnth = 1\ndo = { repeat-rows = { rows = 3 } }\n\
                 [[job]]\nnth = 1\ndo = { fail-rows-too = { rows = 2 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, twice);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([10, 0, 0, 0], false)]);
    assert_eq!(stage.wire.count(Kind::Create), 1);
}

#[test]
fn rows_a_completed_job_calls_untried_are_asked_for_and_not_sent_again() {
    let untried = "[[job]]\nnth = 1\ndo = { unprocess-rows = { rows = 2 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, untried);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([10, 0, 0, 0], true)]);
    assert_eq!(stage.wire.count(Kind::Create), 1);
}

#[test]
fn rows_a_failed_job_calls_untried_are_asked_for_before_they_go_again() {
    let untried = "[[job]]\nnth = 1\ndo = { fail = { rows = 4 } }\n\
                   [[job]]\nnth = 1\ndo = { unprocess-rows = { rows = 2 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, untried);
    assert_eq!(created(&settled(&stage)), 10);
    assert_eq!(jobs(&stage), [([4, 0, 6, 0], true), ([6, 0, 0, 0], false)]);
}

#[test]
fn unaccounted_is_the_last_word_only_after_the_org_was_asked_each_time() {
    // Every job is gone after its first row.
    let always = "[[job]]\ndo = { vanish = { rows = 1 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS, always);
    let ends = settled(&stage);
    assert_eq!(created(&ends), 5, "one in each of five tries");
    let left = ends.iter().filter(|end| match end {
        End::Failure { stage, .. } => stage == "unaccounted",
        End::Success { .. } => false,
    });
    assert_eq!(left.count(), 5);
    let jobs = jobs(&stage);
    assert_eq!(jobs.len(), 5);
    assert!(jobs.iter().all(|(_, asked)| *asked), "{jobs:?}");
}

#[test]
fn a_row_that_meets_a_lock_every_time_is_sent_five_times() {
    let locked = "[[job]]\ndo = { lock-rows = { rows = 1.0 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS[..1], locked);
    let ends = settled(&stage);
    let (at, code, ..) = the_failure(&ends);
    assert_eq!((at, code), ("failed", "UNABLE_TO_LOCK_ROW"));
    assert_eq!(stage.wire.count(Kind::Create), 5);
}

#[test]
fn a_job_that_never_gets_to_a_row_is_sent_five_times_and_says_why_the_org_gave_up() {
    let failed = "[[job]]\ndo = { fail = { rows = 1, message = \"TooManyLockFailure : 200\" } }\n";
    let stage = Stage::with_rows(&CUSTOMERS[..7], failed);
    let ends = settled(&stage);
    assert_eq!(created(&ends), 5);
    let untried = ends.iter().filter(|end| match end {
        End::Failure { stage, reason, .. } => {
            let says_why = "tried this row: TooManyLockFailure : 200.";
            stage == "unprocessed" && reason.ends_with(says_why)
        }
        End::Success { .. } => false,
    });
    assert_eq!(untried.count(), 2, "{ends:?}");
    assert_eq!(stage.wire.count(Kind::Create), 5);
}

/// Another integration gives the only contact a user of another name.
fn somebody_else(org: Arc<SimOrg>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let csv = "ContactId,ProfileId,Username,Email,LastName,Alias,CommunityNickname,\
                   TimeZoneSidKey,LocaleSidKey,LanguageLocaleKey,EmailEncodingKey,\
                   CurrencyIsoCode,Region__c\n\
                   0035g000010p1EpAAI,00e5g000010r88DAAQ,other@else.example.org,\
                   other@else.example.org,Else,else,else77,Europe/Berlin,de_DE,en_US,UTF-8,EUR,\
                   DACH\n";
        let loaded = Loader::beside(org).insert("User", csv.as_bytes()).await;
        assert_eq!(loaded.successful.rows.len(), 1, "{:?}", loaded.failed.rows);
    })
}

#[test]
fn a_user_that_somebody_else_made_between_two_tries_stays_a_failure_that_names_it() {
    let once = "[[job]]\nnth = 1\ndo = { lock-rows = { rows = 1 } }\n";
    let stage = Stage::with_rows(&CUSTOMERS[1..2], once);
    stage
        .wire
        .meanwhile(Kind::Close, 2, Box::new(somebody_else));
    stage.run().unwrap();
    let _now = stage.at_its_time();
    assert_eq!(stage.org.contacts_with_two_users(), Vec::<String>::new());
    let theirs = stage.org.users_created();
    let ends = super::proof::ends(&stage.world, &stage.contacts, super::stage::OUT);
    let (at, code, reason, _) = the_failure(&ends);
    assert_eq!(
        (at, code),
        ("failed", "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT")
    );
    assert_eq!(theirs.len(), 1);
    assert!(reason.contains(&theirs[0]), "{reason}");
    assert!(reason.contains("other@else.example.org"), "{reason}");
}

#[test]
fn a_user_that_somebody_else_made_before_the_first_try_is_not_taken_for_ours() {
    let stage = Stage::with_rows(&CUSTOMERS[1..2], "");
    stage
        .wire
        .meanwhile(Kind::Close, 1, Box::new(somebody_else));
    stage.run().unwrap();
    let ends = super::proof::ends(&stage.world, &stage.contacts, super::stage::OUT);
    let (at, code, ..) = the_failure(&ends);
    assert_eq!(
        (at, code),
        ("failed", "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT")
    );
    assert_eq!(stage.wire.count(Kind::Create), 1, "not sent again");
}

/// What a field of the only user holds where nothing is taken.
fn where_nothing_is_taken(row: &[(&str, &str)], field: &str) -> String {
    let stage = Stage::with_rows(row, "");
    let ends = settled(&stage);
    field_of_the_user(&stage, &ends, field)
}

fn field_of_the_user(stage: &Stage, ends: &[End], field: &str) -> String {
    let [End::Success { user, .. }] = ends else {
        panic!("not one success: {ends:?}");
    };
    let _now = stage.at_its_time();
    stage.org.field("User", user, field)
}

fn taken(usernames: &[&str]) -> String {
    format!("[users]\nusernames-taken = {usernames:?}\n")
}

#[test]
fn a_username_of_another_org_is_renewed_where_that_was_asked_for() {
    let usual = where_nothing_is_taken(&PARTNER, "Username");
    let [second, third] = [".2@", ".3@"].map(|at| usual.replacen('@', at, 1));
    for (names, free) in [
        (vec![usual.as_str()], &second),
        (vec![usual.as_str(), &second], &third),
    ] {
        let mut stage = Stage::with_rows(&PARTNER, &taken(&names));
        stage.settings.program.username_on_conflict = UsernameConflict::Suffix;
        let ends = settled(&stage);
        assert_eq!(field_of_the_user(&stage, &ends, "Username"), *free);
        assert!(matches!(&ends[0], End::Success { username, .. } if username == free));
    }
}

#[test]
fn a_username_of_another_org_is_reported_with_another_to_choose() {
    let usual = where_nothing_is_taken(&PARTNER, "Username");
    let stage = Stage::with_rows(&PARTNER, &taken(&[&usual]));
    let ends = settled(&stage);
    let (at, code, _, fix) = the_failure(&ends);
    assert_eq!((at, code), ("failed", "DUPLICATE_USERNAME"));
    assert!(fix.contains(&usual.replacen('@', ".2@", 1)), "{fix}");
    assert_eq!(stage.wire.count(Kind::Create), 1, "not sent again");
}

#[test]
fn a_username_that_is_taken_whatever_its_number_ends_after_five_tries() {
    let mut stage = Stage::with_rows(&PARTNER, "[users]\nusernames-taken = 1.0\n");
    stage.settings.program.username_on_conflict = UsernameConflict::Suffix;
    let ends = settled(&stage);
    assert_eq!(the_failure(&ends).1, "DUPLICATE_USERNAME");
    assert_eq!(stage.wire.count(Kind::Create), 5);
}

#[test]
fn a_nickname_of_ours_that_clashes_is_renewed() {
    let nickname = where_nothing_is_taken(&CUSTOMERS[1..2], "CommunityNickname");
    let clash = format!("[users]\nnicknames-taken = [{nickname:?}]\n");
    let stage = Stage::with_rows(&CUSTOMERS[1..2], &clash);
    let ends = settled(&stage);
    let renewed = field_of_the_user(&stage, &ends, "CommunityNickname");
    assert!(!renewed.is_empty() && renewed != nickname, "{renewed}");
    assert_eq!(stage.wire.count(Kind::Create), 2);
}

#[test]
fn a_nickname_is_renewed_once_only() {
    let stage = Stage::with_rows(&CUSTOMERS[1..2], "[users]\nnicknames-taken = 1.0\n");
    let ends = settled(&stage);
    assert_eq!(the_failure(&ends).1, "DUPLICATE_COMM_NICKNAME");
    assert_eq!(stage.wire.count(Kind::Create), 2);
}

#[test]
fn names_taken_all_over_cost_only_the_rows_that_cannot_be_renewed() {
    for on_conflict in [UsernameConflict::Report, UsernameConflict::Suffix] {
        let mut stage = Stage::drill(200, "names-taken");
        stage.settings.program.username_on_conflict = on_conflict;
        let ends = settled(&stage);
        let taken = ends.iter().filter(|end| match end {
            End::Failure { code, .. } => code == "DUPLICATE_USERNAME",
            End::Success { .. } => false,
        });
        match on_conflict {
            UsernameConflict::Report => assert!(taken.count() > 5),
            UsernameConflict::Suffix => assert_eq!(taken.count(), 0),
        }
    }
}
