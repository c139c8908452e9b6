use bellwether_core::{Decision, Finding, RolloutId, StepId, Time, Verdict, Weight};
use bellwether_rollout::{Hold, Move, Phase, Place, State, Wake, goal};
use serde::{Deserialize, Serialize};

/// How a rollout stands: for a live view, and to be written as `status.json`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The rollout.
    pub rollout: RolloutId,
    /// When this was so.
    pub at: Time,
    /// Where it stands.
    pub place: Place,
    /// The step's name, while it is on its way through the steps.
    pub step: Option<StepId>,
    /// The candidate's share that is wanted.
    pub share: Weight,
    /// The candidate's share that the router showed last.
    pub observed: Option<Weight>,
    /// The judge's last word on the current stage.
    pub verdict: Option<Verdict>,
    /// When the machine wants to be asked again, and why.
    pub wake: Option<Wake>,
    /// What stops forward moves.
    pub holds: Vec<Hold>,
    /// What the last event changed.
    pub moved: Move,
    /// The reasons of the last decision.
    pub findings: Vec<Finding>,
    /// How many events were stepped.
    pub events: u64,
    /// How many records the journal has.
    pub records: u64,
    /// How many records the journal is owed; above zero nothing goes forward.
    pub owed: u64,
    /// The lease token.
    pub token: u64,
}

impl Status {
    pub(crate) fn new(state: &State, decision: Decision<Move>, token: u64) -> Self {
        let goal = goal(state);
        Self {
            rollout: state.plan().id().clone(),
            at: state.now(),
            place: state.place(),
            step: state.step().map(|step| step.id.clone()),
            share: goal.route.share,
            observed: state.observed().and_then(|observation| Some(observation.route.as_ref()?.share)),
            verdict: verdict(state),
            wake: goal.wake,
            holds: state.holds().to_vec(),
            moved: decision.outcome,
            findings: decision.findings,
            events: state.events(),
            records: 0,
            owed: 0,
            token,
        }
    }

    pub(crate) const fn with_records(mut self, records: u64, owed: u64) -> Self {
        self.records = records;
        self.owed = owed;
        self
    }
}

fn verdict(state: &State) -> Option<Verdict> {
    match state.phase() {
        Phase::Stepping(stepping) => stepping.bake.verdict,
        Phase::Finalising(_)
        | Phase::RollingBack(_)
        | Phase::Completed { .. }
        | Phase::Kept { .. }
        | Phase::RolledBack { .. }
        | Phase::Stuck(_) => None,
    }
}
