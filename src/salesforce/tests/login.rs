//! Tokens: asked for in each way, renewed once for all, never shown.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use percent_encoding::percent_decode_str;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::pkcs8::LineEnding;
use rsa::rand_core::OsRng;
use rsa::sha2::{Digest, Sha256};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use tokio::time::{Duration, sleep};

use super::super::login::{Grant, Issued, JwtKey, LoginError, Oauth, Secret, TokenSource, log_in};
use super::super::transport::{Body, Sent};
use super::super::{AccessToken, Login, Org, OrgError};
use super::{Script, Step, answer, job_id, job_json, not_connected, reset};
use crate::model::explain::{Exit, Explain};
use crate::model::settings::PacingSettings;

const URL: &str = "https://acme.my.salesforce.com";
const EXPIRED: &str =
    r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;

static KEY: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 2048).unwrap());

fn dead() -> Step {
    answer(401, EXPIRED)
}

fn granted(token: &str) -> Step {
    let body = format!(r#"{{"access_token":"{token}","instance_url":"{URL}","id":"x"}}"#);
    answer(200, &body)
}

fn pacing() -> PacingSettings {
    PacingSettings {
        requests_per_second: 1_000,
        ..PacingSettings::default()
    }
}

fn oauth(endpoint: &Arc<Script>, grant: Grant) -> Oauth {
    Oauth::new(endpoint.clone(), grant, &pacing(), 7)
}

fn app() -> Grant {
    Grant::ClientCredentials {
        client_id: "3MVG9.key".to_owned(),
        client_secret: Secret::new("s3cr&t=\n"),
    }
}

/// Gives out `TOKEN0`, `TOKEN1`, ..., each after a second; none after so many.
struct Numbered {
    given: AtomicU64,
    max: u64,
}

impl Numbered {
    fn of(max: u64) -> Arc<Self> {
        let given = AtomicU64::new(0);
        Arc::new(Self { given, max })
    }
}

impl TokenSource for Numbered {
    fn fetch(&self) -> BoxFuture<'_, Result<Issued, OrgError>> {
        Box::pin(async {
            sleep(Duration::from_secs(1)).await;
            let number = self.given.fetch_add(1, Ordering::Relaxed);
            if number >= self.max {
                return Err(LoginError::Moved.into());
            }
            Ok(Issued {
                token: AccessToken::parse(&format!("TOKEN{number}")).unwrap(),
                instance_url: URL.to_owned(),
            })
        })
    }
}

async fn org_of(script: &Arc<Script>, source: Arc<dyn TokenSource>) -> Org {
    let (login, url) = log_in(source).await.unwrap();
    assert_eq!(url, URL);
    Org::new(script.clone(), login, &pacing(), "67.0", 7)
}

fn tokens(script: &Script) -> Vec<String> {
    let seen = script.seen().into_iter();
    seen.map(|seen| {
        let mut carried = seen.headers.iter();
        let carried: Vec<_> = carried
            .by_ref()
            .filter(|(name, _)| *name == "authorization")
            .collect();
        assert_eq!(carried.len(), 1, "one token a request");
        carried[0].1.strip_prefix("Bearer ").unwrap().to_owned()
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn a_refused_session_is_renewed_once_and_the_request_sent_once_more() {
    let script = Script::new([answer(200, "[]"), dead(), answer(200, "[]")]);
    let org = org_of(&script, Numbered::of(9)).await;
    for _ in 0..3 {
        org.versions().await.unwrap();
    }
    assert_eq!(tokens(&script), ["TOKEN0", "TOKEN0", "TOKEN1", "TOKEN1"]);
}

#[tokio::test(start_paused = true)]
async fn requests_refused_together_wait_for_one_renewal() {
    let source = Numbered::of(9);
    let script = Script::new((0..4).map(|_| dead()));
    let org = org_of(&script, source.clone()).await;
    let answers = join_all((0..4).map(|_| org.versions())).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(
        source.given.load(Ordering::Relaxed),
        2,
        "the first, and one"
    );
    assert_eq!(tokens(&script)[4..], ["TOKEN1"; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_goes_up_and_never_loops() {
    let script = Script::new((0..9).map(|_| dead()));
    let org = org_of(&script, Numbered::of(9)).await;
    let error = org.versions().await.unwrap_err();
    assert!(matches!(error, OrgError::SessionRefused { .. }), "{error}");
    assert_eq!(error.exit(), Exit::Org);
    assert_eq!(tokens(&script), ["TOKEN0", "TOKEN1"]);
}

#[tokio::test(start_paused = true)]
async fn what_would_harm_twice_goes_out_again_after_a_refused_session() {
    let script = Script::new([
        dead(),
        answer(200, &job_json("Open", "")),
        dead(),
        answer(201, ""),
        dead(),
        answer(200, &job_json("UploadComplete", "")),
    ]);
    let org = org_of(&script, Numbered::of(9)).await;
    org.create_ingest_job("User").await.unwrap();
    let data = Body::Bytes(Bytes::from_static(b"Username\na\n"));
    org.put_job_data(job_id(), data).await.unwrap();
    org.close_job(job_id()).await.unwrap();
    let seen = script.seen();
    for pair in seen.chunks(2) {
        assert_eq!(
            (&pair[0].line, &pair[0].body),
            (&pair[1].line, &pair[1].body)
        );
    }
    assert_eq!(seen.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_refused_renewal_says_so_and_that_nothing_was_done() {
    let endpoint = Script::new([
        granted("00D!A"),
        answer(
            400,
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token"}"#,
        ),
    ]);
    let script = Script::new([dead()]);
    let org = org_of(&script, Arc::new(oauth(&endpoint, app()))).await;
    let error = org.create_ingest_job("User").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the login was refused: status 400 invalid_grant, expired access/refresh token"
    );
    assert_eq!((error.exit(), error.sent()), (Exit::Org, Sent::No));
    assert_eq!(endpoint.seen().len(), 2, "a refusal is not repeated");
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn trouble_on_the_way_to_the_login_is_waited_out_and_never_ambiguous() {
    let endpoint = Script::new([reset(), answer(503, ""), not_connected(), granted("00D!A")]);
    let (_, url) = log_in(Arc::new(oauth(&endpoint, app()))).await.unwrap();
    assert_eq!((url.as_str(), endpoint.seen().len()), (URL, 4));

    let endpoint = Script::new((0..9).map(|_| reset()));
    let error = log_in(Arc::new(oauth(&endpoint, app()))).await.unwrap_err();
    assert_eq!((error.exit(), error.sent()), (Exit::Stopped, Sent::No));
}

#[tokio::test(start_paused = true)]
async fn a_renewed_token_for_another_address_is_not_used() {
    let moved = r#"{"access_token":"00D!B","instance_url":"https://other.my.salesforce.com"}"#;
    let endpoint = Script::new([granted("00D!A"), answer(200, moved)]);
    let script = Script::new([dead()]);
    let org = org_of(&script, Arc::new(oauth(&endpoint, app()))).await;
    let error = org.versions().await.unwrap_err();
    assert!(
        matches!(error, OrgError::Login(LoginError::Moved)),
        "{error}"
    );
    assert_eq!(tokens(&script), ["00D!A"]);
}

#[tokio::test(start_paused = true)]
async fn each_grant_asks_in_its_own_words() {
    let refresh = Grant::Refresh {
        client_id: "PlatformCLI".to_owned(),
        client_secret: Secret::new(""),
        refresh_token: Secret::new("5Aep.R1"),
    };
    let rotated = format!(r#"{{"access_token":"a","instance_url":"{URL}","refresh_token":"R2"}}"#);
    let app_words = [
        ("grant_type", "client_credentials"),
        ("client_id", "3MVG9.key"),
        ("client_secret", "s3cr&t="),
    ];
    let endpoint = Script::new([granted("00D!A")]);
    oauth(&endpoint, app()).fetch().await.unwrap();
    assert_eq!(form(&endpoint, 0), owned(&app_words));
    let seen = &endpoint.seen()[0];
    assert_eq!(seen.line, "POST /services/oauth2/token");
    assert!(
        seen.headers
            .iter()
            .all(|(name, _)| *name != "authorization")
    );

    let endpoint = Script::new([answer(200, &rotated), granted("00D!A")]);
    let source = oauth(&endpoint, refresh);
    for (asked, token) in ["5Aep.R1", "R2"].into_iter().enumerate() {
        source.fetch().await.unwrap();
        let words = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", "PlatformCLI"),
        ];
        assert_eq!(form(&endpoint, asked), owned(&words));
    }
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_signed_for_the_user_and_made_anew_each_time() {
    static NOW: AtomicU64 = AtomicU64::new(1_767_600_000);
    let pkcs8 = KEY.to_pkcs8_pem(LineEnding::LF).unwrap();
    let pkcs1 = KEY.to_pkcs1_pem(LineEnding::LF).unwrap();
    for pem in [pkcs8.as_bytes(), pkcs1.as_bytes()] {
        let grant = Grant::Jwt {
            client_id: "3MVG9.key".to_owned(),
            username: "ada@acme.example".to_owned(),
            audience: "https://login.salesforce.com".to_owned(),
            key: JwtKey::parse(pem).unwrap(),
            now_s: || i64::try_from(NOW.fetch_add(60, Ordering::Relaxed)).unwrap(),
        };
        let endpoint = Script::new([granted("00D!A"), granted("00D!B")]);
        let source = oauth(&endpoint, grant);
        let began = NOW.load(Ordering::Relaxed);
        for asked in 0..2 {
            source.fetch().await.unwrap();
            let form = form(&endpoint, asked);
            assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
            let claims = verified(&form[1].1);
            assert_eq!(claims["iss"], "3MVG9.key");
            assert_eq!(claims["sub"], "ada@acme.example");
            assert_eq!(claims["aud"], "https://login.salesforce.com");
            assert_eq!(claims["exp"], began + 60 * asked as u64 + 180);
        }
    }
}

/// The claims, after another library has found the signature right.
fn verified(assertion: &str) -> serde_json::Value {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    assert_eq!(decode(head), br#"{"alg":"RS256"}"#);
    let digest = Sha256::digest(signed.as_bytes());
    let scheme = Pkcs1v15Sign::new::<Sha256>();
    let signature = decode(signature);
    KEY.to_public_key()
        .verify(scheme, &digest, &signature)
        .unwrap();
    serde_json::from_slice(&decode(claims)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn no_text_shows_a_secret() {
    let refresh = Grant::Refresh {
        client_id: "id".to_owned(),
        client_secret: Secret::new("hunter2"),
        refresh_token: Secret::new("hunter2"),
    };
    let key = JwtKey::parse(KEY.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
    let endpoint = Script::new([granted("hunter2")]);
    let (login, _) = log_in(Arc::new(oauth(&endpoint, app()))).await.unwrap();
    let shown = format!(
        "{refresh:?} {:?} {key:?} {login:?} {:?}",
        app(),
        Secret::new("hunter2")
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains("s3cr"),
        "{shown}"
    );
    assert!(shown.len() < 200, "no numbers of a key: {shown}");
    assert!(matches!(login, Login::Renewed(_)));

    for body in [
        "",
        "{}",
        r#"{"access_token":"hunter2"}"#,
        r#"{"access_token":"hunter2 x","instance_url":"u"}"#,
    ] {
        let endpoint = Script::new([answer(200, body)]);
        let error = oauth(&endpoint, app()).fetch().await.unwrap_err();
        let told = format!("{error} {error:?} {}", error.place());
        assert!(!told.contains("hunter2"), "{told}");
        assert_eq!((error.exit(), error.sent()), (Exit::Org, Sent::No));
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_host_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let secret = || Secret::new("s");
    let app = || Grant::ClientCredentials {
        client_id: "id".to_owned(),
        client_secret: secret(),
    };
    let too_fast = || answer(400, r#"{"error":"rate_limit_exceeded"}"#);
    let busy = [too_fast(), answer(429, ""), answer(503, "")];
    let endpoint = Script::new(busy.into_iter().chain([granted("t")]));
    assert!(oauth(&endpoint, app()).fetch().await.is_ok());
    assert_eq!(endpoint.seen().len(), 4);

    let endpoint = Script::new((0..9).map(|_| too_fast()));
    let error = oauth(&endpoint, app()).fetch().await.unwrap_err();
    assert_eq!((error.exit(), error.sent()), (Exit::Stopped, Sent::No));
    let attempts_max = PacingSettings::default().attempts_max as usize;
    assert_eq!(endpoint.seen().len(), attempts_max);

    let endpoint = Script::new([answer(400, r#"{"error":"invalid_client"}"#)]);
    let error = oauth(&endpoint, app()).fetch().await.unwrap_err();
    assert_eq!((error.exit(), endpoint.seen().len()), (Exit::Org, 1));
}

fn owned(words: &[(&str, &str)]) -> Vec<(String, String)> {
    let words = words.iter();
    words
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// What the endpoint was asked, decoded.
fn form(endpoint: &Script, asked: usize) -> Vec<(String, String)> {
    let body = endpoint.seen()[asked].body.clone();
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}
