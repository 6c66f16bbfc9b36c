//! Which profile, licence, role and permission sets a row gives (family `licence`; seats are
//! dealt in `seats`).

use std::fmt;

use super::fields::Known;
use super::findings::{Findings, shown};
use super::sight::{Cell, Sight};
use crate::model::id::{IdFault, PermissionSetId, ProfileId};
use crate::model::rejection::Code;
use crate::model::settings::StandardProfiles;
use crate::model::user::{AccountRoles, PortalKind};
use crate::org_state::{Matches, OrgState, ProfileFacts, fold};

/// What a row's profile grants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant<'a> {
    pub(super) profile: &'a ProfileFacts,
    pub(super) kind: PortalKind,
    /// Are its users members of the site?
    pub(super) is_member: bool,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ProfileTrouble {
    NotFound,
    Ambiguous(usize),
    NotExternal(String),
    Malformed(IdFault),
}

/// Profiles looked up before, by what was typed: files name few, again and again.
#[derive(Debug, Default)]
pub(super) struct ProfileMemo<'a> {
    known: Vec<(String, Result<Grant<'a>, ProfileTrouble>)>,
}

/// Profiles the memo keeps; more are looked up each time.
const MEMO_MAX: usize = 16;

impl ProfileTrouble {
    /// The rule that refuses it.
    pub(super) fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::ProfileNotFound,
            Self::Ambiguous(_) => Code::ProfileAmbiguous,
            Self::NotExternal(_) => Code::ProfileNotExternal,
            Self::Malformed(_) => Code::MalformedId,
        }
    }
}

/// Reads as the end of a sentence that began with the profile.
impl fmt::Display for ProfileTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("the org has no such profile"),
            Self::Ambiguous(count) => write!(f, "{count} profiles of the org have that name"),
            Self::NotExternal(user_type) => {
                write!(
                    f,
                    "it is a profile for users of type {user_type}, not for external ones"
                )
            }
            Self::Malformed(fault) => fault.fmt(f),
        }
    }
}

/// An external profile by name or id.
pub(super) fn profile_named<'a>(
    typed: &str,
    org: &'a OrgState,
) -> Result<&'a ProfileFacts, ProfileTrouble> {
    kind_named(typed, org).map(|(profile, _)| profile)
}

/// The profile of the row, else of the run, with every rule about it and its licence.
pub(super) fn grant<'a>(
    sight: &Sight<'a>,
    memo: &mut ProfileMemo<'a>,
    findings: &mut Findings,
) -> Option<Grant<'a>> {
    let typed = match sight.cell(sight.program.columns.profile, findings) {
        Cell::Text(typed) => typed,
        Cell::Broken => return None,
        Cell::Empty => return grant_of_run(sight, findings),
    };
    match memo.grant(&typed, sight) {
        Ok(grant) => {
            check_licence(*grant, sight, findings);
            Some(*grant)
        }
        Err(trouble) => {
            findings.fault(
                trouble.code(),
                format!("profile {}: {trouble}", shown(&typed)),
            );
            None
        }
    }
}

/// The permission sets of the row; names the org does not have are one fault.
pub(super) fn permission_sets(sight: &Sight<'_>, findings: &mut Findings) -> Vec<PermissionSetId> {
    let Cell::Text(names) = sight.cell(sight.program.columns.permission_sets, findings) else {
        return Vec::new();
    };
    let (mut sets, mut unknown) = (Vec::new(), Vec::new());
    for name in names
        .split(';')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        match sight.org.permission_set(name) {
            Some(set) if !sets.contains(&set) => sets.push(set),
            Some(_) => {}
            None => unknown.push(shown(name)),
        }
    }
    if !unknown.is_empty() {
        let reason = format!("the org has no permission set {}", unknown.join(", "));
        findings.fault(Code::PermissionSetNotFound, reason);
    }
    sets
}

/// A user without a site could not log in anywhere.
pub(super) fn check_membership(
    grant: Grant<'_>,
    sets: &[PermissionSetId],
    sight: &Sight<'_>,
    findings: &mut Findings,
) {
    let site = &sight.program.site;
    let is_member = grant.is_member || sets.iter().any(|set| site.has_permission_set(*set));
    if !is_member {
        let through = if sets.is_empty() {
            ""
        } else {
            ", nor any of the permission sets,"
        };
        let (profile, name) = (&grant.profile.name, &site.name);
        let reason = format!("profile {profile:?}{through} is not a member of the site {name:?}");
        let fix = format!(
            "Add {profile:?} to the members of {name:?}, or use a profile or permission set that is one"
        );
        findings.fault_with_fix(Code::ProfileNotInSite, reason, fix);
    }
}

/// A role must fit licence and account.
pub(super) fn check_role(
    role: &str,
    known: &Known<'_>,
    sight: &Sight<'_>,
    findings: &mut Findings,
) {
    let Some(Grant { profile, kind, .. }) = known.grant else {
        return;
    };
    if !kind.is_role_based() {
        let name = &profile.name;
        let reason = format!("portal role {role}, but users of profile {name:?} have no role");
        findings.fault(Code::RoleNotAllowed, reason);
        return;
    }
    let Some(account) = known.person.account else {
        return;
    };
    match sight.org.roles(account.slot, kind) {
        AccountRoles::Full if !sight.org.has_role_level(account.slot, kind, role) => {
            let (name, id) = (account.name(), account.id);
            let reason = format!("the roles of Account {name:?} ({id}) have no level {role}");
            findings.fault(Code::RoleLevelMissing, reason);
            findings.rests_on([id.record()]);
        }
        // The org makes the account's roles with its first user; as far as other accounts show,
        // without that level.
        AccountRoles::None if sight.org.role_levels(kind) < level_of(role) => {
            findings.warn(Code::RoleLevelMissing);
        }
        AccountRoles::Full | AccountRoles::Shared | AccountRoles::None => {}
    }
}

/// How many levels an account needs to have this one.
fn level_of(role: &str) -> u64 {
    match role {
        "Executive" => 3,
        "Manager" => 2,
        _ => 1,
    }
}

impl<'a> Grant<'a> {
    fn of(profile: &'a ProfileFacts, kind: PortalKind, sight: &Sight<'_>) -> Self {
        Self {
            profile,
            kind,
            is_member: sight.program.site.has_profile(profile.id),
        }
    }
}

impl<'a> ProfileMemo<'a> {
    fn grant(&mut self, typed: &str, sight: &Sight<'a>) -> &Result<Grant<'a>, ProfileTrouble> {
        let place = self
            .known
            .iter()
            .position(|(known, _)| known == typed)
            .unwrap_or_else(|| {
                self.known.truncate(MEMO_MAX - 1);
                let grant = kind_named(typed, sight.org);
                let grant = grant.map(|(profile, kind)| Grant::of(profile, kind, sight));
                self.known.push((typed.to_owned(), grant));
                self.known.len() - 1
            });
        &self.known[place].1
    }
}

fn grant_of_run<'a>(sight: &Sight<'a>, findings: &mut Findings) -> Option<Grant<'a>> {
    let profile = sight
        .program
        .default_profile
        .and_then(|id| sight.org.profile(id));
    let grant = profile.and_then(|profile| Some(Grant::of(profile, profile.kind?, sight)));
    if let Some(grant) = grant {
        check_licence(grant, sight, findings);
    } else {
        let reason = "neither the row nor the run names a profile".to_owned();
        findings.fault(Code::ProfileMissing, reason);
    }
    grant
}

fn kind_named<'a>(
    typed: &str,
    org: &'a OrgState,
) -> Result<(&'a ProfileFacts, PortalKind), ProfileTrouble> {
    let profile = if looks_like_profile_id(typed) {
        let id = ProfileId::parse(typed).map_err(ProfileTrouble::Malformed)?;
        org.profile(id).ok_or(ProfileTrouble::NotFound)?
    } else {
        match org.profiles_by_name(typed) {
            Matches::One(profile) => profile,
            Matches::None => return Err(ProfileTrouble::NotFound),
            Matches::Many(count) => return Err(ProfileTrouble::Ambiguous(count)),
        }
    };
    match profile.kind {
        Some(kind) => Ok((profile, kind)),
        None => Err(ProfileTrouble::NotExternal(profile.user_type.clone())),
    }
}

/// Names have blanks or another length; an id that lost its case is still taken for an id.
fn looks_like_profile_id(typed: &str) -> bool {
    let is_prefixed = typed
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("00e"));
    is_prefixed
        && matches!(typed.len(), 15 | 18)
        && typed.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn check_licence(grant: Grant<'_>, sight: &Sight<'_>, findings: &mut Findings) {
    let profile = grant.profile;
    if profile.is_standard {
        check_standard(profile, sight, findings);
    }
    let Some(license) = sight.org.licenses().get(usize::from(profile.license.0)) else {
        return;
    };
    if let Cell::Text(wanted) = sight.cell(sight.program.columns.license, findings)
        && *wanted != *license.name
        && fold(&wanted) != fold(&license.name)
    {
        let reason = format!(
            "the row expects the licence {}, but profile {:?} takes {:?}",
            shown(&wanted),
            profile.name,
            license.name
        );
        findings.fault(Code::LicenseMismatch, reason);
    }
    if !license.is_active {
        let reason = format!(
            "profile {:?} takes the licence {:?}, which is not active",
            profile.name, license.name
        );
        findings.fault(Code::LicenseInactive, reason);
    }
}

fn check_standard(profile: &ProfileFacts, sight: &Sight<'_>, findings: &mut Findings) {
    let name = &profile.name;
    match sight.program.standard_profiles {
        StandardProfiles::Allowed => {}
        StandardProfiles::Unknown => findings.warn(Code::ProfileStandard),
        StandardProfiles::Refused => findings.fault(
            Code::ProfileStandard,
            format!("{name:?} is a standard profile, and the org refuses those"),
        ),
    }
}
