//! Nothing is repeated blind: what exactly goes over the line when an answer is lost. That data is
//! sent once, and that only our own jobs are changed, `proof` counts after every drill.

use super::proof::assert_as_if_nothing_had_happened;
use super::stage::Stage;
use super::wire::Kind::{self, Abort, Close, Create, Poll, Put};

const ROWS: usize = 60;

/// What went over the line about the first job of a drill, and about the next, without repeated
/// polls.
fn about_the_first_jobs(file: &str) -> (Stage, [Vec<Kind>; 2]) {
    let stage = Stage::drill(ROWS, file);
    stage.run().unwrap();
    assert_as_if_nothing_had_happened(&stage, ROWS);
    let mut jobs: Vec<(String, Vec<Kind>)> = Vec::new();
    for asked in stage.wire.asked() {
        if asked.job.is_empty() || asked.kind == Kind::Results {
            continue;
        }
        let known = jobs.iter().position(|(job, _)| *job == asked.job);
        let place = known.unwrap_or_else(|| {
            jobs.push((asked.job.clone(), Vec::new()));
            jobs.len() - 1
        });
        let kinds = &mut jobs[place].1;
        if asked.kind != Poll || kinds.last() != Some(&Poll) {
            kinds.push(asked.kind);
        }
    }
    let mut kinds = jobs.into_iter().map(|(_, kinds)| kinds);
    let first = [kinds.next().unwrap(), kinds.next().unwrap()];
    (stage, first)
}

/// How every job goes where nothing is lost.
const QUIET: [Kind; 3] = [Put, Close, Poll];

#[test]
fn after_a_lost_upload_the_job_is_aborted_and_another_gets_the_data() {
    for file in ["put-lost", "503-on-put", "dropped-on-put"] {
        let (_, [first, second]) = about_the_first_jobs(file);
        assert_eq!(first, [Put, Abort], "{file}");
        assert_eq!(second, QUIET, "{file}");
    }
}

#[test]
fn after_a_lost_close_the_org_is_asked_before_anything_else() {
    let (_, [taken, _]) = about_the_first_jobs("close-lost-after");
    assert_eq!(taken, [Put, Close, Poll], "it was closed");
    for file in ["close-lost-before", "503-on-close"] {
        let (_, [not_taken, next]) = about_the_first_jobs(file);
        assert_eq!(not_taken, [Put, Close, Poll, Close, Poll], "{file}");
        assert_eq!(next, QUIET, "{file}");
    }
    let (_, [twice, _]) = about_the_first_jobs("close-twice-lost");
    assert_eq!(twice, [Put, Close, Poll, Close, Poll]);
}

#[test]
fn after_a_lost_creation_another_job_is_made_and_the_orphan_never_touched() {
    let (stage, [first, _]) = about_the_first_jobs("create-lost");
    assert_eq!(first, QUIET);
    let jobs = stage.wire.count(Put);
    assert_eq!(stage.wire.count(Create), jobs + 1);
    assert_eq!(stage.wire.count(Abort), 0);
}
