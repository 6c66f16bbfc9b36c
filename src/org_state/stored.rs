//! What is small, as it stands beside the tables: in a section of the index, and in a file for
//! people. All of it together with the tables is a whole state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::OrgStateError;
use super::facts::{FieldFacts, LicenseFacts, SiteFacts, Visibility};
use super::growing::finish;
use super::joined::RoleTotals;
use super::records::{ExternalIds, PermissionSetRecord, ProfileRecord, Records};
use super::sections::Target;
use super::small::Profiles;
use crate::model::summary::OrgIdentity;

/// Everything that is small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) identity: OrgIdentity,
    pub(super) visibility: Visibility,
    /// When the pull began, RFC 3339; empty for a state nobody keeps.
    pub(super) pulled_at: String,
    /// The newest `SystemModstamp` of each big object (R-1304).
    pub(super) newest: BTreeMap<String, String>,
    /// Records of each big object.
    pub(super) counts: BTreeMap<String, u64>,
    pub(super) org_defaults: Vec<(String, String)>,
    pub(super) is_multi_currency: bool,
    /// In the order of their ids.
    pub(super) licenses: Vec<LicenseFacts>,
    pub(super) profiles: Vec<ProfileRecord>,
    pub(super) permission_sets: Vec<PermissionSetRecord>,
    /// In the order of their names.
    pub(super) sites: Option<Vec<SiteFacts>>,
    pub(super) user_fields: Vec<FieldFacts>,
    pub(super) external_ids: ExternalIds,
    /// The fields of the big objects that this org shows, by object.
    pub(super) fields: BTreeMap<String, Vec<String>>,
    pub(super) roles: RoleTotals,
}

impl Stored {
    /// Sorts, joins and writes what was pulled; says what is small of it.
    pub(super) fn settle(records: Records, target: &mut Target) -> Result<Self, OrgStateError> {
        let Records {
            mut licenses,
            mut sites,
            ..
        } = records;
        licenses.sort_by_key(|license| license.id);
        licenses.dedup_by_key(|license| license.id);
        if let Some(sites) = &mut sites {
            sites.sort_by(|left, right| (&left.name, left.id).cmp(&(&right.name, right.id)));
        }
        // What cannot be joined is not written either.
        Profiles::join(records.profiles.clone(), &licenses)?;
        let counts = records.growing.counts();
        let roles = finish(records.growing, target).map_err(OrgStateError::disk)?;
        Ok(Self {
            identity: records.identity,
            visibility: records.visibility,
            pulled_at: String::new(),
            newest: records.newest,
            counts,
            org_defaults: records.org_defaults,
            is_multi_currency: records.is_multi_currency,
            licenses,
            profiles: records.profiles,
            permission_sets: records.permission_sets,
            sites,
            user_fields: records.user_fields,
            external_ids: records.external_ids,
            fields: records.selections.shown_fields(),
            roles,
        })
    }
}
