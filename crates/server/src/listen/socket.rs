//! The operator's socket: a file in the data directory, for this user and root.

use super::{connection, idle::Connections};
use crate::{
    http::{Door, Edge},
    options::StartFailure,
};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::UnixListener;

/// A bound socket, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    listener: UnixListener,
}

impl Socket {
    /// Binds the socket. The data directory is locked and closed to others: a file that is there is a dead server's.
    pub(crate) fn bind(path: &Path) -> Result<Self, StartFailure> {
        let at = |source| StartFailure::Listen { address: path.display().to_string(), source };
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(error)),
        }
        let listener = UnixListener::bind(path).map_err(at)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(at)?;
        Ok(Self { path: path.into(), listener })
    }

    /// Takes connections until the future is dropped.
    pub(crate) async fn serve(self, edge: Edge, connections: Arc<Connections>) {
        let own = rustix::process::getuid().as_raw();
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    super::pause_after(&error).await;
                    continue;
                }
            };
            // The file's mode already says so; the kernel says it of this very peer.
            let Ok(peer) = stream.peer_cred() else { continue };
            let uid = peer.uid();
            if uid != own && uid != 0 {
                tracing::warn!(uid, "a process of another user tried the operator's socket");
                continue;
            }
            let (edge, connections) = (edge.clone(), Arc::clone(&connections));
            tokio::spawn(connection::serve(stream, Door::Socket { uid }, edge, connections));
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
