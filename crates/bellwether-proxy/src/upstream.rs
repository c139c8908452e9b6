use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{Builder, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{deadline::poll_deadline, turn::Turn, upload::Upload};

/// A connection to an upstream that is driven by whoever uses it.
///
/// It has no task of its own: the task that waits for an answer moves the connection on, so a request wakes nobody but
/// the task of its client.
pub(crate) struct Upstream {
    sender: SendRequest<Upload>,
    connection: Connection<TokioIo<TcpStream>, Upload>,
    /// A connection that ended must not be driven again.
    ended: bool,
}

/// Tells why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No connection could be made.
    #[error("the service refused the connection: {0}")]
    Connect(io::Error),
    /// No connection was made in time.
    #[error("the service took no connection in time")]
    ConnectTimeout,
    /// The connection was dead before a byte was written: the request is as new.
    #[error("the connection was closed before the request was sent")]
    Unsent(Box<Request<Upload>>),
    /// The connection ended, or what came was not HTTP.
    #[error("the service ended the connection without an answer: {0}")]
    Broken(hyper::Error),
    /// No answer began in time.
    #[error("the service did not answer in time")]
    AnswerTimeout,
}

impl Upstream {
    pub(crate) async fn connect(address: SocketAddr, timeout: Duration) -> Result<Box<Self>, Failure> {
        let connecting = tokio::time::timeout(timeout, TcpStream::connect(address));
        let stream = connecting.await.map_err(|_| Failure::ConnectTimeout)?.map_err(Failure::Connect)?;
        stream.set_nodelay(true).map_err(Failure::Connect)?;
        let handshake = Builder::new().handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await.map_err(Failure::Broken)?;
        Ok(Box::new(Self { sender, connection, ended: false }))
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Upload>,
        turn: Option<&Arc<Turn>>,
        timeout: Duration,
    ) -> Result<Response<Incoming>, Failure> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let mut deadline = pin!(tokio::time::sleep(timeout));
        // What the client takes to send its body is not counted.
        let waited = || turn.map_or(Some(timeout), |turn| turn.upstream_waited()).unwrap_or_default();
        poll_fn(|context| {
            self.drive(context);
            if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                return Poll::Ready(answer.map_err(|mut error| match error.take_message() {
                    Some(request) => Failure::Unsent(Box::new(request)),
                    None => Failure::Broken(error.into_error()),
                }));
            }
            poll_deadline(deadline.as_mut(), context, (timeout, waited)).map(|()| Err(Failure::AnswerTimeout))
        })
        .await
    }

    /// Moves the connection on as far as it goes.
    pub(crate) fn drive(&mut self, context: &mut Context<'_>) {
        // An error of the connection reaches whoever waits for the answer or its body.
        self.ended = self.ended || Pin::new(&mut self.connection).poll(context).is_ready();
    }

    /// Whether the next request can be sent on it.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.ended && self.sender.is_ready()
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Upstream").field("ended", &self.ended).finish_non_exhaustive()
    }
}
