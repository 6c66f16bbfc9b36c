//! Logins that outlive a token: where the next one comes from.
//!
//! Comes in: what proves who we are (a key, a secret, a refresh token, the `sf` command). Goes
//! out: an access token and the address of the org it opens, now and each time the org refuses
//! the old one. Reads no file and no environment; keeps nothing on disk; prints nothing.

mod auth_url;
mod error;
mod jwt;
mod oauth;
mod sf;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::auth::{AccessToken, Login, Renewal};
use super::error::OrgError;

pub use self::auth_url::AuthUrl;
pub use self::error::LoginError;
pub use self::jwt::{JwtKey, audience_of};
pub use self::oauth::{Grant, Oauth};
pub use self::sf::SfCommand;

/// Something that must not be shown: a client secret, a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret over, without the line end a file gives it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The secret itself, for the request that needs it.
    fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A token, fresh from its source.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token.
    pub token: AccessToken,
    /// The org it opens.
    pub instance_url: String,
}

/// Where tokens come from. Asked once at the beginning, and once for each token that dies.
pub trait TokenSource: Send + Sync {
    /// A fresh token.
    fn fetch(&self) -> BoxFuture<'_, Result<Issued, OrgError>>;
}

/// Logs in: the login, and the address of the org it is for.
pub async fn log_in(source: Arc<dyn TokenSource>) -> Result<(Login, String), OrgError> {
    let first = source.fetch().await?;
    let instance_url = first.instance_url.clone();
    Ok((Login::Renewed(Renewal { source, first }), instance_url))
}
