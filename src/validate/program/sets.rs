//! `--set Field=Value`: one value for every row that does not give its own, checked once.

use std::collections::BTreeMap;

use super::columns::NEVER_SENT;
use super::describe::{describe_of, is_feature_license};
use crate::model::columns::UserField;
use crate::model::rejection::Code;
use crate::org_state::OrgState;
use crate::validate::error::GateFault;
use crate::validate::sight::is_spreadsheet_error;
use crate::validate::value::Check;

/// The values, by API name; a later one replaces an earlier one.
#[derive(Debug, Default)]
pub(super) struct Sets {
    values: BTreeMap<String, String>,
    /// API names in the order they were first given.
    order: Vec<String>,
}

/// Fields that differ from person to person, with what to use instead.
const PER_PERSON: &[(&str, &str)] = &[
    ("Username", "use `--username-pattern`"),
    ("ContactId", "it is what the rows are about"),
    ("ProfileId", "use `--profile`"),
    ("CommunityNickname", "every user needs another one"),
    ("FederationIdentifier", "every user needs another one"),
];

impl Sets {
    /// Resolves names against the describe and checks every value.
    pub(super) fn of(
        given: &[(String, String)],
        org: &OrgState,
        faults: &mut Vec<GateFault>,
    ) -> Self {
        let mut sets = Self::default();
        for (field, value) in given {
            match checked(field, value.trim(), org) {
                Ok((name, value)) => {
                    if !sets.order.contains(&name) {
                        sets.order.push(name.clone());
                    }
                    sets.values.insert(name, value);
                }
                Err((code, why)) => {
                    faults.push(GateFault::Set {
                        code,
                        field: field.clone(),
                        why,
                    });
                }
            }
        }
        sets
    }

    /// The value for a field, if one was given.
    pub(super) fn value_of(&self, api_name: &str) -> Option<&str> {
        self.values.get(api_name).map(String::as_str)
    }

    /// The fields, in the order they were first given.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.order.iter().map(String::as_str)
    }
}

/// The field's API name and the value as it is sent.
fn checked(field: &str, value: &str, org: &OrgState) -> Result<(String, String), (Code, String)> {
    let refuse = |why: &str| Err((Code::ColumnNotWritable, why.to_owned()));
    let typed = api_name(field.trim());
    let is_typed = |name: &str| name.eq_ignore_ascii_case(typed);
    if let Some((_, instead)) = PER_PERSON.iter().find(|(name, _)| is_typed(name)) {
        return refuse(instead);
    }
    if is_feature_license(typed) {
        return Err((
            Code::FeatureLicenseColumn,
            "it takes a feature licence".to_owned(),
        ));
    }
    if NEVER_SENT.iter().any(|name| is_typed(name)) {
        return refuse("admit never writes it");
    }
    let Some(facts) = describe_of(typed, org) else {
        return refuse("User has no such field in this org");
    };
    if !facts.createable {
        return refuse("the running user cannot write it");
    }
    if value.is_empty() {
        return Err((Code::ValueInvalid, "it has no value".to_owned()));
    }
    if is_spreadsheet_error(value) {
        let why = format!("{value} is a spreadsheet's error text");
        return Err((Code::SpreadsheetError, why));
    }
    match Check::of(&facts).fit(value.into()) {
        Ok(value) => Ok((facts.api_name.clone(), value.into_owned())),
        Err(misfit) => Err((misfit.code(), format!("{value:?} {misfit}"))),
    }
}

/// The API name behind an alias that headers may use too; anything else stands as it was typed.
fn api_name(typed: &str) -> &str {
    let typed = typed.strip_prefix("User.").unwrap_or(typed);
    if ["Role", "Portal Role"]
        .iter()
        .any(|alias| alias.eq_ignore_ascii_case(typed))
    {
        return "PortalRole";
    }
    let is_alias = |alias: &str| alias.eq_ignore_ascii_case(typed);
    let known = UserField::ALL
        .iter()
        .find(|field| field.aliases().iter().any(|alias| is_alias(alias)));
    known.map_or(typed, |field| field.api_name())
}
