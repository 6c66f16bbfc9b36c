//! `force://{clientId}:{clientSecret}:{refreshToken}@{host[:port]}`, the form in which the `sf`
//! command hands a login on (bulk-api-2 §1.5). Pure.

use super::{LoginError, Secret};

/// An auth URL, taken apart. The secret may be empty; its colon stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthUrl {
    /// Consumer key of the app.
    pub client_id: String,
    /// Its secret; empty where it has none.
    pub client_secret: Secret,
    /// What a token is given for.
    pub refresh_token: Secret,
    /// `https://` and the host.
    pub login_url: String,
}

impl AuthUrl {
    /// Takes a bare URL, or the JSON the `sf` command writes with it inside.
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        let fault = |why| LoginError::AuthUrl { why };
        let text = text.trim();
        let inside = text.starts_with('{').then(|| in_json(text));
        let text = match &inside {
            Some(found) => found
                .as_deref()
                .ok_or_else(|| fault("is JSON without `sfdxAuthUrl`"))?,
            None => text,
        };
        if text.starts_with("[REDACTED]") {
            return Err(fault("was redacted by the `sf` command"));
        }
        let rest = text
            .strip_prefix("force://")
            .ok_or_else(|| fault("does not begin with `force://`"))?;
        let (secrets, host) = rest
            .rsplit_once('@')
            .ok_or_else(|| fault("names no host after `@`"))?;
        let parts: Vec<&str> = secrets.split(':').collect();
        let [client_id, client_secret, refresh_token] = parts[..] else {
            return Err(fault("does not hold client id, secret and refresh token"));
        };
        if client_id.is_empty() || refresh_token.is_empty() || host.is_empty() {
            return Err(fault("lacks the client id, the refresh token or the host"));
        }
        let is_tame = |text: &str, more: &str| {
            let mut letters = text.chars();
            letters.all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
        };
        let words = [client_id, client_secret, refresh_token];
        if !words.iter().all(|word| is_tame(word, "._-=")) || !is_tame(host, ":._-") {
            return Err(fault("holds characters no auth URL has"));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            client_secret: Secret::new(client_secret),
            refresh_token: Secret::new(refresh_token),
            login_url: format!("https://{host}"),
        })
    }
}

/// At the top level or under `result`.
fn in_json(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let url = value
        .get("sfdxAuthUrl")
        .or_else(|| value.get("result")?.get("sfdxAuthUrl"))?;
    url.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auth_url_is_taken_apart_wherever_it_stands() {
        let bare = "force://PlatformCLI::5Aep861.tok-en_x==@acme.my.salesforce.com";
        let top = format!(r#"{{"sfdxAuthUrl":"{bare}"}}"#);
        let below = format!(r#"{{"status":0,"result":{{"sfdxAuthUrl":"{bare}"}}}}"#);
        for text in [bare, &format!(" {bare}\n"), &top, &below] {
            let url = AuthUrl::parse(text).unwrap();
            assert_eq!(url.client_id, "PlatformCLI");
            assert_eq!(url.client_secret.reveal(), "");
            assert_eq!(url.refresh_token.reveal(), "5Aep861.tok-en_x==");
            assert_eq!(url.login_url, "https://acme.my.salesforce.com");
        }
    }

    #[test]
    fn what_is_no_auth_url_is_refused_without_being_repeated() {
        let table = [
            "",
            "{}",
            "https://acme.my.salesforce.com",
            "[REDACTED] Use 'sf org auth show-sfdx-auth-url' to view",
            "force://id:SECRET:TOKEN",
            "force://id:TOKEN@host",
            "force://id:SECRET:@host",
            "force://id:SEC RET:TOKEN@host",
            "force://id:SECRET:TOKEN@host/path",
        ];
        for text in table {
            let told = AuthUrl::parse(text).unwrap_err().to_string();
            assert!(
                !told.contains("SECRET") && !told.contains("TOKEN"),
                "{told}"
            );
        }
    }
}
