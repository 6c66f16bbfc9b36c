//! The header line becomes the layout: what each column is for.
//!
//! Comes in: the header's cells and what the operator said about them. Goes out: a [`Layout`] in
//! which no two columns mean the same and some columns say which person a row is about, or the
//! reason why the file cannot be used. Nothing here looks at rows.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::columns::{Column, ColumnRole, Field, Layout};
use crate::model::id::{AccountId, ContactId};
use crate::model::settings::InputSettings;

use super::error::IntakeError;
use super::maps::given_roles;
use super::names::meaning;
use super::notice::IntakeNotice;

/// The header as it stands in the file.
pub(super) struct HeaderLine<'f> {
    /// The file.
    pub(super) path: &'f Path,
    /// The line it starts on.
    pub(super) line: u64,
    /// Its cells, unquoted.
    pub(super) names: Vec<String>,
    /// Where a name stands first, by its folded text: a header may have many thousands.
    first: BTreeMap<String, usize>,
}

impl<'f> HeaderLine<'f> {
    /// A header of these names.
    pub(super) fn new(path: &'f Path, line: u64, names: Vec<String>) -> Self {
        let mut first = BTreeMap::new();
        for (column, name) in names.iter().enumerate() {
            first.entry(folded(name)).or_insert(column);
        }
        Self {
            path,
            line,
            names,
            first,
        }
    }

    /// The first column of this name, whatever its case.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.first.get(&folded(name)).copied()
    }
}

/// Decides what every column is for.
pub(super) fn read_header(
    header: &HeaderLine<'_>,
    settings: &InputSettings,
) -> Result<(Layout, Vec<IntakeNotice>), IntakeError> {
    refuse_data(header)?;
    refuse_unusable_names(header)?;
    let (given, absent) = given_roles(header, settings)?;
    let columns: Vec<Column> = header
        .names
        .iter()
        .zip(given)
        .map(|(name, role)| Column {
            header: name.clone(),
            role: role.unwrap_or_else(|| meaning(name)),
        })
        .collect();
    refuse_double_meanings(header, &columns)?;
    let layout = Layout::new(columns);
    refuse_without_person(header, &layout)?;
    let own: Vec<String> = layout
        .columns()
        .iter()
        .filter(|column| column.role == ColumnRole::Ours)
        .map(|column| column.header.clone())
        .collect();
    let own = (!own.is_empty()).then_some(IntakeNotice::OwnColumnsIgnored { headers: own });
    Ok((layout, own.into_iter().chain(absent).collect()))
}

/// A first row with a record id in it, or with an e-mail address and no name we know, is data.
fn refuse_data(header: &HeaderLine<'_>) -> Result<(), IntakeError> {
    let is_id = |name: &String| {
        let name = name.trim();
        ContactId::parse(name).is_ok() || AccountId::parse(name).is_ok()
    };
    let is_address = |name: &String| {
        name.split_once('@')
            .is_some_and(|(_, host)| host.contains('.'))
    };
    let known = |name: &String| !matches!(meaning(name), ColumnRole::Other);
    let id = header.names.iter().position(is_id);
    let address = || {
        let found = header.names.iter().position(is_address);
        found.filter(|_| !header.names.iter().any(known))
    };
    match id.or_else(address) {
        Some(column) => Err(IntakeError::NoHeader {
            path: header.path.to_path_buf(),
            line: header.line,
            column: column + 1,
        }),
        None => Ok(()),
    }
}

/// Every column has a name, and no name stands twice; columns we ignore may repeat.
fn refuse_unusable_names(header: &HeaderLine<'_>) -> Result<(), IntakeError> {
    for (column, name) in header.names.iter().enumerate() {
        let (path, line) = (header.path.to_path_buf(), header.line);
        if name.trim().is_empty() {
            return Err(IntakeError::EmptyHeader {
                path,
                line,
                column: column + 1,
            });
        }
        let first = header.column(name).unwrap_or(column);
        if first < column && meaning(name) != ColumnRole::Ours {
            return Err(IntakeError::DuplicateHeader {
                path,
                line,
                first: first + 1,
                second: column + 1,
                header: name.clone(),
            });
        }
    }
    Ok(())
}

fn refuse_double_meanings(header: &HeaderLine<'_>, columns: &[Column]) -> Result<(), IntakeError> {
    let mut filled: BTreeMap<(&str, String), &Column> = BTreeMap::new();
    for second in columns {
        let first = *filled.entry(role_key(second)).or_insert(second);
        if second.role != ColumnRole::Ours && !std::ptr::eq(first, second) {
            return Err(IntakeError::DuplicateMeaning {
                path: header.path.to_path_buf(),
                line: header.line,
                first: first.header.clone(),
                second: second.header.clone(),
                field: filled_field(second),
            });
        }
    }
    Ok(())
}

/// What a column would fill, comparable: `Badge__c` and `User.Badge__c` fill the same field.
fn role_key(column: &Column) -> (&'static str, String) {
    match &column.role {
        ColumnRole::Known(Field::User(field)) => ("User", field.api_name().to_ascii_lowercase()),
        ColumnRole::Known(field) => ("Known", format!("{field:?}")),
        ColumnRole::UserField(name) => ("User", folded(name)),
        ColumnRole::Other | ColumnRole::Ours => ("User", folded(&column.header)),
        ColumnRole::ContactExternalId(name) => ("Contact", folded(name)),
        ColumnRole::AccountExternalId(name) => ("Account", folded(name)),
    }
}

/// The field a column would fill, as people spell it.
fn filled_field(column: &Column) -> String {
    match &column.role {
        ColumnRole::Known(Field::User(field)) => field.api_name().to_string(),
        ColumnRole::Known(field) => format!("{field:?}"),
        ColumnRole::UserField(name) => name.clone(),
        ColumnRole::Other | ColumnRole::Ours => column.header.clone(),
        ColumnRole::ContactExternalId(name) => format!("Contact.{name}"),
        ColumnRole::AccountExternalId(name) => format!("Account.{name}"),
    }
}

/// A row needs the contact's id, an external id of the contact, or an e-mail and an account.
fn refuse_without_person(header: &HeaderLine<'_>, layout: &Layout) -> Result<(), IntakeError> {
    let has = |field| layout.of_field(field).is_some();
    let contact = layout.position(|role| matches!(role, ColumnRole::ContactExternalId(_)));
    let account = layout.position(|role| matches!(role, ColumnRole::AccountExternalId(_)));
    let by_email = has(Field::Email) && (has(Field::AccountId) || account.is_some());
    if has(Field::ContactId) || contact.is_some() || by_email {
        return Ok(());
    }
    Err(IntakeError::NoPersonKey {
        path: header.path.to_path_buf(),
        line: header.line,
        candidate: header
            .column("Id")
            .map(|column| header.names[column].clone()),
    })
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
