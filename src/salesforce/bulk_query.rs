//! Bulk queries, for what takes many pages: a job, a wait, then CSV page by page
//! ([source](https://developer.salesforce.com/docs/platform/api-asynch/guide/query-get-job-results.md)).
//!
//! A page is taken in whole before its rows are handed on, because one that breaks off is asked
//! for again and no row may be handed on twice. Never more than one page is held. Rows are
//! counted against what the org says of the page and of the job: a short answer is an error, since
//! a contact that is missing here would be taken for one the org does not have.

use std::collections::BTreeSet;

use csv::StringRecord;
use percent_encoding::utf8_percent_encode;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::Org;
use super::answer::{Answer, Keep};
use super::error::OrgError;
use super::job::{JobAnswer, poll_waits};
use super::query::QUERY_VALUE;
use super::retry::Twice;
use super::transport::{Body, Method, Request};
use crate::model::id::JobId;
use crate::model::job::{JobInfo, JobState};
use crate::model::limits::{QUERY_PAGE_BYTES_MAX, QUERY_PAGE_ROWS};

/// Which records a bulk query sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryOperation {
    /// Live ones.
    Query,
    /// Deleted and archived ones too.
    QueryAll,
}

impl QueryOperation {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::QueryAll => "queryAll",
        }
    }
}

/// Takes one row: the columns, then its values.
type OnRow<'a> = dyn FnMut(&StringRecord, &StringRecord) + Send + 'a;

impl Org {
    /// Runs a query job and hands every row to `on_row`, in the org's order, with the columns of
    /// the query. Returns the number of rows. Null and empty text look the same: empty.
    pub async fn bulk_query(
        &self,
        operation: QueryOperation,
        soql: &str,
        on_row: &mut (dyn FnMut(&StringRecord, &StringRecord) + Send),
    ) -> Result<u64, OrgError> {
        let job = self.create_query_job(operation, soql).await?;
        let promised = self.query_job_end(job).await?.processed_count;
        let request = format!("GET {}", self.query_path(job, "/results"));
        let malformed = |what| OrgError::Malformed {
            request: request.clone(),
            what,
        };
        let mut columns = StringRecord::new();
        let (mut locator, mut asked) = (None, BTreeSet::new());
        let mut rows = 0;
        loop {
            let page = self.query_page(job, locator.as_deref()).await?;
            rows += deliver(&page, &mut columns, on_row).map_err(malformed)?;
            locator = next_locator(&page);
            match &locator {
                None if rows < promised => {
                    let what = format!("it ended after {rows} of {promised} rows");
                    return Err(malformed(what));
                }
                None => return Ok(rows),
                Some(next) if !asked.insert(next.clone()) => {
                    return Err(malformed("its pages go in a circle".to_owned()));
                }
                Some(_) => {}
            }
        }
    }

    /// A second job by a lost answer costs one of 10,000 a day and changes nothing, so this may
    /// be repeated.
    async fn create_query_job(
        &self,
        operation: QueryOperation,
        soql: &str,
    ) -> Result<JobId, OrgError> {
        let path = self.versioned("jobs/query");
        let request = format!("POST {path}");
        let body = json!({"operation": operation.as_str(), "query": soql});
        let job: JobAnswer = self
            .send_json(Method::Post, path, &body, Twice::Harmless)
            .await?;
        Ok(job.into_info(&request)?.id)
    }

    async fn query_job_end(&self, job: JobId) -> Result<JobInfo, OrgError> {
        let began = Instant::now();
        let wait_max = std::time::Duration::from_millis(self.line.pacing.job_wait_ms);
        for wait in poll_waits(&self.line.pacing) {
            sleep(wait).await;
            let path = self.query_path(job, "");
            let request = format!("GET {path}");
            let answer: JobAnswer = self.get_json(path).await?;
            let info = answer.into_info(&request)?;
            match info.state {
                JobState::JobComplete => return Ok(info),
                JobState::Failed | JobState::Aborted => {
                    let silent = || "it gave no reason".to_owned();
                    let message = info.error_message.unwrap_or_else(silent);
                    return Err(OrgError::QueryFailed { job, message });
                }
                JobState::Open | JobState::UploadComplete | JobState::InProgress => {}
            }
            if began.elapsed() >= wait_max {
                break;
            }
        }
        Err(OrgError::QueryUnfinished {
            job,
            waited_s: began.elapsed().as_secs(),
        })
    }

    async fn query_page(&self, job: JobId, locator: Option<&str>) -> Result<Answer, OrgError> {
        let mut path = self.query_path(job, &format!("/results?maxRecords={QUERY_PAGE_ROWS}"));
        if let Some(locator) = locator {
            path.push_str("&locator=");
            path.extend(utf8_percent_encode(locator, QUERY_VALUE));
        }
        let headers = vec![("accept", "text/csv".to_owned())];
        let request = Request {
            method: Method::Get,
            path,
            headers,
            body: Body::Empty,
        };
        self.ask(request, Twice::Harmless, Keep::Memory(QUERY_PAGE_BYTES_MAX))
            .await
    }

    fn query_path(&self, job: JobId, rest: &str) -> String {
        self.versioned(&format!("jobs/query/{job}{rest}"))
    }
}

/// The token of the next page. After the last one it is the text `null`, empty or absent.
fn next_locator(page: &Answer) -> Option<String> {
    let locator = page.header("sforce-locator")?.trim();
    let ended = locator.is_empty() || locator.eq_ignore_ascii_case("null");
    (!ended).then(|| locator.to_owned())
}

/// Hands on the rows of one page. Every page repeats the header; an answer without content (204)
/// has none and no rows.
fn deliver(
    page: &Answer,
    columns: &mut StringRecord,
    on_row: &mut OnRow<'_>,
) -> Result<u64, String> {
    let not_csv = |fault: csv::Error| match fault.position() {
        Some(at) => format!("it is not sound CSV at line {}", at.line()),
        None => "it is not sound CSV".to_owned(),
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(page.body.as_slice());
    let header = reader.headers().map_err(not_csv)?;
    if columns.is_empty() {
        columns.clone_from(header);
    } else if !header.is_empty() && header != &*columns {
        return Err("a page has other columns than the first".to_owned());
    }
    let mut row = StringRecord::new();
    let mut rows = 0;
    while reader.read_record(&mut row).map_err(not_csv)? {
        on_row(columns, &row);
        rows += 1;
    }
    let promised: Option<u64> = page
        .header("sforce-numberofrecords")
        .and_then(|text| text.trim().parse().ok());
    match promised {
        Some(promised) if promised != rows => {
            Err(format!("a page of {promised} rows holds {rows}"))
        }
        _ => Ok(rows),
    }
}
