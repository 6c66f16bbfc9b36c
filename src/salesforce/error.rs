//! What can go wrong on the telephone.
//!
//! Every variant that follows a request says which one: method and path, never host, query
//! values, headers or bodies.

use std::borrow::Cow;
use std::path::PathBuf;

use super::login::LoginError;
use super::transport::Sent;
use crate::model::explain::{Exit, Explain, Place};
use crate::model::id::JobId;

/// A conversation with the org that did not end well.
#[derive(Debug, thiserror::Error)]
pub enum OrgError {
    /// The address of the org cannot be used.
    #[error("the org's address cannot be used: {why}")]
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// The access token cannot be one.
    #[error("the access token cannot be used: it {why}")]
    Token {
        /// What is wrong with it; never the token.
        why: &'static str,
    },
    /// No token could be had.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The org does not know this session, or not any more.
    #[error("the org refused the session: {said}")]
    SessionRefused {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// The user may not do this.
    #[error("the org does not allow it: {said}")]
    PermissionDenied {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// An allowance of the day is spent.
    #[error("an allowance of the org is spent: {said}")]
    LimitExceeded {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// The org has no such thing.
    #[error("the org does not have it: {said}")]
    NotFound {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// The API version is retired, or the resource was removed.
    #[error("the org does not offer this version of the API: {said}")]
    VersionGone {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// Another host is to be asked; we do not follow, because the token would go there too.
    #[error("the org points to another address (status {status})")]
    Redirected {
        /// Method and path.
        request: String,
        /// The status.
        status: u16,
    },
    /// The org understood and said no.
    #[error("the org refused the request: {said}")]
    Refused {
        /// Method and path.
        request: String,
        /// Code and message of the org.
        said: Said,
    },
    /// The org was busy or down each time.
    #[error("the org was not able to answer in {attempts} attempts: {said}")]
    Busy {
        /// Method and path.
        request: String,
        /// Code and message of the last answer.
        said: Said,
        /// How often it was asked.
        attempts: u32,
    },
    /// No whole answer came, each time.
    #[error("no answer from the org in {attempts} attempts: {what}")]
    Unreachable {
        /// Method and path.
        request: String,
        /// What went wrong the last time.
        what: String,
        /// How often it was tried.
        attempts: u32,
        /// Could the org have seen it?
        sent: Sent,
    },
    /// Somebody answered whose certificate nobody we trust vouches for. Nothing was sent.
    #[error("the certificate of {address} is not trusted: {what}")]
    Distrusted {
        /// Method and path.
        request: String,
        /// Scheme and host.
        address: String,
        /// What is wrong with the certificate.
        what: String,
    },
    /// A request that must not be repeated got no clear answer.
    #[error("the org may or may not have acted: {what}")]
    Ambiguous {
        /// Method and path.
        request: String,
        /// What went wrong.
        what: String,
    },
    /// An answer that is not in the form it should have.
    #[error("an answer of the org was not understood: {what}")]
    Malformed {
        /// Method and path.
        request: String,
        /// What is wrong with it.
        what: String,
    },
    /// A query job that ended without results.
    #[error("the org gave up the query job: {message}")]
    QueryFailed {
        /// The job.
        job: JobId,
        /// What it said.
        message: String,
    },
    /// A query job that did not end in time.
    #[error("the query job did not end within {waited_s} s")]
    QueryUnfinished {
        /// The job.
        job: JobId,
        /// How long it was waited for.
        waited_s: u64,
    },
    /// An answer cannot be kept.
    #[error("the answer cannot be written to disk: {source}")]
    Disk {
        /// Where it should have gone.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the org said when it refused: status, code and message, capped and without addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// HTTP status.
    pub status: u16,
    /// The org's code such as `INVALID_SESSION_ID`; empty where it gave none.
    pub code: String,
    /// One line of at most [`crate::model::limits::MESSAGE_CHARACTERS_MAX`] characters.
    pub message: String,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {}", self.status)?;
        if !self.code.is_empty() {
            write!(f, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ", {}", self.message)?;
        }
        Ok(())
    }
}

impl OrgError {
    /// Could the org have acted on the request that failed?
    pub fn sent(&self) -> Sent {
        match self {
            Self::Unreachable { sent, .. } => *sent,
            Self::Ambiguous { .. } | Self::Malformed { .. } | Self::Disk { .. } => Sent::Maybe,
            Self::Address { .. }
            | Self::Token { .. }
            | Self::Login(_)
            | Self::SessionRefused { .. }
            | Self::PermissionDenied { .. }
            | Self::LimitExceeded { .. }
            | Self::NotFound { .. }
            | Self::VersionGone { .. }
            | Self::Redirected { .. }
            | Self::Refused { .. }
            | Self::Busy { .. }
            | Self::Distrusted { .. }
            | Self::QueryFailed { .. }
            | Self::QueryUnfinished { .. } => Sent::No,
        }
    }
}

impl Explain for OrgError {
    fn place(&self) -> Place {
        match self {
            Self::Address { .. } => Place::Setting("the org's instance URL".to_owned()),
            Self::Token { .. } => Place::Setting("the access token".to_owned()),
            Self::Login(error) => error.place(),
            Self::SessionRefused { request, .. }
            | Self::PermissionDenied { request, .. }
            | Self::LimitExceeded { request, .. }
            | Self::NotFound { request, .. }
            | Self::VersionGone { request, .. }
            | Self::Redirected { request, .. }
            | Self::Refused { request, .. }
            | Self::Busy { request, .. }
            | Self::Unreachable { request, .. }
            | Self::Distrusted { request, .. }
            | Self::Ambiguous { request, .. }
            | Self::Malformed { request, .. } => Place::Request(request.clone()),
            Self::QueryFailed { job, .. } | Self::QueryUnfinished { job, .. } => {
                Place::Job(job.to_string())
            }
            Self::Disk { path, .. } => Place::file(path.display()),
        }
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Address { .. } => {
                "Give the org's My Domain address in the form `https://NAME.my.salesforce.com`."
            }
            Self::Token { .. } => {
                "Pass the token as `sf org auth show-access-token` prints it, nothing around it."
            }
            Self::Login(error) => return error.remedy(),
            Self::SessionRefused { .. } => {
                "Log in to the org again and pass the new access token; the old one has expired, \
                 was revoked or belongs to another org."
            }
            Self::PermissionDenied { .. } => {
                "Give the running user the API, Manage External Users and View Setup permissions, \
                 and check its password and the org's API access policies."
            }
            Self::LimitExceeded { .. } => {
                "Wait until the org's 24-hour allowance has room again (Setup, System Overview), \
                 then go on."
            }
            Self::NotFound { .. } => {
                "Check that the object or job exists in this org, has not expired (jobs are kept \
                 7 days) and is visible to the running user."
            }
            Self::VersionGone { .. } => "Choose a version the org offers with `--api-version`.",
            Self::Redirected { .. } => {
                "Use the My Domain address the org has now as its instance URL."
            }
            Self::Refused { .. } => "Mend what the org names, then start again.",
            Self::Busy { .. } | Self::Unreachable { .. } => {
                "Check the network and the state of the org's instance on status.salesforce.com, \
                 then try again."
            }
            Self::Distrusted { .. } => {
                "Check that no stranger answers at that address and that this machine's clock is \
                 right; where a proxy is to answer, add its authority to the certificates the \
                 system trusts (on Linux, `SSL_CERT_FILE` may name a PEM file of them)."
            }
            Self::Ambiguous { .. } => {
                "Look in the org (Setup, Bulk Data Load Jobs) for what became of the request \
                 before repeating it."
            }
            Self::Malformed { .. } => {
                "Check that the address is a Salesforce org and no proxy answers in its place; if \
                 it is, report this answer as a bug."
            }
            Self::QueryFailed { .. } => {
                "Look at the job in Setup, Bulk Data Load Jobs, and try again."
            }
            Self::QueryUnfinished { .. } => {
                "Try again when the org is less busy, or allow more time for one job."
            }
            Self::Disk { .. } => "Make room or mend the permissions of the folder, then go on.",
        }
        .into()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Login(error) => error.exit(),
            Self::Address { .. } | Self::Token { .. } | Self::VersionGone { .. } => Exit::Usage,
            Self::SessionRefused { .. }
            | Self::PermissionDenied { .. }
            | Self::NotFound { .. }
            | Self::Redirected { .. }
            | Self::Refused { .. }
            | Self::Malformed { .. }
            | Self::Distrusted { .. }
            | Self::QueryFailed { .. } => Exit::Org,
            Self::LimitExceeded { .. }
            | Self::Busy { .. }
            | Self::Unreachable { .. }
            | Self::Ambiguous { .. }
            | Self::QueryUnfinished { .. }
            | Self::Disk { .. } => Exit::Stopped,
        }
    }
}
