//! Certificate and key: PEM files in, a TLS acceptor out.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{ServeError, TlsFiles};

/// Accepts TLS 1.2 and 1.3 with this certificate.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ServeError> {
    let TlsFiles { cert, key } = files;
    let chain = chain(cert).map_err(|error| unusable(cert, &error))?;
    if chain.is_empty() {
        return Err(fault(cert, "there is no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(cert, &error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| fault(key, &error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_file_iter(path)?.collect()
}

/// A file the PEM reader refuses. It says of a missing file what the system said.
fn unusable(path: &Path, error: &pem::Error) -> ServeError {
    match error {
        pem::Error::Io(error) => fault(path, &error.to_string()),
        pem::Error::NoItemsFound => fault(path, "nothing that belongs there is in it"),
        other => fault(path, &other.to_string()),
    }
}

fn fault(path: &Path, why: &str) -> ServeError {
    ServeError::Tls {
        path: path.to_owned(),
        why: why.to_owned(),
    }
}
