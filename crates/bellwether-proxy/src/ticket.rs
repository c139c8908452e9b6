use std::{sync::Arc, time::Duration};

use hyper::header::HeaderValue;

use crate::{
    arm::Arm,
    control::{Admission, Outcome},
    shared::Shared,
    turn::Turn,
};

/// A request that was counted and must be settled: exactly once, whatever happens to it.
#[derive(Debug)]
pub(crate) struct Ticket {
    shared: Arc<Shared>,
    admission: Admission,
    user: Option<HeaderValue>,
    turn: Option<Arc<Turn>>,
    /// Whether the upstream began its answer.
    answered: bool,
    settled: bool,
}

impl Ticket {
    /// Counts a request. Those of one user all go the same way.
    pub(crate) fn admit(shared: &Arc<Shared>, user: Option<HeaderValue>) -> Self {
        let user = user.filter(|user| !user.is_empty());
        let admission = shared.control.admit(user.as_ref().map(HeaderValue::as_bytes));
        Self { shared: Arc::clone(shared), admission, user, turn: None, answered: false, settled: false }
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
            self.settle(Outcome { error: true, abandoned: false });
        }
    }

    /// The client has the whole answer.
    pub(crate) fn complete(&mut self) {
        self.settle(Outcome { error: false, abandoned: false });
    }

    /// The upstream broke off.
    pub(crate) fn fail(&mut self) {
        self.settle(Outcome { error: true, abandoned: false });
    }

    /// The client broke off.
    pub(crate) fn abandon(&mut self) {
        self.settle(Outcome { error: false, abandoned: true });
    }

    fn settle(&mut self, outcome: Outcome) {
        if !self.settled {
            self.settled = true;
            self.shared.control.settle(self.admission, outcome, self.user.as_ref().map(HeaderValue::as_bytes));
        }
    }

    /// How long the upstream has let the client wait; nothing while it is the client who must act.
    fn waited(&self) -> Duration {
        match &self.turn {
            Some(turn) => turn.upstream_waited().unwrap_or_default(),
            None => self.admission.arrived.elapsed(),
        }
    }
}

impl Drop for Ticket {
    /// Whoever drops a ticket that is not settled lost its client.
    fn drop(&mut self) {
        let patience = self.shared.classifier.patience.into();
        let error = !self.settled && !self.answered && self.waited() >= patience;
        self.settle(Outcome { error, abandoned: true });
    }
}
