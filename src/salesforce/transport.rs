//! The seam to the outside: one HTTP request goes out, one response comes back.
//!
//! Implemented over reqwest (`http.rs`) and over memory (`sim`). Nothing above it can tell which.

use std::path::PathBuf;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt};

/// HTTP methods the org is spoken to with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or ask for a token.
    Post,
    /// Upload job data.
    Put,
    /// Change a job's state.
    Patch,
    /// Delete a job; reset a password.
    Delete,
}

impl Method {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a request carries.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// Small: JSON, a form.
    Bytes(Bytes),
    /// Job data: a header line, then one byte range of a file. Streamed with an exact length.
    JobData {
        /// The header line, line end included.
        header: Bytes,
        /// The file.
        file: PathBuf,
        /// First byte of the range.
        offset: u64,
        /// Bytes in the range.
        length: u64,
    },
}

impl Body {
    /// Exact length in bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::JobData { header, length, .. } => header.len() as u64 + length,
        }
    }
}

/// One request. The transport knows scheme and host; a token is a header like any other.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path and query, percent-encoded, starting with `/`.
    pub path: String,
    /// Header names in lower case, with values.
    pub headers: Vec<(&'static str, String)>,
    /// What it carries.
    pub body: Body,
}

impl std::fmt::Debug for Request {
    /// Method and path only: headers carry the token, queries and bodies carry people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(
            f,
            "Request({} {path}, {} bytes)",
            self.method.as_str(),
            self.body.length()
        )
    }
}

/// One response. A status is an answer, not an error.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed, piece by piece.
    pub body: BoxStream<'static, Result<Bytes, SendError>>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({})", self.status)
    }
}

impl Response {
    /// A response whose body is at hand.
    pub fn whole(status: u16, headers: Vec<(String, String)>, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            status,
            headers,
            body: futures_util::stream::once(async { Ok(body) }).boxed(),
        }
    }

    /// The first header of that name; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Could the org have seen the request?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// No: it never left, or the org answered that it did not act.
    No,
    /// Perhaps: bytes went out and no clear answer came back.
    Maybe,
    /// No, and asking again does not help: whoever answered showed a certificate that is not
    /// trusted.
    Distrusted,
}

/// A request that got no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct SendError {
    /// Could the org have seen it?
    pub sent: Sent,
    /// What went wrong, without host, token or body.
    pub what: String,
}

/// The seam.
pub trait Transport: Send + Sync {
    /// Scheme and host that requests go to, for people to read.
    fn address(&self) -> &str;

    /// Sends one request, waits for the answer's head. Never retries, sleeps or logs.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>>;
}
