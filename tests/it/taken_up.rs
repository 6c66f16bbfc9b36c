//! `admit resume` and `admit abort` as people meet them: which run is meant, what is refused, and
//! what becomes of what the org did meanwhile.

use std::path::Path;

use admit::journal::Entry;

use crate::served::{SMALL_JOBS, Served, first_rows, names_held_elsewhere};
use crate::world::{World, assert_said};

/// Rows of both files.
fn rows(world: &World, out: &str) -> usize {
    let rows = |name| world.table(out, name).rows.len();
    rows("success.csv") + rows("failure.csv")
}

#[test]
fn resume_without_a_name_takes_the_newest_unfinished_run() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let few = first_rows(&world, "few.csv", 10);
    let (old, new) = ("admit-runs/20260101-old", "admit-runs/20260102-new");
    let done = served.run(&world, &few, new, &SMALL_JOBS);
    assert!([0, 3].contains(&done.code), "{}", done.stderr);
    served.stopped(&world, old, &SMALL_JOBS, "TERM");
    let done = served.resume(&world, &[]);
    assert_said(&done, 3, &[]);
    assert!(world.path(old).join("success.csv").exists());
    assert_said(&served.resume(&world, &[]), 2, &["no run is waiting"]);
    let over = served.resume(&world, &[old]);
    assert_said(&over, 2, &["this run is finished, with exit code 3"]);
    let nothing = served.resume(&world, &["state"]);
    assert_said(&nothing, 2, &["not the folder of a run"]);
}

/// The file with one byte in its middle changed.
fn spoiled(path: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

#[test]
fn a_run_folder_that_was_changed_is_refused_and_nothing_is_sent() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let jobs = served.jobs_made();
    let results = world.files("out/jobs").into_keys();
    let results: Vec<_> = results.map(|name| format!("jobs/{name}")).collect();
    let successful = results
        .iter()
        .find(|name| name.ends_with("-successful.csv"));
    let failed = results.iter().find(|name| name.ends_with("-failed.csv"));
    for (file, words) in [
        (successful.unwrap().as_str(), "out/jobs/750"),
        (failed.unwrap().as_str(), "out/jobs/750"),
        ("input.csv", "input.csv"),
        ("plan/plan.bin", "plan"),
        ("plan/outcomes.bin", "plan"),
        ("plan/changes.spill", "plan"),
        ("plan/01-create-user-a.r1.csv", "the plan changed"),
        ("journal.jsonl", "the journal is damaged"),
        ("run.json", "run.json"),
    ] {
        let path = world.path("out").join(file);
        let before = std::fs::read(&path).unwrap();
        let after = match file {
            "run.json" => String::from_utf8(before.clone())
                .unwrap()
                .replace("67.0", "66.0")
                .into_bytes(),
            _ => spoiled(&path),
        };
        assert_ne!(before, after);
        std::fs::write(&path, after).unwrap();
        let done = served.resume(&world, &["out"]);
        assert_eq!(done.code, 7, "{file}: {}", done.stderr);
        assert!(done.stderr.contains(words), "{file}: {}", done.stderr);
        std::fs::write(&path, before).unwrap();
    }
    assert_eq!(served.jobs_made(), jobs, "nothing was sent");

    // A line that was being written when the machine died is as if it had never been begun.
    let path = world.path("out/journal.jsonl");
    let mut torn = std::fs::read(&path).unwrap();
    torn.extend_from_slice(b"{\"v\":1,\"seq\":99,\"at\":\"20");
    std::fs::write(&path, torn).unwrap();
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    assert_eq!(rows(&world, "out"), 100);
}

#[test]
fn a_run_is_not_finished_in_another_org_nor_by_another_user() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    for (old, new, words) in [
        (
            "00D5g0000000SimEAE",
            "00D5g0000000AbcEAE",
            "belongs to org 00D5g0000000SimEAE",
        ),
        (
            "running_user = \"0055g000010UGLvAAO\"",
            "running_user = \"0055g000010UGLyAAO\"",
            "belongs to user 0055g000010UGLvAAO",
        ),
    ] {
        let elsewhere = World::new();
        let other = Served::start_with(&elsewhere, &[("org.toml", old, new)]);
        let done = other.resume(&world, &["out"]);
        assert_said(&done, 7, &[words]);
        assert_eq!(other.jobs_made(), 0);
    }
}

#[test]
fn one_process_at_a_time_works_on_a_run_and_one_run_at_a_time_on_an_org() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "50"]);
    let going = served.under_way(&world, "out", &SMALL_JOBS);
    let contacts = world.path("some.csv");
    let holder = format!("process {}", going.pid());
    let second = served.resume(&world, &["out"]);
    assert_said(&second, 8, &[&holder]);
    going.signal("TERM");
    assert_said(&going.end(), 4, &["admit resume out"]);
    let another = served.run(&world, &contacts, "another", &SMALL_JOBS);
    assert_said(&another, 8, &["admit resume", "admit abort", "out"]);
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    let another = served.run(&world, &contacts, "another-2", &SMALL_JOBS);
    assert_said(&another, 3, &[]);
}

#[test]
fn abort_stops_the_runs_own_jobs_and_no_others_and_writes_every_row() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 100);
    let spec = r#"{"object":"User","operation":"insert"}"#;
    let foreign = served.ask("POST /jobs/ingest", "application/json", spec);
    let foreign: serde_json::Value = serde_json::from_str(&foreign).unwrap();
    let foreign = foreign["id"].as_str().unwrap();
    let flags = ["--yes", "--welcome", "now"];
    let mut going = served.begin(&world, &contacts, "out", &flags);
    going.wait_for(&["\"job\"", "UploadComplete"]);
    going.signal("INT");
    going.wait_for(&["\"stopping\""]);
    going.signal("INT");
    assert_eq!(going.end().code, 4);

    let done = served.abort(&world, &["out"]);
    assert_said(&done, 3, &[]);
    assert_eq!(
        world.journal("out").pop(),
        Some(Entry::RunEnded { exit: 3 })
    );
    served.assert_whole(&world, "out");
    let state = served.ask(&format!("GET /jobs/ingest/{foreign}"), "text/plain", "");
    assert!(state.contains("\"state\":\"Open\""), "{state}");
    let again = served.resume(&world, &["out"]);
    assert_said(&again, 2, &["this run is finished"]);
}

#[test]
fn a_run_that_is_waited_for_too_briefly_goes_on_in_the_org_and_is_finished_later() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 100);
    let flags = ["--yes", "--welcome", "now", "--wait"];
    let done = served.run(&world, &contacts, "none", &[&flags[..], &["0"]].concat());
    assert_said(&done, 2, &["a duration from 1s"]);
    assert!(!world.path("none").exists(), "no run is begun to be left");
    let done = served.run(&world, &contacts, "out", &[&flags[..], &["1s"]].concat());
    assert_said(&done, 4, &["admit resume out", "did not end in the time"]);
    assert!(!world.path("out/failure.csv").exists());
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}

#[test]
fn after_a_good_pilot_the_rest_follows_and_after_a_bad_one_only_when_resumed() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 100);
    let flags = [&SMALL_JOBS[..], &["--pilot", "5"]].concat();
    let served = Served::start(&world, &[]);
    let done = served.run(&world, &contacts, "good", &flags);
    assert_said(&done, 3, &[]);

    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 100);
    let served = names_held_elsewhere(&world, &contacts);
    let done = served.run(&world, &contacts, "bad", &flags);
    assert_said(&done, 4, &["the pilot is over", "admit resume bad"]);
    assert_said(&served.resume(&world, &["bad"]), 3, &[]);
    assert_eq!(rows(&world, "bad"), 100);
}

#[test]
fn a_contact_that_somebody_else_provisioned_meanwhile_is_rejected_with_the_reason() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let contacts = world.path("some.csv");
    world.rehearse(&contacts, "uncut", &[]);
    let files = world.files("uncut");
    let of_wave_c =
        |name: &&String| name.contains("create-user-c.r1.csv") && !name.ends_with("idx");
    let name = files.keys().find(of_wave_c).unwrap();
    let wave = world.table("uncut", name);
    let success = world.table("uncut", "success.csv");
    let good = success.cells("ContactId");
    let column = wave.column("ContactId");
    let mut rows_of_wave = wave.rows.iter().rev();
    let is_good = |row: &&Vec<String>| good.contains(&row[column].as_str());
    let mut last = rows_of_wave.find(is_good).unwrap().clone();
    let (header, contact) = (wave.header.join(","), last[column].clone());
    for name in ["Username", "CommunityNickname"] {
        let column = wave.column(name);
        last[column].insert(0, 'o');
    }
    let cells: Vec<String> = last
        .iter()
        .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
        .collect();
    served.insert("User", &format!("{header}\n{}\n", cells.join(",")));

    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    let failure = world.table("out", "failure.csv");
    let of_contact = |row: &&Vec<String>| row.contains(&contact);
    let row = failure.rows.iter().find(of_contact).unwrap();
    assert_eq!(row[failure.column("admit__Code")], "contact-has-user");
    assert_eq!(rows(&world, "out"), 100);
}

#[test]
fn a_run_that_meets_the_reserve_stops_and_goes_on_where_less_is_left_to_others() {
    let world = World::new();
    let plan = "[[request]]\nat = \"create\"\nnth = 3\n\
                do = { spend-allowance = { of = \"requests\", left = 900 } }\n";
    let plan = world.file("plan.toml", plan);
    let served = Served::start(&world, &["--faults", plan.to_str().unwrap()]);
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &SMALL_JOBS);
    assert_said(&done, 4, &["are left to others", "admit resume out"]);
    let done = served.resume(&world, &["out"]);
    assert_said(&done, 4, &["are left to others"]);
    let done = served.resume(&world, &["out", "--reserve", "0"]);
    assert_said(&done, 3, &[]);
    assert_eq!(rows(&world, "out"), 100);
}
