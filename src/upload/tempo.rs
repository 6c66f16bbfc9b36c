//! The pace of a kind of wave: how many of its jobs run at once, and how large they are.
//!
//! Comes in: what was said of pace, and what each settled job showed. Goes out: lanes, and limits
//! of the next chunk. It never asks a clock or the org, and the same jobs teach it the same.
//!
//! Role-based users make the org rewrite sharing for their account's roles: such jobs start
//! small, and the waves that create those roles run alone (R-1001..R-1003). High-volume users
//! have no roles and fill the org's internal batch. From there jobs that met locks halve both
//! size and number, quiet ones let them grow again, and no job is to take longer than was asked
//! for.

use super::chunk::ChunkLimits;
use crate::model::limits::{
    JOB_BYTES_MAX, JOB_ROWS_LEARNED_MIN, JOB_ROWS_MAX, ROLE_BASED_JOB_ROWS_FIRST,
    ROUND_WAIT_FIRST_MS, ROUND_WAIT_LONGEST_MS,
};
use crate::model::settings::PacingSettings;
use crate::model::wave::WaveLetter;

/// What one settled job showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobSeen {
    /// Its rows.
    pub rows: u64,
    /// Rows the org refused, those with a lock included.
    pub failed: u64,
    /// Rows the org refused because of a lock.
    pub locked: u64,
    /// Milliseconds from its close to its end; 0 where that is not known.
    pub took_ms: u64,
    /// Rows the org never tried: it gave the job up, because its batches took too long.
    pub untried: u64,
}

/// The pace of a kind of wave, learned from its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tempo {
    lanes: usize,
    lanes_max: usize,
    rows: u64,
    /// No job is made larger: the operator's word, or the org's limit.
    rows_max: u64,
    /// The operator gave the size: time alone does not make it smaller.
    is_given: bool,
    /// A job was given up by the org for its time, so the next sizes are felt for.
    was_timed_out: bool,
    bytes_max: u64,
    job_ms_max: u64,
    /// Rows the org takes in a thousand seconds, as measured; none before the first job.
    rows_per_1000_s: Option<u64>,
}

impl Tempo {
    /// The pace a wave begins with. A size the operator gave wins over ours, never over the
    /// org's.
    pub fn new(letter: WaveLetter, role_based: bool, pacing: &PacingSettings) -> Self {
        let lanes = match letter {
            WaveLetter::A | WaveLetter::B => 1,
            WaveLetter::C => pacing.lanes.max(1) as usize,
        };
        let rows_first = if role_based {
            ROLE_BASED_JOB_ROWS_FIRST
        } else {
            JOB_ROWS_MAX
        };
        let within = |rows: u32| u64::from(rows.clamp(1, JOB_ROWS_MAX));
        Self {
            lanes,
            lanes_max: lanes,
            rows: within(pacing.rows_per_job.unwrap_or(rows_first)),
            rows_max: within(pacing.rows_per_job.unwrap_or(JOB_ROWS_MAX)),
            is_given: pacing.rows_per_job.is_some(),
            was_timed_out: false,
            bytes_max: pacing.job_bytes_max.min(JOB_BYTES_MAX),
            job_ms_max: pacing.job_minutes.max(1).saturating_mul(60_000),
            rows_per_1000_s: None,
        }
    }

    /// Takes in what a job showed; jobs in the order they were settled.
    pub fn learn(&mut self, seen: &JobSeen) {
        self.measure(seen);
        // A short last chunk proves nothing about larger ones.
        let was_full = seen.rows.saturating_mul(2) >= self.rows;
        if seen.locked > 0 {
            self.lanes = (self.lanes / 2).max(1);
            self.resize(self.rows / 2);
        } else if seen.untried > 0 {
            self.was_timed_out = true;
            // What was done is what fits, unless it was something else that went wrong.
            let done = seen.rows.saturating_sub(seen.untried);
            let fits = done.clamp(seen.rows / 4, seen.rows / 2);
            self.resize(fits.min(self.rows));
        } else if was_full {
            self.lanes = (self.lanes + 1).min(self.lanes_max);
            self.resize(self.grown());
        }
    }

    /// Twice the size; after a time-out an eighth more, or every second job would run into the
    /// next one and its last rows would use up their tries.
    fn grown(&self) -> u64 {
        if self.was_timed_out {
            self.rows + (self.rows / 8).max(1)
        } else {
            self.rows.saturating_mul(2)
        }
    }

    /// Jobs that may be in flight at one time, at least 1.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// What the next chunk must stay within. `batches_left` is the rest of the day's allowance;
    /// each job takes one, and where it is short jobs become larger than is good for their time,
    /// because rows that cannot be sent at all are worse.
    pub fn limits(&self, rows_left: u64, batches_left: Option<u64>) -> ChunkLimits {
        let rows = if self.is_given {
            self.rows
        } else {
            let in_time = self.rows_within(self.job_ms_max);
            let good = self.rows.min(in_time.unwrap_or(self.rows));
            let affordable = batches_left.map_or(0, |left| rows_left.div_ceil(left.max(1)));
            good.max(JOB_ROWS_LEARNED_MIN)
                .max(affordable)
                .min(u64::from(JOB_ROWS_MAX))
        };
        ChunkLimits {
            rows_max: usize::try_from(rows).unwrap_or(usize::MAX),
            bytes_max: self.bytes_max,
        }
    }

    /// How long a job of so many rows will take, in milliseconds, from what was measured.
    pub fn predicted_ms(&self, rows: u64) -> Option<u64> {
        let rate = self.rows_per_1000_s?;
        Some(rows.saturating_mul(1_000_000) / rate.max(1))
    }

    /// How long to wait before a round after the first: longer each time, and between half and
    /// all of that, so that runs which were turned away together do not come back together.
    pub fn back_off_ms(round: u32, jitter_seed: u64) -> u64 {
        let doublings = round.saturating_sub(2).min(20);
        let whole = (ROUND_WAIT_FIRST_MS << doublings).min(ROUND_WAIT_LONGEST_MS);
        let half = whole / 2;
        half + spread(jitter_seed ^ u64::from(round)) % (whole - half + 1)
    }

    /// Half old, half new: one odd job does not turn everything round.
    fn measure(&mut self, seen: &JobSeen) {
        if seen.took_ms == 0 || seen.rows == 0 || seen.untried > 0 {
            return;
        }
        let now = (seen.rows.saturating_mul(1_000_000) / seen.took_ms).max(1);
        let rate = self.rows_per_1000_s.map_or(now, |old| old.midpoint(now));
        self.rows_per_1000_s = Some(rate);
    }

    fn rows_within(&self, time_ms: u64) -> Option<u64> {
        let rate = self.rows_per_1000_s?;
        Some(rate.saturating_mul(time_ms) / 1_000_000)
    }

    fn resize(&mut self, rows: u64) {
        self.rows = rows.clamp(JOB_ROWS_LEARNED_MIN.min(self.rows_max), self.rows_max);
    }
}

/// One step of `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): the same seed gives the
/// same waits.
fn spread(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(tempo.predicted_ms(1), None, "its time says nothing of rows");
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
            let in_time = tempo.predicted_ms(rows).is_none_or(|ms| ms <= job_minutes * 60_000);
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
}
