//! How the constant tables of standard objects are written, and how they become this org's fields.

use std::collections::HashMap;

use super::super::clock;
use super::super::facts::OrgFacts;
use super::{Feature, Field, FieldType, Kind, PickValue};

/// One field of a standard object, as the constant tables write it.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "describe is a table of booleans"
)]
pub(super) struct Standard {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: FieldType,
    pub(super) length: usize,
    pub(super) createable: bool,
    pub(super) updateable: bool,
    pub(super) nillable: bool,
    pub(super) default: Option<&'static str>,
    pub(super) restricted: bool,
    pub(super) unique: bool,
    pub(super) id_lookup: bool,
    pub(super) indexed: bool,
    pub(super) references: &'static [Kind],
    pub(super) relationship: Option<&'static str>,
    pub(super) values: &'static [&'static str],
    pub(super) feature: Feature,
}

/// One object as the constant tables write it.
pub(super) struct StandardObject {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) prefix: &'static str,
    pub(super) createable: bool,
    pub(super) updateable: bool,
    pub(super) deletable: bool,
    pub(super) feature: Feature,
    pub(super) fields: &'static [&'static [Standard]],
}

impl Standard {
    /// A new field: writable, optional.
    pub(super) const fn new(
        name: &'static str,
        label: &'static str,
        kind: FieldType,
        length: usize,
    ) -> Self {
        Self {
            name,
            label,
            kind,
            length,
            createable: true,
            updateable: true,
            nillable: true,
            default: None,
            restricted: false,
            unique: false,
            id_lookup: false,
            indexed: false,
            references: &[],
            relationship: None,
            values: &[],
            feature: Feature::Always,
        }
    }

    pub(super) const fn required(mut self) -> Self {
        self.nillable = false;
        self
    }

    pub(super) const fn default(mut self, value: &'static str) -> Self {
        self.nillable = false;
        self.default = Some(value);
        self
    }

    pub(super) const fn read_only(mut self) -> Self {
        self.createable = false;
        self.updateable = false;
        self
    }

    pub(super) const fn update_only(mut self) -> Self {
        self.createable = false;
        self
    }

    pub(super) const fn create_only(mut self) -> Self {
        self.updateable = false;
        self
    }

    pub(super) const fn unique(mut self) -> Self {
        self.unique = true;
        self.indexed = true;
        self
    }

    pub(super) const fn id_lookup(mut self) -> Self {
        self.id_lookup = true;
        self
    }

    pub(super) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(super) const fn only_with(mut self, feature: Feature) -> Self {
        self.feature = feature;
        self
    }

    pub(super) const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self.restricted = true;
        self
    }

    pub(super) const fn restricted(mut self) -> Self {
        self.restricted = true;
        self
    }

    /// The field as this org has it.
    pub(super) fn in_org(&self, org: &OrgFacts, values: &HashMap<String, Vec<PickValue>>) -> Field {
        let currency = self.name.ends_with("CurrencyIsoCode");
        let values = match values.get(self.name) {
            Some(seeded) => seeded.clone(),
            None if currency => org.currencies().map(PickValue::plain).collect(),
            None if self.name == "PortalRole" => org.portal_roles().map(PickValue::plain).collect(),
            None => self.values.iter().copied().map(PickValue::plain).collect(),
        };
        let fallback = match (self.kind, self.name) {
            (FieldType::Boolean, _) => "false",
            (FieldType::DateTime, "CreatedDate" | "LastModifiedDate" | "SystemModstamp") => {
                clock::SEEDED_AT
            }
            (_, "CreatedById" | "LastModifiedById") => org.running_user.as_str(),
            _ => "",
        };
        Field {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            kind: self.kind,
            length: self.length,
            createable: self.createable,
            updateable: self.updateable,
            nillable: self.nillable,
            default: self.default.map(str::to_owned),
            fallback: fallback.to_owned(),
            restricted: self.restricted,
            unique: self.unique,
            external_id: false,
            id_lookup: self.id_lookup,
            indexed: self.indexed,
            references: self.references.to_vec(),
            relationship: self.relationship.map(str::to_owned),
            values,
        }
    }
}

pub(super) const fn text(name: &'static str, label: &'static str, length: usize) -> Standard {
    Standard::new(name, label, FieldType::Text, length)
}

pub(super) const fn phone(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::Phone, 40)
}

pub(super) const fn area(name: &'static str, label: &'static str, length: usize) -> Standard {
    Standard::new(name, label, FieldType::TextArea, length)
}

pub(super) const fn email(name: &'static str, label: &'static str, length: usize) -> Standard {
    Standard::new(name, label, FieldType::Email, length)
}

pub(super) const fn picklist(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::Picklist, 40)
}

pub(super) const fn number(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::Int, 0)
}

pub(super) const fn currency_code(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::Picklist, 3)
        .restricted()
        .only_with(Feature::MultiCurrency)
}

/// A boolean; every boolean of the platform has a value, so it is never null.
pub(super) const fn boolean(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::Boolean, 0).default("false")
}

pub(super) const fn moment(name: &'static str, label: &'static str) -> Standard {
    Standard::new(name, label, FieldType::DateTime, 0)
}

/// A lookup: field, label, relationship name, targets.
pub(super) const fn lookup(
    name: &'static str,
    label: &'static str,
    relationship: &'static str,
    references: &'static [Kind],
) -> Standard {
    let mut field = Standard::new(name, label, FieldType::Reference, 18);
    field.relationship = Some(relationship);
    field.references = references;
    field.indexed = true;
    field
}

pub(super) const ID: Standard = Standard::new("Id", "Record ID", FieldType::Id, 18)
    .default("")
    .id_lookup()
    .read_only();

/// The fields every object carries at its end (R-1304).
pub(super) const SYSTEM: &[Standard] = &[
    moment("CreatedDate", "Created Date")
        .default("")
        .read_only(),
    trail("CreatedById", "Created By ID", "CreatedBy"),
    moment("LastModifiedDate", "Last Modified Date")
        .default("")
        .read_only(),
    trail("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
    moment("SystemModstamp", "System Modstamp")
        .default("")
        .read_only(),
];

/// Who touched a record: never searched by, so it has no index.
pub(super) const fn trail(
    name: &'static str,
    label: &'static str,
    relationship: &'static str,
) -> Standard {
    let mut field = lookup(name, label, relationship, &[Kind::User])
        .default("")
        .read_only();
    field.indexed = false;
    field
}
