//! How many jobs of a wave run at once, and how large they are.
//!
//! Role-based users make the org rewrite sharing for their account's roles: such jobs start
//! small, and the waves that create those roles run alone (R-1001..R-1003). High-volume users
//! have no roles and fill the org's internal batch. Pure.

use super::chunk::ChunkLimits;
use crate::model::limits::{JOB_BYTES_MAX, JOB_ROWS_MAX, ROLE_BASED_JOB_ROWS_FIRST};
use crate::model::settings::PacingSettings;
use crate::model::wave::WaveLetter;

/// Jobs of a wave that may be in flight at one time, at least 1.
pub fn jobs_at_once(letter: WaveLetter, pacing: &PacingSettings) -> u32 {
    match letter {
        WaveLetter::A | WaveLetter::B => 1,
        WaveLetter::C => pacing.lanes.max(1),
    }
}

/// How large the first jobs of a wave may be, by whether its users sit in account roles. A size
/// the operator gave wins over ours, never over the org's.
pub fn chunk_limits(role_based: bool, pacing: &PacingSettings) -> ChunkLimits {
    let rows_first = if role_based {
        ROLE_BASED_JOB_ROWS_FIRST
    } else {
        JOB_ROWS_MAX
    };
    let rows = pacing
        .rows_per_job
        .unwrap_or(rows_first)
        .clamp(1, JOB_ROWS_MAX);
    ChunkLimits {
        rows_max: usize::try_from(rows).unwrap_or(usize::MAX),
        bytes_max: pacing.job_bytes_max.min(JOB_BYTES_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_that_make_roles_run_alone() {
        let pacing = PacingSettings {
            lanes: 4,
            ..PacingSettings::default()
        };
        let lanes = [WaveLetter::A, WaveLetter::B, WaveLetter::C];
        assert_eq!(lanes.map(|letter| jobs_at_once(letter, &pacing)), [1, 1, 4]);
        let none = PacingSettings { lanes: 0, ..pacing };
        assert_eq!(jobs_at_once(WaveLetter::C, &none), 1);
    }

    #[test]
    fn the_operators_size_wins_over_ours_and_not_over_the_orgs() {
        let rows = |role_based, rows_per_job| {
            let pacing = PacingSettings {
                rows_per_job,
                ..PacingSettings::default()
            };
            chunk_limits(role_based, &pacing).rows_max
        };
        assert_eq!((rows(true, None), rows(false, None)), (50, 10_000));
        assert_eq!((rows(true, Some(200)), rows(false, Some(200))), (200, 200));
        assert_eq!(
            (rows(false, Some(50_000)), rows(false, Some(0))),
            (10_000, 1)
        );
        let large = PacingSettings {
            job_bytes_max: u64::MAX,
            ..PacingSettings::default()
        };
        assert_eq!(chunk_limits(false, &large).bytes_max, JOB_BYTES_MAX);
    }
}
