//! The simulated org behind a socket: HTTP/1.1 on loopback, with or without TLS, on real time.
//!
//! A request comes in from any client, is handed to the same front desk as in memory, and the
//! answer goes out; [`http`] translates both ways. Listens on 127.0.0.1 and nowhere else: there
//! is a token to this org, but nothing in it deserves a stranger. Everything is bounded:
//! connections, bodies, and how long a silent client is waited for.

mod http;
mod tls;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::SimOrg;

/// Connections at one time; further ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 128;

/// How long a connection may be silent before a request. Longer than clients keep idle ones, so
/// that they hang up first and never send into a closing connection.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// How long a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// How long answers under way are waited for at the end.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

/// How long to wait when the system cannot accept, as when files run out.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Told of every exchange when its answer is ready. Must not block.
pub type Watcher = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// A request and its answer, without anything about people: no query, no header, no body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// As it stood on the wire.
    pub method: String,
    /// Percent-encoded, without the query.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// Milliseconds from the head of the request to the answer.
    pub took_ms: u64,
    /// Milliseconds from the start of the server to the head of the request.
    pub at_ms: u64,
}

/// Certificate chain, leaf first, and the leaf's key, as PEM files.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The chain.
    pub cert: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// Why the org cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be had.
    #[error("port {port} of 127.0.0.1 cannot be listened on: {source}")]
    Port {
        /// The port asked for.
        port: u16,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("the TLS certificate or key cannot be used: {why}")]
    Tls {
        /// The file at fault.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A socket that is listening. Nobody is answered before [`Server::serve`].
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Server {
    /// Listens on a port of 127.0.0.1; port 0 stands for any free one.
    pub async fn bind(port: u16, tls: Option<&TlsFiles>) -> Result<Self, ServeError> {
        let tls = tls.map(tls::acceptor).transpose()?;
        let refused = |source| ServeError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self {
            listener,
            address,
            tls,
        })
    }

    /// Where clients find it. Belongs into the seed before the org is built, so that the org's
    /// answers name it too.
    pub fn instance_url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Answers until told to stop; answers under way are still given.
    pub async fn serve(self, org: Arc<SimOrg>, watcher: Watcher, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let line = Line {
            org,
            watcher,
            opened: Instant::now(),
            stopping: CancellationToken::new(),
        };
        let mut connections = JoinSet::new();
        loop {
            let has_room = connections.len() < CONNECTIONS_MAX;
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                accepted = self.listener.accept(), if has_room => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(line.clone().answer(stream, self.tls.clone()));
                    }
                    Err(_) => sleep(ACCEPT_AGAIN).await,
                },
            }
        }
        drop(self.listener);
        line.stopping.cancel();
        while connections.join_next().await.is_some() {}
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Line {
    org: Arc<SimOrg>,
    watcher: Watcher,
    opened: Instant,
    stopping: CancellationToken,
}

impl Line {
    /// Answers one connection to its end. What goes wrong on it is the client's to notice.
    async fn answer(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.converse(stream).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
                    self.converse(stream).await;
                }
            }
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| async {
            let (answer, exchange) = http::exchange(&self.org, self.opened, request).await?;
            (self.watcher)(&exchange);
            Ok::<_, http::Broken>(answer)
        });
        let mut connection = pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(SILENCE_MAX)
                .serve_connection(TokioIo::new(stream), service)
        );
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => {}
            _ = connection.as_mut() => return,
        }
        connection.as_mut().graceful_shutdown();
        let _ = timeout(FAREWELL_MAX, connection).await;
    }
}
