//! Which columns of the file say who the person is, which are sent as which User field, and which
//! only pass through.

use super::KeyColumns;
use super::describe::{describe_of, is_feature_license};
use crate::model::columns::{ColumnRole, Field, Layout};
use crate::model::rejection::Code;
use crate::org_state::{FieldFacts, OrgState};
use crate::validate::error::GateFault;

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
        claims.keys.earlier_code = layout.of_earlier_run("admit__Code");
        claims.keys.earlier_raw = layout.of_earlier_run("admit__Raw");
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

    /// The User fields that columns fill, in file order.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
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
        if let Some(facts) = facts.filter(is_sent) {
            // A field named twice, by label and by API name, is refused: which column is meant?
            return self.explicit(&facts.api_name, position, org);
        }
        self.passed_through.push(header.to_owned());
        Ok(())
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
