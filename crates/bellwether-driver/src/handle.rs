use tokio::sync::watch;

use crate::Status;

/// Watches and stops a driver from elsewhere. Cheap to clone.
///
/// A rollout is not stopped by stopping its driver: it stays where it is, and the next driver goes on.
#[derive(Clone, Debug)]
pub struct Handle {
    stop: watch::Sender<bool>,
    status: watch::Receiver<Status>,
}

impl Handle {
    pub(crate) const fn new(stop: watch::Sender<bool>, status: watch::Receiver<Status>) -> Self {
        Self { stop, status }
    }

    /// Lets the driver finish the effect that is under way and return, without another decision.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// How it stands now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// A receiver that sees every change of the status that it is fast enough for, the last one surely.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}
