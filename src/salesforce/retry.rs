//! Asks again, where asking again is safe, and says clearly where it is not.
//!
//! Decided by "could the org have seen it?", not by status alone: a request that never left, or
//! was turned away, may always be repeated; one that may have been acted on only if acting twice
//! does no harm. Repeats are limited in number and in time, and wait longer each time, with
//! jitter from a seed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::answer::{Answer, Keep, TakeFault, take, take_start};
use super::auth::{Session, SessionError};
use super::error::{OrgError, Said};
use super::pace::retry_after;
use super::refusal::{is_concurrency, is_spent_allowance, said};
use super::transport::{Request, Response, SendError, Sent};
use crate::model::allowance::ApiUsage;
use crate::model::limits::{NO_ROUTE_REPEATS_MAX, RETRY_SPAN_MS_MAX};
use crate::model::settings::PacingSettings;

/// What to do after an attempt went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Send it again.
    Retry,
    /// The org may have acted: ask it before repeating.
    Reconcile,
    /// Enough.
    GiveUp,
}

/// May this request be sent again?
pub(super) fn verdict(sent: Sent, idempotent: bool, attempts_left: u32) -> Verdict {
    match (sent, idempotent) {
        _ if attempts_left == 0 => Verdict::GiveUp,
        (Sent::Distrusted, _) => Verdict::GiveUp,
        (Sent::Maybe, false) => Verdict::Reconcile,
        _ => Verdict::Retry,
    }
}

/// Does it do harm if the org acts twice on this request?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    /// No: it reads, or leaves nothing that counts.
    Harmless,
    /// Yes, or the second answer would mislead.
    Harmful,
}

/// A session that does not give up at the first trouble.
pub(super) struct Caller {
    session: Session,
    attempts_max: u32,
    first: Duration,
    longest: Duration,
    jitter: Mutex<Jitter>,
}

impl Caller {
    /// Repeats as often and as patiently as the settings say.
    pub(super) fn new(session: Session, pacing: &PacingSettings, seed: u64) -> Self {
        Self {
            session,
            attempts_max: pacing.attempts_max.max(1),
            first: Duration::from_millis(pacing.backoff_first_ms),
            longest: Duration::from_millis(pacing.backoff_longest_ms),
            jitter: Mutex::new(Jitter(seed)),
        }
    }

    /// Sends a request until a whole answer has come, or no further attempt is allowed. Statuses
    /// of 300 and above are errors.
    pub(super) async fn ask(
        &self,
        request: Request,
        twice: Twice,
        keep: Keep<'_>,
    ) -> Result<Answer, OrgError> {
        let idempotent = twice == Twice::Harmless;
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let trouble = match self.attempt(&request, keep).await {
                Ok(answer) => return Ok(answer),
                Err(Setback::Final(error)) => return Err(error),
                Err(Setback::Trouble(trouble)) => trouble,
            };
            let wait = self.backoff(attempt).max(trouble.asked_to_wait);
            let left = self.attempts_left(attempt, &trouble, began.elapsed() + wait);
            match verdict(trouble.sent, idempotent, left) {
                Verdict::Retry => sleep(wait).await,
                Verdict::Reconcile | Verdict::GiveUp => {
                    let at = (name(&request), self.session.pace().address());
                    return Err(trouble.into_error(at, idempotent, attempt));
                }
            }
            attempt += 1;
        }
    }

    /// Requests that went to the transport.
    pub(super) fn sent_count(&self) -> u64 {
        self.session.pace().sent_count()
    }

    /// What the org said last of its API calls, and our own since.
    pub(super) fn usage(&self) -> Option<ApiUsage> {
        self.session.pace().usage()
    }

    async fn attempt(&self, request: &Request, keep: Keep<'_>) -> Result<Answer, Setback> {
        let patience = self.session.pace().request_timeout();
        let response = self.session.send(request.clone()).await?;
        if response.status >= 300 {
            return Err(refused(request, response, patience).await);
        }
        take(response, keep, patience)
            .await
            .map_err(|fault| match fault {
                TakeFault::Broken(error) => error.into(),
                TakeFault::TooLong(bytes_max) => Setback::Final(OrgError::Malformed {
                    request: name(request),
                    what: format!("it is longer than {bytes_max} bytes"),
                }),
                TakeFault::Disk(path, source) => Setback::Final(OrgError::Disk { path, source }),
            })
    }

    fn attempts_left(&self, attempt: u32, trouble: &Trouble, elapsed: Duration) -> u32 {
        let attempts_max = match &trouble.what {
            What::Said(said) if said.status == 420 => {
                self.attempts_max.min(1 + NO_ROUTE_REPEATS_MAX)
            }
            What::Said(_) | What::Broken(_) => self.attempts_max,
        };
        if elapsed > Duration::from_millis(RETRY_SPAN_MS_MAX) {
            return 0;
        }
        attempts_max.saturating_sub(attempt)
    }

    /// Doubles from the first wait to the longest; between half and all of it, so that clients
    /// that were turned away together do not come back together.
    fn backoff(&self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << (attempt - 1).min(20));
        let whole = doubled.min(self.longest);
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        whole.mul_f64(0.5 + jitter.next_fraction() / 2.0)
    }
}

/// A request as errors name it: method and path, without query.
pub(super) fn name(request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    format!("{} {path}", request.method.as_str())
}

/// Why an attempt brought no answer.
enum Setback {
    /// Another attempt would end the same way.
    Final(OrgError),
    /// Another attempt may help.
    Trouble(Trouble),
}

struct Trouble {
    sent: Sent,
    asked_to_wait: Duration,
    what: What,
}

enum What {
    Said(Said),
    Broken(String),
}

impl From<SessionError> for Setback {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Line(error) => error.into(),
            // The login has been patient already; what was asked for is known not to be done.
            SessionError::Login(error) => Self::Final(error),
        }
    }
}

impl From<SendError> for Setback {
    fn from(error: SendError) -> Self {
        let what = What::Broken(error.what);
        Self::Trouble(Trouble {
            sent: error.sent,
            asked_to_wait: Duration::ZERO,
            what,
        })
    }
}

impl Trouble {
    fn into_error(
        self,
        (request, address): (String, &str),
        idempotent: bool,
        attempts: u32,
    ) -> OrgError {
        let unknown = self.sent == Sent::Maybe && !idempotent;
        match self.what {
            What::Said(said) if unknown => OrgError::Ambiguous {
                request,
                what: said.to_string(),
            },
            What::Broken(what) if unknown => OrgError::Ambiguous { request, what },
            What::Broken(what) if self.sent == Sent::Distrusted => OrgError::Distrusted {
                request,
                address: address.to_owned(),
                what,
            },
            What::Said(said) => OrgError::Busy {
                request,
                said,
                attempts,
            },
            What::Broken(what) => OrgError::Unreachable {
                request,
                what,
                attempts,
                sent: self.sent,
            },
        }
    }
}

/// What a token endpoint says with status 400 of logins that come too fast; it alone of its
/// refusals passes by itself (bulk-api-2 §1.4).
const LOGINS_TOO_FAST: &str = "rate_limit_exceeded";

/// Sorts an answer that is not a success (bulk-api-2 §2.4).
async fn refused(request: &Request, response: Response, patience: Duration) -> Setback {
    let asked_to_wait = retry_after(&response).unwrap_or_default();
    let status = response.status;
    let said = said(status, &take_start(response, patience).await);
    let trouble = |sent, said| {
        Setback::Trouble(Trouble {
            sent,
            asked_to_wait,
            what: What::Said(said),
        })
    };
    let request = name(request);
    Setback::Final(match status {
        _ if is_concurrency(&said) => return trouble(Sent::No, said),
        _ if is_spent_allowance(&said) => OrgError::LimitExceeded { request, said },
        429 => return trouble(Sent::No, said),
        _ if said.code == LOGINS_TOO_FAST => return trouble(Sent::No, said),
        406 | 408 | 420 | 500.. => return trouble(Sent::Maybe, said),
        301..=399 => OrgError::Redirected { request, status },
        401 => OrgError::SessionRefused { request, said },
        403 => OrgError::PermissionDenied { request, said },
        404 => OrgError::NotFound { request, said },
        410 => OrgError::VersionGone { request, said },
        _ => OrgError::Refused { request, said },
    })
}

/// A small generator of our own (`SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>): the same
/// seed gives the same waits, on every machine and in every version.
struct Jitter(u64);

impl Jitter {
    /// Evenly spread over `[0, 1)`.
    fn next_fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let top = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
        f64::from(top) / (f64::from(u32::MAX) + 1.0)
    }
}
