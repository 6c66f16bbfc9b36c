//! The main job on the sample file, as an administrator sees it: two files that hold every row
//! once, and a failure file that can be sent again.

use std::collections::BTreeMap;

use crate::world::{Table, World, sample};

const OUTCOME_COLUMNS: [&str; 12] = [
    "sf__Id",
    "sf__Created",
    "admit__Action",
    "admit__Username",
    "admit__Job",
    "admit__Line",
    "admit__Stage",
    "admit__Code",
    "admit__Reason",
    "admit__Fix",
    "admit__Retry",
    "admit__Raw",
];

/// The original cells of an output's rows.
fn originals(table: &Table) -> Vec<Vec<String>> {
    let kept: Vec<usize> = (0..table.header.len())
        .filter(|column| !OUTCOME_COLUMNS.contains(&table.header[*column].as_str()))
        .collect();
    let row = |row: &Vec<String>| kept.iter().map(|column| row[*column].clone()).collect();
    table.rows.iter().map(row).collect()
}

/// The sample's records, ragged ones padded or cut to the header as the outputs do.
fn sample_rows() -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = std::fs::read(sample("contacts.csv")).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(bytes.as_slice());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader.byte_records().map(|record| {
        let record = record.unwrap();
        let mut row: Vec<String> = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        row.resize(header.len(), String::new());
        row
    });
    let rows = rows.collect();
    (header, rows)
}

#[test]
fn every_row_of_the_sample_ends_in_exactly_one_file_with_its_cells_intact() {
    let world = World::new();
    let done = world.rehearse(&sample("contacts.csv"), "out", &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let (header, rows) = sample_rows();
    let success = world.table("out", "success.csv");
    let failure = world.table("out", "failure.csv");
    assert_eq!(success.header[..header.len()], header[..]);
    assert_eq!(failure.header[..header.len()], header[..]);

    let mut expected: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in &rows {
        *expected.entry(row.clone()).or_default() += 1;
    }
    let mut found: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in originals(&success).into_iter().chain(originals(&failure)) {
        *found.entry(row).or_default() += 1;
    }
    assert_eq!(found, expected);
}

#[test]
fn each_file_keeps_the_order_of_the_input() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "out", &[]);
    let (_, rows) = sample_rows();
    for name in ["success.csv", "failure.csv"] {
        let mut input = rows.iter();
        for row in originals(&world.table("out", name)) {
            assert!(
                input.any(|candidate| *candidate == row),
                "{name}: {row:?} is out of order"
            );
        }
    }
}

#[test]
fn every_created_user_is_reported_with_its_own_id() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "out", &[]);
    let success = world.table("out", "success.csv");
    let mut ids = success.cells("sf__Id");
    assert!(ids.iter().all(|id| id.len() == 18 && id.starts_with("005")));
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "no user is reported twice");
    assert!(
        success
            .cells("sf__Created")
            .iter()
            .all(|created| *created == "true")
    );
    assert!(
        success
            .cells("admit__Job")
            .iter()
            .all(|job| job.starts_with("750"))
    );
    assert!(
        success
            .cells("admit__Username")
            .iter()
            .all(|name| name.contains('@'))
    );
}

#[test]
fn each_row_is_given_the_user_the_org_made_for_it_though_results_come_shuffled() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "out", &[]);
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    let mut in_order = true;
    for (name, bytes) in world.files("out") {
        if !(name.starts_with("jobs/") && name.ends_with("-successful.csv")) {
            continue;
        }
        let results = Table::read(&bytes);
        if !results.header.contains(&"Username".to_owned()) {
            continue;
        }
        let ids = results.cells("sf__Id");
        in_order &= ids.is_sorted();
        let names = results.cells("Username").into_iter().map(str::to_owned);
        made.extend(ids.into_iter().map(str::to_owned).zip(names));
    }
    assert!(
        !in_order,
        "the org shuffles its results, else this proves nothing"
    );
    let success = world.table("out", "success.csv");
    let reported = success
        .cells("sf__Id")
        .into_iter()
        .zip(success.cells("admit__Username"));
    let reported: BTreeMap<String, String> = reported
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .collect();
    assert_eq!(
        reported, made,
        "every user of the org is reported, with its own name"
    );
    let given = success
        .cells("Username")
        .into_iter()
        .zip(success.cells("admit__Username"));
    for (given, got) in given.filter(|(given, _)| !given.is_empty()) {
        assert_eq!(
            given.trim().to_lowercase(),
            got,
            "the row's own username is the user's"
        );
    }
}

#[test]
fn the_failure_file_is_a_valid_input_as_it_stands() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "first", &[]);
    let first = world.table("first", "failure.csv");
    let again = world.rehearse(&world.path("first/failure.csv"), "second", &[]);
    assert_eq!(again.code, 3, "{}", again.stderr);
    let failed = world.table("second", "failure.csv");
    let succeeded = world.table("second", "success.csv");
    assert_eq!(failed.rows.len() + succeeded.rows.len(), first.rows.len());
    assert_eq!(
        failed.header, first.header,
        "our own columns are replaced, not repeated"
    );
}

#[test]
fn one_good_row_becomes_one_user_and_the_exit_code_is_zero() {
    let world = World::new();
    let rows = sample_file_rows(&world);
    let done = world.rehearse(&rows, "out", &[]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("created: users made"),
        "{}",
        done.stdout
    );
    assert_eq!(world.table("out", "success.csv").rows.len(), 1);
    assert!(world.table("out", "failure.csv").rows.is_empty());
    let left = world.files("out");
    let is_working_file = |name: &String| {
        let extension = std::path::Path::new(name).extension();
        extension.is_some_and(|extension| extension == "spill" || extension == "part")
    };
    assert!(
        !left.keys().any(is_working_file),
        "working files repeat personal data and are cleared away"
    );
}

/// The first row of the sample that a rehearsal turned into a user, as a file of its own.
fn sample_file_rows(world: &World) -> std::path::PathBuf {
    world.rehearse(&sample("contacts.csv"), "all", &[]);
    let success = world.table("all", "success.csv");
    let mut one = csv::Writer::from_writer(Vec::new());
    one.write_record(&success.header).unwrap();
    one.write_record(&success.rows[0]).unwrap();
    world.file("one.csv", one.into_inner().unwrap())
}

#[test]
fn a_check_sends_nothing_and_shows_the_exact_payloads() {
    let world = World::new();
    let done = world.check(&sample("contacts.csv"), "out", &[]);
    assert_eq!(done.code, 3, "{}", done.stderr);
    let files = world.files("out");
    assert!(!files.contains_key("success.csv"));
    assert!(!files.keys().any(|name| name.starts_with("jobs/")));

    world.rehearse(&sample("contacts.csv"), "ran", &[]);
    let records = |out: &str, suffix: &str| {
        let files = world.files(out);
        let users = files
            .iter()
            .filter(|(name, _)| name.contains("create-user"));
        let mut records: Vec<_> = users
            .filter(|(name, _)| {
                name.ends_with(suffix) || (suffix == ".csv" && !name.contains("draft"))
            })
            .flat_map(|(_, bytes)| Table::read(bytes).rows)
            .collect();
        records.sort();
        records
    };
    assert_eq!(records("out", ".draft.csv").len(), 1818);
    assert!(
        records("out", ".draft.csv") == records("ran", ".csv"),
        "a draft is what a run sends"
    );
}
