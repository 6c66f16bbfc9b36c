//! What can be wrong with a contacts file as a whole; single rows are rejected, not reported here.
//!
//! Never holds a cell's text: cells are personal data.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::model::explain::{Exit, Explain, Place};
use crate::model::limits::INPUT_RECORD_BYTES_MAX;

/// The contacts file, or how it was said to be read, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The disk refused.
    #[error("the file cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("this is not a regular file")]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// It is no longer the file it was when it was opened.
    #[error("the file changed while it was in use")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// No text at all.
    #[error("the file is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// `--encoding` names nothing we know.
    #[error("`{label}` is not the name of an encoding")]
    UnknownEncoding {
        /// What was given.
        label: String,
    },
    /// `--delimiter` cannot separate cells.
    #[error("`{}` cannot be a delimiter", char::from(*delimiter).escape_default())]
    BadDelimiter {
        /// What was given.
        delimiter: u8,
    },
    /// Every second byte is zero, and nothing says UTF-16.
    #[error("the file looks like UTF-16 without a byte order mark")]
    Utf16WithoutBom {
        /// The file.
        path: PathBuf,
        /// `utf-16le` or `utf-16be`.
        label: &'static str,
    },
    /// The header does not decode, or holds a NUL character.
    #[error("the header is not text in {encoding}")]
    HeaderNotText {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// The encoding it was read in.
        encoding: &'static str,
    },
    /// The first row holds data.
    #[error("the file has no header: column {column} of its first row holds data")]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// The first row's line.
        line: u64,
        /// The column that shows it, from 1.
        column: usize,
    },
    /// A column without a name.
    #[error("column {column} has no name")]
    EmptyHeader {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// The column, from 1.
        column: usize,
    },
    /// Two columns have one name.
    #[error("columns {first} and {second} are both named `{header}`")]
    DuplicateHeader {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// The first column, from 1.
        first: usize,
        /// The second column, from 1.
        second: usize,
        /// The second column's name.
        header: String,
    },
    /// Two columns mean the same.
    #[error("columns `{first}` and `{second}` both mean `{field}`")]
    DuplicateMeaning {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// The first column's header.
        first: String,
        /// The second column's header.
        second: String,
        /// What both mean.
        field: String,
    },
    /// Nothing in the file says which person a row is about.
    #[error("the CSV has no `ContactId` column")]
    NoPersonKey {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// A column that may hold the contact's id under another name.
        candidate: Option<String>,
    },
    /// `--map` names a column that the file does not have.
    #[error("the CSV has no `{header}` column, which `--map` names")]
    MapHeaderMissing {
        /// The file.
        path: PathBuf,
        /// The header's line.
        line: u64,
        /// The header `--map` names.
        header: String,
    },
    /// `--map` names one column twice.
    #[error("`--map` names the `{header}` column twice")]
    MapTwice {
        /// The header.
        header: String,
    },
    /// `--map` gives a meaning to a column that admit writes itself.
    #[error("`--map` names `{header}`, a column that admit writes itself")]
    MapOwnColumn {
        /// The header.
        header: String,
    },
    /// `--map` names a field that cannot be one.
    #[error("`--map {header}={field}` names no field that admit can fill")]
    MapFieldUnknown {
        /// The header.
        header: String,
        /// The field.
        field: String,
    },
    /// The `.sdl` file cannot be read.
    #[error("the mapping file cannot be read: {source}")]
    SdlUnreadable {
        /// The mapping file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line of the `.sdl` file maps to what cannot be a field.
    #[error("`{field}` is no field that admit can fill")]
    SdlFieldUnknown {
        /// The mapping file.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The field.
        field: String,
    },
    /// A line of the `.sdl` file gives a constant instead of a column.
    #[error("a constant is given for `{field}`")]
    SdlConstant {
        /// The mapping file.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The field.
        field: String,
    },
    /// A line of the `.sdl` file maps one column to several fields.
    #[error("the `{header}` column is mapped to several fields")]
    SdlSeveralFields {
        /// The mapping file.
        path: PathBuf,
        /// Its line.
        line: u64,
        /// The header.
        header: String,
    },
    /// A quote opens and no quote closes it.
    #[error("a quote is opened and never closed")]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The line where it opens.
        line: u64,
    },
    /// A quote closes and text follows it.
    #[error("text follows a closing quote; the quote was opened on line {opened}")]
    TextAfterQuote {
        /// The file.
        path: PathBuf,
        /// The line where the quote closes.
        line: u64,
        /// The line where it opened.
        opened: u64,
    },
    /// A record past every sensible length.
    #[error("a record is longer than {} MiB", INPUT_RECORD_BYTES_MAX >> 20)]
    RecordTooLong {
        /// The file.
        path: PathBuf,
        /// The line where it starts.
        line: u64,
    },
    /// More rows than can be numbered.
    #[error("the file has more than {rows_max} rows")]
    TooManyRows {
        /// The file.
        path: PathBuf,
        /// How many it may have.
        rows_max: u32,
    },
}

impl Explain for IntakeError {
    fn place(&self) -> Place {
        match self {
            Self::Unreadable { path, .. }
            | Self::NotAFile { path }
            | Self::Changed { path }
            | Self::Empty { path }
            | Self::Utf16WithoutBom { path, .. }
            | Self::SdlUnreadable { path, .. }
            | Self::TooManyRows { path, .. } => Place::file(path.display()),
            Self::HeaderNotText { path, line, .. }
            | Self::NoHeader { path, line, .. }
            | Self::EmptyHeader { path, line, .. }
            | Self::NoPersonKey { path, line, .. }
            | Self::MapHeaderMissing { path, line, .. }
            | Self::SdlFieldUnknown { path, line, .. }
            | Self::SdlConstant { path, line, .. }
            | Self::SdlSeveralFields { path, line, .. }
            | Self::UnclosedQuote { path, line }
            | Self::TextAfterQuote { path, line, .. }
            | Self::RecordTooLong { path, line } => Place::line(path.display(), *line),
            Self::DuplicateHeader {
                path,
                line,
                header: column,
                ..
            }
            | Self::DuplicateMeaning {
                path,
                line,
                second: column,
                ..
            } => in_column(path, *line, column),
            Self::UnknownEncoding { .. } => Place::Setting("--encoding".to_owned()),
            Self::BadDelimiter { .. } => Place::Setting("--delimiter".to_owned()),
            Self::MapTwice { .. } | Self::MapOwnColumn { .. } | Self::MapFieldUnknown { .. } => {
                Place::Setting("--map".to_owned())
            }
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Unreadable { .. } => "Check the path and that you may read the file.".into(),
            Self::NotAFile { .. } => {
                "Save the rows to a file first: the file is read more than once.".into()
            }
            Self::Changed { .. } => "Start again when nothing writes to the file any more.".into(),
            Self::Empty { .. } => "Give a file with a header line and at least a `ContactId` \
                                   column."
                .into(),
            Self::UnknownEncoding { .. } => "Name it as browsers do, for example \
                                             `--encoding windows-1252` or `--encoding utf-16le`."
                .into(),
            Self::BadDelimiter { .. } => "Give one character that is no letter, digit, quote or \
                                          line end, for example `--delimiter ';'`."
                .into(),
            Self::Utf16WithoutBom { label, .. } => format!("Add `--encoding {label}`.").into(),
            Self::HeaderNotText { .. } => "Save the file as UTF-8, or name its encoding, for \
                                           example `--encoding windows-1252`."
                .into(),
            Self::NoHeader { .. } => {
                "Put a line with the columns' names above the first row.".into()
            }
            Self::EmptyHeader { column, .. } => {
                format!("Give column {column} a name, or delete the column.").into()
            }
            Self::DuplicateHeader { .. } => "Rename or delete one of the two columns.".into(),
            Self::DuplicateMeaning { .. } => "Delete one of the two columns, or give one another \
                                              meaning with `--map <header>=<field>`."
                .into(),
            Self::NoPersonKey { candidate, .. } => key_remedy(candidate.as_deref()),
            Self::MapHeaderMissing { .. } => {
                "Spell the header as the file does: `--map <header>=<field>`.".into()
            }
            Self::MapTwice { header } => format!("Keep one `--map` for `{header}`.").into(),
            Self::MapOwnColumn { .. } => {
                "Rename the column in the file, and map the new name: success.csv and failure.csv \
                 have columns `sf__...` and `admit__...` of their own."
                    .into()
            }
            Self::MapFieldUnknown { .. } => "Name a field of User by its API name, `ContactId`, \
                                             `AccountId`, `Contact.<external id>` or \
                                             `Account.<external id>`."
                .into(),
            Self::SdlUnreadable { .. } => "Check the path given with `--sdl`.".into(),
            Self::SdlFieldUnknown { .. } => "Map the column to a field of User, or delete the \
                                             line: the column then passes through."
                .into(),
            Self::SdlConstant { field, .. } => {
                format!("Delete the line and give the constant with `--set {field}=<value>`.")
                    .into()
            }
            Self::SdlSeveralFields { .. } => "Map the column to one field, and copy it in the \
                                              CSV if a second field needs it."
                .into(),
            Self::UnclosedQuote { .. } => "Close the quote on that line, or double it where it \
                                           is part of the text."
                .into(),
            Self::TextAfterQuote { .. } => "Double the quotes inside the cell, or close a quote \
                                            left open above."
                .into(),
            Self::RecordTooLong { .. } => "Check that the file is a CSV and that its rows end \
                                           with line ends."
                .into(),
            Self::TooManyRows { .. } => "Split the file and run the parts one by one.".into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::UnknownEncoding { .. }
            | Self::BadDelimiter { .. }
            | Self::MapTwice { .. }
            | Self::MapOwnColumn { .. }
            | Self::MapFieldUnknown { .. } => Exit::Usage,
            Self::Unreadable { .. }
            | Self::NotAFile { .. }
            | Self::Changed { .. }
            | Self::Empty { .. }
            | Self::Utf16WithoutBom { .. }
            | Self::HeaderNotText { .. }
            | Self::NoHeader { .. }
            | Self::EmptyHeader { .. }
            | Self::DuplicateHeader { .. }
            | Self::DuplicateMeaning { .. }
            | Self::NoPersonKey { .. }
            | Self::MapHeaderMissing { .. }
            | Self::SdlUnreadable { .. }
            | Self::SdlFieldUnknown { .. }
            | Self::SdlConstant { .. }
            | Self::SdlSeveralFields { .. }
            | Self::UnclosedQuote { .. }
            | Self::TextAfterQuote { .. }
            | Self::RecordTooLong { .. }
            | Self::TooManyRows { .. } => Exit::Input,
        }
    }
}

fn in_column(path: &Path, line: u64, header: &str) -> Place {
    Place::File {
        path: path.display().to_string(),
        line: Some(line),
        column: Some(header.to_owned()),
    }
}

fn key_remedy(candidate: Option<&str>) -> Cow<'static, str> {
    match candidate {
        Some(header) => format!(
            "Add `--map {header}=ContactId` if `{header}` holds the contacts' ids, or add a \
             `ContactId` header."
        )
        .into(),
        None => "Add a `ContactId` header, or name yours with `--map <header>=ContactId`.".into(),
    }
}
