//! The describe of User as the program needs it: with the reference's lengths where it is silent.

use std::borrow::Cow;

use crate::model::columns::UserField;
use crate::org_state::{FieldFacts, OrgState};

/// Fields every row is sent with, in this order, after `Username` and `ContactId`.
pub(super) const ALWAYS_SENT: &[&str] = &[
    "ProfileId",
    "LastName",
    "FirstName",
    "Email",
    "Alias",
    "CommunityNickname",
    "TimeZoneSidKey",
    "LocaleSidKey",
    "LanguageLocaleKey",
    "EmailEncodingKey",
];

/// Longest value of a field in characters; 0 where length is not what limits it.
pub(super) fn length_of(api_name: &str, org: &OrgState) -> usize {
    describe_of(api_name, org).map_or(0, |facts| facts.length)
}

/// The field as the describe shows it; for the fields admit knows, as the reference has it
/// where the describe does not.
pub(super) fn describe_of<'a>(name: &str, org: &'a OrgState) -> Option<Cow<'a, FieldFacts>> {
    if let Some(facts) = org.user_field(name) {
        return Some(Cow::Borrowed(facts));
    }
    let is_named = |field: &&UserField| field.api_name().eq_ignore_ascii_case(name);
    let always = |known: &str| ALWAYS_SENT.contains(&known) || known == "Username";
    match UserField::ALL.iter().find(is_named) {
        Some(field) if always(field.api_name()) => {
            let length = field.length_max_fallback();
            Some(Cow::Owned(text_field(field.api_name(), "string", length)))
        }
        None if name == "Email" => Some(Cow::Owned(text_field(name, "email", EMAIL_LENGTH))),
        _ => None,
    }
}

/// Does the column or setting switch on a feature licence?
pub(super) fn is_feature_license(name: &str) -> bool {
    const PREFIX: &str = "UserPermissions";
    name.get(..PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Longest e-mail address where the describe does not say (external-users 1.1).
const EMAIL_LENGTH: usize = 128;

fn text_field(api_name: &str, kind: &str, length: usize) -> FieldFacts {
    FieldFacts {
        api_name: api_name.to_owned(),
        label: api_name.to_owned(),
        kind: kind.to_owned(),
        length,
        createable: true,
        required: false,
        scale: 0,
        precision: 0,
        picklist: None,
    }
}
