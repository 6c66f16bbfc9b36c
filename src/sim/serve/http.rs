//! A request off the wire -> a request of the seam; the org's answer -> a response on the wire.
//!
//! Bodies come in piece by piece, plain or chunked or gzipped, and are bounded; what is beyond the
//! bound is read and thrown away, so that the client can hear the org's refusal. Answers go out
//! with `Content-Length`, compressed for those who ask
//! ([source](https://developer.salesforce.com/docs/platform/api-asynch/guide/datafiles-use-compression.html)).

use std::io::{Read, Write};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures_util::stream::{self, BoxStream, StreamExt};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue,
};
use hyper::{Request as WireRequest, Response as WireResponse, StatusCode};
use tokio::time::{Instant, timeout};

use super::super::SimOrg;
use super::super::answer::Answer;
use super::super::ingest::UPLOAD_BYTES_MAX;
use super::Exchange;
use crate::salesforce::transport::{Body, Method, Request};

/// Bytes of a body that are kept: one more than the org takes, so that it sees the excess.
const BODY_BYTES_KEPT: usize = UPLOAD_BYTES_MAX + 1;

/// Bytes of a body that are read at all; whoever sends more is hung up on.
const BODY_BYTES_MAX: usize = 1 << 30;

/// How long the next piece of a body may take.
const PIECE_WAIT_MAX: Duration = Duration::from_mins(1);

/// Smaller answers do not get smaller by compression.
const GZIP_BYTES_MIN: usize = 512;

/// How long the bytes before a planned end of the connection have to leave.
const FLUSHED_IN: Duration = Duration::from_millis(50);

/// Headers the org reads.
const HEADERS_READ: [&str; 3] = ["authorization", "content-type", "sforce-query-options"];

/// A request that did not arrive whole: there is nobody to answer.
#[derive(Debug, thiserror::Error)]
#[error("the request broke off")]
pub(super) struct Broken;

/// A body that goes out: whole, or up to where the connection drops.
type Outgoing = Either<Full<Bytes>, StreamBody<BoxStream<'static, Result<Frame<Bytes>, Broken>>>>;

/// Reads one request to its end and lets the org answer it.
pub(super) async fn exchange(
    org: &SimOrg,
    opened: Instant,
    request: WireRequest<Incoming>,
) -> Result<(WireResponse<Outgoing>, Exchange), Broken> {
    let arrived = Instant::now();
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    let answer = match (known(&head.method), unpacked(&head.headers, body)) {
        (None, _) => Answer::method_not_allowed(head.method.as_str()),
        (_, Err(answer)) => answer,
        (Some(method), Ok(body)) => {
            let path = head.uri.path_and_query();
            let request = Request {
                method,
                path: path.map_or("/", |path| path.as_str()).to_owned(),
                headers: headers(&head.headers),
                body: Body::Bytes(body),
            };
            asked(org, request).await?
        }
    };
    let exchange = Exchange {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        status: answer.status,
        took_ms: ms(arrived.elapsed()),
        at_ms: ms(arrived - opened),
    };
    let packed = takes_gzip(&head.headers)
        && answer.body.len() >= GZIP_BYTES_MIN
        && answer.breaks_at.is_none();
    Ok((response(answer, packed), exchange))
}

async fn asked(org: &SimOrg, request: Request) -> Result<Answer, Broken> {
    // A request that ends without an answer ends its connection, whatever the reason.
    org.asked(request).await.map_err(|_| Broken)
}

/// The whole body, as far as it is kept.
async fn read(mut body: Incoming) -> Result<Bytes, Broken> {
    let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
    loop {
        let piece = timeout(PIECE_WAIT_MAX, body.frame()).await;
        let Some(frame) = piece.map_err(|_| Broken)? else {
            return Ok(kept.freeze());
        };
        // Trailers say nothing to the org.
        let Ok(piece) = frame.map_err(|_| Broken)?.into_data() else {
            continue;
        };
        seen += piece.len();
        if seen > BODY_BYTES_MAX {
            return Err(Broken);
        }
        let room = BODY_BYTES_KEPT - kept.len();
        kept.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

/// A body as it was before the client compressed it. REST documents gzip for requests; that Bulk
/// 2.0 takes it too is [unverified].
fn unpacked(headers: &HeaderMap, body: Bytes) -> Result<Bytes, Answer> {
    let encoding = text(headers.get(CONTENT_ENCODING));
    match encoding.trim() {
        "" | "identity" => Ok(body),
        "gzip" => {
            let mut plain = Vec::new();
            let reader = GzDecoder::new(&*body);
            match reader.take(BODY_BYTES_KEPT as u64).read_to_end(&mut plain) {
                Ok(_) => Ok(plain.into()),
                Err(_) => Err(Answer::bad_json("The HTTP entity body is not gzip")),
            }
        }
        other => Err(Answer::unsupported_media(other)),
    }
}

fn known(method: &hyper::Method) -> Option<Method> {
    let all = [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ];
    all.into_iter()
        .find(|known| known.as_str() == method.as_str())
}

/// The seam knows its header names beforehand. Those the org does not read travel nameless, so
/// that their bytes count.
fn headers(all: &HeaderMap) -> Vec<(&'static str, String)> {
    all.iter()
        .map(|(name, value)| {
            let value = text(Some(value));
            match HEADERS_READ.iter().find(|read| **read == name.as_str()) {
                Some(read) => (*read, value),
                None => ("", format!("{name}{value}")),
            }
        })
        .collect()
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let takes = |offer: &str| {
        let (name, quality) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&quality.trim());
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    };
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .any(|value| text(Some(value)).split(',').any(takes))
}

fn response(answer: Answer, packed: bool) -> WireResponse<Outgoing> {
    let Answer {
        status,
        headers,
        body,
        breaks_at,
    } = answer;
    let promised = body.len();
    let packed = packed.then(|| gzip(&body)).flatten();
    let is_packed = packed.is_some();
    let mut response = WireResponse::new(match breaks_at {
        None => Either::Left(Full::new(packed.unwrap_or(body))),
        Some(bytes) => Either::Right(broken_off(body.slice(..bytes))),
    });
    if breaks_at.is_some() {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, promised.into());
    }
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    if is_packed {
        let gzip = HeaderValue::from_static("gzip");
        response.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
    response
}

/// The bytes, then the end of the connection.
fn broken_off(bytes: Bytes) -> StreamBody<BoxStream<'static, Result<Frame<Bytes>, Broken>>> {
    let first = stream::once(async { Ok(Frame::data(bytes)) });
    // What was sent has to leave first; an error at once would take it along.
    let then = stream::once(async {
        tokio::time::sleep(FLUSHED_IN).await;
        Err(Broken)
    });
    StreamBody::new(first.chain(then).boxed())
}

/// Compressed quickly rather than well: both ends share the machine.
fn gzip(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn text(value: Option<&HeaderValue>) -> String {
    value.map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    })
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
