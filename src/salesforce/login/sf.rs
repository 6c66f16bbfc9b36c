//! The `sf` command's own store, asked through the command (bulk-api-2 §1.5).
//!
//! Two commands since May 2026: one knows the address, the other the token, which it refreshes
//! first. Older ones tell both with the first. What they print holds secrets: only single members
//! of it are used, and messages on one line without addresses.

use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use super::{Issued, LoginError, TokenSource};
use crate::salesforce::auth::AccessToken;
use crate::salesforce::error::OrgError;
use crate::salesforce::refusal::one_line;

/// The command, as the system finds it.
const PROGRAM: &str = if cfg!(windows) { "sf.cmd" } else { "sf" };

/// How it says that it knows no org of that alias or username
/// ([source](https://github.com/forcedotcom/sfdx-core/blob/main/src/org/authInfo.ts)).
const ALIAS_UNKNOWN: &str = "NamedOrgNotFoundError";

/// How long it may take. It starts in seconds; behind it stands a request or two.
const PATIENCE: Duration = Duration::from_mins(2);

/// An org that the `sf` command is logged in to.
#[derive(Debug)]
pub struct SfCommand {
    alias: String,
    /// The orgs the settings file names; this one is not among them.
    known: Vec<String>,
    /// Known after the first token; the address of an org is asked for once.
    instance_url: OnceLock<String>,
}

impl SfCommand {
    /// The org of this alias or username, which is not among those the settings file knows.
    pub fn new(alias: &str, known: Vec<String>) -> Self {
        Self {
            alias: alias.to_owned(),
            known,
            instance_url: OnceLock::new(),
        }
    }

    async fn ask(&self) -> Result<Issued, OrgError> {
        let shown = match self.instance_url.get() {
            Some(_) => None,
            None => Some(self.run(&["org", "display"]).await?),
        };
        let token = match self.run(&["org", "auth", "show-access-token"]).await {
            Ok(result) => self.token(&result),
            // A command from before May 2026 does not know this one and has shown the token.
            Err(error) => match shown.as_ref().map(|shown| self.token(shown)) {
                Some(Ok(token)) => Ok(token),
                Some(Err(_)) | None => Err(error),
            },
        }?;
        let instance_url = match shown {
            Some(shown) => {
                let url = self.member(&shown, "instanceUrl")?;
                self.instance_url.get_or_init(|| url)
            }
            None => self.instance_url.get_or_init(String::new),
        };
        Ok(Issued {
            token,
            instance_url: instance_url.clone(),
        })
    }

    fn token(&self, result: &Value) -> Result<AccessToken, LoginError> {
        let text = self.member(result, "accessToken")?;
        AccessToken::parse(&text).map_err(|error| self.fault(&error.to_string()))
    }

    fn member(&self, result: &Value, name: &str) -> Result<String, LoginError> {
        let text = result.get(name).and_then(Value::as_str);
        let text = text.filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| self.fault(&format!("its answer has no `{name}`")))
    }

    /// The `result` of one command.
    async fn run(&self, words: &[&str]) -> Result<Value, LoginError> {
        let running = Command::new(PROGRAM)
            .args(words)
            // One word, so that no alias is taken for a flag.
            .arg(format!("--target-org={}", self.alias))
            .arg("--json")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = match timeout(PATIENCE, running).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                let (alias, known) = (self.alias.clone(), self.known.clone());
                return Err(LoginError::SfMissing { alias, known });
            }
            Ok(Err(error)) => return Err(self.fault(&error.to_string())),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                return Err(self.fault(&format!("it was silent for {seconds} s")));
            }
        };
        let said: Value = serde_json::from_slice(&ended.stdout)
            .map_err(|_| self.fault("it did not answer in JSON"))?;
        match said.get("result") {
            Some(result) if ended.status.success() => Ok(result.clone()),
            _ if said.get("name").and_then(Value::as_str) == Some(ALIAS_UNKNOWN) => {
                let (alias, known) = (self.alias.clone(), self.known.clone());
                Err(LoginError::AliasUnknown { alias, known })
            }
            _ => {
                let message = said.get("message").and_then(Value::as_str);
                Err(self.fault(message.unwrap_or("it failed without a message")))
            }
        }
    }

    fn fault(&self, what: &str) -> LoginError {
        LoginError::Sf {
            alias: self.alias.clone(),
            what: one_line(what).trim_end_matches('.').to_owned(),
        }
    }
}

impl TokenSource for SfCommand {
    fn fetch(&self) -> BoxFuture<'_, Result<Issued, OrgError>> {
        Box::pin(self.ask())
    }
}
