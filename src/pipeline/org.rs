//! `org pull`, `org status`, `org forget`: what is kept of orgs between walks.

use std::path::Path;

use crate::model::event::Events;
use crate::model::settings::PacingSettings;
use crate::org_state::{self, CachedOrg, Keep, Kept, Listed, Wanted};
use crate::pipeline::state::age_between;
use crate::pipeline::{Line, RunError};
use crate::salesforce::Org;

/// What a pull is told.
#[derive(Debug, Clone, Copy)]
pub struct PullSettings<'a> {
    /// Where caches live.
    pub state_dir: &'a Path,
    /// The date and time now, RFC 3339; of the world, whichever org answers.
    pub now: &'a str,
    /// How fast.
    pub pacing: &'a PacingSettings,
    /// API version in the form `67.0`.
    pub api_version: &'a str,
    /// External id fields to read too: object and field.
    pub external_ids: &'a [(String, String)],
}

/// One org of which something is kept.
#[derive(Debug)]
pub struct KeptOrg {
    /// The name of its folder.
    pub org_id: String,
    /// What is kept, proved sound; or why it cannot be used.
    pub cache: Result<CachedOrg, RunError>,
}

/// Reads the org and keeps what it holds. Call it inside the runtime.
pub async fn pull_org(
    settings: PullSettings<'_>,
    line: Line,
    events: &Events,
) -> Result<CachedOrg, RunError> {
    let PullSettings {
        state_dir,
        now,
        pacing,
        api_version,
        external_ids,
    } = settings;
    let org = Org::new(line.transport, line.login, pacing, api_version, 0);
    let fields = |object: &str| {
        let of_object = external_ids
            .iter()
            .filter(|(of, _)| of.eq_ignore_ascii_case(object));
        of_object.map(|(_, field)| field.clone()).collect()
    };
    let wanted = Wanted {
        contact_external_ids: fields("Contact"),
        account_external_ids: fields("Account"),
    };
    let keep = Keep { state_dir, now };
    let pulled = org_state::pull_and_keep(&org, &wanted, line.kind, (keep, events)).await?;
    Ok(pulled.about)
}

/// Everything that is kept, by org id; reads all of it.
pub fn kept_orgs(state_dir: &Path) -> Result<Vec<KeptOrg>, RunError> {
    let kept = |(org_id, cache): Listed| KeptOrg {
        org_id,
        cache: cache.map_err(RunError::from),
    };
    let listed = org_state::list(state_dir)?;
    Ok(listed.into_iter().map(kept).collect())
}

/// Reads every record that is kept of one org, for a simulated one like it.
pub fn kept_records(place: &Path) -> Result<Kept, RunError> {
    Ok(org_state::kept(place)?)
}

/// Deletes what is kept of an org; was there anything?
pub fn forget_org(state_dir: &Path, org_id: &str) -> Result<bool, RunError> {
    Ok(org_state::forget(state_dir, org_id)?)
}

/// Seconds since an org was pulled; none where that is not in the past.
pub fn age_s(cache: &CachedOrg, now: &str) -> Option<u64> {
    age_between(&cache.pulled_at, now).map(|age_ms| age_ms / 1000)
}
