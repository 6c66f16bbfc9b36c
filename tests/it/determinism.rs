//! The same seed and the same input give the same bytes, whatever the thread count.

use crate::world::{World, sample};

/// Runs that are compared with the first one, over all thread counts together.
const REPETITIONS: usize = 50;

#[test]
fn fifty_rehearsals_on_one_two_and_eight_threads_leave_byte_equal_folders() {
    let world = World::new();
    world.rehearse(
        &sample("contacts.csv"),
        "first",
        &["--seed", "7", "--threads", "1"],
    );
    let first = world.files("first");
    assert!(first.contains_key("success.csv"));
    for repetition in 0..REPETITIONS {
        let threads = ["1", "2", "8"][repetition % 3];
        let out = format!("run-{repetition}");
        world.rehearse(
            &sample("contacts.csv"),
            &out,
            &["--seed", "7", "--threads", threads],
        );
        let again = world.files(&out);
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
            files.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&again), names(&first));
        for (name, bytes) in &first {
            assert!(
                again[name] == *bytes,
                "{name} differs with {threads} threads"
            );
        }
        std::fs::remove_dir_all(world.path(&out)).unwrap();
    }
}

#[test]
fn another_seed_gives_other_job_results_but_the_same_decisions() {
    let world = World::new();
    world.rehearse(&sample("contacts.csv"), "seven", &["--seed", "7"]);
    world.rehearse(&sample("contacts.csv"), "eight", &["--seed", "8"]);
    let essence = |out: &str| {
        let failure = world.table(out, "failure.csv");
        let line = failure.column("admit__Line");
        let code = failure.column("admit__Code");
        failure
            .rows
            .iter()
            .map(|row| (row[line].clone(), row[code].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(essence("seven"), essence("eight"));
}
