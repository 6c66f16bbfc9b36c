//! What can go wrong with a login. No variant holds a secret.

use std::borrow::Cow;

use crate::model::explain::{Exit, Explain, Place};
use crate::salesforce::error::Said;

/// A login that brought no token.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The login host's address cannot be used.
    #[error("the login address cannot be used: {why}")]
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// The private key cannot be one.
    #[error("the JWT key cannot be used: it {why}")]
    Key {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not of the form `force://...`.
    #[error("the auth URL cannot be used: it {why}")]
    AuthUrl {
        /// What is wrong with it; never the URL.
        why: &'static str,
    },
    /// The login host said no.
    #[error("the login was refused: {said}")]
    Refused {
        /// Method and path.
        request: String,
        /// Error and description of the login host.
        said: Said,
    },
    /// The login host said yes, but not with what a login needs.
    #[error("the login brought no usable token: {what}")]
    Unusable {
        /// What is wrong with the answer; never the token.
        what: String,
    },
    /// A renewed token is for another address than the run began with.
    #[error("the renewed login is for another address of the org than before")]
    Moved,
    /// There is no `sf` command.
    #[error("the org `{alias}` is not in the settings file, and there is no `sf` command to ask")]
    SfMissing {
        /// The org's alias.
        alias: String,
        /// The orgs the settings file names.
        known: Vec<String>,
    },
    /// Nobody knows the alias.
    #[error("the org `{alias}` is not in the settings file, and the `sf` command does not know it")]
    AliasUnknown {
        /// The org's alias.
        alias: String,
        /// The orgs the settings file names.
        known: Vec<String>,
    },
    /// The `sf` command gave no token.
    #[error("the `sf` command gave no login for `{alias}`: {what}")]
    Sf {
        /// The org's alias.
        alias: String,
        /// What it said, on one line.
        what: String,
    },
}

impl Explain for LoginError {
    fn place(&self) -> Place {
        let setting = |text: &str| Place::Setting(text.to_owned());
        match self {
            Self::Address { .. } => setting("the login URL"),
            Self::Key { .. } => setting("the JWT key file"),
            Self::AuthUrl { .. } => setting("the auth URL"),
            Self::Refused { request, .. } => Place::Request(request.clone()),
            Self::Unusable { .. } | Self::Moved => setting("the org's token endpoint"),
            Self::SfMissing { .. } | Self::AliasUnknown { .. } | Self::Sf { .. } => {
                setting("flag --target-org")
            }
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Address { .. } => {
                "Give `https://login.salesforce.com`, `https://test.salesforce.com` or the org's My \
                 Domain address."
            }
            Self::Key { .. } => {
                "Name a PEM file with an RSA private key of at least 2048 bits, without passphrase."
            }
            Self::AuthUrl { .. } => {
                "Pass all of what `sf org auth show-sfdx-auth-url` prints, from `force://` to the host."
            }
            Self::Refused { said, .. } => remedy_of(said),
            Self::Unusable { .. } => {
                "Check that the login URL is a Salesforce org's and no proxy answers in its place."
            }
            Self::Moved => "Start again: the next run logs in at the new address.",
            Self::SfMissing { known, .. } => {
                let other = "add a section `[org.ALIAS]` to the settings file, or install the \
                             Salesforce CLI and log in with it.";
                return known_or(known, other).into();
            }
            Self::AliasUnknown { known, .. } => {
                let other = "add a section `[org.ALIAS]` to the settings file, or see with `sf \
                             org list` what the Salesforce CLI knows.";
                return known_or(known, other).into();
            }
            Self::Sf { .. } => {
                "Look at it with `sf org display --target-org ALIAS`, and log in again if the \
                 session is over."
            }
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Address { .. }
            | Self::Key { .. }
            | Self::AuthUrl { .. }
            | Self::SfMissing { .. }
            | Self::AliasUnknown { .. } => Exit::Usage,
            Self::Refused { .. } | Self::Unusable { .. } | Self::Moved | Self::Sf { .. } => {
                Exit::Org
            }
        }
    }
}

/// The aliases there are, and what else can be done.
fn known_or(known: &[String], other: &str) -> String {
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => other[..1].to_uppercase() + &other[1..],
        Some((only, [])) => format!("Name {only}, which the settings file knows, or {other}"),
        Some((last, others)) => format!(
            "Name {} or {last}, which the settings file knows, or {other}",
            others.join(", ")
        ),
    }
}

/// What to do about the refusals met in practice (bulk-api-2 §1.4).
fn remedy_of(said: &Said) -> &'static str {
    let message = said.message.to_ascii_lowercase();
    if message.contains("audience") {
        "Use `https://login.salesforce.com` for production and `https://test.salesforce.com` for a \
         sandbox as login URL."
    } else if message.contains("approved this consumer") {
        "Let the app be pre-authorised for this user, by profile or permission set, and check the \
         username."
    } else if message.contains("expired authorization code") {
        "Set this machine's clock right: the assertion was dated outside the time it is good for."
    } else if message.contains("expired access/refresh token") {
        "Log in again and pass the new auth URL: the refresh token was revoked, used up or is too \
         old."
    } else {
        "Check the app's consumer key, its certificate or secret, that its flow is enabled, and \
         that the login URL is the org's."
    }
}
