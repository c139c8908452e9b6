use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::{Decision, Duration, Finding, GateName, ReleaseId, Time, Verdict};
use bellwether_gate::{Evidence, Gate};
use bellwether_port::{Clock, EvidenceSource};
use bellwether_rollout::{HoldReason, Kind, Phase, State, Sub};
use bellwether_strategy::Plan;

use crate::calls::{Answer, Calls, Slot};
use crate::setup::Setup;
use crate::within::ask;

/// Asks the gates of the step that the rollout waits at.
pub(crate) struct Gates {
    gates: BTreeMap<GateName, Arc<dyn Gate + Send + Sync>>,
    source: Option<Arc<dyn EvidenceSource>>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    poll: Duration,
    validity: Duration,
    release: Option<ReleaseId>,
    /// When the gates are asked next.
    next: Time,
    /// What is known and was not shown to the gates yet.
    evidence: Option<Evidence>,
    /// What each gate said last.
    said: BTreeMap<GateName, Decision<Verdict>>,
}

impl Gates {
    pub(crate) fn new(setup: &Setup, plan: &Plan) -> Self {
        let options = &setup.options;
        Self {
            gates: setup.gates.clone(),
            source: setup.ports.evidence.clone(),
            clock: Arc::clone(&setup.ports.clock),
            timeout: options.port_timeout,
            poll: options.gate_poll,
            validity: options.gate_validity,
            // Both names have the same bounds, so that one always is the other.
            release: options.release.clone().or_else(|| ReleaseId::new(plan.id().as_str()).ok()),
            next: Time::MIN,
            evidence: None,
            said: BTreeMap::new(),
        }
    }

    /// Gathers evidence, when the rollout waits at gates and it is time.
    pub(crate) fn ask(&mut self, calls: &mut Calls, state: &State) {
        if waiting_at(state).is_empty() {
            self.forget(calls);
            return;
        }
        let now = self.clock.now();
        if now < self.next || calls.is_under_way(&Slot::Evidence) {
            return;
        }
        self.next = now.after(self.poll);
        let Some((source, release)) = self.source.clone().zip(self.release.clone()) else {
            self.evidence = Some(Evidence::default());
            return;
        };
        let (clock, timeout) = (Arc::clone(&self.clock), self.timeout);
        calls.start(
            Slot::Evidence,
            async move { Answer::Evidence(ask(&*clock, timeout, source.evidence(&release)).await) },
        );
    }

    /// Takes what is known; nothing when the source failed, so that every gate that needs it has no data.
    pub(crate) fn answered(&mut self, evidence: Option<Evidence>) {
        self.evidence = Some(evidence.unwrap_or_default());
    }

    /// What the gates say now, as far as the machine does not know it.
    pub(crate) fn check(&mut self, state: &State) -> Vec<Kind> {
        let (names, now) = (waiting_at(state), self.clock.now());
        let Some(evidence) = self.evidence.take() else { return Vec::new() };
        let decisions: Vec<_> = names.iter().map(|name| (name, self.decide(name, &evidence, now))).collect();
        let all_pass = decisions.iter().all(|(_, decision)| decision.outcome == Verdict::Pass);
        let renews = all_pass && state.holds().iter().all(|hold| matches!(hold.why, HoldReason::Gate(_)));
        let mut kinds = Vec::new();
        for (name, decision) in decisions {
            let is_news = self.said.get(name) != Some(&decision);
            let is_spent = decision.outcome == Verdict::Pass && !is_passed(state, name, now, renews);
            if is_news || is_spent {
                self.said.insert(name.clone(), decision.clone());
                let valid_until = now.after(self.validity);
                kinds.push(Kind::GateChecked { gate: name.clone(), decision, valid_until });
            }
        }
        kinds
    }

    /// When the gates are asked next, if the rollout waits for them.
    pub(crate) fn next(&self, state: &State) -> Option<Time> {
        (!waiting_at(state).is_empty()).then_some(self.next)
    }

    fn decide(&self, name: &GateName, evidence: &Evidence, now: Time) -> Decision<Verdict> {
        let Some(gate) = self.gates.get(name) else {
            let finding = Finding::warning("driver.no_gate", "nobody provides gate {gate}, so it cannot pass");
            return Decision::new(Verdict::NoData).because(finding.figure("gate", name.to_string()));
        };
        gate.check(evidence, now)
    }

    fn forget(&mut self, calls: &mut Calls) {
        calls.stop(&Slot::Evidence);
        self.next = Time::MIN;
        self.evidence = None;
        self.said.clear();
    }
}

/// The gates that the rollout waits at.
fn waiting_at(state: &State) -> &[GateName] {
    match state.phase() {
        Phase::Stepping(stepping) if matches!(stepping.sub, Sub::Gate { .. }) => {
            state.step().map_or(&[], |step| &step.gates)
        }
        Phase::Stepping(_)
        | Phase::Finalising(_)
        | Phase::RollingBack(_)
        | Phase::Completed { .. }
        | Phase::Kept { .. }
        | Phase::RolledBack { .. }
        | Phase::Stuck(_) => &[],
    }
}

/// Whether the machine has a pass of that gate. One that ran out is renewed only when that would open the step: a
/// rollout that waits for something else for days should not write a line a minute.
fn is_passed(state: &State, gate: &GateName, now: Time, renews: bool) -> bool {
    let Phase::Stepping(stepping) = state.phase() else { return false };
    let Sub::Gate { passed } = &stepping.sub else { return false };
    passed.get(gate).is_some_and(|until| *until > now || !renews)
}
