//! Connections that are never done.

use std::{io, net::SocketAddr};
use tokio::{io::AsyncWriteExt, net::TcpSocket};

/// A way not to be done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hostile {
    /// A head that goes on and on.
    SlowHead,
    /// A body, no longer than anyone's may be, of which the last bytes never come.
    SlowBody,
    /// One that is longer.
    LongBody,
    /// More questions than anybody asks, one after the other, and no ear for the answers.
    Pipeline,
    /// A long answer that is not read.
    Deaf,
}

impl Hostile {
    pub(super) const ALL: [Self; 5] =
        [Self::SlowHead, Self::SlowBody, Self::LongBody, Self::Pipeline, Self::Deaf];

    /// Whether the server must hold the connection as long as it lasts: whose body is too long is refused, and hung up
    /// on.
    pub(super) fn is_held(self) -> bool {
        !matches!(self, Self::LongBody)
    }

    /// All that it ever says.
    fn says(self) -> Vec<u8> {
        let head = "Host: subrosa\r\nContent-Type: application/json\r\n";
        match self {
            Self::SlowHead => {
                let pad = format!("X-Pad: {}\r\n", "a".repeat(1_000));
                format!("GET /v1/tenants HTTP/1.1\r\n{head}{}", pad.repeat(58)).into_bytes()
            }
            Self::SlowBody | Self::LongBody => {
                let length = if self.is_held() { 16 * 1024 } else { 1024 * 1024 };
                let start = format!(
                    "POST /v1/deviceAuthorizations HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n"
                );
                let body = format!("{length:x}\r\n{{\"clientName\":\"{}", "a".repeat(length - 100));
                [start, body].concat().into_bytes()
            }
            Self::Pipeline => {
                let one = format!("GET /openapi.json HTTP/1.1\r\n{head}\r\n");
                one.repeat(2_000).into_bytes()
            }
            Self::Deaf => format!("GET /openapi.json HTTP/1.1\r\n{head}\r\n").into_bytes(),
        }
    }

    /// Connects and says it, as far as anybody listens, for as long as the task lives.
    pub(super) async fn goes_on(self, address: SocketAddr) -> io::Result<()> {
        let socket = TcpSocket::new_v4()?;
        // Small, so that what is not read waits at the server's end.
        socket.set_recv_buffer_size(4_096)?;
        let mut stream = socket.connect(address).await?;
        for piece in self.says().chunks(4_096) {
            if stream.write_all(piece).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        // Neither read from nor closed: whoever ends this task hangs up.
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    }
}
