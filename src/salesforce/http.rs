//! The transport of real runs: HTTP/1.1 over TLS. The only file that names reqwest.
//!
//! Comes in: a request. Goes out: the answer's head, and its body piece by piece, decompressed.
//! It never retries, never follows a redirect (the token would go along), never speaks plain HTTP
//! to another machine, and names neither host nor token in an error. Job data is streamed from
//! its file with an exact `Content-Length`.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use http_body::{Frame, SizeHint};
use reqwest::{Client, Url};

use super::error::OrgError;
use super::login::LoginError;
use super::transport::{Body, Method, Request, Response, SendError, Sent, Transport};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an unused connection is kept: less than servers do, so that a request seldom meets a
/// connection that is just being closed, which would leave its fate unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of job data read from disk at a time.
const PIECE_BYTES: u64 = 128 << 10;

/// A line to one org.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client,
    instance: Url,
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpTransport(..)")
    }
}

impl HttpTransport {
    /// A line to the org at this address: `https://...`, or `http://` to this very machine.
    pub fn new(instance_url: &str) -> Result<Self, OrgError> {
        let unusable = |why: &str| OrgError::Address {
            why: why.to_owned(),
        };
        let mut instance =
            Url::parse(instance_url.trim()).map_err(|_| unusable("it is not an absolute URL"))?;
        let plain = match instance.scheme() {
            "https" => false,
            "http" if is_loopback(&instance) => true,
            "http" => {
                return Err(unusable(
                    "it is plain http, which would show the token to anyone",
                ));
            }
            _ => return Err(unusable("it is neither https nor http")),
        };
        if !instance.username().is_empty() || instance.password().is_some() {
            return Err(unusable("it holds a user name or password"));
        }
        // People paste what their browser shows; only the host counts, and only it is repeated.
        instance.set_path("");
        instance.set_query(None);
        instance.set_fragment(None);
        // The provider is the process's; a second install is refused and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(concat!("admit/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .gzip(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        // A proxy from the environment carries https sealed, but would read plain http.
        let builder = if plain { builder.no_proxy() } else { builder };
        let client = builder
            .build()
            .map_err(|error| unusable(&describe(error, &instance)))?;
        Ok(Self { client, instance })
    }

    /// A line to the login host at this address.
    pub fn to_login(login_url: &str) -> Result<Self, OrgError> {
        Self::new(login_url).map_err(|error| match error {
            OrgError::Address { why } => LoginError::Address { why }.into(),
            other => other,
        })
    }

    async fn exchange(&self, request: Request) -> Result<Response, SendError> {
        let never_left = |what: String| SendError {
            sent: Sent::No,
            what,
        };
        let url = self
            .instance
            .join(&request.path)
            .ok()
            .filter(|url| url.origin() == self.instance.origin())
            .ok_or_else(|| never_left("the path does not fit the org's address".to_owned()))?;
        let mut builder = self.client.request(method(request.method), url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let body = match request.body {
            Body::Empty => None,
            Body::Bytes(bytes) => Some(reqwest::Body::from(bytes)),
            Body::JobData {
                header,
                file,
                offset,
                length,
            } => {
                let data = JobData::open(header, &file, offset, length)
                    .map_err(|error| never_left(format!("the job data cannot be read: {error}")))?;
                Some(reqwest::Body::wrap(data))
            }
        };
        if let Some(body) = body {
            builder = builder.body(body);
        }
        let answer = builder
            .send()
            .await
            .map_err(|error| self.send_error(error))?;
        Ok(self.response(answer))
    }

    fn response(&self, answer: reqwest::Response) -> Response {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        let headers = headers.collect();
        let line = self.clone();
        let pieces = answer.bytes_stream();
        let body = pieces.map(move |piece| {
            piece.map_err(|error| SendError {
                sent: Sent::Maybe,
                ..line.send_error(error)
            })
        });
        Response {
            status,
            headers,
            body: body.boxed(),
        }
    }

    fn send_error(&self, error: reqwest::Error) -> SendError {
        if let Some(why) = distrust(&error) {
            return SendError {
                sent: Sent::Distrusted,
                what: why.to_string(),
            };
        }
        let never_left = error.is_connect() || error.is_builder();
        let sent = if never_left { Sent::No } else { Sent::Maybe };
        SendError {
            sent,
            what: describe(error, &self.instance),
        }
    }
}

impl Transport for HttpTransport {
    fn address(&self) -> &str {
        self.instance.as_str().trim_end_matches('/')
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(self.exchange(request))
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// Is it this machine, by name or number?
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || number
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// What is wrong with the certificate that was shown, if that is what went wrong.
fn distrust(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(tls @ rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return Some(tls);
        }
        // An I/O error does not count what it wraps among its causes, so it is asked.
        let wrapped = error.downcast_ref::<std::io::Error>();
        let wrapped = wrapped.and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The error and its causes on one line, without the host.
fn describe(error: reqwest::Error, instance: &Url) -> String {
    let error = error.without_url();
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !what.contains(&text) {
            what = format!("{what}: {text}");
        }
        cause = error.source();
    }
    match instance.host_str() {
        Some(host) => what.replace(host, "<host>"),
        None => what,
    }
}

/// A header line, then one byte range of a file, read as the network takes it.
struct JobData {
    header: Option<Bytes>,
    file: File,
    left: u64,
}

impl JobData {
    fn open(header: Bytes, path: &Path, offset: u64, length: u64) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            header: Some(header).filter(|header| !header.is_empty()),
            file,
            left: length,
        })
    }

    /// The next piece. A file that ends early is an error: a body shorter than announced must
    /// never look whole.
    fn next_piece(&mut self) -> std::io::Result<Option<Bytes>> {
        if let Some(header) = self.header.take() {
            return Ok(Some(header));
        }
        if self.left == 0 {
            return Ok(None);
        }
        let size = self.left.min(PIECE_BYTES);
        let mut piece = vec![0; usize::try_from(size).unwrap_or_default()];
        self.file.read_exact(&mut piece)?;
        self.left -= size;
        Ok(Some(Bytes::from(piece)))
    }
}

impl http_body::Body for JobData {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        // Read where it is polled: the file was just written, so this is a copy from the page
        // cache, and a thread for it would cost more.
        Poll::Ready(
            self.get_mut()
                .next_piece()
                .transpose()
                .map(|piece| piece.map(Frame::data)),
        )
    }

    fn size_hint(&self) -> SizeHint {
        let header = self.header.as_ref().map_or(0, Bytes::len) as u64;
        SizeHint::with_exact(header + self.left)
    }
}
