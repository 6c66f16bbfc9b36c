//! A request comes in -> what goes wrong with it: before the org hears of it, or after it acted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::super::answer::Answer;
use super::super::call::Call;
use super::deal::{Dealer, Stream};
use super::read::RequestRule;
use crate::salesforce::transport::{SendError, Sent};

/// So often in a row rules of chance may spoil one and the same request. Clients give up at some
/// number; a plan of chance must leave them a way through.
const IN_A_ROW_MAX: u32 = 3;

/// Bytes that [`Deed::Garble`] changes.
const GARBLED_BYTES: usize = 16;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub(super) enum Deed {
    /// An answer of this status instead of the org's.
    Answer {
        status: u16,
        code: Option<String>,
        message: Option<String>,
        /// A page of the web server in front of the org.
        #[serde(default)]
        html: bool,
        retry_after_s: Option<u64>,
        /// The org acts all the same.
        #[serde(default)]
        acts: bool,
    },
    /// The connection is refused: nothing left.
    Refuse,
    /// The connection drops before the org saw the request.
    Reset,
    /// The org acts, then the connection drops.
    LoseAnswer,
    /// The org acts, and the answer takes its time.
    Slow { seconds: f64 },
    /// The connection drops in the middle of the answer's body.
    Break {
        #[serde(default = "half")]
        keep: f64,
    },
    /// The body ends early and looks whole to HTTP.
    Shorten {
        #[serde(default = "half")]
        keep: f64,
    },
    /// Some bytes in the middle of the body are others.
    Garble,
    /// All sessions end before the request is looked at.
    ExpireSessions,
    /// A daily allowance is used up by others, but for so much.
    SpendAllowance { of: Daily, left: u64 },
}

/// Daily allowances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum Daily {
    /// Every HTTP call.
    Requests,
    /// Internal batches of ingest jobs.
    Batches,
}

/// What happens to the org itself when a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Effect {
    SessionsEnd,
    Spent(Daily, u64),
}

/// One request's faults.
#[derive(Debug, Default)]
pub(in crate::sim) struct Encounter {
    pub(in crate::sim) effects: Vec<Effect>,
    pub(in crate::sim) delay: Duration,
    spoiled: Option<(Deed, u64)>,
}

/// The rules about requests, at work.
#[derive(Debug, Default)]
pub(in crate::sim) struct RequestFaults {
    rules: Vec<(RequestRule, Dealer)>,
    in_a_row: BTreeMap<String, u32>,
    pub(in crate::sim) played: BTreeMap<&'static str, u64>,
}

impl RequestFaults {
    pub(in crate::sim) fn new(rules: Vec<RequestRule>, seed: u64) -> Self {
        let rules = rules.into_iter().enumerate();
        let rules = rules.map(|(number, rule)| {
            let dealer = Dealer::new(rule.timing, seed, number);
            (rule, dealer)
        });
        Self {
            rules: rules.collect(),
            ..Self::default()
        }
    }

    /// Nothing will ever go wrong.
    pub(in crate::sim) fn is_calm(&self) -> bool {
        self.rules.is_empty()
    }

    /// What goes wrong with this request. The first rule that spoils it is the last that sees it,
    /// so that two rules about the first request of a kind strike one after the other.
    pub(in crate::sim) fn meet(&mut self, call: &Call, up_ms: u64) -> Encounter {
        let mut met = Encounter::default();
        let name = format!("{} {}", call.method.as_str(), call.segments.join("/"));
        let spared = self.in_a_row.get(&name).is_some_and(|n| *n >= IN_A_ROW_MAX);
        for (rule, dealer) in &mut self.rules {
            if !rule.at.covers(call) {
                continue;
            }
            let spoils = rule.deed.spoils();
            if !dealer.strikes(up_ms, spared && spoils) {
                continue;
            }
            *self.played.entry(rule.deed.name()).or_default() += 1;
            match &rule.deed {
                Deed::Slow { seconds } => met.delay += Duration::from_secs_f64(*seconds),
                Deed::ExpireSessions => met.effects.push(Effect::SessionsEnd),
                Deed::SpendAllowance { of, left } => met.effects.push(Effect::Spent(*of, *left)),
                Deed::Answer { .. }
                | Deed::Refuse
                | Deed::Reset
                | Deed::LoseAnswer
                | Deed::Break { .. }
                | Deed::Shorten { .. }
                | Deed::Garble => {
                    met.spoiled = Some((rule.deed.clone(), dealer.draw()));
                    break;
                }
            }
        }
        if met.spoiled.is_some() {
            *self.in_a_row.entry(name).or_default() += 1;
        } else {
            self.in_a_row.remove(&name);
        }
        met
    }
}

impl Encounter {
    /// How the request ends without the org, if it does.
    pub(in crate::sim) fn intercepted(&self) -> Option<Result<Answer, SendError>> {
        match &self.spoiled.as_ref()?.0 {
            answer @ Deed::Answer { acts: false, .. } => answer.answer().map(Ok),
            Deed::Refuse => Some(Err(lost(Sent::No, "the connection was refused"))),
            Deed::Reset => Some(Err(lost(Sent::Maybe, "the connection was reset"))),
            Deed::Answer { acts: true, .. }
            | Deed::LoseAnswer
            | Deed::Slow { .. }
            | Deed::Break { .. }
            | Deed::Shorten { .. }
            | Deed::Garble
            | Deed::ExpireSessions
            | Deed::SpendAllowance { .. } => None,
        }
    }

    /// What is left of the org's answer.
    pub(in crate::sim) fn spoil(self, mut answer: Answer) -> Result<Answer, SendError> {
        let Some((deed, draw)) = self.spoiled else {
            return Ok(answer);
        };
        match deed {
            Deed::Answer { .. } => return Ok(deed.answer().unwrap_or(answer)),
            Deed::LoseAnswer => {
                return Err(lost(Sent::Maybe, "the connection was reset"));
            }
            Deed::Break { keep } => answer.breaks_at = Some(inside(&answer.body, keep)),
            Deed::Shorten { keep } => {
                let end = inside(&answer.body, keep);
                answer.body.truncate(end);
            }
            Deed::Garble => answer.body = garbled(&answer.body, draw).into(),
            Deed::Refuse
            | Deed::Reset
            | Deed::Slow { .. }
            | Deed::ExpireSessions
            | Deed::SpendAllowance { .. } => {}
        }
        Ok(answer)
    }
}

impl Deed {
    /// As a plan spells it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::Refuse => "refuse",
            Self::Reset => "reset",
            Self::LoseAnswer => "lose-answer",
            Self::Slow { .. } => "slow",
            Self::Break { .. } => "break",
            Self::Shorten { .. } => "shorten",
            Self::Garble => "garble",
            Self::ExpireSessions => "expire-sessions",
            Self::SpendAllowance { .. } => "spend-allowance",
        }
    }

    /// Does the client not get what the org has to say?
    fn spoils(&self) -> bool {
        match self {
            Self::Slow { .. } | Self::ExpireSessions | Self::SpendAllowance { .. } => false,
            Self::Answer { .. }
            | Self::Refuse
            | Self::Reset
            | Self::LoseAnswer
            | Self::Break { .. }
            | Self::Shorten { .. }
            | Self::Garble => true,
        }
    }

    /// The answer of [`Deed::Answer`].
    fn answer(&self) -> Option<Answer> {
        let Self::Answer {
            status,
            code,
            message,
            html,
            retry_after_s,
            acts: _,
        } = self
        else {
            return None;
        };
        let (usual_code, usual_message) = words_of(*status);
        let message = message.as_deref().unwrap_or(usual_message);
        let answer = if *html {
            let page = format!(
                "<html><head><title>{status}</title></head><body><h1>{message}</h1></body></html>"
            );
            Answer::of_type(*status, "text/html;charset=utf-8", page)
        } else {
            Answer::error(*status, code.as_deref().unwrap_or(usual_code), message)
        };
        Some(match retry_after_s {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        })
    }
}

/// What the org says with a status unless a plan says otherwise (bulk-api-2.md §1.6, §2.4; the
/// words of 408, 429 and 5xx are [unverified]).
fn words_of(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("INVALID_SESSION_ID", "Session expired or invalid"),
        403 => ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        404 => ("NOT_FOUND", "The requested resource does not exist"),
        408 => ("REQUEST_TIMEOUT", "The request took too long"),
        429 => ("TOO_MANY_REQUESTS", "Too many requests"),
        500 => ("UNKNOWN_EXCEPTION", "An unexpected error occurred"),
        502 => ("BAD_GATEWAY", "Bad gateway"),
        504 => ("GATEWAY_TIMEOUT", "Gateway time-out"),
        503 => ("SERVER_UNAVAILABLE", "The server is unavailable"),
        _ => ("UNKNOWN_EXCEPTION", "The request was refused"),
    }
}

fn lost(sent: Sent, what: &str) -> SendError {
    SendError {
        sent,
        what: what.to_owned(),
    }
}

fn half() -> f64 {
    0.5
}

/// A place so far into the body, never at the end of a record: a file that was cut between two
/// records would look whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a body, from a share between 0 and 1"
)]
fn inside(body: &[u8], keep: f64) -> usize {
    let mut end = ((body.len() as f64 * keep) as usize).min(body.len().saturating_sub(1));
    let is_end = |at: usize| {
        let next = body.get(at).copied();
        let last = at.checked_sub(1).and_then(|before| body.get(before));
        matches!(next, Some(b'\r' | b'\n')) || matches!(last, Some(b'\r' | b'\n'))
    };
    while end > 0 && is_end(end) {
        end -= 1;
    }
    end
}

/// The body with some bytes in its middle changed to what no text holds.
fn garbled(body: &[u8], draw: u64) -> Vec<u8> {
    let mut body = body.to_vec();
    let from = body.len() / 2;
    let mut stream = Stream::new(draw);
    for byte in body.iter_mut().skip(from).take(GARBLED_BYTES) {
        *byte = 0x80 | stream.next().to_le_bytes()[0];
    }
    body
}
