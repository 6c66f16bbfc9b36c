//! A run that does not reach its last row: by Ctrl-C, by trouble on the line, or because somebody
//! else took the seats. It writes neither file, says how to finish it, and is finished as if
//! nothing had been.

use std::collections::BTreeMap;

use admit::journal::Entry;
use admit::model::explain::Explain;
use admit::pipeline::{CorridorError, RunError};

use crate::in_memory::{Rehearsal, Trouble, TroubledOrg, in_simulated_time, why_paused};
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

/// What every row came to, less what the org makes up: ids of users and jobs.
fn essence(world: &World, out: &str) -> Vec<Vec<String>> {
    let success = world.table(out, "success.csv");
    let failure = world.table(out, "failure.csv");
    let cells = |table: &Table, names: &[&str]| {
        let columns: Vec<usize> = names.iter().map(|name| table.column(name)).collect();
        let row = |row: &Vec<String>| columns.iter().map(|at| row[*at].clone()).collect();
        table.rows.iter().map(row).collect::<Vec<Vec<String>>>()
    };
    let mut all = cells(&success, &["ContactId", "admit__Action", "admit__Username"]);
    all.extend(cells(
        &failure,
        &["admit__Line", "ContactId", "admit__Stage", "admit__Code"],
    ));
    all
}

fn has_files(world: &World, out: &str) -> bool {
    let names = ["success.csv", "failure.csv", "summary.json"];
    names.iter().any(|name| world.path(out).join(name).exists())
}

#[cfg(unix)]
#[test]
fn ctrl_c_settles_what_is_in_flight_and_resume_finishes_the_run() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 150);
    let mut going = served.begin(&world, &contacts, "first", &SLOWLY);
    going.wait_for(&["\"job\"", "results stored"]);
    going.signal("INT");
    let done = going.end();
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(done.stderr.contains("\"stopping\""), "{}", done.stderr);
    for words in [
        "admit resume first",
        "admit abort first",
        "No job of it runs",
    ] {
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
    }
    assert_eq!(done.stdout, "", "there is nothing to sum up yet");
    assert!(!has_files(&world, "first"));
    let entries = world.journal("first");
    let is_settled = |entry: &Entry| matches!(entry, Entry::RowsSettled { .. });
    assert!(entries.iter().any(is_settled));
    assert!(matches!(entries.last(), Some(Entry::RunPaused { .. })));

    let done = served.resume(&world, &["first"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let ended = world.journal("first").pop();
    assert_eq!(ended, Some(Entry::RunEnded { exit: 3 }));
    assert_eq!(ends(&world, "first").values().sum::<usize>(), 150);
    world.rehearse(&contacts, "uncut", &[]);
    assert_eq!(essence(&world, "first"), essence(&world, "uncut"));
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_leaves_at_once_and_resume_takes_up_the_job_that_went_on() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 150);
    let mut going = served.begin(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    going.wait_for(&["\"job\"", "UploadComplete"]);
    going.signal("INT");
    going.wait_for(&["\"stopping\"", "asked to stop"]);
    going.signal("INT");
    let done = going.end();
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(done.stderr.contains("left at once"), "{}", done.stderr);
    assert!(done.stderr.contains("admit resume out"), "{}", done.stderr);
    assert!(!has_files(&world, "out"));
    let closed = |entry: &Entry| matches!(entry, Entry::JobClosed { .. });
    assert!(world.journal("out").iter().any(closed));

    let jobs = served.jobs_made();
    let done = served.resume(&world, &["out"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let log = std::fs::read_to_string(world.path("out/run.log")).unwrap();
    assert!(log.contains("was under way"), "{log}");
    world.rehearse(&contacts, "uncut", &[]);
    assert_eq!(essence(&world, "out"), essence(&world, "uncut"));
    let whole: serde_json::Value =
        serde_json::from_slice(&world.files("uncut")["summary.json"]).unwrap();
    assert_eq!(
        Some(served.jobs_made() as u64),
        whole["jobs"].as_u64(),
        "{jobs} of them before the stop"
    );
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

#[test]
fn a_job_whose_close_was_lost_is_looked_for_by_resume_and_its_rows_are_not_sent_again() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    world.rehearse(&contacts, "uncut", &[]);
    in_simulated_time(async {
        let run = Rehearsal::on(&world, TroubledOrg::new(Trouble::NoAnswerToClose(3)));
        let stopped = run.run(&contacts, "out").await.unwrap_err();
        assert_eq!(stopped.exit().code(), 4, "{stopped}");
        let text = stopped.to_string();
        assert!(
            text.contains("not known whether the job was closed"),
            "{text}"
        );
        let RunError::Corridor(CorridorError::Paused { running, .. }) = stopped else {
            panic!("not paused: {stopped}");
        };
        assert_eq!(running.len(), 1, "perhaps it works in the org: {running:?}");
        assert!(!has_files(&world, "out"));

        run.org.now(Trouble::None);
        run.resume("out").await.unwrap();
        assert!(run.org.org.contacts_with_two_users().is_empty());
    });
    assert_eq!(essence(&world, "out"), essence(&world, "uncut"));
}

#[test]
fn an_org_that_refuses_jobs_stops_the_run_and_resume_sends_the_rest() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    world.rehearse(&contacts, "uncut", &[]);
    in_simulated_time(async {
        let run = Rehearsal::on(&world, TroubledOrg::new(Trouble::RefusedJob(2)));
        let stopped = run.run(&contacts, "out").await.unwrap_err();
        assert_eq!(stopped.exit().code(), 6, "{stopped}");
        assert_eq!(run.org.org.users_created().len(), 10);
        assert!(!has_files(&world, "out"));
        run.org.now(Trouble::None);
        run.resume("out").await.unwrap();
    });
    assert_eq!(essence(&world, "out"), essence(&world, "uncut"));
}

#[test]
fn users_whose_permission_sets_were_never_assigned_are_no_success_of_an_aborted_run() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 300);
    let (jobs, all) = in_simulated_time(async {
        let run = Rehearsal::on(&world, TroubledOrg::new(Trouble::None));
        let summary = run.run(&contacts, "clean").await.unwrap();
        let assigning = summary.plan.waves.last().unwrap();
        assert_eq!(assigning.name, "assign-permission-set");
        let jobs = usize::try_from(summary.jobs - assigning.jobs).unwrap();
        (jobs, world.table("clean", "success.csv").rows.len())
    });
    for (out, is_aborted) in [("aborted", true), ("resumed", false)] {
        in_simulated_time(async {
            let run = Rehearsal::on(&world, TroubledOrg::new(Trouble::RefusedJob(jobs + 1)));
            why_paused(run.run(&contacts, out).await);
            run.org.now(Trouble::None);
            if is_aborted {
                run.abort(out).await.unwrap();
            } else {
                run.resume(out).await.unwrap();
            }
        });
    }
    let failure = world.table("aborted", "failure.csv");
    let reasons = failure.cells("admit__Reason");
    let lacking = reasons
        .iter()
        .filter(|reason| reason.contains("but lacks permission set"));
    let lacking = lacking.count();
    assert!(lacking > 0);
    let successes = world.table("aborted", "success.csv").rows.len();
    assert_eq!(successes + lacking, all);
    assert_eq!(essence(&world, "resumed"), essence(&world, "clean"));
}

#[test]
fn seats_that_others_took_meanwhile_are_missed_before_sending() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 150);
    in_simulated_time(async {
        let run = Rehearsal::on(&world, TroubledOrg::new(Trouble::SeatsLeft(5)));
        run.run(&contacts, "out").await.unwrap();
    });
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
