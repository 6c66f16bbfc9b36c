//! Every seed with every profile of faults: the run ends, keeps its promises, makes the users a
//! calm run makes, and does the same when it is played again.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use admit::sim::FaultPlan;

use crate::outputs::{End, Outputs};
use crate::promises;
use crate::rehearsal::{Rehearsal, files_below, in_simulated_time};
use crate::story::Story;
use crate::tries::SealedWaves;

/// Seeds a plain `cargo test` plays.
const SEEDS: u64 = 24;

/// Rows of the largest file.
const ROWS_MAX: usize = 300;

/// Failures that are told; the others are counted.
const TOLD_MAX: usize = 10;

/// What a run left behind.
struct Played {
    outputs: Outputs,
    created: BTreeSet<usize>,
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
}

fn played(story: &Story, profile: &str) -> Result<Played, String> {
    in_simulated_time(async {
        let rehearsal = Rehearsal::new(story, FaultPlan::named(profile).unwrap());
        rehearsal.to_the_end().await?;
        let outputs = Outputs::read(&rehearsal.out(), story.delimiter);
        promises::broken(&rehearsal, &outputs)?;
        Ok(Played {
            created: outputs.created(),
            outputs,
            files: files_below(&rehearsal.out()),
        })
    })
}

/// Plays a seed with every profile; what is wrong, if something is.
pub(crate) fn play(seed: u64) -> Result<(), String> {
    let story = Story::new(seed, ROWS_MAX);
    let mut calm: Option<Played> = None;
    for profile in FaultPlan::NAMES {
        let told = |why: String| format!("{profile}: {why}");
        let first = guarded(|| played(&story, profile)).map_err(told)?;
        let again = guarded(|| played(&story, profile)).map_err(told)?;
        same(&first, &again).map_err(told)?;
        match &calm {
            None => calm = Some(first),
            Some(calm) => as_calm(&story, calm, &first).map_err(told)?,
        }
    }
    Ok(())
}

/// A panic of ours is a finding like any other.
fn guarded(play: impl FnOnce() -> Result<Played, String>) -> Result<Played, String> {
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// The same seed gives the same bytes; only the folder's own name may differ.
fn same(first: &Played, again: &Played) -> Result<(), String> {
    let names = |played: &Played| {
        let names = played.files.iter().map(|(name, _)| name.clone());
        names.collect::<Vec<_>>()
    };
    if names(first) != names(again) {
        return Err("played again, it left other files".to_owned());
    }
    for ((name, bytes), (_, other)) in first.files.iter().zip(&again.files) {
        // Where its input lies, a run must remember.
        if name.as_os_str() != "run.json" && bytes != other {
            return Err(format!("played again, {} differs", name.display()));
        }
    }
    Ok(())
}

/// Faults that pass keep no row from its user; names that are taken elsewhere do.
fn as_calm(story: &Story, calm: &Played, faulty: &Played) -> Result<(), String> {
    let invented: Vec<_> = faulty.created.difference(&calm.created).collect();
    if !invented.is_empty() {
        return Err(format!("rows {invented:?} made users, and none when calm"));
    }
    let waves = SealedWaves::among(&faulty.files);
    for written in &faulty.outputs.failure {
        let End::Failure {
            stage,
            codes,
            reasons,
            ..
        } = &written.end
        else {
            continue;
        };
        let number = written.number;
        let has_nickname = story.rows[number].has_nickname;
        let is_explained = match codes.as_str() {
            "DUPLICATE_USERNAME" => true,
            // A nickname of ours is renewed once; that one may be taken as well.
            "DUPLICATE_COMM_NICKNAME" => {
                has_nickname || waves.times_sent(&story.rows[number].contact) > 1
            }
            // A lock that was met at every try is the last word on a row, or an assignment.
            _ => waves.gave_up(story, written),
        };
        let was_success = calm.outputs.success.iter().any(|row| row.number == number);
        if was_success && !is_explained {
            return Err(format!(
                "row {number} is a success when calm, and here {stage}: {codes} ({reasons})"
            ));
        }
    }
    Ok(())
}

/// How many seeds are played.
pub(crate) fn seeds_count() -> u64 {
    variable("ADMIT_SIM_SEEDS").unwrap_or(SEEDS)
}

/// The first of them.
pub(crate) fn seeds_first() -> u64 {
    variable("ADMIT_SIM_FIRST").unwrap_or(0)
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn an_untried_row_whose_user_is_there_is_found_although_its_second_refusal_is_garbled() {
    play(6).unwrap();
    play(13).unwrap();
}

#[test]
fn an_untried_row_whose_user_is_there_is_found_although_a_lock_refuses_every_later_try() {
    play(21).unwrap();
}

#[test]
fn a_job_is_settled_while_another_waits_for_its_turn_to_ask() {
    // Once, each waited for the other, for ever.
    play(3001).unwrap();
    play(3039).unwrap();
}

#[test]
fn a_row_whose_refusal_stays_garbled_goes_again() {
    play(567).unwrap();
    play(580).unwrap();
}

#[test]
fn a_row_whose_success_is_lost_and_whose_refusal_is_not_is_asked_for() {
    for seed in [8544, 10_311, 12_153] {
        play(seed).unwrap();
    }
}

#[test]
fn seats_of_rows_that_are_said_to_be_untried_are_counted_once() {
    for seed in [6426, 6775, 8294] {
        play(seed).unwrap();
    }
}

#[test]
#[expect(
    clippy::print_stderr,
    reason = "with --nocapture a long run tells what it finds when it finds it"
)]
fn every_seed_keeps_its_promises_under_every_profile_of_faults() {
    let (first, count) = (seeds_first(), seeds_count());
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    if let Err(why) = play(seed) {
                        eprintln!("seed {seed}, {why}");
                        failures.lock().unwrap().push((seed, why));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    let told = failures.iter().take(TOLD_MAX).map(|(seed, why)| {
        format!(
            "seed {seed}, {why}\n  alone: ADMIT_SIM_FIRST={seed} ADMIT_SIM_SEEDS=1 cargo test --test sim every_seed\n"
        )
    });
    let told: String = told.collect();
    assert!(
        failures.is_empty(),
        "{} of {count} seeds failed:\n{told}",
        failures.len()
    );
}
