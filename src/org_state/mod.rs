//! ROOM 2: what the org already holds, pulled through the telephone.
//!
//! Comes in: the telephone. Goes out: an [`OrgState`] that answers lookups without asking again.
//! Facts are derived by join, never stored (R-1305). This room never writes to the org.
//!
//! From the bottom up: `tables` are the records as the org holds them, in compact columns, and
//! `small` those that are few; `index` says by which keys they are found, `joined` what no single
//! record says; `lookup` is the interface over all four. `records` is how they get in.

mod error;
mod facts;
mod fold;
mod hash;
mod index;
mod joined;
mod lookup;
mod records;
mod small;
mod tables;

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
