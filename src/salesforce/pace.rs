//! Every request waits here for its turn, is counted, and is given a limited time.
//!
//! No second ever sees more requests than the setting allows. After a quiet second the first few
//! go at once, so that a small command does not wait for its own handful of questions; after them
//! turns are evenly spaced. They are given in the order they were asked for. `Retry-After` of any
//! answer holds all of them back. Time is the runtime's, which a rehearsal simulates: the limiter
//! is asked with `check()` on a clock of ours, because its own waiting ignores a paused clock.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::fmt::rfc2822::DateTimeParser;
use tokio::time::{Instant, sleep_until, timeout};

use super::transport::{Request, Response, SendError, Sent, Transport};
use crate::model::allowance::ApiUsage;
use crate::model::limits::RETRY_SPAN_MS_MAX;
use crate::model::settings::PacingSettings;

/// The window that never holds more requests than the setting: a second, and a little more,
/// because the org sees requests at other distances than we send them.
const WINDOW: Duration = Duration::from_millis(1_050);

/// The part of a second's requests that may go at once.
const BURST_PART: usize = 2;

/// The seam with a gate in front of it.
pub(super) struct Pace {
    transport: Arc<dyn Transport>,
    limiter: RateLimiter<NotKeyed, InMemoryState, RuntimeClock, NoOpMiddleware<Moment>>,
    clock: RuntimeClock,
    per_second: usize,
    /// When each of the newest requests stops counting.
    counting: Mutex<VecDeque<Instant>>,
    /// Held by whoever waits at the head of the queue; the rest wait for it in order.
    turn: tokio::sync::Mutex<()>,
    closed_until: Mutex<Option<Instant>>,
    sent_count: AtomicU64,
    usage: Mutex<Option<Reported>>,
    request_timeout: Duration,
}

impl Pace {
    /// A gate for this transport; must be made inside the runtime whose time it keeps.
    pub(super) fn new(transport: Arc<dyn Transport>, pacing: &PacingSettings) -> Self {
        let clock = RuntimeClock {
            start: Instant::now(),
        };
        Self {
            transport,
            limiter: RateLimiter::direct_with_clock(even_quota(pacing), clock),
            clock,
            per_second: pacing.requests_per_second.max(1) as usize,
            counting: Mutex::new(VecDeque::new()),
            turn: tokio::sync::Mutex::new(()),
            closed_until: Mutex::new(None),
            sent_count: AtomicU64::new(0),
            usage: Mutex::new(None),
            request_timeout: Duration::from_millis(pacing.request_timeout_ms),
        }
    }

    /// Sends one request when its turn has come. A head that does not arrive in time is an error.
    pub(super) async fn send(&self, request: Request) -> Result<Response, SendError> {
        self.wait_for_turn().await;
        let ordinal = self.sent_count.fetch_add(1, Ordering::Relaxed) + 1;
        let answer = timeout(self.request_timeout, self.transport.send(request)).await;
        let answer = answer.unwrap_or_else(|_| {
            let what = format!("no answer within {} s", self.request_timeout.as_secs_f64());
            Err(SendError {
                sent: Sent::Maybe,
                what,
            })
        });
        if let Ok(response) = &answer
            && let Some(wait) = retry_after(response)
        {
            self.close_for(wait);
        }
        if let Some(usage) = answer.as_ref().ok().and_then(api_usage) {
            self.report(Reported { usage, ordinal });
        }
        answer
    }

    /// Scheme and host that requests go to.
    pub(super) fn address(&self) -> &str {
        self.transport.address()
    }

    /// Requests that have passed the gate.
    pub(super) fn sent_count(&self) -> u64 {
        self.sent_count.load(Ordering::Relaxed)
    }

    /// What the org said last of its API calls, and our own since.
    pub(super) fn usage(&self) -> Option<ApiUsage> {
        let reported = *self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let Reported { usage, ordinal } = reported?;
        let since = self.sent_count().saturating_sub(ordinal);
        Some(ApiUsage {
            used: usage.used.saturating_add(since),
            ..usage
        })
    }

    /// Answers overtake each other: the one to the latest request counts.
    fn report(&self, new: Reported) {
        let mut known = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none_or(|known| known.ordinal < new.ordinal) {
            *known = Some(new);
        }
    }

    /// The longest an answer may be silent.
    pub(super) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    async fn wait_for_turn(&self) {
        let _head_of_the_queue = self.turn.lock().await;
        loop {
            let closed_until = *self
                .closed_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(opens) = closed_until.filter(|opens| *opens > Instant::now()) {
                sleep_until(opens).await;
                continue;
            }
            match self.turn_now() {
                None => return,
                Some(later) => sleep_until(later).await,
            }
        }
    }

    /// Takes a turn, or says when to ask again.
    fn turn_now(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        while counting.front().is_some_and(|until| *until <= now) {
            counting.pop_front();
        }
        if let Some(first) = counting
            .front()
            .filter(|_| counting.len() >= self.per_second)
        {
            return Some(*first);
        }
        // Asked either way, so that what follows a burst keeps its distance from it.
        let evenly = self.limiter.check();
        match evenly {
            Err(refusal) if counting.len() >= self.per_second / BURST_PART => {
                Some(now + refusal.wait_time_from(self.clock.now()))
            }
            Ok(()) | Err(_) => {
                counting.push_back(now + WINDOW);
                None
            }
        }
    }

    fn close_for(&self, wait: Duration) {
        let wait = wait.min(Duration::from_millis(RETRY_SPAN_MS_MAX));
        let mut closed_until = self
            .closed_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *closed_until = (*closed_until).max(Some(Instant::now() + wait));
    }
}

/// What the answer to one of our requests said of the org's API calls.
#[derive(Debug, Clone, Copy)]
struct Reported {
    usage: ApiUsage,
    /// Which of our requests it was, from 1.
    ordinal: u64,
}

/// `Sforce-Limit-Info: api-usage=18/5000`, with whatever stands around it (bulk-api-2 §2.3).
fn api_usage(response: &Response) -> Option<ApiUsage> {
    let value = response.header("sforce-limit-info")?;
    // `per-app-api-usage=` ends alike and counts something else.
    let mut parts = value.split([';', ',']).map(str::trim);
    let (used, max) = parts
        .find_map(|part| part.strip_prefix("api-usage="))?
        .split_once('/')?;
    let digits = |text: &str| {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text[..end].parse().ok()
    };
    Some(ApiUsage {
        used: digits(used)?,
        max: digits(max)?,
    })
}

/// How long an answer asks us to stay away: seconds, or a date, which is compared with the
/// answer's own `Date` because our clock may be wrong or simulated.
///
/// No Salesforce answer is known to carry it (bulk-api-2 §2.4); proxies in front of it may.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response
        .header("retry-after")
        .filter(|_| response.status >= 400)?
        .trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parser = DateTimeParser::new();
    let until = parser.parse_timestamp(value).ok()?;
    let now = parser
        .parse_timestamp(response.header("date")?.trim())
        .ok()?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// One request per n-th of a second, none saved up.
fn even_quota(pacing: &PacingSettings) -> Quota {
    let per_second = NonZeroU32::new(pacing.requests_per_second).unwrap_or(NonZeroU32::MIN);
    // Rounded up: a period cut short by less than a nanosecond would let n + 1 into a second.
    let period = Duration::from_nanos(1_000_000_000_u64.div_ceil(u64::from(per_second.get())));
    Quota::with_period(period)
        .unwrap_or_else(|| Quota::per_second(per_second))
        .allow_burst(NonZeroU32::MIN)
}

/// The runtime's time, as the limiter wants to read it.
#[derive(Debug, Clone, Copy)]
struct RuntimeClock {
    start: Instant,
}

/// Time since the gate was made.
type Moment = Duration;

impl Clock for RuntimeClock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Instant::now().saturating_duration_since(self.start)
    }
}
