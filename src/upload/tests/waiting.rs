//! From the close to the results on disk.

use super::*;
use crate::model::explain::{Exit, Explain};
use crate::model::limits::STALLED_JOB_MS;
use crate::salesforce::tests::{not_connected, reset};

#[tokio::test(start_paused = true)]
async fn all_three_files_are_fetched_however_the_job_ended() {
    for state in ["JobComplete", "Failed", "Aborted"] {
        let more = r#","errorMessage":"InvalidBatch : Field name not found : X""#;
        let steps = closed().chain([answer(200, &job_json(state, more))]);
        let bench = Bench::new(steps.chain(results()));
        let finished = finished(bench.send().await);
        assert_eq!(format!("{:?}", bench.ended().unwrap()), state);
        let said = finished.said.unwrap();
        assert_eq!(said, "InvalidBatch : Field name not found : X");
        let files = std::fs::read_dir(bench.folder.path().join("jobs")).unwrap();
        assert_eq!(files.count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_is_asked_after_less_and_less_often_and_not_for_ever() {
    let mut bench = Bench::new(closed().chain((0..99).map(|_| job("InProgress"))));
    bench.pacing.job_wait_ms = 120_000;
    let error = bench.send().await.unwrap_err();
    let waited = matches!(error, UploadError::StillRunning { waited_s: 120, .. });
    assert!(waited, "{error:?}");
    assert_eq!(
        (error.exit(), error.job_in_doubt()),
        (Exit::Stopped, Some(job_id()))
    );
    assert_eq!(
        bench.watch.script.gaps_ms()[2..],
        [
            2_000, 3_000, 4_500, 6_750, 10_125, 15_188, 22_782, 30_000, 25_655
        ]
    );
    assert_eq!(bench.shown(), ["Open", "UploadComplete", "InProgress"]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_waited_out_and_one_without_end_is_said() {
    // An hour of maintenance pages, resets and refused connections.
    let outage = (0..120).map(|minute| match minute % 4 {
        0 => reset(),
        1 => answer(503, "<html>"),
        2 => not_connected(),
        _ => answer(200, "<html>We are down for maintenance"),
    });
    let steps = closed().chain(outage).chain([job("JobComplete")]);
    let bench = Bench::new(steps.chain(results()));
    finished(bench.send().await);
    let waited: u128 = bench.watch.script.gaps_ms().iter().sum();
    assert!(waited > 3_000_000, "{waited}");

    let mut bench = Bench::new(closed().chain((0..99).map(|_| reset())));
    bench.pacing.job_wait_ms = 600_000;
    let error = bench.send().await.unwrap_err();
    assert!(matches!(error, UploadError::Unwatched { .. }), "{error:?}");
    assert_eq!(error.exit(), Exit::Stopped);
    assert_eq!(bench.entries().last().unwrap(), "JobClosed");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_vanished_is_lost_once_the_org_said_so_three_times() {
    let gone = || refused(404, "NOT_FOUND");
    let steps = closed().chain([gone(), gone(), job("JobComplete")]);
    let bench = Bench::new(steps.chain(results()));
    finished(bench.send().await);

    let bench = Bench::new(closed().chain([gone(), gone(), gone()]));
    let lost = finished(bench.send().await);
    assert_eq!((bench.ended(), lost.files), (None, None));
    assert_eq!(bench.entries()[4..], ["JobClosed", "JobLost"]);

    let steps = closed().chain([job("JobComplete")]);
    let some = results().into_iter().take(1);
    let bench = Bench::new(steps.chain(some).chain([gone(), gone(), gone()]));
    let lost = finished(bench.send().await);
    assert_eq!(lost.files, None);
    assert_eq!(bench.entries()[5..], ["JobEnded", "JobLost"]);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_stands_still_is_aborted_and_read_like_any_other() {
    let bench = Bench::new(closed().chain((0..2_000).map(|_| job("InProgress"))));
    bench.send().await.unwrap_err();
    let aborts: Vec<u128> = (bench.watch.script.seen().iter().zip(bench.asked()))
        .filter(|(_, verb)| verb == "abort")
        .map(|(seen, _)| seen.at.as_millis())
        .collect();
    let stalled = u128::from(STALLED_JOB_MS);
    assert!(
        (stalled..stalled + 60_000).contains(&aborts[0]),
        "{aborts:?}"
    );

    // One that moves is left alone however long it takes.
    let moving = (0..2_000).map(|count| {
        let more = format!(r#","numberRecordsProcessed":{count}"#);
        answer(200, &job_json("InProgress", &more))
    });
    let bench = Bench::new(closed().chain(moving));
    bench.send().await.unwrap_err();
    assert!(!bench.asked().contains(&"abort".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn results_that_are_not_whole_are_fetched_again_and_at_last_taken_as_they_are() {
    let cut = |at: usize| {
        let mut steps = results();
        steps[at] = answer(200, "\"sf__Id\",\"sf__Err");
        steps
    };
    let steps = closed().chain([job("JobComplete")]);
    let bench = Bench::new(steps.chain(cut(1)).chain(cut(0)).chain(results()));
    let whole = finished(bench.send().await);
    assert_eq!(bench.asked().len(), 4 + 9);
    let failed = std::fs::read_to_string(whole.files.unwrap().failed).unwrap();
    assert!(failed.ends_with("\"b\"\n"));
    assert!(!bench.shown().contains(&"warned: results-not-whole".into()));

    let steps = closed().chain([job("JobComplete")]);
    let bench = Bench::new(steps.chain((0..9).flat_map(|_| cut(2))));
    assert!(finished(bench.send().await).files.is_some());
    assert_eq!(bench.asked().len(), 4 + 12);
    assert!(bench.shown().contains(&"warned: results-not-whole".into()));
    assert_eq!(bench.entries().last().unwrap(), "ResultsStored");
}

#[tokio::test(start_paused = true)]
async fn results_that_cannot_be_had_now_are_left_to_resume() {
    let steps = closed().chain([job("JobComplete"), answer(401, "")]);
    let bench = Bench::new(steps);
    let error = bench.send().await.unwrap_err();
    let missing = "the successful results of an ended job could not be fetched";
    assert!(error.to_string().starts_with(missing), "{error}");
    assert_eq!(bench.entries().last().unwrap(), "JobEnded");
    assert_eq!(error.job_in_doubt(), Some(job_id()));
}
