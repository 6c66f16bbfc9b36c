//! Reads Data Loader mapping files (`.sdl`): Java properties, `Header=Field`.
//!
//! Comes in: the file's bytes. Goes out: its entries in order, with lines. What a field means is
//! not judged here. Comments, continued lines, escapes and the three separators follow
//! [`java.util.Properties`](https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)).
//! Data Loader reads the file as Latin-1; people edit it as UTF-8. It is taken for UTF-8 where
//! it is valid UTF-8.

/// One `Header=Field` of a mapping file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SdlEntry {
    /// The line it starts on, from 1.
    pub(super) line: u64,
    /// The CSV column, or a constant in quotes.
    pub(super) header: String,
    /// The Salesforce field; empty where the column is not mapped.
    pub(super) field: String,
}

/// The entries of a mapping file, in order.
pub(super) fn entries(bytes: &[u8]) -> Vec<SdlEntry> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    logical_lines(&text)
        .into_iter()
        .map(|(line, text)| entry(line, &text))
        .collect()
}

/// Lines that say something, continued ones joined, leading white space gone.
fn logical_lines(text: &str) -> Vec<(u64, String)> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<(u64, String)> = Vec::new();
    let mut continued = false;
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.trim_start_matches(is_blank);
        if !continued && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = line.chars().rev().take_while(|c| *c == '\\').count();
        let goes_on = backslashes % 2 == 1;
        let piece = if goes_on {
            &line[..line.len() - 1]
        } else {
            line
        };
        match lines.last_mut() {
            Some((_, whole)) if continued => whole.push_str(piece),
            _ => lines.push((number, piece.to_owned())),
        }
        continued = goes_on;
    }
    lines
}

/// Splits at the first `=`, `:` or white space that is not escaped.
fn entry(line: u64, text: &str) -> SdlEntry {
    let mut escaped = false;
    let key_ends = text
        .char_indices()
        .find(|&(_, c)| {
            let ends = !escaped && (c == '=' || c == ':' || is_blank(c));
            escaped = !escaped && c == '\\';
            ends
        })
        .map_or(text.len(), |(at, _)| at);
    let (key, rest) = text.split_at(key_ends);
    let rest = rest.trim_start_matches(is_blank);
    let value = rest
        .strip_prefix(['=', ':'])
        .unwrap_or(rest)
        .trim_start_matches(is_blank);
    SdlEntry {
        line,
        header: unescaped(key),
        field: unescaped(value).trim_end().to_owned(),
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// `\t`, `\n`, `\r`, `\f` and `\uXXXX` are what they say; before anything else a backslash is
/// dropped. Java counts in UTF-16, so two `\u` may make one character.
fn unescaped(text: &str) -> String {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let escape = if c == '\\' { rest.next() } else { None };
        let code = rest
            .as_str()
            .get(..4)
            .and_then(|code| u16::from_str_radix(code, 16).ok());
        match (escape, code) {
            (Some('u'), Some(unit)) => {
                units.push(unit);
                rest = rest.as_str()[4..].chars();
            }
            (Some('t'), _) => units.push(u16::from(b'\t')),
            (Some('n'), _) => units.push(u16::from(b'\n')),
            (Some('r'), _) => units.push(u16::from(b'\r')),
            (Some('f'), _) => units.push(0x0C),
            (escape, _) => units.extend(escape.unwrap_or(c).encode_utf16(&mut [0; 2]).iter()),
        }
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[u8]) -> Vec<(u64, String, String)> {
        entries(text)
            .into_iter()
            .map(|e| (e.line, e.header, e.field))
            .collect()
    }

    #[test]
    fn comments_blank_lines_and_white_space_are_skipped() {
        let text = b"#Mapping values\r\n#Tue Jun 20 18:59:17 PDT 2006\r\n\r\n! other\n  Mail = Email \nName=LastName";
        assert_eq!(
            pairs(text),
            [
                (5, "Mail".into(), "Email".into()),
                (6, "Name".into(), "LastName".into())
            ]
        );
    }

    #[test]
    fn escapes_and_separators_are_those_of_java_properties() {
        let table: [(&[u8], &str, &str); 10] = [
            (
                b"Partner\\ Key=Contact\\:Key__c",
                "Partner Key",
                "Contact:Key__c",
            ),
            (b"PARENT=Contact:Key__c", "PARENT", "Contact:Key__c"),
            (b"Mail:Email", "Mail", "Email"),
            (b"Mail Email", "Mail", "Email"),
            (b"a\\=b=Title", "a=b", "Title"),
            (b"Stra\\u00dfe=Street", "Straße", "Street"),
            (b"\\ud83d\\ude00=Title", "😀", "Title"),
            (b"Stra\xDFe=Street", "Straße", "Street"),
            ("Straße=Street".as_bytes(), "Straße", "Street"),
            (b"Notes=", "Notes", ""),
        ];
        for (text, header, field) in table {
            assert_eq!(
                pairs(text),
                [(1, header.to_owned(), field.to_owned())],
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_ending_in_a_backslash_goes_on_with_the_next() {
        assert_eq!(
            pairs(b"Ma\\\n   il=Em\\\nail\nx=y\\\\"),
            [
                (1, "Mail".into(), "Email".into()),
                (4, "x".into(), "y\\".into())
            ]
        );
    }

    #[test]
    fn odd_escapes_do_not_stop_the_reader() {
        assert_eq!(pairs(b"a=\\u12"), [(1, "a".into(), "u12".into())]);
        assert_eq!(
            pairs("a=\\u1é€".as_bytes()),
            [(1, "a".into(), "u1é€".into())]
        );
        assert_eq!(pairs(b"a=b\\"), [(1, "a".into(), "b".into())]);
    }
}
