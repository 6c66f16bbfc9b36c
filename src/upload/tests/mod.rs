//! One chunk against a scripted org on a paused clock: what is asked, journalled, shown and said.

mod sending;
mod taking_up;
mod waiting;

use std::fs::File;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use tempfile::TempDir;

use super::chunk::tests::wave_of;
use super::*;
use crate::journal::{Disk, Disks, JobRecord, Line};
use crate::model::event::Listener;
use crate::model::job::JobState;
use crate::salesforce::tests::{Script, Step, TOKEN, answer, job_id, job_json};
use crate::salesforce::transport::{Body, Method, Request, Response, SendError, Transport};
use crate::salesforce::{AccessToken, Login};

/// The journal as its disk sees it: the names of entries, how many of them are safe, and how the
/// last job ended.
#[derive(Default)]
struct Pages {
    entries: Vec<String>,
    on_disk: usize,
    ended: Option<JobState>,
}

/// Writes nothing; remembers what it was asked.
struct Recorder(Arc<Mutex<Pages>>);

impl Disk for Recorder {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        let line = Line::decode(std::str::from_utf8(line).unwrap().trim_end()).unwrap();
        let mut pages = self.0.lock().unwrap();
        pages.entries.push(line.entry.name().to_owned());
        if let Entry::JobEnded { state, .. } = line.entry {
            pages.ended = Some(state);
        }
        Ok(())
    }

    fn flush_to_disk(&mut self) -> std::io::Result<()> {
        let mut pages = self.0.lock().unwrap();
        pages.on_disk = pages.entries.len();
        Ok(())
    }
}

/// Passes requests on, and holds every one of them against the promises.
struct Watch {
    script: Arc<Script>,
    pages: Arc<Mutex<Pages>>,
    cancel: CancellationToken,
    /// Somebody wants to stop while this request is on its way.
    cancel_at: Option<&'static str>,
    asked: Mutex<Vec<String>>,
}

impl Transport for Watch {
    fn address(&self) -> &'static str {
        "https://acme.my.salesforce.com"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        let verb = verb_of(&request);
        let answer = self.script.send(request);
        {
            let pages = self.pages.lock().unwrap();
            let last = pages.entries.last().unwrap().as_str();
            let count = |name: &str| pages.entries.iter().filter(|entry| *entry == name).count();
            let is_safe = pages.on_disk == pages.entries.len();
            match verb.as_str() {
                "create" => assert!(last == "JobIntended" && is_safe, "created after {last}"),
                "close" => assert!(last == "JobClosing" && is_safe, "closed after {last}"),
                "put" => assert_eq!(last, "JobCreated", "data goes to a fresh job, once"),
                "abort" => assert!(count("JobCreated") > 0, "only our own jobs are aborted"),
                _ => {}
            }
        }
        if self.cancel_at == Some(verb.as_str()) {
            self.cancel.cancel();
        }
        self.asked.lock().unwrap().push(verb);
        answer
    }
}

fn verb_of(request: &Request) -> String {
    let closes = match &request.body {
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).contains("UploadComplete"),
        Body::Empty | Body::JobData { .. } => false,
    };
    let last = request.path.rsplit('/').next().unwrap_or_default();
    match request.method {
        Method::Post => "create",
        Method::Put => "put",
        Method::Patch if closes => "close",
        Method::Patch => "abort",
        Method::Get if last == job_id().to_string() => "look",
        Method::Get if last.starts_with("query?") => "query",
        Method::Get | Method::Delete => last,
    }
    .to_owned()
}

#[derive(Default)]
struct Shown(Mutex<Vec<String>>);

impl Listener for Shown {
    fn on(&self, event: &Event) {
        let text = match event {
            Event::JobChanged { state, rows, .. } => {
                assert_eq!(*rows, 3);
                state.clone()
            }
            Event::Warned { code, .. } => format!("warned: {code}"),
            other => panic!("{other:?}"),
        };
        self.0.lock().unwrap().push(text);
    }
}

/// Everything a chunk needs to be sent, and everything it leaves behind.
struct Bench {
    folder: TempDir,
    wave: SealedWave,
    journal: Journal,
    pacing: PacingSettings,
    org: Org,
    events: Events,
    shown: Arc<Shown>,
    watch: Arc<Watch>,
}

impl Bench {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::cancelled_at(None, steps)
    }

    fn cancelled_at(
        cancel_at: Option<&'static str>,
        steps: impl IntoIterator<Item = Step>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let wave = wave_of(&[(1, 20), (1, 20), (2, 20), (2, 20)], 10);
        let pages = Arc::new(Mutex::new(Pages::default()));
        let shared = pages.clone();
        let disks: Disks = Arc::new(move |_: File| Box::new(Recorder(shared.clone())));
        let journal = Journal::create(folder.path(), Box::new(|| "t".into()), &disks).unwrap();
        begin_run(&journal, &wave);
        // One attempt each: what the telephone repeats by itself is tested there.
        let pacing = PacingSettings {
            attempts_max: 1,
            ..PacingSettings::default()
        };
        let watch = Arc::new(Watch {
            script: Script::new(steps),
            pages,
            cancel: CancellationToken::new(),
            cancel_at,
            asked: Mutex::default(),
        });
        let login = Login::Token(AccessToken::parse(TOKEN).unwrap());
        let org = Org::new(watch.clone(), login, &pacing, "67.0", 7);
        let shown = Arc::new(Shown::default());
        Self {
            folder,
            wave,
            journal,
            pacing,
            org,
            events: shown.clone(),
            shown,
            watch,
        }
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            org: &self.org,
            journal: &self.journal,
            run_folder: self.folder.path(),
            pacing: &self.pacing,
            events: &self.events,
            cancel: &self.watch.cancel,
        }
    }

    async fn send(&self) -> Result<Sending, UploadError> {
        let chunk = Chunk {
            first: 1,
            rows: 3,
            offset: 30,
            bytes: 60,
            waits_for_predecessor: true,
        };
        send(&self.desk(), &self.wave, &chunk).await
    }

    /// The job as the journal knows it, after these steps of an earlier process.
    fn left_at(&self, steps: &[Entry]) -> JobRecord {
        for step in steps {
            self.journal.record(step.clone()).unwrap();
        }
        self.journal.state().jobs().last().unwrap().clone()
    }

    fn asked(&self) -> Vec<String> {
        self.watch.asked.lock().unwrap().clone()
    }

    /// Entries since the wave was sealed.
    fn entries(&self) -> Vec<String> {
        self.watch.pages.lock().unwrap().entries[3..].to_vec()
    }

    fn ended(&self) -> Option<JobState> {
        self.watch.pages.lock().unwrap().ended
    }

    fn shown(&self) -> Vec<String> {
        self.shown.0.lock().unwrap().clone()
    }
}

fn begin_run(journal: &Journal, wave: &SealedWave) {
    let entries = [
        Entry::RunOpened {
            command: "run".into(),
            org_id: "00D".into(),
            user_id: "005".into(),
            settings_sha256: String::new(),
        },
        Entry::PlanSealed {
            sha256: String::new(),
            input_sha256: String::new(),
            accepted: 4,
            rejected: 0,
        },
        Entry::WaveSealed {
            wave: wave.number,
            kind: wave.kind,
            letter: wave.letter,
            round: wave.round,
            file: wave.file.clone(),
            sha256: wave.sha256.clone(),
            rows: wave.rows.len() as u64,
        },
    ];
    for entry in entries {
        journal.record(entry).unwrap();
    }
}

fn finished(sending: Result<Sending, UploadError>) -> FinishedJob {
    match sending.unwrap() {
        Sending::Finished(finished) => finished,
        Sending::NotSent { why } => panic!("not sent: {why}"),
    }
}

fn not_sent(sending: Result<Sending, UploadError>) -> String {
    match sending.unwrap() {
        Sending::NotSent { why } => why,
        Sending::Finished(finished) => panic!("{finished:?}"),
    }
}

fn job(state: &str) -> Step {
    answer(200, &job_json(state, ""))
}

fn refused(status: u16, code: &str) -> Step {
    let body = format!(r#"[{{"errorCode":"{code}","message":"no"}}]"#);
    answer(status, &body)
}

/// A row in each file.
fn results() -> [Step; 3] {
    [
        answer(
            200,
            "\"sf__Id\",\"sf__Created\",Username\n\"1\",\"true\",\"a\"\n",
        ),
        answer(
            200,
            "\"sf__Id\",\"sf__Error\",Username\n\"\",\"X:y:--\",\"b\"\n",
        ),
        answer(200, "Username\n\"c\"\n"),
    ]
}

/// A job up to the answer of its close.
fn begun() -> [Step; 2] {
    [job("Open"), answer(201, "")]
}

fn closed() -> impl Iterator<Item = Step> {
    begun().into_iter().chain([job("UploadComplete")])
}

const FETCHED: [&str; 3] = ["successfulResults", "failedResults", "unprocessedrecords"];
