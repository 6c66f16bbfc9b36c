//! Opening a file: encoding, dialect and header, and from there the windows of its rows.
//!
//! Comes in: a path and the settings. Goes out: an [`Input`], which keeps what was decided and
//! the header's bytes, not the open file: each pass over the rows opens it anew and checks that
//! the header is still the same.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::model::columns::Layout;
use crate::model::contact::Window;
use crate::model::settings::InputSettings;

use super::dialect::{Dialect, LineEnds, checked_delimiter, detect};
use super::error::IntakeError;
use super::header::{HeaderLine, read_header};
use super::notice::IntakeNotice;
use super::slices::{Parsed, TextFault, parse};
use super::source::{Encoded, SniffError, Source};
use super::tokens::{Grammar, Text, Tokens, tokenise, undecodable_at};
use super::windows::{Place, Sizes, Windows, text_error, unreadable};

/// A contacts file whose header has been read.
#[derive(Debug)]
pub struct Input {
    /// The file as the operator knows it.
    path: PathBuf,
    /// Where the rows are read from.
    rows_path: PathBuf,
    label: Option<String>,
    layout: Layout,
    dialect: Dialect,
    has_bom: bool,
    notices: Vec<IntakeNotice>,
    /// The decoded text before the first row.
    head: Vec<u8>,
    /// The line the first row can be on.
    first_line: u64,
    sizes: Sizes,
}

/// Reads the header and decides how the rest is to be read.
pub(super) fn open(
    path: &Path,
    settings: &InputSettings,
    sizes: Sizes,
) -> Result<Input, IntakeError> {
    let delimiter = settings.delimiter.map(checked_delimiter).transpose()?;
    let (mut source, encoded) = start(path, settings.encoding.as_deref(), sizes)?;
    let head = read_head(path, &mut source, delimiter, sizes)?;
    let header = header_line(path, &head, encoded)?;
    let (layout, mut notices) = read_header(&header, settings)?;
    notices.extend(encoding_notices(settings, encoded));
    let end = head
        .dialect
        .after_line_end(&head.text, head.window.records[0].bytes.end as usize);
    let mut text = head.text;
    text.truncate(end);
    Ok(Input {
        path: path.to_path_buf(),
        rows_path: path.to_path_buf(),
        label: settings.encoding.clone(),
        layout,
        dialect: head.dialect,
        has_bom: encoded.bom_bytes > 0,
        notices,
        first_line: 1 + head.dialect.line_breaks(&text),
        head: text,
        sizes,
    })
}

impl Input {
    /// Reads the rows from a copy of the file from now on; errors go on to name the file itself,
    /// which is where people mend it.
    #[must_use]
    pub fn reading(mut self, copy: PathBuf) -> Self {
        self.rows_path = copy;
        self
    }

    /// The file the rows are read from.
    pub fn rows_path(&self) -> &Path {
        &self.rows_path
    }

    /// What the columns mean.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The delimiter of the input and of the outputs.
    pub fn delimiter(&self) -> u8 {
        self.dialect.delimiter
    }

    /// Did the file begin with a byte order mark?
    pub fn has_bom(&self) -> bool {
        self.has_bom
    }

    /// The line end of the outputs: CRLF where the header ended so, else LF, also for a file
    /// whose lines end with CR alone.
    pub fn line_end(&self) -> &'static str {
        if self.dialect.line_ends == LineEnds::CrLf {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// What was noticed about the file.
    pub fn notices(&self) -> &[IntakeNotice] {
        &self.notices
    }

    /// Rows the file has if all are like those of a window: no more than a hint.
    pub fn rows_expected(&self, window: &Window) -> u64 {
        let bytes = std::fs::metadata(&self.rows_path).map_or(0, |file| file.len());
        let text = window.text.len().max(1) as u64;
        bytes.div_ceil(text) * window.records.len() as u64
    }

    /// The rows, from the first; may be asked for any number of times.
    pub fn windows(&self) -> Result<Windows, IntakeError> {
        let (mut source, _) = start(&self.rows_path, self.label.as_deref(), self.sizes)?;
        let mut head = Vec::new();
        let fresh = source
            .fill(&mut head, self.head.len())
            .map_err(|error| unreadable(&self.path, error))?;
        source.digest(&head[fresh..]);
        if head != self.head {
            return Err(IntakeError::Changed {
                path: self.path.clone(),
            });
        }
        let place = Place {
            line: self.first_line,
            after_cr: self.head.last() == Some(&b'\r'),
            ..Place::default()
        };
        Ok(Windows {
            path: self.path.clone(),
            source,
            grammar: Grammar {
                dialect: self.dialect,
                width: u32::try_from(self.layout.width()).unwrap_or(u32::MAX),
                record_bytes_max: self.sizes.record_bytes_max,
            },
            sizes: self.sizes,
            place,
            scratch: Vec::new(),
            spare: Window::default(),
        })
    }
}

/// Opens the file and finds its encoding.
fn start(path: &Path, label: Option<&str>, sizes: Sizes) -> Result<(Source, Encoded), IntakeError> {
    // Asked before opening: opening a pipe that nobody writes to would wait for ever.
    let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if !metadata.is_file() {
        let path = path.to_path_buf();
        return Err(IntakeError::NotAFile { path });
    }
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    Source::start(Box::new(file), label, sizes.block_bytes).map_err(|error| match error {
        SniffError::Io(source) => unreadable(path, source),
        SniffError::UnknownLabel => IntakeError::UnknownEncoding {
            label: label.unwrap_or_default().to_owned(),
        },
        SniffError::Utf16WithoutBom(label) => IntakeError::Utf16WithoutBom {
            path: path.to_path_buf(),
            label,
        },
    })
}

/// The first text of a file, with the header as its first record.
struct Head {
    text: Vec<u8>,
    dialect: Dialect,
    window: Window,
}

/// Reads until the header is complete.
fn read_head(
    path: &Path,
    source: &mut Source,
    delimiter: Option<u8>,
    sizes: Sizes,
) -> Result<Head, IntakeError> {
    let mut text = Vec::new();
    let mut target = sizes.head_bytes;
    loop {
        source
            .fill(&mut text, target)
            .map_err(|error| unreadable(path, error))?;
        let last = text.len() < target;
        let enough = last || text.len() > sizes.record_bytes_max;
        if let Some(dialect) = detect(&text, delimiter, enough) {
            let records = first_records(&text, last, dialect, sizes);
            let window = records.map_err(|fault| text_error(path, 1, fault))?;
            if !window.records.is_empty() {
                return Ok(Head {
                    text,
                    dialect,
                    window,
                });
            }
        }
        // Blank lines have no end either: the file is as good as empty.
        if last || text.len() > 2 * sizes.record_bytes_max {
            return Err(IntakeError::Empty {
                path: path.to_path_buf(),
            });
        }
        target = text.len() * 2;
    }
}

/// The records at the beginning of the first text. What is wrong behind the header is told when
/// the rows are read.
fn first_records(
    text: &[u8],
    last: bool,
    dialect: Dialect,
    sizes: Sizes,
) -> Result<Window, TextFault> {
    let grammar = Grammar {
        dialect,
        width: 0,
        record_bytes_max: sizes.record_bytes_max,
    };
    let whole = Text {
        bytes: text,
        last,
        after_cr: false,
    };
    let mut tokens = Tokens::default();
    tokenise(whole, 0..text.len(), grammar, &mut tokens);
    if tokens.records.is_empty() {
        parse(
            whole,
            grammar,
            text.len().max(1),
            &mut Vec::new(),
            Parsed::default(),
        )?;
    }
    Ok(Window {
        first_row: 0,
        text: text.to_vec(),
        cells: tokens.cells,
        records: tokens.records,
    })
}

/// The header's cells as text.
fn header_line<'p>(
    path: &'p Path,
    head: &Head,
    encoded: Encoded,
) -> Result<HeaderLine<'p>, IntakeError> {
    let row = head.window.row(0);
    let line = 1 + row.line();
    if undecodable_at(row.raw()).is_some() {
        let encoding = encoded.name();
        return Err(IntakeError::HeaderNotText {
            path: path.to_path_buf(),
            line,
            encoding,
        });
    }
    let names = (0..row.cell_count())
        .map(|column| row.value(column).into_owned())
        .collect();
    Ok(HeaderLine::new(path, line, names))
}

fn encoding_notices(settings: &InputSettings, encoded: Encoded) -> Vec<IntakeNotice> {
    let mut notices = Vec::new();
    let encoding = encoded.name();
    let label = settings
        .encoding
        .as_deref()
        .filter(|_| encoded.bom_bytes > 0);
    if let Some(label) = label.filter(|label| !encoded.is_called(label)) {
        notices.push(IntakeNotice::BomOverrules {
            label: label.to_owned(),
            encoding,
        });
    }
    if encoded.is_transcoded() {
        notices.push(IntakeNotice::Transcoded { encoding });
    }
    notices
}
