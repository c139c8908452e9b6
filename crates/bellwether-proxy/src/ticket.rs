use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hyper::header::HeaderValue;

use crate::{arm::Arm, control::Admission, outcome::Outcome, shared::Shared, turn::Turn};

/// A request that was counted and must be settled: exactly once, whatever happens to it.
#[derive(Debug)]
pub(crate) struct Ticket {
    shared: Arc<Shared>,
    admission: Admission,
    user: Option<HeaderValue>,
    turn: Option<Arc<Turn>>,
    /// Whether the upstream began its answer.
    answered: bool,
    /// Since when the rest of the answer has not come; absent while it comes, or while the client takes its time.
    stalled_since: Option<Instant>,
    settled: bool,
}

impl Ticket {
    /// Counts a request. Those of one user all go the same way.
    pub(crate) fn admit(shared: &Arc<Shared>, user: Option<HeaderValue>) -> Self {
        let user = user.filter(|user| !user.is_empty());
        let admission = shared.control.admit(user.as_ref().map(HeaderValue::as_bytes));
        let shared = Arc::clone(shared);
        Self { shared, admission, user, turn: None, answered: false, stalled_since: None, settled: false }
    }

    /// Begins to watch who is to act while the request's body is sent.
    pub(crate) fn watch_body(&mut self) -> Arc<Turn> {
        let turn = Arc::new(Turn::new(self.admission.arrived));
        self.turn = Some(Arc::clone(&turn));
        turn
    }

    pub(crate) const fn arm(&self) -> Arm {
        self.admission.arm
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) const fn turn(&self) -> Option<&Arc<Turn>> {
        self.turn.as_ref()
    }

    /// Notes the status of the answer. An error is one at once; what is well so far may still break off.
    pub(crate) fn note_answer(&mut self, status: u16) {
        self.answered = true;
        if self.shared.classifier.is_error(status) {
            self.settle(Outcome::Error);
        }
    }

    /// Notes that the client would take more of the answer and there is none.
    pub(crate) fn note_stall(&mut self) {
        self.stalled_since.get_or_insert_with(Instant::now);
    }

    /// Notes that more of the answer came.
    pub(crate) const fn note_progress(&mut self) {
        self.stalled_since = None;
    }

    /// The client has the whole answer.
    pub(crate) fn complete(&mut self) {
        self.settle(Outcome::Well);
    }

    /// The upstream broke off, or kept its client waiting for too long.
    pub(crate) fn fail(&mut self) {
        self.settle(Outcome::Error);
    }

    /// The client broke off.
    pub(crate) fn abandon(&mut self) {
        self.settle(Outcome::Abandoned);
    }

    fn settle(&mut self, outcome: Outcome) {
        if !self.settled {
            self.settled = true;
            self.shared.control.settle(self.admission, outcome, self.user.as_ref().map(HeaderValue::as_bytes));
        }
    }

    /// How long the upstream has let the client wait for the beginning of its answer, or for more of it; absent while it
    /// is the client who must act.
    pub(crate) fn waited(&self) -> Option<Duration> {
        let since_turn = self.turn.as_ref().map(|turn| turn.upstream_waited());
        if !self.answered {
            return since_turn.unwrap_or_else(|| Some(self.admission.arrived.elapsed()));
        }
        let stalled = self.stalled_since?.elapsed();
        // A service that answers while it is still being asked may have to wait for its client.
        since_turn.map_or(Some(stalled), |waited| Some(waited?.min(stalled)))
    }
}

impl Drop for Ticket {
    /// Whoever drops a ticket that is not settled lost its client.
    fn drop(&mut self) {
        if !self.settled {
            let patience = self.shared.classifier.patience.into();
            let was_patient = self.waited().is_some_and(|waited| waited >= patience);
            self.settle(if was_patient { Outcome::Error } else { Outcome::Abandoned });
        }
    }
}
