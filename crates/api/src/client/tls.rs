//! TLS over a connection, by rustls with aws-lc-rs and the machine's own trust store.

use super::{connect::Stream, error::Unreachable, target::Server};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Secures `stream`, and makes sure that it is `server` at the other end.
pub(super) async fn secure(
    server: &Server,
    stream: TcpStream,
) -> Result<Box<dyn Stream>, Unreachable> {
    let name = ServerName::try_from(server.host.clone()).map_err(|_| Unreachable::Tls)?;
    let connector = TlsConnector::from(Arc::new(config()?));
    let stream = connector.connect(name, stream).await.map_err(|_| Unreachable::Tls)?;
    Ok(Box::new(stream))
}

fn config() -> Result<ClientConfig, Unreachable> {
    // `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the machine's store; single certificates that cannot be read are
    // passed over, as every other client of the machine does.
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Unreachable::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
