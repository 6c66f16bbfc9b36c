//! What the platform does by itself when an external user appears: account roles, site
//! membership, the customer switch of the account (R-303, R-504..R-507, R-604).

use super::org::Org;
use super::schema::Kind;
use super::write::UserKind;

/// A user who needs a place in the role hierarchy.
#[derive(Debug)]
pub(super) struct Newcomer {
    pub(super) kind: UserKind,
    pub(super) account: Option<u32>,
    /// `PortalRole` as the row gives it; empty for the lowest.
    pub(super) level: String,
}

const SHARED: &str = "PersonAccount";

/// Roles generated for an account, of one portal type.
pub(super) fn of_account(org: &Org, account: u32, portal_type: &str) -> Vec<u32> {
    let id = org.get(Kind::Account, account, "Id");
    let mut roles = org.matching(Kind::UserRole, "PortalAccountId", id);
    roles.retain(|role| org.get(Kind::UserRole, *role, "PortalType") == portal_type);
    roles
}

/// Has the account roles for that kind of user already?
pub(super) fn exist_for(org: &Org, account: u32, kind: UserKind) -> bool {
    let portal_type = kind.portal_type();
    portal_type.is_none_or(|portal_type| !of_account(org, account, portal_type).is_empty())
}

/// The role a new user gets; roles of its account are generated when it is the first of its kind,
/// or with shared roles the second. `None` for users without account role.
pub(super) fn assign(org: &mut Org, user: &Newcomer, stamp: &str) -> Option<u32> {
    let account = user.account?;
    let portal_type = user.kind.portal_type()?;
    let roles = of_account(org, account, portal_type);
    if !roles.is_empty() {
        return place(org, &roles, &user.level);
    }
    let before = users_in_shared_role(org, account, portal_type);
    let shared = org.facts.features.shared_roles && matches!(user.level.as_str(), "" | SHARED);
    if shared && before.is_empty() {
        return shared_role(org, account, user.kind, stamp);
    }
    let roles = generate(org, account, user.kind, stamp);
    let lowest = place(org, &roles, "")?;
    move_users(org, &before, lowest, stamp);
    place(org, &roles, &user.level)
}

/// a user belongs to the sites its profile or permission set (`parent`) is assigned to.
pub(super) fn join_sites(org: &mut Org, user: &str, parent: &str, stamp: &str) {
    let groups = org.matching(Kind::NetworkMemberGroup, "ParentId", parent);
    for group in groups {
        if org.get(Kind::NetworkMemberGroup, group, "AssignmentStatus") != "Added" {
            continue;
        }
        let site = org
            .get(Kind::NetworkMemberGroup, group, "NetworkId")
            .to_owned();
        let mine = org.matching(Kind::NetworkMember, "MemberId", user);
        let member = mine
            .iter()
            .any(|row| org.get(Kind::NetworkMember, *row, "NetworkId") == site);
        if !member {
            let values = [
                ("NetworkId", &*site),
                ("MemberId", user),
                ("SystemModstamp", stamp),
            ];
            org.insert(Kind::NetworkMember, &values);
        }
    }
}

/// the first customer user makes the account a customer account.
pub(super) fn mark_customer_account(org: &mut Org, account: u32, stamp: &str) {
    if !org.is(Kind::Account, account, "IsCustomerPortal") {
        let changes = [("IsCustomerPortal", "true"), ("SystemModstamp", stamp)];
        org.change(Kind::Account, account, &changes);
    }
}

/// The role of that level among the account's, else the lowest one.
fn place(org: &Org, roles: &[u32], level: &str) -> Option<u32> {
    let of_level = |level: &str| {
        let mut found = roles.iter().copied();
        found.find(|role| org.get(Kind::UserRole, *role, "PortalRole") == level)
    };
    let wanted = (!level.is_empty()).then(|| of_level(level)).flatten();
    wanted
        .or_else(|| of_level(&org.facts.features.lowest_portal_role))
        .or(roles.last().copied())
}

/// Users of the account who sit in a shared role of that portal type.
fn users_in_shared_role(org: &Org, account: u32, portal_type: &str) -> Vec<u32> {
    let id = org.get(Kind::Account, account, "Id");
    let mut users = org.matching(Kind::User, "AccountId", id);
    users.retain(|user| {
        let role = org.find(Kind::UserRole, org.get(Kind::User, *user, "UserRoleId"));
        role.is_some_and(|role| {
            org.get(Kind::UserRole, role, "PortalRole") == SHARED
                && org.get(Kind::UserRole, role, "PortalType") == portal_type
        })
    });
    users
}

/// The one role that first users of an owner's accounts share.
fn shared_role(org: &mut Org, account: u32, kind: UserKind, stamp: &str) -> Option<u32> {
    let portal_type = kind.portal_type()?;
    let owner = org.get(Kind::Account, account, "OwnerId").to_owned();
    let known = org.matching(Kind::UserRole, "PortalAccountOwnerId", &owner);
    let same = |role: &u32| org.get(Kind::UserRole, *role, "PortalType") == portal_type;
    if let Some(role) = known.into_iter().find(same) {
        return Some(role);
    }
    let owner_row = org.find(Kind::User, &owner)?;
    let alias = org.get(Kind::User, owner_row, "Alias").to_owned();
    let parent = org.get(Kind::User, owner_row, "UserRoleId").to_owned();
    let name = format!("{alias} {} Person Account", noun(kind));
    let values = [
        ("Name", &*name),
        ("DeveloperName", &developer_name(&name)),
        ("ParentRoleId", &parent),
        ("PortalType", portal_type),
        ("PortalRole", SHARED),
        ("PortalAccountOwnerId", &owner),
        ("CreatedDate", stamp),
        ("SystemModstamp", stamp),
    ];
    org.insert(Kind::UserRole, &values).map(|(row, _)| row)
}

/// The account's roles, highest first, below the account owner's role.
fn generate(org: &mut Org, account: u32, kind: UserKind, stamp: &str) -> Vec<u32> {
    let Some(portal_type) = kind.portal_type() else {
        return Vec::new();
    };
    let features = &org.facts.features;
    let levels = match kind {
        UserKind::Partner => features.partner_role_levels,
        _ => features.customer_role_levels,
    };
    let lowest = features.lowest_portal_role.clone();
    let titles = [
        ("Executive", "Executive"),
        ("Manager", "Manager"),
        (lowest.as_str(), "User"),
    ];
    let account_id = org.get(Kind::Account, account, "Id").to_owned();
    let account_name: String = org
        .get(Kind::Account, account, "Name")
        .chars()
        .take(50)
        .collect();
    let owner = org.find(Kind::User, org.get(Kind::Account, account, "OwnerId"));
    let mut parent = owner
        .map_or("", |row| org.get(Kind::User, row, "UserRoleId"))
        .to_owned();
    let mut roles = Vec::new();
    for (level, title) in titles.iter().skip(3 - usize::from(levels)) {
        let name = format!("{account_name} {} {title}", noun(kind));
        let values = [
            ("Name", &*name),
            ("DeveloperName", &developer_name(&name)),
            ("ParentRoleId", &parent),
            ("PortalType", portal_type),
            ("PortalRole", level),
            ("PortalAccountId", &account_id),
            ("CreatedDate", stamp),
            ("SystemModstamp", stamp),
        ];
        if let Some((row, id)) = org.insert(Kind::UserRole, &values) {
            roles.push(row);
            parent = id;
        }
    }
    roles
}

/// with the second user the first one leaves the shared role.
fn move_users(org: &mut Org, users: &[u32], role: u32, stamp: &str) {
    let id = org.get(Kind::UserRole, role, "Id").to_owned();
    let level = org.get(Kind::UserRole, role, "PortalRole").to_owned();
    for user in users {
        let changes = [
            ("UserRoleId", &*id),
            ("PortalRole", &level),
            ("SystemModstamp", stamp),
        ];
        org.change(Kind::User, *user, &changes);
    }
}

fn noun(kind: UserKind) -> &'static str {
    if kind == UserKind::Partner {
        "Partner"
    } else {
        "Customer"
    }
}

fn developer_name(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    name.chars().map(letter).take(80).collect()
}
