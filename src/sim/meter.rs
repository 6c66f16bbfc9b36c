//! Daily allowances: counted, and given anew after 24 hours.
//!
//! The platform's window rolls; here it is cut into days that begin with the first use.

const DAY_MS: u64 = 86_400_000;

/// How much of one allowance is used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    used: u64,
    since_ms: u64,
}

impl Meter {
    /// Uses some of it.
    pub(super) fn add(&mut self, count: u64, now_ms: u64) {
        if self.used(now_ms) == 0 {
            *self = Self {
                used: 0,
                since_ms: now_ms,
            };
        }
        self.used += count;
    }

    /// Others have used so much of it.
    pub(super) fn set(&mut self, used: u64, now_ms: u64) {
        *self = Self {
            used,
            since_ms: now_ms,
        };
    }

    /// Used in the present day.
    pub(super) fn used(&self, now_ms: u64) -> u64 {
        if now_ms.saturating_sub(self.since_ms) < DAY_MS {
            self.used
        } else {
            0
        }
    }
}
