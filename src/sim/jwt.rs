//! Assertions of the JWT bearer flow (bulk-api-2.md §1.2), checked against the app's public key.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;

use super::base64;

/// What says "an RSA key follows" in a public key of 2048 bits and more, whose lengths take two
/// bytes each (RFC 5280 §4.1, RFC 3279 §2.3.1).
const RSA: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// The claims of an assertion that this key has signed with RS256; nothing for any other.
pub(super) fn claims(assertion: &str, public_key_pem: &str) -> Option<Value> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (head, payload) = signed.split_once('.')?;
    let part = |text: &str| serde_json::from_slice::<Value>(&base64::decode(text)?).ok();
    if part(head)?.get("alg")? != "RS256" {
        return None;
    }
    let key = SubjectPublicKeyInfoDer::from_pem_slice(public_key_pem.as_bytes()).ok()?;
    let key = rsa_key(&key)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(signed.as_bytes(), &base64::decode(signature)?)
        .ok()?;
    part(payload)
}

/// The two numbers inside, which is what a signature is checked with.
fn rsa_key(info: &[u8]) -> Option<&[u8]> {
    let is_rsa = info.get(4..19) == Some(&RSA[..]) && info.get(19) == Some(&0x03);
    is_rsa.then(|| info.get(24..)).flatten()
}
