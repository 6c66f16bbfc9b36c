//! How fast the simulated org works: one table of named constants.
//!
//! No document gives these figures; they keep the proportions of R-1001, R-1009 and the two
//! measured jobs of bulk-api-2.md §3.7. How speed falls under locks and what times out belongs
//! to the lock model, which will ask here for the undisturbed cost. `speed` in `org.toml` divides
//! all of it.

use super::org::Org;
use super::roles;
use super::schema::Kind;
use super::write::{Operation, Target, UserKind};

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

/// Time of a chunk whose rows take so long together; never nothing.
pub(super) fn chunk_ms(org: &Org, rows_us: u64) -> u64 {
    rows_us
        .div_ceil(1_000_u64.saturating_mul(times(org)))
        .max(1)
}

/// Undisturbed processing time of one row, in microseconds.
pub(super) fn row_us<S: AsRef<str>>(
    org: &Org,
    target: Target,
    columns: &[usize],
    cells: &[S],
) -> u64 {
    if target.kind != Kind::User || target.operation != Operation::Insert {
        return PLAIN_RECORD_US;
    }
    let cell = |name: &str| {
        let field = org.def(Kind::User).position(name);
        let column = columns.iter().position(|column| Some(*column) == field);
        column
            .and_then(|column| cells.get(column))
            .map_or("", AsRef::as_ref)
    };
    let profile = org.find(Kind::Profile, cell("ProfileId"));
    let kind = profile.map_or(UserKind::Internal, |profile| {
        UserKind::of_profile(org, profile)
    });
    match kind {
        UserKind::Internal | UserKind::HighVolume => HIGH_VOLUME_USER_US,
        _ if roles::exist_for(org, cell("ContactId"), kind) => ROLE_USER_US,
        _ => FIRST_ROLE_USER_US,
    }
}

/// Processing time of a query that selects so many rows.
pub(super) fn query_ms(org: &Org, rows: usize) -> u64 {
    (START_MS + rows as u64 / QUERY_ROWS_PER_MS) / times(org)
}

fn times(org: &Org) -> u64 {
    org.facts.speed.max(1)
}
