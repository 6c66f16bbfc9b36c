//! ROOM 2: what the org already holds, pulled through the telephone.
//!
//! Comes in: the telephone. Goes out: an [`OrgState`] that answers lookups without asking again.
//! Facts are derived by join, never stored (R-1305). This room never writes to the org.

mod lookup;

pub use lookup::{
    AccountFacts, ContactFacts, FieldFacts, LicenseFacts, Matches, OrgState, OwnerFacts,
    PicklistFacts, ProfileFacts, SiteFacts, SiteStatus, UserFacts, Visibility, fold,
};
