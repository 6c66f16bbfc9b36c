//! A window's text is cut into slices, which are read in parallel and joined in order.
//!
//! Comes in: text that begins where a record begins. Goes out: its complete records.
//!
//! The cuts are guesses: behind a line end that is outside quotes when every quote is taken for
//! structure. They are proved by the reading itself: the first slice begins at a record, and
//! where a slice ends exactly with a record, the next one begins at a record too. Where that
//! fails (a stray quote in a bare cell misled the guess) the rest is read in one piece. So the
//! result depends neither on the cuts nor on the number of threads.

use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter, memchr3_iter};
use rayon::prelude::*;

use crate::model::contact::{Cell, Record};

use super::dialect::Dialect;
use super::tokens::{Grammar, Stop, Text, Tokens, tokenise};

/// The complete records of a text; lines count from its first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// Their cells.
    pub(super) cells: Vec<Cell>,
    /// Bytes of the text that are done with; the rest is the beginning of a record.
    pub(super) consumed: usize,
    /// Lines that end in those bytes.
    pub(super) line_breaks: u64,
}

/// Why a text cannot be cut into records; lines count from its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFault {
    /// A quote that is never closed.
    UnclosedQuote {
        /// Where it opened.
        line: u64,
    },
    /// Text after a closing quote.
    TextAfterQuote {
        /// Where the quote opened.
        opened: u64,
        /// Where it closed.
        line: u64,
    },
    /// A record longer than any may be.
    RecordTooLong {
        /// Where it starts.
        line: u64,
    },
}

/// Reads every complete record into the room of `into`, which holds nothing yet. `scratch` is
/// working memory that is used again and again.
pub(super) fn parse(
    text: Text<'_>,
    grammar: Grammar,
    slice_bytes: usize,
    scratch: &mut Vec<Tokens>,
    into: Parsed,
) -> Result<Parsed, TextFault> {
    // One thread has nothing to share: cuts would only have to be found, and mended again.
    let ranges = match rayon::current_num_threads() {
        1 => std::iter::once(0..text.bytes.len()).collect(),
        _ => cut(text.bytes, grammar.dialect, slice_bytes),
    };
    if scratch.len() < ranges.len() {
        scratch.resize_with(ranges.len(), Tokens::default);
    }
    let slices = &mut scratch[..ranges.len()];
    ranges
        .par_iter()
        .zip(slices.par_iter_mut())
        .for_each(|(range, tokens)| tokenise(text, range.clone(), grammar, tokens));
    let mut parsed = into;
    if let [only] = slices {
        // What counts from the slice's first counts from the text's first too.
        std::mem::swap(&mut parsed.records, &mut only.records);
        std::mem::swap(&mut parsed.cells, &mut only.cells);
        parsed.line_breaks = only.line_breaks;
        return parsed.stopped(only.stop, 0, text, grammar);
    }
    let records = slices.iter().map(|tokens| tokens.records.len()).sum();
    let cells = slices.iter().map(|tokens| tokens.cells.len()).sum();
    parsed.records.reserve(records);
    parsed.cells.reserve(cells);
    for (range, tokens) in ranges.iter().zip(slices) {
        let mut first_line = parsed.append(tokens);
        let misled = matches!(tokens.stop, Stop::InRecord { .. }) && range.end < text.bytes.len();
        if let (Stop::InRecord { start, .. }, true) = (tokens.stop, misled) {
            tokenise(text, start..text.bytes.len(), grammar, tokens);
            first_line = parsed.append(tokens);
        }
        if misled || tokens.stop != Stop::AtRecordEnd {
            return parsed.stopped(tokens.stop, first_line, text, grammar);
        }
    }
    parsed.consumed = text.bytes.len();
    Ok(parsed)
}

impl Parsed {
    /// Takes over the records of a slice; tells the line its lines count from.
    fn append(&mut self, tokens: &Tokens) -> u64 {
        let cells = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        let first_line = self.line_breaks;
        self.cells.extend_from_slice(&tokens.cells);
        self.records
            .extend(tokens.records.iter().map(|record| Record {
                line: first_line + record.line,
                cells: cells + record.cells.start..cells + record.cells.end,
                ..record.clone()
            }));
        self.line_breaks += tokens.line_breaks;
        first_line
    }

    /// Ends where the last slice stopped, or says why the text cannot be read on from there.
    fn stopped(
        mut self,
        stop: Stop,
        first_line: u64,
        text: Text<'_>,
        grammar: Grammar,
    ) -> Result<Self, TextFault> {
        let length = text.bytes.len();
        let (start, quote_line) = match stop {
            Stop::AtRecordEnd => (length, None),
            Stop::InRecord { start, quote_line } => (start, quote_line),
            Stop::TooLong { start } => {
                return Err(too_long(text, start, self.line_breaks, grammar));
            }
            Stop::TextAfterQuote { opened, line } => {
                let (opened, line) = (first_line + opened, first_line + line);
                return Err(TextFault::TextAfterQuote { opened, line });
            }
        };
        if length - start > grammar.record_bytes_max {
            return Err(too_long(text, start, self.line_breaks, grammar));
        }
        if let (true, Some(line)) = (text.last, quote_line) {
            return Err(TextFault::UnclosedQuote {
                line: first_line + line,
            });
        }
        self.consumed = start;
        Ok(self)
    }
}

/// A record that is too long is one with a quote that is never closed, if a quote is open where
/// the limit is passed. Always judged on the same bytes, so that it does not matter how much
/// of the record was read.
fn too_long(text: Text<'_>, start: usize, line: u64, grammar: Grammar) -> TextFault {
    let limit = start + grammar.record_bytes_max + 1;
    let head = Text {
        bytes: &text.bytes[..limit],
        last: false,
        ..text
    };
    let mut tokens = Tokens::default();
    tokenise(head, start..limit, grammar, &mut tokens);
    match tokens.stop {
        Stop::InRecord {
            quote_line: Some(quote),
            ..
        } => TextFault::UnclosedQuote { line: line + quote },
        _ => TextFault::RecordTooLong { line },
    }
}

/// Cuts a text into ranges of about the given size, behind line ends that look like record ends.
fn cut(bytes: &[u8], dialect: Dialect, slice_bytes: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::with_capacity(bytes.len() / slice_bytes + 1);
    let quotes: Vec<usize> = bytes
        .par_chunks(slice_bytes)
        .map(|chunk| memchr_iter(b'"', chunk).count())
        .collect();
    let mut start = 0;
    let mut quotes_before = 0;
    for (index, quotes) in quotes.iter().enumerate() {
        let at = index * slice_bytes;
        if at > start {
            let inside = quotes_before % 2 == 1;
            let Some(end) = next_record_end(bytes, at, inside, dialect) else {
                break;
            };
            ranges.push(start..end);
            start = end;
        }
        quotes_before += quotes;
    }
    if start < bytes.len() {
        ranges.push(start..bytes.len());
    }
    ranges
}

/// The first position behind a line end outside quotes.
fn next_record_end(bytes: &[u8], from: usize, quoted: bool, dialect: Dialect) -> Option<usize> {
    let rest = &bytes[from..];
    let at = if dialect.cr_ends() {
        first_outside_quotes(memchr3_iter(b'\n', b'\r', b'"', rest), rest, quoted)
    } else {
        first_outside_quotes(memchr2_iter(b'\n', b'"', rest), rest, quoted)
    };
    at.map(|at| dialect.after_line_end(bytes, from + at))
}

fn first_outside_quotes(
    mut hits: impl Iterator<Item = usize>,
    text: &[u8],
    mut quoted: bool,
) -> Option<usize> {
    hits.find(|&at| {
        let quote = text[at] == b'"';
        quoted ^= quote;
        !quote && !quoted
    })
}
