//! Writes to Contact, Account and `PermissionSetAssignment`.

use super::super::org::Org;
use super::super::refusals::{self, Refusal};
use super::super::roles;
use super::super::schema::{FieldType, Kind};
use super::cells::Draft;
use super::{checks, update_user};

/// one write of `IsPartner = false` disables at most this many users.
const USERS_DISABLED_MAX: usize = 15;

/// Inserts a record; gives its id.
pub(super) fn insert(org: &mut Org, draft: &Draft) -> Result<String, Refusal> {
    let refusal = checks::required(org, draft)
        .or_else(|| checks::values(org, draft))
        .or_else(|| checks::references(org, draft))
        .or_else(|| taken(org, draft, None))
        .or_else(|| assigned_before(org, draft));
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let mut values = vec![
        ("CreatedDate", draft.stamp.clone()),
        ("LastModifiedDate", draft.stamp.clone()),
        ("SystemModstamp", draft.stamp.clone()),
        ("OwnerId", org.facts.running_user.clone()),
    ];
    let names: Vec<(String, String)> = draft
        .all(org)
        .map(|(field, value)| (field.name.clone(), value.to_owned()))
        .collect();
    values.extend(
        names
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let Some((_, id)) = org.insert(draft.kind, &values) else {
        return Err(refusals::unknown_reference());
    };
    if let (Some(user), Some(set)) = (
        draft.given(org, "AssigneeId"),
        draft.given(org, "PermissionSetId"),
    ) {
        roles::join_sites(org, user, set, &draft.stamp);
    }
    Ok(id)
}

/// Updates a record.
pub(super) fn update(org: &mut Org, row: u32, draft: &Draft) -> Result<(), Refusal> {
    let refusal = checks::emptied(org, draft)
        .or_else(|| checks::values(org, draft))
        .or_else(|| checks::references(org, draft))
        .or_else(|| taken(org, draft, Some(row)))
        .or_else(|| partner_owner(org, row, draft));
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let was_partner = org.is(draft.kind, row, "IsPartner");
    let stamps = ["LastModifiedDate", "SystemModstamp"].map(|name| (name, draft.stamp.as_str()));
    let values: Vec<(String, String)> = draft
        .all(org)
        .map(|(field, value)| (field.name.clone(), value.to_owned()))
        .collect();
    let mut changes: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    changes.extend(stamps);
    org.change(draft.kind, row, &changes);
    org.rederive(draft.kind, row);
    if was_partner && !org.is(draft.kind, row, "IsPartner") {
        drop_partner(org, row, &draft.stamp);
    }
    Ok(())
}

/// Deletes a record: accounts and contacts go to the bin, assignments are gone.
pub(super) fn delete(org: &mut Org, kind: Kind, row: u32, stamp: &str) -> Result<(), Refusal> {
    if kind == Kind::PermissionSetAssignment {
        org.remove(kind, row);
        return Ok(());
    }
    let id = org.get(kind, row, "Id").to_owned();
    let has_user = kind == Kind::Contact && !org.matching(Kind::User, "ContactId", &id).is_empty();
    if has_user || org.is(kind, row, "IsPartner") {
        return Err(refusals::contact_has_user());
    }
    org.change(
        kind,
        row,
        &[("IsDeleted", "true"), ("SystemModstamp", stamp)],
    );
    Ok(())
}

/// Unique custom fields.
fn taken(org: &Org, draft: &Draft, own: Option<u32>) -> Option<Refusal> {
    let unique = draft
        .all(org)
        .filter(|(field, value)| field.unique && !value.is_empty() && field.kind != FieldType::Id);
    for (field, value) in unique {
        let holders = org.matching(draft.kind, &field.name, value);
        if let Some(holder) = holders.into_iter().find(|row| Some(*row) != own) {
            let holder = org.get(draft.kind, holder, "Id");
            return Some(refusals::duplicate_value(&field.name, holder));
        }
    }
    None
}

fn assigned_before(org: &Org, draft: &Draft) -> Option<Refusal> {
    let (user, set) = (
        draft.given(org, "AssigneeId")?,
        draft.given(org, "PermissionSetId")?,
    );
    let kind = Kind::PermissionSetAssignment;
    let mine = org.matching(kind, "AssigneeId", user);
    let again = mine
        .iter()
        .any(|row| org.get(kind, *row, "PermissionSetId") == set);
    again.then(refusals::duplicate_assignment)
}

/// neither the account nor its contacts may belong to a portal user.
fn partner_owner(org: &Org, row: u32, draft: &Draft) -> Option<Refusal> {
    let turns_partner = draft.given(org, "IsPartner") == Some("true");
    if draft.kind != Kind::Account || !turns_partner || org.is(Kind::Account, row, "IsPartner") {
        return None;
    }
    let external = |owner: &str| {
        let owner = org.find(Kind::User, owner);
        owner.is_some_and(|owner| org.get(Kind::User, owner, "UserType") != "Standard")
    };
    let owner = draft
        .given(org, "OwnerId")
        .unwrap_or(org.get(Kind::Account, row, "OwnerId"));
    let contacts = org.matching(
        Kind::Contact,
        "AccountId",
        org.get(Kind::Account, row, "Id"),
    );
    let by_portal_user = external(owner)
        || contacts
            .iter()
            .any(|contact| external(org.get(Kind::Contact, *contact, "OwnerId")));
    if by_portal_user {
        return Some(refusals::external_owner());
    }
    let role = org
        .find(Kind::User, owner)
        .map_or("", |owner| org.get(Kind::User, owner, "UserRoleId"));
    role.is_empty().then(refusals::owner_without_role)
}

/// what writing `IsPartner = false` does, for good.
fn drop_partner(org: &mut Org, account: u32, stamp: &str) {
    let id = org.get(Kind::Account, account, "Id").to_owned();
    let mut users = org.matching(Kind::User, "AccountId", &id);
    users.retain(|user| org.get(Kind::User, *user, "UserType") == "PowerPartner");
    for user in users.into_iter().take(USERS_DISABLED_MAX) {
        update_user::disable(org, user, stamp);
    }
    for role in roles::of_account(org, account, "Partner") {
        org.remove(Kind::UserRole, role);
    }
}
