//! Ingest jobs and their result files.

use super::*;
use crate::model::job::{JobState, ResultKind};

#[tokio::test(start_paused = true)]
async fn a_job_is_created_fed_closed_and_asked_after() {
    let script = Script::new([
        answer(200, &job_json("Open", "")),
        answer(201, ""),
        answer(200, &job_json("UploadComplete", "")),
        answer(
            200,
            &job_json(
                "JobComplete",
                r#","numberRecordsProcessed":8,"numberRecordsFailed":1"#,
            ),
        ),
        answer(200, &job_json("Aborted", "")),
    ]);
    let org = org(&script);
    let job = org.create_ingest_job("User").await.unwrap().id;
    let data = Body::JobData {
        header: Bytes::from_static(b"A\n"),
        file: "x".into(),
        offset: 0,
        length: 9,
    };
    org.put_job_data(job, data).await.unwrap();
    assert_eq!(
        org.close_job(job).await.unwrap().state,
        JobState::UploadComplete
    );
    let info = org.ingest_job(job).await.unwrap();
    assert_eq!(
        (info.processed_count, info.failed_count, info.error_message),
        (8, 1, None)
    );
    assert_eq!(org.abort_job(job).await.unwrap().state, JobState::Aborted);
    let base = format!("/services/data/v67.0/jobs/ingest/{job}");
    assert_eq!(
        script.lines(),
        [
            "POST /services/data/v67.0/jobs/ingest".to_owned(),
            format!("PUT {base}/batches"),
            format!("PATCH {base}"),
            format!("GET {base}"),
            format!("PATCH {base}"),
        ]
    );
    let bodies: Vec<String> = script.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(
        bodies,
        [
            r#"{"columnDelimiter":"COMMA","contentType":"CSV","lineEnding":"LF","object":"User","operation":"insert"}"#,
            "2 + 9",
            r#"{"state":"UploadComplete"}"#,
            "",
            r#"{"state":"Aborted"}"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_counts_by_its_status_even_if_the_rest_of_the_answer_is_lost() {
    let script = Script::new([torn(201, "x")]);
    org(&script)
        .put_job_data(job_id(), Body::Empty)
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn jobs_are_read_leniently() {
    let id = job_id();
    let table = [
        (
            format!(r#"{{"id":"{id}","state":"Open","numberRecordsProcessed":"3"}}"#),
            Some((JobState::Open, 3)),
        ),
        (
            format!(r#"{{"id":"{id}","state":"Preparing","errorMessage":null}}"#),
            Some((JobState::InProgress, 0)),
        ),
        (
            format!(
                r#"{{"id":"{}","state":"Failed","x":{{}}}}"#,
                id.record().as_15()
            ),
            Some((JobState::Failed, 0)),
        ),
        (format!(r#"{{"id":"{id}"}}"#), None),
        (
            r#"{"id":"001000000000000","state":"Open"}"#.to_owned(),
            None,
        ),
        ("[]".to_owned(), None),
        (String::new(), None),
    ];
    for (body, expected) in table {
        let script = Script::new([answer(200, &body)]);
        let info = org(&script).ingest_job(id).await.ok();
        assert_eq!(
            info.map(|info| (info.state, info.processed_count)),
            expected,
            "{body}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_file_appears_whole_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("failed.csv");
    let header_only = "\"sf__Id\",\"sf__Error\",Username\n";
    let length = header_only.len().to_string();
    let script = Script::new([
        torn(200, "\"sf__Id\","),
        answer_with(200, &[("content-length", "9999")], header_only),
        answer_with(200, &[("content-length", &length)], header_only),
    ]);
    let bytes = org(&script)
        .download_results(job_id(), ResultKind::Failed, &path)
        .await
        .unwrap();
    assert_eq!(bytes, header_only.len() as u64);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), header_only);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let line = format!(
        "GET /services/data/v67.0/jobs/ingest/{}/failedResults",
        job_id()
    );
    assert_eq!(script.lines(), vec![line; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_stays_short_is_an_error_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("successful.csv");
    let short = || answer_with(200, &[("content-length", "100")], "");
    let script = Script::new((0..9).map(|_| short()));
    let fetched = org(&script)
        .download_results(job_id(), ResultKind::Successful, &path)
        .await;
    assert_eq!(
        fetched.unwrap_err().to_string(),
        "no answer from the org in 5 attempts: the answer broke off after 0 of 100 bytes"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_content_is_an_empty_file_and_a_missing_folder_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unprocessed.csv");
    let script = Script::new([answer(204, ""), answer(200, "Username\n")]);
    let org = org(&script);
    assert_eq!(
        org.download_results(job_id(), ResultKind::Unprocessed, &path)
            .await
            .unwrap(),
        0
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    let nowhere = folder.path().join("no/where.csv");
    let error = org
        .download_results(job_id(), ResultKind::Failed, &nowhere)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the answer cannot be written to disk"),
        "{error}"
    );
}
