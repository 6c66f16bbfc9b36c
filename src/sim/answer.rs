//! Answers in the shapes of the wire: JSON bodies, error arrays, empty bodies, CSV.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::salesforce::transport::{Response, SendError, Sent};

/// Bodies arrive in pieces of at most this many bytes, as they do from a socket.
const PIECE_BYTES_MAX: usize = 16 * 1024;

/// One answer before it becomes a response.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    /// The connection drops after so many bytes of the body.
    pub(super) breaks_at: Option<usize>,
}

impl Answer {
    /// A JSON body.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::json_text(status, body.to_string())
    }

    /// A JSON body that is text already.
    pub(super) fn json_text(status: u16, body: String) -> Self {
        Self::of_type(status, "application/json;charset=UTF-8", body)
    }

    /// A CSV body.
    pub(super) fn csv(body: String) -> Self {
        Self::of_type(200, "text/csv", body)
    }

    /// No body.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            breaks_at: None,
        }
    }

    /// The error array of REST and Bulk 2.0 (bulk-api-2.md §2.5), without `fields`.
    pub(super) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self::json(status, &json!([{ "errorCode": code, "message": message }]))
    }

    /// bulk-api-2.md §2.4: unknown or expired resources.
    pub(super) fn not_found() -> Self {
        Self::error(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// A known resource that does not take this method.
    pub(super) fn method_not_allowed(method: &str) -> Self {
        Self::error(
            405,
            "METHOD_NOT_ALLOWED",
            format!("HTTP Method '{method}' not allowed"),
        )
    }

    /// A body in a form the resource does not take.
    pub(super) fn unsupported_media(content_type: &str) -> Self {
        let message = format!("Unsupported content type: {content_type}");
        Self::error(415, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// A body that is not the JSON it should be.
    pub(super) fn bad_json(what: &str) -> Self {
        Self::error(400, "JSON_PARSER_ERROR", what)
    }

    /// A body of another type.
    pub(super) fn of_type(status: u16, content_type: &str, body: String) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self {
            status,
            headers,
            body: Bytes::from(body),
            breaks_at: None,
        }
    }

    /// With one more header.
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As the transport hands it out.
    pub(super) fn into_response(self) -> Response {
        let Self {
            status,
            headers,
            mut body,
            breaks_at,
        } = self;
        body.truncate(breaks_at.unwrap_or(body.len()));
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let mut pieces = Vec::new();
        while !body.is_empty() {
            pieces.push(Ok(body.split_to(body.len().min(PIECE_BYTES_MAX))));
        }
        if breaks_at.is_some() {
            pieces.push(Err(SendError {
                sent: Sent::Maybe,
                what: "the connection broke off in the middle of the answer".to_owned(),
            }));
        }
        Response {
            status,
            headers,
            body: stream::iter(pieces).boxed(),
        }
    }
}
