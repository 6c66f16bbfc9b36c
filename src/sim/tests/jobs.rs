//! Ingest jobs on the wire: each quirk of bulk-api-2.md §3.1-§3.6 and §3.9.

use bytes::Bytes;
use serde_json::{Value, json};

use super::fixture::{Caller, INGEST};
use crate::salesforce::transport::{Body, Method};

const CONTACTS: &str = "LastName\nOne\nTwo\n";

fn members(job: &Value) -> Vec<&str> {
    job.as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn each_call_shows_its_own_members_of_a_job() {
    let caller = Caller::new();
    let body = json!({ "object": "contact", "operation": "insert", "externalIdFieldName": "" });
    let created = caller.json(Method::Post, INGEST, &body).await;
    assert_eq!(created.status, 200);
    let created = created.json();
    let common = [
        "apiVersion",
        "concurrencyMode",
        "contentType",
        "createdById",
        "createdDate",
        "id",
        "object",
        "operation",
        "state",
        "systemModstamp",
    ];
    let with = |more: &[&'static str]| {
        let mut all = [common.as_slice(), more].concat();
        all.sort_unstable();
        all
    };
    assert_eq!(
        members(&created),
        with(&["columnDelimiter", "contentUrl", "lineEnding"])
    );
    assert_eq!(created["object"], "Contact");
    assert_eq!(created["apiVersion"], 67.0);
    assert_eq!(created["concurrencyMode"], "Parallel");
    assert_eq!(created["createdDate"], "2026-01-05T08:00:00.000+0000");
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with("750") && id.len() == 18);
    let url = created["contentUrl"].as_str().unwrap();
    assert_eq!(url, format!("services/data/v67.0/jobs/ingest/{id}/batches"));

    assert_eq!(caller.put(&format!("/{url}"), CONTACTS).await.status, 201);
    // go-salesforce repeats the id in the body.
    let body = json!({ "id": id, "state": "UploadComplete" });
    let patched = caller
        .json(Method::Patch, &format!("{INGEST}/{id}"), &body)
        .await
        .json();
    assert_eq!(members(&patched), with(&[]));
    assert_eq!(patched["state"], "UploadComplete");

    let info = caller.ended(id).await;
    let counters = [
        "apexProcessingTime",
        "apiActiveProcessingTime",
        "columnDelimiter",
        "jobType",
        "lineEnding",
        "numberRecordsFailed",
        "numberRecordsProcessed",
        "retries",
        "totalProcessingTime",
    ];
    assert_eq!(members(&info), with(&counters));
    let list = caller
        .get(&format!("{INGEST}?jobType=V2Ingest"))
        .await
        .json();
    assert_eq!(members(&list["records"][0]), with(&["jobType"]));
    assert_eq!(list["done"], true);
    let classic = caller
        .get(&format!("{INGEST}?jobType=Classic"))
        .await
        .json();
    assert_eq!(classic["records"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn paths_match_with_slashes_in_any_case_and_with_short_ids() {
    let caller = Caller::new();
    let job = caller.create("Contact", "insert", &Value::Null).await;
    let short = &job[..15];
    let put = caller
        .put(&format!("{INGEST}/{short}/batches/"), CONTACTS)
        .await;
    assert_eq!((put.status, put.text.as_str()), (201, ""));
    assert_eq!(caller.close(&format!("{short}/")).await.status, 200);
    caller.ended(&job).await;
    for file in [
        "unprocessedRecords",
        "unprocessedrecords/",
        "SUCCESSFULRESULTS",
    ] {
        let reply = caller.get(&format!("{INGEST}/{job}/{file}")).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/csv"),
            "{file}"
        );
    }
    assert_eq!(
        caller.get(&format!("{INGEST}/{job}/nonsense")).await.status,
        404
    );
    assert_eq!(
        caller
            .get(&format!("{INGEST}/750000000000000"))
            .await
            .status,
        404
    );
}

/// Body of a create | code | message.
const REFUSED: &str = r#"
{"object":"Nonsense","operation":"insert"} | INVALIDENTITY | Entity 'Nonsense' is not supported by the Bulk API.
{"object":"User","operation":"delete"} | INVALIDJOB | InvalidJob : No delete access for object User
{"object":"Profile","operation":"insert"} | INVALIDJOB | InvalidJob : No insert access for object Profile
{"object":"Contact","operation":"hardDelete"} | FEATURENOTENABLED | hardDelete operation requires special user profile permission, please contact your system administrator
{"object":"Contact","operation":"nonsense"} | INVALIDJOB | InvalidJob : unknown operation 'nonsense'
{"object":"Contact","operation":"upsert","externalIdFieldName":"Title"} | INVALIDJOB | InvalidJob : Field name provided, title does not match an External ID, Salesforce Id, or indexed field for Contact
{"object":"Contact","operation":"upsert"} | INVALIDJOB | InvalidJob : External ID was blank for Contact. An External ID must be specified for upsert.
{"object":"Contact","operation":"insert","columnDelimiter":"DOT"} | INVALIDJOB | InvalidJob : unknown columnDelimiter DOT
{"object":"Contact","operation":"insert","lineEnding":"CR"} | INVALIDJOB | InvalidJob : unknown lineEnding CR
{"object":"Contact","operation":"insert","contentType":"XML"} | INVALIDJOB | InvalidJob : unsupported content type XML
{"operation":"insert"} | INVALIDJOB | InvalidJob : object is required
[] | JSON_PARSER_ERROR | The HTTP entity body is not a JSON object
"#;

#[tokio::test(start_paused = true)]
async fn what_a_create_asks_in_vain() {
    let caller = Caller::new();
    for line in REFUSED.lines().skip(1) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let body: Value = serde_json::from_str(cells[0]).unwrap();
        let error = caller.json(Method::Post, INGEST, &body).await.error();
        let expected = (400, cells[1].to_owned(), cells[2].to_owned());
        assert_eq!(error, expected, "{line}");
    }
    let body = Body::Bytes(Bytes::from_static(b"object=User"));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let reply = caller.send(Method::Post, INGEST, &[kind], body).await;
    assert_eq!(reply.status, 415);
}

#[tokio::test(start_paused = true)]
async fn a_second_put_is_accepted_and_spoils_the_close() {
    let caller = Caller::new();
    let job = caller.create("Contact", "insert", &Value::Null).await;
    for _ in 0..2 {
        let put = caller
            .put(&format!("{INGEST}/{job}/batches"), CONTACTS)
            .await;
        assert_eq!(put.status, 201);
    }
    let (status, code, message) = caller.close(&job).await.error();
    assert_eq!((status, code.as_str()), (400, "INVALIDJOB"));
    assert_eq!(
        message,
        format!(
            "Found multipe contents for job: <{job}>, please 'Close' / 'Abort' / 'Delete' the \
             current Job then create a new Job and make sure you only do 'PUT' once on a given Job."
        )
    );
    let info = caller.get(&format!("{INGEST}/{job}")).await.json();
    assert_eq!(info["state"], "Open");
    assert_eq!(caller.org.jobs_open(), 1);
}

#[tokio::test(start_paused = true)]
async fn data_must_be_csv() {
    let caller = Caller::new();
    let job = caller.create("Contact", "insert", &Value::Null).await;
    let cases = [
        ("application/json", 415),
        ("application/octet-stream", 201),
        ("text/csv; charset=UTF-8", 201),
    ];
    for (kind, status) in cases {
        let body = Body::Bytes(Bytes::from_static(CONTACTS.as_bytes()));
        let path = format!("{INGEST}/{job}/batches");
        let reply = caller
            .send(Method::Put, &path, &[("content-type", kind)], body)
            .await;
        assert_eq!(reply.status, status, "{kind}");
    }
}
