use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::turn::Turn;

/// A request's body on its way from a client to an upstream, one chunk at a time.
#[derive(Debug)]
pub(crate) struct Upload {
    body: Incoming,
    /// Absent when there is no body to wait for.
    turn: Option<Arc<Turn>>,
}

impl Upload {
    pub(crate) const fn new(body: Incoming, turn: Option<Arc<Turn>>) -> Self {
        Self { body, turn }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(context);
        if let Some(turn) = &this.turn {
            match &frame {
                Poll::Pending => turn.give_to_client(),
                Poll::Ready(Some(Err(_))) => turn.mark_broken(),
                Poll::Ready(_) => turn.give_to_upstream(),
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
