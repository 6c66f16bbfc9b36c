//! Which fields of the four big objects are read: those the describe returns, and no others
//! (R-1308). One selection serves the bulk query of a pull and the queries by id of a re-read.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::error::OrgStateError;
use super::records::{Comparison, ExternalIdField, ExternalIds};
use crate::salesforce::{Describe, QueryRecord};

/// A field admit has a use for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    name: &'static str,
    need: Need,
}

/// What it means that an org does not show a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The running user may not read it: without it we would say false things of records.
    Always,
    /// The org lacks a feature, or nothing but a convenience is lost.
    WhereShown,
}

const fn always(name: &'static str) -> Field {
    Field {
        name,
        need: Need::Always,
    }
}

const fn where_shown(name: &'static str) -> Field {
    Field {
        name,
        need: Need::WhereShown,
    }
}

/// When a record last changed; the last field of every object (R-1304).
const STAMP: &str = "SystemModstamp";

const CONTACT: [Field; 8] = [
    always("Id"),
    always("AccountId"),
    always("FirstName"),
    always("LastName"),
    always("Email"),
    always("IsDeleted"),
    where_shown("MasterRecordId"),
    where_shown(STAMP),
];

const ACCOUNT: [Field; 8] = [
    always("Id"),
    always("Name"),
    always("OwnerId"),
    where_shown("IsPartner"),
    where_shown("IsPersonAccount"),
    where_shown("PersonContactId"),
    always("IsDeleted"),
    where_shown(STAMP),
];

// `ContactId` and `AccountId` are there only with Digital Experiences or an older portal.
const USER: [Field; 12] = [
    always("Id"),
    always("Username"),
    where_shown("CommunityNickname"),
    where_shown("FederationIdentifier"),
    where_shown("Name"),
    where_shown("ContactId"),
    where_shown("AccountId"),
    always("ProfileId"),
    where_shown("UserRoleId"),
    always("UserType"),
    always("IsActive"),
    where_shown(STAMP),
];

const ROLE: [Field; 6] = [
    always("Id"),
    where_shown("PortalType"),
    where_shown("PortalRole"),
    where_shown("PortalAccountId"),
    where_shown("PortalAccountOwnerId"),
    where_shown(STAMP),
];

/// The fields of one object that are read, external ids last.
#[derive(Debug, Clone)]
pub(super) struct Selection<const N: usize> {
    pub(super) object: &'static str,
    fields: [Field; N],
    shown: [bool; N],
    external_ids: Vec<String>,
}

/// Those of all four.
#[derive(Debug, Clone)]
pub(super) struct Selections {
    pub(super) contact: Selection<8>,
    pub(super) account: Selection<8>,
    pub(super) user: Selection<12>,
    pub(super) role: Selection<6>,
}

/// What the org says of the four objects.
pub(super) struct Describes {
    pub(super) contact: Describe,
    pub(super) account: Describe,
    pub(super) user: Describe,
    pub(super) role: Describe,
}

impl Selections {
    /// The fields every org shows.
    pub(super) fn of_any_org(external_ids: &ExternalIds) -> Self {
        Self {
            contact: Selection::of_any_org("Contact", CONTACT, &external_ids.contact),
            account: Selection::of_any_org("Account", ACCOUNT, &external_ids.account),
            user: Selection::of_any_org("User", USER, &[]),
            role: Selection::of_any_org("UserRole", ROLE, &[]),
        }
    }

    /// The fields this org shows.
    pub(super) fn shown(
        describes: &Describes,
        external_ids: &ExternalIds,
    ) -> Result<Self, OrgStateError> {
        let any = Self::of_any_org(external_ids);
        Ok(Self {
            contact: any.contact.shown_by(&describes.contact)?,
            account: any.account.shown_by(&describes.account)?,
            user: any.user.shown_by(&describes.user)?,
            role: any.role.shown_by(&describes.role)?,
        })
    }
}

impl Selections {
    /// The names of the fields that are read, without external ids, by object.
    pub(super) fn shown_fields(&self) -> BTreeMap<String, Vec<String>> {
        let Self {
            contact,
            account,
            user,
            role,
        } = self;
        [
            (contact.object, contact.shown_names()),
            (account.object, account.shown_names()),
            (user.object, user.shown_names()),
            (role.object, role.shown_names()),
        ]
        .into_iter()
        .map(|(object, names)| {
            (
                object.to_owned(),
                names.into_iter().map(str::to_owned).collect(),
            )
        })
        .collect()
    }

    /// Selections of these fields, as [`Self::shown_fields`] gave them.
    pub(super) fn of_fields(
        fields: &BTreeMap<String, Vec<String>>,
        external_ids: &ExternalIds,
    ) -> Self {
        let any = Self::of_any_org(external_ids);
        Self {
            contact: any.contact.of_fields(fields),
            account: any.account.of_fields(fields),
            user: any.user.of_fields(fields),
            role: any.role.of_fields(fields),
        }
    }
}

/// Finds the fields a file's headers name among the external ids of an object.
pub(super) fn external_ids(
    object: &'static str,
    wanted: &[String],
    describe: &Describe,
) -> Result<Vec<ExternalIdField>, OrgStateError> {
    let keys = || {
        describe
            .fields
            .iter()
            .filter(|field| field.external_id || field.unique)
    };
    let mut found: Vec<ExternalIdField> = Vec::new();
    for name in wanted {
        let Some(field) = keys().find(|field| field.name.eq_ignore_ascii_case(name)) else {
            let existing = keys().map(|field| field.name.clone()).collect();
            return Err(OrgStateError::ExternalIdUnknown {
                object,
                field: name.clone(),
                existing,
            });
        };
        if found.iter().any(|known| known.name == field.name) {
            continue;
        }
        let comparison = match field.field_type.as_str() {
            "double" | "int" | "long" | "currency" | "percent" => Comparison::Number,
            _ => Comparison::Folded,
        };
        found.push(ExternalIdField {
            name: field.name.clone(),
            comparison,
        });
    }
    Ok(found)
}

impl<const N: usize> Selection<N> {
    fn of_any_org(
        object: &'static str,
        fields: [Field; N],
        external_ids: &[ExternalIdField],
    ) -> Self {
        let external_ids = external_ids
            .iter()
            .map(|field| field.name.clone())
            .collect();
        let shown = fields.map(|field| field.need == Need::Always);
        Self {
            object,
            fields,
            shown,
            external_ids,
        }
    }

    fn shown_by(mut self, describe: &Describe) -> Result<Self, OrgStateError> {
        self.shown = self
            .fields
            .map(|field| describe.fields.iter().any(|shown| shown.name == field.name));
        let hidden = |(field, shown): &(&Field, &bool)| field.need == Need::Always && !**shown;
        match self.fields.iter().zip(&self.shown).find(hidden) {
            Some((field, _)) => Err(OrgStateError::FieldHidden {
                object: self.object,
                field: field.name,
            }),
            None => Ok(self),
        }
    }

    fn of_fields(mut self, fields: &BTreeMap<String, Vec<String>>) -> Self {
        let names = fields.get(self.object).map_or(&[][..], Vec::as_slice);
        self.shown = self
            .fields
            .map(|field| names.iter().any(|name| name == field.name));
        self
    }

    /// Where the fields that are read stand among all.
    pub(super) fn shown_places(&self) -> Vec<usize> {
        (0..N).filter(|place| self.shown[*place]).collect()
    }

    /// The name of the field at a place.
    pub(super) fn field_name(&self, place: usize) -> &'static str {
        self.fields[place].name
    }

    /// The external ids that are read.
    pub(super) fn external_id_names(&self) -> impl Iterator<Item = &str> {
        self.external_ids.iter().map(String::as_str)
    }

    fn shown_names(&self) -> Vec<&'static str> {
        let fields = self.fields.iter().zip(self.shown);
        let shown = fields.filter(|(_, shown)| *shown);
        shown.map(|(field, _)| field.name).collect()
    }

    /// Is the field read?
    pub(super) fn reads(&self, name: &str) -> bool {
        self.names().any(|read| read == name)
    }

    /// The query of all records, without a condition.
    pub(super) fn soql(&self) -> String {
        let names: Vec<&str> = self.names().collect();
        format!("SELECT {} FROM {}", names.join(", "), self.object)
    }

    /// Where the columns of a bulk query's answer stand.
    pub(super) fn places(&self, columns: &StringRecord) -> Result<Places<N>, OrgStateError> {
        let place = |name: &str| columns.iter().position(|column| column == name);
        if let Some(missing) = self.names().find(|name| place(name).is_none()) {
            let column = missing.to_owned();
            return Err(OrgStateError::ColumnMissing {
                object: self.object,
                column,
            });
        }
        Ok(Places {
            // What is not shown was not asked for, so it has no column.
            fields: self.fields.map(|field| place(field.name)),
            external_ids: self
                .external_ids
                .iter()
                .filter_map(|name| place(name))
                .collect(),
        })
    }

    /// The values of a REST query's record, in the order of the fields.
    pub(super) fn cells<'a>(&self, record: &'a QueryRecord) -> [&'a str; N] {
        self.fields.map(|field| record.text(field.name))
    }

    /// The external ids of a REST query's record; numbers as a bulk query writes them.
    pub(super) fn external_id_cells(&self, record: &QueryRecord) -> Vec<String> {
        let cell = |name: &String| match record.text(name) {
            "" => record
                .number(name)
                .map_or_else(String::new, |number| format!("{number:?}")),
            text => text.to_owned(),
        };
        self.external_ids.iter().map(cell).collect()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let shown = self
            .fields
            .iter()
            .zip(&self.shown)
            .filter(|(_, shown)| **shown);
        shown
            .map(|(field, _)| field.name)
            .chain(self.external_ids.iter().map(String::as_str))
    }
}

/// Positions in a row of a bulk query's answer.
pub(super) struct Places<const N: usize> {
    fields: [Option<usize>; N],
    external_ids: Vec<usize>,
}

impl<const N: usize> Places<N> {
    /// The values of a row, in the order of the fields; empty where the org has no such field.
    pub(super) fn cells<'a>(&self, row: &'a StringRecord) -> [&'a str; N] {
        self.fields
            .map(|place| place.and_then(|place| row.get(place)).unwrap_or_default())
    }

    /// The external ids of a row.
    pub(super) fn external_id_cells<'a>(&self, row: &'a StringRecord) -> Vec<&'a str> {
        self.external_ids
            .iter()
            .map(|place| row.get(*place).unwrap_or_default())
            .collect()
    }
}
