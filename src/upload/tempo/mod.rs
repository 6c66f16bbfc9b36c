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
mod tests;
