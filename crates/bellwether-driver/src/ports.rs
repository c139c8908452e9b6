use std::sync::Arc;

use bellwether_port::{
    Clock, EvidenceSource, Hooks, Inbox, Journal, MetricSource, Notifier, SystemClock, TrafficRouter, Workload,
};

/// Everything through which one rollout touches the world.
#[derive(Clone)]
#[non_exhaustive]
pub struct Ports {
    /// Keeps what happened.
    pub journal: Arc<dyn Journal>,
    /// Splits traffic; absent where it follows the units.
    pub router: Option<Arc<dyn TrafficRouter>>,
    /// Runs the units; absent when somebody else scales.
    pub workload: Option<Arc<dyn Workload>>,
    /// Measures both arms; absent when verdicts come from elsewhere or no step needs one.
    pub metrics: Option<Arc<dyn MetricSource>>,
    /// Knows what gates ask for.
    pub evidence: Option<Arc<dyn EvidenceSource>>,
    /// Keeps hooks in force; absent when no step has any.
    pub hooks: Option<Arc<dyn Hooks>>,
    /// Brings commands; absent when nobody can give any.
    pub inbox: Option<Arc<dyn Inbox>>,
    /// Tells people.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Ports {
    /// The two ports that every rollout needs, with the machine's clock.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, router: Arc<dyn TrafficRouter>) -> Self {
        Self {
            journal,
            router: Some(router),
            workload: None,
            metrics: None,
            evidence: None,
            hooks: None,
            inbox: None,
            notifier: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// The two ports of a rollout without a router, whose traffic follows the units, with the machine's clock.
    #[must_use]
    pub fn without_router(journal: Arc<dyn Journal>, workload: Arc<dyn Workload>) -> Self {
        Self {
            journal,
            router: None,
            workload: Some(workload),
            metrics: None,
            evidence: None,
            hooks: None,
            inbox: None,
            notifier: None,
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// Sets who runs the units.
    #[must_use]
    pub fn with_workload(mut self, workload: Arc<dyn Workload>) -> Self {
        self.workload = Some(workload);
        self
    }

    /// Sets who measures both arms.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Arc<dyn MetricSource>) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Sets who knows what gates ask for.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Arc<dyn EvidenceSource>) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// Sets who keeps hooks in force.
    #[must_use]
    pub fn with_hooks(mut self, hooks: Arc<dyn Hooks>) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// Sets who brings commands.
    #[must_use]
    pub fn with_inbox(mut self, inbox: Arc<dyn Inbox>) -> Self {
        self.inbox = Some(inbox);
        self
    }

    /// Sets who tells people.
    #[must_use]
    pub fn with_notifier(mut self, notifier: Arc<dyn Notifier>) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// Sets another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}
