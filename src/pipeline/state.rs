//! The org's state a walk begins with: what the cache holds, where that is fresh enough, else what
//! is pulled now.
//!
//! The simulated org inside this process is pulled every time and never kept: it lives on
//! simulated time, where nothing has an age.

use jiff::Timestamp;

use crate::model::event::{Event, RunStage};
use crate::model::id::OrgId;
use crate::model::summary::OrgKind;
use crate::org_state::{self, CachedOrg, ExternalIds, Keep, OrgState, Wanted};
use crate::pipeline::{Command, CorridorError, RunError, Walk};
use crate::salesforce::UserInfo;

/// The state of the org at the other end.
pub(super) async fn fresh_enough(walk: &Walk, wanted: Wanted) -> Result<OrgState, RunError> {
    let is_simulated = walk.kind == OrgKind::Simulated;
    if walk.is_offline() || (walk.settings.cache.offline && !is_simulated) {
        return as_it_is(walk, &wanted).await;
    }
    walk.start_watch(RunStage::Pull);
    let state = if is_simulated {
        org_state::pull(&walk.org, &wanted, walk.kind, &walk.events).await?
    } else {
        Box::pin(cached_or_pulled(walk, wanted)).await?
    };
    walk.stop_watch(RunStage::Pull);
    Ok(state)
}

async fn cached_or_pulled(walk: &Walk, mut wanted: Wanted) -> Result<OrgState, RunError> {
    let state_dir = &walk.settings.state_dir;
    let user = walk.org.user_info().await?;
    if let Some(cached) = org_state::open(state_dir, &user.org_id.to_string())? {
        match stale(walk, &cached.about, &user, &wanted) {
            None => return used(walk, cached).await,
            Some(why) => walk.say(&Event::Said(format!("the org is read anew: {why}"))),
        }
        // What another file needs of this org shall still be there when its turn comes.
        keep_wanting(&mut wanted, &cached.about.external_ids);
    }
    let keep = Keep {
        state_dir,
        now: &walk.clock.now(),
    };
    let pulled =
        org_state::pull_and_keep(&walk.org, &wanted, walk.kind, (keep, &walk.events)).await?;
    Ok(pulled.state)
}

/// The cache as it is, whatever its age; only what is missing altogether is an error.
async fn as_it_is(walk: &Walk, wanted: &Wanted) -> Result<OrgState, RunError> {
    let state_dir = &walk.settings.state_dir;
    let cached = org_state::at_address(state_dir, walk.org.address())?;
    if let Some(expected) = walk.settings.guard.expect_org {
        let found = &cached.about.identity.org_id;
        let found = OrgId::parse(found).ok().filter(|found| *found != expected);
        if let Some(found) = found {
            return Err(CorridorError::AnotherOrg { found, expected }.into());
        }
    }
    if let Some(field) = lacking(wanted, &cached.about.external_ids) {
        return Err(CorridorError::NotCached { field }.into());
    }
    used(walk, cached).await
}

async fn used(walk: &Walk, cached: org_state::Cached) -> Result<OrgState, RunError> {
    let org_state::Cached { mut state, about } = cached;
    let age = age_ms(walk, &about).map_or_else(String::new, |age| format!(", {} old", shown(age)));
    walk.say(&Event::Said(format!(
        "the state of the org as of {}{age}",
        about.pulled_at
    )));
    if walk.is_offline() {
        let text = "offline: the org was not asked, so what was mended there since is held \
                    against rows; check without `--offline` to be sure";
        walk.warn("offline", text);
    } else {
        org_state::recount_seats(&mut state, &walk.org).await?;
    }
    Ok(state)
}

/// Why a cached state may not be used, if it may not.
fn stale(walk: &Walk, about: &CachedOrg, user: &UserInfo, wanted: &Wanted) -> Option<String> {
    let max_ms = walk.settings.cache.max_age_ms;
    match age_ms(walk, about) {
        None => return Some("what is cached has no date, or one to come".to_owned()),
        Some(age) if age > max_ms => {
            return Some(format!("what is cached is {} old", shown(age)));
        }
        Some(_) => {}
    }
    if about.is_outdated {
        return Some("a run has changed it since".to_owned());
    }
    if about.identity.user_id != user.user_id.to_string() {
        let by = &about.identity.username;
        return Some(format!(
            "{by} pulled what is cached and may see other records"
        ));
    }
    if about.identity.api_version != walk.org.api_version() {
        let version = &about.identity.api_version;
        return Some(format!(
            "what is cached was pulled in API version {version}"
        ));
    }
    let field = lacking(wanted, &about.external_ids)?;
    Some(format!("{field} is not cached"))
}

/// An external id field that is wanted and was not pulled.
fn lacking(wanted: &Wanted, pulled: &ExternalIds) -> Option<String> {
    let sides = [
        ("Contact", &wanted.contact_external_ids, &pulled.contact),
        ("Account", &wanted.account_external_ids, &pulled.account),
    ];
    sides.into_iter().find_map(|(object, wanted, pulled)| {
        let is_there = |name: &String| {
            let mut pulled = pulled.iter();
            pulled.any(|field| field.name.eq_ignore_ascii_case(name))
        };
        let missing = wanted.iter().find(|name| !is_there(name))?;
        Some(format!("{object}.{missing}"))
    })
}

fn keep_wanting(wanted: &mut Wanted, pulled: &ExternalIds) {
    let names = |fields: &[org_state::ExternalIdField]| {
        let names = fields.iter().map(|field| field.name.clone());
        names.collect::<Vec<String>>()
    };
    wanted.contact_external_ids.extend(names(&pulled.contact));
    wanted.account_external_ids.extend(names(&pulled.account));
}

fn age_ms(walk: &Walk, about: &CachedOrg) -> Option<u64> {
    age_between(&about.pulled_at, &walk.clock.now())
}

/// Milliseconds from one date to a later one.
pub(super) fn age_between(from: &str, to: &str) -> Option<u64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    u64::try_from(to.duration_since(from).as_millis()).ok()
}

fn shown(age_ms: u64) -> String {
    let minutes = age_ms / 60_000;
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {} min", minutes % 60),
        (days, hours) => format!("{days} d {} h", hours % 24),
    }
}

impl Walk {
    /// Is the org asked nothing at all?
    pub(super) fn is_offline(&self) -> bool {
        self.settings.cache.offline && self.command == Command::Check
    }

    /// Says that this walk is about to change the org, so that its cached state is read anew by
    /// the next one.
    pub(super) fn outdate_cache(&self, org_id: &str) -> Result<(), RunError> {
        if self.kind == OrgKind::Simulated {
            return Ok(());
        }
        Ok(org_state::outdate(&self.settings.state_dir, org_id)?)
    }
}
