//! A cache as plain text: every record it keeps, for who wants to build an org like that one.
//!
//! Comes in: the folder of an org's cache. Goes out: the base tables as CSV, and what is small.
//! It never judges a record and never writes.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::folder::Folder;
use super::{Index, of_container, unreadable};
use crate::model::summary::OrgIdentity;
use crate::org_state::error::OrgStateError;
use crate::org_state::facts::{FieldFacts, LicenseFacts, SiteFacts, Visibility};
use crate::org_state::records::{ExternalIds, PermissionSetRecord, ProfileRecord};
use crate::org_state::sections::container::ContainerFault;
use crate::org_state::stored::Stored;

/// Objects that have a base table.
const OBJECTS: [&str; 4] = ["Account", "Contact", "User", "UserRole"];

/// Everything a cache keeps.
#[derive(Debug)]
pub struct Kept {
    /// Which org, and who pulled it.
    pub identity: OrgIdentity,
    /// What that user may see.
    pub visibility: Visibility,
    /// User field and the org's default for it.
    pub org_defaults: Vec<(String, String)>,
    /// Does the org hold several currencies?
    pub is_multi_currency: bool,
    /// The licences.
    pub licenses: Vec<LicenseFacts>,
    /// The profiles.
    pub profiles: Vec<ProfileRecord>,
    /// The permission sets that can be assigned.
    pub permission_sets: Vec<PermissionSetRecord>,
    /// The sites; none at all when the org has no `Network` object.
    pub sites: Option<Vec<SiteFacts>>,
    /// The fields of User.
    pub user_fields: Vec<FieldFacts>,
    /// The external id fields that were pulled.
    pub external_ids: ExternalIds,
    /// Accounts, contacts, users, roles.
    pub tables: Vec<KeptTable>,
}

/// The records of one object.
#[derive(Debug)]
pub struct KeptTable {
    /// The object.
    pub object: &'static str,
    /// Its fields, in the order of the columns; the first is `Id`.
    pub fields: Vec<String>,
    /// A header and the records, each once.
    pub csv: String,
}

/// Reads a cache: its folder, or that of its org.
pub fn kept(place: &Path) -> Result<Kept, OrgStateError> {
    let missing = |path: &Path| OrgStateError::CacheNotThere { path: path.into() };
    let place = match place.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing(place)),
        found => found.map_err(|source| unreadable(place, source))?,
    };
    let folder = Folder::at(&place);
    let Some(index) = Index::current(&folder)? else {
        return Err(missing(&place));
    };
    let tables = OBJECTS.map(|object| {
        let path = folder.file(&index.pointer.base_name(object));
        let file = File::open(&path).map_err(|source| unreadable(&path, source))?;
        table(object, file).map_err(|_| {
            let fault = ContainerFault::Torn("a base table is not readable");
            of_container(fault, &path, folder.org_id())
        })
    });
    let Stored {
        identity,
        visibility,
        org_defaults,
        is_multi_currency,
        licenses,
        profiles,
        permission_sets,
        sites,
        user_fields,
        external_ids,
        ..
    } = index.stored;
    Ok(Kept {
        identity,
        visibility,
        org_defaults,
        is_multi_currency,
        licenses,
        profiles,
        permission_sets,
        sites,
        user_fields,
        external_ids,
        tables: tables.into_iter().collect::<Result<_, _>>()?,
    })
}

/// Reads a table twice: of a record that stands there twice the last counts, as in lookups.
fn table(object: &'static str, file: File) -> Result<KeptTable, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let columns = schema.columns().iter();
    let fields: Vec<String> = columns.map(|column| column.name().to_owned()).collect();
    let mut last = HashMap::new();
    for (place, row) in reader.get_row_iter(None)?.enumerate() {
        if let Some((_, id)) = row?.get_column_iter().next() {
            last.insert(text(id), place);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| ParquetError::External(Box::new(error));
    writer.write_record(&fields).map_err(failed)?;
    for (place, row) in reader.get_row_iter(None)?.enumerate() {
        let row = row?;
        let cells: Vec<String> = row
            .get_column_iter()
            .map(|(_, value)| text(value))
            .collect();
        let counts = cells.first().and_then(|id| last.get(id)) == Some(&place);
        if counts {
            writer.write_record(&cells).map_err(failed)?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ParquetError::External(Box::new(error.into_error())))?;
    let csv = String::from_utf8(bytes).map_err(|error| ParquetError::External(Box::new(error)))?;
    Ok(KeptTable {
        object,
        fields,
        csv,
    })
}

/// A value as the org wrote it.
fn text(value: &Field) -> String {
    match value {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bool(truth) => truth.to_string(),
        // Base tables have no other types.
        other => other.to_string(),
    }
}
