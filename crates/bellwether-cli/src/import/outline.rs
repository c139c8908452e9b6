use bellwether_core::{Basis, Duration, Finding, GateName, Route, StepId, Weight};
use bellwether_strategy::{Bake, Plan, PlanDraft, PlanError, Step, UnitsRule};

use super::note;

/// The steps of a plan while a document is read: what happens at one exposure is gathered until the next one comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    stages: Vec<Stage>,
    /// What must pass before the next exposure.
    waiting: Vec<GateName>,
    /// Whether somebody must approve it.
    asks: bool,
}

/// One exposure.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// Where the document asks for it.
    pub(super) at: String,
    pub(super) route: Route,
    pub(super) units: UnitsRule,
    pub(super) bake: Duration,
    pub(super) evidence: Basis,
    /// Whether an analysis looks at it while it bakes.
    pub(super) is_watched: bool,
    gates: Vec<GateName>,
    approvals: u32,
    name: Option<&'static str>,
}

impl Stage {
    pub(super) fn new(at: impl Into<String>, route: Route) -> Self {
        Self {
            at: at.into(),
            route,
            units: UnitsRule::ByShare,
            bake: Duration::ZERO,
            evidence: Basis::Time,
            is_watched: false,
            gates: Vec::new(),
            approvals: 0,
            name: None,
        }
    }

    pub(super) const fn with_units(mut self, units: UnitsRule) -> Self {
        self.units = units;
        self
    }

    pub(super) const fn with_bake(mut self, bake: Duration) -> Self {
        self.bake = bake;
        self
    }

    pub(super) const fn with_evidence(mut self, evidence: Basis) -> Self {
        self.evidence = evidence;
        self
    }

    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    pub(super) fn is_live(&self) -> bool {
        self.route.exposure() != Weight::ZERO
    }

    /// What the step is called, unless another one is called so.
    fn title(&self) -> String {
        match (self.name, &self.route.cohort, self.route.share) {
            (Some(name), ..) => name.to_owned(),
            (None, _, Weight::FULL) => "full".to_owned(),
            (None, Some(cohort), Weight::ZERO) => format!("cohort-{}", cohort.name),
            (None, None, Weight::ZERO) if self.route.mirror != Weight::ZERO => "mirror".to_owned(),
            (None, None, Weight::ZERO) => "hidden".to_owned(),
            (None, _, share) => format!("canary-{share}").replace(" %", ""),
        }
    }

    fn step(&self, id: StepId) -> Step {
        Step {
            units: self.units,
            gates: self.gates.clone(),
            approvals: self.approvals,
            ..Step::new(id, self.route.clone(), self.evidence, Bake::at_least(self.bake))
        }
    }
}

impl Outline {
    /// Begins an exposure; what was waited for comes before it.
    pub(super) fn begin(&mut self, mut stage: Stage) {
        stage.gates = std::mem::take(&mut self.waiting);
        stage.approvals = u32::from(std::mem::take(&mut self.asks));
        self.stages.push(stage);
    }

    /// Makes the next exposure wait for a gate.
    pub(super) fn wait_for(&mut self, gate: GateName) {
        if !self.waiting.contains(&gate) {
            self.waiting.push(gate);
        }
    }

    /// Makes the next exposure wait for an approval.
    pub(super) const fn ask(&mut self) {
        self.asks = true;
    }

    /// What the next exposure waits for so far.
    pub(super) fn waiting(&self) -> Vec<&str> {
        let asked = self.asks.then_some("an approval");
        self.waiting.iter().map(GateName::as_str).chain(asked).collect()
    }

    /// Which step the next exposure is, counted from one.
    pub(super) const fn number_of_next(&self) -> usize {
        self.stages.len().saturating_add(1)
    }

    /// Lets the present exposure wait for what the next one would have.
    pub(super) fn wait_earlier(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(stage) = self.stages.last_mut() else { return };
        let new = waiting.into_iter().filter(|gate| !stage.gates.contains(gate)).collect::<Vec<_>>();
        stage.gates.extend(new);
    }

    /// Forgets what the next exposure waits for, because there is none.
    pub(super) fn stop_waiting(&mut self) {
        self.waiting.clear();
        self.asks = false;
    }

    pub(super) fn current(&self) -> Option<&Stage> {
        self.stages.last()
    }

    pub(super) fn current_mut(&mut self) -> Option<&mut Stage> {
        self.stages.last_mut()
    }

    /// The checked plan, or the finding that says why these steps make none, at their place in the document.
    pub(super) fn plan(self, mut draft: PlanDraft, at: &str) -> Result<Plan, Finding> {
        let mut titles: Vec<String> = Vec::new();
        for stage in &self.stages {
            let title = unused(stage.title(), &titles);
            let id = StepId::new(&title).map_err(|error| note::refused_at(&stage.at, error.to_string()))?;
            draft.steps.push(stage.step(id));
            titles.push(title);
        }
        Plan::try_from(draft).map_err(|error| {
            let index =
                error.at().strip_prefix("$.steps[").and_then(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
            let stage = index.and_then(|index| self.stages.get(index));
            note::refused_at(stage.map_or(at, |stage| &stage.at), told(&error))
        })
    }
}

/// What is wrong, without its place in the plan that is not made.
fn told(error: &PlanError) -> String {
    let text = error.to_string();
    text.strip_prefix(error.at()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text).to_owned()
}

/// The name, or the first of `name-2`, `name-3` ... that nobody has.
pub(super) fn unused(name: String, taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(name)
}
