//! A run is cut after every line of its journal, in every way a process can die there, and taken
//! up again: files and org end as if nothing had happened.

use std::collections::BTreeMap;

use admit::sim::FaultPlan;

use crate::every_seed::{seeds_count, seeds_first};
use crate::line::Cut;
use crate::outputs::Outputs;
use crate::promises;
use crate::rehearsal::{Ended, Rehearsal, files_below, in_simulated_time};
use crate::story::Story;
use crate::tries::SealedWaves;

/// Rows of a file that is cut everywhere.
const ROWS_MAX: usize = 24;

/// Processes that follow a cut at most.
const PROCESSES_MAX: usize = 20;

const WAYS: [fn(usize) -> Cut; 4] = [Cut::After, Cut::Before, Cut::Torn, Cut::PowerLoss];

/// How one row ended: in which file, by which code, with which user.
#[derive(Debug, PartialEq)]
struct RowEnd {
    said: String,
    user: Option<String>,
    /// Every try was in vain: what the last one met, others' locks or a job that failed, is chance.
    gave_up: bool,
}

/// What a run came to, by row, and the lines of each of its processes.
struct Cutting {
    rows: BTreeMap<usize, RowEnd>,
    lines: Vec<usize>,
}

/// Runs with a cut in each of the first processes, then to the end.
fn cut_run(story: &Story, profile: &str, cuts: &[Cut]) -> Result<Cutting, String> {
    in_simulated_time(async {
        let rehearsal = Rehearsal::new(story, FaultPlan::named(profile).unwrap());
        let mut lines = Vec::new();
        let cuts = cuts.iter().copied().map(Some);
        for cut in cuts.chain([None; PROCESSES_MAX]) {
            let ended = rehearsal.process(cut, false).await?;
            lines.push(rehearsal.around.lines());
            if matches!(ended, Ended::Whole) {
                let outputs = Outputs::read(&rehearsal.out(), story.delimiter);
                promises::broken(&rehearsal, &outputs)?;
                let has_weather = profile != "calm";
                let rows = row_ends(&rehearsal, &outputs, has_weather);
                return Ok(Cutting { rows, lines });
            }
        }
        Err(format!("it did not end in {PROCESSES_MAX} processes"))
    })
}

/// Every row with what counts of it, and of the user made for it; that the org has no others, the
/// promises say.
fn row_ends(
    rehearsal: &Rehearsal<'_>,
    outputs: &Outputs,
    has_weather: bool,
) -> BTreeMap<usize, RowEnd> {
    let files = files_below(&rehearsal.out());
    let waves = SealedWaves::among(&files);
    let all = outputs.success.iter().chain(&outputs.failure);
    let ends = all.map(|row| {
        let end = RowEnd {
            said: row.end.essence(),
            user: row.end.user().map(|user| user_told(rehearsal, user)),
            // Where nothing is left to chance, a row that gives up does so in every run.
            gave_up: has_weather && waves.gave_up(rehearsal.story, row),
        };
        (row.number, end)
    });
    ends.collect()
}

/// What counts of a user in the org.
fn user_told(rehearsal: &Rehearsal<'_>, user: &str) -> String {
    let org = rehearsal.org();
    let fields = ["ContactId", "Username", "ProfileId"];
    let fields = fields.map(|field| org.field("User", user, field));
    let mut sets = org.permission_sets_of(user);
    sets.sort();
    format!("{} {}", fields.join(" "), sets.join(";"))
}

/// Cuts a run in every way after every line, or every so-many-th, and says what came out
/// differently.
fn cut_everywhere(seed: u64, profile: &str, step: usize) {
    let story = Story::new(seed, ROWS_MAX);
    let whole = cut_run(&story, profile, &[]).unwrap();
    let mut wrong = Vec::new();
    for lines in (0..=whole.lines[0]).step_by(step) {
        for way in WAYS {
            let cut = way(lines);
            compare(&mut wrong, &whole, &[cut], cut_run(&story, profile, &[cut]));
        }
    }
    told(seed, profile, &wrong);
}

/// Cuts runs in two processes that follow each other.
fn cut_twice(seed: u64, profile: &str) {
    let story = Story::new(seed, ROWS_MAX);
    let whole = cut_run(&story, profile, &[]).unwrap();
    let mut wrong = Vec::new();
    // Steps without common divisors, so that most pairs of entries come up somewhere.
    for first in (2..whole.lines[0]).step_by(5) {
        for (second, way) in (0..whole.lines[0]).step_by(7).zip(WAYS.iter().cycle()) {
            let cuts = [way(first), WAYS[(first + second) % WAYS.len()](second)];
            compare(&mut wrong, &whole, &cuts, cut_run(&story, profile, &cuts));
        }
    }
    told(seed, profile, &wrong);
}

fn compare(wrong: &mut Vec<String>, whole: &Cutting, cuts: &[Cut], cut: Result<Cutting, String>) {
    let why = match cut {
        Ok(cut) => {
            let others = whole.rows.iter().zip(&cut.rows).filter(|(one, other)| {
                // Another weather on the way: one run meets five locks where the other meets four.
                let is_chance = one.1.gave_up || other.1.gave_up;
                one != other && !is_chance
            });
            let others: Vec<_> = others.map(|(_, other)| other).collect();
            if others.is_empty() {
                return;
            }
            format!("{others:?}")
        }
        Err(why) => why,
    };
    wrong.push(format!("cut {cuts:?}: {why}"));
}

fn told(seed: u64, profile: &str, wrong: &[String]) {
    let first: Vec<_> = wrong.iter().take(10).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "seed {seed}, {profile}: {} cuts ended otherwise than the whole run:\n{}",
        wrong.len(),
        first.join("\n")
    );
}

/// A plain `cargo test` cuts after every third line.
fn step() -> usize {
    if seeds_count() < 100 { 3 } else { 1 }
}

#[test]
fn a_calm_run_cut_anywhere_is_resumed_to_the_same_end() {
    cut_everywhere(1, "calm", step());
    cut_everywhere(2, "calm", step());
}

#[test]
fn a_busy_run_cut_anywhere_is_resumed_to_the_same_end() {
    cut_everywhere(5, "busy", step());
}

#[test]
fn a_run_cut_between_an_answer_of_the_org_and_its_settling_asks_again() {
    cut_everywhere(6, "busy", 1);
}

#[test]
fn a_stormy_run_cut_anywhere_is_resumed_to_the_same_end() {
    cut_everywhere(8, "stormy", step());
}

#[test]
fn a_run_cut_twice_is_resumed_to_the_same_end() {
    cut_twice(11, "calm");
    cut_twice(12, "stormy");
}

#[test]
fn a_run_whose_seats_are_taken_meanwhile_is_resumed_to_the_same_end() {
    let mut story = Story::new(13, ROWS_MAX);
    story.seats_left = Some(3);
    let whole = cut_run(&story, "calm", &[]).unwrap();
    let without = |end: &RowEnd| end.said == "rejected: no-seat";
    assert!(whole.rows.values().any(without), "{:?}", whole.rows);
    let mut wrong = Vec::new();
    for lines in (0..=whole.lines[0]).step_by(2) {
        let cut = Cut::Before(lines);
        compare(&mut wrong, &whole, &[cut], cut_run(&story, "calm", &[cut]));
    }
    told(13, "calm, three seats left", &wrong);
}

#[test]
fn runs_of_more_seeds_cut_anywhere_are_resumed_to_the_same_end() {
    // Every hundredth of the seeds that are played in all, from where they begin.
    let (first, count) = (seeds_first(), seeds_count() / 100);
    for seed in first..first + count {
        for profile in ["calm", "busy", "stormy"] {
            cut_everywhere(1000 + seed, profile, 1);
        }
        cut_twice(1000 + seed, "stormy");
    }
}
