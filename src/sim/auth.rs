//! The OAuth endpoints (bulk-api-2.md §1): token, revoke, userinfo, identity. Errors are objects
//! here, not the arrays of REST.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::facts::OrgFacts;
use super::ids;
use super::jwt;
use super::org::Org;
use super::schema::Kind;

/// Tokens that open the org, each with the requests it is still good for.
#[derive(Debug)]
pub(super) struct Sessions {
    tokens: BTreeMap<String, u64>,
    issued: u64,
}

/// What became of a grant.
type Grant = Result<(), (&'static str, &'static str)>;

impl Sessions {
    /// The seed's own token is valid from the start.
    pub(super) fn new(facts: &OrgFacts) -> Self {
        let good_for = facts.token_requests.unwrap_or(u64::MAX);
        Self {
            tokens: BTreeMap::from([(facts.access_token.clone(), good_for)]),
            issued: 0,
        }
    }

    /// Does the call carry a live token?
    pub(super) fn admits(&mut self, call: &Call) -> bool {
        let header = call.header("authorization").unwrap_or_default();
        let token = header.split_once(' ').filter(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("Bearer") || scheme.eq_ignore_ascii_case("OAuth")
        });
        let left = token.and_then(|(_, token)| self.tokens.get_mut(token.trim()));
        match left {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Every token is dead from now on, as after a session time-out.
    pub(super) fn expire_all(&mut self) {
        self.tokens.clear();
    }

    fn issue(&mut self, org: &Org) -> String {
        self.issued += 1;
        let token = format!(
            "{}!AQsim{:08}",
            &org.facts.org_id.get(..15).unwrap_or(""),
            self.issued
        );
        let good_for = org.facts.token_requests.unwrap_or(u64::MAX);
        self.tokens.insert(token.clone(), good_for);
        token
    }
}

/// `POST /services/oauth2/token`.
pub(super) fn token(org: &Org, sessions: &mut Sessions, call: &Call, now_ms: u64) -> Answer {
    let form = call.form();
    let field = |name: &str| {
        let found = form.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let granted = match field("grant_type") {
        _ if org.facts.logins.is_some_and(|max| sessions.issued >= max) => {
            Err(("invalid_grant", "expired access/refresh token"))
        }
        "client_credentials" => {
            client(org, field("client_id")).and_then(|()| secret(org, field("client_secret")))
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            jwt_bearer(org, field("assertion"), now_ms)
        }
        "refresh_token" => client(org, field("client_id"))
            .and_then(|()| refresh(org, field("refresh_token"), field("client_secret"))),
        "password" => Err(("invalid_grant", "authentication failure")),
        _ => Err(("unsupported_grant_type", "grant type not supported")),
    };
    if let Err((error, description)) = granted {
        return Answer::json(
            400,
            &json!({ "error": error, "error_description": description }),
        );
    }
    // None of these three flows grants a refresh token (§1.1).
    let body = json!({
        "access_token": sessions.issue(org),
        "instance_url": org.facts.instance_url,
        "id": identity_url(org),
        "issued_at": now_ms.to_string(),
        "signature": "c2ltdWxhdGVk",
        "token_type": "Bearer",
        "scope": "api refresh_token",
    });
    Answer::json(200, &body)
}

/// `POST /services/oauth2/revoke`.
pub(super) fn revoke(sessions: &mut Sessions, call: &Call) -> Answer {
    let token = call.form().into_iter().find(|(name, _)| name == "token");
    let token = token
        .map(|(_, value)| value)
        .or(call.parameter("token").map(str::to_owned));
    if token.is_some_and(|token| sessions.tokens.remove(&token).is_some()) {
        return Answer::empty(200);
    }
    let body = json!({ "error": "unsupported_token_type", "error_description": "invalid token" });
    Answer::json(400, &body)
}

/// `GET /services/oauth2/userinfo`.
pub(super) fn user_info(org: &Org) -> Answer {
    let user = org.find(Kind::User, &org.facts.running_user);
    let text = |name: &str| user.map_or("", |row| org.get(Kind::User, row, name));
    Answer::json(
        200,
        &json!({
            "sub": identity_url(org),
            "user_id": text("Id"),
            "organization_id": organization_id(org),
            "preferred_username": text("Username"),
            "nickname": text("CommunityNickname"),
            "name": text("Name"),
            "email": text("Email"),
            "email_verified": true,
            "given_name": text("FirstName"),
            "family_name": text("LastName"),
            "zoneinfo": text("TimeZoneSidKey"),
            "locale": text("LocaleSidKey"),
            "language": text("LanguageLocaleKey"),
            "active": text("IsActive") == "true",
            "user_type": text("UserType").to_uppercase(),
        }),
    )
}

/// `GET /id/{org}/{user}`, the identity URL (bulk-api-2.md §1.7), without photos and address. Only
/// the running user's is there; how the org refuses another's is [unverified].
pub(super) fn identity(org: &Org, organization: &str, user: &str) -> Answer {
    let same =
        |one: &str, other: &str| ids::key(one).is_some_and(|key| ids::key(other) == Some(key));
    let running = &org.facts.running_user;
    let row = org.find(Kind::User, running);
    let Some(row) = row.filter(|_| same(organization, organization_id(org)) && same(user, running))
    else {
        return Answer::not_found();
    };
    let text = |name: &str| org.get(Kind::User, row, name);
    let base = &org.facts.instance_url;
    let data = format!("{base}/services/data/v{{version}}");
    Answer::json(
        200,
        &json!({
            "id": identity_url(org),
            "asserted_user": true,
            "user_id": text("Id"),
            "organization_id": organization_id(org),
            "username": text("Username"),
            "nick_name": text("CommunityNickname"),
            "display_name": text("Name"),
            "email": text("Email"),
            "email_verified": true,
            "first_name": text("FirstName"),
            "last_name": text("LastName"),
            "timezone": text("TimeZoneSidKey"),
            "active": text("IsActive") == "true",
            "user_type": text("UserType").to_uppercase(),
            "language": text("LanguageLocaleKey"),
            "locale": text("LocaleSidKey"),
            "urls": {
                "rest": format!("{data}/"),
                "sobjects": format!("{data}/sobjects/"),
                "query": format!("{data}/query/"),
                "custom_domain": base,
            },
            "is_app_installed": true,
        }),
    )
}

/// Where the running user's identity is told.
pub(super) fn identity_url(org: &Org) -> String {
    format!(
        "{}/id/{}/{}",
        org.facts.instance_url,
        organization_id(org),
        org.facts.running_user
    )
}

/// bulk-api-2.md §1.6.
pub(super) fn session_expired() -> Answer {
    Answer::error(401, "INVALID_SESSION_ID", "Session expired or invalid")
}

fn organization_id(org: &Org) -> &str {
    org.get(Kind::Organization, 0, "Id")
}

/// An app the org knows.
fn client(org: &Org, id: &str) -> Grant {
    if is_good(id, org.facts.client_id.as_ref()) {
        Ok(())
    } else {
        Err(("invalid_client_id", "client identifier invalid"))
    }
}

fn secret(org: &Org, secret: &str) -> Grant {
    if is_good(secret, org.facts.client_secret.as_ref()) {
        Ok(())
    } else {
        Err(("invalid_client", "invalid client credentials"))
    }
}

/// Something, and the right thing where there is a right one.
fn is_good(given: &str, right: Option<&String>) -> bool {
    !given.is_empty() && right.is_none_or(|right| right == given)
}

/// §1.2, §1.4: signed by the app's key, for a login host, in time, for an active user. What the
/// org says of a wrong signature is [unverified].
fn jwt_bearer(org: &Org, assertion: &str, now_ms: u64) -> Grant {
    let key = org.facts.jwt_public_key.as_deref();
    let claims = key.and_then(|key| jwt::claims(assertion, key));
    let Some(claims) = claims else {
        return Err(("invalid_grant", "invalid assertion"));
    };
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    client(org, claim("iss"))?;
    let audience = claim("aud");
    if !audience.starts_with("https://login.") && !audience.starts_with("https://test.") {
        return Err(("invalid_grant", "Audience validation failed"));
    }
    let in_time = |exp: u64| exp.saturating_mul(1_000) > now_ms;
    if !claims
        .get("exp")
        .and_then(Value::as_u64)
        .is_some_and(in_time)
    {
        return Err(("invalid_grant", "expired authorization code"));
    }
    match org.matching(Kind::User, "Username", claim("sub")).first() {
        Some(user) if org.is(Kind::User, *user, "IsActive") => Ok(()),
        _ => Err(("invalid_grant", "user hasn't approved this consumer")),
    }
}

/// The secret is the app's choice; where it is sent it must be right (§1.3).
fn refresh(org: &Org, token: &str, given_secret: &str) -> Grant {
    if !is_good(token, org.facts.refresh_token.as_ref()) {
        return Err(("invalid_grant", "expired access/refresh token"));
    }
    if given_secret.is_empty() {
        return Ok(());
    }
    secret(org, given_secret)
}
