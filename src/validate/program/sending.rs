//! The fields of the job data, in the order they are sent, and what fills each where a row is
//! silent.

use super::columns::Claims;
use super::describe::{ALWAYS_SENT, describe_of};
use super::sets::Sets;
use crate::model::rejection::Code;
use crate::model::user::push_job_cell;
use crate::org_state::{FieldFacts, OrgState};
use crate::validate::fields::{Meaning, SentField};
use crate::validate::value::{Check, Keys};

/// Fields sent next, when the file, a `--set` or the org asks for them.
const SENT_NEXT: &[&str] = &[
    "IsActive",
    "PortalRole",
    "FederationIdentifier",
    "CurrencyIsoCode",
    "DefaultCurrencyIsoCode",
];

/// The portal roles where the describe does not say.
const PORTAL_ROLES: &[&str] = &["Executive", "Manager", "User"];

/// The e-mail encoding of orgs that have no default of their own (external-users 1.3); never
/// silent: it stands among the defaults in use.
const EMAIL_ENCODING: &str = "UTF-8";

/// The fields after `Username` and `ContactId` in the order they are sent, and the defaults in
/// use as people read them.
pub(super) fn sent_fields(
    claims: &Claims,
    sets: &Sets,
    org: &OrgState,
) -> (Vec<SentField>, Vec<String>) {
    let is_asked = |name: &str| claims.column_of(name).is_some() || sets.value_of(name).is_some();
    let next = SENT_NEXT
        .iter()
        .filter(|name| is_asked(name) || org_asks_for(name, org));
    let mut names: Vec<&str> = ALWAYS_SENT.iter().chain(next).copied().collect();
    let required = org
        .user_fields()
        .iter()
        .filter(|facts| is_required_custom(facts));
    let others = claims
        .fields()
        .chain(sets.fields())
        .chain(required.map(|facts| facts.api_name.as_str()));
    for name in others {
        if name != "Username" && !names.contains(&name) {
            names.push(name);
        }
    }

    let mut defaults = Vec::new();
    let fields = names.into_iter().map(|name| {
        let (fallback, origin) = fallback_of(name, sets, org);
        if let Some(value) = &fallback {
            defaults.push(format!("{name}={value} ({origin})"));
        }
        sent_field(name, claims.column_of(name), fallback, org)
    });
    let fields = fields.collect();
    (fields, defaults)
}

fn sent_field(
    name: &str,
    column: Option<usize>,
    fallback: Option<String>,
    org: &OrgState,
) -> SentField {
    let facts = describe_of(name, org);
    let label = facts
        .as_ref()
        .map_or_else(|| name.to_owned(), |facts| facts.label.clone());
    let mut check = facts
        .as_ref()
        .map_or(Check::Text(0), |facts| Check::of(facts));
    let meaning = Meaning::of(name);
    if meaning == Meaning::PortalRole && !matches!(check, Check::Picklist(_)) {
        let roles = PORTAL_ROLES
            .iter()
            .map(|role| ((*role).to_owned(), true))
            .collect();
        check = Check::Picklist(Keys::new(roles, Code::RoleUnknown));
    }
    let is_required = facts.as_ref().is_some_and(|facts| facts.required);
    let is_custom = facts
        .as_ref()
        .is_some_and(|facts| is_required_custom(facts));
    let missing = match name {
        "LastName" => Some(Code::LastNameMissing),
        "Email" => Some(Code::EmailMissing),
        "CurrencyIsoCode" if org.is_multi_currency() => Some(Code::CurrencyUnknown),
        "DefaultCurrencyIsoCode" if is_required => Some(Code::CurrencyUnknown),
        "TimeZoneSidKey" | "LocaleSidKey" | "LanguageLocaleKey" | "EmailEncodingKey" => {
            Some(Code::RequiredFieldMissing)
        }
        _ => is_custom.then_some(Code::RequiredFieldMissing),
    };
    let is_constant = column.is_none() && meaning == Meaning::Plain;
    let constant = fallback.as_ref().filter(|_| is_constant).map(|value| {
        let mut cell = Vec::new();
        push_job_cell(&mut cell, value);
        cell
    });
    let name = name.to_owned();
    SentField {
        name,
        label,
        column,
        fallback,
        check,
        missing,
        meaning,
        constant,
    }
}

/// What fills the field where the row is silent, and where that comes from.
fn fallback_of(name: &str, sets: &Sets, org: &OrgState) -> (Option<String>, &'static str) {
    if let Some(value) = sets.value_of(name) {
        return (Some(value.to_owned()), "--set");
    }
    let has_org_default = matches!(
        name,
        "TimeZoneSidKey"
            | "LocaleSidKey"
            | "LanguageLocaleKey"
            | "EmailEncodingKey"
            | "CurrencyIsoCode"
            | "DefaultCurrencyIsoCode"
    );
    // The currency a user works in is the org's as long as nobody says otherwise.
    let asked = if name == "DefaultCurrencyIsoCode" {
        "CurrencyIsoCode"
    } else {
        name
    };
    let held = org.org_default(name).or_else(|| org.org_default(asked));
    match held.filter(|_| has_org_default) {
        Some(value) => (Some(value.to_owned()), "the org's default"),
        None if name == "EmailEncodingKey" => (Some(EMAIL_ENCODING.to_owned()), "admit's default"),
        None => (None, ""),
    }
}

/// Orgs with several currencies want one for every user.
fn org_asks_for(name: &str, org: &OrgState) -> bool {
    let is_writable = |facts: &FieldFacts| facts.createable;
    match name {
        "CurrencyIsoCode" => {
            org.is_multi_currency() && org.user_field(name).is_some_and(is_writable)
        }
        "DefaultCurrencyIsoCode" => {
            org.is_multi_currency() && org.user_field(name).is_some_and(|facts| facts.required)
        }
        _ => false,
    }
}

/// Standard fields the describe calls required are either always sent or defaulted by the
/// platform, and a checkbox is false when it is not set: only the org's own other fields count.
fn is_required_custom(facts: &FieldFacts) -> bool {
    facts.required && facts.api_name.ends_with("__c") && facts.kind != "boolean"
}
