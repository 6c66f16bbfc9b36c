//! Reads single records again: those behind rejections that rest on the org's state (R-1309).
//!
//! Comes in: record ids. Goes out: how many records are not what they were. With the ids go the
//! records that the same verdicts rest on: a contact's account and user, an account's owner and
//! generated roles. What else changed in the org stays unseen until the next pull.

use std::collections::BTreeSet;

use super::cells;
use super::error::OrgStateError;
use super::lookup::OrgState;
use crate::model::id::{AccountId, ContactId, IdFault, RecordId, UserId};
use crate::model::limits::SOQL_URI_BYTES_MAX;
use crate::salesforce::{Org, QueryRecord};

/// Bytes a URI spends on the path before the query.
const PATH_BYTES: usize = 100;

/// Bytes of one id in an `IN` list: 18 characters, two quotes and a comma, the latter encoded.
const LISTED_ID_BYTES: usize = 18 + 3 * 3;

/// Brings the records with these ids, and what hangs on them, up to date. Ids of other objects
/// than Contact, Account and User are passed over. Returns how many records changed, came to be
/// known or are gone; the caller bounds the number of ids by
/// [`REREAD_RECORDS_MAX`](crate::model::limits::REREAD_RECORDS_MAX).
///
/// After an error the state is sound, but some of the records may be as old as before.
pub async fn reread(
    state: &mut OrgState,
    org: &Org,
    behind: &BTreeSet<RecordId>,
) -> Result<usize, OrgStateError> {
    let changed = reread_tables(state, org, behind).await;
    if !matches!(changed, Ok(0)) {
        state.sum_up();
    }
    changed
}

async fn reread_tables(
    state: &mut OrgState,
    org: &Org,
    behind: &BTreeSet<RecordId>,
) -> Result<usize, OrgStateError> {
    let contacts: BTreeSet<ContactId> = of_object(behind, ContactId::parse);
    let mut accounts: BTreeSet<AccountId> = of_object(behind, AccountId::parse);
    let mut users: BTreeSet<UserId> = of_object(behind, UserId::parse);
    // The user a contact had before is read too: it may have lost its contact.
    users.extend(
        contacts
            .iter()
            .filter_map(|id| state.user_of_contact(*id))
            .map(|user| user.id),
    );

    let mut changed = reread_contacts(state, org, &contacts).await?;
    let known = contacts
        .iter()
        .filter_map(|contact| state.contact(*contact));
    accounts.extend(known.filter_map(|contact| contact.account));
    changed += reread_accounts(state, org, &accounts).await?;
    users.extend(state.owners_of(&accounts));
    changed += reread_users(state, org, &users, &contacts).await?;
    changed += reread_roles(state, org, &accounts).await?;
    Ok(changed)
}

async fn reread_contacts(
    state: &mut OrgState,
    org: &Org,
    ids: &BTreeSet<ContactId>,
) -> Result<usize, OrgStateError> {
    let selection = &state.selections.contact;
    let records = ask(org, "Contact", &selection.soql(), "Id", ids).await?;
    let mut gone = ids.clone();
    let mut changed = 0;
    for record in &records {
        let external_ids = selection.external_id_cells(record);
        let external_ids: Vec<&str> = external_ids.iter().map(String::as_str).collect();
        let contact = cells::contact(selection.cells(record), &external_ids);
        let taken = state.tables.take_contact(&contact);
        let (id, is_changed) = taken.map_err(|fault| OrgStateError::of_record("Contact", fault))?;
        changed += usize::from(is_changed);
        gone.remove(&id);
    }
    // A query leaves out what is in the recycle bin.
    let contacts = &mut state.tables.contacts;
    let deleted = gone.into_iter().filter(|id| contacts.delete(*id)).count();
    Ok(changed + deleted)
}

async fn reread_accounts(
    state: &mut OrgState,
    org: &Org,
    ids: &BTreeSet<AccountId>,
) -> Result<usize, OrgStateError> {
    let selection = &state.selections.account;
    let records = ask(org, "Account", &selection.soql(), "Id", ids).await?;
    let mut gone = ids.clone();
    let mut changed = 0;
    for record in &records {
        let external_ids = selection.external_id_cells(record);
        let external_ids: Vec<&str> = external_ids.iter().map(String::as_str).collect();
        let account = cells::account(selection.cells(record), &external_ids);
        let taken = state.tables.take_account(&account);
        let (id, is_changed) = taken.map_err(|fault| OrgStateError::of_record("Account", fault))?;
        changed += usize::from(is_changed);
        gone.remove(&id);
    }
    let tables = &mut state.tables;
    let deleted = gone.into_iter().filter(|id| tables.delete_account(*id));
    Ok(changed + deleted.count())
}

/// Users by their own ids and by their contacts'. One that is not answered stays as it was: users
/// are never deleted, so it is only out of sight.
async fn reread_users(
    state: &mut OrgState,
    org: &Org,
    ids: &BTreeSet<UserId>,
    contacts: &BTreeSet<ContactId>,
) -> Result<usize, OrgStateError> {
    let selection = &state.selections.user;
    let mut records = ask(org, "User", &selection.soql(), "Id", ids).await?;
    if selection.reads("ContactId") {
        records.extend(ask(org, "User", &selection.soql(), "ContactId", contacts).await?);
    }
    let mut changed = 0;
    for record in &records {
        let taken = state
            .tables
            .take_user(&cells::user(selection.cells(record)));
        let is_changed = taken.map_err(|fault| OrgStateError::of_record("User", fault))?;
        changed += usize::from(is_changed);
    }
    Ok(changed)
}

/// The generated roles of accounts; those that are new count as changes.
async fn reread_roles(
    state: &mut OrgState,
    org: &Org,
    accounts: &BTreeSet<AccountId>,
) -> Result<usize, OrgStateError> {
    let selection = &state.selections.role;
    if !selection.reads("PortalAccountId") {
        return Ok(0);
    }
    let records = ask(
        org,
        "UserRole",
        &selection.soql(),
        "PortalAccountId",
        accounts,
    )
    .await?;
    let mut new = 0;
    for record in &records {
        let taken = state
            .tables
            .take_role(&cells::role(selection.cells(record)));
        let is_new = taken.map_err(|fault| OrgStateError::of_record("UserRole", fault))?;
        new += usize::from(is_new);
    }
    Ok(new)
}

/// The ids that are of one object.
fn of_object<Id: Ord>(
    ids: &BTreeSet<RecordId>,
    parse: fn(&str) -> Result<Id, IdFault>,
) -> BTreeSet<Id> {
    ids.iter().filter_map(|id| parse(id.as_15()).ok()).collect()
}

/// The records whose `field` is one of the ids, in the order of their own ids, so that what is new
/// gets its slot by id and not by the order of answers.
async fn ask<Id: ToString>(
    org: &Org,
    object: &'static str,
    soql: &str,
    field: &str,
    ids: &BTreeSet<Id>,
) -> Result<Vec<QueryRecord>, OrgStateError> {
    let mut records = Vec::new();
    let ids: Vec<String> = ids
        .iter()
        .map(|id| format!("'{}'", id.to_string()))
        .collect();
    let head = format!("{soql} WHERE {field} IN (");
    for listed in ids.chunks(ids_per_query(&head)) {
        let answer = org.query(&format!("{head}{})", listed.join(","))).await;
        records.extend(answer.map_err(|source| OrgStateError::Org { object, source })?);
    }
    records.sort_by(|left, right| left.text("Id").cmp(right.text("Id")));
    Ok(records)
}

/// How many ids fit behind the head of a query so that the URI stays within its limit.
fn ids_per_query(head: &str) -> usize {
    // Whatever is no letter or digit may take three bytes once encoded.
    let encoded: usize = head
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 })
        .sum();
    (SOQL_URI_BYTES_MAX.saturating_sub(PATH_BYTES + encoded) / LISTED_ID_BYTES).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_ids_fills_the_uri_and_never_passes_it() {
        for head in [
            "SELECT Id FROM User WHERE Id IN (",
            &"Field__c, ".repeat(300),
        ] {
            let count = ids_per_query(head);
            let soql = format!("{head}{})", vec!["'003000000000001AAA'"; count].join(","));
            let plain = soql.bytes().filter(u8::is_ascii_alphanumeric).count();
            let bytes = PATH_BYTES + plain + 3 * (soql.len() - plain);
            assert!(bytes <= SOQL_URI_BYTES_MAX, "{bytes}");
            assert!(bytes > SOQL_URI_BYTES_MAX - 2 * LISTED_ID_BYTES, "{bytes}");
        }
    }
}
