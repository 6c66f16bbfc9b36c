//! Faults that a run survives by itself: nobody is asked, nothing is lost, nothing comes twice,
//! and somebody else's job is left alone.

use super::proof::assert_as_if_nothing_had_happened;
use super::stage::Stage;

/// Rows of the drills of the peers' table.
const MANY: usize = 1_000;
/// Rows of the others: waves A and C, permission sets, refused rows.
const SOME: usize = 200;

/// Runs with one fault, and is as if it had not been.
fn survives(rows: usize, file: &str) -> Stage {
    finishes(Stage::drill(rows, file), rows)
}

fn finishes(stage: Stage, rows: usize) -> Stage {
    let foreign = {
        let _now = stage.at_its_time();
        stage.org.foreign_job("User").unwrap()
    };
    if let Err(error) = stage.run() {
        panic!("the run stopped: {error}");
    }
    assert_as_if_nothing_had_happened(&stage, rows);
    let _now = stage.at_its_time();
    assert!(!stage.org.faults_played().is_empty(), "nothing went wrong");
    assert_eq!(stage.org.job_state(&foreign), Some("Open"));
    stage
}

macro_rules! survived {
    ($($name:ident: $rows:ident, $file:literal;)+) => {$(
        #[test]
        fn $name() {
            survives($rows, $file);
        }
    )+};
}

// The peers' table, but for the spent allowance, which ends a process by design.
survived! {
    a_503_on_create_costs_nothing_but_a_job: MANY, "503-on-create";
    a_503_on_put_costs_nothing_but_a_job: MANY, "503-on-put";
    a_503_on_close_is_looked_into: MANY, "503-on-close";
    a_503_on_the_first_poll_is_waited_out: MANY, "503-on-first-poll";
    a_connection_dropped_on_a_poll_is_waited_out: MANY, "dropped-on-poll";
    a_connection_dropped_on_put_costs_nothing_but_a_job: MANY, "dropped-on-put";
    a_401_on_a_poll_is_answered_with_another_token: MANY, "401-on-poll";
}

// Requests.
survived! {
    a_401_on_put_is_answered_with_another_token: SOME, "401-on-put";
    sessions_that_end_during_an_upload_are_renewed: SOME, "session-expired";
    a_close_that_is_turned_away_comes_back_in_time: SOME, "429-on-close";
    error_pages_of_a_web_server_at_every_step_are_survived: SOME, "503-html";
    a_connection_refused_on_create_is_tried_again: SOME, "create-refused";
    an_answer_lost_after_the_org_took_the_data_costs_nothing_but_a_job: SOME, "put-lost";
    an_answer_lost_after_the_org_closed_the_job_is_looked_into: SOME, "close-lost-after";
    a_close_lost_on_the_way_is_sent_once_more: SOME, "close-lost-before";
    a_close_lost_twice_in_two_ways_is_looked_into: SOME, "close-twice-lost";
    a_close_answered_after_a_quarter_of_an_hour_is_looked_into: SOME, "close-late";
}

// Result files.
survived! {
    a_success_file_that_breaks_off_is_fetched_again: SOME, "successful-truncated";
    a_success_file_that_ends_early_is_fetched_again: SOME, "successful-cut-short";
    a_success_file_with_other_bytes_in_it_is_fetched_again: SOME, "successful-garbled";
    a_failure_file_that_breaks_off_is_fetched_again: SOME, "failed-truncated";
    a_failure_file_that_ends_early_is_fetched_again: SOME, "failed-cut-short";
    an_unprocessed_file_that_breaks_off_is_fetched_again: SOME, "unprocessed-truncated";
    an_unprocessed_file_that_ends_early_is_fetched_again: SOME, "unprocessed-cut-short";
    a_row_in_no_result_file_is_asked_for: SOME, "rows-missing";
    a_row_that_stands_twice_among_the_successes_counts_once: SOME, "rows-repeated";
    a_row_in_two_result_files_is_believed_to_be_there: SOME, "rows-in-two-files";
    a_created_row_among_the_unprocessed_is_found_out: SOME, "rows-misplaced";
}

// Jobs.
survived! {
    a_job_that_somebody_aborts_halfway_is_finished_by_another: SOME, "job-aborted";
    a_job_that_fails_halfway_is_finished_by_another: SOME, "job-failed";
    a_job_stuck_for_hours_is_waited_for: SOME, "job-stuck";
    a_job_stuck_for_ever_is_given_up_and_sent_again: SOME, "job-stuck-for-ever";
    a_job_that_vanished_with_all_its_rows_done_is_asked_for: SOME, "job-vanished";
    a_job_that_vanished_halfway_is_asked_for_and_finished: SOME, "job-vanished-halfway";
    rows_that_found_a_lock_go_again: SOME, "rows-locked";
}

#[test]
fn a_lost_creation_leaves_one_orphan_and_says_so() {
    let stage = survives(SOME, "create-lost");
    let warnings = stage.warnings("suspected-orphan");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("expires"), "{warnings:?}");
    let _now = stage.at_its_time();
    assert_eq!(stage.org.jobs_open(), 2, "the orphan and the foreign job");
}

#[test]
fn outages_of_every_kind_of_request_end_and_the_run_goes_on() {
    // Three in a row of each, longer than one repeat would bridge.
    for at in [
        "put",
        "close",
        "poll",
        "successful",
        "failed",
        "unprocessed",
        "limits",
        "query",
    ] {
        let outage = format!(
            "[[request]]\nat = \"{at}\"\nnth = 2\ntimes = 3\ndo = {{ answer = {{ status = 503 }} }}\n"
        );
        finishes(Stage::playing(SOME, &outage), SOME);
    }
}

#[test]
fn an_outage_of_minutes_during_the_polls_is_waited_out() {
    let outage = "[[request]]\nat = \"poll\"\nnth = 2\ntimes = 60\ndo = \"reset\"\n";
    let stage = finishes(Stage::playing(SOME, outage), SOME);
    assert!(stage.warnings("job-lost").is_empty());
}

#[test]
fn a_job_the_org_denies_for_a_moment_is_not_given_up() {
    let denied = "[[request]]\nat = \"poll\"\nnth = 1\ntimes = 2\n\
                  do = { answer = { status = 404 } }\n";
    let stage = finishes(Stage::playing(SOME, denied), SOME);
    assert!(stage.warnings("job-lost").is_empty());
}

#[test]
fn results_that_expired_are_asked_for_row_by_row() {
    let expired = "[[request]]\nat = \"successful\"\nnth = 1\ntimes = 9\n\
                   do = { answer = { status = 404 } }\n";
    let stage = finishes(Stage::playing(SOME, expired), SOME);
    assert!(!stage.warnings("job-lost").is_empty());
}

#[test]
fn results_that_never_add_up_are_asked_for_row_by_row() {
    let short = "[[request]]\nat = \"successful\"\nnth = 1\ntimes = 4\n\
                 do = { shorten = { keep = 0.4 } }\n";
    let stage = finishes(Stage::playing(SOME, short), SOME);
    assert_eq!(stage.warnings("results-not-whole").len(), 1);
}
