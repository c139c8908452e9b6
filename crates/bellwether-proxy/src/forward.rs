use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
};

use crate::{
    answer::{Answer, Stream},
    header::{self, Ends},
    shared::Shared,
    ticket::Ticket,
    upload::Upload,
    upstream::{Failure, Upstream},
};

/// A client's connection: takes its requests to the upstreams.
#[derive(Debug)]
pub(crate) struct Forwarder {
    shared: Arc<Shared>,
    client: HeaderValue,
}

impl Forwarder {
    pub(crate) fn new(shared: Arc<Shared>, client: SocketAddr) -> Self {
        let client = HeaderValue::try_from(client.ip().to_canonical().to_string());
        Self { shared, client: client.unwrap_or(HeaderValue::from_static("unknown")) }
    }

    /// Answers a request with what its arm answers.
    pub(crate) async fn forward(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
        if request.method() == Method::CONNECT {
            return Ok(own_answer(StatusCode::NOT_IMPLEMENTED, "this proxy does not open tunnels\n"));
        }
        let user = request.headers().get(&self.shared.user_header).cloned();
        let mut ticket = Ticket::admit(&self.shared, user);
        let request = self.prepare(request, &mut ticket);
        Ok(match self.send(request, &ticket).await {
            Ok((response, upstream)) => stream(response, upstream, ticket),
            Err(failure) => explain(&failure, ticket),
        })
    }

    fn prepare(&self, request: Request<Incoming>, ticket: &mut Ticket) -> Request<Upload> {
        let request = request.map(|body| {
            let turn = (!body.is_end_stream()).then(|| ticket.watch_body());
            Upload::new(body, turn)
        });
        let upstream = ticket.arm().of(&self.shared.pools).host();
        header::prepare_request(request, Ends { client: &self.client, upstream })
    }

    /// Sends a request to its arm, and only there: another arm's answer would hide this one's error.
    async fn send(
        &self,
        mut request: Request<Upload>,
        ticket: &Ticket,
    ) -> Result<(Response<Incoming>, Box<Upstream>), Failure> {
        let pool = ticket.arm().of(&self.shared.pools);
        let timeout = self.shared.answer_timeout;
        while let Some(mut upstream) = pool.take().await {
            match upstream.exchange(request, ticket.turn(), timeout).await {
                Ok(response) => return Ok((response, upstream)),
                Err(Failure::Unsent(unsent)) => request = *unsent,
                Err(failure) => return Err(failure),
            }
            self.shared.control.note_resent(ticket.arm());
        }
        let mut upstream = Upstream::connect(pool.address(), self.shared.connect_timeout).await?;
        let response = upstream.exchange(request, ticket.turn(), timeout).await?;
        Ok((response, upstream))
    }
}

fn stream(response: Response<Incoming>, upstream: Box<Upstream>, mut ticket: Ticket) -> Response<Answer> {
    let (mut parts, body) = response.into_parts();
    ticket.note_answer(parts.status.as_u16());
    header::prepare_answer(&mut parts.headers, parts.version);
    parts.version = hyper::Version::HTTP_11;
    Response::from_parts(parts, Answer::Streamed(Stream::new(body, upstream, ticket)))
}

/// Settles a request without an answer and says so to its client.
fn explain(failure: &Failure, mut ticket: Ticket) -> Response<Answer> {
    if ticket.turn().is_some_and(|turn| turn.is_broken()) {
        ticket.abandon();
        return own_answer(StatusCode::BAD_REQUEST, "the body of the request broke off\n");
    }
    ticket.fail();
    tracing::debug!(arm = ?ticket.arm(), %failure, "no answer");
    match failure {
        Failure::Connect(_) => own_answer(StatusCode::BAD_GATEWAY, "the service refused the connection\n"),
        Failure::Unsent(_) | Failure::Broken(_) => {
            own_answer(StatusCode::BAD_GATEWAY, "the service ended the connection without an answer\n")
        }
        Failure::ConnectTimeout | Failure::AnswerTimeout => {
            own_answer(StatusCode::GATEWAY_TIMEOUT, "the service did not answer in time\n")
        }
    }
}

fn own_answer(status: StatusCode, text: &'static str) -> Response<Answer> {
    let mut response = Response::new(Answer::Own(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
