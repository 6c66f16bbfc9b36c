//! What the simulated org holds at the start: `org.toml`, one CSV per object, custom fields and
//! picklists. A `Seed` is checked once, here; building the org from it cannot fail.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::facts::OrgFacts;
use super::ids;
use super::schema::{self, Field, FieldType, Kind, PickValue};

/// The contents of an org.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Facts about the org as a whole; may be changed before the org is built.
    pub org: OrgFacts,
    pub(super) tables: Vec<(Kind, String)>,
    pub(super) custom: Vec<CustomField>,
    pub(super) values: HashMap<String, Vec<PickValue>>,
}

/// A field from `fields.csv`.
#[derive(Debug, Clone)]
pub(super) struct CustomField {
    pub(super) kind: Kind,
    pub(super) field: Field,
}

/// Why a seed cannot become an org.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A file of the folder cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// `org.toml` is not TOML.
    #[error("org.toml is not valid TOML")]
    NotToml(#[source] toml::de::Error),
    /// A setting has no value, or one of the wrong kind.
    #[error("org.toml: `{setting}` must be {wanted}")]
    Setting {
        /// Its name.
        setting: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A setting nobody knows.
    #[error("org.toml: there is no setting `{setting}`")]
    UnknownSetting {
        /// Its name.
        setting: String,
    },
    /// A table for an object the simulated org does not have.
    #[error("`{object}.csv`: the simulated org has no such object")]
    UnknownObject {
        /// Its name.
        object: String,
    },
    /// A table that is not CSV, or whose rows differ in width.
    #[error("`{table}.csv` is not a rectangular CSV")]
    NotCsv {
        /// The table.
        table: String,
        /// What the CSV reader said.
        #[source]
        source: csv::Error,
    },
    /// A column that is no field of the object.
    #[error("`{table}.csv`: there is no field `{column}`")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A record whose first cell is no id of its object, or was there before.
    #[error("`{table}.csv`, line {line}: {fault}")]
    BadRecord {
        /// The table.
        table: String,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// `running_user` is not in User.csv.
    #[error("org.toml: `running_user` is not a record of User.csv")]
    NoRunningUser,
}

impl Seed {
    /// From texts: `org.toml`, then tables by name: an object, `fields`, or `picklists/<Field>`.
    pub fn from_texts(org_toml: &str, tables: &[(&str, &str)]) -> Result<Self, SeedError> {
        let mut seed = Self {
            org: OrgFacts::parse(org_toml)?,
            tables: Vec::new(),
            custom: Vec::new(),
            values: HashMap::new(),
        };
        for (_, text) in tables.iter().filter(|(name, _)| *name == "fields") {
            seed.custom = custom_fields(text)?;
        }
        for (name, text) in tables.iter().filter(|(name, _)| *name != "fields") {
            if let Some(field) = name.strip_prefix("picklists/") {
                seed.values.insert(field.to_owned(), picklist(name, text)?);
                continue;
            }
            let kind = Kind::named(name).ok_or_else(|| SeedError::UnknownObject {
                object: (*name).to_owned(),
            })?;
            seed.check(kind, name, text)?;
            seed.tables.push((kind, (*text).to_owned()));
        }
        seed.tables.sort_by_key(|(kind, _)| *kind);
        seed.org.running_user = seed.running_user()?;
        Ok(seed)
    }

    /// From a folder laid out like `samples/org`.
    pub fn from_dir(folder: &Path) -> Result<Self, SeedError> {
        let mut tables = Vec::new();
        for (prefix, folder) in [
            ("", folder.to_owned()),
            ("picklists/", folder.join("picklists")),
        ] {
            for path in csv_files(&folder, prefix.is_empty())? {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                tables.push((format!("{prefix}{stem}"), read(&path)?));
            }
        }
        let tables: Vec<(&str, &str)> = tables
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Self::from_texts(&read(&folder.join("org.toml"))?, &tables)
    }

    /// The token a rehearsal calls with.
    pub fn access_token(&self) -> &str {
        &self.org.access_token
    }

    /// `https://<domain>` of the org.
    pub fn instance_url(&self) -> &str {
        &self.org.instance_url
    }

    /// Every column is a field, every record has an id of its own.
    fn check(&self, kind: Kind, table: &str, text: &str) -> Result<(), SeedError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader
            .headers()
            .map_err(|source| not_csv(table, source))?
            .clone();
        for column in &columns {
            let custom = self
                .custom
                .iter()
                .any(|field| field.kind == kind && field.field.name.eq_ignore_ascii_case(column));
            if !custom && !schema::is_standard(kind, column) {
                let (table, column) = (table.to_owned(), column.to_owned());
                return Err(SeedError::UnknownColumn { table, column });
            }
        }
        let prefix = kind.prefix();
        let mut seen = HashSet::new();
        for record in reader.records() {
            let record = record.map_err(|source| not_csv(table, source))?;
            let id = record.get(0).unwrap_or_default();
            let fault = match ids::key(id) {
                Some(_) if !id.starts_with(prefix) => "the id has the prefix of another object",
                Some(key) if seen.insert(key) => continue,
                Some(_) => "the id was there before",
                None => "the first cell is not a 15- or 18-character id",
            };
            let line = record.position().map_or(0, csv::Position::line);
            return Err(SeedError::BadRecord {
                table: table.to_owned(),
                line,
                fault,
            });
        }
        Ok(())
    }

    /// The long form of the running user's id.
    fn running_user(&self) -> Result<String, SeedError> {
        let wanted = ids::key(&self.org.running_user).ok_or(SeedError::NoRunningUser)?;
        let users = self.tables.iter().filter(|(kind, _)| *kind == Kind::User);
        for (_, text) in users {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            for record in reader.records().map_while(Result::ok) {
                if record.get(0).and_then(ids::key) == Some(wanted) {
                    return Ok(ids::long(&wanted));
                }
            }
        }
        Err(SeedError::NoRunningUser)
    }
}

/// `object,api_name,label,type,length,createable,updateable,nillable,unique,external_id,
/// restricted,values`.
fn custom_fields(text: &str) -> Result<Vec<CustomField>, SeedError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader
        .headers()
        .map_err(|source| not_csv("fields", source))?
        .clone();
    let mut fields = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|source| not_csv("fields", source))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| {
            let at = columns
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name));
            at.and_then(|at| record.get(at))
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let field = custom_field(cell).map_err(|fault| SeedError::BadRecord {
            table: "fields".to_owned(),
            line,
            fault,
        })?;
        fields.push(field);
    }
    Ok(fields)
}

fn custom_field(cell: impl Fn(&str) -> String) -> Result<CustomField, &'static str> {
    let kind = Kind::named(&cell("object")).ok_or("the simulated org has no such object")?;
    let field_type = FieldType::named(&cell("type")).ok_or("no such field type")?;
    let length = cell("length");
    let length = if length.is_empty() {
        Ok(0)
    } else {
        length.parse()
    };
    let yes = |name: &str, default: bool| match cell(name).as_str() {
        "" => Ok(default),
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("a switch must be true or false"),
    };
    let (unique, external_id) = (yes("unique", false)?, yes("external_id", false)?);
    let boolean = field_type == FieldType::Boolean;
    let values = cell("values");
    let field = Field {
        name: cell("api_name"),
        label: cell("label"),
        kind: field_type,
        length: length.map_err(|_| "the length is not a number")?,
        createable: yes("createable", true)?,
        updateable: yes("updateable", true)?,
        nillable: !boolean && yes("nillable", true)?,
        default: boolean.then(|| "false".to_owned()),
        fallback: if boolean {
            "false".to_owned()
        } else {
            String::new()
        },
        restricted: yes("restricted", false)?,
        unique,
        external_id,
        id_lookup: external_id,
        indexed: unique || external_id,
        references: Vec::new(),
        relationship: None,
        values: values
            .split(';')
            .filter(|value| !value.is_empty())
            .map(PickValue::plain)
            .collect(),
    };
    Ok(CustomField { kind, field })
}

/// `key,label`, optionally `active` (R-115: languages that are only available).
fn picklist(table: &str, text: &str) -> Result<Vec<PickValue>, SeedError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader
        .headers()
        .map_err(|source| not_csv(table, source))?
        .clone();
    let active = columns.iter().position(|column| column == "active");
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|source| not_csv(table, source))?;
        values.push(PickValue {
            value: record.get(0).unwrap_or_default().to_owned(),
            label: record.get(1).unwrap_or_default().to_owned(),
            active: active.and_then(|at| record.get(at)) != Some("false"),
        });
    }
    Ok(values)
}

/// The CSV files of a folder by name; a missing sub-folder holds none.
fn csv_files(folder: &Path, must_exist: bool) -> Result<Vec<PathBuf>, SeedError> {
    let listing = match std::fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(_) if !must_exist => return Ok(Vec::new()),
        Err(source) => {
            return Err(SeedError::Unreadable {
                path: folder.to_owned(),
                source,
            });
        }
    };
    let mut files: Vec<PathBuf> = listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, SeedError> {
    std::fs::read_to_string(path).map_err(|source| SeedError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn not_csv(table: &str, source: csv::Error) -> SeedError {
    SeedError::NotCsv {
        table: table.to_owned(),
        source,
    }
}
