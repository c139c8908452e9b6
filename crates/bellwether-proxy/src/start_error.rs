use std::{io, net::SocketAddr, path::PathBuf};

use crate::ConfigError;

/// Tells why a proxy did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It could not work with its set-up.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An address could not be listened on: the port is taken, or the address is another machine's.
    #[error("listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The admin socket could not be made.
    #[error("listen on {}: {source}", path.display())]
    Socket {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
