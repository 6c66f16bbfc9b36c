//! A User update: activating, deactivating, disabling, linking a contact, changing the profile,
//! and plain fields (external-users.md §8 and §9).

use super::super::org::Org;
use super::super::refusals::{self, Refusal};
use super::super::roles;
use super::super::schema::Kind;
use super::cells::Draft;
use super::insert_user::{self, ask};
use super::is_let_pass;
use super::user_facts::{UserFacts, UserKind};

/// What of a user's access an update changes.
#[derive(Debug, Clone, Copy)]
struct Change {
    activity: Activity,
    links: bool,
    relicenses: bool,
}

/// Whether a user becomes active, or stops to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Activity {
    Kept,
    Begins,
    Ends,
}

/// Updates a user.
pub(super) fn update(org: &mut Org, row: u32, draft: &Draft) -> Result<(), Refusal> {
    if draft.mentioned(org, "IsPortalEnabled") == Some("false")
        && org.is(Kind::User, row, "IsPortalEnabled")
    {
        disable(org, row, &draft.stamp);
        return Ok(());
    }
    let user = UserFacts::of_record(org, draft, row);
    let change = Change::of(org, row, &user);
    ask(org, &user, insert_user::CHECKS_ON_UPDATE)?;
    pass(org, taken_by_another(org, row, &user))?;
    pass(org, access_refusal(org, row, &user, change))?;
    let newcomer = roles::Newcomer {
        kind: user.kind,
        account: user.account,
        level: draft
            .given(org, "PortalRole")
            .unwrap_or_default()
            .to_owned(),
    };
    let (active, profile) = (user.active, user.profile);
    let values: Vec<(String, String)> = draft
        .all(org)
        .map(|(field, value)| (field.name.clone(), value.to_owned()))
        .collect();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    move_seat(org, row, profile.filter(|_| active), &draft.stamp);
    org.change(Kind::User, row, &values);
    org.rederive(Kind::User, row);
    stamp(org, row, &draft.stamp);
    if change.links || change.relicenses {
        settle(org, row, &newcomer, &draft.stamp);
    }
    Ok(())
}

/// disabling deactivates, frees the contact and renames the username, for good.
pub(super) fn disable(org: &mut Org, row: u32, now: &str) {
    move_seat(org, row, None, now);
    let name = format!("{}.disabled{row}", org.get(Kind::User, row, "Username"));
    let changes = [
        ("IsActive", "false"),
        ("IsPortalEnabled", "false"),
        ("ContactId", ""),
        ("UserRoleId", ""),
        ("PortalRole", ""),
        ("Username", &*name),
    ];
    org.change(Kind::User, row, &changes);
    org.rederive(Kind::User, row);
    stamp(org, row, now);
}

impl Change {
    fn of(org: &Org, row: u32, user: &UserFacts) -> Self {
        let now = |name: &str| org.get(Kind::User, row, name);
        let differs = |name: &str| {
            user.draft
                .given(org, name)
                .is_some_and(|value| value != now(name))
        };
        let was_active = now("IsActive") == "true";
        let activity = match (was_active, user.active) {
            (false, true) => Activity::Begins,
            (true, false) => Activity::Ends,
            _ => Activity::Kept,
        };
        Self {
            activity,
            links: differs("ContactId"),
            relicenses: differs("ProfileId"),
        }
    }
}

fn pass(org: &Org, refusal: Option<Refusal>) -> Result<(), Refusal> {
    match refusal.filter(|refusal| !is_let_pass(org, refusal)) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// Unique values are asked about only where they change.
fn taken_by_another(org: &Org, row: u32, user: &UserFacts) -> Option<Refusal> {
    let changes = |name: &str| {
        let given = user.draft.given(org, name).unwrap_or_default();
        given.to_lowercase() != org.get(Kind::User, row, name).to_lowercase()
    };
    let ask = |name: &str, check: fn(&Org, &UserFacts) -> Option<Refusal>| {
        changes(name).then(|| check(org, user)).flatten()
    };
    ask("Username", insert_user::username_taken)
        .or_else(|| ask("CommunityNickname", insert_user::nickname_taken))
        .or_else(|| ask("FederationIdentifier", insert_user::federation_id_taken))
}

fn access_refusal(org: &Org, row: u32, user: &UserFacts, change: Change) -> Option<Refusal> {
    let begins = change.activity == Activity::Begins;
    let now = |name: &str| org.get(Kind::User, row, name);
    if change.activity == Activity::Ends && now("Id") == org.facts.running_user {
        return Some(refusals::deactivate_self());
    }
    if change.links {
        let linked = !now("ContactId").is_empty();
        let refusal = linked.then(refusals::contact_fixed);
        if let Some(refusal) = refusal.or_else(|| insert_user::contact_occupied(org, user)) {
            return Some(refusal);
        }
    }
    if change.relicenses {
        let before = org.find(Kind::Profile, now("ProfileId"));
        let before = before.map_or(UserKind::Internal, |row| UserKind::of_profile(org, row));
        if user.contact.is_none() && user.kind.is_external() && !user.may_be_contactless(org) {
            return Some(refusals::license_before_contact());
        }
        if !can_become(before, user.kind) {
            return Some(refusals::upgrade_pair());
        }
    }
    let opens = begins || change.links || change.relicenses;
    let account = opens
        .then(|| insert_user::account_refusal(org, user))
        .flatten();
    let takes_seat = begins || change.relicenses && changes_license(org, row, user);
    account
        .or_else(|| insert_user::role(org, user))
        .or_else(|| takes_seat.then(|| insert_user::seat(org, user)).flatten())
}

/// from a high-volume licence to any other, inside a family, and between customer ones.
fn can_become(before: UserKind, after: UserKind) -> bool {
    match before {
        UserKind::HighVolume => after.is_external(),
        UserKind::Customer => matches!(after, UserKind::Customer | UserKind::HighVolume),
        UserKind::Partner => after == UserKind::Partner,
        UserKind::Internal => after == UserKind::Internal,
    }
}

fn changes_license(org: &Org, row: u32, user: &UserFacts) -> bool {
    let before = org.find(Kind::Profile, org.get(Kind::User, row, "ProfileId"));
    before.and_then(|profile| org.license_of_profile(profile)) != user.license
}

/// Gives back the seat the user has and takes one for the profile it gets, if any.
fn move_seat(org: &mut Org, row: u32, profile: Option<u32>, now: &str) {
    let held = org.find(Kind::Profile, org.get(Kind::User, row, "ProfileId"));
    if let Some(held) = held.filter(|_| org.is(Kind::User, row, "IsActive")) {
        org.count_seat(held, -1, now);
    }
    if let Some(profile) = profile {
        org.count_seat(profile, 1, now);
    }
}

/// Role, sites and account of a user who got a contact or another profile.
fn settle(org: &mut Org, row: u32, newcomer: &roles::Newcomer, now: &str) {
    let role = roles::assign(org, newcomer, now);
    let text = |role: u32, name: &str| org.get(Kind::UserRole, role, name).to_owned();
    let (id, level) = match role {
        Some(role) => (text(role, "Id"), text(role, "PortalRole")),
        None => (String::new(), String::new()),
    };
    let changes = [
        ("UserRoleId", &*id),
        ("PortalRole", &level),
        ("IsPortalEnabled", "true"),
    ];
    if newcomer.kind.is_external() && newcomer.account.is_some() {
        org.change(Kind::User, row, &changes);
    }
    let id = org.get(Kind::User, row, "Id").to_owned();
    let profile = org.get(Kind::User, row, "ProfileId").to_owned();
    roles::join_sites(org, &id, &profile, now);
    if let Some(account) = newcomer
        .account
        .filter(|_| newcomer.kind != UserKind::Partner)
    {
        roles::mark_customer_account(org, account, now);
    }
}

fn stamp(org: &mut Org, row: u32, now: &str) {
    org.change(
        Kind::User,
        row,
        &[("LastModifiedDate", now), ("SystemModstamp", now)],
    );
}
