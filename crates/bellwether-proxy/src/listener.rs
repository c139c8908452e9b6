use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

#[cfg(unix)]
use crate::socket::Socket;
use crate::{Admin, StartError};

/// How long to wait after a connection could not be accepted: there are too many open files, and somebody closes one.
const PAUSE: Duration = Duration::from_millis(50);

/// What an admin interface listens on.
#[derive(Debug)]
pub(crate) enum AdminListener {
    #[cfg(unix)]
    Socket {
        listener: UnixListener,
        /// Kept for as long as somebody listens.
        _file: Socket,
    },
    Loopback(TcpListener),
}

/// A connection of either kind.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

impl AdminListener {
    /// Listens; gives back where, with the port that was found.
    pub(crate) async fn bind(admin: Admin) -> Result<(Self, Admin), StartError> {
        match admin {
            Admin::Socket(path) => bind_socket(path),
            Admin::Loopback { address, token } => {
                let (listener, address) = bind(address).await?;
                Ok((Self::Loopback(listener), Admin::Loopback { address, token }))
            }
        }
    }

    pub(crate) async fn accept(&self) -> Box<dyn Io> {
        loop {
            let accepted: io::Result<Box<dyn Io>> = match self {
                #[cfg(unix)]
                Self::Socket { listener, .. } => listener.accept().await.map(|(stream, _)| Box::new(stream) as _),
                Self::Loopback(listener) => listener.accept().await.map(|(stream, _)| Box::new(stream) as _),
            };
            match accepted {
                Ok(stream) => return stream,
                Err(error) => pause(&error).await,
            }
        }
    }
}

/// Listens on an address; gives back which, with the port that was found.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = TcpListener::bind(address).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    bound.map_err(|source| StartError::Listen { address, source })
}

/// Waits after a connection could not be accepted.
pub(crate) async fn pause(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(PAUSE).await;
}

#[cfg(unix)]
fn bind_socket(path: PathBuf) -> Result<(AdminListener, Admin), StartError> {
    match Socket::bind(&path) {
        Ok((listener, file)) => Ok((AdminListener::Socket { listener, _file: file }, Admin::Socket(path))),
        Err(source) => Err(StartError::Socket { path, source }),
    }
}

#[cfg(not(unix))]
fn bind_socket(path: PathBuf) -> Result<(AdminListener, Admin), StartError> {
    let source = io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets; use `loopback`");
    Err(StartError::Socket { path, source })
}
