//! Query jobs: their pages, their CSV, and what they refuse.

use serde_json::{Value, json};

use super::fixture::{Caller, Reply};
use super::queries::crowd;
use crate::salesforce::transport::{Body, Method};

const QUERY_JOBS: &str = "/services/data/v67.0/jobs/query";

async fn query_job(caller: &Caller, operation: &str, soql: &str) -> Reply {
    let body = json!({ "operation": operation, "query": soql });
    caller.json(Method::Post, QUERY_JOBS, &body).await
}

async fn finished(caller: &Caller, id: &str) -> Value {
    loop {
        let info = caller.get(&format!("{QUERY_JOBS}/{id}")).await.json();
        if info["state"] == "JobComplete" {
            return info;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_job_is_read_page_by_page_until_the_locator_says_null() {
    let caller = Caller::of(crowd(2_500));
    let job = query_job(
        &caller,
        "query",
        "SELECT Id, LastName, AccountId FROM Contact",
    )
    .await;
    assert_eq!(job.status, 200);
    let job = job.json();
    assert_eq!(job["state"], "UploadComplete");
    assert_eq!(job["object"], "Contact");
    assert_eq!(job["lineEnding"], "LF");
    assert_eq!(job["apiVersion"], 67.0);
    let id = job["id"].as_str().unwrap();
    assert!(id.starts_with("750") && id.len() == 18);
    assert_eq!(
        caller
            .get(&format!("{QUERY_JOBS}/{id}/results"))
            .await
            .status,
        204
    );
    let info = finished(&caller, id).await;
    assert_eq!(info["numberRecordsProcessed"], 2_500);
    assert_eq!(info["jobType"], "V2Query");

    let mut path = format!("{QUERY_JOBS}/{id}/results?maxRecords=1000");
    let mut rows = 0;
    loop {
        let page = caller.get(&path).await;
        assert!(
            page.text
                .starts_with("\"Id\",\"LastName\",\"AccountId\"\n\"003")
        );
        let lines = page.text.lines().count() - 1;
        assert_eq!(page.header("sforce-numberofrecords"), lines.to_string());
        rows += lines;
        let locator = page.header("sforce-locator");
        if locator == "null" {
            break;
        }
        path = format!("{QUERY_JOBS}/{id}/results?maxRecords=1000&locator={locator}");
    }
    assert_eq!(rows, 2_500);

    let old = caller
        .get(&format!("/services/data/v60.0/jobs/query/{id}/results"))
        .await;
    assert_eq!(old.status, 409);
    let aborted = json!({ "state": "Aborted" });
    let late = caller
        .json(Method::Patch, &format!("{QUERY_JOBS}/{id}"), &aborted)
        .await;
    assert_eq!(late.error().1, "INVALIDJOBSTATE");
    let deleted = caller
        .send(
            Method::Delete,
            &format!("{QUERY_JOBS}/{id}"),
            &[],
            Body::Empty,
        )
        .await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(caller.get(&format!("{QUERY_JOBS}/{id}")).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn bulk_csv_quotes_everything_and_prints_numbers_and_dates_its_own_way() {
    let caller = Caller::new();
    let soql = "SELECT FirstName, LastName, Account.NumberOfEmployees, Account.AnnualRevenue, \
                CreatedDate FROM Contact WHERE Id = '003000000000009'";
    let job = query_job(&caller, "query", soql).await.json();
    let id = job["id"].as_str().unwrap();
    finished(&caller, id).await;
    let text = caller.get(&format!("{QUERY_JOBS}/{id}/results")).await.text;
    let header = "\"FirstName\",\"LastName\",\"Account.NumberOfEmployees\",\
                  \"Account.AnnualRevenue\",\"CreatedDate\"";
    let row = "\"Ödön \"\"Odi\"\"\",\"Quote, Comma\",\"23\",\"\",\"2026-01-04T08:00:00.000Z\"";
    assert_eq!(text, format!("{header}\n{row}\n"));
}

#[tokio::test(start_paused = true)]
async fn bulk_refuses_what_it_cannot_do_and_query_all_sees_deleted() {
    let caller = Caller::new();
    let cases = [
        ("SELECT COUNT() FROM User", "API_ERROR"),
        ("SELECT Id FROM User LIMIT 1 OFFSET 5", "API_ERROR"),
        ("SELECT Foo FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM Foo", "INVALID_TYPE"),
        ("", "MALFORMED_QUERY"),
    ];
    for (soql, code) in cases {
        let (status, found, _) = query_job(&caller, "query", soql).await.error();
        assert_eq!((status, found.as_str()), (400, code), "{soql}");
    }
    let job = query_job(&caller, "queryAll", "SELECT Id FROM Contact")
        .await
        .json();
    let info = finished(&caller, job["id"].as_str().unwrap()).await;
    assert_eq!(info["numberRecordsProcessed"], 11);
    let list = caller.get(QUERY_JOBS).await.json();
    assert_eq!(list["records"].as_array().unwrap().len(), 1);
    assert_eq!(list["nextRecordsUrl"], Value::Null);
}
