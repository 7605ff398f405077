//! Listening on TCP, in the clear or with TLS.

use super::{CONNECTIONS_MAX, HEAD_WITHIN, connection, idle::Connections, tls};
use crate::{
    http::{Door, Edge},
    options::{Listen, StartFailure},
};
use std::{net::SocketAddr, os::fd::AsFd, sync::Arc};
use subrosa_plant::planted;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// A bound TCP listener.
pub(crate) struct Tcp {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

/// Refuses to let others read along: beyond this machine there is TLS, here or in a proxy.
pub(crate) fn check(listen: &Listen) -> Result<(), StartFailure> {
    let private = listen.address.ip().to_canonical().is_loopback();
    if private || listen.tls.is_some() || listen.behind_proxy {
        Ok(())
    } else {
        Err(StartFailure::InsecureListen(listen.address))
    }
}

impl Tcp {
    pub(crate) async fn bind(listen: &Listen) -> Result<Self, StartFailure> {
        check(listen)?;
        let tls = listen.tls.as_ref().map(tls::acceptor).transpose()?;
        let listener = TcpListener::bind(listen.address).await.map_err(|source| {
            StartFailure::Listen { address: listen.address.to_string(), source }
        })?;
        Ok(Self { listener, tls })
    }

    /// Where it listens: the port that was taken when 0 was asked for.
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(crate) const fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Takes connections until the future is dropped.
    pub(crate) async fn serve(self, edge: Edge, connections: Arc<Connections>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let (stream, peer) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    super::pause_after(&error).await;
                    continue;
                }
            };
            // Without a place it is closed at once: the clearest "busy" there is. A queue would only hide it.
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
            if planted!("connections-leaked") {
                std::mem::forget(stream.as_fd().try_clone_to_owned());
            }
            let _ = stream.set_nodelay(true);
            let door = Door::Tcp { peer: peer.ip().to_canonical() };
            let (edge, connections) = (edge.clone(), Arc::clone(&connections));
            let accepted = accept(stream, self.tls.clone(), door, edge, connections);
            tokio::spawn(async move {
                accepted.await;
                drop(place);
            });
        }
    }
}

async fn accept(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    door: Door,
    edge: Edge,
    connections: Arc<Connections>,
) {
    match tls {
        None => connection::serve(stream, door, edge, connections).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = timeout(HEAD_WITHIN, tls.accept(stream)).await {
                connection::serve(stream, door, edge, connections).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_this_machine_there_is_tls_or_a_proxy_or_a_refusal() {
        let listen = |address: &str, behind_proxy| Listen {
            address: address.parse().unwrap(),
            tls: None,
            behind_proxy,
            trusted_proxies: Vec::new(),
        };
        for home in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(check(&listen(home, false)).is_ok(), "{home}");
        }
        for away in ["0.0.0.0:1", "[::]:1", "192.168.1.1:1", "[::ffff:8.8.8.8]:1"] {
            let refused = check(&listen(away, false));
            assert!(matches!(refused, Err(StartFailure::InsecureListen(_))), "{away}");
            assert!(check(&listen(away, true)).is_ok(), "{away}");
        }
    }
}
