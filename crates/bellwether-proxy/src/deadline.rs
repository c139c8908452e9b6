use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep};

/// Waits until an upstream has let its client wait for the whole timeout.
///
/// `waited` says for how long it has, and is asked only when the timer fires: what was somebody else's turn, or came
/// meanwhile, is added to the end.
pub(crate) fn poll_deadline(
    mut sleep: Pin<&mut Sleep>,
    context: &mut Context<'_>,
    (timeout, waited): (Duration, impl Fn() -> Duration),
) -> Poll<()> {
    while sleep.as_mut().poll(context).is_ready() {
        let Some(rest) = timeout.checked_sub(waited()).filter(|rest| !rest.is_zero()) else { return Poll::Ready(()) };
        sleep.as_mut().reset(Instant::now() + rest);
    }
    Poll::Pending
}
