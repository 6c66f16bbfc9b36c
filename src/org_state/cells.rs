//! The values of a selection's fields become a record; the order is the selection's.

use super::records::{AccountRecord, ContactRecord, RoleRecord, UserRecord};

/// A Contact from the values of its fields.
pub(super) fn contact<'a>(cells: [&'a str; 8], external_ids: &'a [&'a str]) -> ContactRecord<'a> {
    let [
        id,
        account,
        first_name,
        last_name,
        email,
        is_deleted,
        merged_into,
        _stamp,
    ] = cells;
    let is_deleted = is_deleted == "true";
    ContactRecord {
        id,
        account,
        first_name,
        last_name,
        email,
        is_deleted,
        merged_into,
        external_ids,
    }
}

/// An Account from the values of its fields.
pub(super) fn account<'a>(cells: [&'a str; 8], external_ids: &'a [&'a str]) -> AccountRecord<'a> {
    let [
        id,
        name,
        owner,
        is_partner,
        is_person_account,
        person_contact,
        is_deleted,
        _stamp,
    ] = cells;
    AccountRecord {
        id,
        name,
        owner,
        is_partner: is_partner == "true",
        is_person_account: is_person_account == "true",
        person_contact,
        is_deleted: is_deleted == "true",
        external_ids,
    }
}

/// A User from the values of its fields.
pub(super) fn user(cells: [&str; 12]) -> UserRecord<'_> {
    let [
        id,
        username,
        nickname,
        federation_id,
        name,
        contact,
        account,
        profile,
        role,
        rest @ ..,
    ] = cells;
    let [user_type, is_active, _stamp] = rest;
    UserRecord {
        id,
        username,
        nickname,
        federation_id,
        name,
        contact,
        account,
        profile,
        role,
        user_type,
        is_active: is_active == "true",
    }
}

/// A `UserRole` from the values of its fields.
pub(super) fn role(cells: [&str; 6]) -> RoleRecord<'_> {
    let [
        id,
        portal_type,
        portal_role,
        portal_account,
        portal_account_owner,
        _stamp,
    ] = cells;
    RoleRecord {
        id,
        portal_type,
        portal_role,
        portal_account,
        portal_account_owner,
    }
}
