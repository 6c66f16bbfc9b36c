//! SOQL text becomes tokens that remember where they stood.

use super::{SoqlError, at};

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Byte offset in the query.
    pub(super) at: usize,
    pub(super) what: Word,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A keyword, a field path, a number, a date: everything without quotes.
    Bare(String),
    /// A quoted text, unescaped; `like` keeps the escapes of wildcards.
    Text { plain: String, like: String },
    /// `= != < > <= >= ( ) ,`
    Sign(&'static str),
    /// After the last token.
    End,
}

/// Signs, longer ones first.
const SIGNS: [&str; 10] = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ","];

/// Splits a query into tokens, `Word::End` last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SoqlError> {
    let mut tokens = Vec::new();
    let mut rest = 0;
    while let Some(letter) = text.get(rest..).and_then(|left| left.chars().next()) {
        if letter.is_whitespace() {
            rest += letter.len_utf8();
            continue;
        }
        let (what, length) = if letter == '\'' {
            quoted(text, rest)?
        } else if let Some(sign) = SIGNS.iter().find(|sign| text[rest..].starts_with(**sign)) {
            (Word::Sign(sign), sign.len())
        } else {
            let bare = bare(&text[rest..]);
            if bare.is_empty() {
                let unexpected = format!("unexpected token: '{letter}'");
                return Err(at(text, rest, "MALFORMED_QUERY", &unexpected));
            }
            (Word::Bare(bare.to_owned()), bare.len())
        };
        tokens.push(Token { at: rest, what });
        rest += length;
    }
    tokens.push(Token {
        at: text.len(),
        what: Word::End,
    });
    Ok(tokens)
}

/// Letters, digits and what stands in paths, numbers and dates.
fn bare(text: &str) -> &str {
    let inside = |letter: char| letter.is_alphanumeric() || "_.:+-%".contains(letter);
    let end = text.find(|letter| !inside(letter)).unwrap_or(text.len());
    &text[..end]
}

/// A quoted text from its opening quote, and how many bytes it takes.
fn quoted(text: &str, start: usize) -> Result<(Word, usize), SoqlError> {
    let (mut plain, mut like) = (String::new(), String::new());
    let mut letters = text[start + 1..].char_indices();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\'' => return Ok((Word::Text { plain, like }, offset + 2)),
            '\\' => {
                let Some((_, escaped)) = letters.next() else {
                    break;
                };
                let meant = match escaped {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    other => other,
                };
                plain.push(meant);
                if matches!(meant, '%' | '_' | '\\') {
                    like.push('\\');
                }
                like.push(meant);
            }
            other => {
                plain.push(other);
                like.push(other);
            }
        }
    }
    Err(at(text, start, "MALFORMED_QUERY", "unexpected token: '''"))
}
