//! Takes the text of `sf__Error` apart: `CODE:message:fields --` (bulk-api-2 §3.8). Pure.
//!
//! The message may hold colons and line breaks. Without a separator the whole text is the code;
//! mocks of other clients write such bare codes.

use crate::model::outcome::RowError;

/// Stands for the code when the text does not begin with one.
const CODE_UNREADABLE: &str = "UNREADABLE_ERROR";

/// Code, message and fields of one `sf__Error` cell.
pub fn parse_row_error(text: &str) -> RowError {
    let text = text.trim();
    let text = text.strip_suffix("--").unwrap_or(text).trim_end();
    let (code, rest) = text.split_once(':').unwrap_or((text, ""));
    if !is_code(code) {
        return error(CODE_UNREADABLE, text, "");
    }
    match rest.rsplit_once(':') {
        Some((message, fields)) if is_field_list(fields) => error(code, message, fields),
        // The last colon belongs to the message.
        _ => error(code, rest, ""),
    }
}

fn error(code: &str, message: &str, fields: &str) -> RowError {
    RowError {
        code: code.to_owned(),
        message: message.trim().to_owned(),
        fields: fields.trim().to_owned(),
    }
}

/// `DUPLICATE_USERNAME`, and `ExceededQuota` as Bulk API 2.0 spells its own.
fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Nothing, or API names with commas between; an id or a sentence is neither.
fn is_field_list(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
    };
    text.trim().is_empty() || text.split(',').all(|name| is_name(name.trim()))
}
