//! `admit run` against `admit sim` in another process: the same files as a rehearsal, within its
//! pace, and no trace of the token.

use std::collections::BTreeSet;

use crate::served::{Served, first_rows};
use crate::world::{Table, World, sample};

#[test]
fn a_run_over_http_ends_with_the_same_files_as_a_rehearsal() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = sample("contacts.csv");
    let done = served.run(&world, &contacts, "ran", &["--yes", "--welcome", "now"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    assert!(done.stdout.contains("The run is finished, in PRODUCTION."));
    let rehearsed = world.rehearse(&contacts, "rehearsed", &[]);
    assert_eq!(rehearsed.code, 3, "{}", rehearsed.stderr);

    for name in ["success.csv", "failure.csv"] {
        let essence = |out: &str| essence(&world.table(out, name));
        assert!(essence("ran") == essence("rehearsed"), "{name} differs");
    }
    let (ran, rehearsed) = (world.files("ran"), world.files("rehearsed"));
    let sealed = |name: &&String| name.contains("create-user");
    let names: Vec<_> = rehearsed.keys().filter(sealed).collect();
    assert!(names.len() >= 3, "{names:?}");
    assert_eq!(ran.keys().filter(sealed).collect::<Vec<_>>(), names);
    for name in names {
        assert!(ran[name] == rehearsed[name], "{name} differs");
    }
    assert_eq!(ran["input.csv"], std::fs::read(contacts).unwrap());
}

/// The rows of a table, less what the org makes up: ids of users and jobs.
pub(crate) fn essence(table: &Table) -> Vec<Vec<String>> {
    let made_up = ["sf__Id", "admit__Job"].map(|name| {
        let mut header = table.header.iter();
        header.position(|column| column == name)
    });
    let row = |row: &Vec<String>| {
        let cells = row.iter().enumerate();
        cells
            .filter(|(column, _)| !made_up.contains(&Some(*column)))
            .map(|(_, cell)| without_ids(cell))
            .collect()
    };
    table.rows.iter().map(row).collect()
}

fn without_ids(cell: &str) -> String {
    let is_made_up = |word: &str| word.starts_with("005SIM") || word.starts_with("750SIM");
    let words = cell.split(' ').filter(|word| !is_made_up(word));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn requests_and_jobs_keep_their_limits_as_the_server_sees_them() {
    const PER_SECOND: usize = 50;
    const LANES: usize = 3;
    let world = World::new();
    // Slow enough for jobs to meet each other.
    let served = Served::start(&world, &["--speed", "200"]);
    let contacts = first_rows(&world, "some.csv", 600);
    let flags = [
        "--yes",
        "--welcome",
        "now",
        "--rows-per-job",
        "20",
        "--lanes",
        "3",
    ];
    let flags = [&flags[..], &["--requests-per-second", "50"]].concat();
    let done = served.run(&world, &contacts, "out", &flags);
    assert_eq!(done.code, 3, "{}", done.stderr);

    let seen = served.seen();
    assert!(seen.len() > 3 * PER_SECOND, "{} requests", seen.len());
    for (index, first) in seen.iter().enumerate() {
        let inside = seen[index..]
            .iter()
            .take_while(|at| at.at_ms < first.at_ms + 1_000);
        let count = inside.count();
        assert!(count <= PER_SECOND, "{count} from {} ms on", first.at_ms);
    }

    // A job is open from its first request until its first result is asked for.
    let (mut made, mut ended, mut most) = (0, BTreeSet::new(), 0);
    for request in &seen {
        if request.makes_a_job() {
            made += 1;
            most = most.max(made - ended.len());
        } else if let Some(job) = request.path.strip_suffix("/successfulResults") {
            ended.insert(job);
        }
    }
    assert!(made > 10, "{made} jobs");
    assert_eq!(most, LANES, "the lanes are used, and no more");
}

#[test]
fn the_token_is_in_no_file_and_in_no_output() {
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 60);
    let mut said = Vec::new();
    for (out, flags) in [
        ("plain", &["--yes", "--welcome", "now"][..]),
        ("json", &["--yes", "--welcome", "now", "--json"]),
        ("refused", &["--yes"]),
    ] {
        let done = served.run(&world, &contacts, out, flags);
        said.push(done.stdout + &done.stderr);
    }
    let wrong = [
        served.variables()[0],
        ("SF_ACCESS_TOKEN", "00D!wrong-secret"),
    ];
    let words = ["run", contacts.to_str().unwrap(), "--yes", "--out", "wrong"];
    let done = world.admit_with(&words, &wrong);
    assert_eq!(done.code, 6, "{}", done.stderr);
    said.push(done.stdout + &done.stderr);

    for token in [served.token(), "00D!wrong-secret"] {
        let secret = token.split_once('!').unwrap().1;
        assert!(said.iter().all(|text| !text.contains(secret)));
        for (name, bytes) in world.files("") {
            let holds = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!holds, "{name} holds the token");
        }
    }
}

#[cfg(unix)]
#[test]
fn everything_a_run_writes_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let served = Served::start(&world, &[]);
    let contacts = first_rows(&world, "some.csv", 60);
    let done = served.run(&world, &contacts, "out", &["--yes", "--welcome", "now"]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    for folder in ["out", "state"] {
        for name in world.files(folder).keys() {
            let mut path = world.path(folder).join(name);
            let mode = |path: &std::path::Path| {
                std::fs::metadata(path).unwrap().permissions().mode() & 0o777
            };
            assert_eq!(mode(&path), 0o600, "{name}");
            path.pop();
            assert_eq!(mode(&path), 0o700, "the folder of {name}");
        }
    }
}
