//! The day's API calls of an org, and what of them a run leaves to others.
//!
//! Comes in: numbers of the org. Goes out: whether a run may still spend. Pure.

/// What the org says it has spent of its API calls of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUsage {
    /// Calls spent, by everybody.
    pub used: u64,
    /// Calls there are.
    pub max: u64,
}

/// So much of an allowance is left to others.
pub fn reserve_of(max: u64, reserve_percent: u64) -> u64 {
    max.saturating_mul(reserve_percent) / 100
}

/// Is less left than a run has to leave to others?
pub fn is_below_reserve(usage: ApiUsage, reserve_percent: u64) -> bool {
    let left = usage.max.saturating_sub(usage.used);
    left < reserve_of(usage.max, reserve_percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_the_share_others_keep() {
        let table = [
            (0, 1_000, 10, false),
            (900, 1_000, 10, false),
            (901, 1_000, 10, true),
            (1_000, 1_000, 0, false),
            (1_200, 1_000, 0, false),
            (1_200, 1_000, 1, true),
            (1, 1_000, 100, true),
            (u64::MAX - 1, u64::MAX, 10, true),
        ];
        for (used, max, percent, below) in table {
            let usage = ApiUsage { used, max };
            assert_eq!(
                is_below_reserve(usage, percent),
                below,
                "{usage:?} {percent}"
            );
        }
    }
}
