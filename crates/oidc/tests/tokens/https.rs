//! Fetching for real, from servers of this test on this machine.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    io::Write,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use subrosa_oidc::{Address, ConfigFault, Fetch, FetchFault, HttpsFetch};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A server that gives one answer to everyone, and what it was asked.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    request: Arc<Mutex<String>>,
}

impl Server {
    async fn answering(answer: impl Into<Vec<u8>>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let request = Arc::new(Mutex::new(String::new()));
        let (count, seen, answer) = (Arc::clone(&connections), Arc::clone(&request), answer.into());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                match &tls {
                    None => serve(stream, &answer, &seen).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, &answer, &seen).await;
                        }
                    }
                }
            }
        });
        Self { address, connections, request }
    }

    fn at(&self, scheme: &str, host: &str) -> Address {
        format!("{scheme}://{host}:{}/keys?x=1", self.address.port()).parse().unwrap()
    }

    async fn plain(&self) -> Result<String, FetchFault> {
        let bytes = fetch(None).get(&self.at("http", "127.0.0.1")).await?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &[u8],
    seen: &Mutex<String>,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    *seen.lock().unwrap() = String::from_utf8(request).unwrap();
    if answer.is_empty() {
        // Never answers, and never hangs up.
        std::future::pending::<()>().await;
    }
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

fn fetch(ca_file: Option<&NamedTempFile>) -> HttpsFetch {
    HttpsFetch::new("corp", ca_file.map(NamedTempFile::path)).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

#[tokio::test]
async fn a_document_is_asked_for_once_by_its_path_and_host() {
    let server = Server::answering(answer("200 OK", "", "{}"), None).await;
    assert_eq!(server.plain().await.as_deref(), Ok("{}"));
    let request = server.request.lock().unwrap().to_lowercase();
    assert!(request.starts_with("get /keys?x=1 http/1.1\r\n"), "{request}");
    assert!(
        request.contains(&format!("host: 127.0.0.1:{}\r\n", server.address.port())),
        "{request}"
    );
    assert!(!request.contains("authorization") && !request.contains("cookie"), "{request}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn chunks_are_put_together() {
    let chunks =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    let server = Server::answering(chunks, None).await;
    assert_eq!(server.plain().await.as_deref(), Ok("{}"));
}

#[tokio::test]
async fn no_redirect_is_followed_and_no_other_status_is_an_answer() {
    let other = Server::answering(answer("200 OK", "", "{}"), None).await;
    let location = format!("Location: http://{}/keys\r\n", other.address);
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = Server::answering(answer(status, &location, ""), None).await;
        assert_eq!(server.plain().await, Err(FetchFault::Status), "{status}");
    }
    for status in ["204 No Content", "206 Partial Content", "401 No", "404 No", "500 No"] {
        let server = Server::answering(answer(status, "", ""), None).await;
        assert_eq!(server.plain().await, Err(FetchFault::Status), "{status}");
    }
    assert_eq!(other.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_document_has_an_end() {
    let most = "x".repeat(1024 * 1024);
    let server = Server::answering(answer("200 OK", "", &most), None).await;
    assert_eq!(server.plain().await.map(|text| text.len()), Ok(1024 * 1024));
    let server = Server::answering(answer("200 OK", "", &format!("{most}x")), None).await;
    assert_eq!(server.plain().await, Err(FetchFault::TooLong));
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{most}{most}");
    let server = Server::answering(endless, None).await;
    assert_eq!(server.plain().await, Err(FetchFault::TooLong));
}

#[tokio::test]
async fn a_broken_answer_is_none() {
    for broken in
        ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "SSH-2.0-x\r\n", "HTTP/1.1 200"]
    {
        let server = Server::answering(broken, None).await;
        assert_eq!(server.plain().await, Err(FetchFault::Unreachable), "{broken}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody: Address = format!("http://{nobody}/").parse().unwrap();
    assert_eq!(fetch(None).get(&nobody).await, Err(FetchFault::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn who_never_answers_is_not_waited_for() {
    let server = Server::answering("", None).await;
    assert_eq!(server.plain().await, Err(FetchFault::Timeout));
}

/// An authority, as a file of PEM, and a server certificate of it for `name`.
fn authority(name: &str) -> (NamedTempFile, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(authority.pem().as_bytes()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (file, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn tls_is_trusted_by_the_ca_file_and_for_the_host_that_was_asked() {
    let (ca, tls) = authority("localhost");
    let server = Server::answering(answer("200 OK", "", "{}"), Some(tls)).await;
    let got = fetch(Some(&ca)).get(&server.at("https", "localhost")).await;
    assert_eq!(got.as_deref(), Ok(b"{}".as_slice()));
    let (stranger, _) = authority("localhost");
    for untrusted in [None, Some(&stranger)] {
        let got = fetch(untrusted).get(&server.at("https", "localhost")).await;
        assert_eq!(got, Err(FetchFault::Tls));
    }
    // Trusted, and another's.
    let got = fetch(Some(&ca)).get(&server.at("https", "127.0.0.1")).await;
    assert_eq!(got, Err(FetchFault::Tls));
}

#[tokio::test]
async fn https_is_never_answered_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: Address = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(answer("200 OK", "", "{}").as_bytes()).await.unwrap();
        stream
    });
    assert_eq!(fetch(None).get(&address).await, Err(FetchFault::Tls));
}

#[test]
fn a_ca_file_has_to_hold_certificates() {
    let new = |file: &std::path::Path| HttpsFetch::new("corp", Some(file)).map(drop);
    let missing = std::path::Path::new("no/such/file.pem");
    assert!(matches!(new(missing), Err(ConfigFault::CaFile { .. })));
    for text in ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert!(matches!(new(file.path()), Err(ConfigFault::NoCertificate { .. })), "{text:?}");
    }
    let (good, _) = authority("localhost");
    assert!(new(good.path()).is_ok());
}
