//! What is kept of an org between commands, over real processes: pulled, used, killed, refused.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use admit::journal::Entry;
use serde_json::Value;

use crate::served::{SMALL_JOBS, Served, first_rows};
use crate::world::{Done, Table, World, assert_said, sample};

/// Polls quickly; the served org is quick too.
const QUICK: [&str; 4] = ["--poll-ms", "50", "--requests-per-second", "500"];

fn pull(world: &World, served: &Served) -> Done {
    let mut words = vec!["org", "pull"];
    words.extend(QUICK);
    world.admit_with(&words, &served.variables())
}

fn check(world: &World, served: &Served, out: &str, flags: &[&str]) -> Done {
    let contacts = sample("contacts.csv");
    let mut words = vec!["check", contacts.to_str().unwrap(), "--out", out];
    words.extend(QUICK);
    words.extend(flags);
    world.admit_with(&words, &served.variables())
}

fn status(world: &World) -> Value {
    let done = world.admit(&["org", "status", "--json"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

fn bulk_queries(served: &Served) -> usize {
    let queries = served
        .seen()
        .into_iter()
        .filter(|seen| seen.method == "POST" && seen.path.ends_with("/jobs/query"));
    queries.count()
}

/// The folder of the only cache there is.
fn folder(world: &World) -> PathBuf {
    let state = world.path(".local/state/admit");
    let org = fs::read_dir(state).unwrap().next().unwrap().unwrap();
    org.path().join("cache")
}

/// What decides about rows; ids of runs, times and warnings apart.
fn verdict(world: &World, out: &str) -> Vec<u8> {
    fs::read(world.path(out).join("failure.csv")).unwrap()
}

#[test]
fn a_pulled_org_is_told_of_and_forgotten() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let nothing = world.admit(&["org", "status"]);
    assert_eq!(nothing.stdout, "nothing is kept of any org\n");
    let done = pull(&world, &served);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(
        done.stdout.contains("who sees all records"),
        "{}",
        done.stdout
    );
    let told = status(&world);
    let cache = &told[0]["cache"];
    assert_eq!(told[0]["sound"], true);
    assert!(told[0]["age_s"].as_u64().unwrap() < 60, "{told}");
    let contacts = Table::read(&fs::read(sample("org/Contact.csv")).unwrap());
    assert_eq!(cache["counts"]["Contact"], contacts.rows.len());
    let files = fs::read_dir(folder(&world)).unwrap();
    let bytes: u64 = files
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_str().unwrap().starts_with('v'))
        .map(|file| file.metadata().unwrap().len())
        .sum();
    assert_eq!(cache["bytes"], bytes);

    let done = world.admit(&["org", "forget"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(status(&world), serde_json::json!([]));
    let again = world.admit(&["org", "forget"]);
    assert_eq!(again.code, 2);
}

#[test]
fn a_check_pulls_once_and_then_uses_what_is_kept_until_it_is_too_old_or_changed() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let first = check(&world, &served, "first", &[]);
    assert_eq!(first.code, 3, "{}", first.stderr);
    assert_eq!(bulk_queries(&served), 4);
    let second = check(&world, &served, "second", &[]);
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert_eq!(bulk_queries(&served), 4, "the second check pulled nothing");
    assert_eq!(verdict(&world, "first"), verdict(&world, "second"));

    check(&world, &served, "third", &["--max-age", "0s"]);
    assert_eq!(bulk_queries(&served), 8, "no age was young enough");

    let contacts = sample("contacts.csv");
    let mut words = vec!["run", contacts.to_str().unwrap(), "--out", "run"];
    words.extend(["--yes", "--welcome", "now"]);
    words.extend(QUICK);
    let run = world.admit_with(&words, &served.variables());
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(bulk_queries(&served), 8, "the run used what was kept");
    assert_eq!(status(&world)[0]["cache"]["is_outdated"], true);
    check(&world, &served, "after", &[]);
    assert_eq!(bulk_queries(&served), 12, "the run changed the org");
    assert_eq!(status(&world)[0]["cache"]["is_outdated"], false);
}

#[test]
fn what_is_said_to_other_commands_does_not_stop_those_about_an_org() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let names = ["WELCOME", "EXPECT_ORG", "LANES", "PILOT", "THREADS", "SEED"];
    let names = names.map(|name| format!("ADMIT_{name}"));
    let others = names.iter().map(|name| (name.as_str(), "no value for it"));
    let variables: Vec<_> = served.variables().into_iter().chain(others).collect();
    world.file("admit.toml", "reserve = \"much\"\n");
    for verb in ["pull", "status", "forget"] {
        assert_said(&world.admit_with(&["org", verb], &variables), 0, &[]);
    }
    let contacts = sample("contacts.csv");
    let check = world.admit_with(&["check", contacts.to_str().unwrap()], &variables);
    let refused: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_said(&check, 2, &[&refused[..], &["`reserve`"]].concat());
}

/// Checks the rows of a run that is over: does the org hold every user that it made?
fn assert_known_to_a_check(world: &World, served: &Served, out: &str) {
    let contacts = world.path("some.csv");
    let words = ["check", contacts.to_str().unwrap(), "--out", "after"];
    let flags = ["--state-dir", "state", "--max-age", "1d"];
    let words = [&words[..], &flags, &QUICK].concat();
    assert_said(&world.admit_with(&words, &served.variables()), 3, &[]);
    let success = world.table(out, "success.csv");
    assert!(success.rows.len() > 50, "{} users", success.rows.len());
    let failure = world.table("after", "failure.csv");
    let ends = failure.cells("ContactId").into_iter();
    let ends: Vec<_> = ends.zip(failure.cells("admit__Code")).collect();
    for contact in success.cells("ContactId") {
        let of_contact = ends.iter().filter(|(of, _)| *of == contact);
        let codes: Vec<_> = of_contact.map(|(_, codes)| *codes).collect();
        let is_known = codes.iter().any(|codes| codes.contains("contact-has-"));
        assert!(is_known, "{contact} can have another user: {codes:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_check_after_a_resumed_run_knows_the_users_it_made() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    served.stopped(&world, "out", &SMALL_JOBS, "INT");
    let before = bulk_queries(&served);
    assert_said(&served.resume(&world, &["out"]), 3, &[]);
    assert_eq!(bulk_queries(&served), before + 4, "what a run changed");
    assert_known_to_a_check(&world, &served, "out");
    assert_eq!(bulk_queries(&served), before + 8);
}

#[cfg(unix)]
#[test]
fn a_check_that_read_the_org_while_a_run_went_on_is_not_believed_after_it() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let going = served.under_way(&world, "out", &SMALL_JOBS);
    going.signal("STOP");
    let contacts = world.path("some.csv");
    let words = ["check", contacts.to_str().unwrap(), "--out", "meanwhile"];
    let words = [&words[..], &["--state-dir", "state"], &QUICK].concat();
    assert_said(&world.admit_with(&words, &served.variables()), 3, &[]);
    going.signal("CONT");
    assert_said(&going.end(), 3, &[]);
    assert_known_to_a_check(&world, &served, "out");
}

#[test]
fn a_run_that_is_resumed_before_it_sent_anything_reads_the_org_once() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &["--yes"]);
    assert_said(&done, 8, &["nothing was said about mails"]);
    world.cut_journal_after("out", |entry| matches!(entry, Entry::PlanSealed { .. }));
    let done = served.resume(&world, &["out", "--yes", "--welcome", "now"]);
    assert_said(&done, 3, &[]);
    assert_eq!(bulk_queries(&served), 4);
    assert_known_to_a_check(&world, &served, "out");
    assert_eq!(bulk_queries(&served), 8);
}

#[test]
fn an_offline_check_asks_the_org_nothing() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let refused = check(&world, &served, "refused", &["--offline"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("admit org pull"),
        "{}",
        refused.stderr
    );
    check(&world, &served, "online", &[]);
    let asked = served.seen().len();
    let offline = check(
        &world,
        &served,
        "offline",
        &["--offline", "--max-age", "0s"],
    );
    assert_eq!(offline.code, 3, "{}", offline.stderr);
    assert_eq!(served.seen().len(), asked);
    assert_eq!(verdict(&world, "online"), verdict(&world, "offline"));
}

#[test]
fn a_damaged_cache_is_refused_until_it_is_pulled_anew() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    pull(&world, &served);
    let files = fs::read_dir(folder(&world)).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let index = files.find(|path| path.extension().is_some_and(|end| end == "index"));
    let index = index.unwrap();
    let whole = fs::read(&index).unwrap();
    fs::write(&index, &whole[..whole.len() / 2]).unwrap();
    let refused = check(&world, &served, "refused", &[]);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("admit org pull"),
        "{}",
        refused.stderr
    );
    assert_eq!(world.admit(&["org", "status"]).code, 7);
    assert_eq!(pull(&world, &served).code, 0);
    assert_eq!(check(&world, &served, "again", &[]).code, 3);
}

#[test]
fn a_pull_killed_at_any_moment_leaves_what_was_kept_and_readers_never_notice() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    assert_eq!(pull(&world, &served).code, 0);
    let counts = status(&world)[0]["cache"]["counts"].clone();
    for moment in 0..10 {
        let mut pulling = Command::new(env!("CARGO_BIN_EXE_admit"))
            .args(["org", "pull"])
            .args(QUICK)
            .current_dir(world.path(""))
            .env_clear()
            .env("HOME", world.path(""))
            .envs(served.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The longer two others read, the further the pull gets before it is killed.
        let reading = std::thread::scope(|scope| {
            let read = || (0..=moment).map(|_| status(&world)).collect::<Vec<_>>();
            let readers = [scope.spawn(read), scope.spawn(read)];
            readers.map(|reader| reader.join().unwrap())
        });
        for told in reading.into_iter().flatten() {
            assert_eq!(told[0]["sound"], true, "{told}");
            assert_eq!(told[0]["cache"]["counts"], counts);
        }
        pulling.kill().unwrap();
        pulling.wait().unwrap();
        assert_eq!(status(&world)[0]["cache"]["counts"], counts);
    }
    assert_eq!(pull(&world, &served).code, 0);
    let left = fs::read_dir(folder(&world)).unwrap();
    let left: Vec<String> = left
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|name| name.contains(".part")), "{left:?}");
    assert_eq!(left.len(), 8, "{left:?}");
}
