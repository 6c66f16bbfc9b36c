//! The line to the simulated org and the disk of the journal, both watched: what happened, in
//! which order; and both cut at one moment, as a process dies.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use admit::journal::{Disk, Disks, Entry, Line};
use admit::salesforce::transport::{Body, Method, Request, Response, SendError, Transport};
use admit::sim::SimOrg;
use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Something that happened between a run and its surroundings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Happening {
    /// A process took the run up: what follows has a pace of its own.
    Began,
    Appended(Entry),
    Flushed,
    /// A request went out, so long after the first process began.
    Asked {
        what: Asked,
        at_ms: u64,
    },
}

/// Requests that matter here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    Create,
    Close { job: String },
    Other,
}

/// Where a process dies, by lines of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Right after so many lines: what they announce does not happen.
    After(usize),
    /// Right before the next line: what happens between two lines has happened.
    Before(usize),
    /// The same, with half of the next line written.
    Torn(usize),
    /// The machine loses its power before the next line: what was not flushed is gone.
    PowerLoss(usize),
}

/// Both ends of a run, watched.
pub(crate) struct Surroundings {
    pub(crate) org: Arc<SimOrg>,
    happened: Mutex<Vec<Happening>>,
    started: Instant,
    /// Seats that others leave, whenever they are counted again.
    seats_left: Option<u64>,
    cut: Mutex<Option<Cut>>,
    lines: AtomicUsize,
    flushed_bytes: AtomicU64,
    is_dead: AtomicBool,
    /// Rings when the process dies.
    pub(crate) death: Notify,
}

impl Surroundings {
    pub(crate) fn new(org: SimOrg, seats_left: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            org: Arc::new(org),
            happened: Mutex::default(),
            started: Instant::now(),
            seats_left,
            cut: Mutex::new(None),
            lines: AtomicUsize::new(0),
            flushed_bytes: AtomicU64::new(0),
            is_dead: AtomicBool::new(false),
            death: Notify::new(),
        })
    }

    /// A process begins, which dies at the cut, if there is one.
    pub(crate) fn begin(&self, cut: Option<Cut>) {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = cut;
        self.lines.store(0, Ordering::Relaxed);
        self.is_dead.store(false, Ordering::Relaxed);
        self.note(Happening::Began);
        if cut == Some(Cut::After(0)) {
            self.die();
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    /// Bytes of the journal that outlive the machine's power.
    pub(crate) fn flushed_bytes(&self) -> u64 {
        self.flushed_bytes.load(Ordering::Relaxed)
    }

    /// Lines the present process has written.
    pub(crate) fn lines(&self) -> usize {
        self.lines.load(Ordering::Relaxed)
    }

    pub(crate) fn happened(&self) -> Vec<Happening> {
        self.happened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The disks of journals in these surroundings.
    pub(crate) fn disks(self: &Arc<Self>) -> Disks {
        let surroundings = self.clone();
        Arc::new(move |file| {
            let bytes = file.metadata().map_or(0, |file| file.len());
            surroundings.flushed_bytes.store(bytes, Ordering::Relaxed);
            Box::new(WatchedDisk {
                file,
                bytes,
                surroundings: surroundings.clone(),
            })
        })
    }

    fn note(&self, happening: Happening) {
        let mut happened = self.happened.lock().unwrap_or_else(PoisonError::into_inner);
        happened.push(happening);
    }

    fn cut(&self) -> Option<Cut> {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn die(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        self.death.notify_one();
    }
}

struct WatchedDisk {
    file: File,
    bytes: u64,
    surroundings: Arc<Surroundings>,
}

fn dead() -> io::Error {
    io::Error::other("the process is dead")
}

impl Disk for WatchedDisk {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let around = &self.surroundings;
        if around.is_dead() {
            return Err(dead());
        }
        let lines = around.lines();
        match around.cut() {
            Some(Cut::Before(count) | Cut::PowerLoss(count)) if lines == count => {
                around.die();
                return Err(dead());
            }
            Some(Cut::Torn(count)) if lines == count => {
                self.file.write_all(&line[..line.len() / 2])?;
                around.die();
                return Err(dead());
            }
            _ => {}
        }
        self.file.write_all(line)?;
        self.bytes += line.len() as u64;
        around.lines.store(lines + 1, Ordering::Relaxed);
        let text = std::str::from_utf8(line).unwrap().trim_end();
        around.note(Happening::Appended(Line::decode(text).unwrap().entry));
        if around.cut() == Some(Cut::After(lines + 1)) {
            around.die();
        }
        Ok(())
    }

    fn flush_to_disk(&mut self) -> io::Result<()> {
        // Whoever dies after a line may as well die after its flush.
        self.surroundings
            .flushed_bytes
            .store(self.bytes, Ordering::Relaxed);
        self.surroundings.note(Happening::Flushed);
        Ok(())
    }
}

/// The line of these surroundings.
pub(crate) struct WatchedLine(pub(crate) Arc<Surroundings>);

impl Transport for WatchedLine {
    fn address(&self) -> &str {
        self.0.org.address()
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, SendError>> {
        Box::pin(async move {
            if self.0.is_dead() {
                // Nobody is there any more who could ask, or be answered.
                return std::future::pending().await;
            }
            let at_ms = u64::try_from(self.0.started.elapsed().as_millis()).unwrap();
            let what = asked(&request);
            self.0.note(Happening::Asked { what, at_ms });
            let counts_seats = request.path.contains(SEAT_COUNT);
            let response = self.0.org.send(request).await?;
            match self.0.seats_left {
                Some(left) if counts_seats => Ok(crowded(response, left).await),
                Some(_) | None => Ok(response),
            }
        })
    }
}

/// How a query begins that counts seats again.
const SEAT_COUNT: &str = "query?q=SELECT%20Id%2C%20TotalLicenses";

/// The answer to a count of seats, with so many free.
async fn crowded(response: Response, left: u64) -> Response {
    let pieces: Vec<_> = response.body.try_collect().await.unwrap();
    let mut page: serde_json::Value = serde_json::from_slice(&pieces.concat()).unwrap();
    for record in page["records"].as_array_mut().unwrap() {
        let total = record["TotalLicenses"].as_u64().unwrap();
        record["UsedLicenses"] = total.saturating_sub(left).into();
    }
    Response::whole(response.status, response.headers, page.to_string())
}

fn asked(request: &Request) -> Asked {
    let Some((_, below)) = request.path.split_once("/jobs/ingest") else {
        return Asked::Other;
    };
    let closes = || match &request.body {
        Body::Bytes(body) => String::from_utf8_lossy(body).contains("UploadComplete"),
        Body::Empty | Body::JobData { .. } => false,
    };
    match request.method {
        Method::Post if below.trim_matches('/').is_empty() => Asked::Create,
        Method::Patch if closes() => Asked::Close {
            job: below.trim_matches('/').to_owned(),
        },
        Method::Get | Method::Post | Method::Put | Method::Patch | Method::Delete => Asked::Other,
    }
}
