use bellwether_core::{Decision, Finding, Time, Verdict};
use bellwether_gate::{Evidence, Gate};

use crate::{Ask, Facts, GateAnswer, Graph, History, Standing};

/// One question of promotion as a [`Gate`], for a plan that begins only when its release may enter.
///
/// `Enter` passes, `Wait` is inconclusive, everything else fails: a release that is there already, or past, has nothing
/// to begin.
///
/// # Example: a gate beside others
/// ```
/// use bellwether_core::Verdict;
/// use bellwether_gate::{Evidence, Gate};
/// use bellwether_promotion::{Ask, EntryGate, Graph, History};
///
/// let graph: Graph = serde_json::from_str(r#"{"schema": 1, "environments": [{"name": "production"}]}"#)?;
/// let ask = Ask::by_person("checkout-42".parse()?, "production".parse()?);
/// let gate = EntryGate::new(&graph, History::default(), ask);
/// let now = "2026-03-03T10:00:00Z".parse()?;
/// assert_eq!(gate.check(&Evidence::default(), now).outcome, Verdict::Fail, "it was never made");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EntryGate<'a> {
    graph: &'a Graph,
    history: History,
    answers: alloc::vec::Vec<GateAnswer>,
    ask: Ask,
}

impl<'a> EntryGate<'a> {
    /// A question about a history.
    #[must_use]
    pub const fn new(graph: &'a Graph, history: History, ask: Ask) -> Self {
        Self { graph, history, answers: alloc::vec::Vec::new(), ask }
    }

    /// Sets what the environment's own gates answered.
    #[must_use]
    pub fn with_answers(mut self, answers: alloc::vec::Vec<GateAnswer>) -> Self {
        self.answers = answers;
        self
    }
}

impl Gate for EntryGate<'_> {
    fn check(&self, _evidence: &Evidence, now: Time) -> Decision<Verdict> {
        let facts = Facts::new(&self.history, now).with_answers(&self.answers);
        let decision = self.graph.entry(&facts, &self.ask);
        let verdict = match decision.outcome.standing {
            Standing::Enter => Verdict::Pass,
            Standing::Wait => Verdict::Inconclusive,
            Standing::Refuse | Standing::Present | Standing::Past => Verdict::Fail,
        };
        let wake = decision.outcome.wake;
        let mut decision = decision.map(|_| verdict);
        if let Some(wake) = wake {
            decision
                .findings
                .push(Finding::info("promotion.wake", "time alone may change this at {wake}").figure("wake", wake));
        }
        decision
    }
}
