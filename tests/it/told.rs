//! What a run was told holds for whoever finishes it: its gate, its pilot, how many refusals are
//! too many.

use admit::journal::Entry;

use crate::org_like::edited_org;
use crate::run_gate::NOT_LIVE;
use crate::served::{SMALL_JOBS, Served, first_rows, names_held_elsewhere};
use crate::world::{World, assert_said};

/// Users made and rows refused by the jobs of these entries.
fn settled<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> (u64, u64) {
    let mut sum = (0, 0);
    for entry in entries {
        if let Entry::RowsSettled {
            created, failed, ..
        } = entry
        {
            sum = (sum.0 + created, sum.1 + failed);
        }
    }
    sum
}

#[test]
fn a_run_that_died_before_its_gate_meets_it_when_it_is_resumed() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &["--yes"]);
    assert_said(&done, 8, &["nothing was said about mails"]);
    world.cut_journal_after("out", |entry| matches!(entry, Entry::PlanSealed { .. }));
    for _ in 0..2 {
        let done = served.resume(&world, &["out", "--yes"]);
        let parts = [
            "nothing was said about mails",
            "--welcome now",
            "go on with `admit resume out`",
        ];
        assert_said(&done, 8, &parts);
        assert_eq!(served.jobs_made(), 0, "nothing was sent");
    }
    let nobody = served.resume(&world, &["out", "--welcome", "now"]);
    assert_said(&nobody, 8, &["no terminal to ask at"]);
    assert_eq!(served.jobs_made(), 0, "nothing was sent");
    let done = served.resume(&world, &["out", "--yes", "--welcome", "now"]);
    assert_said(&done, 3, &[]);
}

#[cfg(unix)]
#[test]
fn what_the_gate_asks_is_asked_again_before_the_rest_of_a_run_is_sent() {
    let world = World::new();
    let edited = edited_org(&world, &[NOT_LIVE]);
    let served = Served::start(
        &world,
        &["--org", edited.to_str().unwrap(), "--speed", "20"],
    );
    let flags = [&SMALL_JOBS[..2], &["later"], &SMALL_JOBS[3..]].concat();
    served.stopped(&world, "out", &flags, "INT");

    // The same org, where the site went live meanwhile.
    let elsewhere = World::new();
    let live = Served::start(&elsewhere, &[]);
    let done = live.resume(&world, &["out"]);
    let parts = ["`--welcome later` cannot be kept", "admit resume out"];
    assert_said(&done, 4, &parts);
    assert_eq!(live.jobs_made(), 0, "nothing more was sent");
    let done = live.resume(&world, &["out", "--welcome", "now"]);
    assert_said(&done, 3, &[]);
}

#[cfg(unix)]
#[test]
fn a_pilot_that_was_cut_is_finished_and_asked_about_before_the_rest_follows() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "20"]);
    let flags = [&SMALL_JOBS[..], &["--pilot", "10"]].concat();
    let going = served.under_way(&world, "out", &flags);
    going.signal("KILL");
    going.end();
    let jobs = served.jobs_made();
    let nobody = served.resume(&world, &["out"]);
    assert_said(&nobody, 8, &["no terminal to ask at"]);
    assert_eq!(served.jobs_made(), jobs, "nothing was sent");

    let done = served.resume(&world, &["out", "--yes"]);
    assert_said(&done, 3, &["Pilot: 10 of 10 rows became users"]);
    let entries = world.journal("out");
    let is_over = |entry: &Entry| matches!(entry, Entry::PilotEnded);
    let over = entries.iter().position(is_over).unwrap();
    assert_eq!(settled(&entries[..over]), (10, 0), "the pilot went alone");

    // Killed while somebody thought about it: the question stands.
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 100);
    let served = names_held_elsewhere(&world, &contacts);
    let done = served.run(&world, &contacts, "out", &flags);
    assert_said(&done, 4, &["the pilot is over"]);
    let jobs = served.jobs_made();
    world.cut_journal_after("out", |entry| matches!(entry, Entry::RowsSettled { .. }));
    let done = served.resume(&world, &["out", "--yes"]);
    assert_said(&done, 4, &["Pilot: 5 of 10 rows", "the pilot is over"]);
    assert_eq!(served.jobs_made(), jobs, "nothing more was sent");
}

#[test]
fn refusals_before_a_stop_count_for_the_process_that_goes_on() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 100);
    let served = names_held_elsewhere(&world, &contacts);
    let flags = [&SMALL_JOBS[..], &["--max-failures", "5"]].concat();
    let done = served.run(&world, &contacts, "out", &flags);
    let said = [
        "admit resume out",
        "DUPLICATE_USERNAME",
        "refused 5 of 5",
        "`--max-failures` with",
    ];
    assert_said(&done, 4, &said);
    assert!(served.jobs_made() <= 10, "{}", served.jobs_made());

    // It stays stopped until somebody says more.
    let jobs = served.jobs_made();
    for _ in 0..2 {
        let done = served.resume(&world, &["out"]);
        assert_said(&done, 4, &["refused 5 of 5", "`--max-failures` with"]);
        assert_eq!(served.jobs_made(), jobs, "nothing more was sent");
    }
    let done = served.resume(&world, &["out", "--max-failures", "5"]);
    assert_said(&done, 4, &["`--max-failures` with"]);
    assert!(served.jobs_made() > jobs, "it is counted anew");
    let done = served.resume(&world, &["out", "--max-failures", "1000"]);
    assert_said(&done, 3, &[]);
}

#[test]
fn a_file_of_no_rows_is_said_to_have_none() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "none.csv", 0);
    let done = served.run(&world, &contacts, "out", &SMALL_JOBS);
    assert_said(&done, 0, &[]);
    let told = "a header and no rows";
    assert!(done.stdout.contains(told), "{}", done.stdout);
}

#[cfg(unix)]
#[test]
fn what_is_said_to_new_runs_does_not_stop_the_end_of_an_old_one() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let resumed = |names: &[&'static str]| {
        let said = names.iter().map(|name| (*name, "no value for it"));
        let variables: Vec<_> = served.variables().into_iter().chain(said).collect();
        let words = ["resume", "out", "--state-dir", "state"];
        let pace = ["--poll-ms", "10", "--requests-per-second", "400"];
        world.admit_with(&[&words[..], &pace].concat(), &variables)
    };
    assert_said(&resumed(&["ADMIT_LANES"]), 2, &["`ADMIT_LANES`"]);
    let of_new_runs = ["ADMIT_WELCOME", "ADMIT_PILOT", "ADMIT_MAX_FAILURES"];
    assert_said(&resumed(&of_new_runs), 3, &[]);
    served.assert_whole(&world, "out");
}

#[cfg(unix)]
#[test]
fn what_a_run_was_told_cannot_be_changed_in_its_folder() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let path = world.path("out/run.json");
    let told = std::fs::read_to_string(&path).unwrap();
    for (old, new) in [
        ("\"seed\": 0", "\"seed\": 7"),
        ("\"pilot_rows\": null", "\"pilot_rows\": 5"),
        (
            "\"failures_max\": null",
            "\"failures_max\": {\"percent\": 9}",
        ),
        ("\"welcome\": \"now\"", "\"welcome\": null"),
    ] {
        assert!(told.contains(old), "{old}: {told}");
        std::fs::write(&path, told.replace(old, new)).unwrap();
        assert_said(&served.resume(&world, &["out"]), 7, &["run.json"]);
    }
    std::fs::write(&path, told).unwrap();
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
}
