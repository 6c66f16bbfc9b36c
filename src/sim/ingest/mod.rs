//! Bulk API 2.0 ingest: `{base}/jobs/ingest` and everything below it (bulk-api-2.md §3).

mod create;
mod job;
mod locks;
mod needs;
mod process;
mod results;
mod upload;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, text_of};
use super::clock::ORIGIN_MS;
use super::faults::{JobFate, JobFaults};
use super::ids::{self, IdKey};
use super::meter::Meter;
use super::org::Org;
use super::speed;
use crate::salesforce::transport::Method;
use job::{Job, Shape, State};
use locks::Locks;

pub(super) use results::{ResultFile, shuffle};
pub(super) use upload::{Delimiter, LineEnd};

/// A job may stay Open for 24 hours, an ended one is kept for seven days (§6).
const OPEN_MS_MAX: u64 = 24 * 3_600_000;
const KEPT_MS: u64 = 7 * 24 * 3_600_000;

/// Raw bytes of one upload (§3.5).
pub(super) const UPLOAD_BYTES_MAX: usize = 150_000_000;

/// Rows per internal batch, the unit of the daily allowance (§3.7).
const BATCH_ROWS: u64 = 10_000;

/// Jobs per page of the list (§3.9).
const LIST_PAGE: usize = 1_000;

/// All ingest jobs and what is due when.
#[derive(Debug, Default)]
pub(super) struct Desk {
    jobs: Vec<Job>,
    by_id: HashMap<IdKey, u32>,
    due: BTreeSet<(u64, u32)>,
    pub(super) batches: Meter,
    pub(super) working_peak: usize,
    locks: Locks,
    pub(super) faults: JobFaults,
}

/// What every call to the desk needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) version: &'a str,
    pub(super) now_ms: u64,
    pub(super) seed: u64,
}

impl Desk {
    /// No jobs yet.
    pub(super) fn new(faults: JobFaults) -> Self {
        Self {
            faults,
            ..Self::default()
        }
    }

    /// Does everything that is due up to now, in the order of time.
    pub(super) fn advance(&mut self, org: &mut Org, now_ms: u64) {
        while let Some((at, number)) = self.due.first().copied().filter(|(at, _)| *at <= now_ms) {
            self.due.pop_first();
            let Some(job) = self.jobs.get_mut(number as usize) else {
                continue;
            };
            if let Some(next) = process::step(org, &mut self.locks, job, at) {
                self.due.insert((next, number));
            }
        }
    }

    /// When the next step is due.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Jobs the org is working on or about to.
    pub(super) fn working(&self) -> usize {
        self.due.len()
    }

    /// Jobs that wait for data or for being closed.
    pub(super) fn open(&self) -> usize {
        self.jobs
            .iter()
            .filter(|job| job.state == State::Open)
            .count()
    }

    /// Rows lost to a lock.
    pub(super) fn lock_errors(&self) -> u64 {
        self.locks.errors
    }

    /// The most rows that were in work at one time.
    pub(super) fn rows_peak(&self) -> usize {
        self.locks.rows_peak
    }

    /// Jobs of which a batch did not end in time.
    pub(super) fn timed_out(&self) -> usize {
        let works = self.jobs.iter().filter_map(|job| job.work.as_ref());
        works.filter(|work| work.retries > 0).count()
    }

    /// Short JSON of every job, for the lists.
    pub(super) fn listed(&self) -> Vec<Value> {
        self.jobs
            .iter()
            .filter(|job| !job.gone)
            .map(|job| job.json(Shape::Listed))
            .collect()
    }

    /// Answers a call below `{base}/jobs/ingest`.
    pub(super) fn answer(&mut self, org: &mut Org, call: &mut Call, moment: Moment<'_>) -> Answer {
        let method = call.method;
        let below: Vec<String> = call
            .below_version()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let wrong = || Answer::method_not_allowed(method.as_str());
        match below.get(2..).unwrap_or_default() {
            [] => match method {
                Method::Post => self.create(org, call, moment),
                Method::Get => list(self.listed(), call, moment),
                _ => wrong(),
            },
            [id] => match (method, self.find(id, moment.now_ms)) {
                (_, None) => Answer::not_found(),
                (Method::Get, Some(number)) => {
                    Answer::json(200, &self.jobs[number].json(Shape::Info))
                }
                (Method::Patch, Some(number)) => self.patch(org, number, call, moment.now_ms),
                (Method::Delete, Some(number)) => self.delete(number),
                (Method::Post | Method::Put, Some(_)) => wrong(),
            },
            [id, word] => match (self.find(id, moment.now_ms), ResultFile::named(word)) {
                (Some(number), Some(file)) if method == Method::Get => {
                    self.results(number, file, moment.seed)
                }
                (Some(number), None) if word.eq_ignore_ascii_case("batches") => {
                    if method == Method::Put {
                        self.put(number, call)
                    } else {
                        wrong()
                    }
                }
                (Some(_), Some(_)) => wrong(),
                (None, _) | (Some(_), None) => Answer::not_found(),
            },
            _ => Answer::not_found(),
        }
    }

    /// The state of a job, unless there is none of that id.
    pub(super) fn state(&self, id: &str, now_ms: u64) -> Option<&'static str> {
        let number = self.find(id, now_ms)?;
        Some(self.jobs[number].state.name())
    }

    /// Opens a job.
    pub(super) fn create(&mut self, org: &mut Org, call: &Call, moment: Moment<'_>) -> Answer {
        let body = match call.json() {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        let (target, dialect) = match create::asked(org, &body) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        if self.batches.used(moment.now_ms) >= org.facts.daily_bulk_batches {
            let message = "ExceededQuota : The daily limit of batches is exceeded";
            return Answer::error(400, "EXCEEDEDQUOTA", message);
        }
        let id = org.mint_prefixed("750");
        let number = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        let field = |at: usize| org.def(target.kind).fields[at].name.clone();
        let job = Job {
            number,
            object: target.kind.name(),
            target,
            external_id: target.key.map(field),
            dialect,
            state: State::Open,
            version: moment.version.to_owned(),
            created_by: org.facts.running_user.clone(),
            created_ms: moment.now_ms,
            touched_ms: moment.now_ms,
            puts: 0,
            data: String::new(),
            work: None,
            started_ms: 0,
            error_message: None,
            fate: JobFate::default(),
            gone: false,
            id,
        };
        let answer = Answer::json(200, &job.json(Shape::Created));
        if let Some(key) = ids::key(&job.id) {
            self.by_id.insert(key, number);
        }
        self.jobs.push(job);
        answer
    }

    /// A job by its 15- or 18-character id, unless it is gone.
    fn find(&self, id: &str, now_ms: u64) -> Option<usize> {
        let number = *self.by_id.get(&ids::key(id)?)? as usize;
        let job = self.jobs.get(number).filter(|job| !job.gone)?;
        let kept = if job.state == State::Open {
            OPEN_MS_MAX
        } else {
            KEPT_MS
        };
        (now_ms <= job.touched_ms.saturating_add(kept)).then_some(number)
    }

    /// Uploads data. A second PUT is accepted; it poisons the job (§3.5).
    fn put(&mut self, number: usize, call: &mut Call) -> Answer {
        let job = &mut self.jobs[number];
        let content_type = call
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if !matches!(kind, "" | "text/csv" | "application/octet-stream") {
            return Answer::unsupported_media(kind);
        }
        if job.state != State::Open {
            return job.conflict("Uploading data is");
        }
        if call.body.len() > UPLOAD_BYTES_MAX {
            let message = "The uploaded data exceeds the maximum size of 150 MB";
            return Answer::error(400, "LIMIT_EXCEEDED", message);
        }
        job.puts += 1;
        job.data = String::from_utf8(std::mem::take(&mut call.body))
            .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
        Answer::of_type(201, "text/plain", String::new())
    }

    fn patch(&mut self, org: &Org, number: usize, call: &Call, now_ms: u64) -> Answer {
        let body = match call.json() {
            Ok(body) => body,
            Err(answer) => return answer,
        };
        match text_of(&body, "state") {
            Some("UploadComplete") => self.close(org, number, now_ms),
            Some("Aborted") => self.abort(number, now_ms),
            _ => Answer::error(
                400,
                "INVALIDJOB",
                "InvalidJob : the state must be UploadComplete or Aborted",
            ),
        }
    }

    fn close(&mut self, org: &Org, number: usize, now_ms: u64) -> Answer {
        let job = &mut self.jobs[number];
        if job.state != State::Open {
            return job.conflict("Closing is");
        }
        if job.puts > 1 {
            // Spelling as the org sends it.
            let message = format!(
                "Found multipe contents for job: <{}>, please 'Close' / 'Abort' / 'Delete' the \
                 current Job then create a new Job and make sure you only do 'PUT' once on a given \
                 Job.",
                job.id
            );
            return Answer::error(400, "INVALIDJOB", message);
        }
        job.state = State::UploadComplete;
        job.touched_ms = now_ms;
        job.fate = self.faults.fate(job.object, now_ms - ORIGIN_MS);
        let rows = job.data.lines().count().saturating_sub(1) as u64;
        self.batches.add(rows.div_ceil(BATCH_ROWS), now_ms);
        self.due.insert((now_ms + speed::queue_ms(org), job.number));
        self.working_peak = self.working_peak.max(self.due.len());
        Answer::json(200, &self.jobs[number].json(Shape::Patched))
    }

    /// Committed chunks stay (§3.6).
    fn abort(&mut self, number: usize, now_ms: u64) -> Answer {
        let job = &mut self.jobs[number];
        if job.state.is_terminal() {
            let message = match job.state {
                State::JobComplete => "Aborting already Completed Job not allowed".to_owned(),
                state => format!("Aborting already {} Job not allowed", state.name()),
            };
            return Answer::error(400, "INVALIDJOBSTATE", message);
        }
        self.due.retain(|(_, due)| *due != job.number);
        self.locks.release(job.number);
        if job.work.is_none() {
            // Whatever is wrong with the data does not matter any more.
            let _ = process::read_data(job);
        }
        job.state = State::Aborted;
        job.touched_ms = now_ms;
        Answer::json(200, &job.json(Shape::Patched))
    }

    fn delete(&mut self, number: usize) -> Answer {
        let job = &mut self.jobs[number];
        if matches!(job.state, State::Open | State::InProgress) {
            return job.conflict("Deleting is");
        }
        self.due.retain(|(_, due)| *due != job.number);
        if let Some(key) = ids::key(&job.id) {
            self.by_id.remove(&key);
        }
        job.data = String::new();
        job.work = None;
        Answer::empty(204)
    }

    fn results(&self, number: usize, file: ResultFile, seed: u64) -> Answer {
        let job = &self.jobs[number];
        if !job.state.is_terminal() {
            return job.conflict("Reading results is");
        }
        Answer::csv(results::print(job, file, seed))
    }
}

/// One page of a job list; order is indeterminate (§3.9).
pub(super) fn list(mut jobs: Vec<Value>, call: &Call, moment: Moment<'_>) -> Answer {
    if let Some(wanted) = call.parameter("jobType") {
        jobs.retain(|job| job["jobType"].as_str() == Some(wanted));
    }
    shuffle(&mut jobs, moment.seed);
    let from = call
        .parameter("queryLocator")
        .and_then(|from| from.parse().ok())
        .unwrap_or(0);
    let end = usize::min(from + LIST_PAGE, jobs.len());
    let page = jobs.get(from..end).unwrap_or_default();
    let done = end == jobs.len();
    let path = call.segments.join("/");
    let filter = call
        .parameter("jobType")
        .map_or_else(String::new, |wanted| format!("&jobType={wanted}"));
    let next = (!done).then(|| format!("/{path}?queryLocator={end}{filter}"));
    Answer::json(
        200,
        &json!({ "done": done, "nextRecordsUrl": next, "records": page }),
    )
}
