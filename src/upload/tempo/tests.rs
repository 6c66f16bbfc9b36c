//! What jobs show, and what pace comes of it.

use proptest::prelude::*;

use super::*;

fn tempo(letter: WaveLetter, role_based: bool, rows_per_job: Option<u32>) -> Tempo {
    let pacing = PacingSettings {
        rows_per_job,
        ..PacingSettings::default()
    };
    Tempo::new(letter, role_based, &pacing)
}

fn rows(tempo: &Tempo) -> usize {
    tempo.limits(1_000_000, None).rows_max
}

fn job(rows: u64, locked: u64, took_ms: u64) -> JobSeen {
    JobSeen {
        rows,
        failed: locked,
        locked,
        took_ms,
        untried: 0,
    }
}

/// How long a job of so many rows will take, at the pace that was measured.
fn predicted_ms(tempo: &Tempo, rows: u64) -> Option<u64> {
    let rows_per_1000_s = tempo.rows_per_1000_s?;
    Some(rows * 1_000_000 / rows_per_1000_s.max(1))
}

#[test]
fn waves_that_make_roles_run_alone_and_stay_alone() {
    let letters = [WaveLetter::A, WaveLetter::B, WaveLetter::C];
    let mut tempi = letters.map(|letter| tempo(letter, true, None));
    assert_eq!(tempi.each_ref().map(Tempo::lanes), [1, 1, 4]);
    for tempo in &mut tempi {
        for _ in 0..9 {
            tempo.learn(&job(10_000, 0, 1));
        }
    }
    assert_eq!(tempi.each_ref().map(Tempo::lanes), [1, 1, 4]);
    let none = PacingSettings {
        lanes: 0,
        ..PacingSettings::default()
    };
    assert_eq!(Tempo::new(WaveLetter::C, true, &none).lanes(), 1);
}

#[test]
fn the_operators_size_wins_over_ours_and_not_over_the_orgs() {
    let first = |role_based, said| rows(&tempo(WaveLetter::C, role_based, said));
    assert_eq!((first(true, None), first(false, None)), (50, 10_000));
    assert_eq!((first(true, Some(7)), first(false, Some(200))), (7, 200));
    assert_eq!(
        (first(false, Some(50_000)), first(false, Some(0))),
        (10_000, 1)
    );
    let large = PacingSettings {
        job_bytes_max: u64::MAX,
        ..PacingSettings::default()
    };
    let limits = Tempo::new(WaveLetter::C, false, &large).limits(1, None);
    assert_eq!(limits.bytes_max, JOB_BYTES_MAX);
}

#[test]
fn locks_halve_size_and_lanes_and_quiet_jobs_grow_them_again() {
    let mut tempo = tempo(WaveLetter::C, true, None);
    let mut steps = Vec::new();
    for seen in [
        job(50, 0, 100),
        job(100, 0, 100),
        job(200, 3, 100),
        job(100, 1, 100),
        job(50, 1, 100),
        job(25, 1, 100),
        // A short last chunk is quiet, and proves nothing.
        job(4, 0, 100),
        job(25, 0, 100),
        job(50, 0, 100),
    ] {
        tempo.learn(&seen);
        steps.push((rows(&tempo), tempo.lanes()));
    }
    let expected = [
        (100, 4),
        (200, 4),
        (100, 2),
        (50, 1),
        (25, 1),
        (25, 1),
        (25, 1),
        (50, 2),
        (100, 3),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn a_job_that_ran_into_the_orgs_time_limit_halves_the_size_and_the_next_are_felt_for() {
    let mut tempo = tempo(WaveLetter::C, false, None);
    tempo.learn(&JobSeen {
        untried: 4_000,
        ..job(10_000, 0, 6_000_000)
    });
    assert_eq!((rows(&tempo), tempo.lanes()), (5_000, 4));
    assert_eq!(tempo.rows_per_1000_s, None, "its time says nothing of rows");
    tempo.learn(&job(5_000, 0, 0));
    assert_eq!(rows(&tempo), 5_625);
}

#[test]
fn a_size_that_was_asked_for_is_the_largest_and_shrinks_when_the_org_says_so() {
    let mut tempo = tempo(WaveLetter::C, true, Some(400));
    let timed_out = |sent: u64, untried: u64| JobSeen {
        untried,
        ..job(sent, 0, 6_000_000)
    };
    let mut steps = Vec::new();
    for seen in [
        // Slow alone is no reason.
        job(400, 0, 6_000_000),
        timed_out(400, 250),
        // A job may be smaller than it might be.
        timed_out(120, 119),
        job(30, 1, 100),
        job(25, 0, 100),
        job(28, 0, 100),
    ] {
        tempo.learn(&seen);
        steps.push(rows(&tempo));
    }
    assert_eq!(steps, [400, 150, 30, 25, 28, 31]);
    for _ in 0..40 {
        tempo.learn(&job(10_000, 0, 100));
    }
    assert_eq!(rows(&tempo), 400);
}

#[test]
fn a_slow_org_gets_jobs_that_end_in_time() {
    let mut tempo = tempo(WaveLetter::C, false, None);
    // Eight rows a second: two minutes hold 960.
    tempo.learn(&job(10_000, 0, 1_250_000));
    assert_eq!(rows(&tempo), 960);
    // The day has 20 batches left for 40,000 rows.
    assert_eq!(tempo.limits(40_000, Some(20)).rows_max, 2_000);
    assert_eq!(tempo.limits(40_000, Some(0)).rows_max, 10_000);
}

#[test]
fn rounds_wait_longer_and_longer_and_not_for_ever() {
    let waits: Vec<u64> = (2..9).map(|round| Tempo::back_off_ms(round, 7)).collect();
    for (wait, round) in waits.iter().zip(0..) {
        let whole = (ROUND_WAIT_FIRST_MS << round).min(ROUND_WAIT_LONGEST_MS);
        assert!((whole / 2..=whole).contains(wait), "{waits:?}");
    }
    assert_ne!(Tempo::back_off_ms(2, 1), Tempo::back_off_ms(2, 2));
}

prop_compose! {
    fn any_job()(
        rows in 0_u64..=10_000,
        locked in prop_oneof![3 => Just(0_u64), 1 => 1_u64..50],
        took_ms in prop_oneof![1 => Just(0_u64), 4 => 1_u64..10_000_000],
        untried in prop_oneof![9 => Just(0_u64), 1 => 1_u64..10_000],
    ) -> JobSeen {
        JobSeen { rows, failed: locked, locked, took_ms, untried }
    }
}

proptest! {
    #[test]
    fn whatever_jobs_show_size_and_lanes_stay_within_bounds(
        jobs in prop::collection::vec(any_job(), 0..40),
        role_based: bool,
        lanes in 0_u32..60,
        job_minutes in 1_u64..60,
        rows_left in 1_u64..3_000_000,
        batches_left in prop::option::of(0_u64..15_000),
    ) {
        let pacing = PacingSettings { lanes, job_minutes, ..PacingSettings::default() };
        let mut tempo = Tempo::new(WaveLetter::C, role_based, &pacing);
        for seen in &jobs {
            let before = tempo.clone();
            tempo.learn(seen);
            if seen.locked > 0 {
                prop_assert_eq!(tempo.rows, (before.rows / 2).max(25));
                prop_assert_eq!(tempo.lanes, (before.lanes / 2).max(1));
            } else if seen.untried > 0 {
                let half = (seen.rows / 2).max(25);
                prop_assert!((25..=before.rows.min(half)).contains(&tempo.rows));
            } else {
                prop_assert!(tempo.rows >= before.rows && tempo.lanes >= before.lanes);
            }
            prop_assert!((1..=lanes.max(1) as usize).contains(&tempo.lanes()));
        }
        let limits = tempo.limits(rows_left, batches_left);
        let rows = limits.rows_max as u64;
        prop_assert!((25..=10_000).contains(&rows));
        let in_time = predicted_ms(&tempo, rows).is_none_or(|ms| ms <= job_minutes * 60_000);
        let least = batches_left.map_or(25, |left| rows_left.div_ceil(left.max(1)).max(25));
        prop_assert!(in_time || rows == least.min(10_000), "{rows} rows of {tempo:?}");
        // The allowance lasts wherever jobs of the org's own size would make it last.
        if let Some(left) = batches_left && left * 10_000 >= rows_left {
            prop_assert!(rows_left.div_ceil(rows) <= left);
        }
    }

    #[test]
    fn the_operators_size_is_left_only_on_the_orgs_word_and_never_passed(
        jobs in prop::collection::vec(any_job(), 0..40),
        said in 1_u32..=10_000,
    ) {
        let mut tempo = tempo(WaveLetter::C, true, Some(said));
        for seen in &jobs {
            tempo.learn(seen);
        }
        let had_reason = jobs.iter().any(|seen| seen.locked > 0 || seen.untried > 0);
        let rows = tempo.limits(9, Some(1)).rows_max;
        prop_assert!(rows <= said as usize);
        prop_assert!(had_reason || rows == said as usize);
    }
}
