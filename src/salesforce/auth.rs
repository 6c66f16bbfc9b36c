//! Every attempt carries a live token.
//!
//! A token that was handed over lives as long as it lives: a refused session goes up as it is.
//! Where a login can fetch another, a refused session is renewed once and the request sent once
//! more; requests that are refused together wait for one renewal. A second refusal goes up: it
//! never loops (bulk-api-2 §1.6).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::OrgError;
use super::login::{Issued, LoginError, TokenSource};
use super::pace::Pace;
use super::transport::{Request, Response, SendError};

/// How we prove to the org who we are.
#[derive(Debug, Clone)]
pub enum Login {
    /// A token that was fetched elsewhere and lives as long as it lives.
    Token(AccessToken),
    /// A token that is replaced when the org refuses it.
    Renewed(Renewal),
}

/// A token, and where the next one comes from.
#[derive(Clone)]
pub struct Renewal {
    pub(super) source: Arc<dyn TokenSource>,
    pub(super) first: Issued,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewal(..)")
    }
}

/// An access token; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// Takes a token as it was handed over. The `sf` command prints `[REDACTED] ...` in its place
    /// since May 2026 (bulk-api-2 §1.5); that, and anything a header cannot carry, is refused.
    pub fn parse(text: &str) -> Result<Self, OrgError> {
        let text = text.trim();
        let why = if text.is_empty() {
            "is empty"
        } else if text.starts_with("[REDACTED]") {
            "was redacted by the `sf` command"
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            "holds characters no token has"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(OrgError::Token { why })
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// The gate with a login.
pub(super) struct Session {
    credential: Credential,
    pace: Pace,
}

enum Credential {
    /// Nobody yet: the login itself.
    None,
    Fixed(AccessToken),
    Renewed(Held),
}

/// Why a request got no answer.
pub(super) enum SessionError {
    /// It was lost on the way.
    Line(SendError),
    /// It carried a dead token, and there is no live one.
    Login(OrgError),
}

impl Session {
    /// Requests of this login go through that gate.
    pub(super) fn new(login: Login, pace: Pace) -> Self {
        let credential = match login {
            Login::Token(token) => Credential::Fixed(token),
            Login::Renewed(renewal) => Credential::Renewed(Held::new(renewal)),
        };
        Self { credential, pace }
    }

    /// Requests that carry no token.
    pub(super) fn anonymous(pace: Pace) -> Self {
        let credential = Credential::None;
        Self { credential, pace }
    }

    /// Sends one request in the name of the login.
    pub(super) async fn send(&self, request: Request) -> Result<Response, SessionError> {
        let answer = match &self.credential {
            Credential::None => self.pace.send(request).await,
            Credential::Fixed(token) => self.pace.send(signed(request, token)).await,
            Credential::Renewed(held) => {
                let (token, age) = held.current();
                let answer = self.pace.send(signed(request.clone(), &token)).await;
                if !answer.as_ref().is_ok_and(|answer| answer.status == 401) {
                    return answer.map_err(SessionError::Line);
                }
                // The org has not acted on it, so any request may go out again, job data too.
                let renewed = held.newer_than(age).await;
                let token = renewed.map_err(SessionError::Login)?;
                self.pace.send(signed(request, &token)).await
            }
        };
        answer.map_err(SessionError::Line)
    }

    /// The gate.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }
}

fn signed(mut request: Request, AccessToken(token): &AccessToken) -> Request {
    let header = ("authorization", format!("Bearer {token}"));
    request.headers.push(header);
    request
}

/// The token that is good now.
struct Held {
    source: Arc<dyn TokenSource>,
    instance_url: String,
    /// With how many came before it.
    token: Mutex<(AccessToken, u64)>,
    /// Held by whoever fetches the next one; the rest wait for it.
    renewing: tokio::sync::Mutex<()>,
}

impl Held {
    fn new(renewal: Renewal) -> Self {
        let Renewal { source, first } = renewal;
        Self {
            source,
            instance_url: first.instance_url,
            token: Mutex::new((first.token, 0)),
            renewing: tokio::sync::Mutex::new(()),
        }
    }

    fn current(&self) -> (AccessToken, u64) {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }

    /// A token that is not the one of this age: fetched, unless another request has done so
    /// meanwhile.
    async fn newer_than(&self, age: u64) -> Result<AccessToken, OrgError> {
        let _one_at_a_time = self.renewing.lock().await;
        let (token, age_now) = self.current();
        if age_now != age {
            return Ok(token);
        }
        let issued = self.source.fetch().await?;
        // The line leads to the old address; a token must not be shown to one it is not for.
        if !is_same_address(&issued.instance_url, &self.instance_url) {
            return Err(LoginError::Moved.into());
        }
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        *token = (issued.token.clone(), age + 1);
        Ok(issued.token)
    }
}

fn is_same_address(one: &str, other: &str) -> bool {
    let bare = |url: &str| url.trim().trim_end_matches('/').to_ascii_lowercase();
    bare(one) == bare(other)
}
