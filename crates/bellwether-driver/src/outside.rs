//! What may come from outside, and in which form it is written down.

use bellwether_core::Finding;
use bellwether_port::canonical_json;
use bellwether_rollout::{Actor, Event, Kind};

/// Whether somebody else than this driver said so.
pub(crate) fn is_from_outside(event: &Event) -> bool {
    event.is_command() || event.by != Actor::Driver
}

/// What only the driver can know is not taken from anybody else.
pub(crate) fn may_come_from_outside(event: &Event) -> bool {
    let is_verdict = matches!(event.kind, Kind::Judged { .. } | Kind::Responded { .. });
    event.by != Actor::Driver && (event.is_command() || is_verdict)
}

/// An event whose findings hold a number that cannot be written keeps its outcome and says so instead.
pub(crate) fn writable(mut event: Event) -> Event {
    let Err(error) = canonical_json(&event) else { return event };
    let text = "the findings cannot be written down: {error}";
    let finding = vec![Finding::warning("driver.unwritable", text).figure("error", error.to_string())];
    if let Kind::Judged { decision, .. } | Kind::GateChecked { decision, .. } | Kind::Checked { decision, .. } =
        &mut event.kind
    {
        decision.findings = finding;
    } else if let Kind::Responded { decision } = &mut event.kind {
        decision.findings = finding;
    }
    event
}
