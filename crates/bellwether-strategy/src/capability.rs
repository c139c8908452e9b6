use bellwether_core::{Decision, Finding};

use crate::Refusal;

/// Refuses a target that lacks what a strategy stands on, by its name.
pub(crate) fn missing(capability: &'static str) -> Refusal {
    let finding = Finding::critical("plan.missing_capability", "the target does not offer {capability}")
        .figure("capability", capability)
        .flips_when("the target offered {capability}");
    Refusal::Target(Decision::new(()).because(finding))
}
