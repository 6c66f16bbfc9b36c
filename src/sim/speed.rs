//! How fast the simulated org works: one table of named constants.
//!
//! No document gives these figures; they keep the proportions of R-1001, R-1009 and the two
//! measured jobs of bulk-api-2.md §3.7. What a row costs does not depend on its success: one lost
//! to a lock has waited for it. `speed` in `org.toml` divides all of it.

use super::org::Org;

/// Rows by what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// Anything but a new user.
    Record,
    /// A user of a licence without account role, or an internal one.
    User,
    /// A user who joins an account role that is there.
    RoleUser,
    /// A user for whom account roles are generated.
    RoleMaker,
}

/// A closed job waits this long before the org takes it up.
const QUEUE_MS: u64 = 1_000;

/// The org looks at header and job settings before the first row.
const START_MS: u64 = 500;

/// Microseconds per row. 76,380 Accounts took 83 s, 3,000 Opportunities 4.1 s.
const PLAIN_RECORD_US: u64 = 1_200;
/// A user of a licence without account role, or an internal one: 50 rows a second.
const HIGH_VOLUME_USER_US: u64 = 20_000;
/// A user who joins an account role that is there: 5 rows a second.
const ROLE_USER_US: u64 = 200_000;
/// A user for whom account roles are generated: 1 row a second.
const FIRST_ROLE_USER_US: u64 = 1_000_000;

/// An internal batch that takes too long is tried again so often (R-1008).
pub(super) const BATCH_RETRIES: u32 = 20;

/// Rows a query job reads per millisecond.
const QUERY_ROWS_PER_MS: u64 = 20;

/// How long a closed job waits before the org takes it up.
pub(super) fn queue_ms(org: &Org) -> u64 {
    QUEUE_MS / times(org)
}

/// How long the org looks at header and job settings before the first row.
pub(super) fn start_ms(org: &Org) -> u64 {
    START_MS / times(org)
}

/// What so much work takes on the clock; never nothing.
pub(super) fn work_ms(org: &Org, work_us: u64) -> u64 {
    work_us
        .div_ceil(1_000_u64.saturating_mul(times(org)))
        .max(1)
}

/// Work an internal batch may be, in microseconds.
pub(super) fn batch_us(org: &Org) -> u64 {
    org.facts.batch_minutes.saturating_mul(60 * 1_000_000)
}

/// Work in a row, in microseconds.
pub(super) fn row_us(cost: Cost) -> u64 {
    match cost {
        Cost::Record => PLAIN_RECORD_US,
        Cost::User => HIGH_VOLUME_USER_US,
        Cost::RoleUser => ROLE_USER_US,
        Cost::RoleMaker => FIRST_ROLE_USER_US,
    }
}

/// Processing time of a query that selects so many rows.
pub(super) fn query_ms(org: &Org, rows: usize) -> u64 {
    (START_MS + rows as u64 / QUERY_ROWS_PER_MS) / times(org)
}

fn times(org: &Org) -> u64 {
    org.facts.speed.max(1)
}
