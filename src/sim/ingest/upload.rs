//! Uploaded job data: one header, then records cut apart by the rules of bulk-api-2.md §4.
//!
//! Written from the wire's rules, not from any reader we use ourselves: quotes open only at the
//! start of a cell, line ends must be the job's, the byte order mark belongs to the first header.

use std::borrow::Cow;

/// How a job's data is written, and how its results come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: Delimiter,
    pub(super) line_end: LineEnd,
}

/// Column delimiters, by the names of the job JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Backquote,
    Caret,
    Comma,
    Pipe,
    Semicolon,
    Tab,
}

/// Line ends, by the names of the job JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Lf,
    Crlf,
}

/// Data as it was uploaded, cut into records.
#[derive(Debug)]
pub(super) struct Upload {
    text: String,
    dialect: Dialect,
    pub(super) header: Vec<String>,
    /// First byte and length of every record after the header.
    records: Vec<(usize, u32)>,
}

/// One record: its cells, or why it cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) cells: Vec<Cow<'a, str>>,
    pub(super) fault: Option<&'static str>,
}

impl Delimiter {
    /// By its name in the job JSON.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "BACKQUOTE" => Self::Backquote,
            "CARET" => Self::Caret,
            "COMMA" => Self::Comma,
            "PIPE" => Self::Pipe,
            "SEMICOLON" => Self::Semicolon,
            "TAB" => Self::Tab,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Backquote => "BACKQUOTE",
            Self::Caret => "CARET",
            Self::Comma => "COMMA",
            Self::Pipe => "PIPE",
            Self::Semicolon => "SEMICOLON",
            Self::Tab => "TAB",
        }
    }

    pub(crate) fn letter(self) -> char {
        match self {
            Self::Backquote => '`',
            Self::Caret => '^',
            Self::Comma => ',',
            Self::Pipe => '|',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

impl LineEnd {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "LF" => Some(Self::Lf),
            "CRLF" => Some(Self::Crlf),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lf => "LF",
            Self::Crlf => "CRLF",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::Crlf => "\r\n",
        }
    }
}

impl Upload {
    /// Cuts the data apart. The second part is the job's `errorMessage` when the line ends are
    /// not the job's; the records are cut all the same, since they come back as unprocessed.
    pub(super) fn open(text: String, dialect: Dialect) -> (Self, Option<String>) {
        let mut spans = Vec::new();
        let mut foreign = false;
        let mut start = 0;
        while start < text.len() {
            let (length, line_end) =
                record_at(&text.as_bytes()[start..], dialect.delimiter.letter());
            foreign |= line_end.is_some_and(|found| found != dialect.line_end);
            if length > 0 {
                spans.push((start, u32::try_from(length).unwrap_or(u32::MAX)));
            }
            start += length + line_end.map_or(0, |found| found.text().len());
        }
        let error = foreign.then(|| {
            let setting = dialect.line_end.name();
            format!(
                "ClientInputError : LineEnding is invalid on user data. Current LineEnding \
                 setting is {setting}"
            )
        });
        let header = spans.first().map_or_else(Vec::new, |(start, length)| {
            split(cut(&text, *start, *length), dialect.delimiter.letter()).cells
        });
        let header = header.into_iter().map(Cow::into_owned).collect();
        spans.drain(..spans.len().min(1));
        (
            Self {
                text,
                dialect,
                header,
                records: spans,
            },
            error,
        )
    }

    /// Records after the header.
    pub(super) fn record_count(&self) -> usize {
        self.records.len()
    }

    /// One record by number.
    pub(super) fn record(&self, number: usize) -> Record<'_> {
        let (start, length) = self.records.get(number).copied().unwrap_or_default();
        split(
            cut(&self.text, start, length),
            self.dialect.delimiter.letter(),
        )
    }
}

fn cut(text: &str, start: usize, length: u32) -> &str {
    text.get(start..start + length as usize).unwrap_or_default()
}

/// Bytes of the record at the start of `bytes`, and the line end after it.
fn record_at(bytes: &[u8], delimiter: char) -> (usize, Option<LineEnd>) {
    let delimiter = delimiter as u8;
    // A quote opens a cell at its start only. One that has just closed opens again when the next
    // byte is a quote too: two quotes inside quotes are a quote.
    let (mut quoted, mut may_open) = (false, true);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if quoted => (quoted, may_open) = (false, true),
            b'"' if may_open => quoted = true,
            b'\n' if !quoted => {
                let crlf = at > 0 && bytes[at - 1] == b'\r';
                return if crlf {
                    (at - 1, Some(LineEnd::Crlf))
                } else {
                    (at, Some(LineEnd::Lf))
                };
            }
            other => may_open = *other == delimiter,
        }
    }
    (bytes.len(), None)
}

/// The cells of one record.
fn split(record: &str, delimiter: char) -> Record<'_> {
    let mut cells = Vec::new();
    let mut fault = None;
    let mut rest = record;
    loop {
        let (cell, after) = if rest.starts_with('"') {
            quoted_cell(rest, &mut fault)
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            if rest[..end].trim_start().starts_with('"') {
                fault = Some("a blank stands before a quote");
            }
            (Cow::Borrowed(&rest[..end]), &rest[end..])
        };
        cells.push(cell);
        let Some(next) = after.strip_prefix(delimiter) else {
            if !after.is_empty() {
                fault = Some("text stands after a closing quote");
            }
            return Record { cells, fault };
        };
        rest = next;
    }
}

/// A quoted cell and what follows it.
fn quoted_cell<'a>(text: &'a str, fault: &mut Option<&'static str>) -> (Cow<'a, str>, &'a str) {
    let inner = &text[1..];
    let mut from = 0;
    let mut doubled = false;
    while let Some(found) = inner[from..].find('"') {
        let at = from + found;
        if inner[at + 1..].starts_with('"') {
            doubled = true;
            from = at + 2;
            continue;
        }
        let cell = &inner[..at];
        let cell = if doubled {
            Cow::Owned(cell.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(cell)
        };
        return (cell, &inner[at + 1..]);
    }
    *fault = Some("a quote is never closed");
    (Cow::Borrowed(inner), "")
}
