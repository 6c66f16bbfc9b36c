//! Faults of jobs and rows, one by one, as a client meets them.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault_caller::{caller, close, contacts, create, heard, put, results, seeded};
use super::fixture::{Caller, INGEST, column, numbered};
use super::user_row::UserRow;
use crate::salesforce::transport::{Body, Method};

#[tokio::test(start_paused = true)]
async fn rows_that_find_a_record_locked_fail_and_pass_in_the_next_job() {
    let caller = caller("[[job]]\nnth = 1\ndo = { lock-rows = { rows = 0.25 } }");
    let (job, info) = caller.load("Contact", "insert", &numbered(8)).await;
    assert_eq!(
        (&info["state"], &info["numberRecordsFailed"]),
        (&json!("JobComplete"), &json!(2))
    );
    let failed = caller.results(&job, "failedResults").await;
    for error in column(&failed, "sf__Error") {
        assert!(error.starts_with("UNABLE_TO_LOCK_ROW:"), "{error}");
    }
    assert_eq!(contacts(&caller).await, 6);
    let (_, info) = caller.load("Contact", "insert", &numbered(8)).await;
    assert_eq!(info["numberRecordsFailed"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_job_stays_in_progress_so_long_or_for_ever() {
    let caller = caller(
        "[[job]]\nnth = 1\ndo = { stick = { minutes = 30 } }\n\
         [[job]]\nnth = 2\ndo = { stick = {} }",
    );
    let began = tokio::time::Instant::now();
    let (_, info) = caller.load("Contact", "insert", &numbered(3)).await;
    assert_eq!(info["state"], "JobComplete");
    let took = began.elapsed().as_secs();
    assert!((1800..1900).contains(&took), "{took}");
    let job = create(&caller).await.unwrap().json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    put(&caller, &job, 3).await.unwrap();
    close(&caller, &job).await.unwrap();
    tokio::time::sleep(Duration::from_hours(6 * 24)).await;
    assert_eq!(caller.org.job_state(&job), Some("InProgress"));
    assert_eq!(contacts(&caller).await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_or_is_aborted_by_somebody_keeps_its_first_rows() {
    let caller = caller(
        "[[job]]\nnth = 1\ndo = { fail = { rows = 3 } }\n\
         [[job]]\nnth = 2\ndo = { abort = { rows = 0.5 } }",
    );
    let (job, info) = caller.load("Contact", "insert", &numbered(10)).await;
    assert_eq!(info["state"], "Failed");
    let message = info["errorMessage"].as_str().unwrap();
    assert!(message.contains("number of retries"), "{message}");
    let (created, failed, unprocessed) = results(&caller, &job).await;
    assert_eq!((created.len(), failed.len(), unprocessed.len()), (3, 0, 7));
    assert_eq!(contacts(&caller).await, 3);
    let (job, info) = caller.load("Contact", "insert", &numbered(10)).await;
    assert_eq!(info["state"], "Aborted");
    let (created, failed, unprocessed) = results(&caller, &job).await;
    assert_eq!((created.len(), failed.len(), unprocessed.len()), (5, 0, 5));
    assert_eq!(contacts(&caller).await, 8);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_vanishes_has_committed_its_rows_and_is_not_found() {
    let caller = caller("[[job]]\ndo = { vanish = { rows = 4 } }");
    let job = create(&caller).await.unwrap().json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    put(&caller, &job, 9).await.unwrap();
    close(&caller, &job).await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    for path in [
        "",
        "/successfulResults",
        "/failedResults",
        "/unprocessedrecords",
    ] {
        let reply = caller.get(&format!("{INGEST}/{job}{path}")).await;
        assert_eq!(reply.error().1, "NOT_FOUND");
    }
    let listed = caller.get(INGEST).await.json();
    assert_eq!(listed["records"], json!([]));
    assert_eq!(contacts(&caller).await, 4);
}

#[tokio::test(start_paused = true)]
async fn result_files_may_lack_repeat_contradict_and_misplace_created_rows() {
    let shape = async |mishap: &str| {
        let caller = caller(&format!("[[job]]\ndo = {{ {mishap} = {{ rows = 2 }} }}"));
        let (job, info) = caller.load("Contact", "insert", &numbered(10)).await;
        assert_eq!(info["numberRecordsFailed"], 0);
        assert_eq!(contacts(&caller).await, 10);
        let (created, failed, unprocessed) = results(&caller, &job).await;
        let mut once = created.clone();
        once.sort();
        once.dedup();
        let both = failed.iter().filter(|row| created.contains(row)).count();
        assert_eq!(results(&caller, &job).await.0, created, "reads differ");
        (
            created.len(),
            once.len(),
            failed.len(),
            both,
            unprocessed.len(),
        )
    };
    assert_eq!(shape("lose-rows").await, (8, 8, 0, 0, 0));
    assert_eq!(shape("repeat-rows").await, (12, 10, 0, 0, 0));
    assert_eq!(shape("fail-rows-too").await, (10, 10, 2, 2, 0));
    assert_eq!(shape("unprocess-rows").await, (8, 8, 0, 0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_rule_about_users_leaves_jobs_of_contacts_alone() {
    let caller = caller("[[job]]\nobject = \"User\"\ndo = { lock-rows = { rows = 1.0 } }");
    let (_, info) = caller.load("Contact", "insert", &numbered(4)).await;
    assert_eq!(info["numberRecordsFailed"], 0);
    assert!(caller.org.faults_played().is_empty());
}

#[tokio::test(start_paused = true)]
async fn names_may_be_taken_where_nobody_can_look_and_stay_taken() {
    let row = UserRow::partner("003000000000001").with("CommunityNickname", "newcomer");
    let caller = caller("[users]\nusernames-taken = 1.0");
    for _ in 0..2 {
        let error = caller.insert_user(&row).await.unwrap_err();
        assert!(error.starts_with("DUPLICATE_USERNAME:"), "{error}");
    }
    assert_eq!(caller.org.faults_played()["usernames-taken"], 2);
    let other = seeded("[users]\nnicknames-taken = 1.0", 1);
    let error = other.insert_user(&row).await.unwrap_err();
    assert!(error.starts_with("DUPLICATE_COMM_NICKNAME:"), "{error}");
    let named = seeded("[users]\nusernames-taken = [\"Nobody@Here.example\"]", 1);
    assert!(named.insert_user(&row).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_foreign_job_is_open_until_somebody_aborts_or_deletes_it() {
    let caller = Caller::new();
    let job = caller.org.foreign_job("User").unwrap();
    assert_eq!(caller.org.job_state(&job), Some("Open"));
    let info = caller.get(&format!("{INGEST}/{job}")).await.json();
    assert_eq!(
        (&info["object"], &info["createdById"]),
        (&json!("User"), &Value::from("005000000000001AAA"))
    );
    let abort = json!({ "state": "Aborted" });
    caller
        .json(Method::Patch, &format!("{INGEST}/{job}"), &abort)
        .await;
    assert_eq!(caller.org.job_state(&job), Some("Aborted"));
    heard(
        &caller,
        Method::Delete,
        &format!("{INGEST}/{job}"),
        Body::Empty,
    )
    .await
    .unwrap();
    assert_eq!(caller.org.job_state(&job), None);
    assert!(
        caller
            .org
            .foreign_job("Nothing")
            .unwrap_err()
            .contains("INVALIDENTITY")
    );
}
