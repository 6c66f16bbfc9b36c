//! States of an ingest job on simulated time, and what each of them forbids
//! (bulk-api-2.md §3.6, §3.7, §6).

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::fixture::{Caller, INGEST, UserRow, numbered, seed};
use crate::salesforce::transport::{Body, Method};

const CONTACTS: &str = "LastName\nOne\nTwo\n";

#[tokio::test(start_paused = true)]
async fn a_job_goes_through_its_states_on_simulated_time() {
    let caller = Caller::new();
    let rows = numbered(600);
    let job = caller.create("Contact", "insert", &Value::Null).await;
    caller.put(&format!("{INGEST}/{job}/batches"), &rows).await;
    caller.close(&job).await;
    assert_eq!(caller.org.jobs_working(), 1);
    let mut seen: Vec<(String, u64)> = Vec::new();
    loop {
        let info = caller.get(&format!("{INGEST}/{job}")).await.json();
        let now = (
            info["state"].as_str().unwrap().to_owned(),
            info["numberRecordsProcessed"].as_u64().unwrap(),
        );
        if info["state"] != "JobComplete" {
            assert_eq!(info["totalProcessingTime"], 0);
        }
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        if info["state"] == "JobComplete" {
            assert!(
                info["totalProcessingTime"].as_u64().unwrap() >= 500,
                "{info}"
            );
            break;
        }
    }
    let expected = [
        ("UploadComplete", 0),
        ("InProgress", 0),
        ("InProgress", 200),
        ("InProgress", 400),
        ("JobComplete", 600),
    ];
    let expected: Vec<(String, u64)> = expected
        .iter()
        .map(|(state, rows)| ((*state).to_owned(), *rows))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(caller.org.jobs_working(), 0);
    assert_eq!(caller.org.jobs_working_peak(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_job_keeps_what_it_committed() {
    let caller = Caller::new();
    let rows = numbered(2_000);
    let job = caller.create("Contact", "insert", &Value::Null).await;
    let path = format!("{INGEST}/{job}");
    caller.put(&format!("{path}/batches"), &rows).await;
    caller.close(&job).await;
    while caller.get(&path).await.json()["numberRecordsProcessed"] != 200 {}
    let deleted = caller.send(Method::Delete, &path, &[], Body::Empty).await;
    assert_eq!(deleted.error().1, "INVALIDJOBSTATE");
    assert_eq!(
        caller
            .get(&format!("{path}/successfulResults"))
            .await
            .status,
        400
    );
    let abort = json!({ "state": "Aborted" });
    let aborted = caller.json(Method::Patch, &path, &abort).await;
    assert_eq!(aborted.json()["state"], "Aborted");
    let info = caller.get(&path).await.json();
    let committed = usize::try_from(info["numberRecordsProcessed"].as_u64().unwrap()).unwrap();
    assert!((200..2_000).contains(&committed) && committed.is_multiple_of(200));
    tokio::time::sleep(Duration::from_mins(1)).await;
    let lines = |text: String| text.lines().count() - 1;
    let successful = caller.results(&job, "successfulResults").await;
    assert_eq!(lines(successful), committed);
    assert_eq!(lines(caller.results(&job, "failedResults").await), 0);
    let unprocessed = caller.results(&job, "unprocessedrecords").await;
    assert_eq!(lines(unprocessed), 2_000 - committed);
    let soql = "SELECT COUNT() FROM Contact WHERE LastName LIKE 'Row %'";
    let stored = caller.soql("query", soql).await.json()["totalSize"].clone();
    assert_eq!(stored, committed);
    assert_eq!(
        caller.json(Method::Patch, &path, &abort).await.error().1,
        "INVALIDJOBSTATE"
    );
}

#[tokio::test(start_paused = true)]
async fn steps_the_state_forbids_are_refused() {
    let caller = Caller::new();
    let (job, _) = caller.load("Contact", "insert", CONTACTS).await;
    let path = format!("{INGEST}/{job}");
    assert_eq!(caller.close(&job).await.error().1, "INVALIDJOBSTATE");
    assert_eq!(
        caller
            .put(&format!("{path}/batches"), CONTACTS)
            .await
            .error()
            .1,
        "INVALIDJOBSTATE"
    );
    let abort = json!({ "state": "Aborted" });
    let error = caller.json(Method::Patch, &path, &abort).await.error();
    assert_eq!(error.1, "INVALIDJOBSTATE");
    assert_eq!(error.2, "Aborting already Completed Job not allowed");
    let deleted = caller.send(Method::Delete, &path, &[], Body::Empty).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(caller.get(&path).await.error().1, "NOT_FOUND");

    let open = caller.create("Contact", "insert", &Value::Null).await;
    let path = format!("{INGEST}/{open}");
    assert_eq!(
        caller
            .send(Method::Delete, &path, &[], Body::Empty)
            .await
            .status,
        400
    );
    assert_eq!(
        caller.get(&format!("{path}/failedResults")).await.error().1,
        "INVALIDJOBSTATE"
    );
    assert_eq!(
        caller
            .send(Method::Put, &path, &[], Body::Empty)
            .await
            .status,
        405
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_aborted_before_work_gives_all_rows_back() {
    let caller = Caller::new();
    let job = caller.create("Contact", "insert", &Value::Null).await;
    caller
        .put(&format!("{INGEST}/{job}/batches"), CONTACTS)
        .await;
    caller
        .json(
            Method::Patch,
            &format!("{INGEST}/{job}"),
            &json!({ "state": "Aborted" }),
        )
        .await;
    let text = caller.results(&job, "unprocessedrecords").await;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["\"One\"", "\"Two\"", "LastName"]);
}

#[tokio::test(start_paused = true)]
async fn an_open_job_is_gone_after_a_day_and_an_ended_one_after_a_week() {
    let caller = Caller::new();
    let open = caller.create("Contact", "insert", &Value::Null).await;
    let (ended, _) = caller.load("Contact", "insert", CONTACTS).await;
    let hours = |hours: u64| tokio::time::sleep(Duration::from_hours(hours));
    hours(25).await;
    assert_eq!(caller.get(&format!("{INGEST}/{open}")).await.status, 404);
    assert_eq!(caller.get(&format!("{INGEST}/{ended}")).await.status, 200);
    hours(24 * 7).await;
    assert_eq!(caller.get(&format!("{INGEST}/{ended}")).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn batches_are_counted_by_ten_thousand_rows_and_run_out() {
    let mut seed = seed();
    seed.org.daily_bulk_batches = 2;
    let caller = Caller::of(seed);
    let rows = numbered(10_001);
    caller.load("Contact", "insert", &rows).await;
    let limits = caller.get("/services/data/v67.0/limits").await.json();
    assert_eq!(
        limits["DailyBulkApiBatches"],
        json!({ "Max": 2, "Remaining": 0 })
    );
    let body = json!({ "object": "Contact", "operation": "insert" });
    let error = caller.json(Method::Post, INGEST, &body).await.error();
    assert_eq!(error.1, "EXCEEDEDQUOTA");
}

#[tokio::test(start_paused = true)]
async fn job_data_is_read_from_its_file_range() {
    let caller = Caller::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wave.csv");
    std::fs::write(&file, "Zero\nOne\nTwo\nThree\n").unwrap();
    let job = caller.create("Contact", "insert", &Value::Null).await;
    let path = format!("{INGEST}/{job}/batches");
    let data = |file: &std::path::Path| Body::JobData {
        header: Bytes::from_static(b"LastName\n"),
        file: file.to_owned(),
        offset: 5,
        length: 8,
    };
    let kind = ("content-type", "text/csv");
    assert_eq!(
        caller
            .send(Method::Put, &path, &[kind], data(&file))
            .await
            .status,
        201
    );
    caller.close(&job).await;
    caller.ended(&job).await;
    let records = caller.query("SELECT LastName FROM Contact WHERE LastName IN ('Zero','One','Two','Three') ORDER BY LastName").await;
    let names: Vec<&str> = records
        .iter()
        .map(|record| record["LastName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["One", "Two"]);
}

#[tokio::test(start_paused = true)]
async fn kinds_of_users_take_different_time() {
    let mut took = Vec::new();
    for (contact, partner) in [
        ("003000000000008", false),
        ("003000000000002", true),
        ("003000000000008", true),
    ] {
        let caller = Caller::new();
        let row = if partner {
            UserRow::partner(contact)
        } else {
            UserRow::customer(contact)
        };
        let (_, info) = caller.load("User", "insert", &row.csv()).await;
        assert_eq!(info["numberRecordsFailed"], 0);
        took.push(info["totalProcessingTime"].as_u64().unwrap());
    }
    assert_eq!(
        took,
        [520, 700, 1_500],
        "customer, partner with roles, partner whose roles appear"
    );
}
