//! What a column's name means: API names, labels and aliases.
//!
//! Comes in: a name from a header, from `--map` or from a mapping file. Goes out: what the column
//! is for. Case and surrounding white space do not matter. One table, so that a name that is
//! missing is one line to add.

use crate::model::columns::{ColumnRole, Field, UserField};

/// Names of the fields that are not [`UserField`]s, which bring their own aliases.
const NAMES: &[(Field, &[&str])] = &[
    (Field::ContactId, &["ContactId", "Contact ID", "Contact.Id"]),
    (Field::AccountId, &["AccountId", "Account ID", "Account.Id"]),
    (Field::Email, &["Email", "E-Mail", "Email Address"]),
    (
        Field::Profile,
        &[
            "Profile",
            "ProfileId",
            "Profile ID",
            "Profile Name",
            "Profile.Id",
            "Profile.Name",
        ],
    ),
    (Field::License, &["License", "License Name", "User License"]),
    (
        Field::PortalRole,
        &["PortalRole", "Portal Role", "Portal Role Level", "Role"],
    ),
    (
        Field::PermissionSets,
        &["PermissionSets", "Permission Sets"],
    ),
    (Field::Purpose, &["Purpose"]),
    (Field::EndDate, &["EndDate", "End Date"]),
    (Field::Status, &["Status"]),
];

/// What a column of this name is for.
///
/// `Contact.X` and `Account.X` are external ids only where `X` is a custom field: exports are
/// full of `Account.Name` and the like, which say nothing about who the row is.
pub(super) fn meaning(header: &str) -> ColumnRole {
    let name = header.trim();
    if starts_with(name, "sf__") || starts_with(name, "admit__") {
        return ColumnRole::Ours;
    }
    if let Some(field) = known(name) {
        return ColumnRole::Known(field);
    }
    match related(name) {
        Some((Parent::User, field)) if is_api_name(field) => user_field(field),
        Some((Parent::Contact, field)) if is_custom(field) => {
            ColumnRole::ContactExternalId(field.to_owned())
        }
        Some((Parent::Account, field)) if is_custom(field) => {
            ColumnRole::AccountExternalId(field.to_owned())
        }
        _ => ColumnRole::Other,
    }
}

/// What a field named in a mapping is; none where it can be no field.
///
/// Data Loader writes relations as `Contact:Key__c` and `Contact:Contact-Key__c`
/// ([source](https://github.com/forcedotcom/dataloader/blob/master/src/test/resources/testfiles/data/upsertFkAccountNewFormatCsvMap.sdl));
/// both are read. A plain API name that is not known is taken for a field of User: the org's
/// describe has the last word.
pub(super) fn target(field: &str) -> Option<ColumnRole> {
    let field = field.trim();
    let name = match field.split_once(':') {
        Some((relation, rest)) => {
            let key = rest.split_once('-').map_or(rest, |(_, key)| key);
            format!("{}.{}", relation.trim(), key.trim())
        }
        None => field.to_owned(),
    };
    if let Some(known) = known(&name) {
        return Some(ColumnRole::Known(known));
    }
    match related(&name) {
        Some((_, key)) if !is_api_name(key) => None,
        Some((Parent::User, key)) => Some(user_field(key)),
        Some((Parent::Contact, key)) => Some(ColumnRole::ContactExternalId(key.to_owned())),
        Some((Parent::Account, key)) => Some(ColumnRole::AccountExternalId(key.to_owned())),
        None => is_api_name(&name).then(|| user_field(&name)),
    }
}

#[derive(Clone, Copy)]
enum Parent {
    User,
    Contact,
    Account,
}

fn related(name: &str) -> Option<(Parent, &str)> {
    let (parent, field) = name.split_once('.')?;
    let parents = [
        ("User", Parent::User),
        ("Contact", Parent::Contact),
        ("Account", Parent::Account),
    ];
    let (_, parent) = parents
        .into_iter()
        .find(|(name, _)| parent.eq_ignore_ascii_case(name))?;
    Some((parent, field))
}

/// A field of User by its API name: one we know, or one the describe will have to know.
fn user_field(name: &str) -> ColumnRole {
    known(name).map_or_else(|| ColumnRole::UserField(name.to_owned()), ColumnRole::Known)
}

fn known(name: &str) -> Option<Field> {
    let is = |alias: &&str| name.eq_ignore_ascii_case(alias);
    let own = NAMES.iter().find(|(_, names)| names.iter().any(is));
    let of_user = |field: &&UserField| is(&field.api_name()) || field.aliases().iter().any(is);
    own.map(|(field, _)| *field).or_else(|| {
        UserField::ALL
            .iter()
            .find(of_user)
            .copied()
            .map(Field::User)
    })
}

fn is_custom(field: &str) -> bool {
    is_api_name(field) && field.len() > 3 && field.to_ascii_lowercase().ends_with("__c")
}

fn is_api_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_by_api_name_label_or_alias_whatever_their_case() {
        use Field::{
            AccountId, ContactId, Email, EndDate, License, PermissionSets, PortalRole, Profile,
            Purpose, Status, User,
        };
        use UserField as U;
        let table: &[(Field, &[&str])] = &[
            (
                ContactId,
                &[
                    "ContactId",
                    "CONTACTID",
                    "Contact ID",
                    "Contact Id",
                    "Contact.Id",
                ],
            ),
            (ContactId, &[" ContactId ", "contact.id", "User.ContactId"]),
            (
                AccountId,
                &["AccountId", "Account ID", "Account.Id", "User.AccountId"],
            ),
            (
                Email,
                &["Email", "email", "E-mail", "Email Address", "User.Email"],
            ),
            (
                Profile,
                &[
                    "Profile",
                    "ProfileId",
                    "Profile Name",
                    "Profile ID",
                    "User.ProfileId",
                ],
            ),
            (
                PortalRole,
                &["Role", "PortalRole", "Portal Role", "portal role"],
            ),
            (License, &["License", "License Name", "User License"]),
            (PermissionSets, &["Permission Sets", "PermissionSets"]),
            (EndDate, &["End Date", "EndDate"]),
            (Purpose, &["Purpose"]),
            (Status, &["Status"]),
            (
                User(U::TimeZoneSidKey),
                &["TimeZone", "Time Zone", "timezonesidkey"],
            ),
            (
                User(U::LocaleSidKey),
                &["Locale", "LocaleSidKey", "User.LocaleSidKey"],
            ),
            (User(U::LanguageLocaleKey), &["Language"]),
            (User(U::EmailEncodingKey), &["Encoding"]),
            (
                User(U::CommunityNickname),
                &["Nickname", "Community Nickname"],
            ),
            (
                User(U::FederationIdentifier),
                &["Federation ID", "SAML Federation ID"],
            ),
            (User(U::IsActive), &["Active", "IsActive"]),
        ];
        for (field, headers) in table {
            for header in *headers {
                assert_eq!(meaning(header), ColumnRole::Known(*field), "{header:?}");
            }
        }
    }

    #[test]
    fn every_user_field_is_known_by_its_name_and_aliases_and_by_no_other_fields() {
        for field in UserField::ALL {
            for name in [field.api_name()].iter().chain(field.aliases()) {
                assert_eq!(
                    meaning(name),
                    ColumnRole::Known(Field::User(*field)),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn relations_and_own_columns_are_told_apart_from_the_rest() {
        let table = [
            (
                "Contact.Partner_Key__c",
                ColumnRole::ContactExternalId("Partner_Key__c".into()),
            ),
            (
                "contact.ns__Key__C",
                ColumnRole::ContactExternalId("ns__Key__C".into()),
            ),
            (
                "Account.ERP__c",
                ColumnRole::AccountExternalId("ERP__c".into()),
            ),
            ("User.Badge__c", ColumnRole::UserField("Badge__c".into())),
            (
                "User.UserPreferencesX",
                ColumnRole::UserField("UserPreferencesX".into()),
            ),
            ("sf__Id", ColumnRole::Ours),
            ("ADMIT__Line", ColumnRole::Ours),
            ("Account.Name", ColumnRole::Other),
            ("Contact.Email", ColumnRole::Other),
            ("Badge__c", ColumnRole::Other),
            ("User.", ColumnRole::Other),
            ("Contact.__c", ColumnRole::Other),
            ("Umsatz €", ColumnRole::Other),
            ("Notes", ColumnRole::Other),
        ];
        for (header, role) in table {
            assert_eq!(meaning(header), role, "{header:?}");
        }
    }

    #[test]
    fn targets_of_mappings_are_fields_of_user_or_keys_of_contact_and_account() {
        let table = [
            ("Email", Some(ColumnRole::Known(Field::Email))),
            ("user.email", Some(ColumnRole::Known(Field::Email))),
            ("Badge__c", Some(ColumnRole::UserField("Badge__c".into()))),
            (
                "Contact:Key__c",
                Some(ColumnRole::ContactExternalId("Key__c".into())),
            ),
            (
                "Contact:Contact-Key__c",
                Some(ColumnRole::ContactExternalId("Key__c".into())),
            ),
            (
                "Contact.Email",
                Some(ColumnRole::ContactExternalId("Email".into())),
            ),
            (
                "Account:Account-ERP__c",
                Some(ColumnRole::AccountExternalId("ERP__c".into())),
            ),
            ("Contact:Id", Some(ColumnRole::Known(Field::ContactId))),
            (
                "Profile:Profile-Name",
                Some(ColumnRole::Known(Field::Profile)),
            ),
            ("Manager:User-Username", None),
            ("Contact.", None),
            ("two words", None),
            ("", None),
        ];
        for (field, role) in table {
            assert_eq!(target(field), role, "{field:?}");
        }
    }
}
