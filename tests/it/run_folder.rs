//! The folder of a run: one process at a time writes it, and what is missing or was changed in it is
//! neither overlooked nor taken for the truth.

use std::path::Path;

use admit::journal::{Entry, Line};

use crate::served::{SMALL_JOBS, Served};
use crate::world::{World, assert_said};

/// The first file of this kind that a job of the run left, by name.
fn file_of_a_job(world: &World, kind: &str) -> String {
    let mut names = world.files("out/jobs").into_keys();
    names.find(|name| name.ends_with(kind)).unwrap()
}

/// The run is not resumed while such a file of a job holds another text, nor while it is gone;
/// then it is as it was.
fn assert_missed(world: &World, served: &Served, kind: &str, other: impl Fn(&str) -> String) {
    let name = file_of_a_job(world, kind);
    let path = world.path("out/jobs").join(&name);
    let before = std::fs::read_to_string(&path).unwrap();
    let other = other(&before);
    assert_ne!(other, before);
    let words = ["missing or was changed", name.strip_suffix(kind).unwrap()];
    std::fs::write(&path, other).unwrap();
    assert_said(&served.resume(world, &["out"]), 7, &words);
    std::fs::remove_file(&path).unwrap();
    assert_said(&served.resume(world, &["out"]), 7, &words);
    std::fs::write(&path, before).unwrap();
}

fn lines(world: &World) -> Vec<Line> {
    let text = std::fs::read_to_string(world.path("out/journal.jsonl")).unwrap();
    text.lines()
        .map(|line| Line::decode(line).unwrap())
        .collect()
}

fn write_lines(world: &World, lines: &[Line]) {
    let text: String = lines.iter().map(Line::encode).collect();
    std::fs::write(world.path("out/journal.jsonl"), text).unwrap();
}

#[test]
fn whoever_names_another_state_folder_does_not_get_at_a_run_that_goes_on() {
    let world = World::new();
    let served = Served::start(&world, &["--speed", "50"]);
    let going = served.under_way(&world, "out", &SMALL_JOBS);
    let holder = format!("process {}", going.pid());
    for verb in ["resume", "abort"] {
        let words = [verb, "out", "--state-dir", "elsewhere"];
        let second = world.admit_with(&words, &served.variables());
        assert_said(
            &second,
            8,
            &["another process works on this run", &holder, "run.lock"],
        );
    }
    assert_said(&going.end(), 3, &[]);
    served.assert_whole(&world, "out");
    let lines = lines(&world);
    let places = lines.iter().map(|line| line.seq);
    assert!(places.eq(0..lines.len() as u64), "one process wrote it");
    let ended = Entry::RunEnded { exit: 3 };
    assert_eq!(lines.last().unwrap().entry, ended);
}

#[test]
fn a_journal_whose_last_line_was_changed_is_refused_and_nothing_is_sent() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let jobs = served.jobs_made();
    let path = world.path("out/journal.jsonl");
    let mut text = std::fs::read(&path).unwrap();
    let place = text.len() - 40;
    text[place] ^= 1;
    std::fs::write(&path, &text).unwrap();
    let done = served.resume(&world, &["out"]);
    assert_said(&done, 7, &["the journal is damaged"]);
    assert_eq!(std::fs::read(&path).unwrap(), text, "it is left as it is");
    assert_eq!(served.jobs_made(), jobs);
}

#[test]
fn a_job_that_was_closed_in_lines_the_journal_lost_is_read_and_not_sent_again() {
    for verb in ["resume", "abort"] {
        let world = World::new();
        let served = Served::start(&world, &[]);
        served.stopped(&world, "out", &SMALL_JOBS, "INT");
        let mut lines = lines(&world);
        let is_closing = |line: &Line| matches!(line.entry, Entry::JobClosing { .. });
        let last = lines.iter().rposition(is_closing).unwrap();
        let Entry::JobClosing { job } = lines[last].entry.clone() else {
            unreachable!()
        };
        lines.truncate(last);
        write_lines(&world, &lines);
        let done = served.go_on(verb, &world, &["out"]);
        assert_said(&done, 3, &[&job]);
        served.assert_whole(&world, "out");
        let success = world.table("out", "success.csv");
        let of_job = success.cells("admit__Job");
        assert!(of_job.contains(&job.as_str()), "{verb}: its users are ours");
    }
}

#[test]
fn results_that_count_otherwise_than_they_did_are_refused() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let jobs = served.jobs_made();
    // As a journal reads from before digests were kept.
    let mut lines = lines(&world);
    for line in &mut lines {
        if let Entry::ResultsStored { sha256, .. } = &mut line.entry {
            *sha256 = None;
        }
    }
    write_lines(&world, &lines);
    assert_missed(&world, &served, "-successful.csv", |before| {
        assert!(before.lines().count() > 1, "it has rows");
        let header = before.lines().next().unwrap();
        format!("{header}\n")
    });
    assert_eq!(served.jobs_made(), jobs, "nothing was sent");
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}

#[test]
fn an_input_that_grows_while_the_run_goes_on_is_told_and_costs_nothing() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let going = served.under_way(&world, "out", &SMALL_JOBS);
    going.signal("STOP");
    let path = world.path("out/input.csv");
    let before = std::fs::read(&path).unwrap();
    let last = before.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    std::fs::write(&path, [&before, last.unwrap(), b"\n"].concat()).unwrap();
    going.signal("CONT");
    let words = ["the input changed", "out/input.csv", "admit resume out"];
    assert_said(&going.end(), 4, &words);
    assert!(!world.path("out/success.csv").exists());
    std::fs::write(&path, &before).unwrap();
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}

#[test]
fn an_answer_of_the_org_that_was_changed_is_refused() {
    let world = World::new();
    let gone = "[[job]]\nnth = 1\ndo = { vanish = { rows = 1.0 } }\n";
    let plan = world.file("gone.toml", gone);
    let served = Served::start(&world, &["--faults", plan.to_str().unwrap()]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    assert_missed(&world, &served, "-answers.csv", |before| {
        let mut users = before.lines().skip(1);
        let user = users.next().unwrap().split(',').next().unwrap();
        before.replacen(user, "0055g000010UGLvAAO", 1)
    });
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}

#[test]
fn a_file_of_a_run_that_cannot_be_read_is_not_said_to_be_changed() {
    let world = World::new();
    let gone = "[[job]]\nnth = 1\ndo = { vanish = { rows = 1.0 } }\n";
    let plan = world.file("gone.toml", gone);
    let served = Served::start(&world, &["--faults", plan.to_str().unwrap()]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let jobs = served.jobs_made();
    let of_kind = |kind| format!("jobs/{}", file_of_a_job(&world, kind));
    for (name, told) in [
        (of_kind("-failed.csv"), "out/jobs/750"),
        (of_kind("-answers.csv"), "out/jobs/750"),
        ("run.json".to_owned(), "run.json"),
        ("plan/summary.json".to_owned(), "plan/summary.json"),
        ("plan/outcomes.bin".to_owned(), "plan/outcomes.bin"),
    ] {
        let path = world.path("out").join(&name);
        let aside = world.path("aside");
        std::fs::rename(&path, &aside).unwrap();
        // What nobody can read as a file, whoever they are.
        std::fs::create_dir(&path).unwrap();
        for verb in ["resume", "abort"] {
            let done = served.go_on(verb, &world, &["out"]);
            let parts = ["cannot be read", told, "Mend the permissions"];
            assert_said(&done, 4, &parts);
        }
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&aside, &path).unwrap();
    }
    assert_eq!(served.jobs_made(), jobs, "nothing was sent");
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}

#[test]
fn a_run_folder_that_misses_a_file_is_damaged_and_a_folder_without_any_is_no_run() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let jobs = served.jobs_made();
    for name in ["input.csv", "journal.jsonl", "run.json"] {
        let path = world.path("out").join(name);
        let before = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for verb in ["resume", "abort"] {
            let done = served.go_on(verb, &world, &["out"]);
            assert_said(&done, 7, &["missing or was changed", name]);
        }
        std::fs::write(&path, before).unwrap();
    }
    for name in ["input.csv", "journal.jsonl"] {
        let path: &Path = &world.path("out").join(name);
        let before = std::fs::read(path).unwrap();
        std::fs::write(path, "").unwrap();
        let done = served.resume(&world, &["out"]);
        assert_said(&done, 7, &["missing or was changed", name]);
        std::fs::write(path, before).unwrap();
    }
    assert_eq!(served.jobs_made(), jobs, "nothing was sent");
    std::fs::create_dir(world.path("nothing")).unwrap();
    let done = served.resume(&world, &["nothing"]);
    assert_said(&done, 2, &["not the folder of a run"]);
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    served.assert_whole(&world, "out");
}
