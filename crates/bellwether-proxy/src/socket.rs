use std::{
    fs::{self, DirBuilder, File, Metadata, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

/// The file of a Unix socket; removed when it is dropped, unless somebody else put another in its place.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    identity: (u64, u64),
}

impl Socket {
    /// Listens on a socket that only its owner can open, and replaces one that nobody listens on.
    ///
    /// It is made in a folder that nobody else can enter and moved when its permissions are set, so that there is no
    /// moment at which somebody else could connect. The folder around it is locked meanwhile, so that of two proxies
    /// that start at once one sees the other.
    pub(crate) fn bind(path: &Path) -> io::Result<(UnixListener, Self)> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lock = File::open(folder)?;
        lock.lock()?;
        refuse_live(path)?;
        let private = folder.join(format!(".{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&private)?;
        let bound = bind_in(&private, path);
        fs::remove_dir(&private)?;
        bound
    }
}

/// Refuses to replace what is not a socket and what somebody listens on.
fn refuse_live(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file that is not a socket"));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens on it")),
    }
}

fn bind_in(private: &Path, path: &Path) -> io::Result<(UnixListener, Socket)> {
    let unpublished = private.join("s");
    let listener = UnixListener::bind(&unpublished)?;
    let published = publish(&unpublished, path);
    if published.is_err() {
        fs::remove_file(&unpublished)?;
    }
    Ok((listener, published?))
}

fn publish(unpublished: &Path, path: &Path) -> io::Result<Socket> {
    fs::set_permissions(unpublished, Permissions::from_mode(0o600))?;
    fs::rename(unpublished, path)?;
    Ok(Socket { path: path.to_owned(), identity: identity(&fs::symlink_metadata(path)?) })
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl Drop for Socket {
    fn drop(&mut self) {
        let found = fs::symlink_metadata(&self.path).map(|metadata| identity(&metadata));
        if found.is_ok_and(|found| found == self.identity) {
            // A file that stays is a stale socket, which the next proxy replaces.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_owner_can_open_it_and_nothing_else_is_left_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proxy.sock");
        let (_listener, socket) = Socket::bind(&path).unwrap();
        assert_eq!(fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(socket);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_live_socket_is_refused_and_a_stale_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proxy.sock");
        let (listener, first) = Socket::bind(&path).unwrap();
        assert_eq!(Socket::bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        let (_listener, _second) = Socket::bind(&path).unwrap();
        drop(first);
        assert!(UnixStream::connect(&path).is_ok(), "the first does not remove the second's file");
    }

    #[tokio::test]
    async fn what_is_not_a_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        fs::write(&path, "mine").unwrap();
        assert_eq!(Socket::bind(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert!(Socket::bind(&folder.path().join("missing/proxy.sock")).is_err());
    }
}
