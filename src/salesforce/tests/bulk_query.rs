//! Bulk queries.

use super::super::error::OrgError;
use super::super::{Org, QueryOperation};
use super::*;

async fn rows(org: &Org) -> Result<(u64, Vec<String>), OrgError> {
    let mut rows = Vec::new();
    let mut on_row = |columns: &csv::StringRecord, row: &csv::StringRecord| {
        let cells = columns
            .iter()
            .zip(row)
            .map(|(name, value)| format!("{name}={value}"));
        rows.push(cells.collect::<Vec<_>>().join(" "));
    };
    let soql = "SELECT Id, Name FROM Contact";
    let count = org
        .bulk_query(QueryOperation::QueryAll, soql, &mut on_row)
        .await?;
    Ok((count, rows))
}

fn job_of(rows: u64) -> [Step; 3] {
    [
        answer(200, &job_json("UploadComplete", "")),
        answer(200, &job_json("InProgress", "")),
        answer(
            200,
            &job_json(
                "JobComplete",
                &format!(r#","numberRecordsProcessed":{rows}"#),
            ),
        ),
    ]
}

fn page(locator: &str, count: &str, body: &str) -> Step {
    answer_with(
        200,
        &[
            ("sforce-locator", locator),
            ("sforce-numberofrecords", count),
        ],
        body,
    )
}

#[tokio::test(start_paused = true)]
async fn rows_of_all_pages_arrive_once_without_the_repeated_header() {
    let script = Script::new(job_of(3).into_iter().chain([
        page(
            "MTAw",
            "2",
            "\"Id\",\"Name\"\n\"1\",\"A,\nB\"\n\"2\",\"\"\n",
        ),
        torn(200, "\"Id\",\"Name\"\n\"3\",\"C"),
        page("null", "1", "\"Id\",\"Name\"\n\"3\",\"C\"\n"),
    ]));
    let (count, rows) = rows(&org(&script)).await.unwrap();
    assert_eq!(
        (count, rows),
        (
            3,
            vec![
                "Id=1 Name=A,\nB".to_owned(),
                "Id=2 Name=".into(),
                "Id=3 Name=C".into()
            ]
        )
    );
    let base = format!("/services/data/v67.0/jobs/query/{}", job_id());
    assert_eq!(
        script.lines(),
        [
            "POST /services/data/v67.0/jobs/query".to_owned(),
            format!("GET {base}"),
            format!("GET {base}"),
            format!("GET {base}/results?maxRecords=50000"),
            format!("GET {base}/results?maxRecords=50000&locator=MTAw"),
            format!("GET {base}/results?maxRecords=50000&locator=MTAw"),
        ]
    );
    let created = &script.seen()[0].body;
    assert_eq!(
        created,
        r#"{"operation":"queryAll","query":"SELECT Id, Name FROM Contact"}"#
    );
    assert_eq!(
        script.gaps_ms()[..2],
        [2_000, 3_000],
        "the job is asked after at growing intervals"
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_result_has_no_rows_in_either_form() {
    for step in [page("null", "0", "\"Id\",\"Name\"\n"), answer(204, "")] {
        let script = Script::new(job_of(0).into_iter().chain([step]));
        assert_eq!(rows(&org(&script)).await.unwrap(), (0, vec![]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_not_whole_or_not_sound_is_an_error() {
    let table = [
        (
            2,
            page("null", "2", "Id,Name\n1,A\n"),
            "a page of 2 rows holds 1",
        ),
        (
            2,
            page("null", "1", "Id,Name\n1,A\n"),
            "it ended after 1 of 2 rows",
        ),
        (2, answer(204, ""), "it ended after 0 of 2 rows"),
        (
            1,
            page("null", "1", "Id,Name\n1\n"),
            "it is not sound CSV at line 2",
        ),
    ];
    for (rows_of_job, step, words) in table {
        let script = Script::new(job_of(rows_of_job).into_iter().chain([step]));
        let error = rows(&org(&script)).await.unwrap_err();
        assert!(error.to_string().ends_with(words), "{error}");
    }
    let pages = [
        page("x", "1", "Id,Name\n1,A\n"),
        page("null", "1", "Name,Id\nB,2\n"),
    ];
    let script = Script::new(job_of(2).into_iter().chain(pages));
    let error = rows(&org(&script)).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("a page has other columns than the first"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn locators_that_go_in_a_circle_are_an_error() {
    let pages = (0..9).map(|_| page("x", "1", "Id,Name\n1,A\n"));
    let script = Script::new(job_of(2).into_iter().chain(pages));
    let error = rows(&org(&script)).await.unwrap_err();
    assert!(
        error.to_string().ends_with("its pages go in a circle"),
        "{error}"
    );
    assert_eq!(script.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_fails_or_never_ends_is_an_error() {
    let failed = job_json("Failed", r#","errorMessage":"Unexpected exception"#);
    let script = Script::new([
        answer(200, &job_json("UploadComplete", "")),
        answer(200, &format!("{}\"}}", failed.trim_end_matches('}'))),
    ]);
    let error = rows(&org(&script)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the org gave up the query job: Unexpected exception"
    );

    let waiting = (0..99).map(|_| answer(200, &job_json("Preparing", "")));
    let script = Script::new(waiting);
    let org = org_with(&script, |pacing| pacing.job_wait_ms = 60_000);
    let error = rows(&org).await.unwrap_err();
    assert!(
        matches!(
            error,
            OrgError::QueryUnfinished {
                waited_s: 60..=90,
                ..
            }
        ),
        "{error:?}"
    );
}
