//! Records and cells of one slice of text.
//!
//! Comes in: text and a range of it that begins where a record begins. Goes out: records, cells
//! and how the range ended. Never copies or changes text.
//!
//! The grammar is RFC 4180 with three decisions:
//! - A quote that does not begin a cell is data (`5" pipe`), as the `csv` crate reads it.
//! - Text after a closing quote is an error of the file, not of the row: whether the quote was
//!   meant to close is a guess, and with it where the record ends.
//! - Lines without a byte are no records. They count as lines.

use std::ops::Range;

use crate::model::contact::{Cell, Quoting, Record, RecordFault};

use super::dialect::Dialect;
use super::scan::Scanner;

const QUOTE: u8 = b'"';

/// What a record is measured against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grammar {
    /// Delimiter and line ends.
    pub(super) dialect: Dialect,
    /// Cells a record must have.
    pub(super) width: u32,
    /// Bytes a record may have, line end included.
    pub(super) record_bytes_max: usize,
}

/// A piece of the file's decoded text that begins where a record begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    /// The bytes.
    pub(super) bytes: &'t [u8],
    /// No text follows.
    pub(super) last: bool,
    /// The byte before the first one is a CR, so a LF would belong to its line end.
    pub(super) after_cr: bool,
}

/// What was found in a slice. Cells have positions in the text; cell ranges and lines of the
/// records count from the slice's first.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// Every cell of every complete record.
    pub(super) cells: Vec<Cell>,
    /// The complete records.
    pub(super) records: Vec<Record>,
    /// Lines that end before the place where the slice stopped.
    pub(super) line_breaks: u64,
    /// How it stopped.
    pub(super) stop: Stop,
}

/// How a slice stopped. Lines count from the slice's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stop {
    /// At its end, which is the end of a record.
    #[default]
    AtRecordEnd,
    /// Inside a record.
    InRecord {
        /// Where the record starts.
        start: usize,
        /// The line of the quote that is still open.
        quote_line: Option<u64>,
    },
    /// At text that follows a closing quote.
    TextAfterQuote {
        /// Line of the opening quote.
        opened: u64,
        /// Line of the closing quote.
        line: u64,
    },
    /// After a record that is longer than any may be.
    TooLong {
        /// Where the record starts.
        start: usize,
    },
}

/// Reads the records of a range of the text, which must begin where a record begins.
pub(super) fn tokenise(text: Text<'_>, range: Range<usize>, grammar: Grammar, into: &mut Tokens) {
    assert!(
        u32::try_from(range.end).is_ok(),
        "a window's text is far smaller than 4 GiB"
    );
    into.cells.clear();
    into.records.clear();
    let delimiter = grammar.dialect.delimiter;
    let bytes = &text.bytes[..range.end];
    if grammar.dialect.cr_ends() {
        let scanner = Scanner::new(bytes, range.start, [delimiter, b'\n', QUOTE, b'\r']);
        Slice {
            text,
            bytes,
            grammar,
            scanner,
            line: 0,
        }
        .read(range.start, into);
    } else {
        let scanner = Scanner::new(bytes, range.start, [delimiter, b'\n', QUOTE]);
        Slice {
            text,
            bytes,
            grammar,
            scanner,
            line: 0,
        }
        .read(range.start, into);
    }
    mark_undecodable(bytes, into);
}

/// What comes after a cell.
enum Edge {
    /// A delimiter, at this position.
    Delimiter(usize),
    /// The record's end.
    RecordEnd {
        /// Where the cell ends.
        end: usize,
        /// Where the next record starts.
        next: usize,
    },
    /// The slice's end, with the line of the quote that is still open.
    Cut(Option<u64>),
    /// Text after a closing quote.
    TextAfterQuote {
        /// Where the text begins.
        at: usize,
        /// Line of the opening quote.
        opened: u64,
    },
}

struct Slice<'t, const N: usize> {
    text: Text<'t>,
    /// The text up to the slice's end.
    bytes: &'t [u8],
    grammar: Grammar,
    scanner: Scanner<'t, N>,
    /// Lines that ended so far.
    line: u64,
}

impl<const N: usize> Slice<'_, N> {
    fn read(mut self, start: usize, into: &mut Tokens) {
        into.stop = Stop::AtRecordEnd;
        let mut at = start;
        while at < self.bytes.len() {
            let line = self.line;
            match self.record(at, into) {
                Ok(next) => at = next,
                Err(stop) => {
                    into.stop = stop;
                    self.line = line;
                    break;
                }
            }
        }
        into.line_breaks = self.line;
    }

    /// Reads one record or one blank line; tells where the next one starts.
    fn record(&mut self, start: usize, into: &mut Tokens) -> Result<usize, Stop> {
        let line = self.line;
        let first_cell = into.cells.len();
        let delimiter = self.grammar.dialect.delimiter;
        let mut cell_start = start;
        let stop = loop {
            let mut hit = self.scanner.next();
            // So nearly all cells end: bare, with a delimiter.
            while let Some(at) = hit.filter(|at| self.bytes[*at] == delimiter) {
                into.cells.push(cell(cell_start, at, Quoting::Bare));
                cell_start = at + 1;
                hit = self.scanner.next();
            }
            let (quoting, edge) = self.cell(cell_start, hit);
            match edge {
                Edge::Delimiter(at) => {
                    into.cells.push(cell(cell_start, at, quoting));
                    cell_start = at + 1;
                }
                Edge::RecordEnd { end, next } => {
                    if end == start {
                        return Ok(next);
                    }
                    if next - start > self.grammar.record_bytes_max {
                        break Stop::TooLong { start };
                    }
                    into.cells.push(cell(cell_start, end, quoting));
                    let record = self.finished(start..end, line, first_cell..into.cells.len());
                    into.records.push(record);
                    return Ok(next);
                }
                Edge::Cut(quote_line) => break Stop::InRecord { start, quote_line },
                Edge::TextAfterQuote { at, .. } if at - start > self.grammar.record_bytes_max => {
                    break Stop::TooLong { start };
                }
                Edge::TextAfterQuote { opened, .. } => {
                    break Stop::TextAfterQuote {
                        opened,
                        line: self.line,
                    };
                }
            }
        };
        into.cells.truncate(first_cell);
        Err(stop)
    }

    /// Reads the cell that starts here, where this is the first byte that was looked for.
    #[inline]
    fn cell(&mut self, start: usize, hit: Option<usize>) -> (Quoting, Edge) {
        match hit {
            Some(at) if at == start && self.bytes[at] == QUOTE => self.quoted(),
            _ => (Quoting::Bare, self.bare(start, hit)),
        }
    }

    /// A cell without quotes around it, in which this is the first byte that was looked for.
    fn bare(&mut self, start: usize, mut hit: Option<usize>) -> Edge {
        while let Some(at) = hit {
            let byte = self.bytes[at];
            if byte == self.grammar.dialect.delimiter {
                return Edge::Delimiter(at);
            }
            if byte != QUOTE {
                self.count_line(at);
                return Edge::RecordEnd {
                    end: self.without_crs(start, at),
                    next: at + 1,
                };
            }
            hit = self.scanner.next();
        }
        if !self.at_file_end() {
            return Edge::Cut(None);
        }
        let end = self.bytes.len();
        Edge::RecordEnd {
            end: self.without_crs(start, end),
            next: end,
        }
    }

    /// A cell whose opening quote has just been passed.
    fn quoted(&mut self) -> (Quoting, Edge) {
        let opened = self.line;
        let mut quoting = Quoting::Quoted;
        loop {
            let Some(at) = self.scanner.next() else {
                return (quoting, Edge::Cut(Some(opened)));
            };
            match self.bytes[at] {
                QUOTE if self.bytes.get(at + 1) == Some(&QUOTE) => {
                    self.scanner.next();
                    quoting = Quoting::Escaped;
                }
                QUOTE => return (quoting, self.after_quote(at + 1, opened)),
                b'\n' | b'\r' => self.count_line(at),
                _ => {}
            }
        }
    }

    /// What stands behind a closing quote: a delimiter, a line end, the end, or a mistake.
    fn after_quote(&mut self, end: usize, opened: u64) -> Edge {
        let dialect = self.grammar.dialect;
        if self.bytes.get(end) == Some(&dialect.delimiter) {
            self.scanner.next();
            return Edge::Delimiter(end);
        }
        let rest = &self.bytes[end..];
        let crs = rest.iter().take_while(|&&byte| byte == b'\r').count();
        if dialect.cr_ends() && crs > 0 || rest.get(crs) == Some(&b'\n') {
            let Some(at) = self.scanner.next() else {
                return Edge::Cut(Some(opened));
            };
            self.count_line(at);
            return Edge::RecordEnd { end, next: at + 1 };
        }
        match (crs == rest.len(), self.at_file_end()) {
            (true, true) => Edge::RecordEnd {
                end,
                next: self.bytes.len(),
            },
            (true, false) => Edge::Cut(Some(opened)),
            (false, _) => Edge::TextAfterQuote { at: end, opened },
        }
    }

    /// CRs before a line end belong to it, unless they are line ends themselves.
    #[inline]
    fn without_crs(&self, start: usize, mut end: usize) -> usize {
        if !self.grammar.dialect.cr_ends() {
            while end > start && self.bytes[end - 1] == b'\r' {
                end -= 1;
            }
        }
        end
    }

    /// Counts the line that ends with this byte; the LF of a CRLF was counted with its CR.
    #[inline]
    fn count_line(&mut self, at: usize) {
        let after_cr = || match at.checked_sub(1) {
            Some(before) => self.bytes[before] == b'\r',
            None => self.text.after_cr,
        };
        let counted = self.bytes[at] == b'\n' && self.grammar.dialect.cr_ends() && after_cr();
        self.line += u64::from(!counted);
    }

    fn at_file_end(&self) -> bool {
        self.text.last && self.bytes.len() == self.text.bytes.len()
    }

    fn finished(&self, bytes: Range<usize>, line: u64, cells: Range<usize>) -> Record {
        let found = offset(cells.len());
        Record {
            line,
            bytes: offset(bytes.start)..offset(bytes.end),
            cells: offset(cells.start)..offset(cells.end),
            fault: (found != self.grammar.width).then_some(RecordFault::Width { found }),
        }
    }
}

fn cell(start: usize, end: usize, quoting: Quoting) -> Cell {
    Cell {
        start: offset(start),
        end: offset(end),
        quoting,
    }
}

/// A position in a window's text, or a count of its cells.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "asserted once for the whole text; this runs for every cell"
)]
fn offset(at: usize) -> u32 {
    at as u32
}

/// Marks the records that are not UTF-8 or hold a NUL. A wrong width counts less: it may be
/// the fault of the broken bytes.
fn mark_undecodable(bytes: &[u8], tokens: &mut Tokens) {
    let (Some(first), Some(end)) = (tokens.records.first(), tokens.records.last()) else {
        return;
    };
    let all = &bytes[first.bytes.start as usize..end.bytes.end as usize];
    if simdutf8::basic::from_utf8(all).is_ok() && memchr::memchr(0, all).is_none() {
        return;
    }
    for record in &mut tokens.records {
        let text = &bytes[record.bytes.start as usize..record.bytes.end as usize];
        if let Some(at) = undecodable_at(text) {
            record.fault = Some(RecordFault::Encoding { offset: offset(at) });
        }
    }
}

/// Where the first byte stands that is not UTF-8, or is NUL.
pub(super) fn undecodable_at(bytes: &[u8]) -> Option<usize> {
    let text_ends = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to(),
    };
    let nul = memchr::memchr(0, &bytes[..text_ends]);
    nul.or_else(|| (text_ends < bytes.len()).then_some(text_ends))
}
