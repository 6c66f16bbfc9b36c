//! How the text is written: delimiter and line ends, found in the header.
//!
//! Comes in: the first piece of decoded text. Goes out: a [`Dialect`], or the wish for more text.
//!
//! Line ends. Where the first line end outside quotes is LF or CRLF, records end at LF and the
//! CRs right before it belong to the line end; LF and CRLF may be mixed. A CR elsewhere in such
//! a file is data: cutting there would tear rows apart. Where the first line end is a CR without
//! LF, every CR, LF and CRLF outside quotes ends a record, as the `csv` crate reads it.

use super::error::IntakeError;

/// Delimiters that are looked for, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What ends a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// LF; the header has no CR before it.
    Lf,
    /// LF; the header has a CR before it.
    CrLf,
    /// CR, and LF too.
    Cr,
}

/// Delimiter and line ends of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Stands between cells.
    pub(super) delimiter: u8,
    /// Stand after records.
    pub(super) line_ends: LineEnds,
}

impl Dialect {
    /// Does a lone CR end a record?
    pub(super) fn cr_ends(self) -> bool {
        self.line_ends == LineEnds::Cr
    }

    /// The end of the line break that begins at `at`; `at` itself where none begins.
    pub(super) fn after_line_end(self, text: &[u8], at: usize) -> usize {
        let rest = &text[at..];
        if self.cr_ends() {
            return match rest {
                [b'\r', b'\n', ..] => at + 2,
                [b'\r' | b'\n', ..] => at + 1,
                _ => at,
            };
        }
        let crs = rest.iter().take_while(|&&byte| byte == b'\r').count();
        match rest.get(crs) {
            Some(b'\n') => at + crs + 1,
            None => at + crs,
            Some(_) => at,
        }
    }

    /// How many lines end in this piece of text, inside quotes too.
    pub(super) fn line_breaks(self, text: &[u8]) -> u64 {
        let lfs = memchr::memchr_iter(b'\n', text).count();
        if !self.cr_ends() {
            return lfs as u64;
        }
        let crs = memchr::memchr_iter(b'\r', text).count();
        let both = memchr::memmem::find_iter(text, b"\r\n").count();
        (lfs + crs - both) as u64
    }
}

/// A delimiter the operator gave: any ASCII byte that cannot be mistaken for text or quoting.
pub(super) fn checked_delimiter(delimiter: u8) -> Result<u8, IntakeError> {
    let unusable = !delimiter.is_ascii()
        || delimiter.is_ascii_alphanumeric()
        || matches!(delimiter, b'"' | b'\r' | b'\n' | 0);
    if unusable {
        Err(IntakeError::BadDelimiter { delimiter })
    } else {
        Ok(delimiter)
    }
}

/// Finds the dialect in the first text of a file; none while the header may go on past `text`.
///
/// `last` says that no more text will come: then a header without line end is complete too.
pub(super) fn detect(text: &[u8], given: Option<u8>, last: bool) -> Option<Dialect> {
    let start = text
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    let line = &text[start..];
    let (end, line_ends) = match (header_end(line), last) {
        (Some(found), _) => found,
        // A quote in the header is never closed: the tokenizer will say where it opened.
        (None, true) => (line.len(), first_line_end(line)),
        (None, false) => return None,
    };
    let delimiter = given.unwrap_or_else(|| most_frequent(&line[..end]));
    Some(Dialect {
        delimiter,
        line_ends,
    })
}

/// The first line end outside quotes; none where it needs more text to tell.
fn header_end(line: &[u8]) -> Option<(usize, LineEnds)> {
    let mut quoted = false;
    let at = line.iter().position(|&byte| {
        quoted ^= byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    })?;
    line_end_at(&line[at..]).map(|line_ends| (at, line_ends))
}

fn line_end_at(rest: &[u8]) -> Option<LineEnds> {
    let crs = rest.iter().take_while(|&&byte| byte == b'\r').count();
    match (crs, rest.get(crs)) {
        (_, None) => None,
        (0, Some(_)) => Some(LineEnds::Lf),
        (_, Some(b'\n')) => Some(LineEnds::CrLf),
        (_, Some(_)) => Some(LineEnds::Cr),
    }
}

/// The line ends of a text that is only a header.
fn first_line_end(line: &[u8]) -> LineEnds {
    let Some(at) = memchr::memchr2(b'\r', b'\n', line) else {
        return LineEnds::Lf;
    };
    line_end_at(&line[at..]).unwrap_or(LineEnds::Cr)
}

/// The candidate that stands most often outside quotes; a comma where none does.
fn most_frequent(header: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in header {
        quoted ^= *byte == b'"';
        let candidate = DELIMITERS.iter().position(|delimiter| delimiter == byte);
        if let (Some(index), false) = (candidate, quoted) {
            counts[index] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let first = counts.iter().position(|&count| count == most).unwrap_or(0);
    DELIMITERS[first]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_most_frequent_candidate_outside_quotes() {
        let table: [(&str, u8); 7] = [
            ("a,b;c,d\n", b','),
            ("a;b\n", b';'),
            ("a\tb\n", b'\t'),
            ("a|b\n", b'|'),
            ("\"a;b;c\",d\n", b','),
            ("\"x,\"\"y\"\",z\";b\n", b';'),
            ("single\n", b','),
        ];
        for (text, delimiter) in table {
            let dialect = detect(text.as_bytes(), None, false).unwrap();
            assert_eq!(dialect.delimiter, delimiter, "{text:?}");
        }
    }

    #[test]
    fn the_first_line_end_outside_quotes_decides() {
        let table = [
            ("a,b\n1\r\n", LineEnds::Lf),
            ("a,b\r\n1\n", LineEnds::CrLf),
            ("a,b\r\r\n1\n", LineEnds::CrLf),
            ("a,b\r1,2\r", LineEnds::Cr),
            ("\"a\nb\",c\r1,2\r", LineEnds::Cr),
            ("\n\r\na,b\n", LineEnds::Lf),
        ];
        for (text, line_ends) in table {
            let dialect = detect(text.as_bytes(), None, false).unwrap();
            assert_eq!(dialect.line_ends, line_ends, "{text:?}");
        }
    }

    #[test]
    fn more_text_is_asked_for_until_the_header_ends() {
        for text in ["", "a,b", "a,b\r", "\"a\n", "\r\n"] {
            assert_eq!(detect(text.as_bytes(), None, false), None, "{text:?}");
            assert!(detect(text.as_bytes(), None, true).is_some(), "{text:?}");
        }
    }

    #[test]
    fn delimiters_that_could_be_text_or_quoting_are_refused() {
        for bad in [b'"', b'\r', b'\n', 0, b'a', b'7', 0xE9] {
            assert!(checked_delimiter(bad).is_err(), "{bad}");
        }
        for good in [b',', b';', b'\t', b'|', b'^', b' ', 0x1F] {
            assert_eq!(checked_delimiter(good).unwrap(), good);
        }
    }
}
