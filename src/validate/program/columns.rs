//! Which columns of the file are sent as which User field, and what fills the others.

use std::borrow::Cow;

use super::KeyColumns;
use super::sets::Sets;
use crate::model::columns::{ColumnRole, Field, Layout, UserField};
use crate::model::rejection::Code;
use crate::org_state::{FieldFacts, OrgState};
use crate::validate::error::GateFault;
use crate::validate::fields::{Meaning, SentField};
use crate::validate::value::{Check, Keys};

/// Fields that are never written, whatever the describe says: derived by the platform
/// (external-users 1.1), dangerous (`IsPortalEnabled`, R-904), or better left to the platform
/// (`UserRoleId`, R-501, R-503).
pub(super) const NEVER_SENT: &[&str] = &[
    "Id",
    "AccountId",
    "UserType",
    "Name",
    "IsPortalEnabled",
    "LastLoginDate",
    "UserRoleId",
];

/// Fields every row is sent with, in this order, after `Username` and `ContactId`.
const ALWAYS_SENT: &[&str] = &[
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

/// What the file's columns are for, after asking the describe.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) keys: KeyColumns,
    /// Headers of columns that are only repeated in the outputs.
    pub(super) passed_through: Vec<String>,
    /// API name of a User field and the column that fills it, in file order.
    fields: Vec<(String, usize)>,
}

impl Claims {
    /// Resolves every column; columns that can only be a mistake are faults.
    pub(super) fn of(layout: &Layout, org: &OrgState, faults: &mut Vec<GateFault>) -> Self {
        let mut claims = Self::default();
        for (position, column) in layout.columns().iter().enumerate() {
            let header = &column.header;
            let result = match &column.role {
                ColumnRole::Known(field) => claims.known(*field, position, header, org),
                ColumnRole::UserField(name) => claims.explicit(name, position, org),
                ColumnRole::Other => claims.other(position, header, org),
                ColumnRole::ContactExternalId(field) => {
                    claims.keys.contact_external.push((position, field.clone()));
                    Ok(())
                }
                ColumnRole::AccountExternalId(field) => {
                    claims.keys.account_external.push((position, field.clone()));
                    Ok(())
                }
                ColumnRole::Ours => Ok(()),
            };
            if let Err((code, why)) = result {
                faults.push(GateFault::Column {
                    code,
                    header: header.clone(),
                    why,
                });
            }
        }
        claims
    }

    /// The column that fills a User field.
    pub(super) fn column_of(&self, api_name: &str) -> Option<usize> {
        self.fields
            .iter()
            .find(|(name, _)| name == api_name)
            .map(|(_, column)| *column)
    }

    fn known(
        &mut self,
        field: Field,
        position: usize,
        header: &str,
        org: &OrgState,
    ) -> Result<(), (Code, String)> {
        match field {
            Field::ContactId => self.keys.contact_id = Some(position),
            Field::AccountId => self.keys.account_id = Some(position),
            Field::Profile => self.keys.profile = Some(position),
            Field::License => self.keys.license = Some(position),
            Field::PermissionSets => self.keys.permission_sets = Some(position),
            Field::Email => {
                self.keys.email = Some(position);
                return self.claim("Email", position);
            }
            Field::PortalRole => return self.explicit("PortalRole", position, org),
            Field::User(field) => return self.explicit(field.api_name(), position, org),
            Field::EndDate => {
                self.keys.end_date = Some(position);
                self.passed_through.push(header.to_owned());
            }
            Field::Purpose | Field::Status => self.passed_through.push(header.to_owned()),
        }
        Ok(())
    }

    /// A column that says it is this User field: it must be writable.
    fn explicit(
        &mut self,
        name: &str,
        position: usize,
        org: &OrgState,
    ) -> Result<(), (Code, String)> {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        if is("ContactId") {
            return fill(&mut self.keys.contact_id, position, "ContactId");
        }
        if is("ProfileId") {
            return fill(&mut self.keys.profile, position, "ProfileId");
        }
        if is_feature_license(name) {
            return Err((
                Code::FeatureLicenseColumn,
                "it takes a feature licence".to_owned(),
            ));
        }
        let refuse = |why: String| Err((Code::ColumnNotWritable, why));
        if NEVER_SENT.iter().any(|never| is(never)) {
            return refuse(format!("admit never writes User.{name}"));
        }
        match describe_of(name, org) {
            None => refuse(format!("User has no field {name} in this org")),
            Some(facts) if !facts.createable => refuse(format!(
                "the running user cannot write User.{}",
                facts.api_name
            )),
            Some(facts) => {
                if facts.api_name == "Email" {
                    self.keys.email = self.keys.email.or(Some(position));
                }
                self.claim(&facts.api_name, position)
            }
        }
    }

    /// A column that says nothing: sent when its header is the API name or the label of a User
    /// field that can be written, else passed through.
    fn other(
        &mut self,
        position: usize,
        header: &str,
        org: &OrgState,
    ) -> Result<(), (Code, String)> {
        let name = header.trim();
        if is_feature_license(name) {
            return Err((
                Code::FeatureLicenseColumn,
                "it takes a feature licence".to_owned(),
            ));
        }
        let facts = org.user_field(name).or_else(|| labelled(name, org));
        let is_sent = |facts: &&FieldFacts| {
            facts.createable && !NEVER_SENT.contains(&facts.api_name.as_str())
        };
        match facts.filter(is_sent) {
            Some(facts) if self.column_of(&facts.api_name).is_none() => {
                self.explicit(&facts.api_name, position, org)
            }
            _ => {
                self.passed_through.push(header.to_owned());
                Ok(())
            }
        }
    }

    fn claim(&mut self, api_name: &str, position: usize) -> Result<(), (Code, String)> {
        if self.column_of(api_name).is_some() {
            let why = format!("another column fills User.{api_name} already");
            return Err((Code::ColumnNotWritable, why));
        }
        self.fields.push((api_name.to_owned(), position));
        Ok(())
    }
}

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
    let others = claims.fields.iter().map(|(name, _)| name.as_str());
    let others = others
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
    let missing = match name {
        "LastName" => Some(Code::LastNameMissing),
        "Email" => Some(Code::EmailMissing),
        "CurrencyIsoCode" if org.is_multi_currency() => Some(Code::CurrencyUnknown),
        "TimeZoneSidKey" | "LocaleSidKey" | "LanguageLocaleKey" | "EmailEncodingKey" => {
            Some(Code::RequiredFieldMissing)
        }
        _ => facts
            .filter(|facts| is_required_custom(facts))
            .map(|_| Code::RequiredFieldMissing),
    };
    SentField {
        name: name.to_owned(),
        label,
        column,
        fallback,
        check,
        missing,
        meaning,
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
    match org.org_default(name).filter(|_| has_org_default) {
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

/// The only writable field with this label, compared without regard to case.
fn labelled<'a>(label: &str, org: &'a OrgState) -> Option<&'a FieldFacts> {
    let fits = |facts: &&FieldFacts| facts.createable && facts.label.eq_ignore_ascii_case(label);
    let mut found = org.user_fields().iter().filter(fits);
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn fill(key: &mut Option<usize>, position: usize, name: &str) -> Result<(), (Code, String)> {
    if key.is_some() {
        let why = format!("another column fills User.{name} already");
        return Err((Code::ColumnNotWritable, why));
    }
    *key = Some(position);
    Ok(())
}

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
