use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::GateName;
use bellwether_gate::Gate;

use crate::{Options, Ports};

/// What a driver works with: its ports, its gates and its options.
#[derive(Clone)]
#[non_exhaustive]
pub struct Setup {
    /// The ports.
    pub ports: Ports,
    /// The gates by the names that plans use.
    pub gates: BTreeMap<GateName, Arc<dyn Gate + Send + Sync>>,
    /// How the driver works.
    pub options: Options,
}

impl Setup {
    /// These ports, no gates, the default options.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports, gates: BTreeMap::new(), options: Options::default() }
    }

    /// Adds a gate.
    #[must_use]
    pub fn with_gate(mut self, name: GateName, gate: Arc<dyn Gate + Send + Sync>) -> Self {
        self.gates.insert(name, gate);
        self
    }

    /// Sets the options.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }
}
