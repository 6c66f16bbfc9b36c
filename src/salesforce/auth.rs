//! Every attempt carries a live token.
//!
//! Today there is one kind of login, a token somebody else fetched; it cannot be renewed, so a
//! refused session goes up as it is. Logins that can renew themselves get their arm in
//! [`Session::send`]: renew once, send once more.

use std::fmt;

use super::error::OrgError;
use super::pace::Pace;
use super::transport::{Request, Response, SendError};

/// How we prove to the org who we are.
#[derive(Debug, Clone)]
pub enum Login {
    /// A token that was fetched elsewhere and lives as long as it lives.
    Token(AccessToken),
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
    login: Login,
    pace: Pace,
}

impl Session {
    /// Requests of this login go through that gate.
    pub(super) fn new(login: Login, pace: Pace) -> Self {
        Self { login, pace }
    }

    /// Sends one request in the name of the login.
    pub(super) async fn send(&self, mut request: Request) -> Result<Response, SendError> {
        match &self.login {
            Login::Token(AccessToken(token)) => {
                request
                    .headers
                    .push(("authorization", format!("Bearer {token}")));
                self.pace.send(request).await
            }
        }
    }

    /// The gate.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }
}
