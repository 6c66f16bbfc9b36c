//! A User insert: the platform's refusals in a fixed order, then what the platform does by itself.
//!
//! The order in which a real org looks is not known (`first-fault-only`); the first refusal is
//! the row's error.

use super::super::org::Org;
use super::super::refusals::{self, Refusal};
use super::super::roles;
use super::super::schema::Kind;
use super::cells::Draft;
use super::user_facts::{UserFacts, UserKind};
use super::{checks, is_let_pass};

/// One question to the org about a user row.
type Check = fn(&Org, &UserFacts) -> Option<Refusal>;

/// Everything an insert is asked, in order.
const CHECKS: &[Check] = &[
    permission,
    |org, user| checks::required(org, user.draft),
    |org, user| checks::values(org, user.draft),
    email_domain,
    username_form,
    feature_licenses,
    deleted_contact,
    |org, user| checks::references(org, user.draft),
    sites_off,
    standard_profile,
    stronger_profile,
    contact_wanted,
    contact_occupied,
    account_wanted,
    account_owner,
    role,
    seat,
    username_taken,
    nickname_taken,
    federation_id_taken,
];

/// What may change about an existing user is asked again when it changes.
pub(super) const CHECKS_ON_UPDATE: &[Check] = &[
    |org, user| checks::emptied(org, user.draft),
    |org, user| checks::values(org, user.draft),
    email_domain,
    username_form,
    feature_licenses,
    deleted_contact,
    |org, user| checks::references(org, user.draft),
    standard_profile,
];

/// Inserts a user, and everything that comes with one; gives its id.
pub(super) fn insert(org: &mut Org, draft: &Draft) -> Result<String, Refusal> {
    let user = UserFacts::new(org, draft);
    ask(org, &user, CHECKS)?;
    let place = roles::Newcomer {
        kind: user.kind,
        account: user.account,
        level: draft
            .given(org, "PortalRole")
            .unwrap_or_default()
            .to_owned(),
    };
    let (contact, profile, active, kind) = (user.contact, user.profile, user.active, user.kind);
    let role = roles::assign(org, &place, &draft.stamp);
    let mut values = defaults(org, draft);
    // Null is no value on insert: the default stands.
    for (field, value) in draft.all(org).filter(|(_, value)| !value.is_empty()) {
        values.push((field.name.clone(), value.to_owned()));
    }
    if let Some(role) = role {
        let level = org.get(Kind::UserRole, role, "PortalRole").to_owned();
        values.push((
            "UserRoleId".to_owned(),
            org.get(Kind::UserRole, role, "Id").to_owned(),
        ));
        values.push(("PortalRole".to_owned(), level));
    }
    if contact.is_some() && kind.is_external() {
        values.push(("IsPortalEnabled".to_owned(), "true".to_owned()));
    }
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let Some((_, id)) = org.insert(Kind::User, &values) else {
        return Err(refusals::unknown_reference());
    };
    if let Some(profile) = profile.filter(|_| active) {
        org.count_seat(profile, 1, &draft.stamp);
    }
    roles::join_sites(
        org,
        &id,
        draft.given(org, "ProfileId").unwrap_or_default(),
        &draft.stamp,
    );
    if let Some(account) = place.account.filter(|_| place.kind != UserKind::Partner) {
        roles::mark_customer_account(org, account, &draft.stamp);
    }
    org.users_created.push(id.clone());
    Ok(id)
}

/// Asks one check after the other.
pub(super) fn ask(org: &Org, user: &UserFacts, checks: &[Check]) -> Result<(), Refusal> {
    let mut refusals = checks.iter().filter_map(|check| check(org, user));
    match refusals.find(|refusal| !is_let_pass(org, refusal)) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// Defaults of describe, a nickname and the moment of creation.
fn defaults(org: &Org, draft: &Draft) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    for field in &org.def(Kind::User).fields {
        if let Some(default) = field.default.as_ref().filter(|default| !default.is_empty()) {
            values.push((field.name.clone(), default.clone()));
        }
    }
    for name in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
        values.push((name.to_owned(), draft.stamp.clone()));
    }
    if draft.given(org, "CommunityNickname").is_none() {
        let taken = |name: &String| {
            !org.matching(Kind::User, "CommunityNickname", name)
                .is_empty()
        };
        let count = org.table(Kind::User).row_count();
        let mut names = (count..).map(|number| format!("User{number:015}"));
        if let Some(name) = names.find(|name| !taken(name)) {
            values.push(("CommunityNickname".to_owned(), name));
        }
    }
    values
}

/// R-701; an org without any permission set says nothing about permissions.
fn permission(org: &Org, user: &UserFacts) -> Option<Refusal> {
    user.profile?;
    let names: &[&str] = match user.kind {
        UserKind::Internal => &["PermissionsManageInternalUsers", "PermissionsManageUsers"],
        UserKind::Partner => &EXTERNAL[..3],
        UserKind::HighVolume | UserKind::Customer => &EXTERNAL,
    };
    let unknown = org.table(Kind::PermissionSet).row_count() == 0;
    let may = unknown || names.iter().any(|name| runner_has(org, name));
    (!may).then(refusals::permission_missing)
}

/// Permissions to create external users; the last one is for customers only.
const EXTERNAL: [&str; 4] = [
    "PermissionsManagePartners",
    "PermissionsManageMyExternalUsers",
    "PermissionsManageUsers",
    "PermissionsManageCssUsers",
];

/// Has the running user the permission, by any permission set (its profile owns one too)?
fn runner_has(org: &Org, permission: &str) -> bool {
    let runner = &org.facts.running_user;
    org.matching(Kind::PermissionSetAssignment, "AssigneeId", runner)
        .iter()
        .any(|row| {
            let set = org.get(Kind::PermissionSetAssignment, *row, "PermissionSetId");
            org.find(Kind::PermissionSet, set)
                .is_some_and(|set| org.is(Kind::PermissionSet, set, permission))
        })
}

///
fn email_domain(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let domains = &org.facts.user_email_domains;
    let (_, domain) = user.draft.given(org, "Email")?.rsplit_once('@')?;
    let allowed = domains.is_empty()
        || domains
            .iter()
            .any(|known| known.eq_ignore_ascii_case(domain));
    (!allowed).then(|| refusals::email_domain(domains))
}

/// something@something.something, loosely.
fn username_form(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let name = user.draft.given(org, "Username")?;
    let blank = name
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control());
    let formed = name.rsplit_once('@').is_some_and(|(local, domain)| {
        let dotted = domain.split_once('.');
        !local.is_empty() && dotted.is_some_and(|(host, rest)| !host.is_empty() && !rest.is_empty())
    });
    (blank || !formed || name.ends_with('.')).then(refusals::username_form)
}

/// the simulated org has no seats of feature licences.
fn feature_licenses(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let mut wanted = user.draft.all(org);
    let taken =
        wanted.find(|(field, value)| field.name.starts_with("UserPermissions") && *value == "true");
    taken.map(|(field, _)| refusals::no_feature_license(&field.name))
}

///
fn deleted_contact(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let gone = user
        .contact
        .is_some_and(|row| org.is(Kind::Contact, row, "IsDeleted"));
    gone.then(refusals::deleted_contact)
}

///
fn sites_off(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let off = user.kind.is_external() && !org.facts.features.digital_experiences;
    off.then(refusals::sites_off)
}

/// a standard external profile is known by its name only (§4.1).
fn standard_profile(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let name = org.get(Kind::Profile, user.profile?, "Name");
    let standard = user.kind.is_external() && STANDARD_PROFILES.contains(&name);
    let allowed = org.facts.features.standard_external_profiles;
    (standard && !allowed).then(refusals::standard_profile)
}

/// Standard external profiles (external-users.md §4.1).
const STANDARD_PROFILES: &[&str] = &[
    "Customer Community User",
    "Customer Community Login User",
    "Customer Community Plus User",
    "Customer Community Plus Login User",
    "Partner Community User",
    "Partner Community Login User",
    "External Identity User",
    "External Apps User",
    "External Apps Login User",
    "External Apps Plus User",
    "External Apps Plus Login User",
    "High Volume Customer Portal User",
    "High Volume Portal User",
    "Authenticated Website User",
    "Gold Partner User",
    "Silver Partner User",
    "Bronze Partner User",
    "Partner User",
    "Customer Portal Manager Standard",
    "Customer Portal Manager Custom",
];

///
fn stronger_profile(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let strong = org.is(Kind::Profile, user.profile?, "PermissionsModifyAllData");
    (strong && !runner_has(org, "PermissionsModifyAllData")).then(refusals::stronger_profile)
}

/// R-201; an internal user has none.
fn contact_wanted(org: &Org, user: &UserFacts) -> Option<Refusal> {
    match (user.kind.is_external(), user.contact) {
        (true, None) if !user.may_be_contactless(org) => Some(refusals::no_contact()),
        (false, Some(_)) => Some(refusals::contact_on_internal_user()),
        _ => None,
    }
}

///
pub(super) fn contact_occupied(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let id = org.get(Kind::Contact, user.contact?, "Id");
    let holders = org.matching(Kind::User, "ContactId", id);
    let active = holders
        .iter()
        .any(|row| org.is(Kind::User, *row, "IsActive"));
    match (holders.is_empty(), active) {
        (true, _) => None,
        (false, true) => Some(refusals::contact_occupied()),
        (false, false) => Some(refusals::contact_occupied_by_inactive()),
    }
}

/// What is asked of the account when a user becomes active, or gets a contact or another profile
///
pub(super) fn account_refusal(org: &Org, user: &UserFacts) -> Option<Refusal> {
    account_wanted(org, user).or_else(|| account_owner(org, user))
}

///
fn account_wanted(org: &Org, user: &UserFacts) -> Option<Refusal> {
    user.contact.filter(|_| user.kind.is_external())?;
    let Some(account) = user.account else {
        return Some(refusals::contact_without_account());
    };
    let person = org.is(Kind::Account, account, "IsPersonAccount");
    (person && user.kind == UserKind::Partner).then(refusals::person_account_partner)
}

/// whether the account is a partner is not asked.
fn account_owner(org: &Org, user: &UserFacts) -> Option<Refusal> {
    user.account.filter(|_| user.kind.is_external())?;
    let owner = |name: &str| user.owner.map_or("", |row| org.get(Kind::User, row, name));
    if user.kind == UserKind::Partner && owner("UserType") != "Standard" && user.owner.is_some() {
        return Some(refusals::external_owner());
    }
    owner("UserRoleId")
        .is_empty()
        .then(refusals::owner_without_role)
}

///
pub(super) fn role(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let role = user.draft.given(org, "UserRoleId");
    let level = user.draft.given(org, "PortalRole");
    let named = role.map(|_| "UserRoleId").or(level.map(|_| "PortalRole"))?;
    let own = user.account_roles(org);
    match user.kind {
        UserKind::HighVolume => return Some(refusals::role_on_high_volume(named)),
        UserKind::Internal if level.is_some() => {
            return Some(refusals::role_mismatch("PortalRole"));
        }
        _ => {}
    }
    if let Some(row) = role.and_then(|id| org.find(Kind::UserRole, id)) {
        let portal = !matches!(org.get(Kind::UserRole, row, "PortalType"), "" | "None");
        let fits = if user.kind.is_external() {
            own.contains(&row)
        } else {
            !portal
        };
        return (!fits).then(|| refusals::role_mismatch("UserRoleId"));
    }
    let exists = |level: &str| {
        own.iter()
            .any(|role| org.get(Kind::UserRole, *role, "PortalRole") == level)
    };
    let missing = match level? {
        "PersonAccount" => !org.facts.features.shared_roles,
        level => !own.is_empty() && !exists(level),
    };
    missing.then(refusals::role_level_missing)
}

/// only an active user takes a seat.
pub(super) fn seat(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let license = user.license?;
    let name = user.license_name(org);
    if !matches!(org.get(Kind::UserLicense, license, "Status"), "" | "Active") {
        return Some(refusals::inactive_license(name));
    }
    let total = org
        .get(Kind::UserLicense, license, "TotalLicenses")
        .parse::<i64>()
        .ok()?;
    // A negative number stands for a licence without a limit.
    let full = total >= 0 && org.number(Kind::UserLicense, license, "UsedLicenses") >= total;
    (user.active && full).then(|| refusals::no_seat(name))
}

/// the scope depends on the licence.
pub(super) fn username_taken(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let name = user.draft.given(org, "Username")?;
    let here = !org.matching(Kind::User, "Username", name).is_empty();
    let everywhere = match user.kind {
        UserKind::Internal => true,
        UserKind::Partner => !org.facts.features.unique_partner_usernames,
        UserKind::HighVolume | UserKind::Customer => false,
    };
    let folded = name.to_lowercase();
    let elsewhere = || {
        org.facts
            .usernames_elsewhere
            .iter()
            .any(|other| other.to_lowercase() == folded)
    };
    let known_elsewhere = || elsewhere() || org.elsewhere.holds_username(name);
    (here || everywhere && known_elsewhere()).then(refusals::duplicate_username)
}

/// R-110, inactive users included.
pub(super) fn nickname_taken(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let name = user.draft.given(org, "CommunityNickname")?;
    let taken = !org
        .matching(Kind::User, "CommunityNickname", name)
        .is_empty();
    (taken || org.elsewhere.holds_nickname(name)).then(refusals::duplicate_nickname)
}

/// by case as stored.
pub(super) fn federation_id_taken(org: &Org, user: &UserFacts) -> Option<Refusal> {
    let id = user.draft.given(org, "FederationIdentifier")?;
    let holders = org.matching(Kind::User, "FederationIdentifier", id);
    let taken = holders
        .iter()
        .any(|row| org.get(Kind::User, *row, "FederationIdentifier") == id);
    taken.then(refusals::duplicate_federation_id)
}
