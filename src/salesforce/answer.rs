//! The body of an answer is taken in: into memory up to a bound, or straight to a file.
//!
//! An answer counts only when it is whole. One that breaks off, or holds fewer bytes than its
//! `Content-Length` promised, is trouble and never an empty success. Files are written beside
//! their place, readable by their owner only, and renamed when whole. They are written from the
//! task that reads the network: pieces are small and go to the page cache.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::timeout;

use super::transport::{Response, SendError, Sent};

/// Where the body of a successful answer goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keep<'a> {
    /// Nowhere: the status said it all.
    Nothing,
    /// Into memory, at most so many bytes.
    Memory(usize),
    /// Into a file, which appears when it is whole.
    File(&'a Path),
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// HTTP status.
    pub(super) status: u16,
    /// Header names in lower case, with values.
    pub(super) headers: Vec<(String, String)>,
    /// The body, where it was kept in memory.
    pub(super) body: Vec<u8>,
    /// Bytes of the body, wherever it went.
    pub(super) bytes: u64,
}

impl Answer {
    /// The first header of that name; `name` in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why an answer was not taken in.
#[derive(Debug)]
pub(super) enum TakeFault {
    /// It did not arrive whole.
    Broken(SendError),
    /// It is larger than any such answer should be.
    TooLong(usize),
    /// It cannot be written.
    Disk(PathBuf, std::io::Error),
}

/// Takes an answer in; `patience` is the longest silence between two pieces of its body.
pub(super) async fn take(
    response: Response,
    keep: Keep<'_>,
    patience: Duration,
) -> Result<Answer, TakeFault> {
    let promised = promised_bytes(&response);
    let mut sink = match keep {
        Keep::Nothing => {
            let (status, headers) = (response.status, response.headers.clone());
            let bytes = take_start(response, patience).await.len() as u64;
            return Ok(Answer {
                status,
                headers,
                body: Vec::new(),
                bytes,
            });
        }
        Keep::Memory(bytes_max) => Sink::Memory {
            body: Vec::new(),
            bytes_max,
        },
        Keep::File(path) => Sink::File(FileSink::open(path)?),
    };
    let Response {
        status,
        headers,
        body: mut pieces,
    } = response;
    let mut bytes: u64 = 0;
    loop {
        let silent = |_| {
            broken(format!(
                "the answer stopped for {} s",
                patience.as_secs_f64()
            ))
        };
        let Some(piece) = timeout(patience, pieces.next()).await.map_err(silent)? else {
            break;
        };
        let piece = piece.map_err(TakeFault::Broken)?;
        bytes += piece.len() as u64;
        sink.add(&piece)?;
    }
    match promised {
        Some(promised) if promised != bytes => Err(broken(format!(
            "the answer broke off after {bytes} of {promised} bytes"
        ))),
        _ => Ok(Answer {
            status,
            headers,
            body: sink.close()?,
            bytes,
        }),
    }
}

/// Takes the first bytes of an answer whose status is what counts; what cannot be read of them is
/// left out.
pub(super) async fn take_start(response: Response, patience: Duration) -> Vec<u8> {
    const START_BYTES_MAX: usize = 64 << 10;
    let mut pieces = response.body;
    let mut body = Vec::new();
    while body.len() < START_BYTES_MAX {
        match timeout(patience, pieces.next()).await {
            Ok(Some(Ok(piece))) => body.extend_from_slice(&piece),
            Ok(None | Some(Err(_))) | Err(_) => break,
        }
    }
    body.truncate(START_BYTES_MAX);
    body
}

/// What `Content-Length` says of the body as we see it: nothing, where it was compressed.
fn promised_bytes(response: &Response) -> Option<u64> {
    if response
        .header("content-encoding")
        .is_some_and(|value| value != "identity")
    {
        return None;
    }
    response.header("content-length")?.trim().parse().ok()
}

fn broken(what: String) -> TakeFault {
    TakeFault::Broken(SendError {
        sent: Sent::Maybe,
        what,
    })
}

enum Sink {
    Memory { body: Vec<u8>, bytes_max: usize },
    File(FileSink),
}

impl Sink {
    fn add(&mut self, piece: &[u8]) -> Result<(), TakeFault> {
        match self {
            Self::Memory { body, bytes_max } if body.len() + piece.len() > *bytes_max => {
                Err(TakeFault::TooLong(*bytes_max))
            }
            Self::Memory { body, .. } => {
                body.extend_from_slice(piece);
                Ok(())
            }
            Self::File(file) => file.add(piece),
        }
    }

    fn close(self) -> Result<Vec<u8>, TakeFault> {
        match self {
            Self::Memory { body, .. } => Ok(body),
            Self::File(file) => file.close().map(|()| Vec::new()),
        }
    }
}

/// A file that appears under its name only when it is whole; dropped before, it leaves nothing.
struct FileSink {
    writer: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
    renamed: bool,
}

impl FileSink {
    fn open(path: &Path) -> Result<Self, TakeFault> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&beside) {
            Ok(file) => Ok(Self {
                writer: BufWriter::with_capacity(128 << 10, file),
                beside,
                path: path.to_owned(),
                renamed: false,
            }),
            Err(source) => Err(TakeFault::Disk(beside, source)),
        }
    }

    fn add(&mut self, piece: &[u8]) -> Result<(), TakeFault> {
        let written = self.writer.write_all(piece);
        written.map_err(|source| TakeFault::Disk(self.beside.clone(), source))
    }

    fn close(mut self) -> Result<(), TakeFault> {
        let renamed = self
            .writer
            .flush()
            .and_then(|()| std::fs::rename(&self.beside, &self.path));
        self.renamed = renamed.is_ok();
        renamed.map_err(|source| TakeFault::Disk(self.path.clone(), source))
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing can be done about a leftover that cannot be removed; it is overwritten by
            // the next attempt.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}
