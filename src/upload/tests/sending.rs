//! Up to the close: what is lost is never repeated blind.

use super::*;
use crate::model::explain::{Exit, Explain};
use crate::salesforce::tests::{not_connected, reset, torn};

#[tokio::test(start_paused = true)]
async fn every_step_is_journalled_before_or_after_as_it_must_be() {
    let steps = closed().chain([job("InProgress"), job("JobComplete")]);
    let bench = Bench::new(steps.chain(results()));
    let finished = finished(bench.send().await);
    assert_eq!(
        (bench.ended(), finished.bytes_sent, finished.chunk.first),
        (Some(JobState::JobComplete), 70, 1)
    );
    assert_eq!(finished.took_ms, 5_000, "two polls, after 2 s and 3 s");
    let way = ["create", "put", "close", "look", "look"];
    assert_eq!(bench.asked(), [&way[..], &FETCHED].concat());
    let expected = [
        "JobIntended",
        "JobCreated",
        "DataSent",
        "JobClosing",
        "JobClosed",
        "JobEnded",
        "ResultsStored",
    ];
    assert_eq!(bench.entries(), expected);
    let states = [
        "Open",
        "UploadComplete",
        "InProgress",
        "JobComplete",
        "results stored",
    ];
    assert_eq!(bench.shown(), states);
    let files = finished.files.unwrap();
    let name = format!("jobs/{}-unprocessed.csv", job_id());
    assert_eq!(files.unprocessed, bench.folder.path().join(name));
    for kind in ResultKind::ALL {
        let text = std::fs::read_to_string(files.of(kind)).unwrap();
        assert_eq!(text.lines().count(), 2, "{kind:?}");
    }
    let seen = bench.watch.script.seen();
    assert!(seen[0].body.contains("\"object\":\"User\""));
    assert_eq!(seen[1].body, "10 + 60", "the header and the chunk's bytes");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_refused_ends_the_run_and_leaves_nothing() {
    for (step, exit) in [
        (refused(400, "INVALIDENTITY"), Exit::Org),
        (refused(403, "REQUEST_LIMIT_EXCEEDED"), Exit::Stopped),
    ] {
        let bench = Bench::new([step]);
        let error = bench.send().await.unwrap_err();
        assert!(matches!(error, UploadError::NotCreated { .. }), "{error:?}");
        assert_eq!((error.exit(), error.job_in_doubt()), (exit, None));
        assert_eq!(bench.asked(), ["create"]);
        assert_eq!(bench.entries(), ["JobIntended", "JobAbandoned"]);
        assert!(bench.shown().is_empty(), "no orphan is suspected");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_create_opens_a_new_job_and_tells_of_the_orphan() {
    for lost in [reset(), answer(503, ""), torn(200, "{"), answer(200, "{}")] {
        let steps = [lost].into_iter().chain(closed());
        let bench = Bench::new(steps.chain([job("JobComplete")]).chain(results()));
        finished(bench.send().await);
        let way = ["create", "create", "put", "close", "look"];
        assert_eq!(bench.asked(), [&way[..], &FETCHED].concat());
        let begin = ["JobIntended", "JobAbandoned", "JobIntended", "JobCreated"];
        assert_eq!(bench.entries()[..4], begin);
        assert_eq!(bench.shown()[0], "warned: suspected-orphan");
        assert_eq!(bench.watch.script.gaps_ms()[0], 2_000, "not at once");
    }
}

#[tokio::test(start_paused = true)]
async fn creates_that_are_lost_again_and_again_stop_the_run() {
    let bench = Bench::new((0..9).map(|_| reset()));
    let error = bench.send().await.unwrap_err();
    assert_eq!(
        (bench.asked().len(), error.exit()),
        (5, Exit::Stopped),
        "{error}"
    );
    assert!(error.remedy().contains("`admit resume`"));
    let bench = Bench::new((0..9).map(|_| not_connected()));
    bench.send().await.unwrap_err();
    assert_eq!(bench.asked().len(), 5);
    assert!(bench.shown().is_empty(), "nothing was left behind");
}

#[tokio::test(start_paused = true)]
async fn an_upload_in_doubt_is_aborted_and_its_rows_go_in_a_new_job() {
    for lost in [reset(), answer(503, ""), refused(404, "NOT_FOUND")] {
        // The abort's answer may be lost as well: the job was never closed.
        for abort in [job("Aborted"), reset()] {
            let lost = match lost {
                Step::Answer(ref answer) => refused(answer.status, "X"),
                Step::Error(_) | Step::Silence => reset(),
            };
            let steps = [job("Open"), lost, abort].into_iter().chain(closed());
            let bench = Bench::new(steps.chain([job("JobComplete")]).chain(results()));
            finished(bench.send().await);
            let way = ["create", "put", "abort", "create", "put", "close", "look"];
            assert_eq!(bench.asked(), [&way[..], &FETCHED].concat());
            let begin = ["JobIntended", "JobCreated", "JobAbandoned", "JobIntended"];
            assert_eq!(bench.entries()[..4], begin);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_refused_for_good_stops_the_run() {
    // A job that could not be aborted stays in the journal: whoever resumes aborts it.
    for (abort, is_aborted) in [(job("Aborted"), true), (answer(401, ""), false)] {
        let bench = Bench::new([job("Open"), answer(401, ""), abort]);
        let error = bench.send().await.unwrap_err();
        assert!(
            matches!(error, UploadError::DataNotSent { aborted, .. } if aborted == is_aborted),
            "{error:?}"
        );
        assert_eq!((error.exit(), error.job_in_doubt()), (Exit::Org, None));
        let expected = ["JobIntended", "JobCreated", "JobAbandoned"];
        assert_eq!(bench.entries(), expected[..2 + usize::from(is_aborted)]);
        let remedy = error.remedy();
        assert!(
            remedy.contains("no row of this job is in the org"),
            "{remedy}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_close_that_took_effect_goes_on() {
    for state in ["UploadComplete", "InProgress", "JobComplete"] {
        let steps = begun().into_iter().chain([reset(), job(state)]);
        let end = (state != "JobComplete").then(|| job("JobComplete"));
        let bench = Bench::new(steps.chain(end).chain(results()));
        finished(bench.send().await);
        let closes = bench.asked().iter().filter(|verb| *verb == "close").count();
        assert_eq!(closes, 1);
        assert_eq!(
            bench.entries()[3..6],
            ["JobClosing", "JobClosed", "JobEnded"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_close_without_effect_is_repeated_once_the_org_says_open() {
    // The second close may meet the first one's effect: then it is refused, and looked into.
    for second in [job("UploadComplete"), refused(400, "INVALIDJOBSTATE")] {
        let was_refused = matches!(&second, Step::Answer(answer) if answer.status == 400);
        let steps = begun().into_iter().chain([reset(), job("Open"), second]);
        let look = was_refused.then(|| job("InProgress"));
        let steps = steps.chain(look).chain([job("JobComplete")]);
        let bench = Bench::new(steps.chain(results()));
        finished(bench.send().await);
        let mut way = vec!["create", "put", "close", "look", "close", "look"];
        way.extend(was_refused.then_some("look"));
        assert_eq!(bench.asked(), [&way[..], &FETCHED].concat());
        assert!(!bench.asked().contains(&"abort".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_close_of_a_job_that_is_gone_is_left_to_the_records() {
    let not_found = (0..3).map(|_| refused(404, "NOT_FOUND"));
    let bench = Bench::new(begun().into_iter().chain([reset()]).chain(not_found));
    let finished = finished(bench.send().await);
    assert_eq!((bench.ended(), finished.files), (None, None));
    assert_eq!(bench.asked()[2..], ["close", "look", "look", "look"]);
    assert_eq!(bench.entries()[3..], ["JobClosing", "JobLost"]);
    assert!(bench.shown().contains(&"warned: job-lost".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_close_nobody_can_be_asked_about_is_left_to_resume() {
    let steps = begun().into_iter().chain([reset(), answer(401, "")]);
    let bench = Bench::new(steps);
    let error = bench.send().await.unwrap_err();
    assert!(
        matches!(error, UploadError::CloseUnknown { .. }),
        "{error:?}"
    );
    assert_eq!(bench.entries().last().unwrap(), "JobClosing");
    assert_eq!(
        (error.exit(), error.job_in_doubt()),
        (Exit::Org, Some(job_id()))
    );
    let remedy = error.remedy();
    assert!(remedy.contains("may already be in the org"), "{remedy}");
    assert!(remedy.contains("`admit resume`"), "{remedy}");

    let lost = (0..9).flat_map(|_| [reset(), job("Open")]);
    let bench = Bench::new(begun().into_iter().chain(lost));
    let error = bench.send().await.unwrap_err();
    let unsettled = matches!(error, UploadError::CloseUnsettled { times: 5, .. });
    assert!(unsettled, "{error:?}");
    assert!(!bench.asked().contains(&"abort".to_owned()), "it may run");
}

#[tokio::test(start_paused = true)]
async fn a_refused_close_commits_nothing_and_is_aborted() {
    let refusal = refused(400, "INVALIDJOB");
    let steps = [refusal, job("Open"), job("Aborted")];
    let bench = Bench::new(begun().into_iter().chain(steps));
    let error = bench.send().await.unwrap_err();
    let aborted = matches!(error, UploadError::NotClosed { aborted: true, .. });
    assert!(aborted, "{error:?}");
    assert_eq!(error.job_in_doubt(), None);
    assert_eq!(bench.asked()[2..], ["close", "look", "abort"]);
    assert_eq!(bench.entries().last().unwrap(), "JobAbandoned");

    let steps = [refused(403, "LIMIT_EXCEEDED"), job("Aborted")];
    let bench = Bench::new(begun().into_iter().chain(steps));
    let error = bench.send().await.unwrap_err();
    assert_eq!(error.exit(), Exit::Stopped);
    assert_eq!(bench.asked()[2..], ["close", "abort"]);
}

#[tokio::test(start_paused = true)]
async fn who_wants_to_stop_before_the_close_commits_nothing() {
    for (at, aborts) in [("create", 2), ("put", 3)] {
        let steps = begun().into_iter().take(aborts - 1);
        let bench = Bench::cancelled_at(Some(at), steps.chain([job("Aborted")]));
        not_sent(bench.send().await);
        assert_eq!(bench.asked().len(), aborts);
        assert_eq!(bench.asked().last().unwrap(), "abort");
        assert_eq!(bench.entries().last().unwrap(), "JobAbandoned");
    }
    let bench = Bench::new([]);
    bench.watch.cancel.cancel();
    not_sent(bench.send().await);
    assert!(bench.asked().is_empty() && bench.entries().is_empty());
    // While it waits before a new job, it does not go on waiting.
    let bench = Bench::cancelled_at(Some("create"), [reset()]);
    not_sent(bench.send().await);
    assert_eq!(bench.asked(), ["create"]);
    // From the close on there is no way back.
    let steps = closed().chain([job("JobComplete")]).chain(results());
    let bench = Bench::cancelled_at(Some("close"), steps);
    finished(bench.send().await);
}
