use bellwether_core::{Capabilities, CohortSupport, Duration, Fencing, Finding, Target, Weight};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::check_precision;
use crate::complaint::Complaint;

/// Where a release goes: what the service's surroundings can do and what they demand.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "Target")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TargetDocument {
    /// How many units run; left out when somebody else scales.
    replicas: Option<u32>,
    /// What the router can do; null where there is none, left out where nobody knows.
    #[serde(deserialize_with = "stated")]
    router: Option<Option<Capabilities>>,
    /// Requests a minute to the whole service.
    traffic_per_minute: Option<f64>,
    /// The error rate of stable, as a fraction.
    error_rate: Option<f64>,
    /// The recovery time objective: how long going back may take.
    pub(crate) rto: Option<Duration>,
}

/// A field that is there, whatever it says.
fn stated<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TargetDocument {
    /// The target as it is stated.
    pub(crate) fn target(&self) -> Target {
        let mut target = Target::default();
        target.replicas = self.replicas;
        target.router = self.router.clone().flatten();
        target.traffic_per_minute = self.traffic_per_minute;
        target.error_rate = self.error_rate;
        target.rto = self.rto;
        target
    }

    /// The target to choose a strategy for. Who says nothing about a router is taken to have one, and is told so.
    pub(crate) fn assumed(&self) -> (Target, Option<Finding>) {
        let mut target = self.target();
        if self.router.is_some() {
            return (target, None);
        }
        target.router = Some(Capabilities {
            precision: Weight::new(1).unwrap_or(Weight::FULL),
            mirror: false,
            cohort: CohortSupport::None,
            fencing: Fencing::None,
            staleness: Duration::ZERO,
        });
        let text = "the target does not say what its router can do: one that gives any share is assumed";
        let finding = Finding::info("plan.router_assumed", text);
        (target, Some(finding.flips_when("target.router said what it can do, or was null where there is none")))
    }

    /// Refuses numbers that mean nothing.
    pub(super) fn check(&self) -> Result<(), Complaint> {
        if let Some(Some(router)) = &self.router {
            check_precision(router.precision, "$.target.router.precision")?;
        }
        let numbers = [
            ("traffic_per_minute", self.traffic_per_minute, f64::MAX, "0 or more requests a minute"),
            ("error_rate", self.error_rate, 1.0, "a fraction from 0 to 1"),
        ];
        for (name, number, most, expected) in numbers {
            if let Some(number) = number.filter(|number| !(0.0..=most).contains(number)) {
                let message = format_args!("expected {expected}, found {number}");
                return Err(Complaint::new("invalid", format!("$.target.{name}"), message));
            }
        }
        Ok(())
    }
}
