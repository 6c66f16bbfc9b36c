//! A request taken apart: path segments, query parameters, headers, body.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::answer::Answer;
use crate::salesforce::transport::{Body, Method, Request, SendError, Sent};

/// One request.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Decoded, without empty ones: a trailing slash makes no difference.
    pub(super) segments: Vec<String>,
    parameters: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// Bytes of path and query as sent.
    pub(super) uri_bytes: usize,
}

impl Call {
    /// Takes a request apart; job data is read from its file here, as if it had been uploaded.
    pub(super) fn read(request: Request) -> Result<Self, SendError> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let segments = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decoded)
            .collect();
        let parameters = form_fields(query);
        let uri_bytes = request.path.len();
        let body = match request.body {
            Body::Empty => Vec::new(),
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::JobData {
                header,
                file,
                offset,
                length,
            } => {
                let mut body = header.to_vec();
                let unreadable = |_| SendError {
                    sent: Sent::No,
                    what: "the job data could not be read".to_owned(),
                };
                let mut file = File::open(file).map_err(unreadable)?;
                file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
                file.take(length)
                    .read_to_end(&mut body)
                    .map_err(unreadable)?;
                body
            }
        };
        let (method, headers) = (request.method, request.headers);
        Ok(Self {
            method,
            segments,
            parameters,
            headers,
            body,
            uri_bytes,
        })
    }

    /// A header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Bytes of all headers.
    pub(super) fn header_bytes(&self) -> usize {
        self.headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum()
    }

    /// A query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Path segments after `/services/data/vNN.N`, for matching; resource words compare folded.
    pub(super) fn below_version(&self) -> Vec<&str> {
        self.segments.iter().skip(3).map(String::as_str).collect()
    }

    /// A JSON object, or the org's answer to anything else.
    pub(super) fn json(&self) -> Result<Map<String, Value>, Answer> {
        let content_type = self.header("content-type").unwrap_or_default();
        if !content_type.is_empty() && !content_type.to_ascii_lowercase().contains("json") {
            return Err(Answer::unsupported_media(content_type));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Answer::bad_json(
                "The HTTP entity body is not a JSON object",
            )),
        }
    }

    /// The fields of an `application/x-www-form-urlencoded` body.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        form_fields(&String::from_utf8_lossy(&self.body))
    }
}

/// A text member of a JSON object; null and an empty text count as absent.
pub(super) fn text_of<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object
        .get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn form_fields(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| (from_form(name), from_form(value)))
        .collect()
}

/// In queries and forms a plus sign is a blank.
fn from_form(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
