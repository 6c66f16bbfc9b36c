//! A login -> an open line to a real org, token at hand.
//!
//! Every login but a finished token is asked for its first token here, on a runtime of its own:
//! the token's answer names the address the line leads to. Nothing else is asked.

use std::sync::Arc;

use jiff::Timestamp;

use crate::model::settings::PacingSettings;
use crate::model::summary::OrgKind;
use crate::pipeline::login::{
    AuthUrl, Grant, JwtKey, LoginError, Oauth, Secret, SfCommand, TokenSource, audience_of, log_in,
};
use crate::pipeline::{AccessToken, Clock, Line, Login, OrgError, RunError};
use crate::salesforce::http::HttpTransport;

use super::launch::{LaunchError, on_runtime};
use super::login::LoginWords;

/// Opens the line a login is for.
pub(super) fn dial(words: LoginWords, seed: u64) -> Result<Line, LaunchError> {
    let (login, instance_url) = match words {
        LoginWords::Token {
            instance_url,
            access_token,
        } => {
            let token = AccessToken::parse(&access_token).map_err(RunError::from)?;
            (Login::Token(token), instance_url)
        }
        LoginWords::Sf { alias, known } => {
            first_token(|| Ok(Arc::new(SfCommand::new(&alias, known))))?
        }
        LoginWords::Jwt {
            client_id,
            username,
            key_pem,
            login_url,
            audience,
        } => {
            let grant = Grant::Jwt {
                client_id,
                username,
                audience: audience.unwrap_or_else(|| audience_of(&login_url)),
                key: JwtKey::parse(&key_pem).map_err(refused)?,
                now_s: || Timestamp::now().as_second(),
            };
            by_oauth(&login_url, grant, seed)?
        }
        LoginWords::ClientCredentials {
            client_id,
            client_secret,
            instance_url,
        } => {
            let client_secret = Secret::new(&client_secret);
            let grant = Grant::ClientCredentials {
                client_id,
                client_secret,
            };
            by_oauth(&instance_url, grant, seed)?
        }
        LoginWords::AuthUrl(text) => {
            let AuthUrl {
                client_id,
                client_secret,
                refresh_token,
                login_url,
            } = AuthUrl::parse(&text).map_err(refused)?;
            let grant = Grant::Refresh {
                client_id,
                client_secret,
                refresh_token,
            };
            by_oauth(&login_url, grant, seed)?
        }
    };
    let transport = HttpTransport::new(&instance_url).map_err(RunError::from)?;
    Ok(Line {
        transport: Arc::new(transport),
        login,
        // Whether it is a sandbox is asked; until then expect the graver case.
        kind: OrgKind::Production,
    })
}

fn by_oauth(login_url: &str, grant: Grant, seed: u64) -> Result<(Login, String), LaunchError> {
    first_token(|| {
        let transport = HttpTransport::to_login(login_url).map_err(RunError::from)?;
        let pacing = PacingSettings::default();
        Ok(Arc::new(Oauth::new(
            Arc::new(transport),
            grant,
            &pacing,
            seed,
        )))
    })
}

/// The source is made on the runtime, whose time it keeps.
fn first_token<T: TokenSource + 'static>(
    make: impl FnOnce() -> Result<Arc<T>, LaunchError>,
) -> Result<(Login, String), LaunchError> {
    on_runtime(Clock::Real, async {
        let logged_in = log_in(make()?).await.map_err(RunError::from)?;
        Ok(logged_in)
    })
}

fn refused(error: LoginError) -> LaunchError {
    RunError::from(OrgError::from(error)).into()
}
