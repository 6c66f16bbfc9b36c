//! Jobs that another process left, jobs to be stopped, and questions about rows in doubt.

use super::*;
use crate::model::change::{AskedKey, ChangeKind};
use crate::model::id::{ContactId, PermissionSetId, UserId};
use crate::model::limits::SOQL_URI_BYTES_MAX;
use crate::salesforce::tests::reset;

/// The first so many steps of a job, up to its end.
fn steps(count: usize) -> Vec<Entry> {
    let job = || job_id().to_string();
    let (wave, round, first) = (3, 1, 1);
    let mut steps = vec![
        Entry::JobIntended {
            wave,
            round,
            first,
            rows: 3,
            bytes: 60,
        },
        Entry::JobCreated {
            wave,
            round,
            first,
            job: job(),
        },
        Entry::DataSent { job: job() },
        Entry::JobClosing { job: job() },
        Entry::JobClosed { job: job() },
        Entry::JobEnded {
            job: job(),
            state: JobState::JobComplete,
            message: None,
        },
        Entry::ResultsStored {
            job: job(),
            sha256: None,
        },
        Entry::OrgAsked {
            job: job(),
            sha256: None,
        },
    ];
    steps.truncate(count);
    steps
}

async fn taken_up(bench: &Bench, steps: &[Entry]) -> Result<Sending, UploadError> {
    let job = bench.left_at(steps);
    take_up(&bench.desk(), &bench.wave, &job).await
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_never_closed_is_given_up() {
    let bench = Bench::new([]);
    not_sent(taken_up(&bench, &steps(1)).await);
    assert!(
        bench.asked().is_empty(),
        "a job we cannot name is not touched"
    );
    assert_eq!(bench.shown(), ["warned: suspected-orphan"]);
    let gone = || refused(404, "NOT_FOUND");
    for count in [2, 3] {
        for (script, way) in [
            (vec![job("Open"), job("Aborted")], &["look", "abort"][..]),
            (
                vec![job("Open"), reset(), job("Aborted")],
                &["look", "abort", "look"],
            ),
            (
                vec![job("Open"), answer(401, ""), job("Open")],
                &["look", "abort", "look"],
            ),
            (vec![gone(), gone(), gone()], &["look", "look", "look"]),
        ] {
            let bench = Bench::new(script);
            not_sent(taken_up(&bench, &steps(count)).await);
            assert_eq!(bench.asked(), way);
            assert_eq!(bench.entries().last().unwrap(), "JobAbandoned");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_closed_without_our_journal_knowing_is_followed_to_its_end() {
    for count in [2, 3] {
        for (before, way) in [
            (vec![job("JobComplete")], &["look", "look"][..]),
            (
                vec![job("UploadComplete"), job("InProgress")],
                &["look", "look", "look"],
            ),
            (
                vec![
                    job("Open"),
                    refused(400, "INVALIDJOBSTATE"),
                    job("InProgress"),
                ],
                &["look", "abort", "look", "look"],
            ),
        ] {
            let script = before.into_iter().chain([job("JobComplete")]);
            let bench = Bench::new(script.chain(results()));
            assert!(finished_files(taken_up(&bench, &steps(count)).await).is_some());
            assert_eq!(bench.asked(), [way, &FETCHED].concat());
            assert_eq!(
                bench.entries()[2..],
                ["DataSent", "JobClosing", "JobEnded", "ResultsStored"]
            );
            let warned = "warned: closed-unawares".to_owned();
            assert!(bench.shown().contains(&warned), "{:?}", bench.shown());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_at_its_close_is_asked_after_and_stopped_if_it_is_open() {
    for count in [4, 5] {
        let bench = Bench::new(
            [job("InProgress"), job("JobComplete")]
                .into_iter()
                .chain(results()),
        );
        let finished = finished(taken_up(&bench, &steps(count)).await);
        assert_eq!(bench.asked(), [&["look", "look"][..], &FETCHED].concat());
        assert_eq!(
            (
                finished.chunk.rows,
                finished.chunk.offset,
                finished.chunk.bytes
            ),
            (3, 30, 60)
        );
        assert_eq!((finished.took_ms, finished.bytes_sent), (0, 70));
        assert!(finished.chunk.waits_for_predecessor);
    }
    // The abort is lost once: the org is looked at before it is sent again.
    let script = [
        job("Open"),
        reset(),
        job("Open"),
        job("Aborted"),
        job("Aborted"),
    ];
    let bench = Bench::new(script.into_iter().chain(results()));
    finished(taken_up(&bench, &steps(4)).await);
    assert_eq!(bench.ended(), Some(JobState::Aborted));
    let way = ["look", "abort", "look", "abort", "look"];
    assert_eq!(bench.asked(), [&way[..], &FETCHED].concat());
    assert_eq!(
        bench.entries()[3..],
        ["JobClosing", "JobEnded", "ResultsStored"]
    );
    // Whoever asks for results of a job that never was closed may be refused.
    let script = [job("Open"), job("Aborted"), job("Aborted")];
    let bench = Bench::new(script.into_iter().chain([refused(400, "INVALIDJOBSTATE")]));
    assert_eq!(finished_files(taken_up(&bench, &steps(4)).await), None);
    assert_eq!(bench.entries()[4..], ["JobEnded", "JobLost"]);
}

fn finished_files(sending: Result<Sending, UploadError>) -> Option<ResultFiles> {
    finished(sending).files
}

#[tokio::test(start_paused = true)]
async fn a_job_that_ended_has_its_results_fetched_and_one_that_has_them_asks_nothing() {
    let bench = Bench::new([job("JobComplete")].into_iter().chain(results()));
    assert!(finished_files(taken_up(&bench, &steps(6)).await).is_some());
    assert_eq!(bench.entries().last().unwrap(), "ResultsStored");
    let gone = (0..3).map(|_| refused(404, "NOT_FOUND"));
    let bench = Bench::new(gone);
    assert_eq!(finished_files(taken_up(&bench, &steps(6)).await), None);
    assert_eq!(bench.entries().last().unwrap(), "JobLost");
    for count in [7, 8] {
        let bench = Bench::new([]);
        assert!(finished_files(taken_up(&bench, &steps(count)).await).is_some());
        assert!(bench.asked().is_empty());
    }
    let lost = || Entry::JobLost {
        job: job_id().to_string(),
        why: "gone".into(),
    };
    let asked = Entry::OrgAsked {
        job: job_id().to_string(),
        sha256: None,
    };
    for more in [vec![lost()], vec![lost(), asked]] {
        let bench = Bench::new([]);
        let left = [steps(5), more].concat();
        assert_eq!(finished_files(taken_up(&bench, &left).await), None);
        assert!(bench.asked().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_running_job_is_stopped_and_its_results_are_fetched() {
    let script = [job("InProgress"), job("Aborted"), job("Aborted")];
    let bench = Bench::new(script.into_iter().chain(results()));
    let left = bench.left_at(&steps(5));
    finished(stop(&bench.desk(), &bench.wave, &left).await);
    assert_eq!(bench.ended(), Some(JobState::Aborted));
    assert_eq!(bench.asked()[..3], ["look", "abort", "look"]);
    // One that ended meanwhile refuses, and is read all the same.
    let script = [
        job("InProgress"),
        refused(400, "INVALIDJOBSTATE"),
        job("JobComplete"),
    ];
    let bench = Bench::new(script.into_iter().chain(results()));
    let left = bench.left_at(&steps(5));
    finished(stop(&bench.desk(), &bench.wave, &left).await);
    assert_eq!(bench.ended(), Some(JobState::JobComplete));
    // One that cannot be stopped is said.
    let script = (0..9).flat_map(|_| [job("InProgress"), refused(403, "INSUFFICIENT_ACCESS")]);
    let bench = Bench::new(script);
    let left = bench.left_at(&steps(5));
    let error = stop(&bench.desk(), &bench.wave, &left).await.unwrap_err();
    assert!(matches!(error, UploadError::NotStopped { .. }), "{error:?}");
}

/// Ids of a prefix; the numbers are what tells them apart.
fn id_text(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:012}")
}

#[tokio::test(start_paused = true)]
async fn the_org_is_asked_by_key_and_its_answer_is_on_disk_before_the_journal_says_so() {
    let keys: Vec<AskedKey> = (0..900)
        .map(|number| AskedKey::User(ContactId::parse(&id_text("003", number)).unwrap()))
        .collect();
    let record = |id: &str| {
        let record = format!(
            r#"{{"Id":"005{id}","ContactId":"003{id}","Username":"a, \"b\"@x.test","attributes":{{}}}}"#
        );
        answer(200, &format!(r#"{{"done":true,"records":[{record}]}}"#))
    };
    let nobody = answer(200, r#"{"done":true,"records":[]}"#);
    let bench = Bench::new([record("1"), reset(), nobody, record("2")]);
    bench.left_at(&steps(7));
    let asked = ask(&bench.desk(), job_id(), ChangeKind::CreateUser, &keys).await;
    let path = asked.unwrap();
    assert_eq!(path, answers_path(bench.folder.path(), job_id()));
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "Id,ContactId,Username\n\
         0051,0031,\"a, \"\"b\"\"@x.test\"\n\
         0052,0032,\"a, \"\"b\"\"@x.test\"\n"
    );
    assert_eq!(bench.entries().last().unwrap(), "OrgAsked");
    let lines = bench.watch.script.lines();
    assert_eq!(lines.len(), 4, "three lists, one of them asked for twice");
    assert_eq!(lines[1], lines[2]);
    assert!(lines.iter().all(|line| line.len() < SOQL_URI_BYTES_MAX));
    assert!(lines[0].contains("FROM%20User%20WHERE%20ContactId%20IN%20("));
}

#[tokio::test(start_paused = true)]
async fn assignments_are_asked_for_by_their_users() {
    let key = |user, set| {
        let user = UserId::parse(&id_text("005", user)).unwrap();
        AskedKey::Assignment(user, PermissionSetId::parse(&id_text("0PS", set)).unwrap())
    };
    let found = r#"{"Id":"0Pa1","AssigneeId":"0051","PermissionSetId":"0PS1"}"#;
    let bench = Bench::new([answer(
        200,
        &format!(r#"{{"done":true,"records":[{found}]}}"#),
    )]);
    bench.left_at(&steps(7));
    let keys = [key(1, 1), key(1, 2)];
    let kind = ChangeKind::AssignPermissionSet;
    let path = ask(&bench.desk(), job_id(), kind, &keys).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "AssigneeId,PermissionSetId,Id\n0051,0PS1,0Pa1\n"
    );
    let line = bench.watch.script.lines().remove(0);
    assert_eq!(line.matches("%27").count(), 2, "each user once: {line}");
}

#[tokio::test(start_paused = true)]
async fn an_org_that_will_not_be_asked_leaves_the_rows_to_resume() {
    let bench = Bench::new([answer(401, "")]);
    bench.left_at(&steps(7));
    let keys = [AskedKey::User(
        ContactId::parse(&id_text("003", 1)).unwrap(),
    )];
    let asked = ask(&bench.desk(), job_id(), ChangeKind::CreateUser, &keys).await;
    let error = asked.unwrap_err();
    assert!(matches!(error, UploadError::NotAsked { .. }), "{error:?}");
    assert_eq!(error.job_in_doubt(), Some(job_id()));
    assert_eq!(bench.entries().last().unwrap(), "ResultsStored");
    assert!(!answers_path(bench.folder.path(), job_id()).exists());
}
