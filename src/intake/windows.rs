//! The rows of a file, window by window, in file order.
//!
//! Comes in: an opened file. Goes out: windows of complete records, each with the text it is
//! made of. Holds one window's text and the beginning of the next; never the file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::contact::Window;

use super::error::IntakeError;
use super::slices::{Parsed, TextFault, parse};
use super::source::Source;
use super::tokens::{Grammar, Text, Tokens};

/// How much is read, held and handed on at once. Settings of the program, not of a run: nothing
/// but speed and memory depends on them, which the tests prove with other values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Raw bytes of one read.
    pub(super) block_bytes: usize,
    /// Text of one window.
    pub(super) window_bytes: usize,
    /// Text of one slice, the unit of parallel work.
    pub(super) slice_bytes: usize,
    /// Text in which the header is looked for first.
    pub(super) head_bytes: usize,
    /// Bytes a record may have.
    pub(super) record_bytes_max: usize,
    /// Rows a file may have.
    pub(super) rows_max: u32,
}

/// The windows of a file. After an error nothing more comes.
pub struct Windows {
    pub(super) path: PathBuf,
    pub(super) source: Source,
    pub(super) grammar: Grammar,
    pub(super) sizes: Sizes,
    pub(super) place: Place,
    pub(super) scratch: Vec<Tokens>,
    /// A window that is done with: the next one takes over its memory.
    pub(super) spare: Window,
}

/// How far the reading has come.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Text that was read and belongs to no window yet.
    pub(super) pending: Vec<u8>,
    /// The line its first byte is on.
    pub(super) line: u64,
    /// Rows handed out so far.
    pub(super) rows: u32,
    /// The byte before `pending` was a CR.
    pub(super) after_cr: bool,
    /// All rows were handed out, or an error was.
    pub(super) over: bool,
    /// The digest, once the whole file was read.
    pub(super) sha256: Option<String>,
    /// The fingerprint, once the whole file was read.
    pub(super) fingerprint: Option<u128>,
}

impl fmt::Debug for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the text: it is personal data.
        f.debug_struct("Windows")
            .field("path", &self.path)
            .field("rows", &self.place.rows)
            .finish_non_exhaustive()
    }
}

impl Iterator for Windows {
    type Item = Result<Window, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place.over {
            return None;
        }
        let window = self.window().transpose();
        if !matches!(window, Some(Ok(_))) {
            self.place.over = true;
        }
        window
    }
}

impl Windows {
    /// SHA-256 of the file's bytes in lower-case hex, once the last window was handed out.
    pub fn sha256(&self) -> Option<String> {
        self.place.sha256.clone()
    }

    /// The same without SHA-256, which costs more than the parsing: for a second pass, which is
    /// known by its fingerprint.
    #[must_use]
    pub fn without_sha256(mut self) -> Self {
        self.source.forget_sha256();
        self
    }

    /// The same without fingerprint: for the only pass there is.
    #[must_use]
    pub fn without_fingerprint(mut self) -> Self {
        self.source.forget_fingerprint();
        self
    }

    /// What two readings of one content share, once the last window was handed out: it tells
    /// whether the file changed in between, and guards against nobody who wants to deceive.
    pub fn fingerprint(&self) -> Option<u128> {
        self.place.fingerprint
    }

    /// Takes back a window that is done with. Fresh memory for each costs as much as reading it.
    pub fn reuse(&mut self, mut window: Window) {
        window.text.clear();
        window.cells.clear();
        window.records.clear();
        self.spare = window;
    }

    /// The next window that has rows; none at the file's end.
    fn window(&mut self) -> Result<Option<Window>, IntakeError> {
        let mut text = std::mem::take(&mut self.spare.text);
        text.append(&mut self.place.pending);
        let mut target = self.sizes.window_bytes;
        loop {
            let fresh = self.fill(&mut text, target)?;
            let last = text.len() < target;
            let parsed = self.parse(&text, fresh, last)?;
            if !parsed.records.is_empty() {
                return self.cut_off(text, parsed).map(Some);
            }
            let whole = parsed.consumed == text.len();
            if last && whole {
                self.place.sha256 = self.source.sha256();
                self.place.fingerprint = self.source.fingerprint();
                return Ok(None);
            }
            // Blank lines only, or the beginning of a long record: go on with more text.
            self.pass(&text, &parsed);
            text.drain(..parsed.consumed);
            target = self.sizes.window_bytes.max(text.len() * 2);
        }
    }

    fn fill(&mut self, text: &mut Vec<u8>, target: usize) -> Result<usize, IntakeError> {
        self.source
            .fill(text, target)
            .map_err(|source| unreadable(&self.path, source))
    }

    /// Parses the text, and takes its fresh bytes into the digest on another core.
    fn parse(&mut self, text: &[u8], fresh: usize, last: bool) -> Result<Parsed, IntakeError> {
        let (grammar, slice_bytes) = (self.grammar, self.sizes.slice_bytes);
        let whole = Text {
            bytes: text,
            last,
            after_cr: self.place.after_cr,
        };
        let (source, scratch) = (&mut self.source, &mut self.scratch);
        let into = Parsed {
            records: std::mem::take(&mut self.spare.records),
            cells: std::mem::take(&mut self.spare.cells),
            ..Parsed::default()
        };
        let ((), parsed) = rayon::join(
            || source.digest(&text[fresh..]),
            || parse(whole, grammar, slice_bytes, scratch, into),
        );
        parsed.map_err(|fault| self.error(fault))
    }

    /// Makes the window; what follows its last record is kept for the next one.
    fn cut_off(&mut self, mut text: Vec<u8>, parsed: Parsed) -> Result<Window, IntakeError> {
        let first_row = self.place.rows;
        let rows = u32::try_from(parsed.records.len())
            .ok()
            .and_then(|n| first_row.checked_add(n));
        self.place.rows = match rows {
            Some(rows) if rows <= self.sizes.rows_max => rows,
            _ => {
                let (path, rows_max) = (self.path.clone(), self.sizes.rows_max);
                return Err(IntakeError::TooManyRows { path, rows_max });
            }
        };
        let first_line = self.place.line;
        self.pass(&text, &parsed);
        self.place
            .pending
            .extend_from_slice(&text[parsed.consumed..]);
        text.truncate(parsed.consumed);
        let mut records = parsed.records;
        for record in &mut records {
            record.line += first_line;
        }
        Ok(Window {
            first_row,
            text,
            cells: parsed.cells,
            records,
        })
    }

    /// Moves the place behind what was parsed.
    fn pass(&mut self, text: &[u8], parsed: &Parsed) {
        self.place.line += parsed.line_breaks;
        if let Some(before) = parsed.consumed.checked_sub(1) {
            self.place.after_cr = text[before] == b'\r';
        }
    }

    fn error(&self, fault: TextFault) -> IntakeError {
        text_error(&self.path, self.place.line, fault)
    }
}

/// An error of the text, with its line in the file.
pub(super) fn text_error(path: &Path, first_line: u64, fault: TextFault) -> IntakeError {
    let path = path.to_path_buf();
    match fault {
        TextFault::UnclosedQuote { line } => IntakeError::UnclosedQuote {
            path,
            line: first_line + line,
        },
        TextFault::TextAfterQuote { opened, line } => IntakeError::TextAfterQuote {
            path,
            line: first_line + line,
            opened: first_line + opened,
        },
        TextFault::RecordTooLong { line } => IntakeError::RecordTooLong {
            path,
            line: first_line + line,
        },
    }
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> IntakeError {
    IntakeError::Unreadable {
        path: path.to_path_buf(),
        source,
    }
}
