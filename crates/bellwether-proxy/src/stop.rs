use std::{error::Error, pin::pin};

use hyper::{
    body::{Body, Incoming},
    rt::{Read, Write},
    server::conn::http1::Connection,
    service::HttpService,
};
use tokio::sync::watch;

/// Tells tasks that the proxy stops.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(crate) fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Waits until the proxy stops or is dropped.
    pub(crate) async fn stopped(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    /// Serves a connection until either side closes it, or the proxy stops and the request under way is answered.
    ///
    /// An error here is the other side's: it hung up, or what it sent is not HTTP.
    pub(crate) async fn serve<I, S>(mut self, connection: Connection<I, S>)
    where
        I: Read + Unpin + Write,
        S: HttpService<Incoming, Error: Into<Box<dyn Error + Send + Sync>>>,
        S::ResBody: Body<Error: Into<Box<dyn Error + Send + Sync>>> + 'static,
    {
        let mut connection = pin!(connection);
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = self.stopped() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}
