//! TLS: rustls with aws-lc-rs, hybrid post-quantum key exchange first, versions 1.2 and 1.3.

use crate::options::{StartFailure, TlsFiles};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// What ends TLS with these files.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, StartFailure> {
    let unreadable = |which: &str| {
        let which = which.to_owned();
        move |_| StartFailure::Tls(format!("{which} cannot be read as PEM"))
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable("the certificate"))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable("the key"))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StartFailure::Tls(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| StartFailure::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
