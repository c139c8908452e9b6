use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use crate::{arm::Arm, deadline::poll_deadline, ticket::Ticket, upstream::Upstream};

/// The body of an answer on its way to a client.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What the proxy itself says.
    Own(Bytes),
    /// What an upstream sends, one chunk at a time.
    Streamed(Stream),
}

/// The body of an upstream's answer, with the connection that it comes from.
#[derive(Debug)]
pub(crate) struct Stream {
    body: Incoming,
    /// Absent once the body has ended.
    upstream: Option<Box<Upstream>>,
    ticket: Ticket,
    /// Absent until the rest of the answer is waited for.
    deadline: Option<Pin<Box<Sleep>>>,
}

/// Tells why an answer is not whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Interruption {
    /// The connection ended, or what came was not HTTP.
    #[error("the service broke off its answer: {0}")]
    Broken(hyper::Error),
    /// No more of it came in time.
    #[error("the service stopped in the middle of its answer")]
    Stalled,
}

type Piece = Option<Result<Frame<Bytes>, Interruption>>;

impl Stream {
    pub(crate) fn new(body: Incoming, upstream: Box<Upstream>, ticket: Ticket) -> Self {
        let mut stream = Self { body, upstream: Some(upstream), ticket, deadline: None };
        if stream.body.is_end_stream() {
            stream.end();
        }
        stream
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Piece> {
        if let Some(upstream) = &mut self.upstream {
            upstream.drive(context);
        }
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else { return self.poll_stall(context) };
        self.ticket.note_progress();
        match &frame {
            Some(Err(_)) => self.ticket.fail(),
            None if self.body.size_hint().lower() > 0 => self.ticket.fail(),
            // A body of known length is not asked again after its last chunk.
            Some(Ok(_)) if !self.body.is_end_stream() => {}
            Some(Ok(_)) | None => self.end(),
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Interruption::Broken)))
    }

    /// Breaks off an answer of which no more comes.
    fn poll_stall(&mut self, context: &mut Context<'_>) -> Poll<Piece> {
        self.ticket.note_stall();
        let timeout = self.ticket.shared().body_timeout;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        let waited = || self.ticket.waited().unwrap_or_default();
        if poll_deadline(deadline.as_mut(), context, (timeout, waited)).is_pending() {
            return Poll::Pending;
        }
        self.ticket.fail();
        tracing::debug!(arm = ?self.ticket.arm(), "an answer stalled");
        self.upstream = None;
        Poll::Ready(Some(Err(Interruption::Stalled)))
    }

    /// Settles the request and gives the connection back.
    fn end(&mut self) {
        self.ticket.complete();
        let Some(mut upstream) = self.upstream.take() else { return };
        if !upstream.is_reusable() {
            // It notices the end of the body only when it is driven; whoever takes it next waits for it themselves.
            upstream.drive(&mut Context::from_waker(Waker::noop()));
        }
        let pools = &self.ticket.shared().pools;
        Arm::of(self.ticket.arm(), pools).put(upstream);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Interruption;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Piece> {
        match self.get_mut() {
            Self::Own(text) if text.is_empty() => Poll::Ready(None),
            Self::Own(text) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(text))))),
            Self::Streamed(stream) => stream.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(text) => text.is_empty(),
            Self::Streamed(stream) => stream.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(text) => SizeHint::with_exact(u64::try_from(text.len()).unwrap_or(u64::MAX)),
            Self::Streamed(stream) => stream.body.size_hint(),
        }
    }
}
