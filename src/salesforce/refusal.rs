//! An answer that is not a success becomes [`Said`]: status, code, one clean line of message.
//!
//! The org answers with an array of objects, with one object, with HTML from a proxy in front of
//! it, or with nothing (bulk-api-2 §2.4, §2.5). E-mail addresses are taken out: the org repeats
//! queries in its messages, and personal data never enters an error.

use serde_json::Value;

use super::error::Said;
use crate::model::limits::MESSAGE_CHARACTERS_MAX;

/// Reads the body of a refusal as far as it can be read.
pub(super) fn said(status: u16, body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let (code, message) = match serde_json::from_str(&text) {
        Ok(Value::Array(faults)) => of_faults(&faults),
        Ok(object @ Value::Object(_)) => of_faults(&[object]),
        _ if text.trim_start().starts_with('<') => (String::new(), html_title(&text)),
        _ => (String::new(), text.into_owned()),
    };
    Said {
        status,
        code: one_line(&code),
        message: one_line(&message),
    }
}

/// Is this an allowance of 24 hours, which waiting a minute does not bring back?
///
/// `REQUEST_LIMIT_EXCEEDED` also stands for too many long requests at one time; that one passes.
/// Job endpoints run their codes together: `EXCEEDEDQUOTA`, `LIMIT_EXCEEDED` (bulk-api-2 §2.5,
/// §3.2).
pub(super) fn is_spent_allowance(said: &Said) -> bool {
    let code = said.code.replace('_', "").to_ascii_uppercase();
    matches!(
        code.as_str(),
        "REQUESTLIMITEXCEEDED" | "LIMITEXCEEDED" | "EXCEEDEDQUOTA"
    ) && !is_concurrency(said)
}

/// Too many requests of 20 seconds and longer at one time
/// ([source](https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html)).
pub(super) fn is_concurrency(said: &Said) -> bool {
    said.code.eq_ignore_ascii_case("REQUEST_LIMIT_EXCEEDED")
        && said.message.to_ascii_lowercase().contains("concurrent")
}

/// A text of the org on one line, white space folded, addresses taken out, capped.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(if word.contains('@') {
            "<address>"
        } else {
            word
        });
    }
    if let Some((cut, _)) = line.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        line.truncate(cut);
        line.push_str("...");
    }
    line
}

/// The first code, and all messages. OAuth endpoints name the two members differently.
fn of_faults(faults: &[Value]) -> (String, String) {
    let member = |fault: &Value, names: [&str; 2]| {
        let text = names
            .iter()
            .find_map(|name| fault.get(name).and_then(Value::as_str));
        text.unwrap_or_default().to_owned()
    };
    let code = faults
        .first()
        .map(|fault| member(fault, ["errorCode", "error"]));
    let messages: Vec<String> = faults
        .iter()
        .map(|fault| member(fault, ["message", "error_description"]))
        .collect();
    (code.unwrap_or_default(), messages.join("; "))
}

fn html_title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower
        .find("<title>")
        .map(|at| at + "<title>".len())
        .and_then(|start| {
            let length = lower[start..].find("</title>")?;
            page.get(start..start + length)
        });
    match title.map(str::trim) {
        Some(title) if !title.is_empty() => format!("an HTML page titled \"{title}\""),
        _ => "an HTML page".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_refusal_is_read() {
        let table: &[(&str, &str, &str)] = &[
            (
                r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
                "INVALID_SESSION_ID",
                "Session expired or invalid",
            ),
            (
                r#"[{"errorCode":"A","message":"one"},{"errorCode":"B","message":"two","fields":[]}]"#,
                "A",
                "one; two",
            ),
            (
                r#"{"errorCode":"INSUFFICIENT_ACCESS","message":"no"}"#,
                "INSUFFICIENT_ACCESS",
                "no",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
                "invalid_grant",
                "expired access/refresh token",
            ),
            (
                "<html><head><TITLE>Down for\n maintenance</TITLE></head></html>",
                "",
                "an HTML page titled \"Down for maintenance\"",
            ),
            ("<!doctype html><p>x", "", "an HTML page"),
            ("upstream connect error", "", "upstream connect error"),
            ("", "", ""),
        ];
        for (body, code, message) in table {
            let said = said(503, body.as_bytes());
            assert_eq!(
                (said.code.as_str(), said.message.as_str()),
                (*code, *message),
                "{body}"
            );
        }
    }

    #[test]
    fn a_message_is_one_capped_line_without_addresses() {
        let body = r#"[{"message":"\nWHERE Email = 'ann@acme.test'\n   ^\nERROR at Row:1","errorCode":"MALFORMED_QUERY"}]"#;
        assert_eq!(
            said(400, body.as_bytes()).message,
            "WHERE Email = <address> ^ ERROR at Row:1"
        );
        let long = said(500, "ä".repeat(5_000).as_bytes()).message;
        assert_eq!(long.chars().count(), MESSAGE_CHARACTERS_MAX + 3);
    }

    #[test]
    fn a_concurrency_refusal_is_not_a_spent_allowance() {
        let refusal = |message: &str| Said {
            status: 403,
            code: "REQUEST_LIMIT_EXCEEDED".into(),
            message: message.into(),
        };
        assert!(is_spent_allowance(&refusal(
            "TotalRequests Limit exceeded."
        )));
        let busy = refusal("ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
        assert!(!is_spent_allowance(&busy) && is_concurrency(&busy));
    }
}
