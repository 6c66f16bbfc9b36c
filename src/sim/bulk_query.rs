//! Bulk API 2.0 query jobs (bulk-api-2.md §5): created ready, read page by page as CSV.

use serde_json::{Value, json};

use super::answer::Answer;
use super::base64;
use super::call::{Call, text_of};
use super::clock;
use super::ids;
use super::ingest::{self, Delimiter, Desk, LineEnd, Moment};
use super::meter::Meter;
use super::org::Org;
use super::soql::{self, Deleted, Query, Select};
use super::speed;
use crate::salesforce::transport::Method;

/// Rows per result page when the client does not say.
const PAGE_ROWS: usize = 50_000;

/// Query jobs per 24 hours (§6).
pub(super) const QUERY_JOBS_PER_DAY: u64 = 10_000;

/// All query jobs.
#[derive(Debug, Default)]
pub(super) struct QueryDesk {
    jobs: Vec<QueryJob>,
    pub(super) made: Meter,
}

#[derive(Debug)]
struct QueryJob {
    id: String,
    operation: &'static str,
    query: Query,
    deleted: Deleted,
    delimiter: Delimiter,
    line_end: LineEnd,
    version: String,
    created_by: String,
    created_ms: u64,
    /// When the rows are found, and when they can be read.
    started_ms: u64,
    done_ms: u64,
    aborted: bool,
    gone: bool,
    rows: Option<Vec<u32>>,
}

impl QueryDesk {
    /// Runs every query whose time has come.
    pub(super) fn advance(&mut self, org: &Org, now_ms: u64) {
        for job in self
            .jobs
            .iter_mut()
            .filter(|job| job.rows.is_none() && !job.aborted)
        {
            if now_ms >= job.started_ms {
                let rows = soql::rows(org, &job.query, job.deleted);
                job.done_ms = job.started_ms + speed::query_ms(org, rows.len());
                job.rows = Some(rows);
            }
        }
    }

    /// Answers a call below `{base}/jobs/query`. Ingest jobs are listed too (§5).
    pub(super) fn answer(
        &mut self,
        org: &mut Org,
        call: &Call,
        moment: Moment<'_>,
        desk: &Desk,
    ) -> Answer {
        let below = call.below_version();
        let below = below.get(2..).unwrap_or_default();
        let known = below.first().map(|id| self.find(id));
        match (call.method, known, below) {
            (Method::Post, None, _) => self.create(org, call, moment),
            (Method::Get, None, _) => {
                let kept = self.jobs.iter().filter(|job| !job.gone);
                let mut jobs: Vec<Value> = kept.map(|job| job.json(moment.now_ms, false)).collect();
                jobs.extend(desk.listed());
                ingest::list(jobs, call, moment)
            }
            (_, Some(None), _) => Answer::not_found(),
            (Method::Get, Some(Some(at)), [_]) => {
                Answer::json(200, &self.jobs[at].json(moment.now_ms, true))
            }
            (Method::Get, Some(Some(at)), [_, word]) if word.eq_ignore_ascii_case("results") => {
                self.jobs[at].results(org, call, moment)
            }
            (Method::Patch, Some(Some(at)), [_]) => self.jobs[at].abort(call, moment.now_ms),
            (Method::Delete, Some(Some(at)), [_]) => self.jobs[at].delete(moment.now_ms),
            (_, _, [] | [_]) => Answer::method_not_allowed(call.method.as_str()),
            _ => Answer::not_found(),
        }
    }

    fn find(&self, id: &str) -> Option<usize> {
        let key = ids::key(id)?;
        self.jobs
            .iter()
            .position(|job| !job.gone && ids::key(&job.id) == Some(key))
    }

    fn create(&mut self, org: &mut Org, call: &Call, moment: Moment<'_>) -> Answer {
        let body = match call.json() {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let (operation, deleted) = match text_of(&body, "operation") {
            Some("query") => ("query", Deleted::Hidden),
            Some("queryAll") => ("queryAll", Deleted::Seen),
            _ => {
                let message = "InvalidJob : the operation must be query or queryAll";
                return Answer::error(400, "INVALIDJOB", message);
            }
        };
        let query = match compile(org, text_of(&body, "query").unwrap_or_default()) {
            Ok(query) => query,
            Err(answer) => return answer,
        };
        let delimiter = text_of(&body, "columnDelimiter").unwrap_or("COMMA");
        let line_end = text_of(&body, "lineEnding").unwrap_or("LF");
        let (Some(delimiter), Some(line_end)) =
            (Delimiter::named(delimiter), LineEnd::named(line_end))
        else {
            let message = "InvalidJob : unknown columnDelimiter or lineEnding";
            return Answer::error(400, "INVALIDJOB", message);
        };
        if self.made.used(moment.now_ms) >= QUERY_JOBS_PER_DAY {
            let message = "The daily limit of query jobs is exceeded";
            return Answer::error(400, "LIMIT_EXCEEDED", message);
        }
        let job = QueryJob {
            id: org.mint_prefixed("750"),
            operation,
            query,
            deleted,
            delimiter,
            line_end,
            version: moment.version.to_owned(),
            created_by: org.facts.running_user.clone(),
            created_ms: moment.now_ms,
            started_ms: moment.now_ms + speed::queue_ms(org),
            done_ms: u64::MAX,
            aborted: false,
            gone: false,
            rows: None,
        };
        let mut answer = job.json(moment.now_ms, false);
        if let Some(object) = answer.as_object_mut() {
            object.remove("jobType");
        }
        answer["lineEnding"] = json!(line_end.name());
        answer["columnDelimiter"] = json!(delimiter.name());
        self.made.add(1, moment.now_ms);
        self.jobs.push(job);
        Answer::json(200, &answer)
    }
}

impl QueryJob {
    fn state(&self, now_ms: u64) -> &'static str {
        if self.aborted {
            "Aborted"
        } else if now_ms < self.started_ms {
            "UploadComplete"
        } else if now_ms < self.done_ms {
            "InProgress"
        } else {
            "JobComplete"
        }
    }

    fn json(&self, now_ms: u64, whole: bool) -> Value {
        let state = self.state(now_ms);
        let touched = now_ms.min(self.done_ms).max(self.created_ms);
        let mut job = json!({
            "id": self.id,
            "operation": self.operation,
            "object": self.query.kind.name(),
            "createdById": self.created_by,
            "createdDate": clock::on_the_wire(self.created_ms),
            "systemModstamp": clock::on_the_wire(touched),
            "state": state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": self.version.parse::<f64>().unwrap_or(0.0),
            "jobType": "V2Query",
        });
        if whole {
            let done = state == "JobComplete";
            let rows = self.rows.as_ref().filter(|_| done).map_or(0, Vec::len);
            let total = if done {
                self.done_ms - self.started_ms
            } else {
                0
            };
            job["lineEnding"] = json!(self.line_end.name());
            job["columnDelimiter"] = json!(self.delimiter.name());
            job["numberRecordsProcessed"] = json!(rows);
            job["retries"] = json!(0);
            job["totalProcessingTime"] = json!(total);
            job["isPkChunkingSupported"] = json!(true);
        }
        job
    }

    /// One page of CSV. The header stands on every page; `null` as locator ends the loop.
    fn results(&self, org: &Org, call: &Call, moment: Moment<'_>) -> Answer {
        if self.version != moment.version {
            let message = "API version mismatch: use the version the job was created with";
            return Answer::error(409, "INVALIDOPERATION", message);
        }
        let done = self.state(moment.now_ms) == "JobComplete";
        let (Some(rows), Select::Fields(paths)) =
            (self.rows.as_ref().filter(|_| done), &self.query.select)
        else {
            return self.not_ready(moment.now_ms);
        };
        let from = match call.parameter("locator") {
            None => Some(0),
            Some(locator) => base64::decode(locator)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|offset| offset.parse::<usize>().ok())
                .filter(|offset| *offset <= rows.len()),
        };
        let Some(from) = from else {
            return Answer::error(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        };
        let wanted = call
            .parameter("maxRecords")
            .and_then(|max| max.parse().ok());
        let end = rows
            .len()
            .min(from.saturating_add(wanted.filter(|max| *max > 0).unwrap_or(PAGE_ROWS)));
        let delimiter = self.delimiter.letter();
        let mut text = soql::csv_header(paths, delimiter) + self.line_end.text();
        for row in rows.get(from..end).unwrap_or_default() {
            text.push_str(&soql::csv_row(org, paths, delimiter, *row));
            text.push_str(self.line_end.text());
        }
        let next = if end < rows.len() {
            base64::encode(&end.to_string())
        } else {
            "null".to_owned()
        };
        Answer::csv(text)
            .with("sforce-locator", next)
            .with("sforce-numberofrecords", (end - from).to_string())
    }

    /// Docs of version 47 say 412, those of 48 and later 204 (§9).
    fn not_ready(&self, now_ms: u64) -> Answer {
        let old = self
            .version
            .parse::<f64>()
            .is_ok_and(|version| version < 48.0);
        if !old {
            return Answer::empty(204);
        }
        let state = match self.state(now_ms) {
            "Aborted" => "ABORTED",
            "UploadComplete" => "UPLOAD_COMPLETE",
            _ => "IN_PROGRESS",
        };
        let message = format!(
            "can only download query results of successfully completed bulk job with status: \
             JOB_COMPLETE. Current status: {state}"
        );
        Answer::error(412, "JOB_NOT_COMPLETE", message)
    }

    fn abort(&mut self, call: &Call, now_ms: u64) -> Answer {
        let body = match call.json() {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        if text_of(&body, "state") != Some("Aborted") {
            return Answer::error(400, "INVALIDJOB", "InvalidJob : the state must be Aborted");
        }
        if matches!(self.state(now_ms), "JobComplete" | "Aborted") {
            let message = "Aborting already Completed Job not allowed";
            return Answer::error(400, "INVALIDJOBSTATE", message);
        }
        self.aborted = true;
        self.done_ms = now_ms;
        Answer::json(200, &self.json(now_ms, false))
    }

    fn delete(&mut self, now_ms: u64) -> Answer {
        if self.state(now_ms) == "InProgress" {
            return Answer::error(
                400,
                "INVALIDJOBSTATE",
                "Deleting is not allowed for a running job",
            );
        }
        self.gone = true;
        self.rows = None;
        Answer::empty(204)
    }
}

/// Compiles a query and refuses what Bulk does not take (§5).
fn compile(org: &Org, text: &str) -> Result<Query, Answer> {
    let refused = |code: &str, message: String| Err(Answer::error(400, code, message));
    match soql::compile(org, text) {
        Err(error) => refused(error.code, error.message),
        Ok(query) if !matches!(query.select, Select::Fields(_)) => refused(
            "API_ERROR",
            "Implementation restriction: aggregate functions are not supported in Bulk Query"
                .to_owned(),
        ),
        Ok(query) if query.offset > 0 => refused(
            "API_ERROR",
            "Implementation restriction: OFFSET is not supported in Bulk Query".to_owned(),
        ),
        Ok(query) => Ok(query),
    }
}
