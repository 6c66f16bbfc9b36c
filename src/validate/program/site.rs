//! The site the users become members of (design §6).

use super::Site;
use crate::model::rejection::Code;
use crate::org_state::{OrgState, SiteFacts, SiteStatus, fold};
use crate::validate::error::{GateFault, GateWarning};

/// The site of that name, or the only one; anything else is a fault, and an empty site goes on
/// so that the other faults of the gate are found too.
pub(super) fn choose(
    wanted: Option<&str>,
    org: &OrgState,
    faults: &mut Vec<GateFault>,
    warnings: &mut Vec<GateWarning>,
) -> Site {
    let Some(sites) = org.sites() else {
        faults.push(GateFault::DigitalExperiencesOff);
        return Site::default();
    };
    match find(wanted, sites, org) {
        Ok(site) => {
            warn_unless_live(site, warnings);
            facts(site)
        }
        Err(fault) => {
            faults.push(fault);
            Site::default()
        }
    }
}

fn find<'a>(
    wanted: Option<&str>,
    sites: &'a [SiteFacts],
    org: &OrgState,
) -> Result<&'a SiteFacts, GateFault> {
    let visible = || sites.iter().map(|site| site.name.clone()).collect();
    let missing = |wanted: Option<&str>| GateFault::SiteMissing {
        wanted: wanted.map(str::to_owned),
        visible: visible(),
        may_be_hidden: !org.visibility().everything,
    };
    match (wanted, sites) {
        (Some(name), _) => {
            let name = name.trim();
            let is_named = |site: &&SiteFacts| fold(&site.name) == fold(name);
            sites
                .iter()
                .find(is_named)
                .ok_or_else(|| missing(Some(name)))
        }
        (None, []) => Err(missing(None)),
        (None, [only]) => Ok(only),
        (None, _) => Err(GateFault::SiteAmbiguous { visible: visible() }),
    }
}

fn warn_unless_live(site: &SiteFacts, warnings: &mut Vec<GateWarning>) {
    let state = match site.status {
        SiteStatus::Live => return,
        SiteStatus::UnderConstruction if site.sends_welcome_mail => {
            "not published yet, and publishing it may mail everybody loaded before"
        }
        SiteStatus::UnderConstruction => "not published yet",
        SiteStatus::DownForMaintenance => "offline",
    };
    let text = format!(
        "the site {:?} is {state}: users are made but cannot log in",
        site.name
    );
    warnings.push(GateWarning {
        code: Code::SiteNotLive,
        text,
    });
}

fn facts(site: &SiteFacts) -> Site {
    let (mut profiles, mut permission_sets) = (
        site.member_profiles.clone(),
        site.member_permission_sets.clone(),
    );
    profiles.sort_unstable();
    permission_sets.sort_unstable();
    let mails = site.sends_welcome_mail && site.status == SiteStatus::Live;
    Site {
        name: site.name.clone(),
        mails,
        profiles,
        permission_sets,
    }
}
