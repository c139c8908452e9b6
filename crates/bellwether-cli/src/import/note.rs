//! What an import has to say about a field: each rule in one place, so that their severities mean the same everywhere.

use std::borrow::Cow;

use bellwether_core::Finding;

use super::place::Place;

/// The field says nothing about how a rollout goes.
pub(super) fn ignored(place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    about(Finding::info("import.ignored", "{at} ({found}): {why}"), place, why)
}

/// The field was read, and something was taken for granted.
pub(super) fn assumed(place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    about(Finding::info("import.assumed", "{at} ({found}): {why}"), place, why)
}

/// The field means something else here, or has no counterpart that the rollout misses.
pub(super) fn changed(place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    about(Finding::warning("import.changed", "{at} ({found}): {why}"), place, why)
}

/// Nobody here knows the field, so it has no effect.
pub(super) fn unknown(place: &Place<'_>) -> Finding {
    let why = "not a known field of this kind, so it has no effect here";
    about(Finding::warning("import.unknown", "{at} ({found}): {why}"), place, why)
}

/// The field protects the rollout there, and nothing here does it instead.
pub(super) fn lost(place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    about(Finding::critical("import.lost", "{at} ({found}): {why}"), place, why)
}

/// Because of the field there is no plan.
pub(super) fn refused(place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    about(Finding::critical("import.refused", "no plan was made: {at} ({found}): {why}"), place, why)
}

/// Because of what stands at a place there is no plan.
pub(super) fn refused_at(at: &str, why: String) -> Finding {
    let finding = Finding::critical("import.refused", "no plan was made: {at}: {why}");
    finding.figure("at", at.to_owned()).figure("why", why)
}

/// Something that protects the rollout there and that the document as a whole says, not one field.
pub(super) fn lost_at(at: &str, why: String) -> Finding {
    Finding::critical("import.lost", "{at}: {why}").figure("at", at.to_owned()).figure("why", why)
}

/// The document makes neither a plan nor a gate's set.
pub(super) fn left_out(at: &str, kind: &str, why: &'static str) -> Finding {
    let finding = Finding::info("import.left_out", "{at} ({kind}): {why}");
    finding.figure("at", at.to_owned()).figure("kind", kind.to_owned()).figure("why", why)
}

/// Something that the document as a whole leaves open.
pub(super) fn assumed_at(at: &str, why: impl Into<Cow<'static, str>>) -> Finding {
    let why = why.into().into_owned();
    Finding::info("import.assumed", "{at}: {why}").figure("at", at.to_owned()).figure("why", why)
}

/// Something that the document as a whole says differently.
pub(super) fn changed_at(at: &str, why: impl Into<Cow<'static, str>>) -> Finding {
    let why = why.into().into_owned();
    Finding::warning("import.changed", "{at}: {why}").figure("at", at.to_owned()).figure("why", why)
}

fn about(finding: Finding, place: &Place<'_>, why: impl Into<Cow<'static, str>>) -> Finding {
    let why = why.into().into_owned();
    finding.figure("at", place.at.clone()).figure("found", place.brief()).figure("why", why)
}
