//! Pulls the org's state: everything the lookups rest on, as of now.
//!
//! Comes in: the telephone. Goes out: [`OrgState`], in memory or in its cache. Small objects are
//! read over REST, the big ones in [`bulk`]. Only fields the describe returns are read (R-1308).

use std::io;
use std::path::Path;

use super::bulk;
use super::cache::{self, Cached, NewVersion};
use super::error::OrgStateError;
use super::lookup::OrgState;
use super::records::{ExternalIds, Records};
use super::selection::{self, Describes, Selections};
use super::setup;
use crate::model::event::{Event, Events, RunStage};
use crate::model::summary::{OrgIdentity, OrgKind};
use crate::salesforce::{Describe, Org, OrgError, UserInfo};

/// What a run needs beyond what every run needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// API names from headers `Contact.X__c`.
    pub contact_external_ids: Vec<String>,
    /// API names from headers `Account.X__c`.
    pub account_external_ids: Vec<String>,
}

/// Reads the org's state into memory. `kind_hint` tells the simulated org, which no query can
/// tell; a sandbox tells itself.
pub async fn pull(
    org: &Org,
    wanted: &Wanted,
    kind_hint: OrgKind,
    events: &Events,
) -> Result<OrgState, OrgStateError> {
    begin(events);
    let mut records = read_small(org, wanted, kind_hint).await?;
    Box::pin(bulk::read(org, &mut records, None, events)).await?;
    let state = OrgState::from_records(records)?;
    end(events);
    Ok(state)
}

/// Where a pulled state is kept.
#[derive(Debug, Clone, Copy)]
pub struct Keep<'a> {
    /// The folder of all orgs' state.
    pub state_dir: &'a Path,
    /// The date and time now, RFC 3339.
    pub now: &'a str,
}

/// Reads the org's state into its cache, record by record, and opens it there. Until all of it is
/// on the disk the cache that was there before counts.
pub async fn pull_and_keep(
    org: &Org,
    wanted: &Wanted,
    kind_hint: OrgKind,
    (keep, events): (Keep<'_>, &Events),
) -> Result<Cached, OrgStateError> {
    begin(events);
    let records = read_small(org, wanted, kind_hint).await?;
    let org_id = records.identity.org_id.clone();
    let version = NewVersion::begin(keep.state_dir, &org_id)?;
    if let Err(error) = write_version(org, records, version, (keep, events)).await {
        NewVersion::discard(keep.state_dir, &org_id);
        return Err(error);
    }
    end(events);
    let cached = cache::open(keep.state_dir, &org_id)?;
    cached.ok_or_else(|| OrgStateError::disk(io::ErrorKind::NotFound.into()))
}

async fn write_version(
    org: &Org,
    mut records: Records,
    version: NewVersion,
    (keep, events): (Keep<'_>, &Events),
) -> Result<(), OrgStateError> {
    records.growing = version.growing(&records).map_err(OrgStateError::disk)?;
    let mut base = version.base_tables(&records).map_err(OrgStateError::disk)?;
    Box::pin(bulk::read(org, &mut records, Some(&mut base), events)).await?;
    version.publish(records, base, keep.now, &mut |_| Ok(()))
}

/// Counts the seats of a state that was not pulled just now (R-1307).
pub async fn recount_seats(state: &mut OrgState, org: &Org) -> Result<(), OrgStateError> {
    state.set_seats(&setup::licenses(org).await?);
    Ok(())
}

fn begin(events: &Events) {
    events.on(&Event::StageStarted {
        stage: RunStage::Pull,
        total: None,
    });
}

fn end(events: &Events) {
    events.on(&Event::StageEnded {
        stage: RunStage::Pull,
    });
}

/// Everything but the big objects, and which of their fields there are.
async fn read_small(
    org: &Org,
    wanted: &Wanted,
    kind_hint: OrgKind,
) -> Result<Records, OrgStateError> {
    let user = org
        .user_info()
        .await
        .map_err(|source| failed("the running user", source))?;
    let describes = Describes {
        contact: describe(org, "Contact").await?,
        account: describe(org, "Account").await?,
        user: describe(org, "User").await?,
        role: describe(org, "UserRole").await?,
    };
    let external_ids = ExternalIds {
        contact: selection::external_ids(
            "Contact",
            &wanted.contact_external_ids,
            &describes.contact,
        )?,
        account: selection::external_ids(
            "Account",
            &wanted.account_external_ids,
            &describes.account,
        )?,
    };
    let selections = Selections::shown(&describes, &external_ids)?;
    let mut records = read_setup(org, &user, kind_hint, external_ids).await?;
    let fields = &describes.user.fields;
    records
        .org_defaults
        .extend(setup::described_defaults(fields));
    records.is_multi_currency = fields.iter().any(|field| field.name == "CurrencyIsoCode");
    records.user_fields = fields.iter().map(setup::user_field).collect();
    records.selections = selections;
    Ok(records)
}

/// Everything that is small.
async fn read_setup(
    org: &Org,
    user: &UserInfo,
    kind_hint: OrgKind,
    external_ids: ExternalIds,
) -> Result<Records, OrgStateError> {
    let organization = setup::organization(org, kind_hint).await?;
    let objects = org
        .describe_global()
        .await
        .map_err(|source| failed("its objects", source))?;
    let sets = describe(org, "PermissionSet").await?;
    let identity = OrgIdentity {
        org_id: user.org_id.to_string(),
        instance_url: org.address().to_owned(),
        username: user.username.clone(),
        user_id: user.user_id.to_string(),
        kind: organization.kind,
        api_version: org.api_version().to_owned(),
    };
    let mut records = Records::of(identity, external_ids);
    records.visibility.everything = setup::sees_everything(org, user.user_id, &sets).await?;
    records.org_defaults = organization.defaults;
    records
        .org_defaults
        .extend(setup::corporate_currency(org, &objects).await?);
    records.licenses = setup::licenses(org).await?;
    records.profiles = setup::profiles(org).await?;
    records.permission_sets = setup::permission_sets(org, &sets).await?;
    records.sites = setup::sites(org, &objects).await?;
    Ok(records)
}

async fn describe(org: &Org, object: &'static str) -> Result<Describe, OrgStateError> {
    org.describe(object)
        .await
        .map_err(|source| failed(object, source))
}

pub(super) fn failed(object: &'static str, source: OrgError) -> OrgStateError {
    OrgStateError::Org { object, source }
}
