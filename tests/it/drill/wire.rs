//! The line to the simulated org, with a meter: what went over it, and what somebody else did
//! just before.

use std::sync::{Arc, Mutex};

use admit::salesforce::transport::{Body, Method, Request, Response, SendError, Sent, Transport};
use admit::sim::SimOrg;
use futures_util::future::BoxFuture;

/// Kinds of requests that the drill counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    Put,
    Close,
    Abort,
    Poll,
    Results,
    Other,
}

/// A request that went over the line.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    /// The job it names; empty where it names none.
    pub(super) job: String,
    /// May the org have acted on it? Not where it never left or was turned away.
    pub(super) may_have_acted: bool,
}

/// What somebody else does right before the nth request of a kind, from 1.
type Deed = Box<dyn Fn(Arc<SimOrg>) -> BoxFuture<'static, ()> + Send + Sync>;

/// The line.
pub(super) struct Wire {
    org: Arc<SimOrg>,
    asked: Mutex<Vec<Asked>>,
    before: Mutex<Option<(Kind, usize, Deed)>>,
}

impl Wire {
    pub(super) fn to(org: Arc<SimOrg>) -> Self {
        Self {
            org,
            asked: Mutex::default(),
            before: Mutex::default(),
        }
    }

    /// Somebody else is busy in the org while we work.
    pub(super) fn meanwhile(&self, kind: Kind, nth: usize, deed: Deed) {
        *self.before.lock().unwrap() = Some((kind, nth, deed));
    }

    /// Every request so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.kind == kind).count()
    }

    fn is_due(&self, kind: Kind) -> Option<BoxFuture<'static, ()>> {
        let nth_now = self.count(kind) + 1;
        let before = self.before.lock().unwrap();
        let (of, nth, deed) = before.as_ref()?;
        (*of == kind && *nth == nth_now).then(|| deed(self.org.clone()))
    }
}

impl Transport for Wire {
    fn address(&self) -> &str {
        self.org.address()
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move {
            let (kind, job) = kind_of(&request);
            if let Some(deed) = self.is_due(kind) {
                deed.await;
            }
            let answer = self.org.send(request).await;
            let may_have_acted = match &answer {
                Ok(response) => response.status < 300 || response.status >= 500,
                Err(error) => error.sent == Sent::Maybe,
            };
            self.asked.lock().unwrap().push(Asked {
                kind,
                job,
                may_have_acted,
            });
            answer
        })
    }
}

fn kind_of(request: &Request) -> (Kind, String) {
    let path = request.path.split('?').next().unwrap_or_default();
    let Some((_, below)) = path.split_once("/jobs/ingest") else {
        return (Kind::Other, String::new());
    };
    let mut words = below.trim_start_matches('/').split('/');
    let job = words.next().unwrap_or_default().to_owned();
    let closes = match &request.body {
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).contains("UploadComplete"),
        Body::Empty | Body::JobData { .. } => false,
    };
    let kind = match (request.method, words.next()) {
        (Method::Post, None) => Kind::Create,
        (Method::Put, Some("batches")) => Kind::Put,
        (Method::Patch, None) if closes => Kind::Close,
        (Method::Patch, None) => Kind::Abort,
        (Method::Get, None) => Kind::Poll,
        (Method::Get, Some(_)) => Kind::Results,
        _ => Kind::Other,
    };
    (kind, job)
}
