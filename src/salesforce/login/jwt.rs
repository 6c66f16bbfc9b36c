//! The assertion of the JWT bearer flow (bulk-api-2 §1.2): claims, signed with the app's key.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;

use super::LoginError;

/// How long an assertion is good for. The documented bound is three minutes.
const LIFE_S: i64 = 180;

/// The app's private key; never printed.
#[derive(Clone)]
pub struct JwtKey(Arc<RsaKeyPair>);

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtKey(..)")
    }
}

impl JwtKey {
    /// Reads a PEM text, PKCS#8 or PKCS#1.
    pub fn parse(pem: &[u8]) -> Result<Self, LoginError> {
        let fault = |why| LoginError::Key { why };
        let key = PrivateKeyDer::from_pem_slice(pem)
            .map_err(|_| fault("is not PEM with a private key in it, or has a passphrase"))?;
        let pair = match &key {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(fault("is not an RSA key")),
        };
        let pair = pair.map_err(|_| fault("is not an RSA key of 2048 to 4096 bits"))?;
        Ok(Self(Arc::new(pair)))
    }

    /// Claims that this app acts for this user, signed; `now_s` is in seconds since 1970.
    pub(super) fn assertion(
        &self,
        (client_id, username): (&str, &str),
        audience: &str,
        now_s: i64,
    ) -> Result<String, LoginError> {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "alg": "RS256" }));
        let claims = part(json!({
            "iss": client_id,
            "sub": username,
            "aud": audience,
            "exp": now_s + LIFE_S,
        }));
        let text = format!("{head}.{claims}");
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .map_err(|_| LoginError::Key { why: "cannot sign" })?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// For whom an assertion is meant that goes to this login URL: the login hosts stand for
/// themselves, an org's own host for the login host of its kind (bulk-api-2 §1.2).
pub fn audience_of(login_url: &str) -> String {
    let host = login_url.trim().trim_end_matches('/');
    let lower = host.to_ascii_lowercase();
    if lower.ends_with(".sandbox.my.salesforce.com") {
        "https://test.salesforce.com".to_owned()
    } else if lower.ends_with(".my.salesforce.com") {
        "https://login.salesforce.com".to_owned()
    } else {
        host.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orgs_own_host_has_the_audience_of_its_kind() {
        for (login_url, audience) in [
            (
                "https://login.salesforce.com/",
                "https://login.salesforce.com",
            ),
            ("https://test.salesforce.com", "https://test.salesforce.com"),
            (
                "https://acme.my.salesforce.com",
                "https://login.salesforce.com",
            ),
            (
                "https://acme--uat.sandbox.my.salesforce.com",
                "https://test.salesforce.com",
            ),
        ] {
            assert_eq!(audience_of(login_url), audience, "{login_url}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        let empty = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        for pem in ["", "SECRET", empty] {
            let told = JwtKey::parse(pem.as_bytes()).unwrap_err().to_string();
            assert!(told.contains("the JWT key cannot be used"), "{told}");
            assert!(!told.contains("SECRET") && !told.contains("c2Vj"), "{told}");
        }
    }
}
