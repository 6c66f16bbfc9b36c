//! `POST /services/oauth2/token` (bulk-api-2 §1.1 to §1.4): a grant goes out, a token comes back.
//!
//! Asked through the same pace and patience as the org itself. A refusal is never repeated; only
//! silence and trouble on the way are.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Issued, JwtKey, LoginError, Secret, TokenSource};
use crate::model::limits::ANSWER_BYTES_MAX;
use crate::model::settings::PacingSettings;
use crate::salesforce::answer::Keep;
use crate::salesforce::auth::{AccessToken, Session};
use crate::salesforce::decode;
use crate::salesforce::error::OrgError;
use crate::salesforce::pace::Pace;
use crate::salesforce::retry::{Caller, Twice, name};
use crate::salesforce::transport::{Body, Method, Request, Sent, Transport};

/// What a token is asked for with.
pub enum Grant {
    /// A signed assertion; made anew for each token.
    Jwt {
        /// Consumer key of the app.
        client_id: String,
        /// Whom it acts for.
        username: String,
        /// For whom the assertion is meant.
        audience: String,
        /// Signs it.
        key: JwtKey,
        /// The wall clock, in seconds since 1970.
        now_s: fn() -> i64,
    },
    /// The app itself, as the user it runs as.
    ClientCredentials {
        /// Consumer key of the app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
    },
    /// A login somebody made in a browser.
    Refresh {
        /// Consumer key of the app.
        client_id: String,
        /// Its secret; empty where it has none.
        client_secret: Secret,
        /// What the last login left behind.
        refresh_token: Secret,
    },
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwt { .. } => "Grant::Jwt(..)",
            Self::ClientCredentials { .. } => "Grant::ClientCredentials(..)",
            Self::Refresh { .. } => "Grant::Refresh(..)",
        })
    }
}

impl Grant {
    fn fields(&self, newer: Option<&Secret>) -> Result<Vec<(&str, String)>, LoginError> {
        let fields = match self {
            Self::Jwt {
                client_id,
                username,
                audience,
                key,
                now_s,
            } => {
                let kind = "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned();
                let assertion = key.assertion((client_id, username), audience, now_s())?;
                vec![("grant_type", kind), ("assertion", assertion)]
            }
            Self::ClientCredentials {
                client_id,
                client_secret,
            } => vec![
                ("grant_type", "client_credentials".to_owned()),
                ("client_id", client_id.clone()),
                ("client_secret", client_secret.reveal().to_owned()),
            ],
            Self::Refresh {
                client_id,
                client_secret,
                refresh_token,
            } => {
                let refresh_token = newer.unwrap_or(refresh_token).reveal().to_owned();
                let mut fields = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("refresh_token", refresh_token),
                    ("client_id", client_id.clone()),
                ];
                if !client_secret.reveal().is_empty() {
                    fields.push(("client_secret", client_secret.reveal().to_owned()));
                }
                fields
            }
        };
        Ok(fields)
    }
}

/// A token endpoint, and what it is asked with.
pub struct Oauth {
    caller: Caller,
    grant: Grant,
    /// Where an app rotates refresh tokens, each is good for one token: the newest, if one came.
    newer: Mutex<Option<Secret>>,
}

impl Oauth {
    /// The endpoint behind a transport to the login host. Must be made inside the runtime it is
    /// used in.
    pub fn new(
        transport: Arc<dyn Transport>,
        grant: Grant,
        pacing: &PacingSettings,
        seed: u64,
    ) -> Self {
        let session = Session::anonymous(Pace::new(transport, pacing));
        Self {
            caller: Caller::new(session, pacing, seed),
            grant,
            newer: Mutex::new(None),
        }
    }

    async fn ask(&self) -> Result<Issued, OrgError> {
        let request = self.request()?;
        let asked = name(&request);
        // Two tokens for one question do no harm: the first is never used.
        let answer = self
            .caller
            .ask(request, Twice::Harmless, Keep::Memory(ANSWER_BYTES_MAX))
            .await
            .map_err(refused)?;
        let answer: TokenAnswer = decode(asked, &answer).map_err(refused)?;
        if let Some(newer) = answer.refresh_token {
            let newer = Some(Secret::new(&newer));
            *self.newer.lock().unwrap_or_else(PoisonError::into_inner) = newer;
        }
        Ok(Issued {
            token: AccessToken::parse(&answer.access_token).map_err(refused)?,
            instance_url: answer.instance_url,
        })
    }

    fn request(&self) -> Result<Request, LoginError> {
        let newer = self.newer.lock().unwrap_or_else(PoisonError::into_inner);
        let fields = self.grant.fields(newer.as_ref())?;
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let form = "application/x-www-form-urlencoded".to_owned();
        Ok(Request {
            method: Method::Post,
            path: "/services/oauth2/token".to_owned(),
            headers: vec![
                ("accept", "application/json".to_owned()),
                ("content-type", form),
            ],
            body: Body::Bytes(Bytes::from(body)),
        })
    }
}

impl TokenSource for Oauth {
    fn fetch(&self) -> BoxFuture<'_, Result<Issued, OrgError>> {
        Box::pin(self.ask())
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    instance_url: String,
    refresh_token: Option<String>,
}

/// A refusal of the login host is one of the login. Whatever became of the login, the request it
/// was for has not been acted on, so no error may say that it might have been.
fn refused(error: OrgError) -> OrgError {
    match error {
        OrgError::Refused { request, said }
        | OrgError::SessionRefused { request, said }
        | OrgError::PermissionDenied { request, said }
        | OrgError::NotFound { request, said } => LoginError::Refused { request, said }.into(),
        OrgError::Unreachable {
            request,
            what,
            attempts,
            sent: _,
        } => OrgError::Unreachable {
            request,
            what,
            attempts,
            sent: Sent::No,
        },
        OrgError::Malformed { what, .. } => LoginError::Unusable { what }.into(),
        OrgError::Token { why } => LoginError::Unusable {
            what: format!("the token {why}"),
        }
        .into(),
        other => other,
    }
}
