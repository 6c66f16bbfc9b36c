//! The last gate before sending: what no row decides and only the org can say now.
//!
//! Comes in: the plan. Goes out: nothing, or every fault at once. A run stops here; a check and a
//! rehearsal only say what would stop a run. A run that is taken up comes through again before it
//! sends users: who may create them and who would be mailed can have changed since.

use crate::model::allowance::reserve_of;
use crate::model::event::Event;
use crate::model::explain::Explain;
use crate::model::rejection::Code;
use crate::model::settings::Welcome;
use crate::model::summary::PlanSummary;
use crate::org_state::{OrgState, SiteFacts, SiteStatus};
use crate::pipeline::forecast::greeting_sites;
use crate::pipeline::{Command, RunError, Walk};
use crate::salesforce::{Allowance, Describe};
use crate::validate::{GateErrors, GateFault};

/// Permissions that let the running user create external users. Which of them the org
/// asks for differs by licence and is not documented in full: a user who has any of them passes,
/// and the org decides.
const MANAGING_PERMISSIONS: [&str; 5] = [
    "PermissionsManagePartners",
    "PermissionsManageMyExternalUsers",
    "PermissionsManageCssUsers",
    "PermissionsManageUsers",
    "PermissionsManageInternalUsers",
];

/// The users that are about to be made, as far as mails go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newcomers<'a> {
    /// How many.
    pub users: u64,
    /// Welcome mails that the org would send them by itself.
    pub mails: u64,
    /// The name of their site; empty where there is none.
    pub site: &'a str,
}

impl<'a> Newcomers<'a> {
    /// All of a plan.
    pub(super) fn of(plan: &'a PlanSummary) -> Self {
        Self {
            users: plan.accepted,
            mails: plan.mails,
            site: &plan.site,
        }
    }
}

/// Lets a run pass, or names everything that stops it.
pub(super) async fn pass(
    walk: &Walk,
    org_state: &OrgState,
    (plan, newcomers): (&PlanSummary, Newcomers<'_>),
) -> Result<(), RunError> {
    if walk.is_offline() {
        return Ok(());
    }
    let mut faults = of_the_org(walk, org_state, newcomers).await?;
    faults.extend(allowances(walk, plan).await);
    judge(walk, faults)
}

/// Lets a run go on that passed before, or names what has changed since; `rest` is what is left of
/// its plan. What the org's day allows is looked at before every job.
pub(super) async fn pass_again(
    walk: &Walk,
    org_state: &OrgState,
    rest: Newcomers<'_>,
) -> Result<(), RunError> {
    let faults = of_the_org(walk, org_state, rest).await?;
    judge(walk, faults)
}

/// What the org's own state says against sending.
async fn of_the_org(
    walk: &Walk,
    org_state: &OrgState,
    newcomers: Newcomers<'_>,
) -> Result<Vec<GateFault>, RunError> {
    let mut faults = Vec::new();
    faults.extend(permission(walk, org_state).await?);
    if !org_state.has_external_license() {
        faults.push(GateFault::LicenseMissing);
    }
    faults.extend(mail(walk, org_state, newcomers));
    Ok(faults)
}

fn judge(walk: &Walk, faults: Vec<GateFault>) -> Result<(), RunError> {
    if walk.command != Command::Run {
        for fault in &faults {
            let text = format!("a run would be refused: {fault}. {}", fault.remedy());
            walk.warn(fault.code().as_str(), &text);
        }
        return Ok(());
    }
    let mut faults = faults.into_iter();
    match faults.next() {
        None => Ok(()),
        Some(first) => Err(GateErrors::of(first, faults.collect()).into()),
    }
}

/// May the running user create external users? Only permissions that the org's describe knows are
/// asked for; where it knows none, nothing is proven.
async fn permission(walk: &Walk, org_state: &OrgState) -> Result<Option<GateFault>, RunError> {
    let known = known_permissions(&walk.org.describe("PermissionSet").await?);
    let identity = org_state.identity();
    if known.is_empty() {
        let text = format!(
            "whether {} may create external users cannot be read; make sure that it may",
            identity.username
        );
        walk.warn(Code::PermissionMissing.as_str(), &text);
        return Ok(None);
    }
    let soql = format!(
        "SELECT {} FROM PermissionSet WHERE Id IN (SELECT PermissionSetId FROM \
         PermissionSetAssignment WHERE AssigneeId = '{}')",
        known.join(", "),
        identity.user_id
    );
    let sets = walk.org.query(&soql).await?;
    let may = sets
        .iter()
        .any(|set| known.iter().any(|permission| set.boolean(permission)));
    let user = identity.username.clone();
    Ok((!may).then_some(GateFault::PermissionMissing { user }))
}

fn known_permissions(describe: &Describe) -> Vec<&'static str> {
    let is_known = |name: &&str| describe.fields.iter().any(|field| field.name == **name);
    MANAGING_PERMISSIONS.into_iter().filter(is_known).collect()
}

/// What was said about mails against what the org would do by itself (design §9).
fn mail(walk: &Walk, org_state: &OrgState, newcomers: Newcomers<'_>) -> Option<GateFault> {
    let Newcomers { users, mails, site } = newcomers;
    let site = chosen(org_state, site);
    let welcome = walk.settings.guard.welcome;
    let is_live = site.is_none_or(|site| site.status == SiteStatus::Live);
    match welcome {
        Some(Welcome::Now) if !is_live => Some(GateFault::SiteNotLive {
            site: newcomers.site.to_owned(),
        }),
        Some(Welcome::Now) => {
            if mails == 0 && users > 0 {
                let text = format!(
                    "`--welcome now` asks for mails, but {}: mail people yourself",
                    silence(site)
                );
                walk.warn("welcome-silent", &text);
            }
            None
        }
        None | Some(Welcome::Later | Welcome::Never) if mails > 0 => {
            let sites = greeting_sites(org_state).map(|site| site.name.clone());
            Some(GateFault::MailsPredicted {
                mails,
                sites: sites.collect(),
                welcome,
            })
        }
        Some(Welcome::Later | Welcome::Never) => {
            let text = format!("no welcome mail will go out: {}", silence(site));
            walk.say(&Event::Said(text));
            None
        }
        None => None,
    }
}

fn chosen<'a>(org_state: &'a OrgState, name: &str) -> Option<&'a SiteFacts> {
    let sites = org_state.sites().unwrap_or_default();
    sites.iter().find(|site| site.name == name)
}

/// Why the org mails nobody.
fn silence(site: Option<&SiteFacts>) -> String {
    match site {
        Some(site) if site.status != SiteStatus::Live => {
            format!("the site {:?} is not live", site.name)
        }
        Some(site) if !site.sends_welcome_mail => {
            format!("the site {:?} does not greet new members", site.name)
        }
        Some(site) => format!(
            "no active user becomes a member of the site {:?}",
            site.name
        ),
        None => "there is no site".to_owned(),
    }
}

/// Would the org's day last? Who may not read the limits is told so and goes on.
async fn allowances(walk: &Walk, plan: &PlanSummary) -> Vec<GateFault> {
    let limits = match walk.org.limits().await {
        Ok(limits) => limits,
        Err(error) => {
            let text = format!(
                "the org's limits cannot be read ({error}); make sure that today's API calls and \
                 Bulk API batches last"
            );
            walk.warn("limits-unread", &text);
            return Vec::new();
        }
    };
    let jobs = plan.waves.iter().map(|wave| wave.jobs).sum();
    let needs = [
        (
            Code::ApiCallsShort,
            "API calls",
            "DailyApiRequests",
            plan.api_calls,
        ),
        (
            Code::BulkBatchesShort,
            "Bulk API batches",
            "DailyBulkApiBatches",
            jobs,
        ),
    ];
    let percent = walk.settings.pacing.reserve_percent;
    let short = needs.into_iter().filter_map(|(code, what, name, needed)| {
        let allowance = limits.get(name)?;
        let reserve = reserve_of(allowance.max, percent);
        short_of((allowance, reserve), code, what, needed)
    });
    short.collect()
}

fn short_of(
    (allowance, reserve): (Allowance, u64),
    code: Code,
    what: &'static str,
    needed: u64,
) -> Option<GateFault> {
    let Allowance { max, remaining } = allowance;
    let fault = GateFault::AllowanceShort {
        code,
        what,
        needed,
        max,
        remaining,
        reserve,
    };
    (needed > 0 && needed > remaining.saturating_sub(reserve)).then_some(fault)
}
