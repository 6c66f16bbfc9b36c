//! Plans of faults as files: what a good one plays, and what is said of a bad one.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::fixture::{Caller, INGEST, TOKEN, numbered, seed};
use crate::salesforce::transport::{Body, Method, Request, Response, Transport};
use crate::sim::faults::Elsewhere;
use crate::sim::{FaultPlan, SimOptions, SimOrg};

/// Every drill, and the kinds of faults it plays, with how often, to a client that makes three jobs
/// of 200 rows whatever happens.
const DRILLS: &[(&str, &[(&str, u64)])] = &[
    ("401-on-poll", &[("answer", 1)]),
    ("401-on-put", &[("answer", 1)]),
    ("403-on-create", &[("answer", 1)]),
    ("429-on-close", &[("answer", 1)]),
    ("503-html", &[("answer", 5)]),
    ("503-on-close", &[("answer", 1)]),
    ("503-on-create", &[("answer", 1)]),
    ("503-on-first-poll", &[("answer", 1)]),
    ("503-on-put", &[("answer", 1)]),
    ("allowance-spent", &[("spend-allowance", 1)]),
    ("batches-spent", &[("spend-allowance", 1)]),
    ("close-late", &[("slow", 1)]),
    ("close-lost-after", &[("lose-answer", 1)]),
    ("close-lost-before", &[("reset", 1)]),
    ("close-twice-lost", &[("lose-answer", 1), ("reset", 1)]),
    ("create-lost", &[("lose-answer", 1)]),
    ("create-refused", &[("refuse", 1)]),
    ("dropped-on-poll", &[("reset", 1)]),
    ("dropped-on-put", &[("reset", 1)]),
    ("failed-cut-short", &[("shorten", 1)]),
    ("failed-truncated", &[("break", 1)]),
    ("job-aborted", &[("abort", 1)]),
    ("job-failed", &[("fail", 1)]),
    ("job-stuck", &[("stick", 1)]),
    ("job-stuck-for-ever", &[("stick", 1)]),
    ("job-vanished", &[("vanish", 1)]),
    ("job-vanished-halfway", &[("vanish", 1)]),
    ("names-taken", &[]),
    ("put-lost", &[("lose-answer", 1)]),
    ("rows-in-two-files", &[("fail-rows-too", 1)]),
    ("rows-locked", &[("lock-rows", 2)]),
    ("rows-misplaced", &[("unprocess-rows", 1)]),
    ("rows-missing", &[("lose-rows", 1)]),
    ("rows-repeated", &[("repeat-rows", 1)]),
    ("session-expired", &[("expire-sessions", 1)]),
    ("successful-cut-short", &[("shorten", 1)]),
    ("successful-garbled", &[("garble", 1)]),
    ("successful-truncated", &[("break", 1)]),
    ("unprocessed-cut-short", &[("shorten", 1)]),
    ("unprocessed-truncated", &[("break", 1)]),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples/faults")
}

fn plan(file: &str) -> FaultPlan {
    let text = std::fs::read_to_string(folder().join(format!("{file}.toml"))).unwrap();
    assert!(text.starts_with("# "), "{file} says what it plays");
    FaultPlan::parse(&text).unwrap_or_else(|error| panic!("{file}, line {}: {error}", error.line))
}

fn org(faults: FaultPlan, number: u64) -> SimOrg {
    let options = SimOptions {
        seed: number,
        faults,
        ..SimOptions::default()
    };
    SimOrg::new(seed(), options)
}

/// Asks until something comes back that is not trouble; gives up after a few times.
async fn insist(org: &SimOrg, method: Method, path: &str, body: &str) -> Option<Response> {
    for _ in 0..5 {
        let request = Request {
            method,
            path: path.to_owned(),
            headers: vec![("authorization", format!("Bearer {TOKEN}"))],
            body: Body::Bytes(body.to_owned().into()),
        };
        if let Ok(answer) = org.send(request).await
            && answer.status < 300
        {
            return Some(answer);
        }
    }
    None
}

/// Three jobs, stubbornly.
async fn walk(org: &SimOrg) {
    for object in ["User", "User", "Contact"] {
        let wanted = json!({ "object": object, "operation": "insert" }).to_string();
        let Some(created) = insist(org, Method::Post, INGEST, &wanted).await else {
            continue;
        };
        let created = super::fault_caller::read(created).await.unwrap();
        let job = format!("{INGEST}/{}", created.json()["id"].as_str().unwrap());
        let data = numbered(200);
        insist(org, Method::Put, &format!("{job}/batches"), &data).await;
        insist(org, Method::Patch, &job, r#"{"state":"UploadComplete"}"#).await;
        tokio::time::sleep(std::time::Duration::from_mins(10)).await;
        insist(org, Method::Get, &job, "").await;
        for file in ["successfulResults", "failedResults", "unprocessedrecords"] {
            insist(org, Method::Get, &format!("{job}/{file}"), "").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_drill_plays_what_its_name_says_and_no_more() {
    for (drill, expected) in DRILLS {
        let org = org(plan(&format!("drill-{drill}")), 1);
        walk(&org).await;
        let played: Vec<_> = org.faults_played().into_iter().collect();
        assert_eq!(played, *expected, "{drill}");
    }
}

#[test]
fn every_file_of_the_folder_is_a_drill_or_a_profile() {
    let files = std::fs::read_dir(folder()).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let drills = DRILLS
        .iter()
        .map(|(drill, _)| format!("drill-{drill}.toml"));
    let profiles = FaultPlan::NAMES.iter().map(|name| format!("{name}.toml"));
    assert_eq!(files, drills.chain(profiles).collect());
}

#[test]
fn profiles_are_the_files_and_only_calm_is_calm() {
    for name in FaultPlan::NAMES {
        let profile = FaultPlan::named(name).unwrap();
        assert_eq!(profile, plan(name));
        assert_eq!(profile.is_calm(), name == "calm");
    }
    assert_eq!(FaultPlan::named("squally"), None);
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_by_profile_is_over_after_a_day() {
    for name in FaultPlan::NAMES {
        let org = org(FaultPlan::named(name).unwrap(), 5);
        for _ in 0..5 {
            walk(&org).await;
        }
        let played = org.faults_played();
        assert_eq!(played.is_empty(), name == "calm", "{played:?}");
        tokio::time::sleep(std::time::Duration::from_hours(25)).await;
        let before = org.faults_played();
        for _ in 0..5 {
            walk(&org).await;
        }
        assert_eq!(org.faults_played(), before, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_kinds_of_faults_are_met_in_a_hostile_org() {
    let mut met = BTreeSet::new();
    for number in 0..6 {
        let org = org(FaultPlan::named("hostile").unwrap(), number);
        for _ in 0..10 {
            walk(&org).await;
        }
        met.extend(org.faults_played().into_keys());
    }
    let expected = [
        "abort",
        "answer",
        "break",
        "fail",
        "fail-rows-too",
        "garble",
        "lock-rows",
        "lose-answer",
        "lose-rows",
        "refuse",
        "repeat-rows",
        "reset",
        "shorten",
        "slow",
        "stick",
        "unprocess-rows",
        "vanish",
    ];
    assert_eq!(met, BTreeSet::from(expected));
}

#[test]
fn a_share_of_names_is_taken_the_same_ones_whatever_their_case() {
    let taken = |seed: u64, upper: bool| {
        let elsewhere = Elsewhere::new(plan("drill-names-taken").users, seed);
        let names = (0..1000).map(|number| format!("ada.{number}@example.com"));
        let names = names.map(|name| if upper { name.to_uppercase() } else { name });
        let taken: Vec<bool> = names.map(|name| elsewhere.holds_username(&name)).collect();
        let count = taken.iter().filter(|taken| **taken).count();
        assert_eq!(elsewhere.played()["usernames-taken"], count as u64);
        assert!((150..250).contains(&count), "{count}");
        taken
    };
    assert_eq!(taken(1, false), taken(1, true));
    assert_ne!(taken(1, false), taken(2, false));
}

#[test]
fn a_plan_that_means_nothing_is_refused_with_its_line() {
    let good = "do = \"reset\"";
    for (text, line, part) in [
        ("[[request]\n", 1, "unclosed"),
        ("[[squall]]\n", 1, "unknown field `squall`"),
        (
            "\n[[request]]\nat = \"lunch\"\ndo = \"reset\"",
            3,
            "unknown variant `lunch`",
        ),
        (
            "[[request]]\nat = \"put\"\ndo = \"explode\"",
            3,
            "unknown variant `explode`",
        ),
        ("[[request]]\ndo = \"reset\"", 1, "missing field `at`"),
        (
            "[[request]]\nat = \"put\"\nwhen = 1\ndo = \"reset\"",
            3,
            "unknown field `when`",
        ),
        (
            "[[request]]\nat = \"put\"\ndo = { slow = { second = 1 } }",
            3,
            "keys in table: second",
        ),
        (
            &format!("[[request]]\nat = \"put\"\nnth = 0\n{good}"),
            1,
            "count from 1",
        ),
        (
            &format!("[[request]]\nat = \"put\"\ntimes = 0\n{good}"),
            1,
            "`times`",
        ),
        (
            &format!("\n\n[[request]]\nat = \"put\"\nchance = 1.5\n{good}"),
            3,
            "`chance`",
        ),
        (
            &format!("[[request]]\nat = \"put\"\nnth = 1\nevery = 2\n{good}"),
            1,
            "only one",
        ),
        (
            "[[request]]\nat = \"put\"\ndo = { answer = { status = 200 } }",
            1,
            "`status`",
        ),
        (
            "[[request]]\nat = \"put\"\ndo = { slow = { seconds = -1 } }",
            1,
            "`seconds`",
        ),
        (
            "[[request]]\nat = \"put\"\ndo = { break = { keep = 1.0 } }",
            1,
            "`keep`",
        ),
        ("[[job]]\ndo = { fail = { rows = 0 } }", 1, "`rows`"),
        ("[[job]]\ndo = { fail = { rows = 1.5 } }", 1, "`rows`"),
        ("[users]\nusernames-taken = 2.0", 1, "share of names"),
    ] {
        let error = FaultPlan::parse(text).unwrap_err();
        assert!(error.message.contains(part), "{text}: {error}");
        assert_eq!(error.line, line, "{text}: {error}");
    }
}

#[test]
fn the_plan_in_the_documents_is_one() {
    let page = include_str!("../../../docs/simulated-org.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    assert!(!FaultPlan::parse(text).unwrap().is_calm());
    // Every `do` of the tables, as it stands there.
    let shown = rest
        .lines()
        .filter(|line| line.starts_with("| `{") || line.starts_with("| `\""));
    for line in shown {
        let cell = line.split('|').nth(1).unwrap();
        for deed in cell.split('`').skip(1).step_by(2) {
            let deed = deed.replace("...", "{ rows = 1 }");
            let request = FaultPlan::parse(&format!("[[request]]\nat = \"any\"\ndo = {deed}"));
            let job = FaultPlan::parse(&format!("[[job]]\ndo = {deed}"));
            assert!(request.is_ok() || job.is_ok(), "{deed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_calm_org_is_the_org_without_a_plan() {
    let told = async |caller: Caller| {
        let (job, info) = caller.load("Contact", "insert", &numbered(450)).await;
        let rows = caller.results(&job, "successfulResults").await;
        (info.to_string(), rows)
    };
    let calm = Caller {
        org: org(FaultPlan::named("calm").unwrap(), 0),
    };
    assert_eq!(told(calm).await, told(Caller::new()).await);
}
