//! Has a text the form of an e-mail address, or of a username?
//!
//! Comes in: a trimmed value. Goes out: yes or no. Never asks whether the address exists.

use memchr::{memchr, memrchr};

/// Has it the form of an e-mail address? Loose: one `@`, a domain with a dot, no empty
/// part, no blanks, none of the characters that only quoted or listed addresses have.
pub(super) fn is_email(value: &str) -> bool {
    let Some(at) = memchr(b'@', value.as_bytes()) else {
        return false;
    };
    let bytes = value.as_bytes();
    let (mut domain, mut pairs, mut before) = (0, 0, DOT);
    for byte in bytes[at + 1..].iter().copied() {
        let traits = TRAITS[usize::from(byte)];
        domain |= traits;
        // No label may be empty.
        pairs |= traits & before;
        before = traits;
    }
    let is_whole = at > 0 && domain & DOT > 0 && (pairs | before) & DOT == 0;
    let all = traits(&bytes[..at]) | domain;
    is_whole && domain & AT == 0 && all & MARK == 0 && !has_blanks(value, all)
}

/// The form of a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsernameForm {
    Usual,
    /// It holds characters that usernames rarely have (R-105: no official list was found).
    Unusual,
    /// Not `something@something.something`, or with blanks.
    Malformed,
}

/// Has it the form of a username?
pub(super) fn username_form(value: &str) -> UsernameForm {
    let bytes = value.as_bytes();
    let at = memrchr(b'@', bytes).unwrap_or(0);
    let dot = memrchr(b'.', bytes).unwrap_or(0);
    let is_whole = at > 0 && dot > at + 1 && dot + 1 < bytes.len();
    let traits = traits(bytes);
    if !is_whole || has_blanks(value, traits) {
        UsernameForm::Malformed
    } else if traits & UNUSUAL > 0 {
        UsernameForm::Unusual
    } else {
        UsernameForm::Usual
    }
}

/// White space or control characters.
fn has_blanks(value: &str, traits: u8) -> bool {
    if traits & FOREIGN == 0 {
        traits & BLANK > 0
    } else {
        value.contains(|c: char| c.is_whitespace() || c.is_control())
    }
}

/// An ASCII blank or control character.
const BLANK: u8 = 1;
/// A byte of a character that is not ASCII.
const FOREIGN: u8 = 2;
/// A mark that only quoted or listed addresses have.
const MARK: u8 = 4;
/// What usernames rarely have.
const UNUSUAL: u8 = 8;
/// A dot.
const DOT: u8 = 16;
/// An `@`.
const AT: u8 = 32;

/// The traits of every byte.
static TRAITS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        let is_usual = byte.is_ascii_alphanumeric()
            || matches!(byte, b'@' | b'.' | b'_' | b'-' | b'+' | b'\'');
        let is_mark = matches!(byte, b',' | b';' | b':' | b'<' | b'>' | b'"' | b'\\')
            || matches!(byte, b'(' | b')' | b'[' | b']');
        table[byte as usize] = BLANK * (byte <= b' ' || byte == 0x7f) as u8
            + FOREIGN * !byte.is_ascii() as u8
            + MARK * is_mark as u8
            + UNUSUAL * !is_usual as u8
            + DOT * (byte == b'.') as u8
            + AT * (byte == b'@') as u8;
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// What is true of any of these bytes. Looks at every one: faster for short texts than stopping
/// early.
fn traits(bytes: &[u8]) -> u8 {
    let of = |byte: &u8| TRAITS[usize::from(*byte)];
    bytes.iter().fold(0, |traits, byte| traits | of(byte))
}
