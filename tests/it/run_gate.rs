//! What has to hold before `admit run` sends anything: a person who agrees, the right org, nobody
//! else at work there, permissions, licences, allowances, and a word about mails.

use std::fs::File;
use std::io::Write;

use crate::served::{Served, first_rows};
use crate::world::{Done, World, sample};

const ORG: &str = "00D5g0000000SimEAE";

/// Network, with the site's welcome mail switched off.
const NO_GREETING: (&str, &str, &str) = ("Network.csv", "connect,true,", "connect,false,");
/// The site, not live yet.
pub(crate) const NOT_LIVE: (&str, &str, &str) = ("Network.csv", ",Live,", ",UnderConstruction,");

/// Exit 8 with this in its message, and no job made.
fn assert_refused(done: &Done, served: &Served, told: &str) {
    assert_eq!(done.code, 8, "{}", done.stderr);
    assert!(done.stderr.contains(told), "{told:?}: {}", done.stderr);
    assert_eq!(served.jobs_made(), 0, "nothing was sent");
}

#[test]
fn without_a_terminal_a_run_wants_yes_and_asks_the_org_nothing() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let done = served.run(
        &world,
        &sample("contacts.csv"),
        "out",
        &["--welcome", "now"],
    );
    assert_refused(&done, &served, "no terminal to ask at");
    assert!(done.stderr.contains("--yes"), "{}", done.stderr);
    assert!(served.seen().is_empty());
    assert!(!world.path("out").exists());
}

#[test]
fn a_run_without_a_connection_or_with_a_simulated_org_is_a_usage_error() {
    let world = World::new();
    let contacts = sample("contacts.csv");
    let contacts = contacts.to_str().unwrap();
    let done = world.admit(&["run", contacts, "--yes"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("SF_INSTANCE_URL"), "{}", done.stderr);
    let done = world.admit(&["run", contacts, "--yes", "--org", "org"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("admit rehearse"), "{}", done.stderr);
    let far = [
        ("SF_INSTANCE_URL", "http://acme.my.salesforce.com"),
        ("SF_ACCESS_TOKEN", "00D!secret"),
    ];
    let done = world.admit_with(&["run", contacts, "--yes"], &far);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("plain http"), "{}", done.stderr);
}

#[test]
fn mails_that_nobody_spoke_of_stop_the_run_yes_or_not() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "none", &["--yes"]);
    assert_refused(&done, &served, "nothing was said about mails");
    assert!(done.stderr.contains("--welcome now"), "{}", done.stderr);
    for (out, welcome) in [("later", "later"), ("never", "never")] {
        let done = served.run(&world, &contacts, out, &["--yes", "--welcome", welcome]);
        let told = format!("`--welcome {welcome}` cannot be kept");
        assert_refused(&done, &served, &told);
        assert!(done.stderr.contains("Acme Connect"), "{}", done.stderr);
    }
    let done = served.run(&world, &contacts, "now", &["--yes", "--welcome", "now"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
}

#[test]
fn where_the_org_stays_silent_mails_are_no_reason_to_stop() {
    for (edit, why) in [
        (NO_GREETING, "does not greet new members"),
        (NOT_LIVE, "is not live"),
    ] {
        let world = World::new();
        let served = Served::start_with(&world, &[edit]);
        let contacts = first_rows(&world, "some.csv", 100);
        let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "later"]);
        assert_eq!(done.code, 3, "{}", done.stderr);
        let log = String::from_utf8(world.files("out")["run.log"].clone()).unwrap();
        let line = log
            .lines()
            .find(|line| line.contains("no welcome mail will go out"));
        assert!(line.is_some_and(|line| line.contains(why)), "{log}");
    }
}

#[test]
fn mails_asked_for_at_a_site_that_is_not_live_stop_the_run() {
    let world = World::new();
    let served = Served::start_with(&world, &[NOT_LIVE]);
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    assert_refused(&done, &served, "is not live");
}

#[test]
fn a_rehearsal_and_a_check_only_report_what_would_stop_a_run() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 100);
    for verb in ["check", "rehearse"] {
        let done = world.admit(&[verb, contacts.to_str().unwrap(), "--out", verb]);
        assert_eq!(done.code, 3, "{}", done.stderr);
        assert!(
            done.stderr.contains("a run would be refused"),
            "{}",
            done.stderr
        );
    }
}

#[test]
fn the_simulated_org_is_not_the_one_that_was_expected_either() {
    let world = World::new();
    let contacts = first_rows(&world, "some.csv", 10);
    let other = ["--expect-org", "00D000000000001"];
    let why = "the org is 00D5g0000000SimEAE, and 00D000000000001EAA was expected";
    for done in [
        world.check(&contacts, "out", &other),
        world.rehearse(&contacts, "out", &other),
    ] {
        assert_eq!(done.code, 8, "{}", done.stderr);
        assert!(done.stderr.contains(why), "{}", done.stderr);
    }
    let done = world.check(&contacts, "right", &["--expect-org", ORG]);
    assert_eq!(done.code, 0, "{}", done.stderr);

    // A programme names the real org it is for: it can be rehearsed all the same.
    let section = "[program.partners]\nexpect-org = \"00D000000000001\"\n";
    world.file("admit.toml", section);
    let program = ["--program", "partners"];
    assert_eq!(world.check(&contacts, "checked", &program).code, 8);
    let done = world.rehearse(&contacts, "rehearsed", &program);
    assert_eq!(done.code, 0, "{}", done.stderr);
}

#[test]
fn another_org_than_expected_is_refused_before_anything_else() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 100);
    let other = "00D000000000001";
    let done = served.run(&world, &contacts, "flag", &["--yes", "--expect-org", other]);
    assert_refused(
        &done,
        &served,
        "00D5g0000000SimEAE, and 00D000000000001EAA was expected",
    );
    world.file(
        "admit.toml",
        "[program.partners]\nexpect-org = \"00D000000000001\"\n",
    );
    let done = served.run(
        &world,
        &contacts,
        "key",
        &["--yes", "--program", "partners"],
    );
    assert_refused(&done, &served, "was expected");
    let paths: Vec<_> = served.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths, ["/services/oauth2/userinfo"; 2],
        "only who it is was asked"
    );
    let flags = ["--yes", "--welcome", "now", "--expect-org", &ORG[..15]];
    let done = served.run(&world, &contacts, "right", &flags);
    assert_eq!(done.code, 3, "{}", done.stderr);
}

#[test]
fn what_the_running_user_and_the_org_lack_is_said_all_at_once() {
    let world = World::new();
    let all = "00e5g000010r86IAAQ,true,true,true,true,true,true,true,true,true,true,";
    let few = "00e5g000010r86IAAQ,true,true,true,true,true,false,false,false,false,false,";
    let limits = "daily_api_requests = 40\ndaily_bulk_batches = 1\n\n[features]";
    let served = Served::start_with(
        &world,
        &[
            ("PermissionSet.csv", all, few),
            ("org.toml", "[features]", limits),
        ],
    );
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &["--yes"]);
    assert_refused(
        &done,
        &served,
        "ada.admin@acme.example.com may not create external users",
    );
    for told in [
        "API calls",
        "Bulk API batches",
        "nothing was said about mails",
    ] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
}

#[test]
fn an_org_without_a_licence_for_external_users_is_refused() {
    let world = World::new();
    let served = Served::start_with(
        &world,
        &[
            ("UserLicense.csv", ",Active,", ",Disabled,"),
            ("UserLicense.csv", "SFDC,Disabled,", "SFDC,Active,"),
        ],
    );
    let contacts = first_rows(&world, "some.csv", 100);
    let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    assert_refused(&done, &served, "no active licence for external users");
}

#[test]
fn new_gate_codes_are_explained() {
    let world = World::new();
    for code in [
        "permission-missing",
        "license-missing",
        "api-calls-short",
        "bulk-batches-short",
        "mails-predicted",
        "site-not-live",
    ] {
        let done = world.admit(&["explain", code]);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
}

#[test]
fn production_and_sandbox_are_named_in_plan_summary_and_log() {
    for (is_sandbox, kind) in [("false", "PRODUCTION"), ("true", "SANDBOX")] {
        let world = World::new();
        let setting = format!("is_sandbox = {is_sandbox}");
        let edit = ("org.toml", "is_sandbox = false", setting.as_str());
        let served = Served::start_with(&world, &[edit]);
        let contacts = first_rows(&world, "some.csv", 60);
        let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
        assert_eq!(done.code, 3, "{}", done.stderr);
        let address = served.variables()[0].1;
        let head = format!("{kind} {ORG} {address}");
        assert!(done.stderr.contains(&head), "the plan: {}", done.stderr);
        assert!(done.stdout.contains(&head), "the summary: {}", done.stdout);
        let log = String::from_utf8(world.files("out")["run.log"].clone()).unwrap();
        let line = format!("{kind} org {ORG} at {address} as ada.admin@acme.example.com");
        assert!(log.contains(&line), "{log}");
    }
}

#[test]
fn a_second_run_of_one_org_is_told_who_is_at_work() {
    let world = World::new();
    // Slow enough to be met.
    let served = Served::start(&world, &["--speed", "20"]);
    let contacts = first_rows(&world, "some.csv", 100);
    let flags = ["--yes", "--welcome", "now", "--rows-per-job", "10"];
    let mut first = served.begin(&world, &contacts, "first", &flags);
    first.wait_for(&["\"job\"", "UploadComplete"]);
    let second = served.run(&world, &contacts, "second", &flags);
    assert_eq!(second.code, 8, "{}", second.stderr);
    let holder = format!(
        "process {} in {}",
        first.pid(),
        world.path("first").display()
    );
    assert!(
        second.stderr.contains(&holder),
        "{holder}: {}",
        second.stderr
    );
    assert!(second.stderr.contains("since 20"), "{}", second.stderr);
    assert!(!world.path("second").exists(), "it leaves nothing behind");
    first.signal("TERM");
    assert_eq!(first.end().code, 4);
    let third = served.run(&world, &contacts, "third", &["--yes", "--expect-org", ORG]);
    assert!(!third.stderr.contains("another run"), "{}", third.stderr);
}

#[test]
fn a_lock_whose_holder_says_nothing_is_a_lock_all_the_same() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 60);
    std::fs::create_dir_all(world.path("state").join(ORG)).unwrap();
    let path = world.path("state").join(ORG).join("run.lock");
    let mut held = File::create(&path).unwrap();
    held.lock().unwrap();
    let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    assert_refused(&done, &served, "another run works on this org");
    held.write_all(b"left over from a run that was killed")
        .unwrap();
    drop(held);
    let done = served.run(&world, &contacts, "free", &["--yes", "--welcome", "now"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
}
