//! The org's front desk: every request passes here, is checked for session, version and size,
//! and is answered by the resource it names.

use super::answer::Answer;
use super::auth::{self, Sessions};
use super::bulk_query::{QUERY_JOBS_PER_DAY, QueryDesk};
use super::call::Call;
use super::clock::{Clock, ORIGIN_MS};
use super::faults::{Daily, Effect, Elsewhere, Encounter, JobFaults, RequestFaults};
use super::ingest::{Desk, Moment};
use super::meter::Meter;
use super::org::Org;
use super::rest::{self, Allowance, Cursors};
use super::seed::Seed;
use super::soql::Deleted;
use super::{FaultPlan, SimOptions};

/// Path with query, and path with query and headers (bulk-api-2.md §2.4).
const URI_BYTES_MAX: usize = 16_384;

/// Versions that were retired: the org answers 410 (§2.1).
const RETIRED: std::ops::RangeInclusive<u32> = 7..=30;

/// How often each kind of request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// All requests, refused ones too.
    pub all: u64,
    /// OAuth endpoints.
    pub auth: u64,
    /// Below `jobs/ingest`.
    pub ingest: u64,
    /// Below `jobs/query`.
    pub bulk_query: u64,
    /// `query` and `queryAll`, further pages too.
    pub query: u64,
    /// Answers with a status of 400 and above.
    pub refused: u64,
}

/// The whole simulated org.
#[derive(Debug)]
pub(super) struct World {
    pub(super) org: Org,
    pub(super) desk: Desk,
    queries: QueryDesk,
    cursors: Cursors,
    pub(super) sessions: Sessions,
    clock: Clock,
    seed: u64,
    requests: Meter,
    pub(super) counts: RequestCounts,
    pub(super) faults: RequestFaults,
}

impl World {
    /// Builds the org of a seed.
    pub(super) fn new(seed: Seed, options: SimOptions) -> Self {
        let SimOptions {
            seed: number,
            latency: _,
            lets_pass,
            faults,
        } = options;
        let FaultPlan {
            requests,
            jobs,
            users,
        } = faults;
        let sessions = Sessions::new(&seed.org);
        let mut org = Org::new(seed, lets_pass);
        org.elsewhere = Elsewhere::new(users, number);
        Self {
            org,
            desk: Desk::new(JobFaults::new(jobs, number)),
            queries: QueryDesk::default(),
            cursors: Cursors::default(),
            sessions,
            clock: Clock::default(),
            seed: number,
            requests: Meter::default(),
            counts: RequestCounts::default(),
            faults: RequestFaults::new(requests, number),
        }
    }

    /// A request sets out: what goes wrong with it. What goes wrong with the org happens here.
    pub(super) fn meet(&mut self, call: &Call) -> Encounter {
        if self.faults.is_calm() {
            // Not even the clock starts earlier for it.
            return Encounter::default();
        }
        let now_ms = self.clock.now_ms();
        let met = self.faults.meet(call, now_ms - ORIGIN_MS);
        for effect in &met.effects {
            match effect {
                Effect::SessionsEnd => self.sessions.expire_all(),
                Effect::Spent(Daily::Requests, left) => {
                    let max = self.org.facts.daily_api_requests;
                    self.requests.set(max.saturating_sub(*left), now_ms);
                }
                Effect::Spent(Daily::Batches, left) => {
                    let max = self.org.facts.daily_bulk_batches;
                    self.desk.batches.set(max.saturating_sub(*left), now_ms);
                }
            }
        }
        met
    }

    /// Creates a job as a client other than ours would, but as the same user.
    pub(super) fn create_foreign(&mut self, call: &Call) -> Answer {
        let now_ms = self.advance();
        let moment = Moment {
            version: "67.0",
            now_ms,
            seed: self.seed,
        };
        self.desk.create(&mut self.org, call, moment)
    }

    /// Does what has become due, then answers.
    pub(super) fn answer(&mut self, mut call: Call) -> Answer {
        let now_ms = self.advance();
        self.counts.all += 1;
        self.requests.add(1, now_ms);
        let answer = self.dispatch(&mut call, now_ms);
        if answer.status >= 400 {
            self.counts.refused += 1;
        }
        answer
    }

    /// Brings the org up to the present moment.
    pub(super) fn advance(&mut self) -> u64 {
        let now_ms = self.clock.now_ms();
        // Queries look at the org as it is at their moment, between two steps of ingest jobs.
        while let Some(due) = self.desk.next_due().filter(|due| *due <= now_ms) {
            self.queries.advance(&self.org, due.saturating_sub(1));
            self.desk.advance(&mut self.org, due);
        }
        self.queries.advance(&self.org, now_ms);
        now_ms
    }

    fn dispatch(&mut self, call: &mut Call, now_ms: u64) -> Answer {
        if call.uri_bytes > URI_BYTES_MAX {
            return html(414, "URI Too Long");
        }
        if call.uri_bytes + call.header_bytes() > URI_BYTES_MAX {
            return html(431, "Request Header Fields Too Large");
        }
        let words: Vec<String> = call
            .segments
            .iter()
            .take(4)
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["services", "oauth2", word, ..] => self.oauth(call, word, now_ms),
            ["services", "data"] => rest::versions(),
            ["id", _, _] if self.sessions.admits(call) => {
                self.counts.auth += 1;
                auth::identity(&self.org, &call.segments[1], &call.segments[2])
            }
            ["id", _, _] => auth::session_expired(),
            ["services", "data", version, ..] => self.versioned(call, version, now_ms),
            _ => Answer::not_found(),
        }
    }

    fn oauth(&mut self, call: &Call, word: &str, now_ms: u64) -> Answer {
        self.counts.auth += 1;
        match word {
            "token" => auth::token(&self.org, &mut self.sessions, call, now_ms),
            "revoke" => auth::revoke(&mut self.sessions, call),
            "userinfo" if self.sessions.admits(call) => auth::user_info(&self.org),
            "userinfo" => auth::session_expired(),
            _ => Answer::not_found(),
        }
    }

    fn versioned(&mut self, call: &mut Call, version: &str, now_ms: u64) -> Answer {
        let version = version
            .strip_prefix('v')
            .and_then(|version| version.strip_suffix(".0"));
        let Some(number) = version.and_then(|version| version.parse::<u32>().ok()) else {
            return Answer::not_found();
        };
        if RETIRED.contains(&number) {
            let message = format!("The requested API version {number}.0 is retired");
            return Answer::error(410, "GONE", message);
        }
        if !rest::VERSIONS.contains(&number) {
            return Answer::not_found();
        }
        if !self.sessions.admits(call) {
            return auth::session_expired();
        }
        let max = self.org.facts.daily_api_requests;
        let used = self.requests.used(now_ms);
        if used > max {
            let message = "TotalRequests Limit exceeded.";
            return Answer::error(403, "REQUEST_LIMIT_EXCEEDED", message);
        }
        let version = format!("{number}.0");
        let moment = Moment {
            version: &version,
            now_ms,
            seed: self.seed,
        };
        self.resource(call, moment)
            .with("sforce-limit-info", format!("api-usage={used}/{max}"))
    }

    fn resource(&mut self, call: &mut Call, moment: Moment<'_>) -> Answer {
        let below: Vec<String> = call
            .below_version()
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
        let words: Vec<String> = below
            .iter()
            .take(2)
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (org, version) = (&mut self.org, moment.version);
        match words.as_slice() {
            [] => rest::resources(org, version),
            ["limits"] => self.limits(moment.now_ms),
            ["sobjects", ..] => {
                let below: Vec<&str> = below.iter().skip(1).map(String::as_str).collect();
                rest::sobjects(org, version, call, &below)
            }
            ["query", ..] => {
                self.counts.query += 1;
                rest::query(org, &mut self.cursors, version, call, Deleted::Hidden)
            }
            ["queryall", ..] => {
                self.counts.query += 1;
                rest::query(org, &mut self.cursors, version, call, Deleted::Seen)
            }
            ["jobs", "ingest"] => {
                self.counts.ingest += 1;
                self.desk.answer(org, call, moment)
            }
            ["jobs", "query"] => {
                self.counts.bulk_query += 1;
                self.queries.answer(org, call, moment, &self.desk)
            }
            _ => Answer::not_found(),
        }
    }

    fn limits(&self, now_ms: u64) -> Answer {
        let left = |max: u64, meter: &Meter| Allowance {
            max,
            used: meter.used(now_ms),
        };
        let facts = &self.org.facts;
        rest::limits(
            left(facts.daily_api_requests, &self.requests),
            left(facts.daily_bulk_batches, &self.desk.batches),
            left(QUERY_JOBS_PER_DAY, &self.queries.made),
        )
    }
}

/// Refusals of the web server in front of the org are HTML (bulk-api-2.md §2.4).
fn html(status: u16, reason: &str) -> Answer {
    let body = format!("<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>");
    Answer::of_type(status, "text/html;charset=iso-8859-1", body)
}
