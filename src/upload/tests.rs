//! One chunk against a scripted org on a paused clock: what is asked, journalled, shown and said.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use tempfile::TempDir;

use super::chunk::tests::wave_of;
use super::*;
use crate::journal::{FILE_NAME, Line, machine_disks};
use crate::model::event::Listener;
use crate::model::explain::{Exit, Explain};
use crate::salesforce::tests::{
    Script, Step, TOKEN, answer, job_id, job_json, not_connected, reset, torn,
};
use crate::salesforce::transport::{Request, Response, SendError, Transport};
use crate::salesforce::{AccessToken, Login};

/// Passes requests on, and keeps what the journal's last entry was when each was sent.
struct Watch {
    script: Arc<Script>,
    journal: PathBuf,
    before: Mutex<Vec<String>>,
}

impl Transport for Watch {
    fn address(&self) -> &'static str {
        "https://acme.my.salesforce.com"
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        let last = entries(&self.journal).pop().unwrap_or_default();
        self.before
            .lock()
            .unwrap()
            .push(format!("{} after {last}", request.method.as_str()));
        self.script.send(request)
    }
}

/// Names of the journal's entries.
fn entries(journal: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(journal).unwrap();
    let name = |line: &str| format!("{:?}", Line::decode(line).unwrap().entry);
    text.lines()
        .map(|line| name(line).split(' ').next().unwrap().to_owned())
        .collect()
}

#[derive(Default)]
struct Shown(Mutex<Vec<String>>);

impl Listener for Shown {
    fn on(&self, event: &Event) {
        let Event::JobChanged { job, rows, state } = event else {
            panic!("{event:?}")
        };
        assert_eq!((job.as_str(), *rows), (job_id().to_string().as_str(), 3));
        self.0.lock().unwrap().push(state.clone());
    }
}

/// The journal of a run whose wave is sealed.
fn open_journal(folder: &Path, wave: &SealedWave) -> Journal {
    let journal = Journal::create(folder, Box::new(|| "t".into()), &machine_disks()).unwrap();
    let before = [
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
    for entry in before {
        journal.record(entry).unwrap();
    }
    journal
}

/// Everything one sending leaves behind.
struct Sent {
    end: Result<FinishedJob, UploadError>,
    script: Arc<Script>,
    before: Vec<String>,
    journal: Vec<String>,
    shown: Vec<String>,
    folder: TempDir,
}

async fn send_against(steps: impl IntoIterator<Item = Step>) -> Sent {
    let folder = tempfile::tempdir().unwrap();
    let wave = wave_of(&[(1, 20), (1, 20), (2, 20), (2, 20)], 10);
    let journal = open_journal(folder.path(), &wave);
    let pacing = PacingSettings {
        job_wait_ms: 120_000,
        ..PacingSettings::default()
    };
    let script = Script::new(steps);
    let path = folder.path().join(FILE_NAME);
    let watch = Arc::new(Watch {
        script: script.clone(),
        journal: path,
        before: Mutex::default(),
    });
    let login = Login::Token(AccessToken::parse(TOKEN).unwrap());
    let org = Org::new(watch.clone(), login, &pacing, "67.0", 7);
    let shown = Arc::new(Shown::default());
    let events: Events = shown.clone();
    let desk = Desk {
        org: &org,
        journal: &journal,
        run_folder: folder.path(),
        pacing: &pacing,
        events: &events,
    };
    let chunk = Chunk {
        first: 1,
        rows: 3,
        offset: 30,
        bytes: 60,
        waits_for_predecessor: true,
    };
    let end = send(&desk, &wave, &chunk).await;
    Sent {
        end,
        script,
        before: watch.before.lock().unwrap().clone(),
        journal: entries(&watch.journal),
        shown: shown.0.lock().unwrap().clone(),
        folder,
    }
}

fn job(state: &str) -> Step {
    answer(200, &job_json(state, ""))
}

fn results() -> [Step; 3] {
    [
        answer(200, "\"sf__Id\",\"sf__Created\",Username\n"),
        answer(200, "\"sf__Id\",\"sf__Error\",Username\n"),
        answer(200, "Username\n"),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_step_is_journalled_before_or_after_as_it_must_be() {
    let steps = [
        job("Open"),
        answer(201, ""),
        job("UploadComplete"),
        job("InProgress"),
    ];
    let sent = send_against(
        steps
            .into_iter()
            .chain([job("JobComplete")])
            .chain(results()),
    )
    .await;
    let finished = sent.end.unwrap();
    assert_eq!(
        (finished.state, finished.bytes_sent, finished.chunk.first),
        (JobState::JobComplete, 70, 1)
    );
    assert_eq!(
        sent.before,
        [
            "POST after JobIntended",
            "PUT after JobCreated",
            "PATCH after JobClosing",
            "GET after JobClosed",
            "GET after JobClosed",
            "GET after JobEnded",
            "GET after JobEnded",
            "GET after JobEnded",
        ]
    );
    assert_eq!(
        sent.journal,
        [
            "JobIntended",
            "JobCreated",
            "DataSent",
            "JobClosing",
            "JobClosed",
            "JobEnded",
            "ResultsStored"
        ]
    );
    let states = [
        "Open",
        "UploadComplete",
        "InProgress",
        "JobComplete",
        "results stored",
    ];
    assert_eq!(sent.shown, states);
    let name = format!("jobs/{}-unprocessed.csv", job_id());
    assert_eq!(finished.files.unprocessed, sent.folder.path().join(name));
    for file in [
        &finished.files.successful,
        &finished.files.failed,
        &finished.files.unprocessed,
    ] {
        assert!(
            std::fs::read_to_string(file)
                .unwrap()
                .ends_with("Username\n")
        );
    }
    assert!(sent.script.seen()[0].body.contains("\"object\":\"User\""));
    assert_eq!(
        sent.script.seen()[1].body,
        "10 + 60",
        "the header and the chunk's bytes"
    );
}

#[tokio::test(start_paused = true)]
async fn all_three_files_are_fetched_however_the_job_ended() {
    for state in ["JobComplete", "Failed", "Aborted"] {
        let info = answer(
            200,
            &job_json(
                state,
                r#","errorMessage":"InvalidBatch : Field name not found : X""#,
            ),
        );
        let steps = [job("Open"), answer(201, ""), job("UploadComplete"), info];
        let sent = send_against(steps.into_iter().chain(results())).await;
        let finished = sent.end.unwrap();
        assert_eq!(format!("{:?}", finished.state), state);
        assert_eq!(
            finished.message.unwrap(),
            "InvalidBatch : Field name not found : X"
        );
        assert_eq!(
            std::fs::read_dir(sent.folder.path().join("jobs"))
                .unwrap()
                .count(),
            3
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_refused_or_lost_sends_nothing_more() {
    let refused = || answer(400, r#"[{"errorCode":"INVALIDENTITY","message":"no"}]"#);
    let sent = send_against([refused()]).await;
    let error = sent.end.unwrap_err();
    assert!(matches!(error, UploadError::NotCreated { .. }), "{error:?}");
    assert_eq!((sent.script.seen().len(), error.exit()), (1, Exit::Org));
    for lost in [reset(), answer(503, ""), torn(200, "{"), answer(200, "{}")] {
        let sent = send_against([lost]).await;
        let error = sent.end.unwrap_err();
        assert!(
            matches!(error, UploadError::CreateUnknown { .. }),
            "{error:?}"
        );
        assert_eq!((sent.script.seen().len(), error.exit()), (1, Exit::Stopped));
        assert_eq!(sent.journal, ["JobIntended"]);
        assert_eq!(error.job_in_doubt(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_in_doubt_is_aborted_and_never_repeated() {
    let sent = send_against([job("Open"), reset(), job("Aborted")]).await;
    let error = sent.end.unwrap_err();
    assert!(
        matches!(error, UploadError::DataNotSent { aborted: true, .. }),
        "{error:?}"
    );
    assert_eq!(
        sent.before[1..],
        ["PUT after JobCreated", "PATCH after JobCreated"]
    );
    assert!(sent.script.seen()[2].body.contains("Aborted"));
    assert_eq!(sent.journal, ["JobIntended", "JobCreated", "JobEnded"]);
    assert!(
        error.remedy().contains("no row of it is in the org"),
        "{}",
        error.remedy()
    );

    let sent = send_against([job("Open"), answer(401, ""), answer(401, "")]).await;
    let error = sent.end.unwrap_err();
    assert!(
        matches!(error, UploadError::DataNotSent { aborted: false, .. }),
        "{error:?}"
    );
    assert_eq!((error.exit(), sent.journal.len()), (Exit::Org, 2));
}

#[tokio::test(start_paused = true)]
async fn a_close_whose_answer_is_lost_is_looked_into() {
    for state in ["UploadComplete", "InProgress", "JobComplete"] {
        let steps = [
            job("Open"),
            answer(201, ""),
            reset(),
            job(state),
            job("JobComplete"),
        ];
        // A job found at its end is not asked after again.
        let polls = if state == "JobComplete" { 4 } else { 5 };
        let sent = send_against(steps.into_iter().take(polls).chain(results())).await;
        assert_eq!(sent.end.unwrap().state, JobState::JobComplete);
        assert_eq!(sent.journal[3..6], ["JobClosing", "JobClosed", "JobEnded"]);
    }
    for found in [job("Open"), answer(404, "")] {
        let sent = send_against([job("Open"), answer(201, ""), reset(), found]).await;
        let error = sent.end.unwrap_err();
        assert!(
            matches!(error, UploadError::CloseUnknown { .. }),
            "{error:?}"
        );
        assert_eq!(
            sent.script.seen().len(),
            4,
            "nothing is aborted that may run"
        );
        assert_eq!(sent.journal.last().unwrap(), "JobClosing");
        let remedy = error.remedy();
        assert!(remedy.contains("may already be in the org"), "{remedy}");
        assert!(
            remedy.contains(&format!("--job-id {}", job_id())),
            "{remedy}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_close_commits_nothing_and_is_aborted() {
    let refused = answer(
        400,
        r#"[{"errorCode":"INVALIDJOB","message":"Found multipe contents"}]"#,
    );
    let sent = send_against([job("Open"), answer(201, ""), refused, job("Aborted")]).await;
    let error = sent.end.unwrap_err();
    assert!(
        matches!(error, UploadError::NotClosed { aborted: true, .. }),
        "{error:?}"
    );
    assert_eq!(error.job_in_doubt(), None);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_asked_after_less_and_less_often_and_not_for_ever() {
    let steps = [job("Open"), answer(201, ""), job("UploadComplete")];
    let polls = (0..99).map(|_| job("InProgress"));
    let sent = send_against(steps.into_iter().chain(polls)).await;
    let error = sent.end.unwrap_err();
    assert!(
        matches!(error, UploadError::StillRunning { waited_s: 120, .. }),
        "{error:?}"
    );
    assert_eq!(
        (error.exit(), error.job_in_doubt()),
        (Exit::Stopped, Some(job_id()))
    );
    let gaps: Vec<u128> = sent.script.gaps_ms()[2..].to_vec();
    assert_eq!(
        gaps,
        [
            2_000, 3_000, 4_500, 6_750, 10_125, 15_188, 22_782, 30_000, 25_655
        ]
    );
    assert_eq!(sent.shown, ["Open", "UploadComplete", "InProgress"]);
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_while_waiting_is_survived_and_lasting_trouble_is_said() {
    let begin = || [job("Open"), answer(201, ""), job("UploadComplete")];
    let trouble = [
        reset(),
        answer(503, "<html>"),
        not_connected(),
        job("JobComplete"),
    ];
    let sent = send_against(begin().into_iter().chain(trouble).chain(results())).await;
    assert_eq!(sent.end.unwrap().state, JobState::JobComplete);

    let sent = send_against(begin().into_iter().chain((0..9).map(|_| reset()))).await;
    let error = sent.end.unwrap_err();
    assert!(matches!(error, UploadError::Unwatched { .. }), "{error:?}");
    assert_eq!(error.exit(), Exit::Stopped);

    let end = [
        job("JobComplete"),
        answer(200, "Username\n"),
        answer(404, ""),
    ];
    let sent = send_against(begin().into_iter().chain(end)).await;
    let error = sent.end.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the failed results of an ended job could not be fetched: the org does not have it: \
         status 404"
    );
    assert_eq!(sent.journal.last().unwrap(), "JobEnded");
}
