//! Fetching for real: hyper over rustls with aws-lc-rs, a connection for each document.

use crate::{
    address::Address,
    fault::ConfigFault,
    fetch::{Fetch, FetchFault},
    limits::{FETCH_TIMEOUT, MAX_DOCUMENT_BYTES},
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// Fetches over HTTPS, and over HTTP on this machine.
pub struct HttpsFetch {
    tls: TlsConnector,
}

impl HttpsFetch {
    /// One that trusts the machine's own certificates, and those in `ca_file` if there is one. Both are read now:
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the machine's.
    ///
    /// # Errors
    /// [`ConfigFault`], in the name of `issuer`.
    pub fn new(issuer: &str, ca_file: Option<&Path>) -> Result<Self, ConfigFault> {
        let mut roots = RootCertStore::empty();
        // Single certificates that cannot be read are passed over, as every other client of the machine does.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca_file {
            add(&mut roots, issuer, path)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| ConfigFault::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    async fn exchange(&self, address: &Address) -> Result<Bytes, FetchFault> {
        let stream = TcpStream::connect((address.host(), address.port())).await?;
        if !address.is_tls() {
            // `localhost` is a name like any other, and may be given another address.
            let here = stream.peer_addr()?.ip().to_canonical().is_loopback();
            return if here { ask(stream, address).await } else { Err(FetchFault::Unreachable) };
        }
        let name = ServerName::try_from(address.host().to_owned()).map_err(|_| FetchFault::Tls)?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| FetchFault::Tls)?;
        ask(stream, address).await
    }
}

#[async_trait]
impl Fetch for HttpsFetch {
    async fn get(&self, address: &Address) -> Result<Bytes, FetchFault> {
        let answered = tokio::time::timeout(FETCH_TIMEOUT, self.exchange(address)).await;
        answered.map_err(|_| FetchFault::Timeout)?
    }
}

fn add(roots: &mut RootCertStore, issuer: &str, path: &Path) -> Result<(), ConfigFault> {
    let none = || ConfigFault::NoCertificate { issuer: issuer.into(), path: path.into() };
    let pem = std::fs::read(path).map_err(|source| ConfigFault::CaFile {
        issuer: issuer.into(),
        path: path.into(),
        source,
    })?;
    let certificates =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().map_err(|_| none())?;
    if certificates.is_empty() {
        return Err(none());
    }
    certificates.into_iter().try_for_each(|one| roots.add(one)).map_err(|_| none())
}

async fn ask<S>(stream: S, address: &Address) -> Result<Bytes, FetchFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_| FetchFault::Unreachable;
    let request = Request::get(address.target())
        .header(header::HOST, address.authority())
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("subrosa/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| FetchFault::Unreachable)?;
    let (mut sender, driver) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Its error, if any, also ends the request that waits on it.
    tokio::spawn(async move { drop(driver.await) });
    let answer = sender.send_request(request).await.map_err(broken)?;
    if answer.status() != StatusCode::OK {
        return Err(FetchFault::Status);
    }
    let body = Limited::new(answer.into_body(), MAX_DOCUMENT_BYTES).collect().await;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => FetchFault::TooLong,
        false => FetchFault::Unreachable,
    })?;
    Ok(body.to_bytes())
}

impl From<std::io::Error> for FetchFault {
    fn from(_: std::io::Error) -> Self {
        Self::Unreachable
    }
}
