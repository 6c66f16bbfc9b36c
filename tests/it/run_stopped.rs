//! A run that does not reach its last row: by Ctrl-C, by trouble on the line, or because somebody
//! else took the seats. Every row still ends in one file, once, and says what to do with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use admit::journal::{Entry, Line as JournalLine};
use admit::model::event::{Event, Listener};
use admit::model::explain::Explain;
use admit::model::settings::{
    CacheSettings, GuardSettings, InputSettings, PacingSettings, ProgramSettings, Settings,
    StoppingSettings,
};
use admit::model::summary::OrgKind;
use admit::pipeline::{self, AccessToken, Clock, Command, Ended, Line, Login, Outside, Walk};
use admit::salesforce::transport::{Method, Request, Response, SendError, Sent, Transport};
use admit::sim::{Seed, SimOptions, SimOrg};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::served::{Served, first_rows};
use crate::world::{Table, World};

const SLOWLY: [&str; 7] = [
    "--yes",
    "--welcome",
    "now",
    "--rows-per-job",
    "10",
    "--lanes",
    "1",
];

/// Rows of both files by stage and retry; `created` for success.csv.
fn ends(world: &World, out: &str) -> BTreeMap<String, usize> {
    let failure = world.table(out, "failure.csv");
    let stages = failure.cells("admit__Stage");
    let retries = failure.cells("admit__Retry");
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for (stage, retry) in stages.iter().zip(retries) {
        let end = match *stage {
            "unprocessed" | "unaccounted" => format!("{stage} {retry}"),
            other => other.to_owned(),
        };
        *ends.entry(end).or_default() += 1;
    }
    let created = world.table(out, "success.csv").rows.len();
    ends.insert("created".to_owned(), created);
    ends
}

fn journal(world: &World, out: &str) -> Vec<Entry> {
    let text = String::from_utf8(world.files(out)["journal.jsonl"].clone()).unwrap();
    let entry = |line: &str| JournalLine::decode(line).unwrap().entry;
    text.lines().map(entry).collect()
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_what_is_in_flight_and_the_rest_can_be_run_again() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 150);
    let mut going = served.begin(&world, &contacts, "first", &SLOWLY);
    going.wait_for(&["\"job\"", "results stored"]);
    going.signal("INT");
    let done = going.end();
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(done.stderr.contains("\"stopping\""), "{}", done.stderr);
    assert!(done.stderr.contains("failure.csv"), "{}", done.stderr);
    let summary: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(
        summary["stopped"],
        "the run was stopped before its last row"
    );

    let first = ends(&world, "first");
    assert_eq!(first.values().sum::<usize>(), 150);
    let (created, left) = (first["created"], first["unprocessed now"]);
    assert!(created >= 10 && left > 0, "{first:?}");
    assert!(!first.contains_key("unaccounted after-fix"), "{first:?}");
    let ended = journal(&world, "first").pop();
    assert_eq!(ended, Some(Entry::RunEnded { exit: 4 }));
    let reasons = world.table("first", "failure.csv");
    let reason = reasons.cells("admit__Reason");
    assert!(
        reason
            .iter()
            .any(|reason| reason.contains("is not in the org"))
    );

    let again = world.path("first/failure.csv");
    let quickly = ["--yes", "--welcome", "now"];
    let done = served.run(&world, &again, "second", &quickly);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let second = ends(&world, "second");
    assert_eq!(second["created"], left, "{second:?}");
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_leaves_at_once_and_the_journal_holds() {
    let world = World::new();
    // So slow that the first job would take minutes.
    let served = Served::start(&world, &["--speed", "1"]);
    let contacts = first_rows(&world, "some.csv", 150);
    // Queries are as slow; they take seconds.
    let mut going = served.begin(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    going.wait_for(&["\"job\"", "UploadComplete"]);
    going.signal("INT");
    going.wait_for(&["\"stopping\"", "asked to stop"]);
    going.signal("INT");
    let done = going.end();
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(done.stderr.contains("left at once"), "{}", done.stderr);
    assert!(!world.path("out/success.csv").exists());
    let closed = |entry: &Entry| matches!(entry, Entry::JobClosed { .. });
    assert!(journal(&world, "out").iter().any(closed));
}

#[cfg(unix)]
#[test]
fn a_signal_before_anything_was_sent_ends_the_run_there() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "1"]);
    let contacts = first_rows(&world, "some.csv", 150);
    let mut going = served.begin(&world, &contacts, "out", &SLOWLY);
    going.wait_for(&["stage-started", "pull"]);
    going.signal("TERM");
    let done = going.end();
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(
        done.stderr.contains("before anything was sent"),
        "{}",
        done.stderr
    );
    assert_eq!(served.jobs_made(), 0);
}

/// Trouble on the line to the simulated org.
enum Trouble {
    /// From the nth close of a job on, nothing comes back and nobody can be asked.
    NoAnswerToClose(usize),
    /// From the nth creation of a job on, the org refuses.
    RefusedJob(usize),
    /// Whenever seats are counted again, so many are free, of each licence.
    SeatsLeft(u64),
}

struct Troubled {
    org: SimOrg,
    trouble: Trouble,
    met: AtomicUsize,
}

impl Troubled {
    /// The nth such request, from 1.
    fn meet(&self) -> usize {
        self.met.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn spoil(&self, request: &Request) -> Option<Result<Response, SendError>> {
        let lost = || {
            let what = "the line is dead".to_owned();
            Err(SendError {
                sent: Sent::Maybe,
                what,
            })
        };
        let is_job = request.path.contains("/jobs/ingest");
        match (&self.trouble, request.method) {
            (Trouble::NoAnswerToClose(nth), Method::Patch) if is_job => {
                (self.meet() >= *nth).then(lost)
            }
            (Trouble::NoAnswerToClose(nth), Method::Get) if is_job => {
                let closed = self.met.load(Ordering::Relaxed);
                (closed >= *nth && !request.path.ends_with("Results")).then(lost)
            }
            (Trouble::RefusedJob(nth), Method::Post) if is_job => {
                (self.meet() >= *nth).then(|| {
                    let body = r#"[{"errorCode":"INVALIDENTITY","message":"no"}]"#;
                    Ok(json(400, body.to_owned()))
                })
            }
            _ => None,
        }
    }
}

fn json(status: u16, body: String) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: stream::once(async { Ok(Bytes::from(body)) }).boxed(),
    }
}

impl Transport for Troubled {
    fn address(&self) -> &str {
        self.org.address()
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move {
            if let Some(answer) = self.spoil(&request) {
                return answer;
            }
            let counts_seats = request
                .path
                .contains("query?q=SELECT%20Id%2C%20TotalLicenses");
            let response = self.org.send(request).await?;
            match self.trouble {
                Trouble::SeatsLeft(left) if counts_seats => Ok(crowded(response, left).await),
                _ => Ok(response),
            }
        })
    }
}

/// The answer to a count of seats, with so many free.
async fn crowded(response: Response, left: u64) -> Response {
    let pieces: Vec<Bytes> = response.body.try_collect().await.unwrap();
    let mut page: serde_json::Value = serde_json::from_slice(&pieces.concat()).unwrap();
    for record in page["records"].as_array_mut().unwrap() {
        let total = record["TotalLicenses"].as_u64().unwrap();
        record["UsedLicenses"] = total.saturating_sub(left).into();
    }
    json(200, page.to_string())
}

struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event) {}
}

/// Rehearses a file with trouble on the line.
fn walk(world: &World, contacts: &Path, trouble: Trouble) -> Ended {
    let seed = Seed::sample();
    let login = Login::Token(AccessToken::parse(seed.access_token()).unwrap());
    let transport = Arc::new(Troubled {
        org: SimOrg::new(seed, SimOptions::default()),
        trouble,
        met: AtomicUsize::new(0),
    });
    let settings = Settings {
        contacts: contacts.to_owned(),
        out: world.path("out"),
        state_dir: world.path("state"),
        input: InputSettings::default(),
        program: ProgramSettings::default(),
        guard: GuardSettings::default(),
        cache: CacheSettings::default(),
        stopping: StoppingSettings::default(),
        pacing: PacingSettings {
            rows_per_job: Some(10),
            lanes: 1,
            ..PacingSettings::default()
        },
        api_version: "67.0".to_owned(),
        threads: 1,
        seed: 0,
    };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let outside = Outside {
            line: Line {
                transport,
                login,
                kind: OrgKind::Simulated,
            },
            clock: Clock::Simulated,
            events: Arc::new(Silent),
            cancel: CancellationToken::new(),
            disks: pipeline::machine_disks(),
        };
        let walk = Walk::new(settings, Command::Rehearse, outside).unwrap();
        pipeline::rehearse(&walk).await.unwrap()
    })
}

#[test]
fn a_job_whose_close_was_lost_leaves_its_rows_in_doubt_and_the_others_to_run_again() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    let ended = walk(&world, &contacts, Trouble::NoAnswerToClose(3));
    let error = ended.stopped.unwrap();
    assert!(
        error
            .to_string()
            .contains("not known whether the job was closed"),
        "{error}"
    );
    assert_eq!(error.exit().code(), 4);
    assert_eq!(ended.summary.stopped, Some(error.to_string()));

    let ends = ends(&world, "out");
    assert_eq!(ends.values().sum::<usize>(), 150, "{ends:?}");
    let settled = journal(&world, "out").into_iter().map(|entry| match entry {
        Entry::RowsSettled { created, .. } => created,
        _ => 0,
    });
    assert_eq!(ends["created"] as u64, settled.sum::<u64>(), "{ends:?}");
    assert!(ends["created"] > 0, "{ends:?}");
    let in_doubt = ends["unaccounted after-fix"];
    assert!((1..=10).contains(&in_doubt), "{ends:?}");
    assert!(ends["unprocessed now"] > 0, "{ends:?}");
    let failure = world.table("out", "failure.csv");
    let doubtful = rows_at(&failure, "unaccounted");
    let (reason, fix) = (
        failure.column("admit__Reason"),
        failure.column("admit__Fix"),
    );
    for row in doubtful {
        assert!(row[reason].contains("job 750"), "{}", row[reason]);
        assert!(
            row[fix].contains("Before sending the row again"),
            "{}",
            row[fix]
        );
    }
}

#[test]
fn an_org_that_refuses_jobs_leaves_every_other_row_to_run_again() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    let ended = walk(&world, &contacts, Trouble::RefusedJob(2));
    let error = ended.stopped.unwrap();
    assert_eq!(error.exit().code(), 6, "{error}");
    let ends = ends(&world, "out");
    assert_eq!(ends.values().sum::<usize>(), 150, "{ends:?}");
    assert_eq!(ends["created"], 10, "{ends:?}");
    assert!(!ends.contains_key("unaccounted after-fix"), "{ends:?}");
}

#[test]
fn users_whose_permission_sets_were_never_assigned_are_not_called_a_success() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 300);
    let clean = walk(&world, &contacts, Trouble::RefusedJob(usize::MAX));
    assert!(clean.stopped.is_none());
    let assigning = clean.summary.plan.waves.last().unwrap();
    assert_eq!(assigning.name, "assign-permission-set");
    let jobs = usize::try_from(clean.summary.jobs - assigning.jobs).unwrap();
    let all = world.table("out", "success.csv").rows.len();

    let other = World::new();
    let contacts = first_rows(&other, "some.csv", 300);
    let ended = walk(&other, &contacts, Trouble::RefusedJob(jobs + 1));
    assert!(ended.stopped.is_some());
    let failure = other.table("out", "failure.csv");
    let reasons = failure.cells("admit__Reason");
    let lacking = reasons
        .iter()
        .filter(|reason| reason.contains("but lacks permission set"));
    let lacking = lacking.count();
    assert!(lacking > 0);
    assert_eq!(other.table("out", "success.csv").rows.len() + lacking, all);
}

#[test]
fn seats_that_others_took_meanwhile_are_missed_before_sending() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    let ended = walk(&world, &contacts, Trouble::SeatsLeft(5));
    assert!(ended.stopped.is_none());
    let failure = world.table("out", "failure.csv");
    let code = failure.column("admit__Code");
    let rejected = rows_at(&failure, "rejected");
    let without: Vec<_> = rejected
        .iter()
        .filter(|row| row[code] == "no-seat")
        .collect();
    assert!(!without.is_empty());
    let refused = failure.cells("admit__Code");
    assert!(
        !refused.contains(&"LICENSE_LIMIT_EXCEEDED"),
        "none was sent in vain"
    );
    let ends = ends(&world, "out");
    assert_eq!(ends.values().sum::<usize>(), 150, "{ends:?}");
    let reason = &without[0][failure.column("admit__Reason")];
    assert!(reason.contains("no free seat of"), "{reason}");
}

fn rows_at<'t>(failure: &'t Table, stage: &str) -> Vec<&'t Vec<String>> {
    let column = failure.column("admit__Stage");
    failure
        .rows
        .iter()
        .filter(|row| row[column] == stage)
        .collect()
}
