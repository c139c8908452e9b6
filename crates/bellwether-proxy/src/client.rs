use std::{fmt, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use bellwether_core::{Capabilities, Fence, MetricName, Route, Time};
use bellwether_port::{Clock, Measured, MetricSource, Observed, PortError, SystemClock, TrafficRouter};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1,
    header::{AUTHORIZATION, HOST},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use crate::{
    Admin, Intervals, RouteChange, RouteReading, Status,
    listener::Io,
    port::{self, Metric, check_clock},
};

/// The largest answer that is read; 3,600 intervals are a fifth of it.
const ANSWER_MAX: usize = 4 * 1024 * 1024;
/// How long a call may take when nobody said otherwise.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The ports of a proxy in another process: its router and its metric source.
///
/// The [`metrics`](crate::metrics()) are `errors`, requests and errors of both arms, and `unanswered`, all requests that
/// arrived and those that were abandoned or hang; have both judged. Each call is a connection of its own, so that
/// nothing is to be restored after the proxy or the caller was restarted. What a call that failed means:
///
/// | what happened | error |
/// |---|---|
/// | no connection, no answer in time, an answer that is not understood, 5xx | `Transient`: it may have had its effect |
/// | the fence is below the highest that the proxy saw | `Superseded` |
/// | no permission, a wrong token, a route that it cannot carry out, another 4xx | `Refused` |
/// | the proxy's clock is more than a second from the client's | `Refused` for intervals; the route is told and observed |
///
/// # Example: a proxy that is not there is asked again later
/// ```
/// use bellwether_port::TrafficRouter;
/// use bellwether_proxy::{Admin, ProxyClient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let client = ProxyClient::new(Admin::Socket("no/such/proxy.sock".into()));
/// assert!(client.observe().await.is_err_and(|error| error.is_transient()));
/// # }
/// ```
#[derive(Clone)]
pub struct ProxyClient {
    admin: Admin,
    clock: Arc<dyn Clock>,
    timeout: Duration,
}

struct Reply {
    status: StatusCode,
    body: Bytes,
}

impl ProxyClient {
    /// A client of the proxy that has this admin interface.
    #[must_use]
    pub fn new(admin: Admin) -> Self {
        Self { admin, clock: Arc::new(SystemClock::new()), timeout: TIMEOUT }
    }

    /// Sets how long a call may take; 5 s otherwise.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the clock by which observations are dated, and which the proxy's must agree with: the driver's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What the proxy did since it started.
    ///
    /// # Errors
    /// The proxy did not answer, or not to us.
    pub async fn status(&self) -> Result<Status, PortError> {
        self.call(Method::GET, "/status", Bytes::new()).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, target: &str, body: Bytes) -> Result<T, PortError> {
        let request = self.request(method, target, body)?;
        let reply = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        let reply = reply.map_err(|_| PortError::transient("the proxy did not answer in time"))??;
        if reply.status.is_success() {
            return serde_json::from_slice(&reply.body).map_err(PortError::transient);
        }
        Err(explain(&reply))
    }

    fn request(&self, method: Method, target: &str, body: Bytes) -> Result<Request<Full<Bytes>>, PortError> {
        let mut request = Request::builder().method(method).uri(target).header(HOST, "localhost");
        if let Admin::Loopback { token, .. } = &self.admin {
            request = request.header(AUTHORIZATION, token.header());
        }
        request.body(Full::new(body)).map_err(PortError::refused)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Reply, PortError> {
        let stream = self.connect().await.map_err(|error| explain_connect(&error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(PortError::transient)?;
        let reply = async move {
            let response = sender.send_request(request).await.map_err(PortError::transient)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await.map_err(PortError::transient)?;
            Ok(Reply { status, body: body.to_bytes() })
        };
        // The connection ends when the sender does; what it says then, the reply has said before.
        let (reply, _) = tokio::join!(reply, connection);
        reply
    }

    async fn connect(&self) -> io::Result<Box<dyn Io>> {
        match &self.admin {
            #[cfg(unix)]
            Admin::Socket(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Admin::Socket(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets")),
            Admin::Loopback { address, .. } => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

impl fmt::Debug for ProxyClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProxyClient").field("admin", &self.admin).finish_non_exhaustive()
    }
}

fn explain_connect(error: &io::Error) -> PortError {
    if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) {
        return PortError::refused(error);
    }
    PortError::transient(error)
}

fn explain(reply: &Reply) -> PortError {
    // What another process says goes into journals: only its own words about the error do, and those are cut.
    let text = serde_json::from_slice::<serde_json::Value>(&reply.body).ok();
    let message = text.as_ref().and_then(|text| text.pointer("/error/message")?.as_str()).unwrap_or("no reason given");
    if reply.status == StatusCode::CONFLICT {
        PortError::Superseded
    } else if reply.status.is_client_error() {
        PortError::refused(format_args!("{}: {message}", reply.status))
    } else {
        PortError::transient(format_args!("{}: {message}", reply.status))
    }
}

#[async_trait]
impl TrafficRouter for ProxyClient {
    fn capabilities(&self) -> Capabilities {
        port::capabilities()
    }

    async fn observe(&self) -> Result<Observed<Route>, PortError> {
        let issued_at = self.clock.now();
        let reading: RouteReading = self.call(Method::GET, "/route", Bytes::new()).await?;
        Ok(Observed::new(reading.route, issued_at).with_applied(reading.fence))
    }

    async fn apply(&self, route: &Route, fence: Fence) -> Result<(), PortError> {
        let change = serde_json::to_vec(&RouteChange { route: route.clone(), fence }).map_err(PortError::refused)?;
        self.call::<RouteReading>(Method::PUT, "/route", change.into()).await?;
        Ok(())
    }
}

#[async_trait]
impl MetricSource for ProxyClient {
    async fn intervals(&self, metric: &MetricName, after: Time, until: Time) -> Result<Vec<Measured>, PortError> {
        let metric = Metric::read(metric)?;
        let mut intervals = Vec::new();
        let mut after = after;
        loop {
            let target = format!("/intervals?after={after}&until={until}");
            let asked = self.clock.now();
            let part: Intervals = self.call(Method::GET, &target, Bytes::new()).await?;
            check_clock(asked, part.issued_at, self.clock.now())?;
            let Some(last) = part.intervals.last() else { break };
            after = last.end;
            intervals.extend(part.intervals);
            if !part.more {
                break;
            }
        }
        intervals.iter().map(|interval| metric.measure(interval)).collect()
    }
}
