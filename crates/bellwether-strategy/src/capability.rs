use bellwether_core::{Decision, Finding};

use crate::Refusal;

/// Refuses to split traffic by units where a router does.
pub(crate) fn routed() -> Refusal {
    let text = "a router splits the traffic here, so the share of the units does not";
    let finding = Finding::critical("plan.routed", text).flips_when("the target had no router");
    Refusal::Target(Decision::new(()).because(finding))
}

/// Refuses a target that lacks what a strategy stands on, by its name.
pub(crate) fn missing(capability: &'static str) -> Refusal {
    let finding = Finding::critical("plan.missing_capability", "the target does not offer {capability}")
        .figure("capability", capability)
        .flips_when("the target offered {capability}");
    Refusal::Target(Decision::new(()).because(finding))
}
