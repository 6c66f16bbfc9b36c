//! The token endpoint: what it grants, what it refuses and in which words (bulk-api-2.md §1).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::{Value, json};

use super::fixture::{Caller, Reply, seed};
use crate::salesforce::transport::{Body, Method};

const LOGIN: &str = "https://login.salesforce.com";
const IN_TIME: u64 = 1_767_600_100;

static KEYS: LazyLock<[RsaPrivateKey; 2]> =
    LazyLock::new(|| [(); 2].map(|()| RsaPrivateKey::new(&mut OsRng, 2048).unwrap()));

/// Asks the token endpoint.
pub(super) async fn form(caller: &Caller, text: &str) -> Reply {
    let body = Body::Bytes(Bytes::from(text.to_owned()));
    let kind = ("content-type", "application/x-www-form-urlencoded");
    caller
        .send(Method::Post, "/services/oauth2/token", &[kind], body)
        .await
}

/// A JWT of these claims, signed by one of the keys.
fn jwt(key: usize, algorithm: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({ "alg": algorithm })), part(claims));
    let signer = SigningKey::<Sha256>::new(KEYS[key].clone());
    let signature = signer.sign(text.as_bytes()).to_vec();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(sub: &str, aud: &str, exp: u64) -> Value {
    json!({ "iss": "key", "sub": sub, "aud": aud, "exp": exp })
}

fn caller_with_a_key() -> Caller {
    let mut seed = seed();
    let public = KEYS[0].to_public_key().to_public_key_pem(LineEnding::LF);
    seed.org.jwt_public_key = Some(public.unwrap());
    seed.org.client_id = Some("key".to_owned());
    seed.org.client_secret = Some("good".to_owned());
    seed.org.refresh_token = Some("fresh".to_owned());
    Caller::of(seed)
}

#[tokio::test(start_paused = true)]
async fn an_assertion_counts_when_signed_by_the_app_in_time_for_a_user_of_the_org() {
    let caller = caller_with_a_key();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let admin = claims("admin@acme.example", LOGIN, IN_TIME);
    let unsigned = jwt(0, "none", &admin);
    let (text, _) = unsigned.rsplit_once('.').unwrap();
    let foreign_app =
        json!({ "iss": "x", "sub": "admin@acme.example", "aud": LOGIN, "exp": IN_TIME });
    let cases = [
        (jwt(0, "RS256", &admin), ""),
        (jwt(1, "RS256", &admin), "invalid assertion"),
        (jwt(0, "none", &admin), "invalid assertion"),
        (format!("{text}."), "invalid assertion"),
        ("nonsense".to_owned(), "invalid assertion"),
        (jwt(0, "RS256", &foreign_app), "client identifier invalid"),
        (
            jwt(0, "RS256", &claims("nobody@acme.example", LOGIN, IN_TIME)),
            "user hasn't approved this consumer",
        ),
        (
            jwt(
                0,
                "RS256",
                &claims("admin@acme.example", "https://x.example", IN_TIME),
            ),
            "Audience validation failed",
        ),
        (
            jwt(
                0,
                "RS256",
                &claims("admin@acme.example", LOGIN, 1_767_599_999),
            ),
            "expired authorization code",
        ),
    ];
    for (assertion, refusal) in cases {
        let reply = form(&caller, &format!("{grant}{assertion}")).await;
        let expected = if refusal.is_empty() { 200 } else { 400 };
        assert_eq!(reply.status, expected, "{refusal}: {}", reply.text);
        let told = reply.json()["error_description"].clone();
        assert_eq!(told.as_str().unwrap_or_default(), refusal);
    }
    let reply = form(
        &Caller::new(),
        &format!("{grant}{}", jwt(0, "RS256", &admin)),
    )
    .await;
    assert_eq!(reply.status, 400, "an org that knows no key accepts none");
}

#[tokio::test(start_paused = true)]
async fn token_errors_are_objects() {
    let strict = caller_with_a_key();
    let open = Caller::new();
    let app = "grant_type=client_credentials&client_id=";
    let refresh = "grant_type=refresh_token&client_id=key&refresh_token=";
    let cases = [
        (&open, format!("{app}a"), "invalid_client"),
        (&open, format!("{app}&client_secret=b"), "invalid_client_id"),
        (&open, format!("{app}a&client_secret=b"), ""),
        (&strict, format!("{app}key&client_secret=good"), ""),
        (
            &strict,
            format!("{app}key&client_secret=bad"),
            "invalid_client",
        ),
        (
            &strict,
            format!("{app}x&client_secret=good"),
            "invalid_client_id",
        ),
        (&open, refresh.to_owned(), "invalid_grant"),
        (&strict, format!("{refresh}fresh"), ""),
        (
            &strict,
            format!("{refresh}fresh&client_secret=bad"),
            "invalid_client",
        ),
        (&strict, format!("{refresh}stale"), "invalid_grant"),
        (&open, "grant_type=password".to_owned(), "invalid_grant"),
        (
            &open,
            "grant_type=nonsense".to_owned(),
            "unsupported_grant_type",
        ),
    ];
    for (caller, body, error) in cases {
        let reply = form(caller, &body).await;
        let expected = if error.is_empty() { 200 } else { 400 };
        assert_eq!(reply.status, expected, "{body}: {}", reply.text);
        let told = reply.json()["error"].clone();
        assert_eq!(told.as_str().unwrap_or_default(), error, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_and_logins_may_be_few() {
    let mut seed = seed();
    seed.org.token_requests = Some(2);
    seed.org.logins = Some(1);
    let caller = Caller::of(seed);
    let limits = "/services/data/v67.0/limits";
    for status in [200, 200, 401, 401] {
        assert_eq!(caller.get(limits).await.status, status);
    }
    let ask = "grant_type=client_credentials&client_id=a&client_secret=b";
    let token = form(&caller, ask).await.json()["access_token"].clone();
    let header = format!("Bearer {}", token.as_str().unwrap());
    for status in [200, 200, 401] {
        let headers = [("authorization", header.as_str())];
        let reply = caller
            .send(Method::Get, limits, &headers, Body::Empty)
            .await;
        assert_eq!(reply.status, status);
    }
    let refused = form(&caller, ask).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
}
