//! An org made of what a cache keeps: it answers like the one that was pulled.

use std::path::PathBuf;

use crate::served::Served;
use crate::world::{World, sample};

/// The external ids the sample file names people by.
const KEYS: [&str; 4] = [
    "--external-id",
    "Contact.External_Key__c",
    "--external-id",
    "Account.Customer_Number__c",
];

/// The folder of the only org that is cached.
fn cached(world: &World) -> PathBuf {
    let state = world.path(".local/state/admit");
    let mut orgs = std::fs::read_dir(state).unwrap();
    orgs.next().unwrap().unwrap().path()
}

fn check(world: &World, served: &Served, out: &str, state: &str) {
    let contacts = sample("contacts.csv");
    let words = ["check", contacts.to_str().unwrap(), "--out", out];
    let flags = ["--state-dir", state, "--poll-ms", "20"];
    let flags = [&words[..], &flags, &["--requests-per-second", "400"]].concat();
    let done = world.admit_with(&flags, &served.variables());
    assert_eq!(done.code, 3, "{}", done.stderr);
}

/// The waves as they would be sent, who is refused and why, and what a run would be made of.
fn plan(world: &World, out: &str) -> (Vec<(String, Vec<u8>)>, serde_json::Value) {
    let files = world.files(out).into_iter();
    let decides = |name: &str| name.starts_with("plan/") || name == "failure.csv";
    let files = files.filter(|(name, _)| decides(name)).collect();
    let summary = std::fs::read(world.path(out).join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
    (files, summary["plan"].clone())
}

#[test]
fn an_org_seeded_from_a_cache_gives_the_same_plan_as_the_org_that_was_pulled() {
    let world = World::new();
    let first = Served::start(&world, &[]);
    let mut words = vec!["org", "pull"];
    words.extend(KEYS);
    words.extend(["--poll-ms", "20", "--requests-per-second", "400"]);
    let pulled = world.admit_with(&words, &first.variables());
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    check(&world, &first, "first", "one");

    let org = cached(&world);
    for (place, out) in [(org.clone(), "by-org"), (org.join("cache"), "by-cache")] {
        let second = Served::start(&world, &["--seed-from", place.to_str().unwrap()]);
        check(&world, &second, out, out);
        let (files, numbers) = plan(&world, "first");
        let (same, same_numbers) = plan(&world, out);
        assert!(files.len() > 4, "{} files", files.len());
        for (one, other) in files.iter().zip(&same) {
            assert_eq!(one.0, other.0);
            assert!(one.1 == other.1, "{} differs", one.0);
        }
        assert_eq!(files.len(), same.len());
        assert!(numbers.is_object());
        assert_eq!(numbers, same_numbers);
    }
}

#[test]
fn a_folder_without_a_cache_is_refused_by_name() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    for folder in ["empty", "nowhere"] {
        let done = world.admit(&["sim", "--seed-from", folder]);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(
            done.stderr.contains("no org is cached there"),
            "{}",
            done.stderr
        );
        assert!(done.stderr.contains(folder), "{}", done.stderr);
    }
}

#[test]
fn an_org_pulled_from_a_folder_can_be_checked_against_offline() {
    let world = World::new();
    let org = sample("org");
    let org = org.to_str().unwrap();
    let pulled = world.admit(&[&["org", "pull", "--org", org], &KEYS[..]].concat());
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let contacts = sample("contacts.csv");
    for (out, flags) in [("pulled", &["--offline"][..]), ("online", &[])] {
        let mut words = vec!["check", contacts.to_str().unwrap(), "--out", out];
        words.extend(["--org", org]);
        words.extend(flags);
        let done = world.admit(&words);
        assert_eq!(done.code, 3, "{}", done.stderr);
        assert_eq!(
            done.stderr.contains("offline: the org was not asked"),
            out == "pulled"
        );
    }
    assert!(plan(&world, "pulled").0 == plan(&world, "online").0);
}
