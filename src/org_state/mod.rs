//! ROOM 2: what the org already holds, pulled through the telephone.
//!
//! Comes in: the telephone. Goes out: an [`OrgState`] that answers lookups without asking again.
//! Facts are derived by join, never stored (R-1305). This room never writes to the org.
//!
//! From the bottom up: `sections` are the bytes of a state, in memory or in a mapped file, the
//! same either way; `tables` read records and indexes in place from them, and keep what was read
//! again since; `small` are the records that are few, `joined` what no single record says;
//! `lookup` is the interface over all of these. `growing` makes sections of what comes in,
//! `records` is how it gets in, `stored` what is kept beside the tables. `refresh` fills them from
//! the org (`selection` says which fields, `setup` reads what is small), `reread` brings single
//! records up to date.

mod bulk;
mod cache;
mod cells;
mod error;
mod facts;
mod fold;
mod growing;
mod joined;
mod lookup;
mod records;
mod refresh;
mod reread;
mod sections;
mod selection;
mod setup;
mod small;
mod stored;
mod tables;
mod touch;

#[cfg(test)]
mod tests;

pub use cache::{
    Cached, CachedOrg, Kept, KeptTable, Listed, at_address, forget, kept, list, open, outdate,
};
pub use error::OrgStateError;
pub use facts::{
    AccountFacts, ContactFacts, FieldFacts, LicenseFacts, Matches, OwnerFacts, PicklistFacts,
    ProfileFacts, SiteFacts, SiteStatus, UserFacts, Visibility,
};
pub use fold::fold;
pub use lookup::OrgState;
pub use records::{
    AccountRecord, Comparison, ContactRecord, ExternalIdField, ExternalIds, PermissionSetRecord,
    ProfileRecord, Records, RoleRecord, UserRecord,
};
pub use refresh::{Keep, Wanted, pull, pull_and_keep, recount_seats};
pub use reread::reread;
pub use touch::{Asked, Leads, TOUCHED_AT_ONCE};
