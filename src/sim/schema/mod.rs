//! What objects and fields the simulated org has, written from external-users.md §1.1 and §13.1.
//!
//! Standard objects are constant tables beside this file. Which of their fields exist depends on
//! the org's features; custom fields come from the seed.

mod crm;
mod setup;
mod standard;
mod user;

use std::collections::HashMap;

use super::facts::OrgFacts;
use super::seed::CustomField;
use standard::StandardObject;

/// The objects of the simulated org, in the order a seed is loaded: what a user's derived fields
/// are read from comes before User. Also their place in the list of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Organization,
    UserLicense,
    Profile,
    UserRole,
    Account,
    Contact,
    User,
    Network,
    NetworkMemberGroup,
    NetworkMember,
    PermissionSet,
    PermissionSetAssignment,
    UserLogin,
    PersonAccountOwnerPowerUser,
    CurrencyType,
}

/// Every object, in the order of `Kind`.
pub(super) const KINDS: [Kind; 15] = [
    Kind::Organization,
    Kind::UserLicense,
    Kind::Profile,
    Kind::UserRole,
    Kind::Account,
    Kind::Contact,
    Kind::User,
    Kind::Network,
    Kind::NetworkMemberGroup,
    Kind::NetworkMember,
    Kind::PermissionSet,
    Kind::PermissionSetAssignment,
    Kind::UserLogin,
    Kind::PersonAccountOwnerPowerUser,
    Kind::CurrencyType,
];

/// Field types, by the names describe gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    Id,
    Reference,
    Text,
    TextArea,
    Email,
    Phone,
    Url,
    Picklist,
    Boolean,
    Int,
    Double,
    Currency,
    Date,
    DateTime,
}

/// What an org must have switched on or bought for a field to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    Always,
    CustomerLicenses,
    DigitalExperiences,
    MultiCurrency,
    PartnerLicenses,
    PartnerSuperUser,
    PersonAccounts,
}

/// One picklist value.
#[derive(Debug, Clone)]
pub(super) struct PickValue {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) active: bool,
}

/// One field of this org.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "describe is a table of booleans"
)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) kind: FieldType,
    /// In characters; 0 where length means nothing.
    pub(super) length: usize,
    pub(super) createable: bool,
    pub(super) updateable: bool,
    pub(super) nillable: bool,
    /// The value a new record gets when none is given.
    pub(super) default: Option<String>,
    /// What a reader sees where nothing is stored.
    pub(super) fallback: String,
    pub(super) restricted: bool,
    pub(super) unique: bool,
    pub(super) external_id: bool,
    pub(super) id_lookup: bool,
    pub(super) indexed: bool,
    pub(super) references: Vec<Kind>,
    pub(super) relationship: Option<String>,
    pub(super) values: Vec<PickValue>,
}

/// One object of this org.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "describe is a table of booleans"
)]
pub(super) struct ObjectDef {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// First three characters of its record ids.
    pub(super) prefix: &'static str,
    pub(super) createable: bool,
    pub(super) updateable: bool,
    pub(super) deletable: bool,
    /// The org has it at all.
    pub(super) present: bool,
    pub(super) fields: Vec<Field>,
    positions: HashMap<String, usize>,
}

impl ObjectDef {
    /// Where a field stands; the case of the name does not matter.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.positions
            .get(name)
            .or_else(|| self.positions.get(&name.to_ascii_lowercase()))
            .copied()
    }
}

impl FieldType {
    /// The name describe gives it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference => "reference",
            Self::Text => "string",
            Self::TextArea => "textarea",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Picklist => "picklist",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Double => "double",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::DateTime => "datetime",
        }
    }

    /// The type of that name, as describe or `fields.csv` writes it.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "reference" | "lookup" => Self::Reference,
            "string" | "text" => Self::Text,
            "textarea" | "longtextarea" => Self::TextArea,
            "email" => Self::Email,
            "phone" => Self::Phone,
            "url" => Self::Url,
            "picklist" => Self::Picklist,
            "boolean" | "checkbox" => Self::Boolean,
            "int" | "integer" => Self::Int,
            "double" | "number" | "percent" => Self::Double,
            "currency" => Self::Currency,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            _ => return None,
        })
    }

    /// Compared as numbers.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Currency)
    }

    /// Holds record ids.
    pub(super) fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::Reference)
    }
}

impl Field {
    /// Required on insert (bulk-api-2.md §7.2).
    pub(super) fn required(&self) -> bool {
        self.createable && !self.nillable && self.default.is_none()
    }
}

impl Kind {
    /// The constant table of the object.
    fn standard(self) -> &'static StandardObject {
        match self {
            Self::User => &user::USER,
            Self::Account => &crm::ACCOUNT,
            Self::Contact => &crm::CONTACT,
            Self::Organization => &setup::ORGANIZATION,
            Self::Profile => &setup::PROFILE,
            Self::UserLicense => &setup::USER_LICENSE,
            Self::UserRole => &setup::USER_ROLE,
            Self::Network => &setup::NETWORK,
            Self::NetworkMemberGroup => &setup::NETWORK_MEMBER_GROUP,
            Self::NetworkMember => &setup::NETWORK_MEMBER,
            Self::PermissionSet => &setup::PERMISSION_SET,
            Self::PermissionSetAssignment => &setup::PERMISSION_SET_ASSIGNMENT,
            Self::UserLogin => &setup::USER_LOGIN,
            Self::PersonAccountOwnerPowerUser => &setup::POWER_USER,
            Self::CurrencyType => &setup::CURRENCY_TYPE,
        }
    }

    /// API name.
    pub(super) fn name(self) -> &'static str {
        self.standard().name
    }

    /// First three characters of its record ids.
    pub(super) fn prefix(self) -> &'static str {
        self.standard().prefix
    }

    /// The object of that API name; its case does not matter.
    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// The object as an org with these facts has it. `values` are picklists read from the seed.
pub(super) fn object(
    kind: Kind,
    org: &OrgFacts,
    custom: &[CustomField],
    values: &HashMap<String, Vec<PickValue>>,
) -> ObjectDef {
    let standard = kind.standard();
    let mut fields: Vec<Field> = standard
        .fields
        .iter()
        .flat_map(|part| part.iter())
        .filter(|field| org.has(field.feature))
        .map(|field| field.in_org(org, values))
        .collect();
    fields.extend(
        custom
            .iter()
            .filter(|field| field.kind == kind)
            .map(|field| field.field.clone()),
    );
    let mut positions = HashMap::new();
    for (at, field) in fields.iter().enumerate() {
        positions.insert(field.name.clone(), at);
        positions.insert(field.name.to_ascii_lowercase(), at);
    }
    ObjectDef {
        kind,
        name: standard.name,
        label: standard.label,
        prefix: standard.prefix,
        createable: standard.createable,
        updateable: standard.updateable,
        deletable: standard.deletable,
        present: org.has(standard.feature),
        fields,
        positions,
    }
}

/// Is this a field of the object in some org, whatever its features?
pub(super) fn is_standard(kind: Kind, name: &str) -> bool {
    let mut fields = kind.standard().fields.iter().flat_map(|part| part.iter());
    fields.any(|field| field.name.eq_ignore_ascii_case(name))
}

impl PickValue {
    /// An active value that is its own label.
    pub(super) fn plain(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            label: value.to_owned(),
            active: true,
        }
    }
}
